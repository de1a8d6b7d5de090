//! What the template sets and what the code reads are the same variables.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::source::{Template, nothing_wrong, root};

const PREFIX: &str = "STEWARD_";

/// Every variable of ours that the sources name in a string, the tests within them included.
fn read_by(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_by(&path, names);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let quoted = source.split('"').filter(|piece| {
                piece.strip_prefix(PREFIX).is_some_and(|rest| {
                    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                })
            });
            names.extend(quoted.map(str::to_owned));
        }
    }
}

fn read() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    // Not steward-cli: what that reads, a person sets.
    for folder in ["crates/steward-aws", "crates/steward-lambda", "functions"] {
        read_by(&root().join(folder), &mut names);
    }
    names
}

#[test]
fn every_variable_that_is_read_is_set_and_every_one_that_is_set_is_read() {
    let hub = Template::hub();
    let read = read();
    let mut set = BTreeSet::new();
    let own = hub.functions().map(|function| &function.properties()["Environment"]);
    for environment in own.chain([&hub.globals()["Environment"]]) {
        let variables = environment["Variables"].as_object();
        set.extend(variables.into_iter().flatten().map(|(name, _)| name.clone()));
    }
    let mut complaints = Vec::new();
    complaints.extend(read.difference(&set).map(|name| format!("{name} is read and not set")));
    complaints.extend(set.difference(&read).map(|name| format!("{name} is set and not read")));
    nothing_wrong(&complaints);
}

/// Lambda's own names are reserved: a stack that sets one is refused at deployment.
#[test]
fn no_variable_is_lambdas_own() {
    let hub = Template::hub();
    let variables = hub.globals()["Environment"]["Variables"].as_object().unwrap();
    assert!(variables.keys().all(|name| name.starts_with(PREFIX)), "{variables:?}");
}

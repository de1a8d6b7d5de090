//! Each function is a crate, a resource, a log and a way to fail that somebody sees.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::source::{Resource, Template, nothing_wrong, root, target_of, text};

/// `plan-pruning` is `PlanPruning`.
fn resource_name(binary: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    binary.split('-').map(capital).collect()
}

/// The folders of `functions/` by the binaries that they build: one named as the crate, unless its manifest says which.
fn binaries() -> BTreeMap<String, String> {
    let mut binaries = BTreeMap::new();
    for entry in fs::read_dir(root().join("functions")).unwrap() {
        let folder = entry.unwrap().file_name().into_string().unwrap();
        let manifest = text(format!("functions/{folder}/Cargo.toml"));
        let mut named = manifest
            .split("[[bin]]")
            .skip(1)
            .map(|section| {
                let name = section.lines().find_map(|line| line.strip_prefix("name = "));
                name.unwrap().trim_matches('"').to_owned()
            })
            .collect::<Vec<_>>();
        if named.is_empty() {
            named.push(folder.clone());
        }
        binaries.extend(named.into_iter().map(|name| (name, folder.clone())));
    }
    binaries
}

fn binary(function: Resource<'_>) -> &str {
    let metadata = &function.body["Metadata"];
    assert_eq!(
        metadata["BuildMethod"], "rust-cargolambda",
        "{} is built otherwise",
        function.id
    );
    metadata["BuildProperties"]["Binary"].as_str().unwrap()
}

#[test]
fn each_binary_of_functions_has_its_resource_and_each_resource_its_binary() {
    let hub = Template::hub();
    let built = binaries();
    let deployed: BTreeMap<_, _> = hub.functions().map(|function| (binary(function), function)).collect();
    let mut complaints = Vec::new();
    for binary in built.keys() {
        if !deployed.contains_key(binary.as_str()) {
            complaints.push(format!("{binary} is built and no resource deploys it"));
        }
    }
    for (binary, function) in deployed {
        let Some(folder) = built.get(binary) else {
            complaints.push(format!("{} deploys {binary}, which nothing builds", function.id));
            continue;
        };
        let from = format!("functions/{folder}");
        if function.properties()["CodeUri"] != from.as_str() {
            complaints.push(format!("{} is not built from {from}", function.id));
        }
        if function.id != resource_name(binary) {
            complaints.push(format!("{binary} is not {} but {}", resource_name(binary), function.id));
        }
    }
    nothing_wrong(&complaints);
}

#[test]
fn each_function_logs_to_a_group_of_the_stack_that_forgets() {
    let hub = Template::hub();
    for function in hub.functions() {
        let logging = &function.properties()["LoggingConfig"];
        assert_eq!(logging["LogFormat"], "JSON", "{}", function.id);
        let group = target_of(&logging["LogGroup"]).and_then(|id| hub.resource(id));
        let group = group.unwrap_or_else(|| panic!("{} has no log group of the stack", function.id));
        assert_eq!(group.kind(), "AWS::Logs::LogGroup");
        assert!(
            !group.properties()["RetentionInDays"].is_null(),
            "{} keeps its logs forever",
            function.id
        );
    }
}

/// Rules, schedules and topics invoke asynchronously: without a destination, what fails three times is gone.
#[test]
fn each_function_has_a_destination_for_the_wakes_it_fails_on_and_may_send_there() {
    let hub = Template::hub();
    for function in hub.functions() {
        let config = &function.properties()["EventInvokeConfig"];
        let id = function.id;
        assert!(config["MaximumRetryAttempts"].is_u64(), "{id} says not how often");
        assert!(config["MaximumEventAgeInSeconds"].is_u64(), "{id} says not how long");
        let failed = &config["DestinationConfig"]["OnFailure"]["Destination"];
        let queue = target_of(failed).and_then(|id| hub.resource(id));
        assert!(
            queue.is_some_and(|queue| queue.kind() == "AWS::SQS::Queue"),
            "{id} loses what it fails on"
        );
        let may_send = function.properties()["Policies"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|policy| policy["Statement"].as_array().unwrap())
            .any(|statement| statement["Action"] == "sqs:SendMessage" && statement["Resource"] == *failed);
        assert!(may_send, "{id} may not send to where its failures go");
    }
}

#[test]
fn each_function_runs_as_all_do() {
    let hub = Template::hub();
    let globals = hub.globals();
    assert_eq!(globals["Runtime"], "provided.al2023");
    assert_eq!(globals["Tracing"], "Active");
    assert_eq!(globals["RolePath"], "/image-steward/");
    for function in hub.functions() {
        let own = function.properties();
        for name in [
            "Runtime",
            "Handler",
            "Architectures",
            "Tracing",
            "PermissionsBoundary",
            "Role",
        ] {
            assert_eq!(own[name], Value::Null, "{} has its own {name}", function.id);
        }
        assert!(own["Timeout"].as_u64().is_some_and(|seconds| seconds <= 900));
        assert!(own["MemorySize"].as_u64().is_some_and(|mebibytes| mebibytes <= 256));
    }
}

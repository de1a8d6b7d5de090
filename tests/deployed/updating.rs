//! An update keeps what holds something: tables, queues, buckets, topics.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use steward_deployed::{Cloud, HUB};

use crate::hub::{Hub, built};

/// What would be empty had it been replaced.
const HOLDS_SOMETHING: [&str; 5] = [
    "AWS::DynamoDB::Table",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
];

/// The template of the commit before, its functions those that are built now: it is its other resources that count.
fn template_before(cloud: &Cloud) -> PathBuf {
    const REBUILD: &str = "
import pathlib, sys
from samcli.yamlhelper import yaml_parse, yaml_dump
template, builds = yaml_parse(sys.stdin.read()), pathlib.Path(sys.argv[1])
built = sorted(folder.name for folder in builds.iterdir() if (folder / 'bootstrap').exists())
for name, resource in template['Resources'].items():
    if resource['Type'] == 'AWS::Serverless::Function':
        resource['Properties']['CodeUri'] = name if name in built else built[0]
        resource.pop('Metadata', None)
(builds / 'before.yaml').write_text(yaml_dump(template))
";
    let root = format!("{}/../..", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    // A clone without history has only its own commit.
    let before = ["HEAD~1", "HEAD"].into_iter().find_map(|commit| {
        let shown = Command::new("git")
            .args(["-C", &root, "show", &format!("{commit}:template.yaml")])
            .output();
        shown.ok().filter(|output| output.status.success())
    });
    let builds = built(cloud).with_file_name("");
    let source = builds.join("source.yaml");
    std::fs::write(&source, before.unwrap().stdout).unwrap();
    let rebuilt = Command::new(format!("{}/python", cloud.bin()))
        .args(["-c", REBUILD])
        .arg(&builds)
        .stdin(std::fs::File::open(&source).unwrap())
        .status();
    assert!(rebuilt.unwrap().success());
    builds.join("before.yaml")
}

#[test]
fn deploying_over_the_commit_before_replaces_nothing_that_holds_something() {
    let cloud = Cloud::here();
    let account = "666677778888";
    let holding = |hub: &Hub<'_>| -> BTreeMap<String, (String, String)> {
        let mut resources = hub.resources();
        resources.retain(|_, (kind, _)| HOLDS_SOMETHING.contains(&kind.as_str()));
        resources
    };
    let hub = Hub::deploy_template(&cloud, account, &template_before(&cloud));
    let before = holding(&hub);
    assert!(before.len() >= 8, "{before:?}");
    let table = hub.physical("Record");
    let item = json!({ "pk": { "S": "FAMILIES" }, "sk": { "S": "kept" } }).to_string();
    hub.aws(&["dynamodb", "put-item", "--table-name", &table, "--item", &item]);

    let hub = Hub::deploy(&cloud, account);
    let after = holding(&hub);
    for (logical, resource) in &before {
        assert_eq!(after.get(logical), Some(resource), "{logical}");
    }
    let words = ["dynamodb", "get-item", "--table-name", &table, "--key", &item];
    assert_eq!(hub.aws(&words)["Item"]["sk"]["S"], "kept");
}

#[test]
fn deploying_again_changes_nothing() {
    let cloud = Cloud::here();
    let before = Hub::deploy(&cloud, HUB).resources();
    let again = Hub::deploy(&cloud, HUB);
    assert!(again.said.contains("No changes to deploy"), "{}", again.said);
    assert_eq!(again.resources(), before);
}

use serde_json::{Value, json};

use super::Bench;

fn action(action: &str, digest: &str, tag: Option<&str>) -> Value {
    let mut detail = json!({
        "result": "SUCCESS", "repository-name": "tools", "image-digest": digest, "action-type": action,
    });
    if let Some(tag) = tag {
        detail["image-tag"] = json!(tag);
    }
    detail
}

#[test]
fn pushes_and_deletions_are_told_tag_by_tag() {
    let mut bench = Bench::new();
    let digest = bench.push(&["latest", "1.0.0-1"]);
    assert_eq!(
        bench.told(),
        [
            action("PUSH", &digest, Some("latest")),
            action("PUSH", &digest, Some("1.0.0-1"))
        ]
    );
    let body = json!({ "repositoryName": "tools", "imageIds": [{ "imageDigest": digest }] });
    bench.ok("BatchDeleteImage", body);
    assert_eq!(
        bench.told(),
        [
            action("DELETE", &digest, Some("1.0.0-1")),
            action("DELETE", &digest, Some("latest"))
        ]
    );
}

#[test]
fn an_event_names_no_resource_and_what_changes_nothing_has_none() {
    let mut bench = Bench::new();
    let digest = bench.push(&[]);
    let now = bench.world.now();
    bench.world.settle(now);
    let event = bench.world.take_deliveries().pop().unwrap();
    assert_eq!((event.account, event.region), (bench.hub.account, bench.hub.region));
    assert_eq!(
        (
            &event.body["source"],
            &event.body["detail-type"],
            &event.body["resources"]
        ),
        (&json!("aws.ecr"), &json!("ECR Image Action"), &json!([]))
    );
    assert_eq!(event.body["detail"], action("PUSH", &digest, None));
    for tags in [&[][..], &["latest"], &["latest"]] {
        bench
            .world
            .push_container(bench.hub, "tools", Some(&digest), tags)
            .unwrap();
    }
    let body = json!({ "repositoryName": "tools", "imageIds": [{ "imageTag": "none" }] });
    bench.ok("BatchDeleteImage", body);
    assert_eq!(bench.told(), [action("PUSH", &digest, Some("latest"))]);
}

use std::time::Duration;

use serde_json::json;

use super::{Bench, tags_of};

#[test]
fn a_tag_moves_to_the_image_that_is_pushed_under_it_and_the_other_stays_without() {
    let mut bench = Bench::new();
    let first = bench.push(&["latest", "1.0.0-1"]);
    let second = bench.push(&["latest"]);
    let held = bench.world.containers_in(bench.hub, "tools");
    assert!(held.contains(&(first.clone(), vec!["1.0.0-1".into()])), "{held:?}");
    assert!(held.contains(&(second.clone(), vec!["latest".into()])), "{held:?}");
    bench
        .world
        .push_container(bench.hub, "tools", Some(&second), &["1.0.0-1"])
        .unwrap();
    let untagged = bench.images(json!({ "filter": { "tagStatus": "UNTAGGED" } }));
    assert_eq!(untagged["imageDetails"][0]["imageDigest"], json!(first));
    assert_eq!(untagged["imageDetails"][0].get("imageTags"), None);
    let tagged = bench.images(json!({ "filter": { "tagStatus": "TAGGED" } }));
    assert_eq!(tags_of(&tagged), [["1.0.0-1", "latest"]]);
}

#[test]
fn in_an_immutable_repository_a_tag_stays_and_what_was_pushed_before_it_does_too() {
    let mut bench = Bench::new();
    let body = json!({ "repositoryName": "fixed", "imageTagMutability": "IMMUTABLE" });
    bench.ok("CreateRepository", body);
    let hub = bench.hub;
    let mut push = |digest: Option<&str>, tags: &[&str]| {
        let pushed = bench.world.push_container(hub, "fixed", digest, tags);
        pushed.map_err(|error| error.to_string())
    };
    let first = push(None, &["stable"]).unwrap();
    assert_eq!(push(Some(&first), &["stable"]), Ok(first.clone()));
    assert_eq!(
        push(None, &["1.0.0-2", "stable", "newest"]),
        Err(String::from(
            "The image tag 'stable' already exists in the 'fixed' repository and cannot be overwritten because the \
             repository is immutable."
        ))
    );
    let mut tags: Vec<Vec<String>> = bench
        .world
        .containers_in(hub, "fixed")
        .into_iter()
        .map(|(_, tags)| tags)
        .collect();
    tags.sort();
    assert_eq!(tags, [["1.0.0-2"], ["stable"]]);
    assert!(bench.world.set_tags_immutable(hub, "fixed", false));
    bench.world.push_container(hub, "fixed", None, &["stable"]).unwrap();
    assert!(!bench.world.set_tags_immutable(hub, "none", true));
}

#[test]
fn a_push_needs_a_repository_that_is_there_and_a_tag_that_is_one() {
    let mut bench = Bench::new();
    let mut push = |repository: &str, tag: &str| {
        let pushed = bench.world.push_container(bench.hub, repository, None, &[tag]);
        pushed.unwrap_err().to_string()
    };
    assert_eq!(
        push("none", "latest"),
        "The repository with name 'none' does not exist in the registry with id '111122223333'"
    );
    assert!(push("tools", "my tag").starts_with("Invalid parameter at 'imageTag'"));
    assert_eq!(bench.world.containers_in(bench.hub, "tools"), []);
    assert_eq!(bench.world.containers_in(bench.hub, "none"), []);
}

#[test]
fn a_pull_is_written_down_once_a_day() {
    let mut bench = Bench::new();
    bench.push(&["latest"]);
    let uri = |rest: &str| format!("111122223333.dkr.ecr.eu-west-1.amazonaws.com/{rest}");
    let mut pull = |after: Duration| {
        let then = bench.world.now() + after;
        bench.world.settle(then);
        assert!(bench.world.pull_container(&uri("tools:latest")));
        bench.images(json!({}))["imageDetails"][0]["lastRecordedPullTime"].as_f64()
    };
    let first = pull(Duration::from_hours(1));
    assert_eq!(pull(Duration::from_hours(23)), first);
    assert_eq!(pull(Duration::from_hours(1)), first.map(|first| first + 86_400.0));
    assert!(!bench.world.pull_container(&uri("tools:none")));
    assert!(!bench.world.pull_container(&uri("none:latest")));
}

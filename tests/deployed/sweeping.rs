//! What no event tells of is found by the next sweep.

use serde_json::Value;
use steward_deployed::{Cloud, REGION, wait_for};

use crate::family::{Family, release_of};
use crate::hub::Hub;

#[test]
fn with_its_rules_disabled_a_build_is_in_the_record_by_the_next_sweep() {
    let cloud = Cloud::here();
    // A hub of its own: other tests wait for events.
    let hub = Hub::deploy(&cloud, "777788889999");
    let of_rules = |(logical, (kind, physical)): (String, (String, String))| {
        (logical.starts_with("RecordLineage") && kind == "AWS::Events::Rule").then_some(physical)
    };
    let rules: Vec<String> = hub.resources().into_iter().filter_map(of_rules).collect();
    assert_eq!(rules.len(), 4, "{rules:?}");
    for rule in &rules {
        // With the bus in it where the rule is on another than the default one.
        let name = rule.rsplit(['/', '|']).next().unwrap();
        hub.aws(&["events", "disable-rule", "--name", name]);
    }
    let family = Family::of(&cloud, hub.account, "unheard");
    family.build();
    let status = wait_for("the build's end", || {
        let arn = format!("arn:aws:imagebuilder:{REGION}:{}:image/unheard/1.0.0", hub.account);
        let builds = hub.aws(&["imagebuilder", "list-image-build-versions", "--image-version-arn", &arn]);
        let status = builds["imageSummaryList"][0]["state"]["status"].clone();
        Some(status).filter(|status| status == "AVAILABLE" || status == "FAILED")
    });
    assert_eq!(status, "AVAILABLE");
    let recorded = || cloud.partition_of(hub.account, "F#unheard");
    assert_eq!(recorded(), [] as [Value; 0]);
    cloud.sweep(hub.account, "record-lineage");
    wait_for("the release", || recorded().iter().find_map(release_of));
}

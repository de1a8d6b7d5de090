//! Three weeks of a family: what nobody needs goes down the ladder and is gone, and what somebody needs is untouched, with the
//! deployed roles as all that may be done.

use std::time::Duration;

use serde_json::Value;
use steward_deployed::{Cloud, HUB, REGION, wait_for};

use crate::DAY;
use crate::family::{Family, release_of};

const RETAIN: &str =
    "retain: { releases: 1, for: 1d, limits: { share: 100% }, ladder: { deprecate: 0d, disable: 10d, delete: 19d } }";
/// Between one sweep and the next: evidence is gathered anew, and never of more than an hour ago.
const LATER: Duration = Duration::from_mins(31);
/// So many looks are about ten seconds: what was gathered is there by then.
const LOOKS: usize = 8;

/// Fires the sweeps as they come by themselves elsewhere, until that is so.
fn swept<T>(cloud: &Cloud, what: &str, fact: impl Fn() -> Option<T>) -> T {
    let mut looks = 0;
    wait_for(what, || {
        if looks % LOOKS == 0 {
            cloud.pass(LATER);
            for function in ["record-lineage", "gather-evidence", "tag-snapshots"] {
                cloud.sweep(HUB, function);
            }
        } else if looks % LOOKS == LOOKS - 2 {
            cloud.sweep(HUB, "plan-pruning");
        }
        looks += 1;
        fact()
    })
}

/// An image as EC2 has it; none: it is gone.
fn seen(cloud: &Cloud, ami: &str) -> Option<Value> {
    let filter = format!("Name=image-id,Values={ami}");
    let describe = ["ec2", "describe-images", "--owners", "self", "--include-deprecated"];
    let describe = [&describe[..], &["--include-disabled", "--filters", &filter]].concat();
    let images = cloud.hub(&describe)["Images"].clone();
    images.as_array()?.first().cloned()
}

/// Waits until that is among what is said of the image: the clock is everybody's, and with stale evidence nothing is said.
fn explains(cloud: &Cloud, ami: &str, why: &str) {
    swept(cloud, &format!("{ami} explained by {why:?}"), || {
        cloud.steward(&["explain", ami]).contains(why).then_some(())
    });
}

fn is_disabled(image: &Value) -> bool {
    image["State"] == "disabled"
}

#[test]
fn in_three_weeks_what_nobody_needs_is_gone_and_all_else_is_untouched() {
    let cloud = Cloud::here();
    let family = Family::new(&cloud, "aged");
    family.wants(1, &format!("{{ regions: {{ {REGION}: {{}} }} }}\n{RETAIN}"));
    for _ in 0..4 {
        family.build();
    }
    let recorded: Vec<String> = swept(&cloud, "the four releases", || {
        let items = cloud.partition("F#aged");
        Some(items.iter().filter_map(release_of).collect()).filter(|all: &Vec<String>| all.len() == 4)
    });
    let with_tag = "Name=tag:image-steward:family,Values=aged";
    let describe = ["ec2", "describe-images", "--owners", "self", "--filters", with_tag];
    let mut images = cloud.hub(&describe)["Images"].as_array().unwrap().clone();
    images.sort_by_key(|image| image["CreationDate"].to_string());
    let amis: Vec<&str> = images.iter().map(|image| image["ImageId"].as_str().unwrap()).collect();
    let [oldest, runs, held, newest] = amis.as_slice() else {
        panic!("{images:?}");
    };
    let snapshot = images[0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        .as_str()
        .unwrap();
    let run = [
        "ec2",
        "run-instances",
        "--instance-type",
        "t3.small",
        "--image-id",
        runs,
    ];
    cloud.hub(&run);
    cloud.steward(&["hold", held, "--until", "2030-01-01", "--because", "an audit"]);
    // Somebody's own copy has none of our tags.
    let copy = [
        "ec2",
        "copy-image",
        "--name",
        "mine",
        "--source-region",
        REGION,
        "--source-image-id",
        oldest,
    ];
    let others = cloud.hub(&copy)["ImageId"].as_str().unwrap().to_owned();

    cloud.pass(2 * DAY);
    swept(&cloud, "the oldest, deprecated", || {
        seen(&cloud, oldest).filter(|image| image["DeprecationTime"].is_string())
    });
    cloud.pass(10 * DAY);
    swept(&cloud, "the oldest, disabled", || {
        seen(&cloud, oldest).filter(is_disabled)
    });
    explains(&cloud, oldest, "goes: no rule keeps it since");
    cloud.pass(8 * DAY);
    let placement = format!("P#{HUB}#{REGION}#{oldest}");
    let placed = recorded
        .iter()
        .find(|release| cloud.item(release, &placement).is_some())
        .unwrap();
    swept(&cloud, "people, told that it goes", || {
        cloud
            .item(placed, &placement)
            .filter(|image| image.get("announced").is_some())
    });
    assert!(seen(&cloud, oldest).is_some_and(|image| is_disabled(&image)));
    cloud.pass(DAY);
    swept(&cloud, "the oldest, gone", || {
        seen(&cloud, oldest).is_none().then_some(())
    });

    let left = format!("Name=snapshot-id,Values={snapshot}");
    let left = cloud.hub(&["ec2", "describe-snapshots", "--owner-ids", "self", "--filters", &left]);
    assert_eq!(left["Snapshots"], Value::Array(Vec::new()));
    for (ami, why) in [
        (runs, "stays: "),
        (held, "stays: held by "),
        (newest, "stays: the newest"),
    ] {
        let image = seen(&cloud, ami).unwrap();
        assert_eq!(image["State"], "available", "{image}");
        assert!(image["DeprecationTime"].is_null(), "{image}");
        explains(&cloud, ami, why);
    }
    let image = seen(&cloud, &others).unwrap();
    assert_eq!(
        (&image["State"], &image["DeprecationTime"]),
        (&Value::from("available"), &Value::Null)
    );
    let explained = cloud.steward(&["explain", oldest]);
    assert!(explained.contains("deregistered"), "{explained}");
    assert_reports_lie_in_their_bucket(&cloud);
}

/// What each run came to lies where people can read it, as a document and as a page.
fn assert_reports_lie_in_their_bucket(cloud: &Cloud) {
    let bucket = cloud.output(HUB, "ReportsBucket");
    let laid = cloud.hub(&["s3api", "list-objects-v2", "--bucket", &bucket, "--prefix", "pruning/"]);
    let laid = laid["Contents"].as_array().unwrap();
    for end in [".json", ".md"] {
        let ends = |object: &Value| object["Key"].as_str().is_some_and(|key| key.ends_with(end));
        assert!(laid.iter().any(ends), "{laid:?}");
    }
}

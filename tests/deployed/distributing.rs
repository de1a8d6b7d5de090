//! What changes images, with the deployed roles as all it may do.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use steward_deployed::{Cloud, HUB, MEMBER, OTHER_MEMBER, REGION, wait_for};

use crate::family::Family;
use crate::swept::swept;

const ELSEWHERE: &str = "us-east-1";
const FAMILY: &str = "image-steward:family";

/// What a tag says; none where there is no such tag.
fn tag<'a>(of: &'a Value, key: &str) -> Option<&'a str> {
    let tags = of["Tags"].as_array()?;
    tags.iter().find(|tag| tag["Key"] == key)?["Value"].as_str()
}

/// Between one sweep and the next.
const LATER: Duration = Duration::from_mins(6);
const PLAN: (&[&str], Duration) = (&["plan-distribution"], LATER);

#[test]
fn a_release_is_copied_with_its_tags_and_shared_and_published_and_the_builds_snapshots_are_tagged() {
    let cloud = Cloud::here();
    let family = Family::new(&cloud, "spread");
    let wanted = |accounts: &str| {
        format!(
            "{{ regions: {{ {ELSEWHERE}: {{}} }}, share_with: {{ accounts: [{accounts}] }}, tags: {{ team: web }}, publish: {{ parameter: \
             \"/golden/{{family}}/{{channel}}\", to: [hub, audience] }} }}\nchannels: {{ stable: {{ from: release }} }}"
        )
    };
    family.wants(1, &wanted(&format!("\"{MEMBER}\", \"{OTHER_MEMBER}\"")));
    family.build();
    let release = family.release();
    wait_for("the release, placed", || {
        cloud
            .item(&release, "META")
            .filter(|meta| meta["placed"]["BOOL"] == true)
    });
    let with_tag = format!("Name=tag:{FAMILY},Values=spread");
    let describe = ["ec2", "describe-images", "--owners", "self", "--filters", &with_tag];
    let copy = swept(&cloud, PLAN, "the copy, available", || {
        let images = cloud.aws(HUB, ELSEWHERE, &describe)["Images"].clone();
        let there = images.as_array()?.first()?.clone();
        (there["State"] == "available").then_some(there)
    });
    assert_eq!(tag(&copy, "team"), Some("web"));
    let id = release.trim_start_matches("R#");
    assert_eq!(tag(&copy, "image-steward:release"), Some(id));
    let ami = copy["ImageId"].as_str().unwrap();
    let snapshot = copy["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"].as_str().unwrap();
    let snapshots = |region: &str, id: &str| {
        let seen = cloud.aws(HUB, region, &["ec2", "describe-snapshots", "--snapshot-ids", id]);
        seen["Snapshots"][0].clone()
    };
    assert_eq!(tag(&snapshots(ELSEWHERE, snapshot), FAMILY), Some("spread"));
    swept(&cloud, PLAN, "the copy, shared", || {
        let both = BTreeSet::from([MEMBER, OTHER_MEMBER].map(String::from));
        (shared_with(&cloud, ami) == both).then_some(())
    });
    // The record has it as ours, and says that nothing is left to do.
    let stands = format!("AT#{ELSEWHERE}#{id}");
    swept(&cloud, PLAN, "the release, settled there", || {
        cloud
            .item("F#spread", &stands)
            .filter(|stood| stood["settled"]["BOOL"] == true)
    });
    let placed = cloud.item(&release, &format!("P#{HUB}#{ELSEWHERE}#{ami}")).unwrap();
    assert_eq!(placed["managed"]["BOOL"], true);

    // What a member's own parameter names, it sees.
    let says = |account: &str, region: &str| {
        let words = ["ssm", "get-parameters", "--names", "/golden/spread/stable"];
        let found = cloud.aws(account, region, &words)["Parameters"].clone();
        found[0]["Value"].as_str().map(str::to_owned)
    };
    for account in [HUB, MEMBER, OTHER_MEMBER] {
        let what = format!("the parameter of {account}");
        let named = swept(&cloud, PLAN, &what, || says(account, ELSEWHERE));
        assert_eq!(named, ami);
    }
    for account in [MEMBER, OTHER_MEMBER] {
        let words = ["ssm", "get-parameter", "--name", "/golden/spread/stable"];
        let named = cloud.aws(account, ELSEWHERE, &words)["Parameter"]["Value"].clone();
        let named = named.as_str().unwrap();
        let seen = cloud.aws(account, ELSEWHERE, &["ec2", "describe-images", "--image-ids", named]);
        assert_eq!(seen["Images"][0]["State"], "available");
    }
    swept(&cloud, PLAN, "the declared tags on the member's side", || {
        let seen = cloud.aws(MEMBER, ELSEWHERE, &["ec2", "describe-images", "--image-ids", ami]);
        (tag(&seen["Images"][0], "team") == Some("web")).then_some(())
    });
    // The topic of releases took the message.
    swept(&cloud, PLAN, "people, told of it", || {
        let family = cloud.partition("F#spread");
        let is_told = |item: &&Value| item["sk"]["S"].as_str().unwrap().starts_with("V#") && item.get("told").is_some();
        family.iter().find(is_told).map(drop)
    });
    let built = cloud.hub(&describe)["Images"][0].clone();
    let what = "the parameter beside the build";
    let named = swept(&cloud, PLAN, what, || says(MEMBER, REGION));
    assert_eq!(built["ImageId"], named);
    let snapshot = built["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        .as_str()
        .unwrap()
        .to_owned();
    swept(
        &cloud,
        (&["tag-snapshots"], LATER),
        "the tag on the build's snapshot",
        || (tag(&snapshots(REGION, &snapshot), FAMILY) == Some("spread")).then_some(()),
    );

    // The manifest drops one account, and by the next sweep that finds no other test's work there it is out; the other one is not.
    family.wants(2, &wanted(&format!("\"{OTHER_MEMBER}\"")));
    let other = BTreeSet::from([OTHER_MEMBER.to_owned()]);
    swept(&cloud, PLAN, "the account, out", || {
        (shared_with(&cloud, ami) == other).then_some(())
    });
}

#[test]
fn a_member_gets_a_copy_of_its_own_and_what_was_lent_for_it_is_taken_back() {
    let cloud = Cloud::here();
    let family = Family::new(&cloud, "owned");
    family.wants(
        1,
        &format!("{{ regions: {{ {ELSEWHERE}: {{}} }}, copy_to: [\"{MEMBER}\"], tags: {{ team: web }} }}"),
    );
    family.build();
    let with_tag = format!("Name=tag:{FAMILY},Values=owned");
    let describe = ["ec2", "describe-images", "--owners", "self", "--filters", &with_tag];
    let first = |account: &str| {
        let images = cloud.aws(account, ELSEWHERE, &describe)["Images"].clone();
        images.as_array()?.first().cloned()
    };
    let functions = ["plan-distribution", "tag-snapshots"];
    let own = swept(&cloud, (&functions, LATER), "the member's own copy, available", || {
        first(MEMBER).filter(|image| image["State"] == "available")
    });
    assert_eq!(own["OwnerId"], MEMBER);
    assert_eq!(tag(&own, "team"), Some("web"));
    let hubs = first(HUB).unwrap();
    let ami = hubs["ImageId"].as_str().unwrap();
    swept(&cloud, (&functions, LATER), "what was lent, taken back", || {
        shared_with(&cloud, ami).is_empty().then_some(())
    });
    let release = family.release();
    let ami = own["ImageId"].as_str().unwrap();
    swept(&cloud, (&functions, LATER), "the member's copy, in the record", || {
        cloud
            .item(&release, &format!("P#{MEMBER}#{ELSEWHERE}#{ami}"))
            .filter(|placed| placed["managed"]["BOOL"] == true)
    });
}

/// The accounts that the hub's image elsewhere is shared with.
fn shared_with(cloud: &Cloud, ami: &str) -> BTreeSet<String> {
    let grants = ["ec2", "describe-image-attribute", "--image-id", ami, "--attribute"];
    let grants = [&grants[..], &["launchPermission"]].concat();
    let grants = cloud.aws(HUB, ELSEWHERE, &grants)["LaunchPermissions"].clone();
    let accounts = grants.as_array().unwrap().iter();
    accounts
        .map(|grant| grant["UserId"].as_str().unwrap().to_owned())
        .collect()
}

//! The way back up, of what somebody needs by now.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{ImageAttributeName, Tag};
use stage::aws::{HUB, IRELAND, MEMBER, STRANGER, share};
use steward::distribution::{Grantee, Places, ResolvedAudience, SnapshotAudience};
use steward_aws::HeldAudience;

use super::{LADDER, Yard};

/// Who may launch an image.
async fn launchers(yard: &Yard, ami: &str) -> Vec<String> {
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let request = ec2.describe_image_attribute().image_id(ami);
    let answer = request
        .attribute(ImageAttributeName::LaunchPermission)
        .send()
        .await
        .unwrap();
    let who = answer
        .launch_permissions()
        .iter()
        .filter_map(|permission| permission.user_id());
    who.map(str::to_owned).collect()
}

/// A family whose oldest image is disabled, and was shared with a member that is declared and with a stranger that is not.
async fn disabled() -> Yard {
    let yard = Yard::new(2, LADDER).await;
    // What others may use stays disabled for a week.
    let ladder = LADDER.replace("delete: 2d", "delete: 9d");
    let declared =
        format!("{{ regions: {{ eu-west-1: {{}} }}, share_with: {{ accounts: [\"{MEMBER}\"] }} }}\n{ladder}");
    yard.hub.want(&declared).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    for account in [MEMBER, STRANGER] {
        share(&ec2, &yard.images[0], account).await;
    }
    yard.until_disabling().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    assert_eq!(launchers(&yard, &yard.images[0]).await, [""; 0]);
    yard
}

/// As the dispatcher of distribution looks it up.
async fn look_up_audience(yard: &Yard) {
    let member = MEMBER.to_string().parse().unwrap();
    let held = HeldAudience {
        audience: ResolvedAudience {
            images: BTreeSet::from([Grantee::Account(member)]),
            snapshots: SnapshotAudience::Known(BTreeSet::new()),
        },
        manifest: 2,
        readers: Some(BTreeSet::from([member])),
        unread_since: None,
        owners: BTreeSet::new(),
        places: Places::new(),
        digest: String::from("a"),
        as_of: yard.hub.moment().now,
    };
    let family = "web".parse().unwrap();
    yard.hub.record().write_audience(&family, &held).await.unwrap();
}

async fn is_to_stay(yard: &Yard) {
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let keep = Tag::builder().key("keep").value("true").build();
    ec2.create_tags()
        .resources(&yard.images[0])
        .tags(keep)
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_somebody_needs_by_now_is_launched_again_by_whoever_is_declared_still_and_recommended_again() {
    let yard = disabled().await;
    is_to_stay(&yard).await;
    yard.plan_later().await;
    look_up_audience(&yard).await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available"; 2]);
    assert_eq!(launchers(&yard, &yard.images[0]).await, [MEMBER.to_string()]);
    for member in ["deprecated_by_us", "disabled_by_us"] {
        assert_eq!(yard.placed(&yard.images[0], member), None, "{member}");
    }
    assert_eq!(yard.placed(&yard.images[0], "state").as_deref(), Some("available"));
    let up = ["EnableImage", "ModifyImageAttribute", "DisableImageDeprecation"];
    let made = yard.changes(&["EnableImage", "DisableImageDeprecation"]);
    assert_eq!(made, [up[0], up[2]]);
    let journal = yard.journal();
    let left_out = journal.iter().find(|says| says.contains("not let launch it any more"));
    assert!(
        left_out.is_some_and(|says| says.ends_with(&STRANGER.to_string())),
        "{journal:?}"
    );
    assert_eq!(yard.open_steps(), [""; 0]);
    yard.plan_later().await;
    assert_eq!(yard.apply().await, 0);
}

#[tokio::test(start_paused = true)]
async fn while_nobody_knows_who_is_declared_it_is_enabled_alone_and_shared_again_once_that_is_known() {
    let yard = disabled().await;
    is_to_stay(&yard).await;
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    assert_eq!(launchers(&yard, &yard.images[0]).await, [""; 0]);
    yard.plan_later().await;
    look_up_audience(&yard).await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available"; 2]);
    assert_eq!(launchers(&yard, &yard.images[0]).await, [MEMBER.to_string()]);
}

#[tokio::test(start_paused = true)]
async fn what_another_hand_disabled_stays_so_whoever_needs_it() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    yard.apply().await;
    yard.disabled(&yard.images[0]).await;
    is_to_stay(&yard).await;
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
}

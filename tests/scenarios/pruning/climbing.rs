//! The way back up, of what somebody needs by now.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{
    ImageAttributeName, ImageBlockPublicAccessEnabledState, LaunchPermission, LaunchPermissionModifications,
    PermissionGroup, Tag,
};
use image_plane::{AccountId, Effect, Fault};
use stage::aws::{HUB, IRELAND, MEMBER, STRANGER, share};
use steward::distribution::{Grantee, Places, ResolvedAudience, SnapshotAudience};
use steward_aws::HeldAudience;

use super::{LADDER, Yard};

/// Who may launch an image.
pub(super) async fn launchers(yard: &Yard, ami: &str) -> Vec<String> {
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

/// Shares the family with these.
async fn declare(yard: &Yard, accounts: &[AccountId]) {
    // What others may use stays disabled for a week.
    let ladder = LADDER.replace("delete: 2d", "delete: 9d");
    let accounts: Vec<String> = accounts.iter().map(|account| format!("\"{account}\"")).collect();
    let accounts = accounts.join(", ");
    let declared = format!("{{ regions: {{ eu-west-1: {{}} }}, share_with: {{ accounts: [{accounts}] }} }}\n{ladder}");
    yard.hub.want(&declared).await;
}

/// A family whose oldest image is to be disabled, and is shared with a member and with a stranger.
pub(super) async fn shared() -> Yard {
    let yard = Yard::new(2, LADDER).await;
    declare(&yard, &[MEMBER, STRANGER]).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    for account in [MEMBER, STRANGER] {
        share(&ec2, &yard.images[0], account).await;
    }
    yard.until_disabling().await;
    yard
}

/// The same where it is disabled, and the stranger is declared no more.
pub(super) async fn disabled() -> Yard {
    let yard = shared().await;
    yard.apply().await;
    declare(&yard, &[MEMBER]).await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    assert_eq!(launchers(&yard, &yard.images[0]).await, [""; 0]);
    yard
}

/// As the dispatcher of distribution looks it up.
pub(super) async fn look_up_audience(yard: &Yard) {
    let member = MEMBER.to_string().parse().unwrap();
    look_up(yard, [Grantee::Account(member)]).await;
}

async fn look_up<const N: usize>(yard: &Yard, declared: [Grantee; N]) {
    let member = MEMBER.to_string().parse().unwrap();
    let (record, family) = (yard.hub.record(), "web".parse().unwrap());
    let held = HeldAudience {
        audience: ResolvedAudience {
            images: BTreeSet::from(declared),
            snapshots: SnapshotAudience::Known(BTreeSet::new()),
        },
        manifest: record.holding(&family).await.unwrap().unwrap().version,
        readers: Some(BTreeSet::from([member])),
        unread_since: None,
        owners: BTreeSet::new(),
        places: Places::new(),
        publish_under: None,
        digest: String::from("a"),
        as_of: yard.hub.moment().now,
    };
    record.write_audience(&family, &held).await.unwrap();
}

pub(super) async fn is_to_stay(yard: &Yard) {
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

#[tokio::test(start_paused = true)]
async fn a_way_up_on_which_sharing_was_refused_is_gone_on_with_although_another_hand_deprecated_it_since() {
    let yard = disabled().await;
    is_to_stay(&yard).await;
    yard.deprecated(&yard.images[0]).await;
    let denied = Fault::new(Effect::Deny).on("ModifyImageAttribute").always();
    yard.hub.shop.aws.plane.with(|world| world.inject(denied));
    yard.plan_later().await;
    look_up_audience(&yard).await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    assert_eq!(launchers(&yard, &yard.images[0]).await, [""; 0]);
    yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    yard.plan_later().await;
    look_up_audience(&yard).await;
    yard.apply().await;
    assert_eq!(launchers(&yard, &yard.images[0]).await, [MEMBER.to_string()]);
    assert_eq!(yard.placed(&yard.images[0], "disabled_by_us"), None);
    // What another hand did stays.
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    yard.plan_later().await;
    assert_eq!(yard.apply().await, 0);
}

#[tokio::test(start_paused = true)]
async fn who_was_not_let_launch_it_again_on_a_way_up_is_not_forgotten_on_the_next_way_down() {
    let yard = disabled().await;
    is_to_stay(&yard).await;
    yard.plan_later().await;
    // Who is declared is not known: it is enabled, and shared with nobody.
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let keep = Tag::builder().key("keep").build();
    ec2.delete_tags()
        .resources(&yard.images[0])
        .tags(keep)
        .send()
        .await
        .unwrap();
    yard.plan_later().await;
    yard.apply().await;
    yard.next_day().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    is_to_stay(&yard).await;
    yard.plan_later().await;
    look_up_audience(&yard).await;
    yard.apply().await;
    assert_eq!(launchers(&yard, &yard.images[0]).await, [MEMBER.to_string()]);
}

#[tokio::test(start_paused = true)]
async fn what_was_public_and_may_be_public_no_more_comes_back_up_for_the_others_and_that_is_said() {
    let yard = Yard::new(2, LADDER).await;
    yard.hub
        .want(&format!(
            "{{ regions: {{ eu-west-1: {{}} }}, share_with: {{ accounts: [\"{MEMBER}\"], public: true, everybody_may_use: web }} }}\n{}",
            LADDER.replace("delete: 2d", "delete: 9d")
        ))
        .await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    share(&ec2, &yard.images[0], MEMBER).await;
    let all = LaunchPermission::builder().group(PermissionGroup::All).build();
    let add = LaunchPermissionModifications::builder().add(all).build();
    let public = ec2.modify_image_attribute().image_id(&yard.images[0]);
    public.launch_permission(add).send().await.unwrap();
    yard.until_disabling().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    let block = ec2.enable_image_block_public_access();
    let blocked = ImageBlockPublicAccessEnabledState::BlockNewSharing;
    block.image_block_public_access_state(blocked).send().await.unwrap();
    is_to_stay(&yard).await;
    yard.plan_later().await;
    let member = MEMBER.to_string().parse().unwrap();
    look_up(&yard, [Grantee::Account(member), Grantee::Everybody]).await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available"; 2]);
    assert_eq!(launchers(&yard, &yard.images[0]).await, [MEMBER.to_string()]);
    assert_eq!(yard.placed(&yard.images[0], "disabled_by_us"), None);
    let journal = yard.journal();
    let said = journal.iter().find(|says| says.contains("is not public any more"));
    assert!(
        said.is_some_and(|says| says.contains("block public access")),
        "{journal:?}"
    );
    yard.visit().await;
    assert_eq!(yard.open_steps(), [""; 0]);
    yard.plan_later().await;
    assert_eq!(yard.apply().await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_another_hand_enabled_is_not_disabled_again_by_the_next_plans() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_disabling().await;
    yard.apply().await;
    assert_eq!(yard.rung(IRELAND, &yard.images[0]).await, "disabled");
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    ec2.enable_image().image_id(&yard.images[0]).send().await.unwrap();
    for _ in 0..3 {
        yard.plan_later().await;
        yard.apply().await;
        assert_eq!(yard.rung(IRELAND, &yard.images[0]).await, "deprecated");
    }
}

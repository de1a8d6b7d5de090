//! Copies that members own: made by them, from the hub's, which is lent to them for as long as it takes and no longer.

mod keys;
mod leaving;
mod left;

use std::collections::BTreeMap;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Image, SnapshotAttributeName, Tag};
use image_plane::{AccountId, Effect, Fault, Settings};
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, describe, hours, minutes, share, snapshots};
use stage::member::{self, LET_IN, TRUST};
use steward::Target;
use steward::channels::ReleaseStanding;
use steward::distribution::{COPY_ROLE, Stood};

use super::{Depot, FAMILY, RELEASE, describe_grants, tags};
use crate::channels::web;

const OTHER: AccountId = AccountId::new(333_344_445_555);
const MANAGEMENT: AccountId = AccountId::new(999_900_001_111);
/// As `infra/member.yaml` allows it, for this account.
const COPY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ec2:DescribeImageAttribute","ec2:DescribeImages","ec2:DescribeRegions",
    "ec2:DescribeSnapshotAttribute","ec2:DescribeSnapshots"],"Resource":"*"},
    {"Effect":"Allow","Action":"kms:DescribeKey","Resource":"arn:aws:kms:*:*:key/*"},
    {"Effect":"Allow","Action":["kms:CreateGrant","kms:Decrypt","kms:GenerateDataKeyWithoutPlaintext","kms:ReEncryptFrom",
    "kms:ReEncryptTo"],"Resource":"arn:aws:kms:*:*:key/*","Condition":{"StringLike":{"kms:ViaService":"ec2.*"}}},
    {"Effect":"Allow","Action":"ec2:CopyImage","Resource":["arn:aws:ec2:*::image/*","arn:aws:ec2:*::snapshot/*"],
    "Condition":{"Null":{"aws:RequestTag/image-steward:family":"false"},
    "StringEqualsIfExists":{"ec2:Owner":["111122223333","ACCOUNT"]}}},
    {"Effect":"Allow","Action":"ec2:CreateTags","Resource":["arn:aws:ec2:*::image/*","arn:aws:ec2:*::snapshot/*"],
    "Condition":{"Null":{"aws:RequestTag/image-steward:family":"false"},"StringEquals":{"ec2:CreateAction":"CopyImage"}}},
    {"Effect":"Allow","Action":["ec2:DeleteSnapshot","ec2:DeregisterImage"],
    "Resource":["arn:aws:ec2:*::image/*","arn:aws:ec2:*::snapshot/*"],
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false","aws:ResourceTag/image-steward:release":"false"}}},
    {"Effect":"Allow","Action":"ec2:CreateTags","Resource":["arn:aws:ec2:*::image/*","arn:aws:ec2:*::snapshot/*"],
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false","aws:TagKeys":"false"},
    "ForAllValues:StringNotEquals":{"aws:TagKeys":"image-steward:family"}}}]}"#;
const BOTH: &str = r#"{ regions: { eu-west-1: {}, us-east-1: {} }, copy_to: ["222233334444", "333344445555"] }"#;
const ONE: &str = r#"{ regions: { us-east-1: {} }, copy_to: ["222233334444"] }"#;

/// Lets copies be made in an account, and be looked at.
pub(crate) fn admit(depot: &Depot, account: AccountId) {
    let_copy(depot, account);
    depot.hub.admit_to_look(account);
}

fn let_copy(depot: &Depot, account: AccountId) {
    let policy = member::of(account, COPY);
    let plane = &depot.hub.shop.aws.plane;
    let role = plane.with(|world| world.create_role(account, COPY_ROLE, TRUST, &[&policy]));
    role.unwrap();
}

/// A depot that both members let in, the snapshots behind whose build are tagged by now.
pub(crate) async fn depot(settings: Settings) -> Depot {
    let depot = Depot::new(settings).await;
    let ours = Tag::builder().key(FAMILY).value("web").build();
    let home = depot.hub.shop.aws.hub();
    let behind = snapshots(&describe(&home, &depot.built).await);
    let tag = home.create_tags().set_resources(Some(behind)).tags(ours);
    tag.send().await.unwrap();
    admit(&depot, MEMBER);
    admit(&depot, OTHER);
    depot
}

/// An organization with the hub and both members, which the hub can read.
fn enrol(depot: &Depot) {
    depot.hub.shop.aws.plane.with(|world| {
        world
            .create_organization(MANAGEMENT, "o-exampleorgid", "r-ab12")
            .unwrap();
        for (account, name) in [(HUB, "images"), (MEMBER, "web"), (OTHER, "other")] {
            world.enrol_account(account, "r-ab12", name).unwrap();
        }
        world.delegate_organization(LET_IN).unwrap();
    });
}

/// The images that an account owns in a Region.
async fn owned(depot: &Depot, account: AccountId, region: &'static str) -> Vec<Image> {
    let ec2 = depot.hub.shop.aws.ec2(account, region);
    let images = ec2.describe_images().owners("self").include_disabled(true);
    images.send().await.unwrap().images.unwrap_or_default()
}

pub(crate) async fn copy_of(depot: &Depot, account: AccountId, region: &'static str) -> String {
    let images = owned(depot, account, region).await;
    let [copy] = images.as_slice() else {
        panic!("{account}/{region}: {images:?}")
    };
    copy.image_id().unwrap().to_owned()
}

/// The hub's image in a Region.
async fn hubs(depot: &Depot, region: &'static str) -> String {
    if region == IRELAND {
        depot.built.clone()
    } else {
        depot.copies().await[region][0].clone()
    }
}

/// Who may launch the hub's image in a Region, and copy its snapshots.
async fn lent(depot: &Depot, region: &'static str) -> (Vec<String>, Vec<String>) {
    let image = hubs(depot, region).await;
    let ec2 = depot.hub.shop.aws.ec2(HUB, region);
    let copiers = copiers_of(&ec2, snapshots(&describe(&ec2, &image).await)).await;
    (describe_grants(depot, region, &image).await, copiers)
}

/// Who may copy these snapshots.
async fn copiers_of(ec2: &Client, snapshots: Vec<String>) -> Vec<String> {
    let mut copiers = Vec::new();
    for snapshot in snapshots {
        let ask = ec2.describe_snapshot_attribute().snapshot_id(snapshot);
        let ask = ask.attribute(SnapshotAttributeName::CreateVolumePermission);
        let answer = ask.send().await.unwrap();
        let who = answer.create_volume_permissions().iter();
        copiers.extend(who.map(|one| one.user_id().unwrap_or("all").to_owned()));
    }
    copiers
}

fn nobody() -> (Vec<String>, Vec<String>) {
    (Vec::new(), Vec::new())
}

async fn stood(depot: &Depot, account: AccountId, region: &str) -> Option<Stood> {
    let there: Target = format!("{account}/{region}").parse().unwrap();
    let stood = depot.hub.record().stood(&web()).await.unwrap();
    stood
        .into_iter()
        .find(|((_, at), _)| *at == there)
        .map(|(_, stood)| stood)
}

async fn found(depot: &Depot, account: AccountId, region: &str) -> String {
    let stood = stood(depot, account, region).await;
    let findings = stood.iter().flat_map(|stood| &stood.findings);
    findings.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// How far the release is, as channels ask.
async fn standing(depot: &Depot) -> ReleaseStanding {
    let record = depot.hub.record();
    let held = record.family(&web()).await.unwrap();
    let audience = record.audience(&web()).await.unwrap();
    let holding = record.holding(&web()).await.unwrap().unwrap();
    let manifest = holding.manifest.unwrap();
    let by = (&manifest.distribute, holding.version);
    let seen = record.releases_seen(&held, by, audience.as_ref()).await.unwrap();
    seen[0].standing.clone()
}

#[tokio::test(start_paused = true)]
async fn each_member_owns_a_copy_in_each_region_and_what_was_lent_for_it_is_taken_back() {
    let depot = depot(Settings::calm()).await;
    depot.hub.want(BOTH).await;
    depot.settle().await;
    for (account, region) in [
        (MEMBER, IRELAND),
        (MEMBER, VIRGINIA),
        (OTHER, IRELAND),
        (OTHER, VIRGINIA),
    ] {
        let copy = copy_of(&depot, account, region).await;
        let ec2 = depot.hub.shop.aws.ec2(account, region);
        let image = describe(&ec2, &copy).await;
        assert_eq!(image.source_image_id(), Some(hubs(&depot, region).await.as_str()));
        assert_eq!(image.source_image_region(), Some(region));
        let mut both = vec![copy.clone()];
        both.extend(snapshots(&image));
        for one in both {
            let tags: BTreeMap<String, String> = tags(&ec2, &[one]).await.into_iter().collect();
            assert_eq!(tags.get(FAMILY).map(String::as_str), Some("web"));
            assert_eq!(tags.get(RELEASE), Some(&depot.release().await));
        }
        let placed = depot
            .hub
            .items()
            .into_iter()
            .find(|((pk, sk), _)| pk.starts_with("R#") && sk.starts_with("P#") && sk.ends_with(copy.as_str()));
        assert_eq!(placed.unwrap().1["managed"]["BOOL"], true);
        assert!(stood(&depot, account, region).await.unwrap().settled);
    }
    for region in [IRELAND, VIRGINIA] {
        assert_eq!(lent(&depot, region).await, nobody(), "{region}");
    }
    assert_eq!(standing(&depot).await, ReleaseStanding::Usable);
    assert_eq!(depot.calls("CopyImage"), 5);
    let said = depot.hub.says(&["distribution", "web"]).await;
    assert!(said.contains("333344445555") && said.contains("222233334444"), "{said}");
    let changed = depot.changes();
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.hub.sweep().await;
    // The hub's two and each member's two.
    assert_eq!((depot.round().await.due, depot.changes()), (6, changed));
    depot.settle().await;
    assert_eq!(depot.changes(), changed);
}

#[tokio::test(start_paused = true)]
async fn no_member_is_looked_at_before_the_hubs_copy_is_there() {
    let slow = Settings {
        copy_per_gib: minutes(20),
        ..Settings::calm()
    };
    let depot = depot(slow).await;
    depot.hub.want(ONE).await;
    for _ in 0..6 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    assert_eq!(stood(&depot, MEMBER, VIRGINIA).await, None);
    assert_eq!(lent(&depot, VIRGINIA).await, nobody());
    let said = format!("{:?}", standing(&depot).await);
    assert!(said.contains("222233334444/us-east-1 (not looked at yet)"), "{said}");
    for _ in 0..60 {
        depot.rounds(1).await;
        let Some(member) = stood(&depot, MEMBER, VIRGINIA).await else {
            continue;
        };
        // While it copies it may go on copying.
        let may = vec![MEMBER.to_string()];
        if member.says.to_string().contains("is being made since") {
            assert_eq!(lent(&depot, VIRGINIA).await, (may.clone(), may));
        }
    }
    depot.settle().await;
    assert_eq!(lent(&depot, VIRGINIA).await, nobody());
    copy_of(&depot, MEMBER, VIRGINIA).await;
}

#[tokio::test(start_paused = true)]
async fn a_member_without_the_role_is_named_and_holds_up_the_release_and_no_other_target() {
    for (required, usable) in [("", false), ("required: false", true)] {
        let depot = Depot::new(Settings::calm()).await;
        admit(&depot, OTHER);
        depot
            .hub
            .want(&format!(
                "{{ regions: {{ us-east-1: {{ {required} }} }}, copy_to: [\"222233334444\", \"333344445555\"] }}"
            ))
            .await;
        depot.rounds(10).await;
        copy_of(&depot, OTHER, VIRGINIA).await;
        assert!(owned(&depot, MEMBER, VIRGINIA).await.is_empty());
        let finding = found(&depot, MEMBER, VIRGINIA).await;
        assert!(
            finding.contains("222233334444") && finding.contains(COPY_ROLE) && finding.contains("infra/member.yaml"),
            "{finding}"
        );
        // The hub's image is lent to nobody who cannot copy it, and stands as it should.
        assert_eq!(found(&depot, HUB, VIRGINIA).await, "");
        assert_eq!(lent(&depot, VIRGINIA).await, nobody());
        assert!(stood(&depot, HUB, VIRGINIA).await.unwrap().settled);
        let is_usable = standing(&depot).await == ReleaseStanding::Usable;
        assert_eq!(is_usable, usable, "{:?}", standing(&depot).await);
        admit(&depot, MEMBER);
        depot.hub.shop.aws.pass(hours(6)).await;
        depot.settle().await;
        copy_of(&depot, MEMBER, VIRGINIA).await;
        assert_eq!(standing(&depot).await, ReleaseStanding::Usable);
        assert_eq!(lent(&depot, VIRGINIA).await, nobody());
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_leaves_keeps_its_copy_and_one_that_never_had_one_is_lent_nothing_any_more() {
    let depot = depot(Settings::calm()).await;
    depot.hub.want(BOTH).await;
    let denied = Fault::new(Effect::Deny).on("CopyImage").account(OTHER).always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    depot.rounds(8).await;
    let kept = copy_of(&depot, MEMBER, VIRGINIA).await;
    let other = vec![OTHER.to_string()];
    assert_eq!(lent(&depot, VIRGINIA).await, (other.clone(), other));
    assert!(found(&depot, OTHER, VIRGINIA).await.contains("UnauthorizedOperation"));
    depot
        .hub
        .want("{ regions: { eu-west-1: {}, us-east-1: {} }, exclusive: false }")
        .await;
    depot.settle().await;
    for region in [IRELAND, VIRGINIA] {
        assert_eq!(lent(&depot, region).await, nobody(), "{region}");
    }
    assert_eq!(copy_of(&depot, MEMBER, VIRGINIA).await, kept);
    assert!(owned(&depot, OTHER, VIRGINIA).await.is_empty());
    assert_eq!(standing(&depot).await, ReleaseStanding::Usable);
}

#[tokio::test(start_paused = true)]
async fn what_a_person_let_a_member_do_before_it_is_lent_anything_is_not_taken_back_with_that() {
    for (exclusive, left) in [(true, vec![]), (false, vec![MEMBER.to_string()])] {
        let depot = depot(Settings::calm()).await;
        let to =
            |owners: &str| format!("{{ regions: {{ us-east-1: {{}} }}, exclusive: {exclusive}, copy_to: [{owners}] }}");
        depot.hub.want(&to("\"333344445555\"")).await;
        depot.settle().await;
        let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
        share(&ec2, &hubs(&depot, VIRGINIA).await, MEMBER).await;
        depot.hub.want(&to("\"222233334444\", \"333344445555\"")).await;
        depot.settle().await;
        copy_of(&depot, MEMBER, VIRGINIA).await;
        depot.hub.shop.aws.pass(hours(25)).await;
        depot.settle().await;
        assert_eq!(lent(&depot, VIRGINIA).await, (left.clone(), left));
    }
}

#[tokio::test(start_paused = true)]
async fn a_region_that_a_member_has_not_enabled_is_said_of_it_alone() {
    let depot = depot(Settings::calm()).await;
    let bahrain: image_plane::Region = "me-south-1".parse().unwrap();
    let enable = |account| {
        let plane = &depot.hub.shop.aws.plane;
        plane.with(|world| world.account_mut(account).opted_in.insert(bahrain));
    };
    enable(HUB);
    enable(OTHER);
    let wanted = r#"{ regions: { me-south-1: {} }, copy_to: ["222233334444", "333344445555"] }"#;
    depot.hub.want(wanted).await;
    depot.rounds(10).await;
    copy_of(&depot, OTHER, "me-south-1").await;
    let finding = found(&depot, MEMBER, "me-south-1").await;
    assert!(
        finding.contains("me-south-1 is not enabled for the account 222233334444"),
        "{finding}"
    );
    enable(MEMBER);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    copy_of(&depot, MEMBER, "me-south-1").await;
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_a_members_policy_refuses_fails_its_copy_alone_in_ec2s_words_and_with_what_to_change() {
    let depot = depot(Settings::calm()).await;
    let plane = &depot.hub.shop.aws.plane;
    let only = |values: &[&str]| {
        let values = values.iter().map(|value| String::from(*value)).collect();
        let of_team = (String::from("team"), values);
        plane.with(|world| world.account_mut(MEMBER).tag_policy = [of_team].into());
    };
    only(&["shop"]);
    let wanted = r#"{ regions: { us-east-1: {} }, tags: { team: web }, copy_to: ["222233334444", "333344445555"] }"#;
    depot.hub.want(wanted).await;
    depot.rounds(14).await;
    copy_of(&depot, OTHER, VIRGINIA).await;
    let finding = found(&depot, MEMBER, VIRGINIA).await;
    assert!(
        finding
            .contains("the tag policy of 222233334444 refuses what images are tagged with there (TagPolicyViolation: "),
        "{finding}"
    );
    only(&["shop", "web"]);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    copy_of(&depot, MEMBER, VIRGINIA).await;
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_its_owner_took_away_is_made_again_and_lent_for_anew() {
    let depot = depot(Settings::calm()).await;
    depot.hub.want(ONE).await;
    depot.settle().await;
    let first = copy_of(&depot, MEMBER, VIRGINIA).await;
    let ec2 = depot.hub.shop.aws.ec2(MEMBER, VIRGINIA);
    ec2.deregister_image().image_id(&first).send().await.unwrap();
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.rounds(10).await;
    depot.settle().await;
    let second = copy_of(&depot, MEMBER, VIRGINIA).await;
    assert_ne!(first, second);
    assert_eq!(lent(&depot, VIRGINIA).await, nobody());
}

#[tokio::test(start_paused = true)]
async fn whom_a_member_shares_its_own_copy_with_is_said_and_left_alone() {
    let depot = depot(Settings::calm()).await;
    let shared =
        r#"{ regions: { us-east-1: {} }, copy_to: ["222233334444"], share_with: { accounts: ["444455556666"] } }"#;
    depot.hub.want(shared).await;
    depot.settle().await;
    let copy = copy_of(&depot, MEMBER, VIRGINIA).await;
    let ec2 = depot.hub.shop.aws.ec2(MEMBER, VIRGINIA);
    // The audience uses the hub's.
    assert_eq!(
        describe_grants(&depot, VIRGINIA, &hubs(&depot, VIRGINIA).await).await,
        ["444455556666"]
    );
    share(&ec2, &copy, OTHER).await;
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.rounds(2).await;
    let finding = found(&depot, MEMBER, VIRGINIA).await;
    assert!(finding.contains("333344445555 may use ami-"), "{finding}");
    let permission = ec2.describe_image_attribute().image_id(&copy);
    let permission = permission.attribute("launchPermission".into()).send().await.unwrap();
    assert_eq!(permission.launch_permissions().len(), 1);
    assert_eq!(standing(&depot).await, ReleaseStanding::Usable);
}

#[tokio::test(start_paused = true)]
async fn a_closed_account_is_dropped_and_holds_up_nothing() {
    let depot = Depot::new(Settings::calm()).await;
    admit(&depot, OTHER);
    enrol(&depot);
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.close_account(MEMBER)).unwrap();
    depot.hub.shop.aws.pass(hours(1)).await;
    let wanted = r#"{ regions: { us-east-1: {} }, copy_to: ["222233334444", "333344445555", "111122223333"] }"#;
    depot.hub.want(wanted).await;
    depot.settle().await;
    copy_of(&depot, OTHER, VIRGINIA).await;
    assert_eq!(stood(&depot, MEMBER, VIRGINIA).await, None);
    assert_eq!(standing(&depot).await, ReleaseStanding::Usable);
    assert_eq!(lent(&depot, VIRGINIA).await, nobody());
    let notes = depot.dispatch().await.unwrap().notes;
    let says = |what: &str| notes.iter().any(|note| note.contains(what));
    assert!(
        says("222233334444 is closed") && says("111122223333 is the hub"),
        "{notes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_owns_a_copy_reads_its_own_in_the_parameter_of_a_channel() {
    let depot = depot(Settings::calm()).await;
    for account in [MEMBER, OTHER] {
        depot.hub.admit_to_publish(account);
    }
    let published = "{ regions: { us-east-1: {} }, copy_to: [\"222233334444\"], share_with: { accounts: [\"333344445555\"] }, \
                     publish: { parameter: \"/golden/{family}/{architecture}/{channel}\", to: [hub, audience] } }\n\
                     channels: { candidate: { from: release } }";
    depot.hub.want(published).await;
    depot.rounds(14).await;
    let own = copy_of(&depot, MEMBER, VIRGINIA).await;
    let hubs = hubs(&depot, VIRGINIA).await;
    for (account, image) in [(HUB, &hubs), (MEMBER, &own), (OTHER, &hubs)] {
        let value = candidate(&depot, account, VIRGINIA).await;
        assert_eq!(value.as_ref(), Some(image), "{account}");
    }
    // Where it owns none, none is published to it.
    assert_eq!(candidate(&depot, MEMBER, IRELAND).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_its_owner_disabled_stays_so_where_the_release_is_restored_and_it_reads_the_hubs() {
    let depot = depot(Settings::calm()).await;
    depot.hub.admit_to_publish(MEMBER);
    let published = "{ regions: { us-east-1: {} }, copy_to: [\"222233334444\"], share_with: { accounts: [\"222233334444\"] }, publish: \
                     { parameter: \"/golden/{family}/{architecture}/{channel}\", to: [audience] } }\nchannels: { candidate: { by: \
                     hand } }";
    depot.hub.want(published).await;
    depot.rounds(12).await;
    let own = copy_of(&depot, MEMBER, VIRGINIA).await;
    let of_hub = hubs(&depot, VIRGINIA).await;
    let virginia = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    for (ec2, image) in [
        (&depot.hub.shop.aws.hub(), &depot.built),
        (&virginia, &of_hub),
        (&depot.hub.shop.aws.ec2(MEMBER, VIRGINIA), &own),
    ] {
        ec2.disable_image().image_id(image).send().await.unwrap();
    }
    depot.hub.shop.aws.pass(hours(24)).await;
    depot.rounds(2).await;
    let promote = [
        "promote",
        "web/1.4.2",
        "--to",
        "candidate",
        "--because",
        "tested",
        "--yes",
    ];
    depot.hub.says(&promote).await;
    depot.rounds(8).await;
    assert_eq!(standing(&depot).await, ReleaseStanding::Usable);
    assert_eq!(candidate(&depot, MEMBER, VIRGINIA).await, Some(of_hub));
    assert_eq!(depot.calls("EnableImage"), 2);
    let theirs = stood(&depot, MEMBER, VIRGINIA).await.unwrap();
    assert_eq!(theirs.says.as_str(), format!("{own} is disabled"));
}

/// What the parameter of a channel names in an account; none where there is no such parameter.
async fn candidate(depot: &Depot, account: AccountId, region: &'static str) -> Option<String> {
    let ssm = depot.hub.shop.aws.ssm(account, region);
    let get = ssm.get_parameters().names("/golden/web/x86_64/candidate");
    let found = get.send().await.unwrap();
    let parameter = found.parameters().first()?;
    parameter.value().map(str::to_owned)
}

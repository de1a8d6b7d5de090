//! Who may use a release: whom the manifest declares, converging both ways, and nobody whom nobody could read.

use aws_sdk_ec2::types::{LaunchPermission, LaunchPermissionModifications, PermissionGroup, SnapshotAttributeName};
use image_plane::{AccountId, Settings};
use stage::aws::{HUB, MEMBER, VIRGINIA, describe, hours, minutes, share, snapshots, state};
use stage::member::LET_IN;

use super::{Depot, describe_grants};

const OTHER: AccountId = AccountId::new(333_344_445_555);
pub(crate) const NESTED: AccountId = AccountId::new(444_455_556_666);
const MANAGEMENT: AccountId = AccountId::new(999_900_001_111);
pub(crate) const ROOT: &str = "r-ab12";
const OUTER: &str = "ou-ab12-11111111";
const INNER: &str = "ou-ab12-22222222";
const TO_THE_UNIT: &str = r#"{ regions: { us-east-1: {} }, share_with: { may_copy: true,
    units: ["arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-11111111"] } }"#;

/// The copy in the other Region.
async fn copy(depot: &Depot) -> String {
    depot.copies().await[VIRGINIA][0].clone()
}

/// Who may copy a copy's snapshots.
async fn copiers(depot: &Depot, ami: &str) -> Vec<String> {
    let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    let mut who = Vec::new();
    for snapshot in snapshots(&describe(&ec2, ami).await) {
        let ask = ec2.describe_snapshot_attribute().snapshot_id(snapshot);
        let answer = ask
            .attribute(SnapshotAttributeName::CreateVolumePermission)
            .send()
            .await
            .unwrap();
        who.extend(
            answer
                .create_volume_permissions()
                .iter()
                .map(|one| one.user_id().unwrap_or("all").to_owned()),
        );
    }
    who.sort();
    who
}

/// An organization with the hub and a member in a unit, and another account in a unit within.
pub(crate) fn found(depot: &Depot) {
    depot.hub.shop.aws.plane.with(|world| {
        world.create_organization(MANAGEMENT, "o-exampleorgid", ROOT).unwrap();
        world.create_unit(OUTER, ROOT, "workloads").unwrap();
        world.create_unit(INNER, OUTER, "production").unwrap();
        world.enrol_account(HUB, OUTER, "images").unwrap();
        world.enrol_account(MEMBER, OUTER, "web").unwrap();
        world.enrol_account(NESTED, INNER, "web-production").unwrap();
        world.enrol_account(OTHER, ROOT, "other").unwrap();
        world.delegate_organization(LET_IN).unwrap();
    });
}

/// Lets the hub read its organization no more.
pub(crate) fn shut(depot: &Depot) {
    let nobody = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333344445555:root"},
        "Action":"organizations:ListAccounts","Resource":"*"}}"#;
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.delegate_organization(nobody).unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_release_is_shared_with_whom_its_manifest_names_and_what_is_taken_back_is_taken_from_nobody_else() {
    let depot = Depot::new(Settings::calm()).await;
    let to = |accounts: &str| format!("{{ regions: {{ us-east-1: {{}} }}, share_with: {{ accounts: [{accounts}] }} }}");
    depot.hub.want(&to(r#""222233334444", "333344445555""#)).await;
    depot.settle().await;
    let copy = copy(&depot).await;
    for (region, ami) in [(VIRGINIA, &copy), (stage::aws::IRELAND, &depot.built)] {
        assert_eq!(
            describe_grants(&depot, region, ami).await,
            ["222233334444", "333344445555"]
        );
    }
    // Those who may launch may not copy.
    assert!(copiers(&depot, &copy).await.is_empty());
    depot.hub.want(&to(r#""333344445555""#)).await;
    depot.settle().await;
    assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await, ["333344445555"]);
    // Somebody shares it by hand: taken back within a day.
    share(&depot.hub.shop.aws.ec2(HUB, VIRGINIA), &copy, MEMBER).await;
    depot.hub.shop.aws.pass(hours(24)).await;
    depot.settle().await;
    assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await, ["333344445555"]);
}

#[tokio::test(start_paused = true)]
async fn where_the_manifest_is_not_exclusive_a_grant_by_hand_is_said_and_stays() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} }, exclusive: false }").await;
    depot.settle().await;
    let copy = copy(&depot).await;
    share(&depot.hub.shop.aws.ec2(HUB, VIRGINIA), &copy, MEMBER).await;
    depot.hub.shop.aws.pass(hours(24)).await;
    depot.round().await;
    assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await, ["222233334444"]);
    let findings = depot.findings(VIRGINIA).await;
    assert!(
        findings.iter().any(|finding| finding.contains("222233334444")),
        "{findings:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_unit_may_launch_as_a_unit_and_copy_as_its_accounts_without_the_hub_and_the_suspended() {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.suspend_account(NESTED).unwrap());
    depot.hub.want(TO_THE_UNIT).await;
    depot.settle().await;
    let copy = copy(&depot).await;
    let unit = "arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-11111111";
    assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await, [unit]);
    assert_eq!(copiers(&depot, &copy).await, [MEMBER.to_string()]);
}

#[tokio::test(start_paused = true)]
async fn an_organization_may_launch_as_a_whole_and_copy_as_its_accounts_where_that_is_said() {
    let organization = "arn:aws:organizations::999900001111:organization/o-exampleorgid";
    let all = [MEMBER, OTHER, NESTED, MANAGEMENT].map(|account| account.to_string());
    for (may_copy, who) in [(true, all.to_vec()), (false, Vec::new())] {
        let depot = Depot::new(Settings::calm()).await;
        found(&depot);
        let shared = format!("{{ may_copy: {may_copy}, organizations: [\"{organization}\"] }}");
        let wanted = format!("{{ regions: {{ us-east-1: {{}} }}, share_with: {shared} }}");
        depot.hub.want(&wanted).await;
        depot.settle().await;
        let copy = copy(&depot).await;
        assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await, [organization]);
        assert_eq!(copiers(&depot, &copy).await, who);
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_joins_a_unit_may_copy_within_one_sweep_and_one_that_leaves_no_longer() {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    depot.hub.want(TO_THE_UNIT).await;
    depot.settle().await;
    let copy = copy(&depot).await;
    assert_eq!(copiers(&depot, &copy).await, [MEMBER.to_string(), NESTED.to_string()]);
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.move_account(OTHER, INNER).unwrap());
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    assert!(copiers(&depot, &copy).await.contains(&OTHER.to_string()));
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.move_account(MEMBER, ROOT).unwrap());
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    assert_eq!(copiers(&depot, &copy).await, [OTHER.to_string(), NESTED.to_string()]);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_leaves_a_unit_may_no_longer_copy_what_is_behind_an_image_that_is_disabled() {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    depot.hub.want(TO_THE_UNIT).await;
    depot.settle().await;
    let copy = copy(&depot).await;
    let there = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    there.disable_image().image_id(&copy).send().await.unwrap();
    depot.settle().await;
    // Who is declared keeps what he has.
    assert_eq!(copiers(&depot, &copy).await, [MEMBER.to_string(), NESTED.to_string()]);
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.move_account(MEMBER, ROOT).unwrap());
    plane.with(|world| world.move_account(OTHER, INNER).unwrap());
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    assert_eq!(copiers(&depot, &copy).await, [NESTED.to_string()]);
    assert_eq!(state(&there, &copy).await, "disabled");
}

#[tokio::test(start_paused = true)]
async fn where_the_organization_cannot_be_read_nothing_is_taken_away_and_that_is_said() {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    depot.hub.want(TO_THE_UNIT).await;
    depot.settle().await;
    let copy = copy(&depot).await;
    shut(&depot);
    depot.hub.shop.aws.pass(minutes(5)).await;
    let failure = format!("{:?}", depot.dispatch().await.unwrap_err());
    assert!(failure.contains("who may copy web is not known"), "{failure}");
    // What stands as it should is not looked at for that.
    let settled = looked(&depot).await;
    finish(&depot).await;
    assert_eq!(looked(&depot).await, settled);
    depot.hub.shop.aws.pass(hours(24)).await;
    assert!(depot.dispatch().await.is_err());
    finish(&depot).await;
    assert_eq!(copiers(&depot, &copy).await, [MEMBER.to_string(), NESTED.to_string()]);
    let findings = depot.findings(VIRGINIA).await;
    assert!(
        findings.iter().any(|finding| finding.contains("AccessDenied")),
        "{findings:?}"
    );
    // What was looked at meanwhile is looked at once more when it can be read, and then all is as it was.
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.delegate_organization(LET_IN).unwrap());
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    assert!(depot.findings(VIRGINIA).await.is_empty());
    let settled = looked(&depot).await;
    assert_eq!(settled, [depot.hub.moment().now]);
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    assert_eq!(looked(&depot).await, settled);
}

/// When each release was last looked at in the other Region.
async fn looked(depot: &Depot) -> Vec<steward::Timestamp> {
    let stood = depot.hub.record().stood(&"web".parse().unwrap()).await.unwrap();
    let there = stood
        .into_iter()
        .filter(|((_, target), _)| target.region().to_string() == VIRGINIA);
    there.map(|(_, stood)| stood.looked).collect()
}

/// Lets workers do all that was sent.
async fn finish(depot: &Depot) {
    while let Some(worked) = depot.work().await {
        assert!(worked.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn an_organization_that_cannot_be_read_for_a_while_makes_nothing_due_and_keeps_nobody_waiting_after() {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    depot.hub.want(TO_THE_UNIT).await;
    depot.settle().await;
    let delegate = |to: &str| {
        let plane = &depot.hub.shop.aws.plane;
        plane.with(|world| world.delegate_organization(to).unwrap());
    };
    let nobody = LET_IN.replace("111122223333", "333344445555");
    delegate(&nobody);
    let settled = looked(&depot).await;
    for _ in 0..15 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        assert!(depot.dispatch().await.is_err());
        finish(&depot).await;
    }
    delegate(LET_IN);
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    assert_eq!(looked(&depot).await, settled);
    // A release that comes meanwhile is copied and launched; who may copy it is caught up with.
    delegate(&nobody);
    depot.hub.shop.built().await;
    depot.hub.sweep().await;
    for _ in 0..12 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        assert!(depot.dispatch().await.is_err());
        finish(&depot).await;
    }
    let copies = depot.copies().await[VIRGINIA].clone();
    assert_eq!(copies.len(), 2);
    delegate(LET_IN);
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    for copy in copies {
        assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await.len(), 1);
        assert_eq!(copiers(&depot, &copy).await, [MEMBER.to_string(), NESTED.to_string()]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_public_release_is_public_where_the_account_does_not_block_it_and_else_says_so() {
    let depot = Depot::new(Settings::calm()).await;
    let virginia = VIRGINIA.parse().unwrap();
    depot.hub.shop.aws.plane.with(|world| {
        world.account_mut(HUB).block_public_images.insert(virginia);
    });
    depot
        .hub
        .want("{ regions: { us-east-1: {} }, share_with: { public: true, everybody_may_use: web } }")
        .await;
    for _ in 0..4 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    let copy = copy(&depot).await;
    assert!(describe_grants(&depot, VIRGINIA, &copy).await.is_empty());
    let findings = depot.findings(VIRGINIA).await;
    assert!(
        findings.iter().any(|finding| finding.contains("public")),
        "{findings:?}"
    );
    assert_eq!(
        describe_grants(&depot, stage::aws::IRELAND, &depot.built).await,
        ["all"]
    );
    // Somebody makes another one public by hand: not declared, not kept.
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let home = depot.hub.shop.aws.hub();
    let everybody = LaunchPermission::builder().group(PermissionGroup::All).build();
    let change = LaunchPermissionModifications::builder().add(everybody).build();
    home.modify_image_attribute()
        .image_id(&depot.built)
        .launch_permission(change)
        .send()
        .await
        .unwrap();
    depot.hub.shop.aws.pass(hours(24)).await;
    depot.settle().await;
    assert!(
        describe_grants(&depot, stage::aws::IRELAND, &depot.built)
            .await
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn an_image_that_only_says_that_it_is_the_release_is_neither_shared_nor_taken_for_its_copy() {
    let depot = Depot::new(Settings::calm()).await;
    let stranger = image_plane::NewImage::named("fork")
        .tag(super::FAMILY, "web")
        .tag(super::RELEASE, &depot.release().await);
    let stranger = depot.hub.shop.aws.image_with(HUB, VIRGINIA, stranger);
    depot
        .hub
        .want(r#"{ regions: { us-east-1: {} }, share_with: { accounts: ["222233334444"] } }"#)
        .await;
    depot.settle().await;
    assert!(describe_grants(&depot, VIRGINIA, &stranger).await.is_empty());
    assert_eq!(
        describe_grants(&depot, VIRGINIA, &copy(&depot).await).await,
        ["222233334444"]
    );
}

#[tokio::test(start_paused = true)]
async fn work_that_was_sent_before_another_manifest_held_takes_back_nothing_by_the_old_audience() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let copy = copy(&depot).await;
    share(&depot.hub.shop.aws.ec2(HUB, VIRGINIA), &copy, MEMBER).await;
    depot.hub.shop.aws.pass(hours(24)).await;
    assert!(depot.dispatch().await.unwrap().messages > 0);
    depot
        .hub
        .want(r#"{ regions: { us-east-1: {} }, share_with: { accounts: ["222233334444"] } }"#)
        .await;
    while let Some(worked) = depot.work().await {
        assert!(worked.is_ok());
    }
    assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await, ["222233334444"]);
    depot.settle().await;
    assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await, ["222233334444"]);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_ec2_refuses_is_named_and_left_out_and_all_others_are_let_in() {
    let depot = Depot::new(Settings::calm()).await;
    let accounts: Vec<String> = (0..60).map(|n| format!("\"4444555566{n:02}\"")).collect();
    let refused = ["444455556607", "444455556641"];
    let exist = |exist: bool| {
        depot.hub.shop.aws.plane.with(|world| {
            for account in refused {
                world.account_mut(account.parse().unwrap()).nonexistent = !exist;
            }
        });
    };
    exist(false);
    let share_with = format!("share_with: {{ may_copy: true, accounts: [{}] }}", accounts.join(", "));
    depot
        .hub
        .want(&format!("{{ regions: {{ us-east-1: {{}} }}, {share_with} }}"))
        .await;
    for _ in 0..4 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    let copy = copy(&depot).await;
    for who in [
        describe_grants(&depot, VIRGINIA, &copy).await,
        copiers(&depot, &copy).await,
    ] {
        assert_eq!(who.len(), 58);
        assert!(
            !who.iter().any(|account| refused.contains(&account.as_str())),
            "{who:?}"
        );
    }
    let findings = depot.findings(VIRGINIA).await;
    assert_eq!(findings.len(), 4, "{findings:?}");
    for account in refused {
        let launch =
            format!("failed to let {account} launch {copy} in 111122223333/us-east-1: InvalidAMIAttributeItemValue: ");
        let copy = format!("failed to let {account} copy snap-");
        for start in [launch, copy] {
            let named = findings.iter().any(|finding| finding.starts_with(&start));
            assert!(named, "{start}: {findings:?}");
        }
    }
    exist(true);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await.len(), 60);
    assert_eq!(copiers(&depot, &copy).await.len(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_refused_for_another_reason_is_not_made_again_in_pieces() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let denied = image_plane::Fault::new(image_plane::Effect::Deny).on("ModifyImageAttribute");
    depot.hub.shop.aws.plane.with(|world| world.inject(denied.always()));
    let before = depot.calls("ModifyImageAttribute");
    let accounts = r#"["222233334444", "333344445555", "444455556666"]"#;
    depot
        .hub
        .want(&format!(
            "{{ regions: {{ us-east-1: {{}} }}, share_with: {{ accounts: {accounts} }} }}"
        ))
        .await;
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    // Once in each target.
    assert_eq!(depot.calls("ModifyImageAttribute"), before + 2);
}

/// Somebody's word that an account has moved.
fn moved(told_by: &str) -> serde_json::Value {
    let sample = include_str!("../../../events/organizations-account-moved.json");
    serde_json::from_str(&sample.replace("999900001111", told_by)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn only_the_account_that_manages_the_organization_tells_of_it_where_that_is_known() {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    depot.hub.want(TO_THE_UNIT).await;
    let told = async |account: &str| {
        let (room, _) = depot.room();
        distribute_images::plan_distribution(&room, &moved(account), "run", depot.hub.moment()).await
    };
    let refused = told("222233334444").await.unwrap();
    assert_eq!(
        refused.refused.as_deref(),
        Some("it is of the account 222233334444, and 999900001111 manages the organization")
    );
    assert_eq!((refused.families, refused.messages), (0, 0));
    let followed = told("999900001111").await.unwrap();
    assert_eq!((followed.refused, followed.messages), (None, 2));
    // Where nobody knows, it is followed as far as a sweep is.
    let nobody = LET_IN.replace("111122223333", "333344445555");
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.delegate_organization(&nobody).unwrap());
    let failure = format!("{:?}", told("222233334444").await.unwrap_err());
    assert!(failure.contains("who may copy web is not known"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_closed_is_noted_and_nothing_waits_for_it() {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    depot
        .hub
        .want(r#"{ regions: { us-east-1: {} }, share_with: { accounts: ["222233334444", "333344445555"] } }"#)
        .await;
    depot.settle().await;
    assert!(depot.dispatch().await.unwrap().notes.is_empty());
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.close_account(OTHER).unwrap());
    depot.settle().await;
    let noted = depot.dispatch().await.unwrap();
    assert_eq!(
        noted.notes,
        ["web: the account 333344445555 is closed, and nothing is shared with it: take it out of `share_with`"]
    );
    assert_eq!(
        describe_grants(&depot, VIRGINIA, &copy(&depot).await).await,
        ["222233334444"]
    );
}

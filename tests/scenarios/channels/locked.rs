//! Channels whose images are encrypted: what their readers find of the key decides whether anything names the image anew.

use distribute_images::apply_distribution;
use image_plane::{AccountId, Effect, Fault, KeyState, Settings};
use serde_json::json;
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, hours, minutes, target};
use stage::member;
use steward::distribution::Stood;
use steward::{ChannelName, ReleaseId, Target, Timestamp};

use super::publishing::{NAME, an_image, findings, says};
use super::{TWO_CHANNELS, web};
use crate::distribution::Depot;
use crate::distribution::keys::{add, key};

const BOTH: [AccountId; 2] = [HUB, MEMBER];
const ROLE: &str = "arn:aws:iam::222233334444:role/image-steward-publish";

/// A distribution whose copy in the other Region is encrypted, with this more.
fn keyed(more: &str) -> String {
    format!(
        "{{ regions: {{ us-east-1: {{ kms_key: alias/golden }} }}, share_with: {{ accounts: [\"222233334444\"] }}{more} }}{TWO_CHANNELS}"
    )
}

fn published() -> String {
    keyed(", publish: { parameter: \"/golden/{family}/{architecture}/{channel}\", to: [hub, audience] }")
}

/// A release that is copied by a key that these may use, on a channel that is published nowhere yet; and the key.
async fn unpublished(usable_by: &[AccountId], more: &str) -> (Depot, String) {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot, usable_by);
    if !more.is_empty() {
        add(&depot, &key, more);
    }
    depot.hub.admit_to_publish(MEMBER);
    depot.hub.want(&keyed("")).await;
    depot.rounds(10).await;
    assert!(depot.points_to("candidate").await.is_some());
    (depot, key)
}

/// How the release that a channel points to stands at the hub in the other Region.
async fn stood(depot: &Depot) -> (ReleaseId, Stood) {
    let release = *depot.moves("candidate").await[0].to.values().next().unwrap();
    let stood = depot.hub.record().stood_in(&web(), release, at(HUB)).await;
    (release, stood.unwrap().unwrap())
}

fn at(account: AccountId) -> Target {
    format!("{account}/{VIRGINIA}").parse().unwrap()
}

async fn copy(depot: &Depot) -> String {
    depot.copies().await[VIRGINIA][0].clone()
}

fn set(depot: &Depot, key: &str, state: KeyState) {
    let plane = &depot.hub.shop.aws.plane;
    assert!(plane.with(|world| world.set_key_state(key, state)));
}

#[tokio::test(start_paused = true)]
async fn what_a_key_that_was_disabled_since_encrypts_is_named_nowhere_until_that_works_again() {
    for (state, is) in [
        (KeyState::Disabled, "is disabled"),
        (KeyState::PendingDeletion, "is about to be deleted"),
    ] {
        let (depot, key) = unpublished(&[MEMBER], "").await;
        set(&depot, &key, state);
        depot.hub.want(&published()).await;
        depot.rounds(4).await;
        for account in BOTH {
            assert_eq!(says(&depot, account, VIRGINIA).await, None, "{account}");
            let [finding] = findings(&depot, account, VIRGINIA).await.try_into().unwrap();
            assert!(finding.contains(&format!("as its key {key} {is}, ")), "{finding}");
            // What is not encrypted waits for no key.
            assert_eq!(says(&depot, account, IRELAND).await, Some(an_image(&depot.built)));
        }
        set(&depot, &key, KeyState::Enabled);
        depot.hub.shop.aws.pass(hours(6)).await;
        depot.rounds(2).await;
        for account in BOTH {
            let copy = copy(&depot).await;
            assert_eq!(says(&depot, account, VIRGINIA).await, Some(an_image(&copy)));
            assert_eq!(findings(&depot, account, VIRGINIA).await, [""; 0]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_names_an_image_stays_whatever_becomes_of_its_key_and_that_is_said() {
    let (depot, key) = unpublished(&[MEMBER], "").await;
    depot.hub.want(&published()).await;
    depot.rounds(4).await;
    let writes = depot.calls("PutParameter");
    set(&depot, &key, KeyState::Disabled);
    // Members are looked at daily.
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.rounds(2).await;
    let copy = copy(&depot).await;
    for account in BOTH {
        assert_eq!(says(&depot, account, VIRGINIA).await, Some(an_image(&copy)));
        let found = findings(&depot, account, VIRGINIA).await;
        let is_said = found.iter().all(|finding| finding.contains("is disabled"));
        assert!(is_said && !found.is_empty(), "{found:?}");
    }
    // Nothing is written, not even where another image stands by now. The other channel came after a day.
    let named = |depot: &Depot| depot.calls("PutParameter") - writes;
    assert_eq!(named(&depot), 2);
    let other = depot.hub.shop.aws.image(HUB, VIRGINIA, "other");
    let ssm = depot.hub.shop.aws.ssm(HUB, VIRGINIA);
    let put = ssm.put_parameter().name(NAME).value(&other).overwrite(true);
    put.send().await.unwrap();
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.rounds(1).await;
    assert_eq!(
        (says(&depot, HUB, VIRGINIA).await, named(&depot)),
        (Some(an_image(&other)), 3)
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_that_its_policy_does_not_show_to_the_reader_is_unverified_and_the_statement_that_is_said_shows_it() {
    let to_roles = r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*",
        "Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::222233334444:role/web-*"}}}"#;
    let (depot, key) = unpublished(&[], to_roles).await;
    depot.hub.want(&published()).await;
    depot.rounds(4).await;
    let copy = copy(&depot).await;
    assert_eq!(says(&depot, HUB, VIRGINIA).await, Some(an_image(&copy)));
    assert_eq!(says(&depot, MEMBER, VIRGINIA).await, None);
    let [finding] = findings(&depot, MEMBER, VIRGINIA).await.try_into().unwrap();
    assert!(finding.contains("is unverified"), "{finding}");
    let (_, statement) = finding
        .split_once(&format!("the policy of its key {key} have "))
        .unwrap();
    let (statement, why) = statement.split_once(", and the role").unwrap();
    assert!(why.contains("AccessDeniedException"), "{why}");
    add(&depot, &key, statement);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.rounds(2).await;
    assert_eq!(says(&depot, MEMBER, VIRGINIA).await, Some(an_image(&copy)));
    assert_eq!(findings(&depot, MEMBER, VIRGINIA).await, [""; 0]);
}

/// As in a member whose stack is older than the hub's.
#[tokio::test(start_paused = true)]
async fn where_the_role_may_look_at_no_key_the_finding_says_that_it_lacks_that() {
    let (depot, _) = unpublished(&[MEMBER], "").await;
    let whole = member::publish(MEMBER);
    let allows = |policy: &str| {
        let plane = &depot.hub.shop.aws.plane;
        plane.with(|world| world.set_role_policies(ROLE, &[policy])).unwrap();
    };
    allows(&whole.replace("kms:DescribeKey", "kms:ListAliases"));
    depot.hub.want(&published()).await;
    depot.rounds(4).await;
    assert_eq!(says(&depot, MEMBER, VIRGINIA).await, None);
    assert_eq!(says(&depot, MEMBER, IRELAND).await, Some(an_image(&depot.built)));
    let [finding] = findings(&depot, MEMBER, VIRGINIA).await.try_into().unwrap();
    let role = "is unverified, and what stands there is left: let the policy of its key";
    assert!(finding.contains(role), "{finding}");
    assert!(
        finding.contains("the role that looks there allow kms:DescribeKey"),
        "{finding}"
    );
    allows(&whole);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.rounds(2).await;
    let copy = copy(&depot).await;
    assert_eq!(says(&depot, MEMBER, VIRGINIA).await, Some(an_image(&copy)));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_asked_for_once_a_message_whatever_families_releases_and_channels_it_is_of() {
    let (depot, _) = unpublished(&[MEMBER], "").await;
    depot.hub.want(&published()).await;
    depot.hub.shop.aws.pass(hours(24)).await;
    depot.rounds(2).await;
    let first = depot.points_to("stable").await;
    let second = depot.next_release().await;
    assert!(first.is_some() && first != Some(second));
    // Another family, whose channel points to an image by the same key.
    let (record, site, candidate) = (
        depot.hub.record(),
        "site".parse().unwrap(),
        "candidate".parse().unwrap(),
    );
    let held: &ChannelName = &candidate;
    let moved = depot.moves("candidate").await.remove(0);
    let (release, stood) = stood(&depot).await;
    record.write_stood(&site, release, at(HUB), &stood).await.unwrap();
    assert!(record.move_channel(&site, (held, None), None, &moved).await.unwrap());
    depot.hub.want_of("site", &published()).await;
    depot.rounds(2).await;
    let looked = async || {
        let mut looked: Vec<Timestamp> = Vec::new();
        for family in [web(), site.clone()] {
            let published = record.published(&family).await.unwrap();
            assert_eq!(published[&at(MEMBER)].findings, [], "{family}");
            looked.push(published[&at(MEMBER)].looked);
        }
        looked
    };
    let asked = || {
        let there = target(MEMBER, VIRGINIA);
        depot.hub.shop.aws.plane.with(|world| {
            let counts = world.ledger().counts();
            let of_it = counts.filter(|(_, action, target, _)| *action == "DescribeKey" && *target == there);
            of_it.map(|(.., counts)| counts.all()).sum::<u64>()
        })
    };
    let (before, asked_before) = (looked().await, asked());
    assert!(asked_before > 0);
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.rounds(1).await;
    let after = looked().await;
    assert!(before.iter().zip(&after).all(|(before, after)| before < after));
    assert_eq!(asked() - asked_before, 1);
}

/// What a worker in the member makes of an image that has these keys, as the record says.
async fn with_keys(depot: &Depot, keys: Option<&[&str]>) -> Vec<String> {
    let (release, stood) = stood(depot).await;
    let keys = keys.map(|keys| keys.iter().map(|key| key.parse().unwrap()).collect());
    let record = depot.hub.record();
    let stood = Stood { keys, ..stood };
    record.write_stood(&web(), release, at(HUB), &stood).await.unwrap();
    let family = json!({ "family": "web", "releases": [], "publish": true });
    let body = json!({ "run": "by hand", "target": at(MEMBER), "families": [family] }).to_string();
    let batch = json!({ "Records": [{ "messageId": "1", "body": body }] });
    let (room, _) = depot.room();
    let worked = apply_distribution(&room, &batch, depot.hub.moment()).await;
    assert!(worked.unwrap().batch_item_failures.is_empty());
    findings(depot, MEMBER, VIRGINIA).await
}

#[tokio::test(start_paused = true)]
async fn each_key_of_an_image_is_asked_for_and_one_whose_keys_nobody_knows_is_not_named() {
    let (depot, works) = unpublished(&[MEMBER], "").await;
    let other = key(&depot, &[MEMBER]);
    depot.hub.want(&published()).await;
    depot.dispatch().await.unwrap();
    let later = async || depot.hub.shop.aws.pass(hours(6)).await;
    for disabled in [&works, &other] {
        set(&depot, disabled, KeyState::Disabled);
        let found = with_keys(&depot, Some(&[&works, &other])).await;
        assert!(
            found[0].contains(&format!("as its key {disabled} is disabled")),
            "{found:?}"
        );
        set(&depot, disabled, KeyState::Enabled);
        later().await;
        depot.observe().await;
    }
    let found = with_keys(&depot, None).await;
    assert!(
        found[0].contains("unverified, as its keys are looked at by the next sweep"),
        "{found:?}"
    );
    assert_eq!(says(&depot, MEMBER, VIRGINIA).await, None);
    later().await;
    depot.observe().await;
    assert_eq!(with_keys(&depot, Some(&[&works, &other])).await, [""; 0]);
    depot.hub.shop.aws.pass(minutes(5)).await;
    assert!(says(&depot, MEMBER, VIRGINIA).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn while_nobody_can_ask_for_a_key_it_is_unverified_and_then_it_is_not() {
    let (depot, key) = unpublished(&[MEMBER], "").await;
    let plane = &depot.hub.shop.aws.plane;
    let broken = Fault::new(Effect::ServerError(500)).on("DescribeKey").account(MEMBER);
    plane.with(|world| world.inject(broken.always()));
    depot.hub.want(&published()).await;
    depot.dispatch().await.unwrap();
    let found = with_keys(&depot, Some(&[&key])).await;
    let said = format!("is unverified, as nobody could look at its key {key}, ");
    assert!(found[0].contains(&said), "{found:?}");
    plane.with(image_plane::World::clear_faults);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.observe().await;
    assert_eq!(says(&depot, MEMBER, VIRGINIA).await, None);
    assert_eq!(with_keys(&depot, Some(&[&key])).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_keys_of_a_release_that_could_not_be_looked_at_are_those_that_it_had() {
    let (depot, _) = unpublished(&[MEMBER], "").await;
    let (_, before) = stood(&depot).await;
    let denied = Fault::new(Effect::Deny).on("DescribeImageAttribute").always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    let (_, after) = stood(&depot).await;
    assert_eq!(after.says.as_str(), "not looked at");
    assert!(before.keys.as_ref().is_some_and(|keys| keys.len() == 1));
    assert_eq!(after.keys, before.keys);
}

//! Accounts that are closed, suspended, or not in the organization any more, and what is left of targets that nobody reaches.

use image_plane::{AccountId, Effect, Fault, Settings, World};
use record_lineage::{Gathered, gather_evidence};
use serde_json::json;
use stage::aws::{MEMBER, hours, minutes, share};
use stage::member::{LET_IN, LOOK_ROLE};
use steward::evidence::Source;

use super::{gather, gather_again, run_one, uses, ways};
use crate::distribution::Depot;
use crate::distribution::sharing::{found, shut};
use crate::hub::Hub;

const TO_THE_MEMBER: &str = "{ share_with: { accounts: [\"222233334444\"] } }";

/// A member that uses a release's image, in an organization that the hub can read; the hub has looked at it.
async fn in_use(distribute: &str) -> Depot {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    let hub = &depot.hub;
    hub.want(distribute).await;
    depot.dispatch().await.unwrap();
    share(&hub.shop.aws.hub(), &depot.built, MEMBER).await;
    hub.admit_to_look(MEMBER);
    let instance = run_one(hub, MEMBER, &depot.built).await;
    assert_eq!(gather(hub).await.unwrap().targets, 2);
    assert_eq!(
        ways(hub, &depot.built).await,
        [format!("instance {instance} (running)")]
    );
    depot
}

/// The same, where the member owns an image of ours beside.
async fn owning(distribute: &str) -> Depot {
    let depot = in_use(distribute).await;
    depot.hub.retired(MEMBER, 1).await;
    depot
}

/// Lets something become of the member's account, and nobody in any more.
fn end(depot: &Depot, end: fn(&mut World)) {
    let plane = &depot.hub.shop.aws.plane;
    let role = format!("arn:aws:iam::{MEMBER}:role/{LOOK_ROLE}");
    plane.with(|world| {
        end(world);
        world.delete_role(&role).unwrap();
    });
}

fn close(world: &mut World) {
    world.close_account(MEMBER).unwrap();
}

fn suspend(world: &mut World) {
    world.suspend_account(MEMBER).unwrap();
}

fn remove(world: &mut World) {
    world.remove_account(MEMBER).unwrap();
}

/// What comes of it once the organization was read again.
async fn next(depot: &Depot) -> Gathered {
    depot.hub.shop.aws.pass(minutes(40)).await;
    depot.dispatch().await.unwrap();
    gather(&depot.hub).await.unwrap()
}

/// What the table has of a target's evidence beside its runs.
fn kept(hub: &Hub, account: AccountId) -> Vec<String> {
    let of = format!("{account}#eu-west-1");
    let items = hub.items().into_keys();
    let evidence = items.filter(|(pk, sk)| match pk.as_str() {
        "EVIDENCE" => *sk == of,
        pk if pk.starts_with("AMI#") => sk.starts_with("U#") && sk.ends_with(&of),
        pk if *pk == format!("T#{of}") => !sk.starts_with("SRC#") && !sk.starts_with("P#") && sk != "COMPARED",
        _ => false,
    });
    evidence.map(|(pk, sk)| format!("{pk} {sk}")).collect()
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_closed_or_suspended_is_asked_no_more_nor_asked_about_and_what_it_used_is_forgotten() {
    for what in [close as fn(&mut World), suspend] {
        for depot in [in_use(TO_THE_MEMBER).await, owning(TO_THE_MEMBER).await] {
            end(&depot, what);
            // It works until it is closed.
            depot.hub.shop.aws.pass(hours(1)).await;
            assert!(!kept(&depot.hub, MEMBER).is_empty());
            for sweep in 0..5 {
                let done = next(&depot).await;
                let expected = Gathered {
                    targets: 1,
                    changed: done.changed,
                    dropped: usize::from(sweep == 0),
                    ..Gathered::default()
                };
                assert_eq!(done, expected);
            }
            assert_eq!(kept(&depot.hub, MEMBER), [""; 0]);
            assert!(uses(&depot.hub, &depot.built).await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_reinstated_is_asked_again_at_once() {
    let depot = in_use(TO_THE_MEMBER).await;
    end(&depot, suspend);
    assert_eq!(next(&depot).await.targets, 1);
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.reinstate_account(MEMBER)).unwrap();
    depot.hub.admit_to_look(MEMBER);
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.dispatch().await.unwrap();
    assert_eq!(gather(&depot.hub).await.unwrap().targets, 1);
    assert_eq!(ways(&depot.hub, &depot.built).await.len(), 1);
    assert_eq!(next(&depot).await.targets, 2);
}

#[tokio::test(start_paused = true)]
async fn a_closed_account_stays_out_when_the_organization_lists_it_no_more_or_cannot_be_read() {
    let depot = owning(TO_THE_MEMBER).await;
    end(&depot, close);
    depot.hub.shop.aws.pass(hours(1)).await;
    next(&depot).await;
    shut(&depot);
    let unread = next(&depot).await;
    assert_eq!((unread.targets, unread.unreachable.len()), (1, 0));
    found_again(&depot);
    depot.hub.shop.aws.pass(hours(24 * 100)).await;
    let unlisted = next(&depot).await;
    assert_eq!((unlisted.targets, unlisted.unreachable.len()), (1, 0));
}

fn found_again(depot: &Depot) {
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.delegate_organization(LET_IN)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_owner_that_left_the_organization_need_not_let_anybody_look_and_reports_tell_of_it() {
    let depot = owning(TO_THE_MEMBER).await;
    end(&depot, remove);
    let done = next(&depot).await;
    assert_eq!(
        (done.targets, done.unreachable),
        (2, vec![format!("{MEMBER}/eu-west-1")])
    );
    // What it used is not forgotten: it may launch what it likes.
    assert_eq!(ways(&depot.hub, &depot.built).await.len(), 1);
    depot.hub.shop.aws.pass(hours(24)).await;
    assert_eq!(next(&depot).await.asked.len(), 1);
    // While it lets the hub look all the same, it is looked at.
    depot.hub.admit_to_look(MEMBER);
    let done = next(&depot).await;
    assert_eq!((done.targets, done.unreachable.len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn an_owner_that_is_closed_when_no_manifest_names_anybody_any_more_fails_nothing_either() {
    let depot = owning(TO_THE_MEMBER).await;
    depot.hub.want("{}").await;
    assert_eq!(next(&depot).await.targets, 2);
    end(&depot, close);
    depot.hub.shop.aws.pass(hours(1)).await;
    let done = next(&depot).await;
    assert_eq!((done.targets, done.dropped), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_was_never_read_is_forgotten_ninety_days_after_it_left() {
    let (hub, _) = super::shared().await;
    let never = gather(&hub).await.unwrap();
    assert_eq!(never.unreachable, [format!("{MEMBER}/eu-west-1")]);
    hub.want("{}").await;
    gather_again(&hub).await.unwrap();
    hub.shop.aws.pass(hours(24 * 89)).await;
    let done = gather(&hub).await.unwrap();
    assert_eq!((done.targets, done.dropped), (2, 0));
    hub.shop.aws.pass(hours(24)).await;
    let done = gather(&hub).await.unwrap();
    assert_eq!((done.targets, done.dropped), (1, 1));
    assert_eq!(kept(&hub, MEMBER), [""; 0]);
    // And it stays at that.
    let done = gather_again(&hub).await.unwrap();
    assert_eq!((done.targets, done.dropped), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_of_a_target_stays_while_it_is_reached_and_goes_whole_wherever_a_run_is_cut_off() {
    for skip in 0.. {
        let (hub, ami) = super::shared().await;
        hub.admit_to_look(MEMBER);
        let ssm = hub.shop.aws.ssm(MEMBER, stage::aws::IRELAND);
        for (name, value) in [("/golden/web", ami.as_str()), ("/other", "nothing")] {
            let put = ssm.put_parameter().name(name).value(value);
            put.r#type(aws_sdk_ssm::types::ParameterType::String)
                .send()
                .await
                .unwrap();
        }
        gather(&hub).await.unwrap();
        hub.want("{}").await;
        gather_again(&hub).await.unwrap();
        ssm.delete_parameter().name("/golden/web").send().await.unwrap();
        for _ in 0..3 {
            hub.shop.aws.pass(hours(7)).await;
            drop(gather(&hub).await);
        }
        assert!(!kept(&hub, MEMBER).is_empty());
        hub.shop.aws.pass(hours(24 * 90)).await;
        let (room, process) = hub.room();
        // Of the run that takes it away, what comes after the hub was read.
        let crash = Fault::new(Effect::CrashAfter).on("DeleteItem").after(skip);
        hub.shop.aws.plane.with_tables(|tables| tables.inject(crash));
        let event = json!({ "wake": "sweep" });
        let doomed = async { gather_evidence(&room, &event, "doomed", hub.moment()).await };
        if process.run(Box::pin(doomed)).await.is_ok() {
            assert!(skip > 2, "{skip}");
            assert_eq!(kept(&hub, MEMBER), [""; 0]);
            break;
        }
        hub.shop.aws.pass(minutes(20)).await;
        gather(&hub).await.unwrap();
        assert_eq!(kept(&hub, MEMBER), [""; 0], "cut off after {skip}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_usual_in_a_target_stays_known_when_all_else_of_it_is_forgotten() {
    let depot = in_use(TO_THE_MEMBER).await;
    end(&depot, suspend);
    assert_eq!(next(&depot).await.dropped, 1);
    let member = format!("{MEMBER}/eu-west-1").parse().unwrap();
    let runs = depot.hub.record().runs(member, depot.hub.moment().now).await.unwrap();
    assert!(runs.iter().any(|run| run.source == Source::Instances));
}

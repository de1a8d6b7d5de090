//! The record: whatever becomes of the events, it ends up saying what AWS says.

use image_plane::{BuildStage, Effect, FailureCause, Fault, RegionFailure, RegionFailureStatus, Service, Settings};
use serde_json::{Value, json};
use stage::aws::{IRELAND, MEMBER, VIRGINIA, describe, hours, minutes};
use stage::shop::{AL2023, amis, distribution};
use steward::CanonicalName;

use crate::crash::Crash;
use crate::hub::Hub;

const BUILD: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/1";

/// A hub whose pipeline distributes to two Regions.
async fn hub() -> Hub {
    Hub::new(Settings::calm(), vec![distribution(IRELAND), distribution(VIRGINIA)]).await
}

/// A hub whose pipeline gives a member a copy of its own.
pub(crate) async fn hub_with_a_member() -> Hub {
    use aws_sdk_imagebuilder::types::{AmiDistributionConfiguration, Distribution};
    let copies = AmiDistributionConfiguration::builder()
        .name("web-{{ imagebuilder:buildDate }}")
        .ami_tags("image-steward:family", "web")
        .target_account_ids(MEMBER.to_string());
    let there = Distribution::builder()
        .region(VIRGINIA)
        .ami_distribution_configuration(copies.build());
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND), there.build().unwrap()]).await;
    hub.shop.aws.plane.with(|world| world.allow_distribution(MEMBER));
    hub
}

fn meta(hub: &Hub) -> Value {
    let items = hub.items();
    let mut metas = items
        .into_iter()
        .filter(|((_, sk), item)| sk == "META" && item["kind"]["S"] == "built");
    let (_, meta) = metas.next().unwrap();
    assert!(metas.next().is_none());
    meta
}

fn placements(hub: &Hub) -> Vec<Value> {
    let items = hub.items().into_iter();
    items
        .filter(|((pk, sk), _)| pk.starts_with("R#") && sk.starts_with("P#"))
        .map(|(_, item)| item)
        .collect()
}

async fn wake_with_all(hub: &Hub, events: &[Value]) {
    for event in events {
        hub.wake(event).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_is_told_once_when_all_of_it_is_recorded() {
    let hub = hub().await;
    hub.shop.built().await;
    hub.sweep().await;
    let told = hub.told();
    assert_eq!(told.len(), 1, "{told:?}");
    let (kind, detail) = &told[0];
    assert_eq!(kind, "release recorded");
    assert_eq!(
        (&detail["name"], &detail["state"]),
        (&json!(BUILD), &json!("AVAILABLE"))
    );
    hub.sweep().await;
    assert!(hub.told().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_release_that_nobody_could_be_told_of_is_recorded_all_the_same() {
    let hub = hub().await;
    hub.shop.built().await;
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.inject(Fault::new(Effect::Deny).on("PutEvents").always()));
    assert_eq!(hub.sweep().await.releases, 1);
    assert_eq!(placements(&hub).len(), 2);
    assert!(hub.told().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_build_that_is_heard_of_becomes_a_release_with_its_placements() {
    let hub = hub().await;
    let build = hub.shop.built().await;
    assert_eq!(build, BUILD);
    wake_with_all(&hub, &hub.events()).await;
    let meta = meta(&hub);
    assert_eq!(meta["name"]["S"], BUILD);
    assert_eq!(meta["state"]["S"], "AVAILABLE");
    assert_eq!(meta["placed"]["BOOL"], true);
    assert_eq!(meta["family"]["S"], "web");
    assert_eq!(meta["architecture"]["S"], "x86_64");
    assert_eq!(placements(&hub).len(), 2);
    let image = hub.shop.image(&build).await;
    for (region, ami) in amis(&image) {
        let look_up = &hub.items()[&(format!("AMI#{ami}"), region.clone())];
        assert_eq!(
            look_up["release"]["S"].as_str().unwrap(),
            meta["pk"]["S"].as_str().unwrap().trim_start_matches("R#")
        );
        assert!(
            hub.items()
                .contains_key(&(format!("T#111122223333#{region}"), format!("P#{ami}")))
        );
    }
    let family = (
        "F#web".to_owned(),
        "V#x86_64#0000000001.0000000004.0000000002#0000000001".to_owned(),
    );
    assert!(hub.items().contains_key(&family), "{:#?}", hub.items().keys());
}

#[tokio::test(start_paused = true)]
async fn events_that_come_late_and_backwards_leave_the_release_available_and_the_journal_whole() {
    let hub = hub().await;
    hub.shop.built().await;
    let mut events = hub.events();
    let mut told: Vec<(String, String)> = events
        .iter()
        .map(|event| {
            let state = event["detail"]["state"]["status"]
                .as_str()
                .or(event["detail"]["State"].as_str());
            let at = event["time"].as_str().unwrap().replace('Z', ".000Z");
            (at, state.unwrap().to_owned())
        })
        .collect();
    events.reverse();
    wake_with_all(&hub, &events).await;
    assert_eq!(meta(&hub)["state"]["S"], "AVAILABLE");
    let mut journal = hub.journal();
    told.sort_unstable();
    journal.sort_unstable();
    assert_eq!(journal, told);
}

#[tokio::test(start_paused = true)]
async fn with_every_event_lost_one_sweep_finds_it_all_and_a_second_writes_nothing() {
    let told = hub().await;
    told.shop.built().await;
    wake_with_all(&told, &told.events()).await;

    let deaf = hub().await;
    deaf.shop.built().await;
    deaf.forget_events();
    let outcome = deaf.sweep().await;
    assert_eq!((outcome.releases, outcome.placements, outcome.unplaced), (1, 2, vec![]));
    assert_eq!(deaf.essence(), told.essence());

    let before = deaf.writes();
    let again = deaf.sweep().await;
    assert_eq!((again.looked_at, deaf.writes() - before), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_same_event_again_costs_one_rejected_write() {
    let hub = hub().await;
    hub.shop.built().await;
    let events = hub.events();
    wake_with_all(&hub, &events).await;
    let (items, changes, asked) = (hub.items(), hub.writes(), hub.asked_to_write());
    hub.wake(events.last().unwrap()).await.unwrap();
    assert_eq!((hub.writes() - changes, hub.asked_to_write() - asked), (0, 1));
    assert_eq!(hub.items(), items);
}

#[tokio::test(start_paused = true)]
async fn a_failed_build_is_recorded_with_its_reason() {
    let hub = hub().await;
    let step = FailureCause::Component {
        component_arn: None,
        phase: String::from("build"),
        step: String::from("install"),
        action: String::from("ExecuteBash"),
        message: String::from("exit status 1\u{1b}[2J"),
    };
    hub.shop.fail_next(BuildStage::Building, step);
    hub.shop.build().await;
    hub.shop.aws.pass(hours(2)).await;
    wake_with_all(&hub, &hub.events()).await;
    let meta = meta(&hub);
    assert_eq!(meta["state"]["S"], "FAILED");
    assert!(
        meta["reason"]["S"].as_str().unwrap().contains("failed with reason"),
        "{meta}"
    );
    assert_eq!(placements(&hub), Vec::<Value>::new());
    let failure = failure(&hub).await;
    assert_eq!(failure[0], "during BUILDING, in step ApplyBuildComponents");
    assert!(
        failure[1].ends_with(", phase build, step install, action ExecuteBash: exit status 1 [2J"),
        "{failure:?}"
    );
    // It is found by its name and in its family's history, and is none of its releases.
    let explained = hub.says(&["explain", "web/1.4.2/1"]).await;
    assert!(explained.starts_with("web/1.4.2/1  FAILED\n"), "{explained}");
    let history = hub.says(&["history", "web"]).await;
    assert!(
        history.contains(&format!("started {BUILD}, which is FAILED")),
        "{history}"
    );
    assert_eq!(hub.record().all_of(&"web".parse().unwrap()).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_is_under_way_is_found_by_its_name_and_said_to_be_building() {
    let hub = hub().await;
    hub.shop.build().await;
    hub.shop.aws.pass(minutes(5)).await;
    hub.sweep().await;
    let meta = meta(&hub);
    let (state, since) = (
        meta["state"]["S"].as_str().unwrap(),
        meta["created"]["S"].as_str().unwrap(),
    );
    assert!(!state.parse::<steward::BuildState>().unwrap().ended(), "{meta}");
    let explained = hub.says(&["explain", "web/1.4.2/1"]).await;
    assert!(explained.starts_with(&format!("web/1.4.2/1  {state}\n")), "{explained}");
    let building = format!("building since {since}, now {state}");
    let history = hub.says(&["history", "web"]).await;
    assert!(history.contains(&format!("started {BUILD}, {building}")), "{history}");
    let releases = hub.says(&["releases", "web"]).await;
    assert!(
        releases.contains(&format!("\nweb/1.4.2/1 is no release yet: {building}.")),
        "{releases}"
    );
    assert_eq!(hub.says(&["releases", "web", "--format", "json"]).await.trim(), "[]");
    hub.shop.aws.pass(hours(2)).await;
    wake_with_all(&hub, &hub.events()).await;
    let releases = hub.says(&["releases", "web"]).await;
    assert!(
        releases.contains("AVAILABLE") && !releases.contains("building since"),
        "{releases}"
    );
}

/// What the only release that failed tells of it, a line each.
async fn failure(hub: &Hub) -> Vec<String> {
    let name = meta(hub)["name"]["S"]
        .as_str()
        .unwrap()
        .parse::<CanonicalName>()
        .unwrap();
    let card = hub.record().card(name.id()).await.unwrap().unwrap();
    card.failure.unwrap().lines()
}

#[tokio::test(start_paused = true)]
async fn a_build_whose_distribution_failed_says_where_and_how() {
    let hub = hub_with_a_member().await;
    hub.admit(MEMBER);
    let there = RegionFailure {
        region: "us-east-1".parse().unwrap(),
        account: Some(MEMBER),
        status: RegionFailureStatus::TimedOut,
        step: None,
        message: String::from("the copy took too long"),
    };
    hub.shop
        .fail_next(BuildStage::Distributing, FailureCause::Regions(vec![there]));
    hub.shop.build().await;
    hub.shop.aws.pass(hours(3)).await;
    hub.sweep().await;
    assert_eq!(meta(&hub)["state"]["S"], "FAILED");
    let failure = failure(&hub).await;
    assert_eq!(
        failure.last().unwrap(),
        &format!("in us-east-1, account {MEMBER}, ended TIMED_OUT: the copy took too long")
    );
}

/// A build whose copy to the member in Virginia failed when Ireland was done.
async fn failed_in_virginia(hub: &Hub) {
    let there = RegionFailure {
        region: "us-east-1".parse().unwrap(),
        account: Some(MEMBER),
        status: RegionFailureStatus::Failed,
        step: None,
        message: String::from("no key"),
    };
    hub.shop
        .fail_next(BuildStage::Distributing, FailureCause::Regions(vec![there]));
    hub.shop.build().await;
    hub.shop.aws.pass(hours(3)).await;
    hub.forget_events();
}

#[tokio::test(start_paused = true)]
async fn the_images_that_a_failed_distribution_left_behind_are_placements_of_its_release() {
    let hub = hub_with_a_member().await;
    hub.admit(MEMBER);
    failed_in_virginia(&hub).await;
    assert_eq!(hub.sweep().await.placements, 1);
    let left = placements(&hub);
    assert_eq!(left.len(), 1);
    assert_eq!(
        (&left[0]["managed"]["BOOL"], &left[0]["state"]["S"]),
        (&json!(true), &json!("available"))
    );
    // EC2 may list an image late: one more look, and then never again.
    hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(hub.sweep().await.looked_at, 1);
    hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(hub.sweep().await.looked_at, 0);
    assert_eq!(placements(&hub).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_nobody_could_look_for_what_a_failed_build_left_is_said_and_looked_at_again() {
    let hub = hub_with_a_member().await;
    failed_in_virginia(&hub).await;
    for _ in 0..3 {
        let outcome = hub.sweep().await;
        assert_eq!(outcome.looked_at, 1);
        assert!(
            outcome.unplaced[0].contains(&MEMBER.to_string()),
            "{:?}",
            outcome.unplaced
        );
        hub.shop.aws.pass(minutes(5)).await;
    }
    hub.admit(MEMBER);
    hub.sweep().await;
    assert_eq!(hub.sweep().await.looked_at, 0);
}

/// The messages of Image Builder's topic, as SNS hands them to a function.
fn messages(hub: &Hub) -> Vec<Value> {
    let plane = &hub.shop.aws.plane;
    let deliveries = plane.with(image_plane::World::take_deliveries).into_iter();
    let message = |delivery: image_plane::Delivery| {
        let image_plane::Channel::Sns { topic } = &delivery.channel else {
            return None;
        };
        Some(json!({ "Records": [{ "EventSource": "aws:sns", "Sns": {
            "TopicArn": topic, "MessageId": "m-1", "Timestamp": delivery.at.to_string(), "Message": delivery.body,
        }}]}))
    };
    deliveries.filter_map(message).collect()
}

#[tokio::test(start_paused = true)]
async fn a_message_and_an_event_of_the_same_build_are_one_release() {
    let hub = hub().await;
    hub.shop.build().await;
    hub.shop.aws.pass(hours(2)).await;
    let messages = messages(&hub);
    assert_eq!(messages.len(), 1);
    assert_eq!(hub.wake(&messages[0]).await.unwrap().releases, 1);
    let event = json!({
        "version": "0", "id": "8290184d-af55-4eb1-b781-b4a074d6fcc6", "source": "aws.imagebuilder",
        "detail-type": "EC2 Image Builder Image State Change", "account": "111122223333", "region": "eu-west-1",
        "time": "2026-01-05T10:00:00Z", "resources": [BUILD], "detail": { "state": { "status": "AVAILABLE" } },
    });
    assert_eq!(hub.wake(&event).await.unwrap().releases, 0);
    assert_eq!(meta(&hub)["state"]["S"], "AVAILABLE");
    assert_eq!(hub.journal().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_was_copied_leads_to_the_image_that_was_copied_with_it() {
    let hub = hub().await;
    let build = hub.shop.built().await;
    hub.sweep().await;
    let ami = amis(&hub.shop.image(&build).await)[0].1.clone();
    let there = hub.shop.aws.ec2(stage::aws::HUB, VIRGINIA);
    let copy = there
        .copy_image()
        .name("by hand")
        .source_image_id(&ami)
        .source_region(IRELAND);
    let copy = copy.send().await.unwrap().image_id.unwrap();
    hub.shop.aws.pass(hours(3)).await;
    let of_snapshots = hub.snapshot_events();
    let (before, event) = (placements(&hub).len(), of_snapshots.last().unwrap());
    assert_eq!(hub.wake(event).await.unwrap().placements, 1);
    assert_eq!(placements(&hub).len(), before + 1);
    let placed = hub
        .items()
        .into_keys()
        .any(|(pk, sk)| pk.starts_with("R#") && sk.ends_with(&copy));
    assert!(placed);
}

#[tokio::test(start_paused = true)]
async fn a_build_under_way_is_a_release_that_climbs() {
    let hub = hub().await;
    hub.shop.build().await;
    hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(hub.sweep().await.releases, 1);
    let state = |hub: &Hub| meta(hub)["state"]["S"].as_str().unwrap().to_owned();
    assert_eq!(state(&hub), "BUILDING");
    hub.shop.aws.pass(hours(2)).await;
    hub.sweep().await;
    assert_eq!(state(&hub), "AVAILABLE");
}

#[tokio::test(start_paused = true)]
async fn a_members_copy_is_looked_at_with_the_members_own_role() {
    let hub = hub_with_a_member().await;
    hub.admit(MEMBER);
    hub.shop.built().await;
    let outcome = hub.sweep().await;
    assert_eq!((outcome.placements, &outcome.unplaced[..]), (2, &[][..]), "{outcome:?}");
    let theirs = hub.items().into_keys().any(|(pk, _)| pk == "T#222233334444#us-east-1");
    assert!(theirs);
}

#[tokio::test(start_paused = true)]
async fn without_the_members_role_its_copy_stays_open_until_there_is_one() {
    let hub = hub_with_a_member().await;
    hub.shop.built().await;
    let outcome = hub.sweep().await;
    assert_eq!((outcome.releases, outcome.placements), (1, 1));
    let [unplaced] = outcome.unplaced.as_slice() else {
        panic!("{outcome:?}")
    };
    assert!(
        unplaced.contains("in 222233334444/us-east-1: failed to look at"),
        "{unplaced}"
    );
    assert_eq!(meta(&hub)["placed"]["BOOL"], false);
    hub.admit(MEMBER);
    hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(hub.sweep().await.placements, 1);
    assert_eq!(meta(&hub)["placed"]["BOOL"], true);
}

#[tokio::test(start_paused = true)]
async fn an_image_event_in_a_member_account_updates_its_placement() {
    let hub = hub_with_a_member().await;
    hub.admit(MEMBER);
    let build = hub.shop.built().await;
    hub.sweep().await;
    hub.forget_events();
    let image = hub.shop.image(&build).await;
    let theirs = amis(&image)
        .into_iter()
        .find(|(region, _)| region == VIRGINIA)
        .unwrap()
        .1;
    let member = hub.shop.aws.ec2(MEMBER, VIRGINIA);
    assert_eq!(describe(&member, &theirs).await.owner_id(), Some("222233334444"));
    hub.shop.aws.pass(minutes(1)).await;
    member.disable_image().image_id(&theirs).send().await.unwrap();
    let events = hub.events();
    assert_eq!(events.len(), 1);
    wake_with_all(&hub, &events).await;
    let states = || -> Vec<String> {
        let placements = placements(&hub).into_iter();
        let state = |placement: Value| placement["state"]["S"].as_str().unwrap().to_owned();
        placements.map(state).collect()
    };
    // One look is no fact.
    assert_eq!(states(), ["available", "available"]);
    assert_eq!(hub.journal().last().unwrap().1, "disabled");
    hub.shop.aws.pass(minutes(5)).await;
    hub.sweep().await;
    assert_eq!(states(), ["available", "disabled"]);
    assert_eq!(
        hub.journal().last().unwrap().1,
        format!("inferred: {theirs} is disabled, was available")
    );
}

#[tokio::test(start_paused = true)]
async fn an_older_look_that_comes_late_does_not_take_back_a_placement() {
    let hub = hub().await;
    let build = hub.shop.built().await;
    hub.sweep().await;
    hub.forget_events();
    let ami = amis(&hub.shop.image(&build).await)[0].1.clone();
    hub.shop.aws.pass(minutes(1)).await;
    hub.shop.aws.hub().disable_image().image_id(&ami).send().await.unwrap();
    wake_with_all(&hub, &hub.events()).await;
    // An environment that was frozen for a minute: it looked before, and writes now.
    let early = hub.items();
    let release = meta(&hub)["pk"]["S"]
        .as_str()
        .unwrap()
        .trim_start_matches("R#")
        .to_owned();
    let old = steward::Placement {
        release: release.parse().unwrap(),
        target: "111122223333/eu-west-1".parse().unwrap(),
        ami: ami.parse().unwrap(),
        managed: true,
        state: steward::AmiState::Available,
        name: String::from("web"),
        created: None,
        snapshots: std::collections::BTreeSet::new(),
        size: 8,
        watermarks: std::collections::BTreeSet::new(),
        seen: "2026-01-05T08:00:00Z".parse().unwrap(),
    };
    assert!(!hub.record().place(&old).await.unwrap());
    assert_eq!(hub.items(), early);
}

#[tokio::test(start_paused = true)]
async fn an_image_in_a_member_account_that_is_none_of_ours_is_left_alone() {
    let hub = hub().await;
    hub.admit(MEMBER);
    let other = hub.shop.aws.image(MEMBER, IRELAND, "their own");
    hub.shop
        .aws
        .ec2(MEMBER, IRELAND)
        .disable_image()
        .image_id(&other)
        .send()
        .await
        .unwrap();
    let events = hub.events();
    assert_eq!(events.len(), 1);
    let not_ours = hub.wake(&events[0]).await.unwrap().not_ours.unwrap();
    assert_eq!(
        not_ours,
        format!("{other} in 222233334444/eu-west-1 comes from no release we know")
    );
    assert_eq!(hub.writes(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_is_healed_by_the_next_sweep() {
    let whole = hub().await;
    whole.shop.built().await;
    whole.sweep().await;
    let expected = whole.essence();
    let mut crashes = 0;
    for kind in Crash::KINDS {
        for skip in 0..80 {
            let hub = hub().await;
            hub.shop.built().await;
            let event = hub
                .events()
                .into_iter()
                .rfind(|event| event["source"] == "aws.imagebuilder")
                .unwrap();
            let crash = kind.at(skip);
            crash.strike(&hub.shop.aws.plane);
            let Err(_crashed) = hub.wake_or_crash(&event).await else {
                break;
            };
            crashes += 1;
            hub.shop.aws.pass(minutes(5)).await;
            hub.sweep().await;
            assert_eq!(hub.essence(), expected, "{crash}");
        }
    }
    // One look makes four calls, and some twenty of the table.
    assert!(crashes > 44, "{crashes}");
}

#[tokio::test(start_paused = true)]
async fn image_builders_own_word_for_throttling_is_waited_out() {
    let hub = hub().await;
    hub.shop.built().await;
    let throttle = Fault::new(Effect::Throttle).service(Service::ImageBuilder).times(4);
    hub.shop.aws.plane.with(|world| world.inject(throttle));
    assert_eq!(hub.sweep().await.releases, 1);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_cannot_be_read_hides_no_other() {
    let hub = hub().await;
    hub.shop.built().await;
    hub.shop.built().await;
    hub.shop
        .aws
        .plane
        .with(|world| world.inject(Fault::new(Effect::Deny).on("GetImage")));
    // The other is recorded, and the sweep has failed all the same: somebody must be told.
    let failure = hub.wake(&json!({ "wake": "sweep" })).await.unwrap_err();
    let failure = format!("{failure:?}");
    assert!(
        failure.contains("1 could not be looked at; the first: failed to read the build arn:aws:imagebuilder"),
        "{failure}"
    );
    let items = hub.items();
    let releases = items.values().filter(|item| item["kind"]["S"] == "built").count();
    assert_eq!(releases, 1);
    assert_eq!(hub.sweep().await.releases, 1);
}

#[tokio::test(start_paused = true)]
async fn a_way_up_that_cannot_be_read_holds_up_nothing_else_of_its_build() {
    let hub = hub().await;
    let build = hub.shop.built().await;
    let release = CanonicalName::Build(build.parse().unwrap()).id();
    let denied = Fault::new(Effect::Deny).on("GetImageAncestry");
    hub.shop.aws.plane.with(|world| world.inject(denied));
    let failure = format!("{:?}", hub.wake(&json!({ "wake": "sweep" })).await.unwrap_err());
    assert!(failure.contains("1 could not be looked at"), "{failure}");
    let known = async || hub.record().known(release).await.unwrap().unwrap();
    let so_far = known().await;
    assert_eq!((so_far.detailed, so_far.linked), (true, false));
    hub.sweep().await;
    assert!(known().await.linked);
}

#[tokio::test(start_paused = true)]
async fn an_image_event_that_cannot_be_followed_fails_and_is_not_taken_for_done() {
    let hub = hub_with_a_member().await;
    hub.admit(MEMBER);
    hub.shop.built().await;
    hub.sweep().await;
    let copy = placements(&hub)
        .into_iter()
        .find(|item| item["sk"]["S"].as_str().unwrap().contains(&MEMBER.to_string()));
    let sk = copy.unwrap()["sk"]["S"].as_str().unwrap().to_owned();
    let ami = sk.rsplit('#').next().unwrap().to_owned();
    hub.forget_events();
    let theirs = hub.shop.aws.ec2(MEMBER, VIRGINIA);
    theirs.disable_image().image_id(&ami).send().await.unwrap();
    let event = hub.events().into_iter().next_back().unwrap();
    hub.shop
        .aws
        .plane
        .with(|world| world.inject(Fault::new(Effect::Deny).on("DescribeImages")));
    let failure = hub.wake(&event).await.unwrap_err();
    assert!(
        format!("{failure:?}").contains(&format!("failed to look at {ami}")),
        "{failure:?}"
    );
    // Lambda wakes it again with the same event, a minute later.
    hub.shop.aws.pass(minutes(1)).await;
    hub.wake(&event).await.unwrap();
    let seen = placements(&hub)
        .into_iter()
        .find(|item| item["sk"]["S"] == sk.as_str())
        .unwrap();
    assert_eq!(seen["doubt"]["S"], "disabled");
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_runs_out_of_time_says_so_and_the_next_goes_on() {
    let hub = hub().await;
    hub.shop.built().await;
    let (room, _) = hub.room();
    let mut moment = hub.moment();
    moment.deadline = steward_lambda::Deadline::after(std::time::Duration::from_secs(10));
    let outcome = record_lineage::handle(&room, &json!({ "wake": "sweep" }), moment)
        .await
        .unwrap();
    assert!(outcome.unfinished);
    assert_eq!(hub.sweep().await.releases, 1);
}

#[tokio::test(start_paused = true)]
async fn sweeps_without_time_for_all_builds_go_round_and_list_them_to_the_end() {
    const VERSIONS: usize = 8;
    let hub = hub().await;
    for number in 0..VERSIONS {
        let pipeline = hub.shop.family(&format!("family-{number}"), AL2023).await;
        hub.shop.built_by(&pipeline).await;
    }
    let listed = || {
        hub.shop
            .aws
            .plane
            .with(|world| world.ledger().of("ListImageBuildVersions").all())
    };
    let (mut sweeps, mut releases) = (0, 0);
    loop {
        let (room, _) = hub.room();
        let mut moment = hub.moment();
        // The pace of reading lets a few looks through before it is not left any more.
        moment.deadline = steward_lambda::Deadline::after(std::time::Duration::from_millis(40_300));
        let outcome = record_lineage::handle(&room, &json!({ "wake": "sweep" }), moment).await;
        let outcome = outcome.unwrap();
        (sweeps, releases) = (sweeps + 1, releases + outcome.releases);
        if !outcome.unfinished {
            break;
        }
    }
    assert_eq!(releases, VERSIONS);
    assert!(sweeps > 2, "{sweeps}");
    // One version is listed again where a sweep stopped in it.
    let at_most = u64::try_from(VERSIONS + sweeps).unwrap();
    assert!(listed() < at_most, "{} times in {sweeps} sweeps", listed());
    let items = hub.items();
    let whole = items.iter().find(|((_, sk), _)| sk == "LISTED#builds#0000").unwrap();
    assert_eq!(whole.1["ids"]["L"].as_array().unwrap().len(), VERSIONS);
    assert!(!items.keys().any(|(_, sk)| sk == "ROUND"), "the next round begins");
}

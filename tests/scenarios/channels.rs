//! Channels: moved once a release is where it must be, by a rule or by a person, and never to what nobody should use.

mod asking;
mod left;
mod locked;
mod many;
mod publishing;
mod restoring;
mod templates;
mod trimming;

use image_plane::{Effect, Fault, Settings};
use serde_json::Value;
use stage::aws::{HUB, hours, minutes};
use steward::channels::{ChannelHeld, Moved, Mover};
use steward::{ChannelName, FamilyName};
use steward_cli::Spoken;

use crate::crash::Crash;
use crate::distribution::Depot;

pub(crate) const TWO_CHANNELS: &str =
    "\nchannels: { candidate: { from: release }, stable: { from: candidate, after: 24h } }";
pub(crate) const BY_HAND: &str = "\nchannels: { candidate: { from: release }, stable: { by: hand } }";

pub(crate) fn web() -> FamilyName {
    "web".parse().unwrap()
}

/// A family with these channels, in a second Region, after so many rounds.
async fn started(channels: &str, rounds: usize) -> Depot {
    let depot = Depot::new(Settings::calm()).await;
    depot
        .hub
        .want(&format!("{{ regions: {{ us-east-1: {{}} }} }}{channels}"))
        .await;
    depot.rounds(rounds).await;
    depot
}

impl Depot {
    /// So many sweeps, five minutes apart, and all the work that they send.
    pub(crate) async fn rounds(&self, count: usize) {
        for _ in 0..count {
            self.hub.shop.aws.pass(minutes(5)).await;
            self.hub.sweep().await;
            self.round().await;
        }
    }

    /// Builds the next release, and lets it come to where it must be.
    pub(crate) async fn next_release(&self) -> String {
        let build = self.hub.shop.built().await;
        self.rounds(8).await;
        build.parse::<steward::CanonicalName>().unwrap().id().to_string()
    }

    /// Every move of a channel.
    pub(crate) async fn moves(&self, channel: &str) -> Vec<Moved> {
        let channel: ChannelName = channel.parse().unwrap();
        self.hub.record().moves_of(&web(), &channel).await.unwrap()
    }

    /// The release that a channel points to, where it points to one.
    pub(crate) async fn points_to(&self, channel: &str) -> Option<String> {
        let channels = self.hub.record().channels(&web()).await.unwrap();
        let held = channels.get(&channel.parse().unwrap());
        let now = held.and_then(ChannelHeld::now)?;
        let [release] = now.to.values().copied().collect::<Vec<_>>()[..] else {
            panic!("{now:?}")
        };
        Some(release.to_string())
    }

    /// What was told of channels and of what became usable: kind, and channel or version.
    fn told(&self) -> Vec<(String, String)> {
        let told = self.hub.told().into_iter();
        let of = |detail: &Value| {
            detail["channel"]
                .as_str()
                .or(detail["version"].as_str())
                .map(str::to_owned)
        };
        told.filter_map(|(kind, detail)| Some((kind, of(&detail)?))).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_moves_once_the_release_is_everywhere_it_must_be_and_the_next_after_its_time_there() {
    let depot = started(TWO_CHANNELS, 1).await;
    assert_eq!(depot.points_to("candidate").await, None);
    depot.rounds(8).await;
    let release = depot.release().await;
    assert_eq!(depot.points_to("candidate").await.as_ref(), Some(&release));
    assert_eq!(depot.points_to("stable").await, None);
    let told = depot.told();
    let once = |kind: &str, of: &str| told.iter().filter(|(k, o)| k == kind && o == of).count();
    assert_eq!(once("release usable", "1.4.2/1"), 1, "{told:?}");
    assert_eq!(once("channel moved", "candidate"), 1);
    depot.hub.shop.aws.pass(hours(23)).await;
    depot.rounds(1).await;
    assert_eq!(depot.points_to("stable").await, None);
    depot.hub.shop.aws.pass(hours(1)).await;
    depot.rounds(1).await;
    assert_eq!(depot.points_to("stable").await, Some(release));
    let [only] = depot.moves("stable").await.try_into().unwrap();
    assert_eq!((only.number, only.by, only.backward), (1, Mover::Itself, false));
}

#[tokio::test(start_paused = true)]
async fn no_channel_moves_while_a_required_region_fails_and_one_that_is_not_required_holds_up_nothing() {
    for (required, moves) in [("", false), ("required: false", true)] {
        let depot = Depot::new(Settings::calm()).await;
        let fault = Fault::new(Effect::Deny).on("CopyImage").times(1_000);
        depot.hub.shop.aws.plane.with(|world| world.inject(fault));
        let wanted = format!("{{ regions: {{ us-east-1: {{ {required} }} }} }}{TWO_CHANNELS}");
        depot.hub.want(&wanted).await;
        depot.rounds(6).await;
        assert_eq!(depot.points_to("candidate").await.is_some(), moves, "{required}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_not_enabled_is_named_and_holds_up_a_channel_only_where_it_is_required() {
    for (required, moves) in [("", false), ("required: false", true)] {
        let depot = Depot::new(Settings::calm()).await;
        let wanted = format!("{{ regions: {{ us-east-1: {{}}, me-south-1: {{ {required} }} }} }}{TWO_CHANNELS}");
        depot.hub.want(&wanted).await;
        depot.rounds(6).await;
        assert_eq!(depot.points_to("candidate").await.is_some(), moves, "{required}");
        let findings = depot.findings("me-south-1").await;
        assert!(
            findings
                .iter()
                .any(|finding| finding.contains("me-south-1 is not enabled")),
            "{findings:?}"
        );
        assert_eq!(depot.copies().await[stage::aws::VIRGINIA].len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_change_a_channel_stays_without_a_write_and_a_newer_release_moves_it_on() {
    let depot = started(TWO_CHANNELS, 10).await;
    depot.rounds(3).await;
    assert_eq!(depot.moves("candidate").await.len(), 1);
    let second = depot.next_release().await;
    assert_eq!(depot.points_to("candidate").await, Some(second));
    assert_eq!(depot.moves("candidate").await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_release_leaves_its_channels_for_the_newest_good_one_or_they_hold_and_say_so() {
    let depot = started(TWO_CHANNELS, 10).await;
    let first = depot.release().await;
    depot.next_release().await;
    let revoke = async |release: &str| {
        let said = depot
            .hub
            .says(&["revoke", release, "--because", "a bad key", "--yes"])
            .await;
        assert!(said.starts_with("Revoked"), "{said}");
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await
    };
    let after = revoke("web/1.4.2/2").await;
    assert_eq!(after.holds, Vec::<String>::new());
    assert_eq!(depot.points_to("candidate").await, Some(first.clone()));
    let back = depot.moves("candidate").await.pop().unwrap();
    assert!(back.backward);
    assert_eq!(back.why.as_str(), "1.4.2/2 is revoked");
    let after = revoke("web/1.4.2/1").await;
    assert_eq!(depot.points_to("candidate").await, Some(first));
    let [holds] = after.holds.as_slice() else {
        panic!("{after:?}")
    };
    assert!(
        holds.contains("candidate of web") && holds.contains("revoked"),
        "{holds}"
    );
    let said = depot.hub.says(&["channels", "web"]).await;
    assert!(said.contains("! candidate: it points to 1.4.2/1"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_person_moves_a_channel_back_and_it_stays_there_until_there_is_something_newer() {
    let depot = started(TWO_CHANNELS, 10).await;
    let first = depot.release().await;
    let second = depot.next_release().await;
    let words = [
        "rollback",
        "web",
        "--channel",
        "candidate",
        "--because",
        "it does not boot",
    ];
    let Spoken { err, code, .. } = depot.hub.steward(&words).await;
    assert_eq!(code, 2, "{err}");
    assert!(
        err.contains("back from web/1.4.2/2 (x86_64) to web/1.4.2/1 (x86_64)"),
        "{err}"
    );
    assert_eq!(depot.points_to("candidate").await, Some(second.clone()));
    let said = depot.hub.says(&[&words[..], &["--yes"]].concat()).await;
    assert!(said.contains("candidate of web points to web/1.4.2/1"), "{said}");
    depot.rounds(3).await;
    assert_eq!(depot.points_to("candidate").await, Some(first));
    let history = depot.hub.says(&["channels", "web", "candidate"]).await;
    assert!(history.contains("back: it does not boot"), "{history}");
    let third = depot.next_release().await;
    assert_eq!(depot.points_to("candidate").await, Some(third));
}

#[tokio::test(start_paused = true)]
async fn a_person_promotes_what_is_usable_and_is_told_what_is_wrong_with_anything_else() {
    let depot = started(BY_HAND, 0).await;
    let promote = async |release: &str, to: &str, more: &[&str]| {
        let words = ["promote", release, "--to", to, "--because", "tested", "--yes"];
        depot.hub.steward(&[&words[..], more].concat()).await
    };
    let refused = |spoken: Spoken, with: &str| {
        assert_eq!((spoken.code, spoken.out.as_str()), (2, ""));
        assert!(spoken.err.contains(with), "{}", spoken.err);
    };
    refused(promote("web/1.4.2", "stable", &[]).await, "nothing was moved");
    depot.rounds(10).await;
    refused(
        promote("web/1.4.2", "stabel", &[]).await,
        "channels there are: stable, candidate",
    );
    refused(
        promote("web/1.4.3", "stable", &[]).await,
        "releases there are: web/1.4.2/1",
    );
    refused(promote("webb/1.4.2", "stable", &[]).await, "families there are: web");
    let spoken = promote("web/1.4.2", "stable", &[]).await;
    assert_eq!((spoken.code, spoken.err.as_str()), (0, ""));
    assert_eq!(depot.points_to("stable").await, Some(depot.release().await));
    refused(promote("web/1.4.2", "stable", &[]).await, "points there already");
    depot.next_release().await;
    assert_eq!(promote("web/1.4.2/2", "stable", &[]).await.code, 0);
    refused(promote("web/1.4.2/1", "stable", &[]).await, "would go back");
    assert_eq!(promote("web/1.4.2/1", "stable", &["--force"]).await.code, 0);
    let moves = depot.moves("stable").await;
    assert_eq!(moves.iter().map(|moved| moved.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(matches!(&moves[2].by, Mover::Person(who) if who.contains(&HUB.to_string())));
    depot
        .hub
        .says(&["revoke", "web/1.4.2/2", "--because", "x", "--yes"])
        .await;
    refused(promote("web/1.4.2/2", "stable", &["--force"]).await, "is revoked");
}

/// A family whose release becomes usable, and its channel moves, with the next run of the dispatcher.
async fn about_to_move(rounds: usize) -> Depot {
    let depot = Box::pin(started(TWO_CHANNELS, rounds)).await;
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot
}

/// After how many rounds that is.
async fn rounds_to_move() -> usize {
    let depot = about_to_move(0).await;
    for rounds in 0.. {
        depot.dispatch().await.unwrap();
        if depot.points_to("candidate").await.is_some() {
            return rounds;
        }
        while depot.work().await.is_some() {}
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.hub.sweep().await;
    }
    unreachable!("it never moves")
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_the_dispatcher_moves_a_channel_once() {
    let rounds = Box::pin(rounds_to_move()).await;
    let mut ends = 0;
    for kind in Crash::KINDS {
        for skip in 0..60 {
            let depot = about_to_move(rounds).await;
            let crash = kind.at(skip);
            crash.strike(&depot.hub.shop.aws.plane);
            if depot.dispatch_or_crash().await.is_ok() {
                break;
            }
            ends += 1;
            depot.rounds(3).await;
            let at = crash.to_string();
            let moves = depot.moves("candidate").await;
            let [only] = moves.as_slice() else {
                panic!("{at}: {moves:?}")
            };
            assert_eq!(only.number, 1, "{at}");
            assert_eq!(depot.points_to("candidate").await, Some(depot.release().await), "{at}");
        }
    }
    assert!(ends > 20, "{ends}");
}

#[tokio::test(start_paused = true)]
async fn while_the_switch_is_thrown_no_channel_moves() {
    let depot = about_to_move(Box::pin(rounds_to_move()).await).await;
    depot.hub.says(&["pause", "--because", "a bad base"]).await;
    let dispatched = depot.dispatch().await.unwrap();
    assert!(dispatched.paused.is_some());
    assert_eq!(depot.points_to("candidate").await, None);
    depot.hub.says(&["resume", "--because", "mended"]).await;
    depot.dispatch().await.unwrap();
    assert!(depot.points_to("candidate").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_account_that_ec2_does_not_know_holds_up_no_channel() {
    let depot = Depot::new(Settings::calm()).await;
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.account_mut("999988887777".parse().unwrap()).nonexistent = true);
    depot
        .hub
        .want(&format!(
            "{{ regions: {{ us-east-1: {{}} }}, share_with: {{ accounts: [\"999988887777\", \"222233334444\"] }} }}{TWO_CHANNELS}"
        ))
        .await;
    depot.rounds(14).await;
    assert_eq!(depot.points_to("candidate").await, Some(depot.release().await));
    assert!(
        depot
            .findings("us-east-1")
            .await
            .iter()
            .any(|finding| finding.contains("999988887777"))
    );
}

#[tokio::test(start_paused = true)]
async fn what_nobody_could_look_at_by_a_new_manifest_is_not_usable_by_it() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let fault = Fault::new(Effect::Deny).on("DescribeImageAttribute").times(1_000);
    depot.hub.shop.aws.plane.with(|world| world.inject(fault));
    let shared = "{ regions: { us-east-1: {} }, share_with: { accounts: [\"222233334444\"] } }";
    depot.hub.want(&format!("{shared}{TWO_CHANNELS}")).await;
    depot.rounds(4).await;
    assert_eq!(depot.points_to("candidate").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_follows_another_does_not_move_for_where_that_one_was() {
    let depot = started(TWO_CHANNELS, 10).await;
    let record = depot.hub.record();
    let read = record.channels(&web()).await.unwrap();
    let candidate: ChannelName = "candidate".parse().unwrap();
    let stable = ChannelName::stable();
    let moved = read[&candidate].now().unwrap().clone();
    // Between the reading and the write a person moves candidate.
    let back = Moved {
        number: 2,
        by: Mover::Person(String::from("ann")),
        ..moved.clone()
    };
    let source = read.get(&candidate);
    assert!(
        record
            .move_channel(&web(), (&candidate, source), None, &back)
            .await
            .unwrap()
    );
    let follows = Some((&candidate, source));
    let family = web();
    let followed = record.move_channel(&family, (&stable, None), follows, &moved);
    assert!(!followed.await.unwrap());
    assert_eq!(depot.points_to("stable").await, None);
}

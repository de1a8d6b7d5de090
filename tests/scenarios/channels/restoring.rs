//! What a person moves a channel to and that is disabled: restored first, only for them, and only where the manifest wants it.

use image_plane::{Effect, Fault, Settings};
use serde_json::json;
use stage::aws::{HUB, IRELAND, VIRGINIA, hours, minutes, state};
use steward::channels::Mover;
use steward_cli::Spoken;

use crate::crash::Crash;
use crate::distribution::{Depot, describe_grants};

const SHARED: &str = "{ regions: { us-east-1: {} }, share_with: { accounts: [\"222233334444\"] }, publish: { parameter: \
                      \"/golden/{family}/{architecture}/{channel}\", to: [hub] } }\nchannels: { stable: { by: hand } }";
const PROMOTE: [&str; 8] = [
    "promote",
    "web/1.4.2/1",
    "--to",
    "stable",
    "--force",
    "--because",
    "the new one crashes",
    "--yes",
];
const ROLL_BACK: [&str; 7] = [
    "rollback",
    "web",
    "--channel",
    "stable",
    "--because",
    "the new one crashes",
    "--yes",
];

/// A channel that left its first release for the second, and the first one's images.
struct Left {
    depot: Depot,
    first: String,
    second: String,
    /// In each of the hub's Regions.
    images: [(&'static str, String); 2],
}

impl Left {
    async fn new() -> Self {
        let depot = Depot::new(Settings::calm()).await;
        depot.hub.want(SHARED).await;
        depot.rounds(10).await;
        let first = depot.release().await;
        let promote = |release| ["promote", release, "--to", "stable", "--because", "tested", "--yes"];
        depot.hub.says(&promote("web/1.4.2/1")).await;
        let copy = depot.copies().await[VIRGINIA][0].clone();
        let images = [(IRELAND, depot.built.clone()), (VIRGINIA, copy)];
        let second = depot.next_release().await;
        depot.hub.says(&promote("web/1.4.2/2")).await;
        depot.rounds(2).await;
        Self {
            depot,
            first,
            second,
            images,
        }
    }

    /// The first release's images are disabled, and that is known.
    async fn disabled() -> Self {
        let left = Box::pin(Self::new()).await;
        Box::pin(left.disable()).await;
        left
    }

    async fn disable(&self) {
        for (region, image) in &self.images {
            let ec2 = self.depot.hub.shop.aws.ec2(HUB, region);
            ec2.disable_image().image_id(image).send().await.unwrap();
        }
        self.depot.hub.shop.aws.pass(hours(24)).await;
        self.depot.rounds(2).await;
    }

    async fn states(&self) -> [String; 2] {
        let [home, away] = &self.images;
        let state = async |(region, image): &(&'static str, String)| {
            state(&self.depot.hub.shop.aws.ec2(HUB, region), image).await
        };
        [state(home).await, state(away).await]
    }

    async fn is_left_alone(&self) {
        assert_eq!(self.states().await, ["disabled", "disabled"]);
        assert_eq!(self.depot.calls("EnableImage"), 0);
        assert_eq!(self.depot.points_to("stable").await, Some(self.second.clone()));
    }

    /// Everything is as if it had never been disabled, and the channel was moved once for it.
    async fn is_restored(&self, at: &str) {
        let depot = &self.depot;
        assert_eq!(self.states().await, ["available", "available"], "{at}");
        for (region, image) in &self.images {
            assert_eq!(describe_grants(depot, region, image).await, ["222233334444"], "{at}");
        }
        let moves = depot.moves("stable").await;
        let [_, _, back] = moves.as_slice() else {
            panic!("{at}: {moves:?}")
        };
        assert!(
            matches!(&back.by, Mover::Person(who) if who.contains(&HUB.to_string())),
            "{at}"
        );
        assert_eq!(
            (back.why.as_str(), back.backward),
            ("the new one crashes", true),
            "{at}"
        );
        assert_eq!(depot.points_to("stable").await, Some(self.first.clone()), "{at}");
        assert_eq!(self.depot.open_steps(), [], "{at}");
    }

    async fn channels(&self) -> String {
        self.depot.hub.says(&["channels", "web"]).await
    }

    /// What the parameter of the channel names in a Region.
    async fn published(&self, region: &'static str) -> Option<String> {
        let ssm = self.depot.hub.shop.aws.ssm(HUB, region);
        let found = ssm.get_parameters().names("/golden/web/x86_64/stable").send().await;
        let found = found.unwrap();
        found.parameters().first()?.value().map(str::to_owned)
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_disabled_a_moment_ago_is_restored_first_and_no_channel_moves_to_it_before() {
    let left = Left::new().await;
    for (region, image) in &left.images {
        let ec2 = left.depot.hub.shop.aws.ec2(HUB, region);
        ec2.disable_image().image_id(image).send().await.unwrap();
        let event = json!({
            "version": "0", "id": image, "detail-type": "EC2 AMI State Change", "source": "aws.ec2",
            "account": HUB.to_string(), "region": region, "time": "2026-01-28T00:00:00Z",
            "resources": [format!("arn:aws:ec2:{region}::image/{image}")],
            "detail": { "RequestId": "r", "ImageId": image, "State": "disabled", "ErrorMessage": "" },
        });
        left.depot.hub.wake(&event).await.unwrap();
    }
    let Spoken { err, code, .. } = left.depot.hub.steward(&ROLL_BACK).await;
    assert_eq!(code, 2, "{err}");
    assert_eq!(left.depot.points_to("stable").await, Some(left.second.clone()));
    left.depot.rounds(2).await;
    let said = left.depot.hub.says(&ROLL_BACK).await;
    assert!(said.contains("once that is restored"), "{said}");
    left.depot.rounds(8).await;
    left.is_restored("a moment after").await;
}

#[tokio::test(start_paused = true)]
async fn what_a_person_promotes_is_enabled_shared_as_declared_and_only_then_moved_to() {
    let left = Left::disabled().await;
    let Spoken { err, code, .. } = left.depot.hub.steward(&PROMOTE[..7]).await;
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("web/1.4.2/1 (x86_64) is disabled. Once you ask"), "{err}");
    left.depot.rounds(2).await;
    left.is_left_alone().await;
    let said = left.depot.hub.says(&PROMOTE).await;
    assert!(said.contains("once that is restored"), "{said}");
    left.depot.hub.shop.aws.pass(minutes(5)).await;
    left.depot.round().await;
    // Enabled, and shared with nobody yet: the channel stays.
    assert_eq!(left.states().await, ["available", "available"]);
    assert_eq!(left.depot.points_to("stable").await, Some(left.second.clone()));
    let said = left.channels().await;
    assert!(
        said.contains("asked at") && said.contains("it is being restored: 1.4.2/1 of x86_64 is disabled in"),
        "{said}"
    );
    left.depot.rounds(6).await;
    left.is_restored("in the end").await;
    assert_eq!(left.depot.calls("EnableImage"), 2);
    let said = left.channels().await;
    assert!(!said.contains("asked at"), "{said}");
    for (region, image) in &left.images {
        assert_eq!(left.published(region).await.as_ref(), Some(image));
        // In that order: it is enabled, and then launched by others.
        let calls = left.depot.hub.shop.aws.plane.with(|world| {
            let changes = world.ledger().changes();
            let of_it = changes.filter(|change| change.request.contains(&format!("ImageId={image}")));
            of_it.map(|change| change.action).collect::<Vec<_>>()
        });
        assert_eq!(
            calls[calls.len() - 2..],
            ["EnableImage", "ModifyImageAttribute"],
            "{calls:?}"
        );
    }
    let heard = left.depot.hub.says(&["history", "web/1.4.2/1"]).await;
    assert!(
        heard.contains("asked that stable of web go to it once it is restored: the new one crashes")
            && heard.contains("as somebody asked for its release: done"),
        "{heard}"
    );
    let calls = left.depot.changes();
    left.depot.rounds(3).await;
    assert_eq!(left.depot.changes(), calls);
}

#[tokio::test(start_paused = true)]
async fn without_a_request_nothing_enables_what_is_disabled_not_even_to_leave_what_is_revoked() {
    let left = Left::disabled().await;
    left.depot.hub.shop.aws.pass(hours(24)).await;
    left.depot.rounds(3).await;
    left.is_left_alone().await;
    left.depot
        .hub
        .says(&["revoke", "web/1.4.2/2", "--because", "a bad key", "--yes"])
        .await;
    left.depot.hub.shop.aws.pass(minutes(5)).await;
    let round = left.depot.round().await;
    assert_eq!(round.holds.len(), 1, "{round:?}");
    left.depot.rounds(3).await;
    left.is_left_alone().await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_withdrawn_revoked_answered_otherwise_or_too_old_enables_nothing() {
    let withdraw = [
        "withdraw",
        "web",
        "--channel",
        "stable",
        "--because",
        "it boots after all",
    ];
    let revoke = ["revoke", "web/1.4.2/1", "--because", "a bad key", "--yes"];
    for (words, over) in [
        (&withdraw[..], "withdrew it: it boots after all"),
        (&revoke[..], "1.4.2/1 of x86_64 is revoked"),
        (&[][..], "it was not done within 24h"),
    ] {
        let left = Left::disabled().await;
        left.depot.hub.says(&PROMOTE).await;
        // Whoever is sent by then looks once more.
        left.depot.hub.shop.aws.pass(minutes(5)).await;
        left.depot.dispatch().await.unwrap();
        if words.is_empty() {
            left.depot.hub.shop.aws.pass(hours(24)).await;
        } else {
            left.depot.hub.says(words).await;
        }
        while let Some(worked) = left.depot.work().await {
            worked.unwrap();
        }
        left.depot.rounds(3).await;
        left.is_left_alone().await;
        let said = left.channels().await;
        assert!(said.contains("that is over: ") && said.contains(over), "{over}: {said}");
        let Spoken { err, code, .. } = left.depot.hub.steward(&withdraw).await;
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("nothing that was asked of stable of web waits"), "{err}");
    }
    // Who moves it otherwise has answered it.
    let left = Left::disabled().await;
    let third = left.depot.next_release().await;
    left.depot.hub.says(&PROMOTE).await;
    let promote = ["promote", "web/1.4.2/3", "--to", "stable", "--because", "x", "--yes"];
    left.depot.hub.says(&promote).await;
    left.depot.rounds(4).await;
    assert_eq!(left.states().await, ["disabled", "disabled"]);
    assert_eq!(left.depot.points_to("stable").await, Some(third));
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_left_the_manifest_restores_nothing() {
    let left = Left::disabled().await;
    left.depot.hub.says(&PROMOTE).await;
    left.depot.hub.shop.aws.pass(minutes(5)).await;
    left.depot.dispatch().await.unwrap();
    left.depot.hub.want(&SHARED.replace("stable: {", "other: {")).await;
    left.depot.dispatch().await.unwrap();
    while let Some(worked) = left.depot.work().await {
        worked.unwrap();
    }
    left.depot.rounds(3).await;
    left.is_left_alone().await;
}

#[tokio::test(start_paused = true)]
async fn while_it_is_paused_nothing_is_enabled() {
    let left = Left::disabled().await;
    left.depot.hub.says(&PROMOTE).await;
    left.depot.hub.says(&["pause", "--because", "x"]).await;
    left.depot.rounds(3).await;
    left.is_left_alone().await;
    left.depot.hub.says(&["resume", "--because", "x"]).await;
    left.depot.rounds(7).await;
    left.is_restored("after the pause").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_refused_and_what_is_wanted_nowhere_any_more_stays_disabled() {
    let left = Left::disabled().await;
    let home = left.depot.hub.shop.aws.hub();
    home.deregister_image()
        .image_id(&left.images[0].1)
        .send()
        .await
        .unwrap();
    for _ in 0..3 {
        left.depot.hub.shop.aws.pass(hours(24)).await;
        left.depot.rounds(2).await;
    }
    let Spoken { err, code, .. } = left.depot.hub.steward(&PROMOTE).await;
    assert_eq!(code, 2, "{err}");
    assert!(
        err.contains("1.4.2/1 of x86_64 is gone: nothing brings it back"),
        "{err}"
    );
    assert_eq!(left.depot.calls("EnableImage"), 0);
    // A Region that left the manifest.
    let left = Left::disabled().await;
    left.depot.hub.want(&SHARED.replace("us-east-1", "eu-west-1")).await;
    left.depot.rounds(3).await;
    left.depot.hub.says(&PROMOTE).await;
    left.depot.rounds(6).await;
    assert_eq!(left.states().await, ["available", "disabled"]);
    assert_eq!(left.depot.points_to("stable").await, Some(left.first.clone()));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_restores_where_nothing_good_is_left_to_go_to() {
    let left = Left::disabled().await;
    let said = left.depot.hub.says(&ROLL_BACK).await;
    assert!(
        said.contains("stable of web moves to web/1.4.2/1 (x86_64) once that is restored"),
        "{said}"
    );
    left.depot.rounds(7).await;
    left.is_restored("rolled back").await;
}

#[tokio::test(start_paused = true)]
async fn what_a_channel_points_to_is_restored_by_promoting_it_again() {
    let left = Left::new().await;
    left.depot.hub.says(&ROLL_BACK).await;
    left.disable().await;
    let said = left.channels().await;
    assert!(
        said.contains("! stable: it points to 1.4.2/1 of x86_64, which is disabled"),
        "{said}"
    );
    left.depot.hub.says(&PROMOTE).await;
    left.depot.rounds(7).await;
    left.is_restored("where it was").await;
    let said = left.channels().await;
    assert!(
        !said.contains('!') && said.contains("that is over: stable points there"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_ec2_refuses_to_enable_is_said_and_tried_again() {
    let left = Left::disabled().await;
    let fault = Fault::new(Effect::Deny).on("EnableImage").times(3);
    left.depot.hub.shop.aws.plane.with(|world| world.inject(fault));
    left.depot.hub.says(&PROMOTE).await;
    left.depot.rounds(1).await;
    let found = left.depot.findings(IRELAND).await;
    assert!(
        found.iter().any(|finding| finding.contains("UnauthorizedOperation")),
        "{found:?}"
    );
    left.depot.rounds(12).await;
    left.is_restored("after refusals").await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_hears_when_it_has_moved_or_why_not() {
    let left = Left::disabled().await;
    let words: Vec<&str> = PROMOTE.into_iter().chain(["--wait"]).collect();
    let (spoken, ()) = tokio::join!(left.depot.hub.steward(&words), left.depot.rounds(7));
    assert_eq!((spoken.err.as_str(), spoken.code), ("", 0));
    assert!(spoken.out.contains("stable of web moved at"), "{}", spoken.out);
    left.is_restored("waited for").await;
    let left = Left::disabled().await;
    let withdraw = async {
        left.depot.hub.shop.aws.pass(minutes(1)).await;
        let withdraw = ["withdraw", "web", "--channel", "stable", "--because", "it boots"];
        left.depot.hub.says(&withdraw).await;
    };
    let (spoken, ()) = tokio::join!(left.depot.hub.steward(&words), withdraw);
    assert_eq!(spoken.code, 2);
    assert!(
        spoken.err.contains("was not moved to web/1.4.2/1 (x86_64)"),
        "{}",
        spoken.err
    );
    left.is_left_alone().await;
}

/// A release that is disabled, in the hub's own Region alone, and that a channel which was never moved is to go to.
async fn about_to_restore(rounds: usize) -> Left {
    let depot = Depot::new(Settings::calm()).await;
    let manifest = "{ share_with: { accounts: [\"222233334444\"] } }\nchannels: { stable: { by: hand } }";
    depot.hub.want(manifest).await;
    depot.rounds(3).await;
    let (first, built) = (depot.release().await, depot.built.clone());
    let left = Left {
        second: first.clone(),
        first,
        images: [(IRELAND, built.clone()), (IRELAND, built)],
        depot,
    };
    left.disable().await;
    left.depot.hub.says(&PROMOTE).await;
    left.depot.rounds(rounds).await;
    left.depot.hub.shop.aws.pass(minutes(5)).await;
    left.depot.hub.sweep().await;
    left
}

/// Ends the dispatcher or a worker at each call of the sweep that comes after so many.
async fn crashes_after(rounds: usize) {
    let mut ends = 0;
    for kind in Crash::KINDS {
        for skip in 0..80 {
            let left = about_to_restore(rounds).await;
            let crash = kind.at(skip);
            crash.strike(&left.depot.hub.shop.aws.plane);
            if left.depot.dispatch_or_crash().await.is_ok() && !left.depot.work_or_crash().await {
                break;
            }
            ends += 1;
            // Whoever died of its work holds its target up for half an hour.
            left.depot.hub.shop.aws.pass(minutes(30)).await;
            left.depot.rounds(4).await;
            let at = crash.to_string();
            assert_eq!(left.states().await, ["available", "available"], "{at}");
            let shared = describe_grants(&left.depot, IRELAND, &left.images[0].1).await;
            assert_eq!(shared, ["222233334444"], "{at}");
            let moves = left.depot.moves("stable").await;
            let [only] = moves.as_slice() else {
                panic!("{at}: {moves:?}")
            };
            assert!(matches!(only.by, Mover::Person(_)), "{at}");
            assert_eq!(left.depot.open_steps(), [], "{at}");
        }
    }
    assert!(ends > 40, "{ends}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_while_it_is_enabled_ends_with_it_restored_and_the_channel_moved_once() {
    Box::pin(crashes_after(0)).await;
}

#[tokio::test(start_paused = true)]
async fn so_does_one_while_it_is_shared() {
    Box::pin(crashes_after(1)).await;
}

#[tokio::test(start_paused = true)]
async fn and_one_while_the_channel_moves() {
    Box::pin(crashes_after(3)).await;
}

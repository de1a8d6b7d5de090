//! Wherever a worker ends, whoever comes next finishes its work, and no call is made twice.

use image_plane::Effect;
use serde_json::Value;
use stage::aws::minutes;

use super::climbing::{disabled, is_to_stay, launchers, look_up_audience, shared};
use super::{LADDER, REAPPEARS, Yard};
use crate::crash::Crash;

/// More calls than any of these workers makes.
const MOST: u64 = 80;

/// What it all comes to, but for when.
#[derive(Debug, PartialEq)]
struct End {
    rungs: Vec<&'static str>,
    made: Vec<&'static str>,
    /// Who may launch the first image.
    launchers: Vec<String>,
    state: Option<String>,
    /// Whether the record has it deprecated and disabled by us.
    by_us: [bool; 2],
    /// Who might launch it before it was disabled.
    saved: Value,
}

async fn end(yard: &Yard, actions: &[&str]) -> End {
    let first = &yard.images[0];
    let rungs = yard.rungs().await;
    let launchers = match rungs[0] {
        "gone" => Vec::new(),
        _ => launchers(yard, first).await,
    };
    End {
        rungs,
        made: yard.changes(actions),
        launchers,
        state: yard.placed(first, "state"),
        by_us: ["deprecated_by_us", "disabled_by_us"].map(|by_us| yard.placed(first, by_us).is_some()),
        saved: yard.member_of(first, "saved"),
    }
}

/// Lets workers end at each of their calls, from a world that is about to do this; what it comes to without that.
async fn crash_everywhere<F: Future<Output = Yard>>(about_to: impl Fn() -> F, actions: &[&str], least: usize) -> End {
    let whole = {
        let yard = about_to().await;
        yard.apply().await;
        end(&yard, actions).await
    };
    assert!(!whole.made.is_empty());
    let mut ends = 0;
    // What happened right after a call is what is there right before the next.
    for kind in Crash::KINDS
        .into_iter()
        .filter(|kind| kind.effect == Effect::CrashAfter)
    {
        for skip in 0..MOST {
            let yard = about_to().await;
            let crash = kind.at(skip);
            crash.strike(&yard.hub.shop.aws.plane);
            let mut crashed = false;
            while let Some(worked) = yard.work_within(minutes(15)).await {
                crashed |= worked.is_err();
            }
            if !crashed {
                break;
            }
            ends += 1;
            // The queue shows the message again.
            yard.hub.shop.aws.pass(REAPPEARS).await;
            yard.apply().await;
            let at = crash.to_string();
            assert_eq!(end(&yard, actions).await, whole, "{at}");
            assert_eq!(yard.open_steps(), [""; 0], "{at}");
            let left = yard.hub.items().into_keys().filter(|(pk, _)| pk == "LEFT");
            assert_eq!(left.count(), 0, "{at}");
        }
    }
    assert!(ends > least, "{ends}");
    whole
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_deregisters_once_and_leaves_nothing_behind() {
    let about_to = || async {
        let yard = Yard::new(2, LADDER).await;
        yard.until_deregistering().await;
        yard
    };
    let actions = [
        "StartResourceStateUpdate",
        "DeregisterImage",
        "DeleteImage",
        "DeleteSnapshot",
    ];
    Box::pin(crash_everywhere(about_to, &actions, 20)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_disables_once_and_the_record_knows_that_it_was_us_and_who_might_launch_it() {
    let whole = Box::pin(crash_everywhere(shared, &["DisableImage"], 15)).await;
    assert_eq!(whole.by_us, [true; 2]);
    assert_eq!(
        whole.saved["M"]["accounts"]["L"].as_array().map(Vec::len),
        Some(2),
        "{:?}",
        whole.saved
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_on_the_way_up_ends_up_there_and_it_is_shared_again_once() {
    let about_to = || async {
        let yard = disabled().await;
        is_to_stay(&yard).await;
        yard.plan_later().await;
        look_up_audience(&yard).await;
        yard
    };
    let actions = ["EnableImage", "ModifyImageAttribute", "DisableImageDeprecation"];
    let whole = Box::pin(crash_everywhere(about_to, &actions, 20)).await;
    assert_eq!(whole.rungs, ["available"; 2]);
    assert_eq!(whole.launchers.len(), 1);
    assert_eq!((whole.by_us, whole.saved), ([false; 2], Value::Null));
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_recommends_again_once() {
    let about_to = || async {
        let yard = Yard::new(2, LADDER).await;
        yard.until_expendable().await;
        yard.apply().await;
        // It is among the newest that stay by now.
        yard.want(&LADDER.replace("releases: 1", "releases: 2")).await;
        yard.plan_later().await;
        yard
    };
    let whole = Box::pin(crash_everywhere(about_to, &["DisableImageDeprecation"], 10)).await;
    assert_eq!(
        (whole.rungs.as_slice(), whole.by_us),
        (&["available"; 2][..], [false; 2])
    );
}

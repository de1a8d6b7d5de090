//! Wherever a worker ends, whoever comes next finishes its work, and no call is made twice.

use stage::aws::minutes;

use super::{LADDER, REAPPEARS, Yard};
use crate::crash::Crash;

/// More calls than any of these workers makes.
const MOST: u64 = 80;

struct End {
    rungs: Vec<&'static str>,
    made: Vec<&'static str>,
    state: Option<String>,
}

async fn end(yard: &Yard, actions: &[&str]) -> End {
    End {
        rungs: yard.rungs().await,
        made: yard.changes(actions),
        state: yard.placed(&yard.images[0], "state"),
    }
}

/// Lets workers end at each of their calls, from a world that is about to do this.
async fn crash_everywhere<F: Future<Output = Yard>>(about_to: impl Fn() -> F, actions: &[&str], least: usize) {
    let whole = {
        let yard = about_to().await;
        yard.apply().await;
        end(&yard, actions).await
    };
    assert!(!whole.made.is_empty());
    let mut ends = 0;
    for kind in Crash::KINDS {
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
            let End { rungs, made, state } = end(&yard, actions).await;
            assert_eq!(rungs, whole.rungs, "{at}");
            assert_eq!(made, whole.made, "{at}");
            assert_eq!(state, whole.state, "{at}");
            assert_eq!(yard.open_steps(), [""; 0], "{at}");
            let left = yard.hub.items().into_keys().filter(|(pk, _)| pk == "LEFT");
            assert_eq!(left.count(), 0, "{at}");
        }
    }
    assert!(ends > least, "{ends}");
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
    Box::pin(crash_everywhere(about_to, &actions, 40)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_disables_once_and_the_record_knows_that_it_was_us() {
    let about_to = || async {
        let yard = Yard::new(2, LADDER).await;
        yard.until_disabling().await;
        yard
    };
    Box::pin(crash_everywhere(about_to, &["DisableImage"], 30)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_on_the_way_up_ends_up_there() {
    let about_to = || async {
        let yard = Yard::new(2, LADDER).await;
        yard.until_disabling().await;
        yard.apply().await;
        // It is among the newest that stay by now.
        yard.want(&LADDER.replace("releases: 1", "releases: 2")).await;
        yard.plan_later().await;
        yard
    };
    Box::pin(crash_everywhere(
        about_to,
        &["EnableImage", "DisableImageDeprecation"],
        30,
    ))
    .await;
}

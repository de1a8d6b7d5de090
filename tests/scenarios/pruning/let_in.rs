//! A worker that lost its right to be at work somewhere makes no further call there, whichever it is at: neither another step of its
//! visit, nor what is left of one.

use std::time::Duration;

use image_plane::{Effect, Fault};
use stage::aws::{HUB, IRELAND, describe, hours, minutes, snapshots};
use tokio::time::sleep;

use super::applying::let_another_in;
use super::climbing::{disabled, is_to_stay, look_up_audience};
use super::left::tagged;
use super::{LADDER, Yard};

/// No worker is at it for longer.
const LONGEST: usize = 900;

/// Lets another in right after each call but the last of a worker that is about to make these, and plans again in this way once the
/// other is gone: nothing follows that call until then, and each is made once.
async fn let_in_everywhere(about_to: impl AsyncFn() -> Yard, again: impl AsyncFn(&Yard), whole: &[&str]) {
    for (n, action) in whole.iter().enumerate().take(whole.len() - 1) {
        let yard = Box::pin(about_to()).await;
        let aws = &yard.hub.shop.aws;
        let before = yard.changes(whole).len();
        let alike = whole[..n].iter().filter(|other| other == &action).count();
        // By its own clock it has time, and what it knows is fresh: a clock does not go on for whoever sleeps.
        let freeze = Fault::new(Effect::FreezeAfter(Duration::from_secs(30))).on(action);
        let freeze = freeze.after(alike.try_into().unwrap());
        aws.plane.with(|world| world.inject(freeze));
        let another = async {
            for _ in 0..LONGEST {
                if yard.changes(whole).len() > before + n {
                    break;
                }
                sleep(Duration::from_secs(1)).await;
            }
            let_another_in(&yard).await;
        };
        let (worked, ()) = tokio::join!(yard.work_within(minutes(15)), another);
        worked.unwrap().unwrap();
        assert_eq!(yard.changes(whole)[before..], whole[..=n], "{action}");
        aws.pass(hours(1)).await;
        again(&yard).await;
        yard.apply().await;
        assert_eq!(yard.changes(whole)[before..], *whole, "{action}");
        assert_eq!(yard.open_steps(), [""; 0], "{action}");
    }
}

async fn plan_again(yard: &Yard) {
    yard.plan_later().await;
}

#[tokio::test(start_paused = true)]
async fn no_image_goes_and_no_build_of_it_once_another_was_let_in() {
    let about_to = async || {
        let yard = Yard::new(2, LADDER).await;
        yard.until_deregistering().await;
        yard
    };
    let whole = ["StartResourceStateUpdate", "DeregisterImage", "DeleteImage"];
    Box::pin(let_in_everywhere(about_to, plan_again, &whole)).await;
}

#[tokio::test(start_paused = true)]
async fn no_image_climbs_on_once_another_was_let_in() {
    let about_to = async || {
        let yard = disabled().await;
        is_to_stay(&yard).await;
        yard.plan_later().await;
        look_up_audience(&yard).await;
        yard
    };
    let again = async |yard: &Yard| {
        yard.plan_later().await;
        look_up_audience(yard).await;
    };
    let whole = ["EnableImage", "ModifyImageAttribute", "DisableImageDeprecation"];
    Box::pin(let_in_everywhere(about_to, again, &whole)).await;
}

#[tokio::test(start_paused = true)]
async fn no_other_snapshot_that_was_left_goes_once_another_was_let_in() {
    let about_to = async || {
        let yard = Yard::new(3, LADDER).await;
        let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
        yard.until_deregistering().await;
        for image in &yard.images[..2] {
            for snapshot in snapshots(&describe(&ec2, image).await) {
                tagged(&yard, &snapshot).await;
                let (region, id) = (IRELAND.parse().unwrap(), snapshot.parse().unwrap());
                let plane = &yard.hub.shop.aws.plane;
                plane.with(|world| world.spoil_snapshot_deletion(region, id, "internal-error"));
            }
        }
        yard.apply().await;
        yard.plan_later().await;
        yard
    };
    Box::pin(let_in_everywhere(about_to, plan_again, &["DeleteSnapshot"; 2])).await;
}

//! What an earlier visit left open: what AWS shows of it decides, once it can be believed.

use image_plane::{Effect, Fault};
use stage::aws::{HUB, IRELAND, describe, hours, minutes, snapshots};

use super::climbing::is_to_stay;
use super::left::{is_there, left, tagged};
use super::{LADDER, Yard};

/// What happens to each such call from now on.
fn every(yard: &Yard, action: &str, effect: Effect) {
    let fault = Fault::new(effect).on(action).always();
    yard.hub.shop.aws.plane.with(|world| world.inject(fault));
}

fn clear(yard: &Yard) {
    yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
}

#[tokio::test(start_paused = true)]
async fn a_deregistration_that_a_worker_died_of_is_not_given_up_while_ec2_may_show_what_is_gone() {
    let yard = Yard::new(2, LADDER).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let behind = snapshots(&describe(&ec2, &yard.images[0]).await);
    yard.until_deregistering().await;
    let [snapshot] = behind.as_slice() else {
        panic!("{behind:?}")
    };
    tagged(&yard, snapshot).await;
    let plane = &yard.hub.shop.aws.plane;
    let (region, id) = (IRELAND.parse().unwrap(), snapshot.parse().unwrap());
    plane.with(|world| {
        world.spoil_snapshot_deletion(region, id, "internal-error");
        world.settings_mut().read_lag = hours(1);
        world.inject(Fault::new(Effect::CrashAfter).on("DeregisterImage"));
    });
    assert!(yard.work_within(minutes(4)).await.unwrap().is_err());
    // Nobody is at work there any more, and EC2 shows it still.
    yard.hub.shop.aws.pass(minutes(4)).await;
    yard.visit().await;
    assert_eq!(yard.open_steps(), [format!("deregister {}", yard.images[0])]);
    plane.with(|world| world.settings_mut().read_lag = minutes(0));
    yard.hub.shop.aws.pass(minutes(20)).await;
    yard.visit().await;
    assert_eq!(yard.open_steps(), [""; 0]);
    assert_eq!(yard.placed(&yard.images[0], "state").as_deref(), Some("deregistered"));
    assert!(!is_there(&yard, snapshot).await);
    assert_eq!(left(&yard), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_was_disabled_and_nobody_was_told_of_is_ours_although_ec2_shows_it_late() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_disabling().await;
    let plane = &yard.hub.shop.aws.plane;
    plane.with(|world| world.settings_mut().read_lag = minutes(10));
    every(&yard, "DisableImage", Effect::ServerErrorAfterApply(500));
    yard.apply().await;
    clear(&yard);
    yard.visit().await;
    assert_eq!(yard.open_steps(), [format!("disable {}", yard.images[0])]);
    yard.hub.shop.aws.pass(minutes(20)).await;
    yard.visit().await;
    assert_eq!(yard.open_steps(), [""; 0]);
    assert!(yard.placed(&yard.images[0], "disabled_by_us").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_deregistration_that_was_not_made_is_given_up_after_a_quarter_of_an_hour_and_made_by_the_next_plan() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_deregistering().await;
    every(&yard, "DeregisterImage", Effect::ServerError(500));
    yard.apply().await;
    clear(&yard);
    for (passes, open) in [(1, 1), (13, 1), (2, 0)] {
        yard.hub.shop.aws.pass(minutes(passes)).await;
        yard.visit().await;
        assert_eq!(yard.open_steps().len(), open, "{passes}");
    }
    assert_eq!(left(&yard), [""; 0]);
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["gone", "available"]);
    assert_eq!(yard.changes(&["DeregisterImage"]).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deprecation_whose_answer_was_lost_is_ours_and_taken_back_by_us() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    every(&yard, "EnableImageDeprecation", Effect::ServerErrorAfterApply(500));
    yard.apply().await;
    clear(&yard);
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    assert_eq!(
        (
            yard.open_steps().len(),
            yard.placed(&yard.images[0], "deprecated_by_us")
        ),
        (1, None)
    );
    yard.hub.shop.aws.pass(minutes(30)).await;
    yard.visit().await;
    assert!(yard.placed(&yard.images[0], "deprecated_by_us").is_some());
    is_to_stay(&yard).await;
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available", "available"]);
}

#[tokio::test(start_paused = true)]
async fn what_came_of_a_step_is_asked_again_though_nothing_else_is_to_be_done_there() {
    for effect in [Effect::ServerErrorAfterApply(500), Effect::ServerError(500)] {
        let yard = Yard::new(2, LADDER).await;
        yard.until_expendable().await;
        every(&yard, "EnableImageDeprecation", effect);
        yard.apply().await;
        clear(&yard);
        assert_eq!(yard.open_steps().len(), 1);
        for _ in 0..4 {
            yard.hub.shop.aws.pass(minutes(5)).await;
            yard.plan().await.unwrap();
            yard.apply().await;
        }
        assert_eq!(yard.open_steps(), [""; 0]);
        // And then nobody is sent there any more.
        yard.hub.shop.aws.pass(minutes(5)).await;
        yard.plan().await.unwrap();
        yard.apply().await;
        yard.hub.shop.aws.pass(minutes(20)).await;
        assert_eq!((yard.plan().await.unwrap().messages, yard.apply().await), (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_cannot_be_looked_at_stays_open_and_holds_up_no_other() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_disabling().await;
    every(&yard, "DisableImage", Effect::ServerErrorAfterApply(500));
    yard.apply().await;
    clear(&yard);
    assert_eq!(yard.open_steps().len(), 2);
    let unseen = Fault::new(Effect::Deny).on("DescribeImages");
    yard.hub.shop.aws.plane.with(|world| world.inject(unseen));
    for left in [1, 0] {
        yard.visit().await;
        assert_eq!(yard.open_steps().len(), left);
    }
    for image in &yard.images[..2] {
        assert!(yard.placed(image, "disabled_by_us").is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn what_aws_refused_and_another_hand_did_since_is_not_ours() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_disabling().await;
    every(&yard, "DisableImage", Effect::Deny);
    yard.apply().await;
    clear(&yard);
    assert_eq!(yard.open_steps().len(), 1);
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    ec2.disable_image().image_id(&yard.images[0]).send().await.unwrap();
    yard.visit().await;
    assert_eq!(yard.open_steps(), [""; 0]);
    assert_eq!(yard.placed(&yard.images[0], "disabled_by_us"), None);
}

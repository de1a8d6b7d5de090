//! What is looked at again right before a call: what changed since the plan refuses that step, and no other.

use aws_sdk_ec2::types::{RequestLaunchTemplateData, ResetImageAttributeName, Tag};
use aws_sdk_imagebuilder::types::{ResourceState, ResourceStatus};
use image_plane::{Effect, Fault};
use stage::aws::{HUB, IRELAND, STRANGER, minutes, share};

use super::{LADDER, Yard};
use crate::evidence::gather;

/// Of what journals say, what was not made.
fn not_made(yard: &Yard) -> Vec<String> {
    let journal = yard.journal().into_iter();
    journal.filter(|says| says.contains("not made")).collect()
}

async fn tag(yard: &Yard, ami: &str, key: &str, value: &str) {
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let tag = Tag::builder().key(key).value(value).build();
    ec2.create_tags().resources(ami).tags(tag).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_image_that_was_tagged_to_stay_since_the_plan_stays_and_the_others_go() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_disabling().await;
    tag(&yard, &yard.images[0], "keep", "true").await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "disabled", "available"]);
    let not_made = not_made(&yard);
    let [says] = not_made.as_slice() else {
        panic!("{not_made:?}")
    };
    let of = &yard.images[0];
    assert!(
        says.ends_with(&format!(
            "not made: disable {of}: {of} is tagged keep=true in 111122223333"
        )),
        "{says}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_image_that_lost_our_tag_or_got_another_familys_since_the_plan_is_left_alone() {
    let yard = Yard::new(4, LADDER).await;
    yard.until_disabling().await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let family = Tag::builder().key("image-steward:family").build();
    ec2.delete_tags()
        .resources(&yard.images[0])
        .tags(family)
        .send()
        .await
        .unwrap();
    tag(&yard, &yard.images[1], "image-steward:family", "db").await;
    yard.apply().await;
    assert_eq!(
        yard.rungs().await,
        ["deprecated", "deprecated", "disabled", "available"]
    );
    assert_eq!(not_made(&yard).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_protected_since_the_plan_stays() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_deregistering().await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let protect = ec2.enable_image_deregistration_protection().image_id(&yard.images[0]);
    protect.send().await.unwrap();
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "gone", "available"]);
    let not_made = not_made(&yard);
    assert!(
        not_made
            .iter()
            .any(|says| says.contains("is protected from deregistration")),
        "{not_made:?}"
    );
    // What Image Builder has of it stays, too: at most it was deprecated.
    assert_ne!(yard.release(&yard.images[0], "state"), "DELETED");
}

#[tokio::test(start_paused = true)]
async fn an_image_that_somebody_was_seen_to_use_since_the_plan_stays() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_disabling().await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let run = ec2.run_instances().image_id(&yard.images[0]).min_count(1).max_count(1);
    run.send().await.unwrap();
    // A worker comes late, and somebody has looked meanwhile.
    yard.hub.shop.aws.pass(minutes(61)).await;
    gather(&yard.hub).await.unwrap();
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "disabled", "available"]);
    let not_made = not_made(&yard);
    assert!(
        not_made
            .iter()
            .any(|says| says.contains("is used in 111122223333/eu-west-1")),
        "{not_made:?}"
    );
}

/// A launch template of the hub's that names this image, as a group would take it.
async fn template(yard: &Yard, name: &str, ami: &str) {
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let data = RequestLaunchTemplateData::builder().image_id(ami).build();
    let template = ec2.create_launch_template().launch_template_name(name);
    template.launch_template_data(data).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_image_that_came_into_use_since_everybody_was_asked_is_not_disabled_and_the_others_are() {
    let yard = Yard::new(4, LADDER).await;
    yard.until_disabling().await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let run = ec2.run_instances().image_id(&yard.images[0]).min_count(1).max_count(1);
    run.send().await.unwrap();
    template(&yard, "web", &yard.images[1]).await;
    yard.apply().await;
    assert_eq!(
        yard.rungs().await,
        ["deprecated", "deprecated", "disabled", "available"]
    );
    let not_made = not_made(&yard);
    for (image, by) in [(0, "instance i-"), (1, "launch template lt-")] {
        let of = &yard.images[image];
        let why = format!("not made: disable {of}: {of} is used in 111122223333/eu-west-1: {by}");
        assert!(not_made.iter().any(|says| says.contains(&why)), "{not_made:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_version_of_a_template_that_was_listed_keeps_no_image_from_being_disabled() {
    let yard = Yard::new(2, LADDER).await;
    template(&yard, "web", &yard.images[0]).await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let newer = RequestLaunchTemplateData::builder().image_id(&yard.images[1]).build();
    let version = ec2.create_launch_template_version().launch_template_name("web");
    version.launch_template_data(newer).send().await.unwrap();
    let default = ec2.modify_launch_template().launch_template_name("web");
    default.default_version("2").send().await.unwrap();
    yard.until_disabling().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_disabled_where_ec2_does_not_say_what_names_it_and_what_is_only_warned_of_nobody_asks_about() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_expendable().await;
    let denied = Fault::new(Effect::Deny).on("DescribeImageReferences").always();
    yard.hub.shop.aws.plane.with(|world| world.inject(denied.clone()));
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    yard.next_day().await;
    yard.hub.shop.aws.plane.with(|world| world.inject(denied));
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    assert_eq!(yard.open_steps(), [""; 0]);
    yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
}

#[tokio::test(start_paused = true)]
async fn a_look_before_an_image_is_disabled_asks_three_things_of_ec2_and_before_it_is_deprecated_one() {
    let yard = Yard::new(3, LADDER).await;
    let asked = async || {
        let count = |action: &str| {
            let plane = &yard.hub.shop.aws.plane;
            plane.with(|world| world.ledger().of(action).done)
        };
        let reads = [
            "DescribeImages",
            "DescribeImageAttribute",
            "DescribeImageReferences",
            "GetImage",
        ];
        let before = reads.map(count);
        yard.apply().await;
        let after = reads.map(count);
        std::array::from_fn::<u64, 4, _>(|n| after[n] - before[n])
    };
    yard.until_expendable().await;
    assert_eq!(asked().await, [2, 0, 0, 0]);
    yard.next_day().await;
    assert_eq!(asked().await, [2, 2, 2, 0]);
    assert_eq!(yard.rungs().await, ["disabled", "disabled", "available"]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_comes_when_nobody_has_looked_for_an_hour_does_nothing() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_disabling().await;
    yard.hub.shop.aws.pass(minutes(61)).await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "deprecated", "available"]);
    let not_made = not_made(&yard);
    assert_eq!(not_made.len(), 2);
    assert!(
        not_made.iter().all(|says| says.ends_with("more than an hour ago")),
        "{not_made:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn no_image_goes_whose_build_somebody_made_available_again_until_that_is_deprecated_again() {
    let yard = Yard::new(2, LADDER).await;
    let build = yard.release(&yard.images[0], "name");
    yard.until_deregistering().await;
    let refused = Fault::new(Effect::Deny).on("DeregisterImage").always();
    yard.hub.shop.aws.plane.with(|world| world.inject(refused));
    yard.apply().await;
    assert_eq!(yard.release(&yard.images[0], "state"), "DEPRECATED");
    yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    let available = ResourceState::builder().status(ResourceStatus::Available).build();
    let again = yard.hub.shop.ib.start_resource_state_update().resource_arn(build);
    again.state(available).client_token("by-hand").send().await.unwrap();
    for _ in 0..3 {
        yard.plan_later().await;
        yard.apply().await;
    }
    assert_eq!(yard.rungs().await, ["gone", "available"]);
    let all = ["StartResourceStateUpdate", "DeregisterImage", "DeleteImage"];
    // The second of them by hand.
    assert_eq!(yard.changes(&all), [all[0], all[0], all[0], all[1], all[2]]);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_another_hand_deleted_is_known_to_be_gone_by_two_looks_and_no_later_plan_has_a_step_for_it() {
    for takes_the_image_too in [false, true] {
        let yard = Yard::new(2, LADDER).await;
        let build = yard.release(&yard.images[0], "name");
        yard.until_deregistering().await;
        let delete = yard.hub.shop.ib.delete_image().image_build_version_arn(build);
        delete.send().await.unwrap();
        if takes_the_image_too {
            yard.deregistered(&yard.images[0]).await;
            assert_eq!(yard.plan_later().await.steps, 2);
        }
        yard.apply().await;
        // One look may be wrong, and while it may be no image goes that a wildcard would pick.
        let rung = if takes_the_image_too { "gone" } else { "disabled" };
        assert_eq!(yard.rungs().await, [rung, "available"]);
        assert_eq!(yard.release(&yard.images[0], "state"), "AVAILABLE");
        yard.plan_later().await;
        yard.apply().await;
        assert_eq!(yard.rungs().await, ["gone", "available"]);
        assert_eq!(yard.release(&yard.images[0], "state"), "DELETED");
        assert_eq!(yard.plan_later().await.steps, 0);
        let journal = yard.journal();
        assert!(!journal.iter().any(|says| says.contains("not made")), "{journal:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_somebody_shared_by_hand_with_an_account_that_nobody_asks_is_not_disabled_until_that_is_taken_back()
 {
    let yard = Yard::new(2, LADDER).await;
    yard.until_disabling().await;
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    share(&ec2, &yard.images[0], STRANGER).await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["deprecated", "available"]);
    let not_made = not_made(&yard);
    let [says] = not_made.as_slice() else {
        panic!("{not_made:?}")
    };
    assert!(
        says.contains(&format!(
            "it is shared with {STRANGER}, whom its manifest does not name"
        )),
        "{says}"
    );
    assert_eq!(yard.open_steps(), [""; 0]);
    let reset = ec2.reset_image_attribute().image_id(&yard.images[0]);
    let reset = reset.attribute(ResetImageAttributeName::LaunchPermission);
    reset.send().await.unwrap();
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
}

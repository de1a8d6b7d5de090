//! Faults at any call: what the caller sees, and whether the world changed.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use image_plane::{Crashed, Effect, Fault, Service};

use stage::aws::{Aws, HUB, IRELAND, MEMBER, VIRGINIA, code, state};

/// A client that does not retry, so that one call is one call.
fn once(aws: &Aws) -> aws_sdk_ec2::Client {
    let config = aws_sdk_ec2::config::Builder::from(&aws.config(HUB, IRELAND))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_timeout(Duration::from_secs(30))
                .build(),
        )
        .build();
    aws_sdk_ec2::Client::from_conf(config)
}

#[tokio::test(start_paused = true)]
async fn each_fault_changes_the_world_exactly_when_it_says_so() {
    let faults = [
        (Effect::Throttle, "RequestLimitExceeded", "available"),
        (Effect::ServerError(503), "Unavailable", "available"),
        (Effect::ServerError(500), "InternalError", "available"),
        (Effect::ServerErrorAfterApply(500), "InternalError", "disabled"),
        (Effect::Deny, "UnauthorizedOperation", "available"),
        (Effect::ResetBeforeApply, "no code", "available"),
        (Effect::ResetAfterApply, "no code", "disabled"),
        (Effect::Silence { applied: false }, "no code", "available"),
        (Effect::Silence { applied: true }, "no code", "disabled"),
        (Effect::FreezeBefore(Duration::from_secs(5)), "done", "disabled"),
        (Effect::FreezeAfter(Duration::from_secs(5)), "done", "disabled"),
    ];
    for (effect, answer, after) in faults {
        let aws = Aws::calm();
        let id = aws.image(HUB, IRELAND, "web");
        aws.plane
            .with(|world| world.inject(Fault::new(effect).on("DisableImage")));
        let result = once(&aws).disable_image().image_id(&id).send().await;
        assert_eq!(code(&result), answer, "{effect:?}");
        assert_eq!(state(&aws.hub(), &id).await, after, "{effect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_ledger_tells_a_change_of_which_nobody_was_told() {
    let faults = [
        (Effect::ServerErrorAfterApply(500), false),
        (Effect::ResetAfterApply, false),
        (Effect::Silence { applied: true }, false),
        (Effect::FreezeAfter(Duration::from_secs(5)), true),
        (Effect::Deny, true),
    ];
    for (effect, answered) in faults {
        let aws = Aws::calm();
        let id = aws.image(HUB, IRELAND, "web");
        aws.plane
            .with(|world| world.inject(Fault::new(effect).on("DisableImage")));
        drop(once(&aws).disable_image().image_id(&id).send().await);
        let told = aws
            .plane
            .with(|world| world.ledger().mutations().last().map(|last| last.answered));
        assert_eq!(told, Some(answered), "{effect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_ends_the_callers_process_and_no_other() {
    for (effect, after) in [(Effect::CrashBefore, "available"), (Effect::CrashAfter, "disabled")] {
        let aws = Aws::calm();
        let id = aws.image(HUB, IRELAND, "web");
        aws.plane
            .with(|world| world.inject(Fault::new(effect).on("DisableImage")));
        let hub = aws.hub();
        let worker = aws
            .process
            .run(async { hub.disable_image().image_id(&id).send().await })
            .await;
        assert_eq!(worker.map(drop), Err(Crashed));
        let other = aws.another_process();
        let seen = other.process.run(async { state(&other.hub(), &id).await }).await;
        assert_eq!(seen, Ok(after.to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_workflow_can_be_crashed_at_each_of_its_calls_in_turn() {
    let mut reached = Vec::new();
    for n in 0..4 {
        let aws = Aws::calm();
        let id = aws.image(HUB, IRELAND, "web");
        aws.plane
            .with(|world| world.inject(Fault::new(Effect::CrashBefore).after(n)));
        let hub = aws.hub();
        let work = async {
            hub.describe_images().image_ids(&id).send().await.unwrap();
            hub.disable_image().image_id(&id).send().await.unwrap();
            hub.deregister_image().image_id(&id).send().await.unwrap();
        };
        let crashed = aws.process.run(work).await.is_err();
        let calls: u64 = aws
            .plane
            .with(|world| world.ledger().counts().map(|(.., counts)| counts.all()).sum());
        reached.push((crashed, calls));
    }
    assert_eq!(reached, [(true, 0), (true, 1), (true, 2), (false, 3)]);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_caller_wakes_past_its_own_timeouts_in_a_world_that_went_on() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let pause = Duration::from_secs(1000);
    aws.plane
        .with(|world| world.inject(Fault::new(Effect::FreezeBefore(pause)).on("EnableImage")));
    let (worker, other) = (once(&aws), aws.another_process());
    let frozen = aws.process.run(async {
        let late = worker.enable_image().image_id(&id).send().await;
        (code(&late), aws.plane.now())
    });
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        other.hub().deregister_image().image_id(&id).send().await.unwrap();
    };
    let started = aws.plane.now();
    let (late, ()) = tokio::join!(frozen, meanwhile);
    assert_eq!(late, Ok(("InvalidAMIID.Unavailable".to_owned(), started + pause)));
    aws.plane
        .with(|world| assert_eq!(world.ledger().of("EnableImage").all(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_fault_hits_only_the_account_region_and_service_it_names() {
    let aws = Aws::calm();
    let deny = Fault::new(Effect::Deny)
        .service(Service::Ec2)
        .account(MEMBER)
        .region(VIRGINIA.parse().unwrap())
        .always();
    aws.plane.with(|world| world.inject(deny));
    let ask = |account, region| {
        let ec2 = aws.ec2(account, region);
        async move { code(&ec2.describe_images().owners("self").send().await) }
    };
    assert_eq!(ask(MEMBER, VIRGINIA).await, "UnauthorizedOperation");
    assert_eq!(ask(MEMBER, VIRGINIA).await, "UnauthorizedOperation");
    assert_eq!(ask(MEMBER, IRELAND).await, "done");
    assert_eq!(ask(HUB, VIRGINIA).await, "done");
    aws.plane.with(image_plane::World::clear_faults);
    assert_eq!(ask(MEMBER, VIRGINIA).await, "done");
}

#[tokio::test(start_paused = true)]
async fn the_ledger_says_who_changed_what_and_when_also_where_the_answer_was_lost() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    aws.pass(Duration::from_secs(90)).await;
    for effect in [Effect::ResetAfterApply, Effect::ServerErrorAfterApply(500)] {
        aws.plane
            .with(|world| world.inject(Fault::new(effect).on("DisableImage")));
        let _ = once(&aws).disable_image().image_id(&id).send().await;
        aws.hub().enable_image().image_id(&id).send().await.unwrap();
    }
    let _ = once(&aws)
        .disable_image()
        .image_id("ami-0123456789abcdef0")
        .send()
        .await;
    aws.plane.with(|world| {
        let lines: Vec<String> = world.ledger().mutations().iter().map(ToString::to_string).collect();
        let line = |action: &str, id: &str, outcome: &str| {
            format!(
                "2026-01-05T08:01:30.000Z 111122223333/eu-west-1 ec2 {action} by arn:aws:iam::111122223333:root: {outcome}: \
                 Action={action}&Version=2016-11-15&ImageId={id}"
            )
        };
        let (disabled, enabled) = (line("DisableImage", &id, "done"), line("EnableImage", &id, "done"));
        let refused = line("DisableImage", "ami-0123456789abcdef0", "InvalidAMIID.NotFound");
        assert_eq!(lines, [disabled.clone(), enabled.clone(), disabled, enabled, refused]);
        assert_eq!(world.ledger().changes().count(), 4);
    });
}

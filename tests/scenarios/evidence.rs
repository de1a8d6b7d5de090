//! Who uses images: gathered list by list, joined to the end, and believed only where it can be.

mod gone;
mod launches;
mod organizations;
mod reaching;
mod references;
mod reports;

use aws_sdk_ssm::types::ParameterType;
use image_plane::{Effect, Fault, Service, Settings};
use record_lineage::{Gathered, gather_evidence};
use serde_json::json;
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, hours, minutes, share};
use stage::shop::{amis, distribution};
use steward::evidence::{Said, Source, SourceRun};
use steward_aws::{Acceptance, HeldUse};
use steward_lambda::Failure;

use crate::hub::Hub;

/// A hub whose one release is in the record, and its image.
async fn recorded() -> (Hub, String) {
    Hub::recorded(Settings::calm()).await
}

pub(crate) async fn gather(hub: &Hub) -> Result<Gathered, Failure> {
    let (room, _) = hub.room();
    let run = format!("run-{}", hub.moment().now);
    gather_evidence(&room, &json!({ "wake": "sweep" }), &run, hub.moment()).await
}

/// The next time at which every target is due.
async fn gather_again(hub: &Hub) -> Result<Gathered, Failure> {
    hub.shop.aws.pass(minutes(40)).await;
    gather(hub).await
}

async fn uses(hub: &Hub, ami: &str) -> Vec<HeldUse> {
    let uses = hub
        .record()
        .uses_of(ami.parse().unwrap(), crate::hub::hub())
        .await
        .unwrap();
    let others = uses.into_iter().filter(|held| held.source != Source::Images);
    others.collect()
}

/// Each way to the image, as people read it.
async fn ways(hub: &Hub, ami: &str) -> Vec<String> {
    let uses = uses(hub, ami).await.into_iter();
    let references = uses.filter_map(|held| held.usage).flat_map(|usage| usage.references);
    references.map(|reference| reference.to_string()).collect()
}

async fn run_one(hub: &Hub, account: image_plane::AccountId, ami: &str) -> String {
    let ec2 = hub.shop.aws.ec2(account, IRELAND);
    let run = ec2.run_instances().image_id(ami).min_count(1).max_count(1);
    let started = run.send().await.unwrap();
    hub.shop.aws.pass(minutes(2)).await;
    started.instances()[0].instance_id().unwrap().to_owned()
}

async fn last_run(hub: &Hub, source: Source) -> SourceRun {
    let runs = hub.record().runs(crate::hub::hub(), hub.moment().now).await.unwrap();
    runs.into_iter().rfind(|run| run.source == source).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_a_use_while_it_runs_and_while_it_is_stopped_and_none_once_it_is_terminated() {
    let (hub, ami) = recorded().await;
    let instance = run_one(&hub, HUB, &ami).await;
    gather(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await, [format!("instance {instance} (running)")]);
    let ec2 = hub.shop.aws.hub();
    ec2.stop_instances().instance_ids(&instance).send().await.unwrap();
    gather_again(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await, [format!("instance {instance} (stopped)")]);
    ec2.terminate_instances().instance_ids(&instance).send().await.unwrap();
    hub.shop.aws.pass(minutes(5)).await;
    // One instance where one was usual, and now none: nobody believes that yet.
    let failure = gather_again(&hub).await.unwrap_err();
    let failure = format!("{failure:?}");
    assert!(
        failure.contains("instances of 111122223333/eu-west-1: 0 listed where 1 are usual"),
        "{failure}"
    );
    assert_eq!(ways(&hub, &ami).await, [format!("instance {instance} (stopped)")]);
    for _ in 0..20 {
        drop(gather_again(&hub).await);
    }
    assert_eq!(last_run(&hub, Source::Instances).await.said, Said::Complete(0));
    assert!(ways(&hub, &ami).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_second_run_that_finds_the_same_writes_its_runs_and_nothing_else() {
    let (hub, ami) = recorded().await;
    run_one(&hub, HUB, &ami).await;
    let first = gather(&hub).await.unwrap();
    // The instance, and how the account sees the image.
    assert_eq!((first.targets, first.changed), (1, 2));
    let writes = hub.writes();
    let second = gather_again(&hub).await.unwrap();
    assert_eq!((second.targets, second.changed), (1, 0));
    // The right to gather, twelve sources, and the end of it.
    assert_eq!(hub.writes() - writes, 14);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_was_just_gathered_is_left_alone() {
    let (hub, _) = recorded().await;
    gather(&hub).await.unwrap();
    hub.shop.aws.pass(minutes(5)).await;
    let calls = |hub: &Hub| {
        let plane = &hub.shop.aws.plane;
        plane.with(|world| world.ledger().counts().map(|(.., counts)| counts.all()).sum::<u64>())
    };
    let before = calls(&hub);
    assert_eq!(gather(&hub).await.unwrap(), Gathered::default());
    assert_eq!(calls(&hub), before);
}

#[tokio::test(start_paused = true)]
async fn a_group_uses_an_image_by_its_launch_configuration_and_the_configuration_by_itself() {
    let (hub, ami) = recorded().await;
    let scaling = hub.shop.aws.scaling(HUB, IRELAND);
    for name in ["web", "unused"] {
        let configuration = scaling.create_launch_configuration().launch_configuration_name(name);
        configuration
            .image_id(&ami)
            .instance_type("t3.micro")
            .send()
            .await
            .unwrap();
    }
    let group = scaling.create_auto_scaling_group().auto_scaling_group_name("shop");
    let group = group
        .launch_configuration_name("web")
        .min_size(0)
        .max_size(1)
        .desired_capacity(0);
    group.availability_zones("eu-west-1a").send().await.unwrap();
    gather(&hub).await.unwrap();
    assert_eq!(
        ways(&hub, &ami).await,
        [
            "group shop → launch configuration web",
            "launch configuration unused",
            "launch configuration web",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_parameter_uses_what_it_holds_now_and_is_read_again_only_when_it_changed() {
    let (hub, ami) = recorded().await;
    let ssm = hub.shop.aws.ssm(HUB, IRELAND);
    let put = |name: &str, value: String| {
        let put = ssm.put_parameter().name(name).value(value).overwrite(true);
        put.r#type(ParameterType::String).send()
    };
    put("/golden/web", ami.clone()).await.unwrap();
    put("/app/config", format!("{{\"image\":\"{ami}\",\"size\":3}}"))
        .await
        .unwrap();
    put("/app/other", String::from("nothing")).await.unwrap();
    gather(&hub).await.unwrap();
    assert_eq!(
        ways(&hub, &ami).await,
        ["parameter /app/config", "parameter /golden/web"]
    );
    let reads = |hub: &Hub| {
        hub.shop
            .aws
            .plane
            .with(|world| world.ledger().of("GetParameters").all())
    };
    let before = reads(&hub);
    hub.shop.aws.pass(hours(2)).await;
    gather(&hub).await.unwrap();
    hub.shop.aws.pass(hours(2)).await;
    gather(&hub).await.unwrap();
    // Once more, within the hour in which a change may have been missed; then never.
    assert!(reads(&hub) - before <= 1, "{}", reads(&hub) - before);
    put("/golden/web", String::from("ami-00000000000000001")).await.unwrap();
    gather_again(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await, ["parameter /app/config"]);
}

#[tokio::test(start_paused = true)]
async fn a_parameter_that_is_deleted_and_made_again_is_read_anew_although_its_version_is_the_same() {
    let (hub, ami) = recorded().await;
    let ssm = hub.shop.aws.ssm(HUB, IRELAND);
    let put = |value: &str| {
        let put = ssm.put_parameter().name("/golden/web").value(value);
        put.r#type(ParameterType::String).send()
    };
    put("ami-00000000000000001").await.unwrap();
    gather(&hub).await.unwrap();
    assert!(ways(&hub, &ami).await.is_empty());
    hub.shop.aws.pass(hours(5)).await;
    ssm.delete_parameter().name("/golden/web").send().await.unwrap();
    put(&ami).await.unwrap();
    hub.shop.aws.pass(hours(5)).await;
    gather(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await, ["parameter /golden/web"]);
}

#[tokio::test(start_paused = true)]
async fn one_parameter_may_name_the_images_of_several_regions() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND), distribution(VIRGINIA)]).await;
    let build = hub.shop.built().await;
    hub.sweep().await;
    let amis = amis(&hub.shop.image(&build).await);
    let value = format!("{{\"eu-west-1\":\"{}\",\"us-east-1\":\"{}\"}}", amis[0].1, amis[1].1);
    let put = hub
        .shop
        .aws
        .ssm(HUB, IRELAND)
        .put_parameter()
        .name("/platform/amis")
        .value(value);
    put.r#type(ParameterType::String).send().await.unwrap();
    gather(&hub).await.unwrap();
    let record = hub.record();
    for (region, ami) in &amis {
        let placed = format!("{HUB}/{region}").parse().unwrap();
        let uses = record.uses_of(ami.parse().unwrap(), placed).await.unwrap();
        let by = uses.iter().filter(|held| held.source == Source::Parameters).count();
        assert_eq!(by, 1, "{ami} in {region}");
        let release = record.releases_with(ami.parse().unwrap()).await.unwrap();
        assert_eq!(record.whereabouts(&release).await.unwrap().used.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_is_read_again_with_the_next_sweep_and_what_could_is_not_said_to_be_whole() {
    let (hub, _) = recorded().await;
    hub.shop.aws.plane.with(|world| {
        world.inject(
            Fault::new(Effect::Deny)
                .service(Service::Ec2)
                .on("DescribeFleets")
                .times(1),
        );
    });
    gather(&hub).await.unwrap_err();
    assert_eq!(hub.record().gathered().await.unwrap()[&crate::hub::hub()], None);
    hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(gather(&hub).await.unwrap().targets, 1);
    assert_eq!(
        hub.record().gathered().await.unwrap()[&crate::hub::hub()],
        Some(hub.moment().now)
    );
    hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(gather(&hub).await.unwrap().targets, 0);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_leaves_nothing_behind_when_what_it_saw_is_gone_again() {
    for skip in 0.. {
        let (hub, ami) = recorded().await;
        let put = |value: String| {
            let put = hub
                .shop
                .aws
                .ssm(HUB, IRELAND)
                .put_parameter()
                .name("/golden/web")
                .value(value);
            put.overwrite(true).r#type(ParameterType::String).send()
        };
        put(ami.clone()).await.unwrap();
        let instance = run_one(&hub, HUB, &ami).await;
        gather(&hub).await.unwrap();
        let before = ways(&hub, &ami).await;
        // What the doomed run sees is another state; and then all is as it was.
        put(String::from("nothing")).await.unwrap();
        let ec2 = hub.shop.aws.hub();
        ec2.stop_instances().instance_ids(&instance).send().await.unwrap();
        hub.shop.aws.pass(minutes(40)).await;
        let (room, process) = hub.room();
        let crash = Fault::new(Effect::CrashAfter).after(skip);
        hub.shop.aws.plane.with_tables(|tables| tables.inject(crash));
        let event = json!({ "wake": "sweep" });
        let crashed = process
            .run(Box::pin(async {
                gather_evidence(&room, &event, "doomed", hub.moment()).await
            }))
            .await;
        if crashed.is_ok() {
            assert!(skip > 15, "{skip}");
            break;
        }
        put(ami.clone()).await.unwrap();
        ec2.start_instances().instance_ids(&instance).send().await.unwrap();
        hub.shop.aws.pass(minutes(20)).await;
        gather_again(&hub).await.unwrap();
        assert_eq!(ways(&hub, &ami).await, before, "cut off after call {skip}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_was_not_ours_when_a_parameter_was_read_is_found_once_it_is() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    let build = hub.shop.built().await;
    hub.sweep().await;
    let second = hub.shop.built().await;
    let ami = amis(&hub.shop.image(&second).await)[0].1.clone();
    let put = hub
        .shop
        .aws
        .ssm(HUB, IRELAND)
        .put_parameter()
        .name("/golden/web")
        .value(&ami);
    put.r#type(ParameterType::String).send().await.unwrap();
    drop(build);
    gather(&hub).await.unwrap();
    assert!(ways(&hub, &ami).await.is_empty());
    hub.shop.aws.pass(hours(3)).await;
    hub.sweep().await;
    gather(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await, ["parameter /golden/web"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_takes_nothing_away_and_is_said() {
    let (hub, ami) = recorded().await;
    let instance = run_one(&hub, HUB, &ami).await;
    gather(&hub).await.unwrap();
    hub.shop.aws.plane.with(|world| {
        world.inject(
            Fault::new(Effect::Deny)
                .service(Service::Ec2)
                .on("DescribeInstances")
                .times(1),
        );
    });
    let failure = gather_again(&hub).await.unwrap_err();
    let failure = format!("{failure:?}");
    assert!(failure.contains("UnauthorizedOperation"), "{failure}");
    assert!(matches!(last_run(&hub, Source::Instances).await.said, Said::Unread(_)));
    // What stands on it is as good as unread.
    assert!(matches!(
        last_run(&hub, Source::AutoScalingGroups).await.said,
        Said::Unread(_)
    ));
    assert!(last_run(&hub, Source::Parameters).await.is_believed());
    assert_eq!(ways(&hub, &ami).await, [format!("instance {instance} (running)")]);
    gather_again(&hub).await.unwrap();
    assert!(last_run(&hub, Source::AutoScalingGroups).await.is_believed());
}

#[tokio::test(start_paused = true)]
async fn what_a_list_that_nobody_believes_newly_shows_counts_beside_what_was_known() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let many = ec2.run_instances().image_id(&ami).min_count(20).max_count(20);
    let many = many.send().await.unwrap();
    let many: Vec<String> = many
        .instances()
        .iter()
        .filter_map(|one| one.instance_id().map(str::to_owned))
        .collect();
    hub.shop.aws.pass(minutes(2)).await;
    gather(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await.len(), 20);
    let terminate = ec2.terminate_instances().set_instance_ids(Some(many[..15].to_vec()));
    terminate.send().await.unwrap();
    let new = run_one(&hub, HUB, &ami).await;
    gather_again(&hub).await.unwrap_err();
    assert_eq!(
        last_run(&hub, Source::Instances).await.said,
        Said::Implausible { count: 6, usual: 20 }
    );
    let known = ways(&hub, &ami).await;
    assert_eq!(known.len(), 21);
    assert!(known.contains(&format!("instance {new} (running)")), "{known:?}");
    // What is found again is no news. The rules of the Recycle Bin are written once an hour.
    let writes = hub.writes();
    gather_again(&hub).await.unwrap_err();
    assert_eq!(hub.writes() - writes, 14 + 1);
    assert_eq!(ways(&hub, &ami).await, known);
}

#[tokio::test(start_paused = true)]
async fn what_a_person_accepted_is_believed_at_once() {
    let (hub, ami) = recorded().await;
    let instance = run_one(&hub, HUB, &ami).await;
    gather(&hub).await.unwrap();
    let ec2 = hub.shop.aws.hub();
    ec2.terminate_instances().instance_ids(&instance).send().await.unwrap();
    gather_again(&hub).await.unwrap_err();
    let strange = last_run(&hub, Source::Instances).await;
    assert_eq!(strange.said, Said::Implausible { count: 0, usual: 1 });
    let acceptance = Acceptance {
        target: crate::hub::hub(),
        source: Source::Instances,
        run: strange.as_of,
        who: "arn:aws:iam::111122223333:user/ann".into(),
        why: "the shop is closed".into(),
    };
    hub.record().accept(&acceptance).await.unwrap();
    gather_again(&hub).await.unwrap();
    assert!(ways(&hub, &ami).await.is_empty());
}

/// A member that may use the release, by its manifest.
async fn shared() -> (Hub, String) {
    let (hub, ami) = shared_with(&[MEMBER]).await;
    share(&hub.shop.aws.hub(), &ami, MEMBER).await;
    (hub, ami)
}

/// A release whose manifest says that these may use it.
async fn shared_with(accounts: &[image_plane::AccountId]) -> (Hub, String) {
    let (hub, ami) = recorded().await;
    hub.share_by_manifest(accounts).await;
    (hub, ami)
}

#[tokio::test(start_paused = true)]
async fn an_instance_in_an_account_that_may_use_the_image_is_found_there() {
    let (hub, ami) = shared().await;
    hub.admit_to_look(MEMBER);
    let instance = run_one(&hub, MEMBER, &ami).await;
    let done = gather(&hub).await.unwrap();
    assert_eq!(done.targets, 2);
    let held = uses(&hub, &ami).await;
    assert_eq!(held[0].target.to_string(), format!("{MEMBER}/eu-west-1"));
    assert_eq!(ways(&hub, &ami).await, [format!("instance {instance} (running)")]);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_lets_nobody_look_is_named_and_holds_up_no_other() {
    let (hub, ami) = shared().await;
    run_one(&hub, MEMBER, &ami).await;
    let done = gather(&hub).await.unwrap();
    assert_eq!(done.targets, 2);
    assert_eq!(done.unreachable, [format!("{MEMBER}/eu-west-1")]);
    let member = format!("{MEMBER}/eu-west-1").parse().unwrap();
    let runs = hub.record().runs(member, hub.moment().now).await.unwrap();
    assert_eq!(runs.len(), 12);
    assert!(runs.iter().all(|run| matches!(run.said, Said::Unread(_))));
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_is_healed_by_the_next_run() {
    let mut calls = 0;
    for skip in 0.. {
        let (hub, ami) = recorded().await;
        let first = run_one(&hub, HUB, &ami).await;
        gather(&hub).await.unwrap();
        let second = run_one(&hub, HUB, &ami).await;
        let (room, process) = hub.room();
        hub.shop
            .aws
            .plane
            .with_tables(|tables| tables.inject(Fault::new(Effect::CrashAfter).after(skip)));
        hub.shop.aws.pass(minutes(40)).await;
        let crashed = process
            .run(Box::pin(async {
                gather_evidence(&room, &json!({ "wake": "sweep" }), "doomed", hub.moment()).await
            }))
            .await;
        if crashed.is_ok() {
            calls = skip;
            break;
        }
        // Whoever died holds the target for a while.
        hub.shop.aws.pass(minutes(20)).await;
        gather_again(&hub).await.unwrap();
        let mut expected = vec![
            format!("instance {first} (running)"),
            format!("instance {second} (running)"),
        ];
        expected.sort();
        assert_eq!(ways(&hub, &ami).await, expected, "cut off after call {skip}");
    }
    assert!(calls > 15, "{calls}");
}

#[tokio::test(start_paused = true)]
async fn two_runs_at_once_gather_a_target_once() {
    let (hub, _) = recorded().await;
    let rooms = [hub.room().0, hub.room().0];
    let event = json!({ "wake": "sweep" });
    let (one, other) = tokio::join!(
        gather_evidence(&rooms[0], &event, "one", hub.moment()),
        gather_evidence(&rooms[1], &event, "other", hub.moment()),
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((one.targets + other.targets, one.taken + other.taken), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn only_the_sweep_wakes_it() {
    let (hub, _) = recorded().await;
    let (room, _) = hub.room();
    let forged = json!({ "source": "aws.ec2", "detail-type": "EC2 AMI State Change" });
    let done = gather_evidence(&room, &forged, "run", hub.moment()).await.unwrap();
    assert!(done.refused.is_some());
    assert_eq!(done.targets, 0);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_lists_half_of_what_is_usual_is_said_and_believed_only_after_half_a_day_that_agrees() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let run = ec2.run_instances().image_id(&ami).min_count(24).max_count(24);
    let started = run.send().await.unwrap();
    hub.shop.aws.pass(minutes(2)).await;
    gather(&hub).await.unwrap();
    let ids: Vec<String> = started
        .instances()
        .iter()
        .filter_map(|one| one.instance_id().map(str::to_owned))
        .collect();
    ec2.terminate_instances()
        .set_instance_ids(Some(ids[..13].to_vec()))
        .send()
        .await
        .unwrap();
    let began = hub.moment().now;
    let mut said = 0;
    while gather_again(&hub).await.is_err() {
        said += 1;
        // What was used is used until the list is believed.
        assert_eq!(uses(&hub, &ami).await[0].usage.as_ref().unwrap().count, 24);
    }
    let over = hub.moment().now.checked_since(began).unwrap();
    assert!(over >= hours(12) && over < hours(14), "{over:?} after {said}");
    assert_eq!(last_run(&hub, Source::Instances).await.said, Said::Complete(11));
    assert_eq!(uses(&hub, &ami).await[0].usage.as_ref().unwrap().count, 11);
}

#[tokio::test(start_paused = true)]
async fn instances_that_are_stopped_each_night_are_listed_all_the_same_and_trip_nothing() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let run = ec2.run_instances().image_id(&ami).min_count(30).max_count(30);
    let started = run.send().await.unwrap();
    let ids: Vec<String> = started
        .instances()
        .iter()
        .filter_map(|one| one.instance_id().map(str::to_owned))
        .collect();
    for _ in 0..3 {
        hub.shop.aws.pass(hours(12)).await;
        gather(&hub).await.unwrap();
        ec2.stop_instances()
            .set_instance_ids(Some(ids.clone()))
            .send()
            .await
            .unwrap();
        hub.shop.aws.pass(hours(12)).await;
        gather(&hub).await.unwrap();
        ec2.start_instances()
            .set_instance_ids(Some(ids.clone()))
            .send()
            .await
            .unwrap();
    }
    assert_eq!(uses(&hub, &ami).await[0].usage.as_ref().unwrap().count, 30);
}

#[tokio::test(start_paused = true)]
async fn what_a_release_reaches_is_told_with_who_uses_it_and_as_of_when() {
    let (hub, ami) = shared().await;
    hub.admit_to_look(MEMBER);
    let instance = run_one(&hub, MEMBER, &ami).await;
    gather(&hub).await.unwrap();
    let record = hub.record();
    let release = record.releases_with(ami.parse().unwrap()).await.unwrap();
    let there = record.whereabouts(&release).await.unwrap();
    assert_eq!(there.placements.values().sum::<usize>(), 1);
    assert_eq!(there.as_of.len(), 2);
    assert!(there.as_of.values().all(Option::is_some));
    assert_eq!(there.used.len(), 1);
    let used = &there.used[0];
    assert_eq!((used.ami.to_string(), used.placed), (ami, crate::hub::hub()));
    assert_eq!(used.uses[0].target.account().to_string(), MEMBER.to_string());
    let reference = used.uses[0].usage.as_ref().unwrap().references[0].to_string();
    assert_eq!(reference, format!("instance {instance} (running)"));
    // Of a release that is no ancestor and no descendant: nothing.
    let other = std::collections::BTreeSet::from(["e7d028db8c54f397df891fc76dd00e98".parse().unwrap()]);
    let nothing = record.whereabouts(&other).await.unwrap();
    assert!(nothing.used.is_empty() && nothing.placements.is_empty());
}

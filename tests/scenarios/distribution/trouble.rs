//! What goes wrong on the way: each by its own sentence, held to its target, and put right by itself where it can be.

use image_plane::{Effect, Fault, KeyState, Settings};
use serde_json::json;
use stage::aws::{HUB, IRELAND, VIRGINIA, describe, hours, minutes, target};
use steward_aws::Switch;

use super::{Depot, TOKYO};

/// A key of the hub's in the other Region, by the name that manifests give it.
fn key(depot: &Depot) -> String {
    let key = depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.create_key(target(HUB, VIRGINIA), Some("alias/golden"), []));
    key.to_string()
}

const BY_KEY: &str = "{ regions: { us-east-1: { kms_key: alias/golden }, ap-northeast-1: {} } }";

#[tokio::test(start_paused = true)]
async fn a_copy_is_encrypted_by_the_key_that_its_region_names() {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot);
    depot.hub.want(BY_KEY).await;
    depot.settle().await;
    let copy = &depot.copies().await[VIRGINIA][0];
    let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    let behind = stage::aws::snapshots(&describe(&ec2, copy).await);
    let seen = ec2
        .describe_snapshots()
        .set_snapshot_ids(Some(behind))
        .send()
        .await
        .unwrap();
    assert!(
        seen.snapshots()
            .iter()
            .all(|snapshot| snapshot.kms_key_id() == Some(&key)),
        "{seen:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_used_is_found_before_anything_is_copied_and_holds_up_no_other_region() {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot);
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.set_key_state(&key, KeyState::Disabled));
    depot.hub.want(BY_KEY).await;
    for _ in 0..4 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    assert_eq!(depot.copies().await.into_keys().collect::<Vec<_>>(), [TOKYO]);
    let findings = depot.findings(VIRGINIA).await;
    assert!(
        findings[0].contains("alias/golden") && findings[0].contains("is disabled: enable it"),
        "{findings:?}"
    );
    assert_eq!(depot.stands().await[VIRGINIA], "blocked");
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.set_key_state(&key, KeyState::Enabled));
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    assert_eq!(depot.copies().await[VIRGINIA].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_fails_says_why_is_taken_away_and_made_again_by_another_token() {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot);
    let whole = depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.key_policy(&key).unwrap().to_owned());
    // It can be looked at, and not used.
    let shows = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
        "Action":["kms:DescribeKey","kms:CreateGrant"],"Resource":"*"}}"#;
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.set_key_policy(&key, shows).unwrap());
    depot.hub.want(BY_KEY).await;
    let mut said = String::new();
    for _ in 0..12 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
        if let Some(failed) = depot
            .stands()
            .await
            .get(VIRGINIA)
            .filter(|stands| stands.contains("failed"))
        {
            said.clone_from(failed);
            break;
        }
    }
    assert!(said.contains("failed: "), "{:?}", depot.stands().await);
    assert_eq!(depot.copies().await[TOKYO].len(), 1);
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.set_key_policy(&key, &whole).unwrap());
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    let copies = &depot.copies().await[VIRGINIA];
    let [copy] = copies.as_slice() else {
        panic!("{copies:?}")
    };
    assert_eq!(
        stage::aws::state(&depot.hub.shop.aws.ec2(HUB, VIRGINIA), copy).await,
        "available"
    );
    // One by its own token each, and only where it failed.
    assert!(depot.calls("CopyImage") >= 3);
    assert_eq!(depot.copies().await[TOKYO].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_not_enabled_is_named_and_the_release_is_copied_once_it_is() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { me-south-1: {}, us-east-1: {} } }").await;
    for _ in 0..4 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    assert_eq!(depot.copies().await[VIRGINIA].len(), 1);
    let findings = depot.findings("me-south-1").await;
    assert!(
        findings[0].contains("me-south-1") && findings[0].contains("enable"),
        "{findings:?}"
    );
    let bahrain = "me-south-1".parse().unwrap();
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.account_mut(HUB).opted_in.insert(bahrain));
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    assert!(depot.stands().await["me-south-1"].ends_with("is there"));
}

#[tokio::test(start_paused = true)]
async fn throttled_calls_are_waited_out() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    for action in ["CopyImage", "DescribeImages", "DescribeSnapshots"] {
        let fault = Fault::new(Effect::Throttle).on(action).times(4);
        depot.hub.shop.aws.plane.with(|world| world.inject(fault));
    }
    depot.settle().await;
    assert_eq!(depot.copies().await[VIRGINIA].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_in_the_journal_and_tried_again_as_another_attempt() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.inject(Fault::new(Effect::Deny).on("CopyImage").times(1)));
    depot.hub.shop.aws.pass(minutes(5)).await;
    depot.round().await;
    let findings = depot.findings(VIRGINIA).await;
    assert!(
        findings.iter().any(|finding| finding.contains("UnauthorizedOperation")),
        "{findings:?}"
    );
    depot.settle().await;
    assert_eq!(depot.copies().await[VIRGINIA].len(), 1);
    let told: Vec<String> = depot.hub.journal().into_iter().map(|(_, heard)| heard).collect();
    assert!(
        told.iter()
            .any(|heard| heard.contains("copy ami-") && heard.contains(": failed: UnauthorizedOperation"))
    );
    assert!(
        told.iter()
            .any(|heard| heard.contains("copy ami-") && heard.ends_with(": done, attempt 2")),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn while_the_switch_is_on_nothing_is_changed() {
    let depot = Depot::new(Settings::calm()).await;
    let switch = |paused| Switch {
        paused,
        who: String::from("ann"),
        why: String::from("a test"),
        since: depot.hub.moment().now,
    };
    depot.hub.record().throw(&switch(true)).await.unwrap();
    depot
        .hub
        .want("{ regions: { us-east-1: {} }, tags: { team: web } }")
        .await;
    depot.hub.shop.aws.pass(minutes(5)).await;
    let before = depot.changes();
    depot.round().await;
    assert_eq!(depot.changes(), before);
    depot.hub.record().throw(&switch(false)).await.unwrap();
    depot.settle().await;
    assert_eq!(depot.copies().await[VIRGINIA].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_sent_once_and_again_only_where_it_is_lost() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    assert_eq!(depot.dispatch().await.unwrap().messages, 2);
    for _ in 0..5 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        let dispatched = depot.dispatch().await.unwrap();
        assert_eq!((dispatched.messages, dispatched.busy), (0, 2));
    }
    depot.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(depot.dispatch().await.unwrap().messages, 2);
}

#[tokio::test(start_paused = true)]
async fn in_observe_mode_nobody_is_sent() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    let (room, _) = depot.observing();
    let event = json!({ "wake": "sweep" });
    let dispatched = distribute_images::plan_distribution(&room, &event, "run", depot.hub.moment())
        .await
        .unwrap();
    assert_eq!((dispatched.due, dispatched.messages), (2, 0));
    assert!(depot.work().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_release_whose_image_is_disabled_is_left_to_pruning() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let copy = depot.copies().await[VIRGINIA][0].clone();
    for (region, ami) in [(VIRGINIA, &copy), (IRELAND, &depot.built)] {
        depot
            .hub
            .shop
            .aws
            .ec2(HUB, region)
            .disable_image()
            .image_id(ami)
            .send()
            .await
            .unwrap();
    }
    depot.hub.want("{ regions: { us-east-1: {}, ap-northeast-1: {} }, share_with: { accounts: [\"222233334444\"] }, tags: { a: b } }").await;
    depot.hub.shop.aws.pass(minutes(5)).await;
    let before = depot.changes();
    for _ in 0..3 {
        depot.round().await;
        depot.hub.shop.aws.pass(minutes(5)).await;
    }
    assert_eq!(depot.changes(), before);
    let stands = depot.stands().await;
    assert!(
        stands.values().all(|stands| stands.ends_with("is disabled")),
        "{stands:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn work_that_could_not_be_sent_is_sent_by_the_next_sweep() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    let denied = Fault::new(Effect::Deny).on("SendMessageBatch").times(1);
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    let failure = format!("{:?}", depot.dispatch().await.unwrap_err());
    assert!(failure.contains("failed to send work to its queue"), "{failure}");
    depot.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(depot.dispatch().await.unwrap().messages, 2);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_cannot_be_read_is_tried_again_by_the_next_sweep() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    let denied = Fault::new(Effect::Deny).on("DescribeRegions").times(2);
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    depot.round().await;
    assert!(depot.copies().await.is_empty());
    depot.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(depot.round().await.messages, 2);
    assert_eq!(depot.copies().await[VIRGINIA].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_ec2_has_no_room_for_waits_for_the_next_sweep_and_is_no_failure() {
    let slow = Settings {
        read_lag: minutes(12),
        copy_per_gib: minutes(1),
        ..Settings::calm()
    };
    let depot = Depot::new(slow).await;
    // Somebody else's copies, which no list shows yet.
    let virginia = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    let strange = depot.hub.shop.aws.image(HUB, IRELAND, "strange");
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.hub.shop.aws.pass(minutes(15)).await;
    depot.hub.sweep().await;
    for n in 0..20 {
        let copy = virginia.copy_image().source_image_id(&strange).source_region(IRELAND);
        copy.name(format!("strange-{n}")).send().await.unwrap();
    }
    let before = depot.calls("CopyImage");
    depot.round().await;
    assert_eq!(depot.calls("CopyImage"), before + 1);
    let findings = depot.findings(VIRGINIA).await;
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}")
    };
    assert!(
        finding.starts_with("EC2 takes no more copies into this Region now (ResourceLimitExceeded: "),
        "{finding}"
    );
    let stood = depot.hub.record().stood(&"web".parse().unwrap()).await.unwrap();
    let stood = stood
        .into_iter()
        .find(|((_, there), _)| there.region().to_string() == VIRGINIA);
    let (_, stood) = stood.unwrap();
    assert_eq!((stood.tries, stood.under_way, stood.settled), (0, true, false));
    depot.settle().await;
    assert_eq!(depot.copies().await[VIRGINIA].len(), 1);
    let told: Vec<String> = depot.hub.journal().into_iter().map(|(_, heard)| heard).collect();
    let of_copy: Vec<&String> = told.iter().filter(|heard| heard.contains("copy ami-")).collect();
    assert!(
        !of_copy.is_empty() && of_copy.iter().all(|heard| !heard.contains("failed")),
        "{of_copy:?}"
    );
    // The same attempt all the time.
    assert!(of_copy.iter().all(|heard| !heard.contains("attempt")), "{of_copy:?}");
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_takes_longer_than_a_day_is_overdue_with_its_last_state_and_still_waited_for() {
    let slow = Settings {
        copy_per_gib: hours(4),
        ..Settings::calm()
    };
    let depot = Depot::new(slow).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.round().await;
    let copy = depot.copies().await[VIRGINIA][0].clone();
    depot.hub.shop.aws.pass(hours(23)).await;
    depot.round().await;
    assert_eq!(depot.findings(VIRGINIA).await, [""; 0]);
    let stood = async || {
        let stood = depot.hub.record().stood(&"web".parse().unwrap()).await.unwrap();
        let mut there = stood
            .into_iter()
            .filter(|((_, there), _)| there.region().to_string() == VIRGINIA);
        there.next().unwrap().1
    };
    assert!(stood().await.under_way);
    depot.hub.shop.aws.pass(hours(2)).await;
    for tries in 1..=3 {
        depot.round().await;
        let findings = depot.findings(VIRGINIA).await;
        let [finding] = findings.as_slice() else {
            panic!("{findings:?}")
        };
        let overdue = format!("{copy} is overdue: EC2 has shown it as pending since ");
        assert!(finding.starts_with(&overdue), "{finding}");
        let stood = stood().await;
        // Whoever is told of what was tried in vain is told of this.
        assert_eq!((stood.tries, stood.under_way, stood.settled), (tries, false, false));
        depot.hub.shop.aws.pass(minutes(30)).await;
    }
    depot.hub.shop.aws.pass(hours(7)).await;
    depot.round().await;
    assert_eq!(depot.stands().await[VIRGINIA], format!("{copy} is there"));
    assert_eq!(depot.findings(VIRGINIA).await, [""; 0]);
    assert_eq!(depot.calls("CopyImage"), 1);
}

#[tokio::test(start_paused = true)]
async fn backups_that_are_being_made_keep_no_copy_waiting() {
    let depot = Depot::new(Settings::calm()).await;
    let virginia = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    let strange = depot.hub.shop.aws.image(HUB, VIRGINIA, "strange");
    let run = virginia.run_instances().image_id(&strange).min_count(1).max_count(1);
    let run = run.send().await.unwrap();
    let volume = run.instances()[0].block_device_mappings()[0].ebs().unwrap();
    for _ in 0..25 {
        let backup = virginia.create_snapshot().volume_id(volume.volume_id().unwrap());
        backup.send().await.unwrap();
    }
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.round().await;
    assert_eq!(depot.copies().await[VIRGINIA].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_may_not_be_looked_at_any_more_is_the_trouble_of_what_it_encrypts_alone() {
    let depot = Depot::new(Settings::calm()).await;
    let old = key(&depot);
    let to = |key: &str| {
        format!("{{ regions: {{ us-east-1: {{ kms_key: {key} }} }}, share_with: {{ accounts: [\"222233334444\"] }} }}")
    };
    depot.hub.want(&to("alias/golden")).await;
    depot.settle().await;
    let first = depot.copies().await[VIRGINIA][0].clone();
    let hides = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
        "Action":["kms:Decrypt","kms:CreateGrant"],"Resource":"*"}}"#;
    depot.hub.shop.aws.plane.with(|world| {
        world.set_key_policy(&old, hides).unwrap();
        let other = image_plane::AccountId::new(333_344_445_555);
        world.create_key(target(HUB, VIRGINIA), Some("alias/newer"), [other]);
    });
    depot
        .hub
        .want(&to("alias/newer").replace("222233334444", "333344445555"))
        .await;
    depot.hub.shop.built().await;
    depot.hub.sweep().await;
    for _ in 0..6 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    let findings = depot.findings(VIRGINIA).await;
    let hidden = format!("the key {old} of {first} cannot be looked at (AccessDeniedException: ");
    assert!(
        findings.iter().any(|finding| finding.starts_with(&hidden)),
        "{findings:?}"
    );
    assert!(findings.iter().all(|finding| finding.contains(&first)), "{findings:?}");
    // Who is to go goes, and nobody comes.
    assert!(super::describe_grants(&depot, VIRGINIA, &first).await.is_empty());
    let copies = &depot.copies().await[VIRGINIA];
    let [second] = copies.iter().filter(|copy| **copy != first).collect::<Vec<_>>()[..] else {
        panic!("{copies:?}")
    };
    assert_eq!(super::describe_grants(&depot, VIRGINIA, second).await, ["333344445555"]);
}

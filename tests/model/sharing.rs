//! Launch permissions and create-volume permissions: who gets what, and where EC2 says no.

use aws_sdk_ec2::types::{LaunchPermission, LaunchPermissionModifications};
use image_plane::{Membership, NewImage};

use stage::aws::{Aws, HUB, IRELAND, MEMBER, STRANGER, code, describe, snapshots, target};

const ORGANIZATION: &str = "arn:aws:organizations::111122223333:organization/o-exampleorgid";
const UNIT: &str = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111";
const NESTED: &str = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-22222222";

fn add(
    ec2: &aws_sdk_ec2::Client,
    id: &str,
) -> aws_sdk_ec2::operation::modify_image_attribute::builders::ModifyImageAttributeFluentBuilder {
    ec2.modify_image_attribute()
        .image_id(id)
        .attribute("launchPermission")
        .operation_type("add".into())
}

async fn sees(ec2: &aws_sdk_ec2::Client, id: &str) -> bool {
    ec2.describe_images().image_ids(id).send().await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn sharing_with_an_account_shows_the_image_to_it_alone_until_it_is_taken_back() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let (hub, member, stranger) = (aws.hub(), aws.ec2(MEMBER, IRELAND), aws.ec2(STRANGER, IRELAND));
    add(&hub, &id).user_ids("222233334444").send().await.unwrap();
    assert!(sees(&member, &id).await);
    assert!(!sees(&stranger, &id).await);
    let member_entry = LaunchPermission::builder().user_id("222233334444").build();
    let modifications = LaunchPermissionModifications::builder().remove(member_entry).build();
    hub.modify_image_attribute()
        .image_id(&id)
        .launch_permission(modifications)
        .send()
        .await
        .unwrap();
    assert!(!sees(&member, &id).await);
}

#[tokio::test(start_paused = true)]
async fn sharing_with_a_unit_reaches_accounts_in_nested_units() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let (hub, member, stranger) = (aws.hub(), aws.ec2(MEMBER, IRELAND), aws.ec2(STRANGER, IRELAND));
    let membership = |units: &[&str]| {
        Some(Membership {
            organization_arn: ORGANIZATION.to_owned(),
            unit_arns: units.iter().map(ToString::to_string).collect(),
        })
    };
    aws.plane.with(|world| {
        world.account_mut(MEMBER).membership = membership(&[UNIT, NESTED]);
        world.account_mut(STRANGER).membership = membership(&[]);
    });
    add(&hub, &id).organizational_unit_arns(UNIT).send().await.unwrap();
    assert!(sees(&member, &id).await);
    assert!(!sees(&stranger, &id).await);
    add(&hub, &id).organization_arns(ORGANIZATION).send().await.unwrap();
    assert!(sees(&stranger, &id).await);
}

#[tokio::test(start_paused = true)]
async fn asking_for_another_accounts_images_leaves_out_what_its_organization_has() {
    let aws = Aws::calm();
    let (by_name, by_organization) = (
        aws.image(HUB, IRELAND, "by-name"),
        aws.image(HUB, IRELAND, "by-organization"),
    );
    let hub = aws.hub();
    aws.plane.with(|world| {
        world.account_mut(MEMBER).membership = Some(Membership {
            organization_arn: ORGANIZATION.to_owned(),
            unit_arns: vec![],
        });
    });
    add(&hub, &by_name).user_ids("222233334444").send().await.unwrap();
    add(&hub, &by_organization)
        .organization_arns(ORGANIZATION)
        .send()
        .await
        .unwrap();
    let executable = |ec2: &aws_sdk_ec2::Client, by: &str| {
        let request = ec2.describe_images().executable_users(by);
        async move { request.send().await.unwrap().images().len() }
    };
    assert_eq!(executable(&hub, "222233334444").await, 1);
    assert_eq!(executable(&aws.ec2(MEMBER, IRELAND), "self").await, 2);
}

#[tokio::test(start_paused = true)]
async fn bare_ids_of_organizations_and_units_are_refused() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    for bad in [
        "o-exampleorgid",
        "arn:aws:organizations::111122223333:organization/x",
        UNIT,
    ] {
        assert_eq!(
            code(&add(&hub, &id).organization_arns(bad).send().await),
            "InvalidAMIAttributeItemValue",
            "{bad}"
        );
    }
    for bad in [
        "ou-ab12-11111111",
        ORGANIZATION,
        "arn:aws:organizations:::ou/o-exampleorgid/ou-ab12-11111111",
    ] {
        let refused = add(&hub, &id).organizational_unit_arns(bad).send().await;
        assert_eq!(code(&refused), "InvalidAMIAttributeItemValue", "{bad}");
    }
    assert_eq!(
        code(&add(&hub, &id).user_ids("1234").send().await),
        "InvalidAMIAttributeItemValue"
    );
}

#[tokio::test(start_paused = true)]
async fn snapshots_under_the_default_key_cannot_be_shared_nor_can_their_image() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let plain = aws.image(HUB, IRELAND, "plain");
    let copy = hub
        .copy_image()
        .name("encrypted")
        .source_image_id(&plain)
        .source_region(IRELAND)
        .encrypted(true);
    let id = copy.send().await.unwrap().image_id.unwrap();
    aws.pass(stage::aws::hours(1)).await;
    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    assert_eq!(
        code(&add(&hub, &id).user_ids("222233334444").send().await),
        "OperationNotPermitted"
    );
    let lend = hub
        .modify_snapshot_attribute()
        .snapshot_id(&snapshot)
        .operation_type("add".into());
    let refused = lend.user_ids("222233334444").send().await;
    assert_eq!(code(&refused), "OperationNotPermitted");
    assert!(stage::aws::message(refused).contains("AWS Managed CMK can't be shared"));
}

#[tokio::test(start_paused = true)]
async fn a_shared_image_whose_key_is_not_shared_starts_an_instance_that_ends_at_once() {
    let aws = Aws::calm();
    let key = aws.plane.with(|world| world.create_key(target(HUB, IRELAND), None, []));
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web").volumes([(8, Some(key))]));
    let (hub, member) = (aws.hub(), aws.ec2(MEMBER, IRELAND));
    add(&hub, &id).user_ids("222233334444").send().await.unwrap();
    let run = member
        .run_instances()
        .image_id(&id)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    let instance = run.instances()[0].instance_id().unwrap().to_owned();
    aws.pass(stage::aws::minutes(1)).await;
    let found = member.describe_instances().instance_ids(instance).send().await.unwrap();
    let instance = &found.reservations()[0].instances()[0];
    assert_eq!(instance.state().unwrap().name().unwrap().as_str(), "terminated");
    assert_eq!(instance.state_reason().unwrap().code(), Some("Client.InternalError"));
}

#[tokio::test(start_paused = true)]
async fn public_is_refused_for_encrypted_images_where_it_is_blocked_and_beyond_five() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let key = aws.plane.with(|world| world.create_key(target(HUB, IRELAND), None, []));
    let encrypted = aws.image_with(HUB, IRELAND, NewImage::named("encrypted").volumes([(8, Some(key))]));
    assert_eq!(
        code(&add(&hub, &encrypted).user_groups("all").send().await),
        "OperationNotPermitted"
    );
    let ids: Vec<String> = (0..6).map(|n| aws.image(HUB, IRELAND, &format!("web-{n}"))).collect();
    let region = IRELAND.parse().unwrap();
    aws.plane
        .with(|world| world.account_mut(HUB).block_public_images.insert(region));
    assert_eq!(
        code(&add(&hub, &ids[0]).user_groups("all").send().await),
        "OperationNotPermitted"
    );
    aws.plane
        .with(|world| world.account_mut(HUB).block_public_images.remove(&region));
    for id in &ids[..5] {
        add(&hub, id).user_groups("all").send().await.unwrap();
    }
    assert_eq!(
        code(&add(&hub, &ids[5]).user_groups("all").send().await),
        "ResourceLimitExceeded"
    );
    add(&hub, &ids[0]).user_groups("all").send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_image_is_shared_with_a_thousand_entities_at_most() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    let accounts: Vec<String> = (0..1000_u64).map(|n| format!("{:012}", 300_000_000_000 + n)).collect();
    add(&hub, &id).set_user_ids(Some(accounts)).send().await.unwrap();
    assert_eq!(
        code(&add(&hub, &id).organization_arns(ORGANIZATION).send().await),
        "ResourceLimitExceeded"
    );
    assert_eq!(code(&add(&hub, &id).user_ids("300000000000").send().await), "done");
}

#[tokio::test(start_paused = true)]
async fn only_one_attribute_is_changed_in_a_call() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    let text = aws_sdk_ec2::types::AttributeValue::builder().value("new").build();
    let both = add(&hub, &id)
        .user_ids("222233334444")
        .description(text.clone())
        .send()
        .await;
    assert_eq!(code(&both), "InvalidParameterCombination");
    let nothing = hub.modify_image_attribute().image_id(&id).send().await;
    assert_eq!(code(&nothing), "InvalidParameterCombination");
    hub.modify_image_attribute()
        .image_id(&id)
        .description(text)
        .send()
        .await
        .unwrap();
    assert_eq!(describe(&hub, &id).await.description(), Some("new"));
}

#[tokio::test(start_paused = true)]
async fn only_the_owner_reads_and_resets_launch_permissions() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let (hub, member) = (aws.hub(), aws.ec2(MEMBER, IRELAND));
    add(&hub, &id).user_ids("222233334444").send().await.unwrap();
    let read = member
        .describe_image_attribute()
        .image_id(&id)
        .attribute("launchPermission".into())
        .send()
        .await;
    assert_eq!(code(&read), "AuthFailure");
    let reset = |ec2: &aws_sdk_ec2::Client| {
        ec2.reset_image_attribute()
            .image_id(&id)
            .attribute("launchPermission".into())
            .send()
    };
    assert_eq!(code(&reset(&member).await), "AuthFailure");
    reset(&hub).await.unwrap();
    assert!(!sees(&member, &id).await);
}

#[tokio::test(start_paused = true)]
async fn snapshot_permissions_know_accounts_only_and_one_direction_a_call() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let (hub, member) = (aws.hub(), aws.ec2(MEMBER, IRELAND));
    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    let listed = |ec2: &aws_sdk_ec2::Client| {
        let request = ec2.describe_snapshots().snapshot_ids(&snapshot);
        async move { request.send().await.unwrap().snapshots().len() }
    };
    assert_eq!(listed(&member).await, 0);
    let entry = |account: &str| {
        aws_sdk_ec2::types::CreateVolumePermission::builder()
            .user_id(account)
            .build()
    };
    let both = aws_sdk_ec2::types::CreateVolumePermissionModifications::builder()
        .add(entry("222233334444"))
        .remove(entry("333344445555"))
        .build();
    let refused = hub
        .modify_snapshot_attribute()
        .snapshot_id(&snapshot)
        .create_volume_permission(both)
        .send()
        .await;
    assert_eq!(code(&refused), "InvalidParameterCombination");
    let lend = |operation: &str| {
        let request = hub
            .modify_snapshot_attribute()
            .snapshot_id(&snapshot)
            .operation_type(operation.into());
        request.user_ids("222233334444").send()
    };
    lend("add").await.unwrap();
    assert_eq!(listed(&member).await, 1);
    let read = hub
        .describe_snapshot_attribute()
        .snapshot_id(&snapshot)
        .attribute("createVolumePermission".into());
    assert_eq!(
        read.send().await.unwrap().create_volume_permissions()[0].user_id(),
        Some("222233334444")
    );
    lend("remove").await.unwrap();
    assert_eq!(listed(&member).await, 0);
}

#[tokio::test(start_paused = true)]
async fn one_account_that_aws_does_not_have_spoils_the_call_for_all_and_is_taken_back_alone() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let (hub, member) = (aws.hub(), aws.ec2(MEMBER, IRELAND));
    let both = || ["222233334444", "999999999999"].map(String::from).to_vec();
    // While there was one.
    add(&hub, &id).user_ids("999999999999").send().await.unwrap();
    let gone = "999999999999".parse().unwrap();
    aws.plane.with(|world| world.account_mut(gone).nonexistent = true);
    // It is in already: nothing of it is new.
    add(&hub, &id).set_user_ids(Some(both())).send().await.unwrap();
    let take_back = hub.modify_image_attribute().image_id(&id).attribute("launchPermission");
    let take_back = take_back.operation_type("remove".into()).set_user_ids(Some(both()));
    take_back.send().await.unwrap();
    let answer = add(&hub, &id).set_user_ids(Some(both())).send().await;
    assert_eq!(code(&answer), "InvalidAMIAttributeItemValue");
    assert!(!sees(&member, &id).await);
    add(&hub, &id).user_ids("222233334444").send().await.unwrap();
    assert!(sees(&member, &id).await);

    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    let permit = || {
        let permit = hub.modify_snapshot_attribute().snapshot_id(&snapshot);
        permit.operation_type("add".into())
    };
    let answer = permit().set_user_ids(Some(both())).send().await;
    assert_eq!(code(&answer), "InvalidUserID.Malformed");
    permit().user_ids("222233334444").send().await.unwrap();
}

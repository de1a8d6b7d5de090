//! Roles under the real SDK: assumed, limited by tags and by their session, expiring.

use aws_credential_types::Credentials;
use aws_sdk_ec2::config::SharedCredentialsProvider;
use image_plane::NewImage;

use crate::aws::{Aws, HUB, IRELAND, MEMBER, code, describe, hours, snapshots};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},
    "Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"steward"}}}]}"#;
const RETIRE_OURS: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ec2:DescribeImages","ec2:DescribeSnapshots"],"Resource":"*"},
    {"Effect":"Allow","Action":["ec2:DeregisterImage","ec2:DisableImage","ec2:DeleteSnapshot"],"Resource":"*",
     "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false"}}}]}"#;

async fn assumed(aws: &Aws, role: &str, policy: Option<&str>) -> aws_sdk_ec2::Client {
    let sts = aws_sdk_sts::Client::new(&aws.config(HUB, IRELAND));
    let request = sts
        .assume_role()
        .role_arn(role)
        .role_session_name("prune")
        .external_id("steward");
    let key = request
        .set_policy(policy.map(str::to_owned))
        .send()
        .await
        .unwrap()
        .credentials
        .unwrap();
    let key = Credentials::new(
        key.access_key_id,
        key.secret_access_key,
        Some(key.session_token),
        None,
        "assumed",
    );
    let config = aws_sdk_ec2::config::Builder::from(&aws.config(MEMBER, IRELAND))
        .credentials_provider(SharedCredentialsProvider::new(key))
        .build();
    aws_sdk_ec2::Client::from_conf(config)
}

fn role(aws: &Aws, policies: &[&str]) -> String {
    aws.plane
        .with(|world| world.create_role(MEMBER, "steward-prune", TRUST, policies))
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_role_bound_to_our_tag_retires_what_carries_it_and_nothing_else() {
    let aws = Aws::calm();
    let ours = aws.image_with(
        MEMBER,
        IRELAND,
        NewImage::named("ours").tag("image-steward:family", "web"),
    );
    let other = aws.image_with(MEMBER, IRELAND, NewImage::named("other").tag("team", "web"));
    let ec2 = assumed(&aws, &role(&aws, &[RETIRE_OURS]), None).await;
    assert_eq!(
        code(&ec2.deregister_image().image_id(&other).send().await),
        "UnauthorizedOperation"
    );
    assert_eq!(
        code(&ec2.enable_image().image_id(&ours).send().await),
        "UnauthorizedOperation"
    );
    let tag = aws_sdk_ec2::types::Tag::builder()
        .key("image-steward:family")
        .value("web")
        .build();
    assert_eq!(
        code(&ec2.create_tags().resources(&other).tags(tag).send().await),
        "UnauthorizedOperation"
    );
    ec2.deregister_image().image_id(&ours).send().await.unwrap();
    aws.plane.with(|world| {
        let change = world.ledger().changes().last().cloned().unwrap();
        assert_eq!(change.who, "arn:aws:sts::222233334444:assumed-role/steward-prune/prune");
    });
}

#[tokio::test(start_paused = true)]
async fn a_deregistration_that_may_not_delete_a_snapshot_says_so_in_its_return_code() {
    let aws = Aws::calm();
    let owner = aws.ec2(MEMBER, IRELAND);
    let ours = aws.image_with(
        MEMBER,
        IRELAND,
        NewImage::named("ours").tag("image-steward:family", "web"),
    );
    let snapshot = snapshots(&describe(&owner, &ours).await)[0].clone();
    let tag = aws_sdk_ec2::types::Tag::builder().key("image-steward:family").build();
    owner.delete_tags().resources(&snapshot).tags(tag).send().await.unwrap();
    let ec2 = assumed(&aws, &role(&aws, &[RETIRE_OURS]), None).await;
    let answer = ec2
        .deregister_image()
        .image_id(&ours)
        .delete_associated_snapshots(true)
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.delete_snapshot_results()[0].return_code().unwrap().as_str(),
        "missing-permissions"
    );
    owner.describe_snapshots().snapshot_ids(&snapshot).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_session_policy_takes_away_and_never_adds() {
    let aws = Aws::calm();
    let ours = aws.image_with(
        MEMBER,
        IRELAND,
        NewImage::named("ours").tag("image-steward:family", "web"),
    );
    let read_only =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}}"#;
    let everything = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let role = role(&aws, &[RETIRE_OURS]);
    let reader = assumed(&aws, &role, Some(read_only)).await;
    describe(&reader, &ours).await;
    assert_eq!(
        code(&reader.deregister_image().image_id(&ours).send().await),
        "UnauthorizedOperation"
    );
    let bold = assumed(&aws, &role, Some(everything)).await;
    assert_eq!(
        code(&bold.enable_image().image_id(&ours).send().await),
        "UnauthorizedOperation"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wrong_external_id_and_a_stranger_are_refused_alike() {
    let aws = Aws::calm();
    let role = role(&aws, &[RETIRE_OURS]);
    let ask = |account, external: Option<&str>| {
        let sts = aws_sdk_sts::Client::new(&aws.config(account, IRELAND));
        let request = sts
            .assume_role()
            .role_arn(&role)
            .role_session_name("prune")
            .set_external_id(external.map(str::to_owned));
        async move { code(&request.send().await) }
    };
    assert_eq!(ask(HUB, Some("wrong")).await, "AccessDenied");
    assert_eq!(ask(HUB, None).await, "AccessDenied");
    assert_eq!(ask(crate::aws::STRANGER, Some("steward")).await, "AccessDenied");
    assert_eq!(ask(HUB, Some("steward")).await, "done");
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_in_the_middle_of_a_run() {
    let aws = Aws::calm();
    let ours = aws.image_with(
        MEMBER,
        IRELAND,
        NewImage::named("ours").tag("image-steward:family", "web"),
    );
    let ec2 = assumed(&aws, &role(&aws, &[RETIRE_OURS]), None).await;
    describe(&ec2, &ours).await;
    aws.pass(hours(1)).await;
    assert_eq!(
        code(&ec2.describe_images().image_ids(&ours).send().await),
        "RequestExpired"
    );
}

#[tokio::test(start_paused = true)]
async fn the_caller_is_told_who_it_is() {
    let aws = Aws::calm();
    let sts = aws_sdk_sts::Client::new(&aws.config(HUB, IRELAND));
    let root = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(
        (root.account(), root.arn()),
        (Some("111122223333"), Some("arn:aws:iam::111122223333:root"))
    );
}

//! Roles under the real SDK: assumed, limited by tags and by their session, expiring.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_ec2::config::SharedCredentialsProvider;
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use image_plane::NewImage;

use stage::aws::{Aws, HUB, IRELAND, MEMBER, code, describe, hours, message, snapshots};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},
    "Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"steward"}}}]}"#;
const RETIRE_OURS: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ec2:DescribeImages","ec2:DescribeSnapshots"],"Resource":"*"},
    {"Effect":"Allow","Action":["ec2:DeregisterImage","ec2:DisableImage","ec2:DeleteSnapshot"],"Resource":"*",
     "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false"}}}]}"#;

async fn assumed(aws: &Aws, role: &str, policy: Option<&str>) -> aws_sdk_ec2::Client {
    aws_sdk_ec2::Client::new(&session(aws, role, policy).await)
}

/// What clients are made from that act in a session of a member's role.
async fn session(aws: &Aws, role: &str, policy: Option<&str>) -> SdkConfig {
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
    let config = aws.config(MEMBER, IRELAND).into_builder();
    config.credentials_provider(SharedCredentialsProvider::new(key)).build()
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
    assert_eq!(ask(stage::aws::STRANGER, Some("steward")).await, "AccessDenied");
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

/// A copy of this image of the member's, with the tag of a family on what it makes where one is given.
async fn copy(ec2: &aws_sdk_ec2::Client, source: &str, family: Option<&str>) -> String {
    let tags = |kind: ResourceType, family: &str| {
        let tag = Tag::builder().key("image-steward:family").value(family).build();
        TagSpecification::builder().resource_type(kind).tags(tag).build()
    };
    let mut request = ec2
        .copy_image()
        .source_image_id(source)
        .source_region(IRELAND)
        .name("copy");
    if let Some(family) = family {
        request = request
            .tag_specifications(tags(ResourceType::Image, family))
            .tag_specifications(tags(ResourceType::Snapshot, family));
    }
    code(&request.send().await)
}

#[tokio::test(start_paused = true)]
async fn a_copy_needs_leave_for_the_snapshots_it_makes_as_for_the_image() {
    let aws = Aws::calm();
    let source = aws.image(MEMBER, IRELAND, "web");
    let allow = |name: &str, resources: &str| {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"ec2:CopyImage","Resource":{resources}}}}}"#
        );
        let roles = |world: &mut image_plane::World| world.create_role(MEMBER, name, TRUST, &[&policy]);
        aws.plane.with(roles).unwrap()
    };
    let image_only = assumed(&aws, &allow("image", r#"["arn:aws:ec2:*::image/*"]"#), None).await;
    assert_eq!(copy(&image_only, &source, None).await, "UnauthorizedOperation");
    let both = allow("both", r#"["arn:aws:ec2:*::image/*","arn:aws:ec2:*::snapshot/*"]"#);
    assert_eq!(copy(&assumed(&aws, &both, None).await, &source, None).await, "done");
}

#[tokio::test(start_paused = true)]
async fn a_role_can_be_made_to_tag_what_it_copies() {
    let aws = Aws::calm();
    let source = aws.image(MEMBER, IRELAND, "web");
    let tagged = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["ec2:CopyImage","ec2:CreateTags"],
        "Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/image-steward:family":"web"}}}}"#;
    let ec2 = assumed(&aws, &role(&aws, &[tagged]), None).await;
    assert_eq!(copy(&ec2, &source, None).await, "UnauthorizedOperation");
    assert_eq!(copy(&ec2, &source, Some("base")).await, "UnauthorizedOperation");
    assert_eq!(copy(&ec2, &source, Some("web")).await, "done");
}

#[tokio::test(start_paused = true)]
async fn tagging_what_a_call_makes_is_a_permission_of_its_own() {
    let aws = Aws::calm();
    let source = aws.image(MEMBER, IRELAND, "web");
    let copies = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:CopyImage","Resource":"*"}}"#;
    let ec2 = assumed(&aws, &role(&aws, &[copies]), None).await;
    assert_eq!(copy(&ec2, &source, Some("web")).await, "UnauthorizedOperation");
    assert_eq!(copy(&ec2, &source, None).await, "done");
}

#[tokio::test(start_paused = true)]
async fn a_role_bound_to_one_pipeline_reads_no_other() {
    let aws = Aws::calm();
    let reads = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"imagebuilder:GetImagePipeline",
        "Resource":"arn:aws:imagebuilder:eu-west-1:222233334444:image-pipeline/web-*"}}"#;
    let config = session(&aws, &role(&aws, &[reads]), None).await;
    let builder = aws_sdk_imagebuilder::Client::new(&config);
    let ask = |name: &str| {
        let arn = format!("arn:aws:imagebuilder:eu-west-1:222233334444:image-pipeline/{name}");
        builder.get_image_pipeline().image_pipeline_arn(arn).send()
    };
    assert_eq!(code(&ask("web-x86").await), "ResourceNotFoundException");
    assert_eq!(
        message(ask("base-x86").await),
        "User: arn:aws:sts::222233334444:assumed-role/steward-prune/prune is not authorized to perform: \
         imagebuilder:GetImagePipeline on resource: arn:aws:imagebuilder:eu-west-1:222233334444:image-pipeline/base-x86 \
         because no identity-based policy allows the imagebuilder:GetImagePipeline action"
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_bound_to_one_table_reaches_no_other() {
    let aws = Aws::calm();
    let reads = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:GetItem",
        "Resource":"arn:aws:dynamodb:eu-west-1:222233334444:table/record"}}"#;
    let config = session(&aws, &role(&aws, &[reads]), None).await;
    let tables = aws_sdk_dynamodb::Client::new(&config);
    let ask = |table: &str| {
        let key = AttributeValue::S(String::from("a"));
        tables.get_item().table_name(table).key("pk", key).send()
    };
    assert_eq!(code(&ask("record").await), "ResourceNotFoundException");
    assert_eq!(code(&ask("another").await), "AccessDeniedException");
}

//! Launch templates, and launches from them.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    InstanceType, LaunchTemplateBlockDeviceMappingRequest, LaunchTemplateEbsBlockDeviceRequest,
    LaunchTemplateHttpTokensState, LaunchTemplateInstanceMetadataOptionsRequest, LaunchTemplateSpecification,
    LaunchTemplateTagSpecificationRequest, LaunchTemplateVersion, RequestLaunchTemplateData, ResourceType, Tag,
    TagSpecification,
};

use stage::aws::{Aws, HUB, IRELAND, code, target};

fn data(image: &str) -> RequestLaunchTemplateData {
    RequestLaunchTemplateData::builder().image_id(image).build()
}

/// A template of this name for this image.
pub(crate) async fn template(ec2: &Client, name: &str, image: &str) -> String {
    let request = ec2.create_launch_template().launch_template_name(name);
    let made = request.launch_template_data(data(image)).send().await.unwrap();
    made.launch_template().unwrap().launch_template_id().unwrap().to_owned()
}

/// Another version of a template, and its number.
pub(crate) async fn version(ec2: &Client, template: &str, image: &str) -> i64 {
    let request = ec2.create_launch_template_version().launch_template_id(template);
    let made = request.launch_template_data(data(image)).send().await.unwrap();
    made.launch_template_version().unwrap().version_number().unwrap()
}

fn numbers(versions: &[LaunchTemplateVersion]) -> Vec<i64> {
    versions
        .iter()
        .filter_map(LaunchTemplateVersion::version_number)
        .collect()
}

fn image_of(version: &LaunchTemplateVersion) -> &str {
    version.launch_template_data().unwrap().image_id().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_template_is_read_back_as_it_was_made() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let tag = || Tag::builder().key("team").value("web").build();
    let tagging = LaunchTemplateTagSpecificationRequest::builder()
        .resource_type(ResourceType::Instance)
        .tags(tag());
    let ebs = LaunchTemplateEbsBlockDeviceRequest::builder().volume_size(20).build();
    let device = LaunchTemplateBlockDeviceMappingRequest::builder()
        .device_name("/dev/xvda")
        .ebs(ebs);
    let metadata = LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_tokens(LaunchTemplateHttpTokensState::Required)
        .http_put_response_hop_limit(2);
    let data = RequestLaunchTemplateData::builder()
        .image_id("ami-00000000000000000")
        .instance_type(InstanceType::T3Small)
        .security_group_ids("sg-1")
        .user_data("c2V0IC1l")
        .block_device_mappings(device.build())
        .metadata_options(metadata.build())
        .tag_specifications(tagging.build());
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::LaunchTemplate)
        .tags(tag());
    let made = hub
        .create_launch_template()
        .launch_template_name("web")
        .version_description("first")
        .launch_template_data(data.build())
        .tag_specifications(tags.build())
        .send()
        .await
        .unwrap();
    let made = made.launch_template().unwrap();
    assert_eq!(
        (made.default_version_number(), made.latest_version_number()),
        (Some(1), Some(1))
    );
    assert_eq!(made.tags()[0].key(), Some("team"));
    let found = hub
        .describe_launch_template_versions()
        .launch_template_id(made.launch_template_id().unwrap())
        .send()
        .await
        .unwrap();
    let version = &found.launch_template_versions()[0];
    assert_eq!(version.version_description(), Some("first"));
    assert_eq!(version.default_version(), Some(true));
    let data = version.launch_template_data().unwrap();
    assert_eq!(data.image_id(), Some("ami-00000000000000000"));
    assert_eq!(data.instance_type(), Some(&InstanceType::T3Small));
    assert_eq!(data.security_group_ids(), ["sg-1"]);
    assert_eq!(data.user_data(), Some("c2V0IC1l"));
    assert_eq!(data.block_device_mappings()[0].ebs().unwrap().volume_size(), Some(20));
    assert_eq!(data.metadata_options().unwrap().http_put_response_hop_limit(), Some(2));
    assert_eq!(data.tag_specifications()[0].tags()[0].value(), Some("web"));
}

#[tokio::test(start_paused = true)]
async fn a_templates_name_is_taken_once() {
    let aws = Aws::calm();
    let hub = aws.hub();
    template(&hub, "web", "ami-00000000000000001").await;
    let again = hub
        .create_launch_template()
        .launch_template_name("web")
        .launch_template_data(data("ami-00000000000000002"))
        .send()
        .await;
    assert_eq!(code(&again), "InvalidLaunchTemplateName.AlreadyExistsException");
}

#[tokio::test(start_paused = true)]
async fn a_template_that_is_not_there_is_told_by_id_and_by_name_in_different_words() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let by_id = hub
        .describe_launch_templates()
        .launch_template_ids("lt-00000000000000000");
    assert_eq!(code(&by_id.send().await), "InvalidLaunchTemplateId.NotFound");
    let by_name = hub.describe_launch_templates().launch_template_names("none");
    assert_eq!(
        code(&by_name.send().await),
        "InvalidLaunchTemplateName.NotFoundException"
    );
}

#[tokio::test(start_paused = true)]
async fn versions_are_described_newest_first_page_by_page() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = template(&hub, "web", "ami-00000000000000001").await;
    for _ in 0..4 {
        version(&hub, &id, "ami-00000000000000002").await;
    }
    let mut pages = hub
        .describe_launch_template_versions()
        .launch_template_id(&id)
        .into_paginator()
        .page_size(2)
        .send();
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await {
        seen.push(numbers(page.unwrap().launch_template_versions()));
    }
    assert_eq!(seen, [vec![5, 4], vec![3, 2], vec![1]]);
}

#[tokio::test(start_paused = true)]
async fn without_a_template_the_latest_and_default_versions_of_all_are_described() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let web = template(&hub, "web", "ami-00000000000000001").await;
    version(&hub, &web, "ami-00000000000000002").await;
    version(&hub, &web, "ami-00000000000000003").await;
    template(&hub, "app", "ami-00000000000000004").await;
    let found = hub
        .describe_launch_template_versions()
        .versions("$Latest")
        .versions("$Default")
        .send()
        .await
        .unwrap();
    let mut images: Vec<&str> = found.launch_template_versions().iter().map(image_of).collect();
    images.sort_unstable();
    assert_eq!(
        images,
        [
            "ami-00000000000000001",
            "ami-00000000000000003",
            "ami-00000000000000004"
        ]
    );
    let numbered = hub.describe_launch_template_versions().versions("1").send().await;
    assert_eq!(code(&numbered), "InvalidParameterValue");
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_shown_resolved_to_whoever_asks_for_it() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let image = aws.image(HUB, IRELAND, "web");
    aws.plane.with(|world| {
        world.put_parameter(target(HUB, IRELAND), "/golden/web", &image);
        assert!(world.label_parameter(target(HUB, IRELAND), "/golden/web", 1, "stable"));
    });
    for alias in [
        "resolve:ssm:/golden/web",
        "resolve:ssm:/golden/web:1",
        "resolve:ssm:/golden/web:stable",
        "resolve:ssm:arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web",
    ] {
        let id = template(&hub, "web", alias).await;
        for (resolve, shown) in [(false, alias), (true, image.as_str())] {
            let request = hub.describe_launch_template_versions().launch_template_id(&id);
            let found = request.resolve_alias(resolve).send().await.unwrap();
            assert_eq!(image_of(&found.launch_template_versions()[0]), shown);
        }
        hub.delete_launch_template()
            .launch_template_id(&id)
            .send()
            .await
            .unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_default_version_moves_and_cannot_be_deleted() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = template(&hub, "web", "ami-00000000000000001").await;
    version(&hub, &id, "ami-00000000000000002").await;
    let modify = hub
        .modify_launch_template()
        .launch_template_id(&id)
        .default_version("2");
    let modified = modify.send().await.unwrap();
    assert_eq!(modified.launch_template().unwrap().default_version_number(), Some(2));
    let request = hub.delete_launch_template_versions().launch_template_id(&id);
    let deleted = request.versions("1").versions("2").versions("3").send().await.unwrap();
    let gone = deleted.successfully_deleted_launch_template_versions();
    assert_eq!((gone.len(), gone[0].version_number()), (1, Some(1)));
    let kept = deleted.unsuccessfully_deleted_launch_template_versions();
    let why = kept.iter().map(|item| {
        let code = item.response_error().unwrap().code().unwrap();
        (item.version_number().unwrap(), code.as_str())
    });
    assert_eq!(
        why.collect::<Vec<_>>(),
        [(2, "unexpectedError"), (3, "launchTemplateVersionDoesNotExist")]
    );
    assert_eq!(version(&hub, &id, "ami-00000000000000003").await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_version_based_on_another_inherits_what_it_leaves_open() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let first = RequestLaunchTemplateData::builder()
        .image_id("ami-00000000000000001")
        .instance_type(InstanceType::T3Small);
    hub.create_launch_template()
        .launch_template_name("web")
        .launch_template_data(first.build())
        .send()
        .await
        .unwrap();
    let made = hub
        .create_launch_template_version()
        .launch_template_name("web")
        .source_version("1")
        .launch_template_data(data("ami-00000000000000002"))
        .send()
        .await
        .unwrap();
    let version = made.launch_template_version().unwrap();
    assert_eq!(image_of(version), "ami-00000000000000002");
    assert_eq!(
        version.launch_template_data().unwrap().instance_type(),
        Some(&InstanceType::T3Small)
    );
}

#[tokio::test(start_paused = true)]
async fn a_launch_from_a_template_carries_the_template_in_its_tags() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let (old, new) = (aws.image(HUB, IRELAND, "old"), aws.image(HUB, IRELAND, "new"));
    let id = template(&hub, "web", &old).await;
    version(&hub, &id, &new).await;
    for (chosen, image, number) in [("$Default", &old, "1"), ("$Latest", &new, "2"), ("1", &old, "1")] {
        let from = LaunchTemplateSpecification::builder()
            .launch_template_id(&id)
            .version(chosen);
        let run = hub
            .run_instances()
            .launch_template(from.build())
            .min_count(1)
            .max_count(1)
            .send()
            .await
            .unwrap();
        let instance = &run.instances()[0];
        assert_eq!(instance.image_id(), Some(image.as_str()), "{chosen}");
        let tags: Vec<_> = instance.tags().iter().map(|tag| (tag.key(), tag.value())).collect();
        assert_eq!(
            tags,
            [
                (Some("aws:ec2launchtemplate:id"), Some(id.as_str())),
                (Some("aws:ec2launchtemplate:version"), Some(number))
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_launch_follows_its_templates_parameter_to_the_newest_image() {
    let aws = Aws::calm();
    let hub = aws.hub();
    template(&hub, "web", "resolve:ssm:/golden/web").await;
    for name in ["old", "new"] {
        let image = aws.image(HUB, IRELAND, name);
        aws.plane
            .with(|world| world.put_parameter(target(HUB, IRELAND), "/golden/web", &image));
        let from = LaunchTemplateSpecification::builder()
            .launch_template_name("web")
            .build();
        let run = hub
            .run_instances()
            .launch_template(from)
            .min_count(1)
            .max_count(1)
            .send();
        assert_eq!(run.await.unwrap().instances()[0].image_id(), Some(image.as_str()));
    }
}

//! What an image is, and who sees it.

use aws_sdk_ec2::types::Filter;

use image_plane::{NewImage, Settings};
use stage::aws::{Aws, HUB, IRELAND, MEMBER, STRANGER, VIRGINIA, code, describe, hours, minutes, snapshots, state};

fn filter(name: &str, values: &[&str]) -> Filter {
    Filter::builder()
        .name(name)
        .set_values(Some(values.iter().map(ToString::to_string).collect()))
        .build()
}

async fn names(ec2: &aws_sdk_ec2::Client, owner: &str, filters: Vec<Filter>) -> Vec<String> {
    let found = ec2
        .describe_images()
        .owners(owner)
        .set_filters(Some(filters))
        .send()
        .await
        .unwrap();
    let mut names: Vec<String> = found
        .images()
        .iter()
        .map(|image| image.name().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test(start_paused = true)]
async fn a_private_image_is_seen_by_its_owner_alone() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web-1");
    assert_eq!(describe(&aws.hub(), &id).await.owner_id(), Some("111122223333"));
    let other = aws.ec2(MEMBER, IRELAND).describe_images().image_ids(&id).send().await;
    assert_eq!(code(&other), "InvalidAMIID.NotFound");
    let elsewhere = aws.ec2(HUB, VIRGINIA).describe_images().image_ids(&id).send().await;
    assert_eq!(code(&elsewhere), "InvalidAMIID.NotFound");
}

#[tokio::test(start_paused = true)]
async fn an_image_found_by_name_alone_may_be_a_strangers() {
    let aws = Aws::calm();
    let real = aws.image_with(HUB, IRELAND, NewImage::named("golden-web").public());
    let fake = aws.image_with(STRANGER, IRELAND, NewImage::named("golden-web").public());
    let by_name = aws
        .ec2(MEMBER, IRELAND)
        .describe_images()
        .filters(filter("name", &["golden-*"]))
        .send()
        .await
        .unwrap();
    let mut ids: Vec<&str> = by_name.images().iter().map(|image| image.image_id().unwrap()).collect();
    ids.sort_unstable();
    let mut both = [real.as_str(), fake.as_str()];
    both.sort_unstable();
    assert_eq!(ids, both);
    assert_eq!(
        names(&aws.ec2(MEMBER, IRELAND), "111122223333", vec![]).await,
        ["golden-web"]
    );
}

#[tokio::test(start_paused = true)]
async fn filters_match_all_names_any_value_with_wildcards_and_tags() {
    let aws = Aws::calm();
    aws.image_with(HUB, IRELAND, NewImage::named("web-1").tag("team", "web"));
    aws.image_with(HUB, IRELAND, NewImage::named("web-2").tag("team", "api").arm64());
    aws.image_with(
        HUB,
        IRELAND,
        NewImage::named("db-1").tag("team", "web").tag("keep", "true"),
    );
    let ec2 = aws.hub();
    assert_eq!(
        names(&ec2, "self", vec![filter("name", &["web-*"])]).await,
        ["web-1", "web-2"]
    );
    assert_eq!(
        names(&ec2, "self", vec![filter("tag:team", &["web"])]).await,
        ["db-1", "web-1"]
    );
    assert_eq!(names(&ec2, "self", vec![filter("tag-key", &["keep"])]).await, ["db-1"]);
    assert_eq!(
        names(&ec2, "self", vec![filter("architecture", &["arm64"])]).await,
        ["web-2"]
    );
    let both = vec![filter("name", &["web-?"]), filter("tag:team", &["api", "none"])];
    assert_eq!(names(&ec2, "self", both).await, ["web-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_filter_nobody_knows_is_an_error_not_an_empty_answer() {
    let aws = Aws::calm();
    let unknown = aws
        .hub()
        .describe_images()
        .owners("self")
        .filters(filter("nmae", &["x"]))
        .send()
        .await;
    assert_eq!(code(&unknown), "InvalidParameterValue");
    let of_aws = aws
        .hub()
        .describe_images()
        .owners("self")
        .filters(filter("product-code", &["x"]))
        .send()
        .await;
    assert_eq!(code(&of_aws), "NotModelled");
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_not_modelled_names_itself() {
    let aws = Aws::calm();
    let refused = aws.hub().describe_vpcs().send().await;
    assert_eq!(code(&refused), "NotModelled");
    assert!(stage::aws::message(refused).contains("DescribeVpcs"));
}

#[tokio::test(start_paused = true)]
async fn a_parameter_that_is_not_modelled_is_refused_by_name() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web-1");
    let refused = aws
        .hub()
        .run_instances()
        .image_id(&id)
        .min_count(1)
        .max_count(1)
        .key_name("k")
        .send()
        .await;
    assert!(stage::aws::message(refused).contains("KeyName"));
}

#[tokio::test(start_paused = true)]
async fn a_copied_image_knows_its_source_and_can_be_found_by_it() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web-1");
    let there = aws.ec2(HUB, VIRGINIA);
    let copy = there
        .copy_image()
        .name("web-1")
        .source_image_id(&id)
        .source_region(IRELAND)
        .send()
        .await
        .unwrap();
    let found = there
        .describe_images()
        .owners("self")
        .filters(filter("source-image-id", &[&id]))
        .send()
        .await
        .unwrap();
    let [image] = found.images() else { panic!("{found:?}") };
    assert_eq!(image.image_id(), copy.image_id());
    assert_eq!(image.source_image_region(), Some(IRELAND));
}

#[tokio::test(start_paused = true)]
async fn a_registered_image_is_pending_first_and_needs_a_snapshot_of_the_callers() {
    let aws = Aws::calm();
    let ec2 = aws.hub();
    let base = describe(&ec2, &aws.image(HUB, IRELAND, "base")).await;
    let snapshot = &snapshots(&base)[0];
    let register = |ec2: &aws_sdk_ec2::Client, name: &str| {
        let ebs = aws_sdk_ec2::types::EbsBlockDevice::builder()
            .snapshot_id(snapshot)
            .build();
        let root = aws_sdk_ec2::types::BlockDeviceMapping::builder()
            .device_name("/dev/xvda")
            .ebs(ebs)
            .build();
        ec2.register_image()
            .name(name)
            .architecture("x86_64".into())
            .virtualization_type("hvm")
            .root_device_name("/dev/xvda")
            .block_device_mappings(root)
            .send()
    };
    let registered = register(&ec2, "second").await.unwrap().image_id.unwrap();
    aws.pass(minutes(1)).await;
    assert_eq!(state(&ec2, &registered).await, "available");
    assert_eq!(snapshots(&describe(&ec2, &registered).await), snapshots(&base));
    assert_eq!(code(&register(&ec2, "second").await), "InvalidAMIName.Duplicate");
    assert_eq!(
        code(&register(&aws.ec2(MEMBER, IRELAND), "theirs").await),
        "InvalidSnapshot.NotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn an_image_of_an_instance_is_pending_until_its_snapshots_are_done() {
    let aws = Aws::calm();
    let ec2 = aws.hub();
    let base = aws.image(HUB, IRELAND, "base");
    let run = ec2
        .run_instances()
        .image_id(&base)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    let instance = run.instances()[0].instance_id().unwrap().to_owned();
    let early = ec2.create_image().instance_id(&instance).name("too-early").send().await;
    assert_eq!(code(&early), "IncorrectState");
    aws.pass(minutes(1)).await;
    let made = ec2
        .create_image()
        .instance_id(&instance)
        .name("made")
        .send()
        .await
        .unwrap()
        .image_id
        .unwrap();
    assert_eq!(state(&ec2, &made).await, "pending");
    aws.pass(hours(1)).await;
    let image = describe(&ec2, &made).await;
    assert_eq!(image.state().unwrap().as_str(), "available");
    assert_eq!(image.source_image_id(), Some(base.as_str()));
    assert_eq!(image.source_instance_id(), Some(instance.as_str()));
    assert_ne!(snapshots(&image), snapshots(&describe(&ec2, &base).await));
}

#[tokio::test(start_paused = true)]
async fn tags_at_creation_reach_exactly_what_they_name() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web-1");
    let there = aws.ec2(HUB, VIRGINIA);
    let tags = |kind: &str, value: &str| {
        let tag = aws_sdk_ec2::types::Tag::builder()
            .key("image-steward:family")
            .value(value)
            .build();
        aws_sdk_ec2::types::TagSpecification::builder()
            .resource_type(kind.into())
            .tags(tag)
            .build()
    };
    let copy = there
        .copy_image()
        .name("copy")
        .source_image_id(&id)
        .source_region(IRELAND)
        .tag_specifications(tags("image", "web"))
        .tag_specifications(tags("snapshot", "web-snapshot"));
    let copy = copy.send().await.unwrap().image_id.unwrap();
    let image = describe(&there, &copy).await;
    assert_eq!(image.tags()[0].value(), Some("web"));
    let found = there
        .describe_snapshots()
        .snapshot_ids(&snapshots(&image)[0])
        .send()
        .await
        .unwrap();
    assert_eq!(found.snapshots()[0].tags()[0].value(), Some("web-snapshot"));
    let wrong = there
        .copy_image()
        .name("more")
        .source_image_id(&id)
        .source_region(IRELAND);
    assert_eq!(
        code(&wrong.tag_specifications(tags("instance", "x")).send().await),
        "InvalidParameterValue"
    );
}

#[tokio::test(start_paused = true)]
async fn a_consumers_tags_on_a_shared_image_are_its_own() {
    let aws = Aws::calm();
    let id = aws.image_with(
        HUB,
        IRELAND,
        NewImage::named("web-1")
            .tag("team", "web")
            .tag("ec2:SharedTag/os", "al2023")
            .public(),
    );
    let (hub, member) = (aws.hub(), aws.ec2(MEMBER, IRELAND));
    let keep = aws_sdk_ec2::types::Tag::builder().key("keep").value("true").build();
    member.create_tags().resources(&id).tags(keep).send().await.unwrap();
    let keys = |image: aws_sdk_ec2::types::Image| {
        let mut keys: Vec<String> = image.tags().iter().map(|tag| tag.key().unwrap().to_owned()).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(describe(&member, &id).await), ["ec2:SharedTag/os", "keep"]);
    assert_eq!(keys(describe(&hub, &id).await), ["ec2:SharedTag/os", "team"]);
    let stranger = aws.ec2(STRANGER, IRELAND);
    assert_eq!(keys(describe(&stranger, &id).await), ["ec2:SharedTag/os"]);
}

#[tokio::test(start_paused = true)]
async fn tag_keys_of_aws_and_the_51st_tag_are_refused() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web-1");
    let ec2 = aws.hub();
    let tag = |key: String| aws_sdk_ec2::types::Tag::builder().key(key).value("x").build();
    assert_eq!(
        code(
            &ec2.create_tags()
                .resources(&id)
                .tags(tag("aws:mine".into()))
                .send()
                .await
        ),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(
            &ec2.create_tags()
                .resources(&id)
                .tags(tag("AWS:mine".into()))
                .send()
                .await
        ),
        "InvalidParameterValue"
    );
    let fifty = (0..50).map(|n| tag(format!("k{n}"))).collect();
    ec2.create_tags()
        .resources(&id)
        .set_tags(Some(fifty))
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(&ec2.create_tags().resources(&id).tags(tag("k50".into())).send().await),
        "TagLimitExceeded"
    );
    ec2.create_tags()
        .resources(&id)
        .tags(tag("k49".into()))
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn deleting_a_tag_with_a_value_leaves_it_where_the_value_differs() {
    let aws = Aws::calm();
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web-1").tag("a", "1").tag("b", "2"));
    let ec2 = aws.hub();
    let tag = |key: &str, value: Option<&str>| {
        aws_sdk_ec2::types::Tag::builder()
            .key(key)
            .set_value(value.map(str::to_owned))
            .build()
    };
    ec2.delete_tags()
        .resources(&id)
        .tags(tag("a", Some("other")))
        .send()
        .await
        .unwrap();
    assert_eq!(describe(&ec2, &id).await.tags().len(), 2);
    ec2.delete_tags()
        .resources(&id)
        .tags(tag("a", None))
        .send()
        .await
        .unwrap();
    assert_eq!(describe(&ec2, &id).await.tags().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_tags_of_an_account_are_listed_by_key_and_by_kind() {
    let aws = Aws::calm();
    let id = aws.image_with(
        HUB,
        IRELAND,
        NewImage::named("web").tag("team", "web").tag("keep", "true"),
    );
    aws.image_with(MEMBER, IRELAND, NewImage::named("theirs").tag("team", "api").public());
    let listed = |name: &str, value: &str| {
        let request = aws.hub().describe_tags().filters(filter(name, &[value]));
        async move {
            let found = request.send().await.unwrap();
            let row = |tag: &aws_sdk_ec2::types::TagDescription| {
                let kind = tag.resource_type().unwrap().as_str();
                format!("{kind} {}={}", tag.key().unwrap(), tag.value().unwrap())
            };
            found.tags().iter().map(row).collect::<Vec<_>>()
        }
    };
    assert_eq!(listed("key", "team").await, ["image team=web", "snapshot team=web"]);
    assert_eq!(listed("resource-id", &id).await, ["image team=web", "image keep=true"]);
    assert_eq!(listed("resource-type", "instance").await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_not_enabled_refuses_the_account_as_if_its_key_were_wrong() {
    let aws = Aws::new(1, Settings::calm());
    let refused = aws.ec2(HUB, "af-south-1").describe_images().owners("self").send().await;
    assert_eq!(code(&refused), "AuthFailure");
    aws.plane
        .with(|world| world.account_mut(HUB).opted_in.insert("af-south-1".parse().unwrap()));
    aws.ec2(HUB, "af-south-1")
        .describe_images()
        .owners("self")
        .send()
        .await
        .unwrap();
    let regions = aws.hub().describe_regions().send().await.unwrap();
    let cape = regions
        .regions()
        .iter()
        .find(|region| region.region_name() == Some("af-south-1"))
        .unwrap();
    assert_eq!(cape.opt_in_status(), Some("opted-in"));
    let all = aws
        .ec2(MEMBER, IRELAND)
        .describe_regions()
        .all_regions(true)
        .send()
        .await
        .unwrap();
    let cape = all
        .regions()
        .iter()
        .find(|region| region.region_name() == Some("af-south-1"))
        .unwrap();
    assert_eq!(cape.opt_in_status(), Some("not-opted-in"));
    assert!(
        all.regions()
            .iter()
            .all(|region| !region.region_name().unwrap().starts_with("cn-"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_registration_is_refused_for_a_boot_mode_a_metadata_version_or_an_encryption_that_cannot_be() {
    let aws = Aws::calm();
    let ec2 = aws.hub();
    let snapshot = snapshots(&describe(&ec2, &aws.image(HUB, IRELAND, "base")).await)[0].clone();
    let register = |encrypted: Option<bool>| {
        let ebs = aws_sdk_ec2::types::EbsBlockDevice::builder()
            .snapshot_id(&snapshot)
            .set_encrypted(encrypted)
            .build();
        let root = aws_sdk_ec2::types::BlockDeviceMapping::builder()
            .device_name("/dev/xvda")
            .ebs(ebs)
            .build();
        let request = ec2
            .register_image()
            .name("web")
            .architecture("x86_64".into())
            .virtualization_type("hvm");
        request.root_device_name("/dev/xvda").block_device_mappings(root)
    };
    assert_eq!(
        code(&register(None).boot_mode("banana".into()).send().await),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(&register(None).imds_support("v9".into()).send().await),
        "InvalidParameterValue"
    );
    assert_eq!(code(&register(Some(true)).send().await), "InvalidBlockDeviceMapping");
    assert_eq!(code(&register(None).boot_mode("uefi".into()).send().await), "done");
}

//! What somebody built by hand: Image Builder's image of it has none of its pipeline's tags, and the worker's role may change only
//! what has ours.

use record_lineage::tag_snapshots;
use serde_json::json;
use stage::aws::{HUB, IRELAND, code, describe, hours, snapshots};
use stage::member::LET_EC2_LOOK;

use super::{LADDER, Yard};
use crate::hub::in_role;

const FAMILY: &str = "image-steward:family";
/// What every function of these reads and writes, as the template has it or wider: nothing of what is retired or tagged.
const AROUND: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["dynamodb:*","sqs:*"],"Resource":"*"}}"#;
/// As the template lets `apply-pruning`.
const RETIRE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ec2:DescribeImageAttribute","ec2:DescribeImageReferences","ec2:DescribeImages",
    "ec2:DescribeSnapshots"],"Resource":"*"},
    {"Effect":"Allow","Action":"imagebuilder:GetImage","Resource":"arn:aws:imagebuilder:eu-west-1:111122223333:image/*"},
    {"Effect":"Allow","Action":["ec2:DeregisterImage","ec2:DisableImage","ec2:DisableImageDeprecation","ec2:EnableImage",
    "ec2:EnableImageDeprecation"],"Resource":"arn:aws:ec2:*::image/*",
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false"}}},
    {"Effect":"Allow","Action":"ec2:DeleteSnapshot","Resource":"arn:aws:ec2:*::snapshot/*",
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false"}}},
    {"Effect":"Allow","Action":["imagebuilder:DeleteImage","imagebuilder:StartResourceStateUpdate"],
    "Resource":"arn:aws:imagebuilder:eu-west-1:111122223333:image/*",
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"false"}}}]}"#;
/// As it lets `tag-snapshots`.
const TAG: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["ec2:DescribeImages","ec2:DescribeSnapshots"],"Resource":"*"},
    {"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:*::snapshot/*","Condition":{
    "Null":{"aws:ResourceTag/image-steward:family":"true","aws:RequestTag/image-steward:family":"false"},
    "ForAllValues:StringEquals":{"aws:TagKeys":"image-steward:family"},
    "StringEquals":{"ec2:Owner":"111122223333"}}},
    {"Effect":"Allow","Action":"imagebuilder:GetImage","Resource":"arn:aws:imagebuilder:eu-west-1:111122223333:image/*"},
    {"Effect":"Allow","Action":"imagebuilder:TagResource","Resource":"arn:aws:imagebuilder:eu-west-1:111122223333:image/*",
    "Condition":{"Null":{"aws:ResourceTag/image-steward:family":"true","aws:RequestTag/image-steward:family":"false"},
    "ForAllValues:StringEquals":{"aws:TagKeys":"image-steward:family"}}}]}"#;

#[tokio::test(start_paused = true)]
async fn an_image_of_image_builders_that_somebody_built_by_hand_is_retired_by_what_the_workers_role_allows() {
    let yard = Yard::new(2, LADDER).await;
    let worker = yard
        .hub
        .role("/image-steward/act/apply-pruning", &[AROUND, RETIRE, LET_EC2_LOOK]);
    let tagger = yard.hub.role("/image-steward/tag/tag-snapshots", &[AROUND, TAG]);
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let behind = snapshots(&describe(&ec2, &yard.images[0]).await);
    let build = yard.release(&yard.images[0], "name");
    yard.hub.shop.aws.pass(hours(48)).await;
    yard.plan_later().await;
    yard.apply_in(&worker).await;
    yard.next_day().await;
    yard.apply_in(&worker).await;
    yard.plan_later().await;
    yard.next_day().await;
    yard.apply_in(&worker).await;
    // It is the last of its release, and a wildcard would pick that.
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    let denied = yard
        .journal()
        .into_iter()
        .filter(|says| says.contains("failed: AccessDeniedException"));
    assert_eq!(denied.count(), 1);
    let room = yard.hub.tagging_room_in(&tagger).await;
    let outcome = tag_snapshots(&room, &json!({ "wake": "sweep" }), yard.hub.moment()).await;
    assert_eq!(outcome.unwrap().outputs, 2);
    yard.next_day().await;
    yard.apply_in(&worker).await;
    yard.plan_later().await;
    yard.apply_in(&worker).await;
    assert_eq!(yard.rungs().await, ["gone", "available"]);
    let gone = yard.hub.shop.ib.get_image().image_build_version_arn(build);
    assert!(gone.send().await.is_err());
    let left = ec2.describe_snapshots().owner_ids("self").send().await.unwrap();
    let mut left = left.snapshots().iter().filter_map(|snapshot| snapshot.snapshot_id());
    assert!(left.all(|left| !behind.iter().any(|gone| gone == left)));
}

#[tokio::test(start_paused = true)]
async fn whoever_tags_can_tag_nothing_but_builds_and_snapshots_without_our_tag_and_with_nothing_else() {
    let yard = Yard::new(3, LADDER).await;
    let tagger = yard.hub.role("/image-steward/tag/tag-snapshots", &[AROUND, TAG]);
    let config = in_role(&yard.hub.shop.aws.another_process(), &tagger).await;
    let ib = aws_sdk_imagebuilder::Client::new(&config);
    let builds: Vec<String> = yard.images.iter().map(|ami| yard.release(ami, "name")).collect();
    let tag = async |arn: &str, keys: &[&str]| {
        let mut request = ib.tag_resource().resource_arn(arn);
        for key in keys {
            request = request.tags(*key, "base");
        }
        code(&request.send().await)
    };
    let by_hand = yard.hub.shop.ib.tag_resource().resource_arn(&builds[0]);
    by_hand.tags(FAMILY, "web").send().await.unwrap();
    // What has it keeps it, other tags and other things are not ours to set, and nothing is taken away.
    assert_eq!(tag(&builds[0], &[FAMILY]).await, "AccessDeniedException");
    assert_eq!(tag(&builds[1], &["team"]).await, "AccessDeniedException");
    assert_eq!(tag(&builds[1], &[FAMILY, "team"]).await, "AccessDeniedException");
    let recipe = yard.hub.shop.recipe.clone();
    for other in [&yard.hub.shop.pipeline, &recipe] {
        assert_eq!(tag(other, &[FAMILY]).await, "AccessDeniedException", "{other}");
    }
    let untag = ib.untag_resource().resource_arn(&builds[0]).tag_keys(FAMILY);
    assert_eq!(code(&untag.send().await), "AccessDeniedException");
    let ec2 = aws_sdk_ec2::Client::new(&config);
    let ours = aws_sdk_ec2::types::Tag::builder().key(FAMILY).value("web").build();
    let image = ec2.create_tags().resources(&yard.images[0]).tags(ours);
    assert_eq!(code(&image.send().await), "UnauthorizedOperation");
    assert_eq!(tag(&builds[1], &[FAMILY]).await, "done");
}

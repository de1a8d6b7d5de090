//! An image built by Image Builder: from its component to the AMIs it leaves behind.

use aws_sdk_imagebuilder::Client;
use aws_sdk_imagebuilder::operation::create_image_pipeline::builders::CreateImagePipelineFluentBuilder;
use aws_sdk_imagebuilder::types::{
    ImageTestsConfiguration, ResourceState, ResourceStateUpdateIncludeResources, ResourceStatus,
};
use serde_json::json;

use crate::builder_parts::{self as parts, Parts};
use crate::builder_shapes as shapes;
use crate::diary::Diary;
use crate::ec2_shapes::{self, all};
use crate::world::{HUB, IRELAND, MEMBER};

const ROLE: &str = "arn:aws:iam::111122223333:role/lifecycle";

pub(crate) async fn image_by_builder(diary: &mut Diary) -> String {
    let hub = diary.builder(HUB, IRELAND);
    let component = parts::components(diary, &hub).await;
    let parts = Parts {
        recipe: parts::recipes(diary, &hub, &component).await,
        infrastructure: parts::infrastructures(diary, &hub).await,
        distribution: parts::distributions(diary, &hub).await,
    };
    let pipeline = parts::pipelines(diary, &hub, &parts).await;
    let build = builds(diary, &hub, &pipeline).await;
    lists(diary, &hub, &pipeline, &build).await;
    if diary.asides {
        failures(diary, &hub, &parts).await;
    }
    let ami = lifecycle(diary, &hub, &build).await;
    if diary.asides {
        endings(diary, &hub, &parts, &component, &pipeline).await;
    }
    ami
}

/// A pipeline of the parts.
pub(crate) fn pipeline_of(hub: &Client, parts: &Parts, name: &str, token: &str) -> CreateImagePipelineFluentBuilder {
    hub.create_image_pipeline()
        .name(name)
        .client_token(token)
        .image_recipe_arn(&parts.recipe)
        .infrastructure_configuration_arn(&parts.infrastructure)
        .distribution_configuration_arn(&parts.distribution)
}

async fn image(diary: &mut Diary, step: &str, hub: &Client, build: &str) -> aws_sdk_imagebuilder::types::Image {
    let answer = hub.get_image().image_build_version_arn(build).send().await;
    let answer = diary.saw(step, answer, |answer| {
        json!({
            "image": answer.image().map(shapes::image),
            "latestVersionReferences": shapes::latest(answer.latest_version_references()),
        })
    });
    answer.image.unwrap()
}

async fn pipeline(diary: &mut Diary, step: &str, hub: &Client, pipeline: &str) {
    let answer = hub.get_image_pipeline().image_pipeline_arn(pipeline).send().await;
    diary.saw(
        step,
        answer,
        |answer| json!({ "imagePipeline": answer.image_pipeline().map(shapes::pipeline) }),
    );
}

async fn started(diary: &mut Diary, step: &str, hub: &Client, pipeline: &str, token: &str) -> String {
    let start = hub
        .start_image_pipeline_execution()
        .image_pipeline_arn(pipeline)
        .client_token(token);
    let start = if token == "build-1" {
        start.tags("reason", "manual")
    } else {
        start
    };
    let answer = diary.saw(step, start.send().await, |answer| {
        json!({ "imageBuildVersionArn": answer.image_build_version_arn(), "clientToken": answer.client_token() })
    });
    answer.image_build_version_arn.unwrap()
}

async fn builds(diary: &mut Diary, hub: &Client, pipeline: &str) -> String {
    let build = started(diary, "a build", hub, pipeline, "build-1").await;
    started(diary, "the same token is the same build", hub, pipeline, "build-1").await;
    image(diary, "the build waits", hub, &build).await;
    // Past each of its states: created, built, tested, distributed.
    for (place, seconds) in [20, 20, 700, 300, 60].into_iter().enumerate() {
        diary.wait(seconds).await;
        image(diary, &format!("the build walks, {place}"), hub, &build).await;
    }
    let early = hub.delete_image().image_build_version_arn(&build).send().await;
    diary.refused("it stays while it is built", early);
    let second = started(diary, "a second build", hub, pipeline, "build-2").await;
    diary.wait(60).await;
    let cancel = hub
        .cancel_image_creation()
        .image_build_version_arn(&second)
        .client_token("cancel-1");
    diary.saw("is called off", cancel.send().await, |answer| {
        json!({ "imageBuildVersionArn": answer.image_build_version_arn(), "clientToken": answer.client_token() })
    });
    diary.wait(3600).await;
    image(diary, "and is cancelled", hub, &second).await;
    image(diary, "the first is available", hub, &build).await;
    let newest = build.replace("/1.4.2/1", "/x.x.x");
    image(diary, "as the newest", hub, &newest).await;
    build
}

async fn lists(diary: &mut Diary, hub: &Client, pipeline: &str, build: &str) {
    let versions = hub.list_images().owner("Self".into()).send().await;
    diary.saw("versions", versions, |answer| {
        json!({ "imageVersionList": all(answer.image_version_list(), shapes::image_version), "nextToken": answer.next_token() })
    });
    let versions = hub.list_images().owner("Amazon".into()).by_name(true).send().await;
    diary.saw("Amazon's versions", versions, |answer| {
        json!({ "imageVersionList": all(answer.image_version_list(), shapes::image_version), "nextToken": answer.next_token() })
    });
    let version = build.rsplit_once('/').unwrap().0;
    let mut token = None;
    for step in ["builds of a version, one by one", "the next"] {
        let page = hub
            .list_image_build_versions()
            .image_version_arn(version)
            .max_results(1)
            .set_next_token(token);
        let page = diary.saw(step, page.send().await, |answer| {
            json!({ "imageSummaryList": all(answer.image_summary_list(), shapes::image_summary), "nextToken": answer.next_token() })
        });
        token = page.next_token;
    }
    let filter = aws_sdk_imagebuilder::types::Filter::builder()
        .name("version")
        .values("1.4.2")
        .build();
    of_pipeline(diary, "builds of the pipeline", hub, pipeline, Some(filter)).await;
    let tag = hub
        .tag_resource()
        .resource_arn(build)
        .tags("seen", "yes")
        .tags("gone", "soon");
    diary.done("the build is tagged", tag.send().await);
    let untag = hub.untag_resource().resource_arn(build).tag_keys("gone");
    diary.done("a tag goes", untag.send().await);
    let tags = hub.list_tags_for_resource().resource_arn(build).send().await;
    diary.saw("its tags", tags, |answer| json!({ "tags": answer.tags() }));
}

async fn of_pipeline(
    diary: &mut Diary,
    step: &str,
    hub: &Client,
    pipeline: &str,
    filter: Option<aws_sdk_imagebuilder::types::Filter>,
) {
    let list = hub
        .list_image_pipeline_images()
        .image_pipeline_arn(pipeline)
        .set_filters(filter.map(|filter| vec![filter]));
    diary.saw(step, list.send().await, |answer| {
        json!({ "imageSummaryList": all(answer.image_summary_list(), shapes::image_summary), "nextToken": answer.next_token() })
    });
}

/// What the world was told before: builds of this pipeline fail, each in its own way.
async fn failures(diary: &mut Diary, hub: &Client, parts: &Parts) {
    let unlucky = pipeline_of(hub, parts, "unlucky", "pipeline-3").send().await;
    let unlucky = diary.saw(
        "an unlucky pipeline",
        unlucky,
        |answer| json!({ "imagePipelineArn": answer.image_pipeline_arn(), "clientToken": answer.client_token() }),
    );
    let unlucky = unlucky.image_pipeline_arn.unwrap();
    let mut build = String::new();
    for way in ["by a component", "in a Region", "for want of machines"] {
        let (step, token) = (format!("it fails {way}"), format!("fails {way}"));
        build = started(diary, &step, hub, &unlucky, &token).await;
        diary.wait(2 * 3600).await;
        image(diary, &format!("it has failed {way}"), hub, &build).await;
    }
    of_pipeline(diary, "all of its builds", hub, &unlucky, None).await;
    pipeline(diary, "the pipeline knows", hub, &unlucky).await;
    let gone = hub.delete_image().image_build_version_arn(&build).send().await;
    diary.saw(
        "the last failed build goes",
        gone,
        |answer| json!({ "imageBuildVersionArn": answer.image_build_version_arn() }),
    );
    let gone = hub.get_image().image_build_version_arn(&build).send().await;
    diary.refused("and is gone", gone);
}

async fn lifecycle(diary: &mut Diary, hub: &Client, build: &str) -> String {
    let bare = |status: ResourceStatus, token: &str| {
        hub.start_resource_state_update()
            .resource_arn(build)
            .state(ResourceState::builder().status(status).build())
            .client_token(token)
    };
    let update = |status: ResourceStatus, token: &str| {
        bare(status, token)
            .execution_role(ROLE)
            .include_resources(ResourceStateUpdateIncludeResources::builder().amis(true).build())
    };
    let begun = update(ResourceStatus::Deprecated, "state-1").send().await;
    let begun = diary.saw("the image is deprecated, with its AMIs", begun, |answer| {
        json!({ "lifecycleExecutionId": answer.lifecycle_execution_id(), "resourceArn": answer.resource_arn() })
    });
    let look = hub
        .get_lifecycle_execution()
        .set_lifecycle_execution_id(begun.lifecycle_execution_id);
    diary.saw(
        "that takes a while",
        look.clone().send().await,
        |answer| json!({ "lifecycleExecution": answer.lifecycle_execution().map(shapes::execution) }),
    );
    let second = update(ResourceStatus::Disabled, "state-2").send().await;
    diary.refused("one at a time", second);
    diary.wait(60).await;
    diary.saw(
        "it is done",
        look.send().await,
        |answer| json!({ "lifecycleExecution": answer.lifecycle_execution().map(shapes::execution) }),
    );
    image(diary, "it is deprecated", hub, build).await;
    let back = update(ResourceStatus::Available, "state-3").send().await;
    diary.saw("and comes back", back, |answer| {
        json!({ "lifecycleExecutionId": answer.lifecycle_execution_id(), "resourceArn": answer.resource_arn() })
    });
    diary.wait(60).await;
    let of_nothing = bare(ResourceStatus::Deleted, "state-4").send().await;
    diary.refused("deletion says of what", of_nothing);
    let image = image(diary, "it is what it was", hub, build).await;
    let amis = image.output_resources().unwrap().amis();
    let ami = amis.iter().find(|ami| ami.region() == Some(IRELAND)).unwrap();
    let ami = ami.image().unwrap();
    let described = diary.ec2(HUB, IRELAND).describe_images().image_ids(ami).send().await;
    diary.saw("its AMI", described, |answer| ec2_shapes::images(answer.images()));
    ami.to_owned()
}

async fn endings(diary: &mut Diary, hub: &Client, parts: &Parts, component: &str, web: &str) {
    let update = hub
        .update_image_pipeline()
        .image_pipeline_arn(web)
        .status("DISABLED".into())
        .client_token("pipeline-4")
        .image_recipe_arn(&parts.recipe)
        .infrastructure_configuration_arn(&parts.infrastructure);
    diary.saw(
        "the pipeline changes",
        update.send().await,
        |answer| json!({ "imagePipelineArn": answer.image_pipeline_arn(), "clientToken": answer.client_token() }),
    );
    pipeline(diary, "as it is now", hub, web).await;
    let alone = hub
        .create_image()
        .client_token("image-1")
        .image_tests_configuration(ImageTestsConfiguration::builder().image_tests_enabled(false).build())
        .image_recipe_arn(&parts.recipe)
        .infrastructure_configuration_arn(&parts.infrastructure);
    diary.saw("an image without a pipeline", alone.send().await, |answer| {
        json!({
            "imageBuildVersionArn": answer.image_build_version_arn(),
            "clientToken": answer.client_token(),
            "latestVersionReferences": shapes::latest(answer.latest_version_references()),
        })
    });
    let used = hub.delete_component().component_build_version_arn(component);
    diary.refused("a component in use stays", used.send().await);
    let used = hub.delete_image_recipe().image_recipe_arn(&parts.recipe);
    diary.refused("a recipe in use stays", used.send().await);
    let gone = hub.delete_image_pipeline().image_pipeline_arn(web).send().await;
    diary.saw(
        "the pipeline goes",
        gone,
        |answer| json!({ "imagePipelineArn": answer.image_pipeline_arn() }),
    );
    let unknown = hub.list_workflows().send().await;
    diary.refused("an operation of the builder nobody modelled", unknown);
    let bare = hub.get_image().image_build_version_arn("web").send().await;
    diary.refused("no ARN", bare);
    let theirs = format!("arn:aws:imagebuilder:{IRELAND}:{MEMBER}:image/web/1.0.0/1");
    let theirs = hub.get_image().image_build_version_arn(theirs).send().await;
    diary.refused("another account's image", theirs);
    diary.wait(3600).await;
}

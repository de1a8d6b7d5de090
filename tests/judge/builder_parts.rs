//! What an image is built from: component, recipe, infrastructure, distribution, and the pipeline that joins them.

use aws_sdk_imagebuilder::Client;
use aws_sdk_imagebuilder::types::{
    AdditionalInstanceConfiguration, AmiDistributionConfiguration, AutoDisablePolicy, ComponentConfiguration,
    ComponentParameter, Distribution, EbsInstanceBlockDeviceSpecification, EcrConfiguration, Filter,
    ImageScanningConfiguration, ImageTestsConfiguration, InstanceBlockDeviceMapping, InstanceMetadataOptions,
    LaunchPermissionConfiguration, Logging, PipelineLoggingConfiguration, Placement, Platform, S3Logs, Schedule,
    SystemsManagerAgent,
};
use serde_json::json;

use crate::builder::pipeline_of;
use crate::builder_shapes as shapes;
use crate::by_hand::KEY;
use crate::diary::Diary;
use crate::ec2_shapes::all;
use crate::world::{IRELAND, VIRGINIA};

const AMAZON: &str = "arn:aws:imagebuilder:eu-west-1:aws";
const DOCUMENT: &str = r#"name: nginx
schemaVersion: 1.0
parameters:
  - Version:
      type: string
      default: "1.27"
      description: which nginx
phases:
  - name: build
    steps:
      - name: install
        action: ExecuteBash
        inputs:
          commands:
            - dnf install -y nginx-{{ Version }}
"#;

/// The ARNs a pipeline joins.
pub(crate) struct Parts {
    pub(crate) recipe: String,
    pub(crate) infrastructure: String,
    pub(crate) distribution: String,
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

pub(crate) async fn components(diary: &mut Diary, hub: &Client) -> String {
    let request = hub
        .create_component()
        .name("nginx")
        .semantic_version("1.0.0")
        .platform(Platform::Linux)
        .description("a web server")
        .change_description("the first")
        .supported_os_versions("Amazon Linux 2023")
        .data(DOCUMENT)
        .tags("team", "web")
        .client_token("component-1");
    let mut made = String::new();
    for step in ["a component", "the same token is the same component"] {
        let answer = diary.saw(step, request.clone().send().await, |answer| {
            json!({
                "componentBuildVersionArn": answer.component_build_version_arn(),
                "clientToken": answer.client_token(),
                "latestVersionReferences": shapes::latest(answer.latest_version_references()),
            })
        });
        made = answer.component_build_version_arn.unwrap();
    }
    let other = request.clone().description("other").send().await;
    diary.refused("the same token means something else", other);
    let dry = request.clone().name("dry").client_token("component-2").dry_run(true);
    diary.refused("a dry run makes none", dry.send().await);
    let empty = request
        .data("name: no")
        .semantic_version("1.0.1")
        .client_token("component-3");
    diary.refused("a document has phases", empty.send().await);
    let newest = format!("{AMAZON}:component/update-linux/x.x.x");
    for (step, arn) in [("the component", &made), ("Amazon's newest", &newest)] {
        let answer = hub.get_component().component_build_version_arn(arn).send().await;
        diary.saw(step, answer, |answer| {
            json!({
                "component": answer.component().map(shapes::component),
                "latestVersionReferences": shapes::latest(answer.latest_version_references()),
            })
        });
    }
    let own = hub.list_components().owner("Self".into());
    let amazon = hub
        .list_components()
        .owner("Amazon".into())
        .filters(filter("platform", "Linux"));
    for (step, list) in [("components of one's own", own), ("Amazon's, by a filter", amazon)] {
        diary.saw(step, list.send().await, |answer| {
            json!({
                "componentVersionList": all(answer.component_version_list(), shapes::component_version),
                "nextToken": answer.next_token(),
            })
        });
    }
    let version = made.rsplit_once('/').unwrap().0;
    let builds = hub.list_component_build_versions().component_version_arn(version);
    diary.saw("its builds", builds.send().await, |answer| {
        json!({
            "componentSummaryList": all(answer.component_summary_list(), shapes::component_summary),
            "nextToken": answer.next_token(),
        })
    });
    made
}

fn device(name: &str, ebs: EbsInstanceBlockDeviceSpecification) -> InstanceBlockDeviceMapping {
    InstanceBlockDeviceMapping::builder().device_name(name).ebs(ebs).build()
}

pub(crate) async fn recipes(diary: &mut Diary, hub: &Client, component: &str) -> String {
    let version = ComponentParameter::builder().name("Version").value("1.28").build();
    let nginx = ComponentConfiguration::builder()
        .component_arn(component)
        .parameters(version.unwrap())
        .build();
    let update = ComponentConfiguration::builder()
        .component_arn(format!("{AMAZON}:component/update-linux/x.x.x"))
        .build();
    let root = EbsInstanceBlockDeviceSpecification::builder()
        .encrypted(true)
        .kms_key_id(KEY)
        .volume_size(10)
        .volume_type("gp3".into())
        .iops(3000)
        .throughput(125)
        .delete_on_termination(true);
    let data = EbsInstanceBlockDeviceSpecification::builder()
        .volume_size(4)
        .volume_type("gp2".into());
    let agent = SystemsManagerAgent::builder().uninstall_after_build(false).build();
    let request = hub
        .create_image_recipe()
        .name("web")
        .semantic_version("1.4.2")
        .description("nginx on Amazon Linux 2023")
        .parent_image(format!("{AMAZON}:image/amazon-linux-2023-x86/x.x.x"))
        .components(update.unwrap())
        .components(nginx.unwrap())
        .block_device_mappings(device("/dev/xvda", root.build()))
        .block_device_mappings(device("/dev/sdb", data.build()))
        .working_directory("/tmp")
        .additional_instance_configuration(
            AdditionalInstanceConfiguration::builder()
                .systems_manager_agent(agent)
                .build(),
        )
        .ami_tags("image-steward:family", "web")
        .tags("team", "web")
        .client_token("recipe-1");
    let made = diary.saw("a recipe", request.clone().send().await, |answer| {
        json!({
            "imageRecipeArn": answer.image_recipe_arn(),
            "clientToken": answer.client_token(),
            "latestVersionReferences": shapes::latest(answer.latest_version_references()),
        })
    });
    let made = made.image_recipe_arn.unwrap();
    let again = request.clone().client_token("recipe-2").send().await;
    diary.refused("a version never changes", again);
    let short = request
        .clone()
        .semantic_version("1.4")
        .client_token("recipe-3")
        .send()
        .await;
    diary.refused("a version has three numbers", short);
    let none = ComponentConfiguration::builder()
        .component_arn(component.replace("/nginx/", "/none/"))
        .build();
    let none = request
        .name("none")
        .set_components(Some(vec![none.unwrap()]))
        .client_token("recipe-4");
    diary.refused("a recipe's components exist", none.send().await);
    let recipe = hub.get_image_recipe().image_recipe_arn(&made).send().await;
    diary.saw("the recipe", recipe, |answer| {
        json!({
            "imageRecipe": answer.image_recipe().map(shapes::recipe),
            "latestVersionReferences": shapes::latest(answer.latest_version_references()),
        })
    });
    let own = hub.list_image_recipes().owner("Self".into()).send().await;
    diary.saw("recipes of one's own", own, |answer| {
        json!({
            "imageRecipeSummaryList": all(answer.image_recipe_summary_list(), shapes::recipe_summary),
            "nextToken": answer.next_token(),
        })
    });
    made
}

pub(crate) async fn infrastructures(diary: &mut Diary, hub: &Client) -> String {
    let logs = S3Logs::builder().s3_bucket_name("logs").s3_key_prefix("images").build();
    let metadata = InstanceMetadataOptions::builder()
        .http_tokens("required")
        .http_put_response_hop_limit(2)
        .build();
    let placement = Placement::builder()
        .availability_zone("eu-west-1a")
        .tenancy("default".into())
        .build();
    let request = hub
        .create_infrastructure_configuration()
        .name("web")
        .description("small machines")
        .instance_types("t3.medium")
        .instance_types("t3.large")
        .instance_profile_name("ImageBuilder")
        .subnet_id("subnet-0abc")
        .security_group_ids("sg-0abc")
        .logging(Logging::builder().s3_logs(logs).build())
        .terminate_instance_on_failure(false)
        .sns_topic_arn("arn:aws:sns:eu-west-1:111122223333:images")
        .resource_tags("cost", "images")
        .instance_metadata_options(metadata)
        .placement(placement)
        .tags("team", "web")
        .client_token("infrastructure-1");
    let made = diary.saw("where it is built", request.send().await, |answer| {
        json!({
            "infrastructureConfigurationArn": answer.infrastructure_configuration_arn(),
            "clientToken": answer.client_token(),
        })
    });
    let made = made.infrastructure_configuration_arn.unwrap();
    let kept = hub
        .get_infrastructure_configuration()
        .infrastructure_configuration_arn(&made);
    diary.saw("as it is kept", kept.send().await, |answer| {
        json!({ "infrastructureConfiguration": answer.infrastructure_configuration().map(shapes::infrastructure) })
    });
    let list = hub.list_infrastructure_configurations().send().await;
    diary.saw("all of them", list, |answer| {
        let summaries = answer.infrastructure_configuration_summary_list();
        json!({
            "infrastructureConfigurationSummaryList": all(summaries, shapes::infrastructure_summary),
            "nextToken": answer.next_token(),
        })
    });
    made
}

pub(crate) async fn distributions(diary: &mut Diary, hub: &Client) -> String {
    let entry = |region: &str, ami: AmiDistributionConfiguration| {
        Distribution::builder()
            .region(region)
            .ami_distribution_configuration(ami)
            .build()
            .unwrap()
    };
    let name = "web-{{ imagebuilder:buildDate }}";
    let launch = LaunchPermissionConfiguration::builder()
        .user_ids("444455556666")
        .build();
    let home = AmiDistributionConfiguration::builder()
        .name(name)
        .description("at home")
        .ami_tags("team", "web")
        .launch_permission(launch);
    let abroad = AmiDistributionConfiguration::builder().name(name).kms_key_id(KEY);
    let request = hub
        .create_distribution_configuration()
        .name("web")
        .description("two Regions and a member")
        .distributions(entry(IRELAND, home.build()))
        .distributions(entry(VIRGINIA, abroad.build()))
        .tags("team", "web")
        .client_token("distribution-1");
    let made = diary.saw("where it goes", request.send().await, |answer| {
        json!({
            "distributionConfigurationArn": answer.distribution_configuration_arn(),
            "clientToken": answer.client_token(),
        })
    });
    let made = made.distribution_configuration_arn.unwrap();
    let kept = hub
        .get_distribution_configuration()
        .distribution_configuration_arn(&made);
    diary.saw(
        "as that is kept",
        kept.send().await,
        |answer| json!({ "distributionConfiguration": answer.distribution_configuration().map(shapes::distribution) }),
    );
    let list = hub.list_distribution_configurations().send().await;
    diary.saw("all of those", list, |answer| {
        let summaries = answer.distribution_configuration_summary_list();
        json!({
            "distributionConfigurationSummaryList": all(summaries, shapes::distribution_summary),
            "nextToken": answer.next_token(),
        })
    });
    made
}

pub(crate) async fn pipelines(diary: &mut Diary, hub: &Client, parts: &Parts) -> String {
    let schedule = Schedule::builder()
        .schedule_expression("cron(0 4 ? * MON *)")
        .timezone("Europe/Berlin")
        .pipeline_execution_start_condition("EXPRESSION_MATCH_ONLY".into())
        .auto_disable_policy(AutoDisablePolicy::builder().failure_count(3).build().unwrap());
    let tests = ImageTestsConfiguration::builder()
        .image_tests_enabled(true)
        .timeout_minutes(60);
    let ecr = EcrConfiguration::builder()
        .repository_name("scans")
        .container_tags("web");
    let scanning = ImageScanningConfiguration::builder()
        .image_scanning_enabled(true)
        .ecr_configuration(ecr.build());
    let logging = PipelineLoggingConfiguration::builder().image_log_group_name("/aws/imagebuilder/web");
    let request = pipeline_of(hub, parts, "web", "pipeline-1")
        .description("every Monday")
        .schedule(schedule.build())
        .image_tests_configuration(tests.build())
        .image_scanning_configuration(scanning.build())
        .enhanced_image_metadata_enabled(true)
        .logging_configuration(logging.build())
        .image_tags("built-by", "web")
        .status("ENABLED".into())
        .tags("team", "web");
    let made = diary.saw(
        "a pipeline",
        request.send().await,
        |answer| json!({ "imagePipelineArn": answer.image_pipeline_arn(), "clientToken": answer.client_token() }),
    );
    let made = made.image_pipeline_arn.unwrap();
    let again = pipeline_of(hub, parts, "web", "pipeline-2").send().await;
    diary.refused("one of this name is enough", again);
    let pipeline = hub.get_image_pipeline().image_pipeline_arn(&made).send().await;
    diary.saw(
        "the pipeline",
        pipeline,
        |answer| json!({ "imagePipeline": answer.image_pipeline().map(shapes::pipeline) }),
    );
    let list = hub.list_image_pipelines().filters(filter("status", "ENABLED"));
    diary.saw("pipelines by a filter", list.send().await, |answer| {
        json!({
            "imagePipelineList": all(answer.image_pipeline_list(), shapes::pipeline),
            "nextToken": answer.next_token(),
        })
    });
    made
}

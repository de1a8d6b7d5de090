//! The SDK's answers, as the pure crate knows them.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_imagebuilder::types as sdk;
use steward::applying::{
    ComponentContent, ComponentUse, ContainerRecipeContent, DistributionContent, InfrastructureContent, LogBucket,
    MetadataContent, Parameter, PipelineContent, PlacementContent, RecipeContent, RegionContent, ScanningContent,
    VolumeContent, WorkflowUse,
};

fn text(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn tags(tags: Option<&HashMap<String, String>>) -> BTreeMap<String, String> {
    tags.into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

pub(super) fn component(held: &sdk::Component) -> Result<ComponentContent, String> {
    Ok(ComponentContent {
        platform: held.platform().ok_or("it has no platform")?.as_str().to_owned(),
        data: held.data().ok_or("it holds no document")?.to_owned(),
    })
}

pub(super) fn recipe(held: &sdk::ImageRecipe) -> Result<RecipeContent, String> {
    let more = held.additional_instance_configuration();
    let user_data = more.and_then(sdk::AdditionalInstanceConfiguration::user_data_override);
    let agent = more.and_then(sdk::AdditionalInstanceConfiguration::systems_manager_agent);
    Ok(RecipeContent {
        description: text(held.description()),
        parent: held.parent_image().unwrap_or_default().to_owned(),
        components: held.components().iter().map(component_use).collect(),
        volumes: held
            .block_device_mappings()
            .iter()
            .map(volume)
            .collect::<Result<_, _>>()?,
        user_data: user_data.map(from_base64).transpose()?,
        working_directory: text(held.working_directory()),
        ami_tags: tags(held.ami_tags()),
        others: others([
            ("systemsManagerAgent", agent.is_some()),
            ("snapshotId", held.block_device_mappings().iter().any(from_snapshot)),
            ("amiWatermarks", !held.ami_watermarks().is_empty()),
        ]),
    })
}

/// What a manifest has no word for, where it is there.
fn others<const N: usize>(members: [(&str, bool); N]) -> Vec<String> {
    let there = members.into_iter().filter(|(_, there)| *there);
    there.map(|(member, _)| member.to_owned()).collect()
}

fn from_snapshot(mapping: &sdk::InstanceBlockDeviceMapping) -> bool {
    mapping.ebs().is_some_and(|ebs| ebs.snapshot_id().is_some())
}

pub(super) fn container_recipe(held: &sdk::ContainerRecipe) -> Result<ContainerRecipeContent, String> {
    let base = held.parent_image().unwrap_or_default();
    let platform = held.platform().filter(|_| !base.starts_with("arn:"));
    let repository = held.target_repository().ok_or("it has no repository")?;
    Ok(ContainerRecipeContent {
        description: text(held.description()),
        base: base.to_owned(),
        platform: platform.map(|platform| platform.as_str().to_owned()),
        components: held.components().iter().map(component_use).collect(),
        dockerfile: held.dockerfile_template_data().unwrap_or_default().to_owned(),
        repository: repository.repository_name().to_owned(),
        kms_key: text(held.kms_key_id()),
        working_directory: text(held.working_directory()),
        others: others([("instanceConfiguration", held.instance_configuration().is_some())]),
    })
}

fn from_base64(text: &str) -> Result<String, String> {
    let bytes = aws_smithy_types::base64::decode(text).map_err(|error| format!("its user data: {error}"))?;
    String::from_utf8(bytes).map_err(|_| String::from("its user data is not text, which manifests cannot hold"))
}

fn component_use(held: &sdk::ComponentConfiguration) -> ComponentUse {
    ComponentUse {
        arn: held.component_arn().to_owned(),
        parameters: sorted(held.parameters().iter().map(|parameter| Parameter {
            name: parameter.name().to_owned(),
            values: parameter.value().to_vec(),
        })),
    }
}

/// A manifest names parameters in no order of their own.
fn sorted(parameters: impl Iterator<Item = Parameter>) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = parameters.collect();
    parameters.sort();
    parameters
}

fn volume(held: &sdk::InstanceBlockDeviceMapping) -> Result<VolumeContent, String> {
    let ebs = held.ebs();
    Ok(VolumeContent {
        device: parsed(held.device_name().unwrap_or_default())?,
        size: ebs.and_then(sdk::EbsInstanceBlockDeviceSpecification::volume_size),
        kind: ebs
            .and_then(|ebs| ebs.volume_type())
            .map(|kind| kind.as_str().to_owned()),
        encrypted: ebs.and_then(sdk::EbsInstanceBlockDeviceSpecification::encrypted),
        kms_key: ebs.and_then(|ebs| text(ebs.kms_key_id())),
        iops: ebs.and_then(sdk::EbsInstanceBlockDeviceSpecification::iops),
        throughput: ebs.and_then(sdk::EbsInstanceBlockDeviceSpecification::throughput),
        delete_on_termination: ebs.and_then(sdk::EbsInstanceBlockDeviceSpecification::delete_on_termination),
    })
}

pub(super) fn infrastructure(held: &sdk::InfrastructureConfiguration) -> Result<InfrastructureContent, String> {
    let logs = held.logging().and_then(sdk::Logging::s3_logs);
    let metadata = held.instance_metadata_options();
    Ok(InfrastructureContent {
        description: text(held.description()),
        instance_types: held
            .instance_types()
            .iter()
            .map(|kind| parsed(kind))
            .collect::<Result<_, _>>()?,
        instance_profile: parsed(held.instance_profile_name().unwrap_or_default())?,
        subnet: text(held.subnet_id()).map(|subnet| parsed(&subnet)).transpose()?,
        security_groups: held
            .security_group_ids()
            .iter()
            .map(|group| parsed(group))
            .collect::<Result<_, _>>()?,
        logs: logs.map(|logs| LogBucket {
            bucket: logs.s3_bucket_name().unwrap_or_default().to_owned(),
            prefix: text(logs.s3_key_prefix()),
        }),
        key_pair: text(held.key_pair()),
        terminate_on_failure: held.terminate_instance_on_failure().unwrap_or(true),
        topic: text(held.sns_topic_arn()),
        metadata: MetadataContent {
            tokens: metadata.and_then(|metadata| text(metadata.http_tokens())),
            hops: metadata.and_then(sdk::InstanceMetadataOptions::http_put_response_hop_limit),
        },
        placement: held.placement().map(|placement| PlacementContent {
            tenancy: placement.tenancy().map(|tenancy| tenancy.as_str().to_owned()),
            zone: text(placement.availability_zone()),
            host: text(placement.host_id()),
            host_resource_group: text(placement.host_resource_group_arn()),
        }),
        resource_tags: tags(held.resource_tags()),
    })
}

pub(super) fn distribution(held: &sdk::DistributionConfiguration) -> Result<DistributionContent, String> {
    Ok(DistributionContent {
        description: text(held.description()),
        regions: held.distributions().iter().map(region).collect::<Result<_, _>>()?,
    })
}

pub(super) fn region(held: &sdk::Distribution) -> Result<RegionContent, String> {
    let ami = held.ami_distribution_configuration();
    let of_ami = |there: fn(&sdk::AmiDistributionConfiguration) -> bool| ami.is_some_and(there);
    let others = others([
        (
            "containerDistributionConfiguration",
            held.container_distribution_configuration().is_some(),
        ),
        (
            "launchTemplateConfigurations",
            !held.launch_template_configurations().is_empty(),
        ),
        ("s3ExportConfiguration", held.s3_export_configuration().is_some()),
        (
            "fastLaunchConfigurations",
            !held.fast_launch_configurations().is_empty(),
        ),
        (
            "ssmParameterConfigurations",
            !held.ssm_parameter_configurations().is_empty(),
        ),
        ("name", of_ami(|ami| ami.name().is_some())),
        ("description", of_ami(|ami| ami.description().is_some())),
        ("targetAccountIds", of_ami(|ami| !ami.target_account_ids().is_empty())),
        ("kmsKeyId", of_ami(|ami| ami.kms_key_id().is_some())),
        ("launchPermission", of_ami(|ami| ami.launch_permission().is_some())),
    ]);
    Ok(RegionContent {
        region: parsed(held.region())?,
        ami_tags: tags(ami.and_then(|ami| ami.ami_tags())),
        licences: held.license_configuration_arns().to_vec(),
        others,
    })
}

/// The recipe a pipeline builds by, of whichever kind.
pub(super) fn recipe_of(held: &sdk::ImagePipeline) -> &str {
    let recipe = held.image_recipe_arn().or(held.container_recipe_arn());
    recipe.unwrap_or_default()
}

pub(super) fn pipeline(held: &sdk::ImagePipeline) -> Result<PipelineContent, String> {
    let scanning = held.image_scanning_configuration();
    let scanning = scanning.filter(|scanning| scanning.image_scanning_enabled() == Some(true));
    Ok(PipelineContent {
        description: text(held.description()),
        recipe: parsed(recipe_of(held))?,
        infrastructure: parsed(held.infrastructure_configuration_arn().unwrap_or_default())?,
        distribution: held.distribution_configuration_arn().map(parsed).transpose()?,
        tests: held
            .image_tests_configuration()
            .is_none_or(|tests| tests.image_tests_enabled() != Some(false)),
        enhanced_metadata: held.enhanced_image_metadata_enabled() != Some(false),
        scanning: scanning.map(|scanning| {
            let ecr = scanning.ecr_configuration();
            ScanningContent {
                enabled: true,
                repository: ecr.and_then(|ecr| text(ecr.repository_name())),
                tags: ecr.map(|ecr| ecr.container_tags().to_vec()).unwrap_or_default(),
            }
        }),
        workflows: held
            .workflows()
            .iter()
            .map(|workflow| WorkflowUse {
                arn: workflow.workflow_arn().to_owned(),
                parameters: sorted(workflow.parameters().iter().map(|parameter| Parameter {
                    name: parameter.name().to_owned(),
                    values: parameter.value().to_vec(),
                })),
                on_failure: workflow.on_failure().map(|reaction| reaction.as_str().to_owned()),
                group: text(workflow.parallel_group()),
            })
            .collect(),
        execution_role: text(held.execution_role()),
        image_tags: tags(held.image_tags()),
        enabled: held.status() != Some(&sdk::PipelineStatus::Disabled),
        schedule: held
            .schedule()
            .and_then(|schedule| text(schedule.schedule_expression())),
        others: others([("loggingConfiguration", held.logging_configuration().is_some())]),
    })
}

//! What the pure crate wants, as the SDK is told.

use aws_sdk_imagebuilder::error::BuildError;
use aws_sdk_imagebuilder::types as sdk;
use steward::applying::{
    ComponentUse, InfrastructureContent, Parameter, RegionContent, ScanningContent, VolumeContent, WorkflowUse,
};

/// Image Builder takes no empty lists.
pub(super) fn filled<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

pub(super) fn component(wanted: &ComponentUse) -> Result<sdk::ComponentConfiguration, BuildError> {
    let parameters: Result<Vec<_>, _> = wanted
        .parameters
        .iter()
        .map(|Parameter { name, values }| {
            sdk::ComponentParameter::builder()
                .name(name)
                .set_value(Some(values.clone()))
                .build()
        })
        .collect();
    sdk::ComponentConfiguration::builder()
        .component_arn(&wanted.arn)
        .set_parameters(filled(parameters?))
        .build()
}

pub(super) fn volume(wanted: &VolumeContent) -> sdk::InstanceBlockDeviceMapping {
    let VolumeContent {
        device,
        size,
        kind,
        encrypted,
        kms_key,
        iops,
        throughput,
        delete_on_termination,
    } = wanted;
    let ebs = sdk::EbsInstanceBlockDeviceSpecification::builder()
        .set_volume_size(*size)
        .set_volume_type(kind.as_deref().map(sdk::EbsVolumeType::from))
        .set_encrypted(*encrypted)
        .set_kms_key_id(kms_key.clone())
        .set_iops(*iops)
        .set_throughput(*throughput)
        .set_delete_on_termination(*delete_on_termination)
        .build();
    sdk::InstanceBlockDeviceMapping::builder()
        .device_name(device.as_str())
        .ebs(ebs)
        .build()
}

pub(super) fn user_data(text: &str) -> sdk::AdditionalInstanceConfiguration {
    let encoded = aws_smithy_types::base64::encode(text);
    sdk::AdditionalInstanceConfiguration::builder()
        .user_data_override(encoded)
        .build()
}

pub(super) fn logs(wanted: &InfrastructureContent) -> Option<sdk::Logging> {
    let logs = wanted.logs.as_ref()?;
    let s3 = sdk::S3Logs::builder()
        .s3_bucket_name(&logs.bucket)
        .set_s3_key_prefix(logs.prefix.clone())
        .build();
    Some(sdk::Logging::builder().s3_logs(s3).build())
}

pub(super) fn metadata(wanted: &InfrastructureContent) -> sdk::InstanceMetadataOptions {
    sdk::InstanceMetadataOptions::builder()
        .set_http_tokens(wanted.metadata.tokens.clone())
        .set_http_put_response_hop_limit(wanted.metadata.hops)
        .build()
}

pub(super) fn placement(wanted: &InfrastructureContent) -> Option<sdk::Placement> {
    let placement = wanted.placement.as_ref()?;
    Some(
        sdk::Placement::builder()
            .set_tenancy(placement.tenancy.as_deref().map(sdk::TenancyType::from))
            .set_availability_zone(placement.zone.clone())
            .set_host_id(placement.host.clone())
            .set_host_resource_group_arn(placement.host_resource_group.clone())
            .build(),
    )
}

pub(super) fn region(wanted: &RegionContent) -> Result<sdk::Distribution, BuildError> {
    let tags = wanted.ami_tags.clone().into_iter().collect();
    let ami = sdk::AmiDistributionConfiguration::builder()
        .set_ami_tags(Some(tags))
        .build();
    sdk::Distribution::builder()
        .region(wanted.region.to_string())
        .ami_distribution_configuration(ami)
        .set_license_configuration_arns(filled(wanted.licences.clone()))
        .build()
}

pub(super) fn repository(name: &str) -> Result<sdk::TargetContainerRepository, BuildError> {
    sdk::TargetContainerRepository::builder()
        .service(sdk::ContainerRepositoryService::Ecr)
        .repository_name(name)
        .build()
}

pub(super) fn scanning(wanted: Option<&ScanningContent>) -> Option<sdk::ImageScanningConfiguration> {
    let wanted = wanted?;
    let is_said = wanted.repository.is_some() || !wanted.tags.is_empty();
    let ecr = is_said.then(|| {
        sdk::EcrConfiguration::builder()
            .set_repository_name(wanted.repository.clone())
            .set_container_tags(filled(wanted.tags.clone()))
            .build()
    });
    Some(
        sdk::ImageScanningConfiguration::builder()
            .image_scanning_enabled(true)
            .set_ecr_configuration(ecr)
            .build(),
    )
}

pub(super) fn workflows(wanted: &[WorkflowUse]) -> Result<Option<Vec<sdk::WorkflowConfiguration>>, BuildError> {
    let workflows: Result<Vec<_>, _> = wanted
        .iter()
        .map(|workflow| {
            let parameters: Result<Vec<_>, _> = workflow
                .parameters
                .iter()
                .map(|Parameter { name, values }| {
                    sdk::WorkflowParameter::builder()
                        .name(name)
                        .set_value(Some(values.clone()))
                        .build()
                })
                .collect();
            sdk::WorkflowConfiguration::builder()
                .workflow_arn(&workflow.arn)
                .set_parameters(filled(parameters?))
                .set_on_failure(workflow.on_failure.as_deref().map(sdk::OnWorkflowFailure::from))
                .set_parallel_group(workflow.group.clone())
                .build()
        })
        .collect();
    Ok(filled(workflows?))
}

//! Image Builder's answers as the Rust SDK parsed them, under the names AWS's other clients give their members.

use aws_sdk_imagebuilder::types::{
    Ami, AmiDistributionConfiguration, Component, ComponentConfiguration, ComponentFailureContext,
    ComponentParameterDetail, ComponentState, ComponentSummary, ComponentVersion, Distribution,
    DistributionConfiguration, DistributionConfigurationSummary, DistributionFailureContext,
    EbsInstanceBlockDeviceSpecification, EcrConfiguration, Image, ImageFailureContext, ImageLoggingConfiguration,
    ImagePipeline, ImageRecipe, ImageRecipeSummary, ImageScanState, ImageScanningConfiguration, ImageState,
    ImageSummary, ImageTestsConfiguration, ImageVersion, InfrastructureConfiguration,
    InfrastructureConfigurationSummary, InstanceBlockDeviceMapping, InstanceMetadataOptions, LatestVersionReferences,
    LaunchPermissionConfiguration, LifecycleExecution, Logging, OutputResources, PipelineLoggingConfiguration,
    Placement, RegionFailure, Schedule,
};
use serde_json::{Value, json};

use crate::ec2_shapes::{all, time, word};

pub(crate) fn latest(latest: Option<&LatestVersionReferences>) -> Value {
    latest.map_or(Value::Null, |latest| {
        json!({
            "latestVersionArn": latest.latest_version_arn(),
            "latestMajorVersionArn": latest.latest_major_version_arn(),
            "latestMinorVersionArn": latest.latest_minor_version_arn(),
            "latestPatchVersionArn": latest.latest_patch_version_arn(),
        })
    })
}

pub(crate) fn component(component: &Component) -> Value {
    let parameter = |parameter: &ComponentParameterDetail| {
        json!({
            "name": parameter.name(),
            "type": parameter.r#type(),
            "defaultValue": parameter.default_value(),
            "description": parameter.description(),
        })
    };
    json!({
        "arn": component.arn(),
        "name": component.name(),
        "version": component.version(),
        "description": component.description(),
        "changeDescription": component.change_description(),
        "type": word(component.r#type()),
        "platform": word(component.platform()),
        "supportedOsVersions": component.supported_os_versions(),
        "state": component.state().map(component_state),
        "parameters": all(component.parameters(), parameter),
        "owner": component.owner(),
        "data": component.data(),
        "kmsKeyId": component.kms_key_id(),
        "encrypted": component.encrypted(),
        "dateCreated": component.date_created(),
        "tags": component.tags(),
        "publisher": component.publisher(),
        "obfuscate": component.obfuscate(),
    })
}

fn component_state(state: &ComponentState) -> Value {
    json!({ "status": word(state.status()), "reason": state.reason() })
}

pub(crate) fn component_version(version: &ComponentVersion) -> Value {
    json!({
        "arn": version.arn(),
        "name": version.name(),
        "version": version.version(),
        "description": version.description(),
        "platform": word(version.platform()),
        "supportedOsVersions": version.supported_os_versions(),
        "type": word(version.r#type()),
        "owner": version.owner(),
        "dateCreated": version.date_created(),
        "status": word(version.status()),
    })
}

pub(crate) fn component_summary(summary: &ComponentSummary) -> Value {
    json!({
        "arn": summary.arn(),
        "name": summary.name(),
        "version": summary.version(),
        "platform": word(summary.platform()),
        "supportedOsVersions": summary.supported_os_versions(),
        "state": summary.state().map(component_state),
        "type": word(summary.r#type()),
        "owner": summary.owner(),
        "description": summary.description(),
        "changeDescription": summary.change_description(),
        "dateCreated": summary.date_created(),
        "tags": summary.tags(),
        "publisher": summary.publisher(),
        "obfuscate": summary.obfuscate(),
    })
}

pub(crate) fn recipe(recipe: &ImageRecipe) -> Value {
    let part = |part: &ComponentConfiguration| {
        let parameters = all(
            part.parameters(),
            |parameter| json!({ "name": parameter.name(), "value": parameter.value() }),
        );
        json!({ "componentArn": part.component_arn(), "parameters": parameters })
    };
    let agent = |configuration: &aws_sdk_imagebuilder::types::AdditionalInstanceConfiguration| {
        let agent = configuration
            .systems_manager_agent()
            .map(|agent| json!({ "uninstallAfterBuild": agent.uninstall_after_build() }));
        json!({ "systemsManagerAgent": agent, "userDataOverride": configuration.user_data_override() })
    };
    json!({
        "arn": recipe.arn(),
        "type": word(recipe.r#type()),
        "name": recipe.name(),
        "description": recipe.description(),
        "platform": word(recipe.platform()),
        "owner": recipe.owner(),
        "version": recipe.version(),
        "components": all(recipe.components(), part),
        "parentImage": recipe.parent_image(),
        "blockDeviceMappings": all(recipe.block_device_mappings(), device),
        "dateCreated": recipe.date_created(),
        "tags": recipe.tags(),
        "workingDirectory": recipe.working_directory(),
        "additionalInstanceConfiguration": recipe.additional_instance_configuration().map(agent),
        "amiTags": recipe.ami_tags(),
    })
}

fn device(mapping: &InstanceBlockDeviceMapping) -> Value {
    let ebs = |ebs: &EbsInstanceBlockDeviceSpecification| {
        json!({
            "encrypted": ebs.encrypted(),
            "deleteOnTermination": ebs.delete_on_termination(),
            "iops": ebs.iops(),
            "kmsKeyId": ebs.kms_key_id(),
            "snapshotId": ebs.snapshot_id(),
            "volumeSize": ebs.volume_size(),
            "volumeType": word(ebs.volume_type()),
            "throughput": ebs.throughput(),
        })
    };
    json!({
        "deviceName": mapping.device_name(),
        "ebs": mapping.ebs().map(ebs),
        "virtualName": mapping.virtual_name(),
        "noDevice": mapping.no_device(),
    })
}

pub(crate) fn recipe_summary(summary: &ImageRecipeSummary) -> Value {
    json!({
        "arn": summary.arn(),
        "name": summary.name(),
        "platform": word(summary.platform()),
        "owner": summary.owner(),
        "parentImage": summary.parent_image(),
        "dateCreated": summary.date_created(),
        "tags": summary.tags(),
    })
}

pub(crate) fn infrastructure(infrastructure: &InfrastructureConfiguration) -> Value {
    let logging = |logging: &Logging| {
        let s3 = logging
            .s3_logs()
            .map(|s3| json!({ "s3BucketName": s3.s3_bucket_name(), "s3KeyPrefix": s3.s3_key_prefix() }));
        json!({ "s3Logs": s3 })
    };
    let metadata = |options: &InstanceMetadataOptions| {
        json!({
            "httpTokens": options.http_tokens(),
            "httpPutResponseHopLimit": options.http_put_response_hop_limit(),
        })
    };
    json!({
        "arn": infrastructure.arn(),
        "name": infrastructure.name(),
        "description": infrastructure.description(),
        "instanceTypes": infrastructure.instance_types(),
        "instanceProfileName": infrastructure.instance_profile_name(),
        "securityGroupIds": infrastructure.security_group_ids(),
        "subnetId": infrastructure.subnet_id(),
        "logging": infrastructure.logging().map(logging),
        "keyPair": infrastructure.key_pair(),
        "terminateInstanceOnFailure": infrastructure.terminate_instance_on_failure(),
        "terminateInstanceOnCompletion": infrastructure.terminate_instance_on_completion(),
        "snsTopicArn": infrastructure.sns_topic_arn(),
        "dateCreated": infrastructure.date_created(),
        "dateUpdated": infrastructure.date_updated(),
        "resourceTags": infrastructure.resource_tags(),
        "instanceMetadataOptions": infrastructure.instance_metadata_options().map(metadata),
        "tags": infrastructure.tags(),
        "placement": infrastructure.placement().map(placement),
    })
}

fn placement(placement: &Placement) -> Value {
    json!({
        "availabilityZone": placement.availability_zone(),
        "tenancy": word(placement.tenancy()),
        "hostId": placement.host_id(),
        "hostResourceGroupArn": placement.host_resource_group_arn(),
    })
}

pub(crate) fn infrastructure_summary(summary: &InfrastructureConfigurationSummary) -> Value {
    json!({
        "arn": summary.arn(),
        "name": summary.name(),
        "description": summary.description(),
        "dateCreated": summary.date_created(),
        "dateUpdated": summary.date_updated(),
        "resourceTags": summary.resource_tags(),
        "tags": summary.tags(),
        "instanceTypes": summary.instance_types(),
        "instanceProfileName": summary.instance_profile_name(),
        "placement": summary.placement().map(placement),
    })
}

pub(crate) fn distribution(configuration: &DistributionConfiguration) -> Value {
    let launch = |launch: &LaunchPermissionConfiguration| {
        json!({
            "userIds": launch.user_ids(),
            "userGroups": launch.user_groups(),
            "organizationArns": launch.organization_arns(),
            "organizationalUnitArns": launch.organizational_unit_arns(),
        })
    };
    let ami = |ami: &AmiDistributionConfiguration| {
        json!({
            "name": ami.name(),
            "description": ami.description(),
            "targetAccountIds": ami.target_account_ids(),
            "amiTags": ami.ami_tags(),
            "kmsKeyId": ami.kms_key_id(),
            "launchPermission": ami.launch_permission().map(launch),
        })
    };
    let entry = |entry: &Distribution| {
        json!({
            "region": entry.region(),
            "amiDistributionConfiguration": entry.ami_distribution_configuration().map(ami),
        })
    };
    json!({
        "arn": configuration.arn(),
        "name": configuration.name(),
        "description": configuration.description(),
        "distributions": all(configuration.distributions(), entry),
        "timeoutMinutes": configuration.timeout_minutes(),
        "dateCreated": configuration.date_created(),
        "dateUpdated": configuration.date_updated(),
        "tags": configuration.tags(),
    })
}

pub(crate) fn distribution_summary(summary: &DistributionConfigurationSummary) -> Value {
    json!({
        "arn": summary.arn(),
        "name": summary.name(),
        "description": summary.description(),
        "dateCreated": summary.date_created(),
        "dateUpdated": summary.date_updated(),
        "tags": summary.tags(),
        "regions": summary.regions(),
    })
}

pub(crate) fn pipeline(pipeline: &ImagePipeline) -> Value {
    let schedule = |schedule: &Schedule| {
        let disable = schedule
            .auto_disable_policy()
            .map(|policy| json!({ "failureCount": policy.failure_count() }));
        json!({
            "scheduleExpression": schedule.schedule_expression(),
            "timezone": schedule.timezone(),
            "pipelineExecutionStartCondition": word(schedule.pipeline_execution_start_condition()),
            "autoDisablePolicy": disable,
        })
    };
    let logging = |logging: &PipelineLoggingConfiguration| {
        json!({
            "imageLogGroupName": logging.image_log_group_name(),
            "pipelineLogGroupName": logging.pipeline_log_group_name(),
        })
    };
    json!({
        "arn": pipeline.arn(),
        "name": pipeline.name(),
        "description": pipeline.description(),
        "platform": word(pipeline.platform()),
        "enhancedImageMetadataEnabled": pipeline.enhanced_image_metadata_enabled(),
        "imageRecipeArn": pipeline.image_recipe_arn(),
        "infrastructureConfigurationArn": pipeline.infrastructure_configuration_arn(),
        "distributionConfigurationArn": pipeline.distribution_configuration_arn(),
        "imageTestsConfiguration": pipeline.image_tests_configuration().map(tests),
        "schedule": pipeline.schedule().map(schedule),
        "status": word(pipeline.status()),
        "dateCreated": pipeline.date_created(),
        "dateUpdated": pipeline.date_updated(),
        "dateLastRun": pipeline.date_last_run(),
        "lastRunStatus": word(pipeline.last_run_status()),
        "dateNextRun": pipeline.date_next_run(),
        "tags": pipeline.tags(),
        "imageScanningConfiguration": pipeline.image_scanning_configuration().map(scanning),
        "imageTags": pipeline.image_tags(),
        "executionRole": pipeline.execution_role(),
        "loggingConfiguration": pipeline.logging_configuration().map(logging),
        "consecutiveFailures": pipeline.consecutive_failures(),
    })
}

fn tests(tests: &ImageTestsConfiguration) -> Value {
    json!({ "imageTestsEnabled": tests.image_tests_enabled(), "timeoutMinutes": tests.timeout_minutes() })
}

fn scanning(scanning: &ImageScanningConfiguration) -> Value {
    let ecr = |ecr: &EcrConfiguration| json!({ "repositoryName": ecr.repository_name(), "containerTags": ecr.container_tags() });
    json!({
        "imageScanningEnabled": scanning.image_scanning_enabled(),
        "ecrConfiguration": scanning.ecr_configuration().map(ecr),
    })
}

pub(crate) fn image(image: &Image) -> Value {
    let scan = |scan: &ImageScanState| json!({ "status": word(scan.status()), "reason": scan.reason() });
    json!({
        "arn": image.arn(),
        "type": word(image.r#type()),
        "name": image.name(),
        "version": image.version(),
        "platform": word(image.platform()),
        "enhancedImageMetadataEnabled": image.enhanced_image_metadata_enabled(),
        "osVersion": image.os_version(),
        "state": image.state().map(state),
        "imageRecipe": image.image_recipe().map(recipe),
        "sourcePipelineName": image.source_pipeline_name(),
        "sourcePipelineArn": image.source_pipeline_arn(),
        "infrastructureConfiguration": image.infrastructure_configuration().map(infrastructure),
        "distributionConfiguration": image.distribution_configuration().map(distribution),
        "imageTestsConfiguration": image.image_tests_configuration().map(tests),
        "dateCreated": image.date_created(),
        "outputResources": image.output_resources().map(outputs),
        "tags": image.tags(),
        "buildType": word(image.build_type()),
        "imageSource": word(image.image_source()),
        "scanState": image.scan_state().map(scan),
        "imageScanningConfiguration": image.image_scanning_configuration().map(scanning),
        "deprecationTime": time(image.deprecation_time()),
        "lifecycleExecutionId": image.lifecycle_execution_id(),
        "executionRole": image.execution_role(),
        "loggingConfiguration": image.logging_configuration().map(logging),
    })
}

fn logging(logging: &ImageLoggingConfiguration) -> Value {
    json!({ "logGroupName": logging.log_group_name() })
}

fn outputs(outputs: &OutputResources) -> Value {
    let ami = |ami: &Ami| {
        json!({
            "region": ami.region(),
            "image": ami.image(),
            "name": ami.name(),
            "description": ami.description(),
            "state": ami.state().map(state),
            "accountId": ami.account_id(),
        })
    };
    json!({ "amis": all(outputs.amis(), ami) })
}

fn state(state: &ImageState) -> Value {
    json!({
        "status": word(state.status()),
        "reason": state.reason(),
        "failureContext": state.failure_context().map(failure),
    })
}

fn failure(context: &ImageFailureContext) -> Value {
    let component = |component: &ComponentFailureContext| {
        json!({
            "componentArn": component.component_arn(),
            "phaseName": component.phase_name(),
            "stepName": component.step_name(),
            "action": component.action(),
            "errorMessage": component.error_message(),
        })
    };
    let region = |region: &RegionFailure| {
        json!({
            "region": region.region(),
            "status": word(region.status()),
            "imageConfigurationStep": word(region.image_configuration_step()),
            "errorMessage": region.error_message(),
            "targetAccountId": region.target_account_id(),
        })
    };
    let distribution = |distribution: &DistributionFailureContext| {
        json!({
            "errorMessage": distribution.error_message(),
            "regionFailures": all(distribution.region_failures(), region),
        })
    };
    json!({
        "imageStatus": word(context.image_status()),
        "workflowExecutionId": context.workflow_execution_id(),
        "workflowArn": context.workflow_arn(),
        "stepExecutionId": context.step_execution_id(),
        "failedStep": context.failed_step(),
        "componentFailure": context.component_failure().map(component),
        "distributionFailure": context.distribution_failure().map(distribution),
    })
}

pub(crate) fn image_version(version: &ImageVersion) -> Value {
    json!({
        "arn": version.arn(),
        "name": version.name(),
        "type": word(version.r#type()),
        "version": version.version(),
        "platform": word(version.platform()),
        "osVersion": version.os_version(),
        "owner": version.owner(),
        "dateCreated": version.date_created(),
        "buildType": word(version.build_type()),
        "imageSource": word(version.image_source()),
    })
}

pub(crate) fn image_summary(summary: &ImageSummary) -> Value {
    json!({
        "arn": summary.arn(),
        "name": summary.name(),
        "type": word(summary.r#type()),
        "version": summary.version(),
        "platform": word(summary.platform()),
        "osVersion": summary.os_version(),
        "state": summary.state().map(state),
        "owner": summary.owner(),
        "dateCreated": summary.date_created(),
        "outputResources": summary.output_resources().map(outputs),
        "tags": summary.tags(),
        "buildType": word(summary.build_type()),
        "imageSource": word(summary.image_source()),
        "deprecationTime": time(summary.deprecation_time()),
        "lifecycleExecutionId": summary.lifecycle_execution_id(),
        "loggingConfiguration": summary.logging_configuration().map(logging),
    })
}

pub(crate) fn execution(execution: &LifecycleExecution) -> Value {
    let state = execution
        .state()
        .map(|state| json!({ "status": word(state.status()), "reason": state.reason() }));
    let impacted = execution
        .resources_impacted_summary()
        .map(|summary| json!({ "hasImpactedResources": summary.has_impacted_resources() }));
    json!({
        "lifecycleExecutionId": execution.lifecycle_execution_id(),
        "lifecyclePolicyArn": execution.lifecycle_policy_arn(),
        "resourcesImpactedSummary": impacted,
        "state": state,
        "startTime": time(execution.start_time()),
        "endTime": time(execution.end_time()),
    })
}

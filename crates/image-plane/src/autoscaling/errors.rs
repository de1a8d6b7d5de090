//! Auto Scaling's errors, in its words. Where a text was seen in the wild, the place is named; the others are ours.

use crate::wire::error::ApiError;

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}

/// kubernetes-retired/kube-deploy#99.
pub(super) fn no_group(name: &str) -> ApiError {
    validation(format!(
        "AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"
    ))
}

/// kubernetes/kops#1001.
pub(super) fn pending_delete() -> ApiError {
    validation("The AutoScaling group may not be modified while it is pending delete")
}

/// hashicorp/terraform#17489, and #1105 for one that is going.
pub(super) fn group_exists(name: &str, going: bool) -> ApiError {
    let why = if going {
        "already exists and is pending delete.  Please wait until Autoscaling completes the deletion process before creating another group with the same name."
    } else {
        "already exists"
    };
    ApiError::client(
        "AlreadyExists",
        format!("AutoScalingGroup by this name already exists - A group with the name {name} {why}"),
    )
}

pub(super) fn no_configuration(name: &str) -> ApiError {
    validation(format!(
        "Launch configuration name not found - A launch configuration with the name: {name} does not exist"
    ))
}

/// What EC2 says against a launch from a template (ryanmurakami/hbfl#58).
pub(super) fn bad_template(error: &ApiError) -> ApiError {
    validation(format!(
        "You must use a valid fully-formed launch template. {}",
        error.message
    ))
}

pub(super) fn configuration_exists(name: &str) -> ApiError {
    ApiError::client(
        "AlreadyExists",
        format!(
            "Launch Configuration by this name already exists - A launch configuration already exists with the name {name}"
        ),
    )
}

/// hashicorp/terraform#2512.
pub(super) fn configuration_in_use(name: &str, group: &str) -> ApiError {
    in_use(format!(
        "Cannot delete launch configuration {name} because it is attached to AutoScalingGroup {group}"
    ))
}

pub(super) fn in_use(message: impl Into<String>) -> ApiError {
    ApiError::client("ResourceInUse", message)
}

pub(super) fn in_progress(message: impl Into<String>) -> ApiError {
    ApiError::client("ScalingActivityInProgress", message)
}

pub(super) fn refresh_in_progress() -> ApiError {
    ApiError::client(
        "InstanceRefreshInProgress",
        "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
    )
}

pub(super) fn bad_token() -> ApiError {
    ApiError::client("InvalidNextToken", "The NextToken value is not valid.")
}

//! What a caller without the right credentials or permissions is told, in each service's own words.

use super::access::Refusal;
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::Caller;

/// The credentials are unknown, or the account may not be used here.
pub(crate) fn not_validated(service: Service) -> ApiError {
    match service {
        Service::Ec2 => ApiError::with_status(
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        ),
        Service::Sts | Service::AutoScaling | Service::Sqs | Service::Sns => ApiError::with_status(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
        ),
        Service::S3 => ApiError::with_status(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        Service::ImageBuilder
        | Service::DynamoDb
        | Service::Ssm
        | Service::Ecr
        | Service::EventBridge
        | Service::Kms
        | Service::Organizations
        | Service::RecycleBin => ApiError::with_status(
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
    }
}

/// The session has ended. Image Builder's is documented. EC2's and STS's pages know no such case of their own: theirs
/// are as callers reported them (aws-sdk-java#1443, jenkinsci/ec2-plugin#1008); Auto Scaling, SQS and SNS are taken to say
/// what STS says.
pub(crate) fn expired(service: Service) -> ApiError {
    let message = "The security token included in the request is expired";
    match service {
        Service::Ec2 => ApiError::client("RequestExpired", "Request has expired."),
        Service::Sts | Service::AutoScaling | Service::Sqs | Service::Sns => {
            ApiError::with_status(403, "ExpiredToken", message)
        }
        Service::S3 => ApiError::client("ExpiredToken", "The provided token has expired."),
        Service::ImageBuilder
        | Service::DynamoDb
        | Service::Ssm
        | Service::Ecr
        | Service::EventBridge
        | Service::Kms
        | Service::Organizations
        | Service::RecycleBin => ApiError::with_status(403, "ExpiredTokenException", message),
    }
}

/// The caller has no permission for the action.
pub(crate) fn denied(service: Service, caller: &Caller, action: &str) -> ApiError {
    let action = spoken(service, &format!("{service}:{action}"));
    refused(service, sentence(caller, &action))
}

/// The caller may not assume the role. AWS gives no reason, and says the same of a role that does not exist.
pub(super) fn may_not_assume(caller: &Caller, role_arn: &str) -> ApiError {
    let sentence = sentence(caller, "sts:AssumeRole");
    refused(Service::Sts, format!("{sentence} on resource: {role_arn}"))
}

/// The caller's policies do not allow the action, on this resource where it is on one.
pub(crate) fn denied_by_policy(
    service: Service,
    caller: &Caller,
    action: &str,
    resource: Option<&str>,
    refusal: Refusal,
) -> ApiError {
    let action = spoken(service, action);
    let mut message = sentence(caller, &action);
    // EC2 leaves out what the JSON services write as `*`.
    if let Some(resource) = resource.or((service != Service::Ec2).then_some("*")) {
        message.push_str(" on resource: ");
        message.push_str(resource);
    }
    let why = match refusal {
        Refusal::DeniedByRole => String::from("with an explicit deny in an identity-based policy"),
        Refusal::DeniedBySession => String::from("with an explicit deny in a session policy"),
        Refusal::DeniedByResource => String::from("with an explicit deny in a resource-based policy"),
        Refusal::NotAllowedByRole | Refusal::NoRole => {
            format!("because no identity-based policy allows the {action} action")
        }
        Refusal::NotAllowedBySession => format!("because no session policy allows the {action} action"),
        Refusal::NotAllowedByResource => format!("because no resource-based policy allows the {action} action"),
    };
    refused(service, format!("{message} {why}"))
}

/// The caller may not use this key of another account, or there is none: of a stranger's keys nobody is told more.
pub(crate) fn denied_key_elsewhere(caller: &Caller, action: &str, key: &str) -> ApiError {
    let sentence = sentence(caller, action);
    let why = "because the resource does not exist in this Region, no resource-based policies allow access, \
               or a resource-based policy explicitly denies access";
    refused(Service::Kms, format!("{sentence} on resource: {key} {why}"))
}

/// An action as its service writes it when it refuses it: SQS small (aws/serverless-application-model#3633), SNS with its own
/// name in capitals (aws-ia/terraform-aws-control_tower_account_factory#151).
fn spoken(service: Service, action: &str) -> String {
    match service {
        Service::Sqs => action.to_ascii_lowercase(),
        Service::Sns => action.replacen("sns:", "SNS:", 1),
        _ => action.to_owned(),
    }
}

fn sentence(caller: &Caller, action: &str) -> String {
    format!("User: {} is not authorized to perform: {action}", caller.arn)
}

fn refused(service: Service, message: String) -> ApiError {
    match service {
        Service::Ec2 => {
            let message = format!("You are not authorized to perform this operation. {message}");
            ApiError::with_status(403, "UnauthorizedOperation", message)
        }
        Service::Sts | Service::AutoScaling | Service::Sqs | Service::S3 => {
            ApiError::with_status(403, "AccessDenied", message)
        }
        Service::Sns => ApiError::with_status(403, "AuthorizationError", message),
        Service::ImageBuilder
        | Service::DynamoDb
        | Service::Ssm
        | Service::Ecr
        | Service::EventBridge
        | Service::RecycleBin => ApiError::with_status(403, "AccessDeniedException", message),
        // Not 403, as the list common to all services has it: KMS is known to answer so, and Organizations has it among its
        // own errors, which are all 400.
        Service::Kms | Service::Organizations => ApiError::client("AccessDeniedException", message),
    }
}

//! What each service says to too many calls, and of its own failures.

use crate::wire::call::Service;
use crate::wire::error::ApiError;

/// Too many calls.
pub(super) fn throttled(service: Service) -> ApiError {
    match service {
        Service::Ec2 => ApiError::with_status(503, "RequestLimitExceeded", "Request limit exceeded."),
        Service::ImageBuilder => ApiError::with_status(
            429,
            "CallRateLimitExceededException",
            "You have exceeded the permitted request rate for the specific operation.",
        ),
        Service::Sts | Service::AutoScaling => ApiError::client("Throttling", "Rate exceeded"),
        Service::Ssm | Service::EventBridge => ApiError::client("ThrottlingException", "Rate exceeded"),
        Service::Kms => ApiError::client(
            "ThrottlingException",
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
        ),
        Service::DynamoDb => ApiError::client(
            "ThrottlingException",
            "Throughput exceeds the current capacity for one or more global secondary indexes.",
        ),
    }
}

/// A failure of AWS's own.
pub(super) fn broken(service: Service, status: u16) -> ApiError {
    let code = match (service, status) {
        (Service::ImageBuilder, 503) => "ServiceUnavailableException",
        (Service::ImageBuilder, _) => "ServiceException",
        (Service::AutoScaling | Service::Ssm | Service::EventBridge, 503) => "ServiceUnavailable",
        (Service::AutoScaling, _) => "InternalFailure",
        (Service::Ssm, _) => "InternalServerError",
        (Service::EventBridge, _) => "InternalException",
        (Service::Kms, 503) => "DependencyTimeoutException",
        (Service::Kms, _) => "KMSInternalException",
        (_, 503) => "Unavailable",
        _ => "InternalError",
    };
    ApiError::with_status(status, code, "An internal error has occurred")
}

//! What a call is refused with before anybody looks at it, in each service's own words.

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
        Service::Ssm | Service::Ecr | Service::EventBridge | Service::Sns | Service::RecycleBin => {
            ApiError::client("ThrottlingException", "Rate exceeded")
        }
        Service::Sqs => ApiError::client("RequestThrottled", "The request was denied due to request throttling."),
        Service::Kms => ApiError::client(
            "ThrottlingException",
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
        ),
        // 400, so that a client must know the code. It has a member `Type`, whose values AWS does not say: left out.
        Service::Organizations => ApiError::client(
            "TooManyRequestsException",
            "You have sent too many requests in too short a period of time. Try again later.",
        ),
        Service::S3 => ApiError::with_status(503, "SlowDown", "Please reduce your request rate."),
        Service::DynamoDb => ApiError::client(
            "ThrottlingException",
            "Throughput exceeds the current capacity for one or more global secondary indexes.",
        ),
    }
}

/// An error of the service's own, with this HTTP status.
pub(super) fn broken(service: Service, status: u16) -> ApiError {
    let code = match (service, status) {
        (Service::ImageBuilder, 503) => "ServiceUnavailableException",
        (
            Service::AutoScaling
            | Service::Ssm
            | Service::Ecr
            | Service::EventBridge
            | Service::Organizations
            | Service::Sqs
            | Service::Sns
            | Service::S3
            | Service::RecycleBin,
            503,
        ) => "ServiceUnavailable",
        (Service::ImageBuilder | Service::Organizations, _) => "ServiceException",
        (Service::AutoScaling | Service::Sqs, _) => "InternalFailure",
        (Service::RecycleBin, _) => "InternalServerException",
        (Service::Ssm, _) => "InternalServerError",
        (Service::Ecr, _) => "ServerException",
        (Service::EventBridge, _) => "InternalException",
        (Service::Kms, 503) => "DependencyTimeoutException",
        (Service::Kms, _) => "KMSInternalException",
        (_, 503) => "Unavailable",
        _ => "InternalError",
    };
    ApiError::with_status(status, code, "An internal error has occurred")
}

//! From an HTTP request to a call: which service, in which Region, by whose key, with what body.

use bytes::Bytes;
use http::Request;

use super::error::ApiError;
use crate::region::Region;

/// The services the model answers for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Service {
    /// Amazon EC2.
    Ec2,
    /// EC2 Image Builder.
    ImageBuilder,
    /// Amazon EC2 Auto Scaling.
    AutoScaling,
    /// AWS Security Token Service.
    Sts,
    /// Amazon DynamoDB, answered by an embedded emulator.
    DynamoDb,
    /// AWS Systems Manager, as far as its Parameter Store.
    Ssm,
    /// Amazon Elastic Container Registry.
    Ecr,
    /// Amazon EventBridge, as far as putting events on its default bus.
    EventBridge,
    /// AWS Key Management Service.
    Kms,
    /// AWS Organizations, as far as reading who is in which unit.
    Organizations,
    /// Amazon Simple Queue Service, as far as queues that functions take work from.
    Sqs,
    /// Amazon Simple Notification Service, as far as publishing to a topic.
    Sns,
    /// Amazon Simple Storage Service, as far as putting objects into buckets.
    S3,
    /// The Recycle Bin, as far as reading its rules.
    RecycleBin,
}

impl Service {
    /// As credentials are scoped to it: `ec2`.
    #[must_use]
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::ImageBuilder => "imagebuilder",
            Self::AutoScaling => "autoscaling",
            Self::Sts => "sts",
            Self::DynamoDb => "dynamodb",
            Self::Ssm => "ssm",
            Self::Ecr => "ecr",
            Self::EventBridge => "events",
            Self::Kms => "kms",
            Self::Organizations => "organizations",
            Self::Sqs => "sqs",
            Self::Sns => "sns",
            Self::S3 => "s3",
            Self::RecycleBin => "rbin",
        }
    }

    /// Whether it is there for callers in this process alone: over HTTP a local cloud has its own.
    pub(crate) const fn only_in_process(self) -> bool {
        matches!(self, Self::Sqs | Self::Sns | Self::S3)
    }

    fn from_scope(scope: &str) -> Option<Self> {
        let known = [
            Self::Ec2,
            Self::ImageBuilder,
            Self::AutoScaling,
            Self::Sts,
            Self::DynamoDb,
            Self::Ssm,
            Self::Ecr,
            Self::EventBridge,
            Self::Kms,
            Self::Organizations,
            Self::Sqs,
            Self::Sns,
            Self::S3,
            Self::RecycleBin,
        ];
        known.into_iter().find(|service| service.scope() == scope)
    }
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.scope())
    }
}

/// Where a request is addressed and who signed it. The signature itself is not checked: there are no secrets here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Envelope {
    pub(crate) service: Service,
    pub(crate) region: Region,
    pub(crate) access_key: String,
    pub(crate) session_token: Option<String>,
}

impl Envelope {
    /// Reads the credential scope of a signature version 4 `Authorization` header.
    pub(crate) fn read(request: &Request<Bytes>) -> Result<Self, ApiError> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let missing = || {
            ApiError::with_status(
                403,
                "MissingAuthenticationToken",
                "The request must contain a signature version 4 Authorization header",
            )
        };
        let authorization = header("authorization").ok_or_else(missing)?;
        let scope = authorization.split_once("Credential=").ok_or_else(missing)?.1;
        let scope = scope.split([',', ' ']).next().unwrap_or("");
        let parts: Vec<&str> = scope.split('/').collect();
        let [access_key, _date, region, service, "aws4_request"] = parts.as_slice() else {
            return Err(ApiError::with_status(
                400,
                "IncompleteSignature",
                format!("The credential scope {scope} is not KEY/DATE/REGION/SERVICE/aws4_request"),
            ));
        };
        let service =
            Service::from_scope(service).ok_or_else(|| ApiError::not_modelled(format!("the service {service}")))?;
        let region = region.parse().map_err(|_| {
            ApiError::with_status(
                403,
                "SignatureDoesNotMatch",
                format!("Credential should be scoped to a valid region, not {region}"),
            )
        })?;
        Ok(Self {
            service,
            region,
            access_key: (*access_key).to_owned(),
            session_token: header("x-amz-security-token").map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(authorization: &str) -> Result<Envelope, ApiError> {
        Envelope::read(
            &Request::builder()
                .header("authorization", authorization)
                .body(Bytes::new())
                .unwrap(),
        )
    }

    #[test]
    fn the_signature_says_service_region_and_key() {
        let envelope = read("AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=0").unwrap();
        assert_eq!(
            (envelope.service, envelope.region.name(), envelope.access_key.as_str()),
            (Service::Ec2, "eu-west-1", "111122223333")
        );
    }

    #[test]
    fn a_service_nobody_modelled_is_named() {
        let error = read("AWS4-HMAC-SHA256 Credential=1/20260101/eu-west-1/lambda/aws4_request").unwrap_err();
        assert_eq!(
            (error.status, error.message.as_str()),
            (501, "image-plane does not model the service lambda")
        );
    }

    #[test]
    fn a_request_without_a_readable_signature_is_refused() {
        for header in [
            "",
            "Basic abc",
            "AWS4-HMAC-SHA256 Credential=1/2/3",
            "AWS4-HMAC-SHA256 Credential=1/20260101/mars-1/ec2/aws4_request",
        ] {
            assert!(read(header).is_err(), "{header}");
        }
    }
}

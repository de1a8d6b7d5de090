use crate::{AccountId, Given, Region};

/// Why a wake is refused. None of these is tried again: the same event says the same a second time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WakeError {
    /// Not even the shape of one.
    #[error("the event is not one of ours: {0}")]
    Shape(String),
    /// An event of a service, or a kind of it, that no rule of ours sends.
    #[error("no function is woken by {detail_type} of {source_name}")]
    Unknown {
        /// `aws.ec2`.
        source_name: Given,
        /// `EC2 AMI State Change`.
        detail_type: Given,
    },
    /// A message that came another way than by our topic.
    #[error("the message is of the topic {0}, which is not ours")]
    OtherTopic(Given),
    /// A member that is not what it should be.
    #[error("{path} {problem}")]
    Member {
        /// `detail.ImageId`.
        path: &'static str,
        /// The sentence of its own type, or that it is missing.
        problem: String,
    },
    /// The event's account and that of what it is about differ: a forgery, or a mistake that looks like one.
    #[error("the event is of account {event}, but what it is about belongs to {resource}")]
    OtherAccount {
        /// As the event says.
        event: AccountId,
        /// As the ARN says.
        resource: String,
    },
    /// The same for the Region.
    #[error("the event is of {event}, but what it is about is in {resource}")]
    OtherRegion {
        /// As the event says.
        event: Region,
        /// As the ARN says.
        resource: Region,
    },
    /// Two members name two images.
    #[error("the event names the image {detail} in its detail, but {resource} in its resources")]
    OtherImage {
        /// In `detail.ImageId`.
        detail: Given,
        /// In `resources[0]`.
        resource: Given,
    },
}

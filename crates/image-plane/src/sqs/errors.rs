//! What SQS refuses with. Its errors have two names: the code that clients of its old protocol know, which every SDK still
//! goes by, and the shape in the JSON. Where AWS documents only the code, the sentence is as callers reported it, or ours.

use crate::wire::error::ApiError;

/// What stands before the codes of some of SQS's own errors.
const OWN: &str = "AWS.SimpleQueueService.";

/// The name of an error's shape, by its code.
pub(crate) fn shape(code: &str) -> &str {
    match code {
        "AWS.SimpleQueueService.NonExistentQueue" => "QueueDoesNotExist",
        "AccessDenied" => "AccessDeniedException",
        "InvalidParameterValue" => "InvalidParameterValueException",
        "MissingParameter" => "MissingRequiredParameterException",
        _ => code.strip_prefix(OWN).unwrap_or(code),
    }
}

pub(super) fn no_queue() -> ApiError {
    ApiError::client(
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.",
    )
}

pub(super) fn no_address(url: &str) -> ApiError {
    ApiError::client(
        "InvalidAddress",
        format!("The address {url} is not valid for this endpoint."),
    )
}

pub(super) fn missing(member: &str) -> ApiError {
    ApiError::client(
        "MissingParameter",
        format!("The request must contain the parameter {member}."),
    )
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterValue", message)
}

/// A parameter whose value is refused, with the reason.
pub(super) fn invalid_value(parameter: &str, value: impl std::fmt::Display, reason: &str) -> ApiError {
    invalid(format!(
        "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
    ))
}

/// awslabs/amazon-sqs-java-messaging-lib#97.
pub(super) fn no_deduplication() -> ApiError {
    invalid(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    )
}

/// roribio/alpine-sqs#54.
pub(super) fn not_of_this_type(parameter: &str, value: impl std::fmt::Display) -> ApiError {
    let reason = "The request include parameter that is not valid for this queue type";
    invalid_value(parameter, value, reason)
}

/// inferablehq/inferable#306, with the size that was allowed then.
pub(super) fn too_long(most: usize) -> ApiError {
    invalid(format!(
        "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
    ))
}

pub(super) fn contents(character: char) -> ApiError {
    ApiError::client(
        "InvalidMessageContents",
        format!(
            "Invalid character '#x{:X}' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | \
             [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]",
            u32::from(character)
        ),
    )
}

pub(super) fn batch(code: BatchError) -> ApiError {
    match code {
        BatchError::Empty => ApiError::client(
            "AWS.SimpleQueueService.EmptyBatchRequest",
            "There should be at least one SendMessageBatchRequestEntry in the request.",
        ),
        BatchError::TooMany { sent, most } => ApiError::client(
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            format!("Maximum number of entries per request are {most}. You have sent {sent}."),
        ),
        BatchError::Id => ApiError::client(
            "AWS.SimpleQueueService.InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters \
             long.",
        ),
        BatchError::Twice(id) => ApiError::client(
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            format!("Id {id} repeated."),
        ),
        // vmihailenco/taskq#36, with the size that was allowed then.
        BatchError::TooLong { sent, most } => ApiError::client(
            "AWS.SimpleQueueService.BatchRequestTooLong",
            format!("Batch requests cannot be longer than {most} bytes. You have sent {sent} bytes."),
        ),
    }
}

/// What is wrong with a batch as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum BatchError {
    Empty,
    TooMany { sent: usize, most: usize },
    Id,
    Twice(String),
    TooLong { sent: usize, most: usize },
}

pub(super) fn no_handle(handle: &str) -> ApiError {
    ApiError::client(
        "ReceiptHandleIsInvalid",
        format!("The input receipt handle \"{handle}\" is not a valid receipt handle."),
    )
}

/// Of FIFO queues alone (aws/aws-sdk-js#1279).
pub(super) fn expired_handle(handle: &str) -> ApiError {
    invalid_value("ReceiptHandle", handle, "The receipt handle has expired.")
}

/// mapbox/ecs-watchbot#135.
pub(super) fn no_message(handle: &str) -> ApiError {
    let reason = "Message does not exist or is not available for visibility timeout change.";
    invalid_value("ReceiptHandle", handle, reason)
}

pub(super) fn not_in_flight() -> ApiError {
    ApiError::client(
        "AWS.SimpleQueueService.MessageNotInflight",
        "The specified message isn't in flight.",
    )
}

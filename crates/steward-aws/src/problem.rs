use std::error::Error;
use std::fmt::Display;
use std::iter::successors;

use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use steward::{Target, Words, with_causes};

/// A call that did not give what it was made for: which, where, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to {doing} in {target}: {cause}")]
pub struct Problem {
    /// What the call was for: `look at ami-0123456789abcdef0`.
    pub doing: String,
    /// Where.
    pub target: Target,
    /// Why.
    pub cause: Cause,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// AWS refused it, or the role by which it was to be made.
    #[error("{code}: {message}")]
    Refused {
        /// AWS's own word for why.
        code: String,
        /// AWS's own sentence. Not to be matched on.
        message: String,
    },
    /// AWS failed at it. Whether the call was carried out is not known.
    #[error("{code}: {message}")]
    Broke {
        /// AWS's own word for what happened.
        code: String,
        /// AWS's own sentence. Not to be matched on.
        message: String,
    },
    /// AWS has no room for it now. It was not carried out, and is to be tried again as it is.
    #[error("{code}: {message}")]
    NoRoom {
        /// AWS's own word for it.
        code: String,
        /// AWS's own sentence. Not to be matched on.
        message: String,
    },
    /// No answer came, or none that could be read. Whether the call was carried out is not known.
    #[error("no answer: {0}")]
    Unanswered(String),
    /// The answer says something this version does not understand.
    #[error("the answer is not understood: {0}")]
    NotUnderstood(String),
}

/// Words for too many calls, which come with the status of a failure: nothing was carried out.
const TOO_FAST: [&str; 7] = [
    "CallRateLimitExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];
/// The words of STS, EC2 and most others for what somebody is not allowed.
const DENIED: [&str; 3] = ["AccessDenied", "UnauthorizedOperation", "AccessDeniedException"];
/// From here on HTTP's statuses say that the server failed.
const SERVER_FAILED: u16 = 500;

impl Cause {
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let Some(said) = error.as_service_error() else {
            if let Some(refused) = not_let_in(error) {
                return refused;
            }
            // Not as the SDK would show it, with how it holds each: people read it, on one line.
            return Self::Unanswered(Words::from(with_causes(error)).to_string());
        };
        let code = said.code().unwrap_or("no code").to_owned();
        let message = said.message().unwrap_or("no message").to_owned();
        let failed = error
            .raw_response()
            .is_some_and(|raw| raw.status().as_u16() >= SERVER_FAILED);
        if failed && !TOO_FAST.contains(&code.as_str()) {
            Self::Broke { code, message }
        } else {
            Self::Refused { code, message }
        }
    }

    /// Whether AWS refused it by one of these words.
    fn is_one_of(&self, words: &[&str]) -> bool {
        matches!(self, Self::Refused { code, .. } if words.contains(&code.as_str()))
    }
}

/// That STS gave nobody the role by which the call was to be made: it was never sent.
fn not_let_in(error: &(dyn Error + 'static)) -> Option<Cause> {
    let mut causes = successors(Some(error), |error| (*error).source());
    let of_sts = causes.find_map(|cause| cause.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>())?;
    // Where STS said nothing, nobody was refused; and its error is the first of its own causes.
    of_sts.as_service_error()?;
    let cause = Cause::of(of_sts);
    // Whoever was not answered, or asked too often, is let in another time.
    cause.is_one_of(&DENIED).then_some(cause)
}

/// What was asked for; none where AWS answers by one of these words that it is not there.
pub(crate) fn absent<T>(answer: Result<T, Problem>, gone: &[&str]) -> Result<Option<T>, Problem> {
    match answer {
        Err(problem) if problem.code().is_some_and(|code| gone.contains(&code)) => Ok(None),
        answer => answer.map(Some),
    }
}

/// An answer, or why AWS refused it, where that is an answer too.
pub(crate) fn unless_refused<T>(answer: Result<T, Problem>) -> Result<Result<T, Words>, Problem> {
    match answer {
        Err(problem) if matches!(problem.cause, Cause::Refused { .. }) => {
            Ok(Err(Words::from(problem.cause.to_string())))
        }
        answer => answer.map(Ok),
    }
}

impl Problem {
    /// The problem of a call that the SDK has given up.
    pub(crate) fn of<E>(doing: impl Into<String>, target: Target, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        Self {
            doing: doing.into(),
            target,
            cause: Cause::of(error),
        }
    }

    /// The problem of an answer that could not be read.
    pub(crate) fn not_understood(doing: impl Into<String>, target: Target, what: impl Display) -> Self {
        Self {
            doing: doing.into(),
            target,
            cause: Cause::NotUnderstood(what.to_string()),
        }
    }

    /// AWS's own word, where it answered.
    pub fn code(&self) -> Option<&str> {
        match &self.cause {
            Cause::Refused { code, .. } | Cause::Broke { code, .. } | Cause::NoRoom { code, .. } => Some(code),
            Cause::Unanswered(_) | Cause::NotUnderstood(_) => None,
        }
    }

    /// Whether a policy of some kind, or the lack of one, kept whoever called from it: from the role for it, too.
    pub fn is_denied(&self) -> bool {
        self.is_refused_as(&DENIED)
    }

    /// Whether it was not carried out now, and may be later as it is.
    pub fn was_put_off(&self) -> bool {
        matches!(self.cause, Cause::NoRoom { .. }) || self.is_too_fast()
    }

    /// Whether more was asked for at once than the account may: nothing was carried out.
    pub fn is_too_fast(&self) -> bool {
        self.is_refused_as(&TOO_FAST)
    }

    /// Whether AWS refused it by one of these words.
    pub(crate) fn is_refused_as(&self, words: &[&str]) -> bool {
        self.cause.is_one_of(words)
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::error::CredentialsError;
    use aws_sdk_ec2::operation::describe_regions::DescribeRegionsError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    /// Why a call failed for whose role STS was asked and answered this.
    fn without_a_role(status: u16, code: &str) -> Cause {
        let said = ErrorMetadata::builder().code(code).message("as it is").build();
        let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        let answer = SdkError::service_error(AssumeRoleError::generic(said), raw);
        let call: SdkError<DescribeRegionsError, HttpResponse> =
            SdkError::construction_failure(CredentialsError::provider_error(answer));
        Cause::of(&call)
    }

    #[test]
    fn whom_sts_gives_no_role_is_refused_and_whom_it_does_not_answer_was_not_answered() {
        let refused = Cause::Refused {
            code: String::from("AccessDenied"),
            message: String::from("as it is"),
        };
        assert_eq!(without_a_role(403, "AccessDenied"), refused);
        for (status, code) in [(400, "Throttling"), (500, "InternalFailure"), (500, "AccessDenied")] {
            let cause = without_a_role(status, code);
            assert!(matches!(cause, Cause::Unanswered(_)), "{cause:?}");
        }
    }

    #[test]
    fn whom_sts_says_nothing_was_not_answered_for_itself_and_for_whoever_asked_for_the_role() {
        let silence = || SdkError::<AssumeRoleError, HttpResponse>::timeout_error("no answer in time");
        let call: SdkError<DescribeRegionsError, HttpResponse> =
            SdkError::construction_failure(CredentialsError::provider_error(silence()));
        for cause in [Cause::of(&silence()), Cause::of(&call)] {
            assert!(matches!(cause, Cause::Unanswered(_)), "{cause:?}");
        }
    }
}

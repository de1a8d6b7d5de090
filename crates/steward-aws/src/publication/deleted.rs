//! What became of versions that were to be deleted: the call succeeds whatever did.

use std::collections::BTreeSet;

use aws_sdk_ec2::operation::delete_launch_template_versions::DeleteLaunchTemplateVersionsOutput;
use aws_sdk_ec2::types::LaunchTemplateErrorCode;

use crate::Cause;

/// Whether none of these versions is there any more, by what EC2 says of each. One that somebody else deleted is not.
pub(super) fn all_deleted(asked: &BTreeSet<u64>, answer: &DeleteLaunchTemplateVersionsOutput) -> Result<(), Cause> {
    let read = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    let deleted = answer.successfully_deleted_launch_template_versions().iter();
    let mut gone: BTreeSet<u64> = deleted.filter_map(|item| read(item.version_number())).collect();
    let mut stay: Vec<(&str, String)> = Vec::new();
    for item in answer.unsuccessfully_deleted_launch_template_versions() {
        let number = read(item.version_number());
        let error = item.response_error();
        let code = error.and_then(|error| error.code());
        if code == Some(&LaunchTemplateErrorCode::LaunchTemplateVersionDoesNotExist) {
            gone.extend(number);
            continue;
        }
        let code = code.map_or("no code", LaunchTemplateErrorCode::as_str);
        let message = error.and_then(|error| error.message()).unwrap_or("no message");
        let number = number.map_or_else(|| String::from("without a number"), |number| number.to_string());
        stay.push((code, format!("version {number} stays: {code}: {message}")));
    }
    if let Some((code, _)) = stay.first() {
        let said: Vec<&str> = stay.iter().map(|(_, said)| said.as_str()).collect();
        let gone = asked.intersection(&gone).count();
        return Err(Cause::Refused {
            code: String::from(*code),
            message: format!("{gone} of {} are deleted; {}", asked.len(), said.join("; ")),
        });
    }
    match asked.difference(&gone).next() {
        Some(silent) => Err(Cause::NotUnderstood(format!("it says nothing of version {silent}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{
        DeleteLaunchTemplateVersionsResponseErrorItem as NotDeleted,
        DeleteLaunchTemplateVersionsResponseSuccessItem as Deleted, ResponseError,
    };

    use super::*;

    fn answered(deleted: &[i64], not_deleted: &[(i64, &str)]) -> Result<(), Cause> {
        let deleted = deleted
            .iter()
            .map(|number| Deleted::builder().version_number(*number).build());
        let not_deleted = not_deleted.iter().map(|(number, code)| {
            let error = ResponseError::builder().code(LaunchTemplateErrorCode::from(*code));
            let error = error.message("as it is").build();
            NotDeleted::builder()
                .version_number(*number)
                .response_error(error)
                .build()
        });
        let answer = DeleteLaunchTemplateVersionsOutput::builder()
            .set_successfully_deleted_launch_template_versions(Some(deleted.collect()))
            .set_unsuccessfully_deleted_launch_template_versions(Some(not_deleted.collect()))
            .build();
        all_deleted(&[2, 3, 4].into(), &answer)
    }

    #[test]
    fn versions_are_deleted_once_ec2_says_so_of_each_or_knows_it_no_more() {
        assert_eq!(answered(&[4, 2, 3], &[]), Ok(()));
        assert_eq!(answered(&[4, 2], &[(3, "launchTemplateVersionDoesNotExist")]), Ok(()));
    }

    #[test]
    fn one_that_stays_is_told_with_why_and_with_how_many_are_deleted() {
        let Err(Cause::Refused { code, message }) = answered(&[4], &[(2, "unexpectedError"), (3, "somethingNew")])
        else {
            panic!("it was refused");
        };
        assert_eq!(code, "unexpectedError");
        assert_eq!(
            message,
            "1 of 3 are deleted; version 2 stays: unexpectedError: as it is; version 3 stays: somethingNew: as it is"
        );
        let gone = [(2, "unexpectedError"), (3, "launchTemplateVersionDoesNotExist")];
        let Err(Cause::Refused { message, .. }) = answered(&[4], &gone) else {
            panic!("it was refused");
        };
        assert!(message.starts_with("2 of 3 are deleted; version 2 stays"), "{message}");
    }

    #[test]
    fn an_answer_that_is_silent_of_a_version_is_not_understood() {
        assert_eq!(
            answered(&[2, 4], &[]),
            Err(Cause::NotUnderstood(String::from("it says nothing of version 3")))
        );
    }
}

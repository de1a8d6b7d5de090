use std::fmt;
use std::str::FromStr;

use crate::arn::{ArnParts, region_in};
use crate::text::{padded, string_form};
use crate::{AccountId, ArnProblem, KmsAliasName, KmsKeyId, ParseError, Region, Target};

const EXAMPLE: &str = "arn:aws:kms:eu-west-1:111122223333:alias/golden";

/// How a manifest names a key. Without an account it is looked up in the account that will own the copy;
/// an ARN means that very key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KmsKeyRef {
    /// `alias/golden`.
    Alias(KmsAliasName),
    /// `1234abcd-12ab-34cd-56ef-1234567890ab`.
    Id(KmsKeyId),
    /// `arn:aws:kms:eu-west-1:111122223333:alias/golden`.
    AliasArn {
        /// Where the key is.
        region: Region,
        /// Whose it is.
        account: AccountId,
        /// Its alias there.
        alias: KmsAliasName,
    },
    /// `arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`.
    IdArn {
        /// Where the key is.
        region: Region,
        /// Whose it is.
        account: AccountId,
        /// Its id.
        id: KmsKeyId,
    },
}

string_form!(KmsKeyRef, "KMS key");

impl KmsKeyRef {
    /// The ARN of the key: what is no ARN is a key of this target's.
    #[must_use]
    pub fn arn_in(&self, target: Target) -> Self {
        let (region, account) = (target.region(), target.account());
        match self.clone() {
            Self::Alias(alias) => Self::AliasArn { region, account, alias },
            Self::Id(id) => Self::IdArn { region, account, id },
            arn @ (Self::AliasArn { .. } | Self::IdArn { .. }) => arn,
        }
    }

    /// Whose the key is, where its name says that.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Alias(_) | Self::Id(_) => None,
            Self::AliasArn { account, .. } | Self::IdArn { account, .. } => Some(*account),
        }
    }
}

impl fmt::Display for KmsKeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias(alias) => alias.fmt(f),
            Self::Id(id) => id.fmt(f),
            Self::AliasArn { region, account, alias } => padded(
                f,
                format_args!("arn:{}:kms:{region}:{account}:{alias}", region.partition()),
            ),
            Self::IdArn { region, account, id } => padded(
                f,
                format_args!("arn:{}:kms:{region}:{account}:key/{id}", region.partition()),
            ),
        }
    }
}

impl FromStr for KmsKeyRef {
    type Err = KmsKeyRefError;

    fn from_str(text: &str) -> Result<Self, KmsKeyRefError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<KmsKeyRef, KmsKeyRefProblem> {
    if text.starts_with("arn:") {
        return parse_arn(text);
    }
    if text.starts_with("alias/") {
        return text.parse().map(KmsKeyRef::Alias).map_err(|_| KmsKeyRefProblem::Alias);
    }
    text.parse().map(KmsKeyRef::Id).map_err(|_| KmsKeyRefProblem::Form)
}

fn parse_arn(text: &str) -> Result<KmsKeyRef, KmsKeyRefProblem> {
    let arn = ArnParts::of("kms", text, || EXAMPLE.to_owned()).map_err(KmsKeyRefProblem::Arn)?;
    let region = region_in(arn.partition, arn.region).map_err(KmsKeyRefProblem::Arn)?;
    let account = arn
        .account
        .parse()
        .map_err(|error| KmsKeyRefProblem::Arn(ArnProblem::Account(error)))?;
    let nested = |error| KmsKeyRefProblem::InArn(Box::new(error));
    match arn.resource.strip_prefix("key/") {
        Some(id) => Ok(KmsKeyRef::IdArn {
            region,
            account,
            id: id.parse().map_err(nested)?,
        }),
        None => Ok(KmsKeyRef::AliasArn {
            region,
            account,
            alias: arn.resource.parse().map_err(nested)?,
        }),
    }
}

/// Why a text is not a key.
pub type KmsKeyRefError = ParseError<KmsKeyRefProblem>;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KmsKeyRefProblem {
    /// None of the four forms.
    #[error("is no key, must be as in alias/golden, 1234abcd-12ab-34cd-56ef-1234567890ab or {EXAMPLE}")]
    Form,
    /// Not an alias.
    #[error("is no alias, must be alias/ and up to 250 letters, digits, slashes, underscores and hyphens")]
    Alias,
    /// Not a key id.
    #[error("is no key id, must be as in 1234abcd-12ab-34cd-56ef-1234567890ab")]
    KeyId,
    /// A malformed ARN, up to its last colon.
    #[error("{0}")]
    Arn(ArnProblem),
    /// The last part of the ARN.
    #[error("names no key: {0}")]
    InArn(Box<KmsKeyRefError>),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{
        accounts, assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, regions,
    };

    #[test]
    fn a_key_is_named_in_four_ways() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        assert!(matches!("alias/golden".parse(), Ok(KmsKeyRef::Alias(_))));
        assert!(matches!(id.parse(), Ok(KmsKeyRef::Id(_))));
        assert!(matches!(EXAMPLE.parse(), Ok(KmsKeyRef::AliasArn { .. })));
        assert!(matches!(
            format!("arn:aws:kms:eu-west-1:111122223333:key/{id}").parse(),
            Ok(KmsKeyRef::IdArn { .. })
        ));
    }

    #[test]
    fn keys_of_aws_are_told_by_their_alias() {
        let is_aws_managed = |alias: &str| alias.parse::<KmsAliasName>().map(|alias| alias.is_aws_managed());
        assert_eq!(is_aws_managed("alias/aws/ebs"), Ok(true));
        assert_eq!(is_aws_managed("alias/aws"), Ok(false));
        assert_eq!(is_aws_managed("alias/golden/aws/ebs"), Ok(false));
    }

    #[test]
    fn a_bad_key_is_refused_with_what_would_be_right() {
        let form = format!("is no key, must be as in alias/golden, 1234abcd-12ab-34cd-56ef-1234567890ab or {EXAMPLE}");
        let alias = "is no alias, must be alias/ and up to 250 letters, digits, slashes, underscores and hyphens";
        let long = format!("alias/{}", "a".repeat(251));
        assert_refused::<KmsKeyRef>(&[
            ("", &format!(r#""" {form}"#)),
            ("golden", &format!(r#""golden" {form}"#)),
            (
                "1234ABCD-12ab-34cd-56ef-1234567890ab",
                &format!(r#""1234ABCD-12ab-34cd-56ef-1234567890ab" {form}"#),
            ),
            ("mrk-1234", &format!(r#""mrk-1234" {form}"#)),
            ("alias/", &format!(r#""alias/" {alias}"#)),
            ("alias/go lden", &format!(r#""alias/go lden" {alias}"#)),
            (&long, &format!(r#""{long}" {alias}"#)),
            (
                "arn:aws:kms:cn-north-1:111122223333:alias/golden",
                r#""arn:aws:kms:cn-north-1:111122223333:alias/golden" has the partition aws, but cn-north-1 is in aws-cn"#,
            ),
            (
                "arn:aws:kms:eu-west-1:111122223333:key/golden",
                "\"arn:aws:kms:eu-west-1:111122223333:key/golden\" names no key: \"golden\" is no key id, must be as in \
                 1234abcd-12ab-34cd-56ef-1234567890ab",
            ),
            (
                "arn:aws:kms:eu-west-1:111122223333:golden",
                &format!(r#""arn:aws:kms:eu-west-1:111122223333:golden" names no key: "golden" {alias}"#),
            ),
        ]);
    }

    #[test]
    fn an_alias_may_have_250_characters() {
        assert_prints_back::<KmsKeyRef>(&format!("alias/{}", "a".repeat(250)));
    }

    #[test]
    fn a_key_travels_as_its_string() {
        assert_serde::<KmsKeyRef>("alias/golden", "golden", "KMS key");
        assert_serde::<KmsAliasName>("alias/golden", "golden", "key alias");
        assert_serde::<KmsKeyId>("mrk-1234abcd12ab34cd56ef1234567890ab", "mrk-1234", "key id");
    }

    fn keys() -> impl Strategy<Value = String> {
        let id = "([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})";
        let alias = "alias/[a-zA-Z0-9/_-]{1,250}";
        let resource = prop_oneof![id.prop_map(|id| format!("key/{id}")), alias];
        let arn = (regions(), accounts(), resource).prop_map(|(region, account, resource)| {
            let partition = region.parse::<Region>().unwrap().partition();
            format!("arn:{partition}:kms:{region}:{account}:{resource}")
        });
        prop_oneof![id, alias, arn]
    }

    proptest! {
        #[test]
        fn every_key_prints_back(text in keys()) {
            assert_prints_back::<KmsKeyRef>(&text);
        }

        #[test]
        fn a_mutated_key_is_refused_or_prints_back(text in mutated(keys())) {
            assert_survives::<KmsKeyRef>(&text);
        }
    }
}

use std::str::FromStr;

use crate::text::boxed_form;
use crate::{KmsKeyRefError, KmsKeyRefProblem, ParseError};

/// KMS's own limit, `alias/` included.
const MOST: usize = 256;

/// A key by its alias, such as `alias/golden`: one name, another key in each account and Region.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KmsAliasName(Box<str>);

boxed_form!(KmsAliasName, "key alias");

impl KmsAliasName {
    /// Whether the key is one of AWS's own, such as `alias/aws/ebs`: what it encrypts cannot be shared.
    pub fn is_aws_managed(&self) -> bool {
        self.as_str().starts_with("alias/aws/")
    }
}

impl FromStr for KmsAliasName {
    type Err = KmsKeyRefError;

    fn from_str(text: &str) -> Result<Self, KmsKeyRefError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-');
        match text.strip_prefix("alias/") {
            Some(name) if !name.is_empty() && text.len() <= MOST && name.chars().all(allowed) => Ok(Self(text.into())),
            _ => Err(ParseError::new(text, KmsKeyRefProblem::Alias)),
        }
    }
}

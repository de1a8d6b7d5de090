use std::str::FromStr;

use crate::text::boxed_form;
use crate::{KmsKeyRefError, KmsKeyRefProblem, ParseError};

/// A key by its id: a UUID, or `mrk-` and 32 hex digits for a multi-Region key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KmsKeyId(Box<str>);

boxed_form!(KmsKeyId, "key id");

impl FromStr for KmsKeyId {
    type Err = KmsKeyRefError;

    fn from_str(text: &str) -> Result<Self, KmsKeyRefError> {
        let valid = match text.strip_prefix("mrk-") {
            Some(digits) => is_hex(digits, 32),
            None => {
                text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
                    && text.split('-').all(|part| is_hex(part, part.len()))
            }
        };
        if valid {
            Ok(Self(text.into()))
        } else {
            Err(ParseError::new(text, KmsKeyRefProblem::KeyId))
        }
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

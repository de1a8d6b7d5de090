use std::fmt;
use std::str::FromStr;

use super::hex_id::HexDigits;
use crate::Ec2IdError;
use crate::text::string_form;

/// An AMI, such as `ami-0123456789abcdef0`. It says nothing of whose it is, or where.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AmiId(HexDigits);

string_form!(AmiId, "AMI id");

impl fmt::Display for AmiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write("ami", f)
    }
}

impl FromStr for AmiId {
    type Err = Ec2IdError;

    fn from_str(text: &str) -> Result<Self, Ec2IdError> {
        HexDigits::after("ami", text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{amis, assert_prints_back, assert_refused, assert_serde, assert_survives, mutated};

    #[test]
    fn a_bad_ami_id_is_refused_with_what_would_be_right() {
        assert_refused::<AmiId>(&[
            ("", r#""" does not start with ami-"#),
            ("0123456789abcdef0", r#""0123456789abcdef0" does not start with ami-"#),
            ("amy-01234567", r#""amy-01234567" does not start with ami-"#),
            (
                "snap-0123456789abcdef0",
                r#""snap-0123456789abcdef0" is a snapshot id, must start with ami-"#,
            ),
            (
                "i-0123456789abcdef0",
                r#""i-0123456789abcdef0" is an instance id, must start with ami-"#,
            ),
            (
                "lt-0123456789abcdef0",
                r#""lt-0123456789abcdef0" is a launch template id, must start with ami-"#,
            ),
            (
                "ami-0123456789ABCDEF0",
                r#""ami-0123456789ABCDEF0" has upper-case letters, must be lower case"#,
            ),
            (
                "AMI-01234567",
                r#""AMI-01234567" has upper-case letters, must be lower case"#,
            ),
            ("ami-", r#""ami-" has 0 hex digits, must be 8 or 17"#),
            ("ami-1", r#""ami-1" has 1 hex digit, must be 8 or 17"#),
            (
                "ami-0123456789abcdef",
                r#""ami-0123456789abcdef" has 16 hex digits, must be 8 or 17"#,
            ),
            (
                "ami-0123456789abcdef01",
                r#""ami-0123456789abcdef01" has 18 hex digits, must be 8 or 17"#,
            ),
            (
                "ami-0123456g",
                r#""ami-0123456g" contains 'g' after the prefix, must be 8 or 17 hex digits there"#,
            ),
            (
                "ami-01234567 ",
                r#""ami-01234567 " contains ' ' after the prefix, must be 8 or 17 hex digits there"#,
            ),
        ]);
    }

    #[test]
    fn short_ami_ids_come_first_then_they_are_ordered_as_text() {
        let ids = [
            "ami-0000000a",
            "ami-ffffffff",
            "ami-00000000000000000",
            "ami-0000000000000000a",
            "ami-a0000000000000000",
        ];
        let parsed = ids.map(|id| id.parse::<AmiId>().unwrap());
        assert!(parsed.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn an_ami_id_shows_itself_when_debugged_and_aligns_in_a_table() {
        let id: AmiId = "ami-0123abcd".parse().unwrap();
        assert_eq!(format!("{id:?}|{id:>14}"), "AmiId(ami-0123abcd)|  ami-0123abcd");
    }

    #[test]
    fn an_ami_id_travels_as_its_string() {
        assert_serde::<AmiId>("ami-0123456789abcdef0", "ami-1", "AMI id");
    }

    proptest! {
        #[test]
        fn every_ami_id_prints_back(text in amis()) {
            assert_prints_back::<AmiId>(&text);
        }

        #[test]
        fn a_mutated_ami_id_is_refused_or_prints_back(text in mutated(amis())) {
            assert_survives::<AmiId>(&text);
        }
    }
}

use std::fmt;
use std::str::FromStr;

use super::hex_id::HexDigits;
use crate::Ec2IdError;
use crate::text::string_form;

/// A launch template, such as `lt-0123456789abcdef0`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateId(HexDigits);

string_form!(TemplateId, "launch template id");

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write("lt", f)
    }
}

impl FromStr for TemplateId {
    type Err = Ec2IdError;

    fn from_str(text: &str) -> Result<Self, Ec2IdError> {
        HexDigits::after("lt", text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde};

    #[test]
    fn a_bad_template_id_is_refused_with_what_would_be_right() {
        assert_refused::<TemplateId>(&[(
            "ami-0123456789abcdef0",
            r#""ami-0123456789abcdef0" is an AMI id, must start with lt-"#,
        )]);
        assert_prints_back::<TemplateId>("lt-0a1b2c3d");
    }

    #[test]
    fn a_template_id_travels_as_its_string() {
        assert_serde::<TemplateId>("lt-0123456789abcdef0", "lt-1", "launch template id");
    }
}

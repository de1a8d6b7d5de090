use std::fmt;
use std::str::FromStr;

use super::hex_id::HexDigits;
use crate::Ec2IdError;
use crate::text::string_form;

/// An EC2 instance, such as `i-0123456789abcdef0`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(HexDigits);

string_form!(InstanceId, "instance id");

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write("i", f)
    }
}

impl FromStr for InstanceId {
    type Err = Ec2IdError;

    fn from_str(text: &str) -> Result<Self, Ec2IdError> {
        HexDigits::after("i", text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde};

    #[test]
    fn a_bad_instance_id_is_refused_with_what_would_be_right() {
        assert_refused::<InstanceId>(&[(
            "ami-0123456789abcdef0",
            r#""ami-0123456789abcdef0" is an AMI id, must start with i-"#,
        )]);
        assert_prints_back::<InstanceId>("i-0a1b2c3d");
    }

    #[test]
    fn a_instance_id_travels_as_its_string() {
        assert_serde::<InstanceId>("i-0123456789abcdef0", "i-1", "instance id");
    }
}

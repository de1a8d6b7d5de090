use std::fmt;
use std::str::FromStr;

use super::hex_id::HexDigits;
use crate::Ec2IdError;
use crate::text::string_form;

/// An EBS snapshot, such as `snap-0123456789abcdef0`: what an AMI's volumes are made from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId(HexDigits);

string_form!(SnapshotId, "snapshot id");

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write("snap", f)
    }
}

impl FromStr for SnapshotId {
    type Err = Ec2IdError;

    fn from_str(text: &str) -> Result<Self, Ec2IdError> {
        HexDigits::after("snap", text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, snapshots};

    #[test]
    fn a_bad_snapshot_id_is_refused_with_what_would_be_right() {
        assert_refused::<SnapshotId>(&[
            (
                "ami-0123456789abcdef0",
                r#""ami-0123456789abcdef0" is an AMI id, must start with snap-"#,
            ),
            (
                "vol-0123456789abcdef0",
                r#""vol-0123456789abcdef0" is a volume id, must start with snap-"#,
            ),
            (
                "snap0123456789abcdef0",
                r#""snap0123456789abcdef0" does not start with snap-"#,
            ),
            (
                "snap-0123456789abcdef",
                r#""snap-0123456789abcdef" has 16 hex digits, must be 8 or 17"#,
            ),
        ]);
    }

    #[test]
    fn a_snapshot_id_travels_as_its_string() {
        assert_serde::<SnapshotId>("snap-0123456789abcdef0", "ami-0123456789abcdef0", "snapshot id");
    }

    proptest! {
        #[test]
        fn every_snapshot_id_prints_back(text in snapshots()) {
            assert_prints_back::<SnapshotId>(&text);
        }

        #[test]
        fn a_mutated_snapshot_id_is_refused_or_prints_back(text in mutated(snapshots())) {
            assert_survives::<SnapshotId>(&text);
        }
    }
}

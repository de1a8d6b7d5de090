use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::text::string_form;

/// A closed part of AWS, with its own accounts and its own ARNs; nothing is shared or copied across.
///
/// A partition we do not know is refused: we could not say which Regions belong to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// `aws`, the commercial Regions.
    Aws,
    /// `aws-cn`, China.
    AwsCn,
    /// `aws-eusc`, the European Sovereign Cloud.
    AwsEusc,
    /// `aws-iso`, US Top Secret.
    AwsIso,
    /// `aws-iso-b`, US Secret.
    AwsIsoB,
    /// `aws-iso-e`, Europe.
    AwsIsoE,
    /// `aws-iso-f`, US.
    AwsIsoF,
    /// `aws-us-gov`, US `GovCloud`.
    AwsUsGov,
}

string_form!(Partition, "partition");

impl Partition {
    /// Every partition, in the order of their names.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::AwsCn,
        Self::AwsEusc,
        Self::AwsIso,
        Self::AwsIsoB,
        Self::AwsIsoE,
        Self::AwsIsoF,
        Self::AwsUsGov,
    ];

    /// As in an ARN's second part.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsEusc => "aws-eusc",
            Self::AwsIso => "aws-iso",
            Self::AwsIsoB => "aws-iso-b",
            Self::AwsIsoE => "aws-iso-e",
            Self::AwsIsoF => "aws-iso-f",
            Self::AwsUsGov => "aws-us-gov",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        Self::ALL
            .into_iter()
            .find(|partition| partition.as_str() == text)
            .ok_or_else(|| ParseError::new(text, PartitionProblem::Unknown))
    }
}

/// Why a text is not a partition.
pub type PartitionError = ParseError<PartitionProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartitionProblem {
    /// Not one of [`Partition::ALL`].
    #[error("is not known, must be one of {}", Partition::ALL.map(Partition::as_str).join(", "))]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde};

    #[test]
    fn every_partition_prints_back() {
        for partition in Partition::ALL {
            assert_eq!(partition.as_str().parse(), Ok(partition));
            assert_prints_back::<Partition>(partition.as_str());
        }
    }

    #[test]
    fn partitions_are_ordered_by_name() {
        assert!(Partition::ALL.is_sorted());
        assert!(Partition::ALL.map(Partition::as_str).is_sorted());
    }

    #[test]
    fn an_unknown_partition_is_refused_with_the_known_ones() {
        let known = "must be one of aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov";
        assert_refused::<Partition>(&[
            ("aws-mars", &format!(r#""aws-mars" is not known, {known}"#)),
            ("AWS", &format!(r#""AWS" is not known, {known}"#)),
            ("", &format!(r#""" is not known, {known}"#)),
        ]);
    }

    #[test]
    fn a_partition_travels_as_its_string() {
        assert_serde::<Partition>("aws-us-gov", "gov", "partition");
    }
}

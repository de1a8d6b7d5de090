//! The Regions the model knows, their partitions, and which of them an account must opt in to.

use std::fmt;
use std::str::FromStr;

use crate::ids::Malformed;

struct Known {
    name: &'static str,
    partition: &'static str,
    opt_in: bool,
}

const fn known(name: &'static str, partition: &'static str, opt_in: bool) -> Known {
    Known {
        name,
        partition,
        opt_in,
    }
}

/// Regions launched after March 2019 must be enabled, account by account.
const REGIONS: [Known; 39] = [
    known("af-south-1", "aws", true),
    known("ap-east-1", "aws", true),
    known("ap-east-2", "aws", true),
    known("ap-northeast-1", "aws", false),
    known("ap-northeast-2", "aws", false),
    known("ap-northeast-3", "aws", false),
    known("ap-south-1", "aws", false),
    known("ap-south-2", "aws", true),
    known("ap-southeast-1", "aws", false),
    known("ap-southeast-2", "aws", false),
    known("ap-southeast-3", "aws", true),
    known("ap-southeast-4", "aws", true),
    known("ap-southeast-5", "aws", true),
    known("ap-southeast-6", "aws", true),
    known("ap-southeast-7", "aws", true),
    known("ca-central-1", "aws", false),
    known("ca-west-1", "aws", true),
    known("cn-north-1", "aws-cn", false),
    known("cn-northwest-1", "aws-cn", false),
    known("eu-central-1", "aws", false),
    known("eu-central-2", "aws", true),
    known("eu-north-1", "aws", false),
    known("eu-south-1", "aws", true),
    known("eu-south-2", "aws", true),
    known("eu-west-1", "aws", false),
    known("eu-west-2", "aws", false),
    known("eu-west-3", "aws", false),
    known("eusc-de-east-1", "aws-eusc", false),
    known("il-central-1", "aws", true),
    known("me-central-1", "aws", true),
    known("me-south-1", "aws", true),
    known("mx-central-1", "aws", true),
    known("sa-east-1", "aws", false),
    known("us-east-1", "aws", false),
    known("us-east-2", "aws", false),
    known("us-gov-east-1", "aws-us-gov", false),
    known("us-gov-west-1", "aws-us-gov", false),
    known("us-west-1", "aws", false),
    known("us-west-2", "aws", false),
];

/// A Region that exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u8);

impl Region {
    /// `eu-west-1`, where most stories play.
    pub(crate) const IRELAND: Self = Self(24);

    /// Every Region, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..u8::try_from(REGIONS.len()).unwrap_or(u8::MAX)).map(Self)
    }

    /// `eu-west-1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        REGIONS[usize::from(self.0)].name
    }

    /// `aws`, `aws-cn`, …
    #[must_use]
    pub fn partition(self) -> &'static str {
        REGIONS[usize::from(self.0)].partition
    }

    /// Whether an account must enable it before use.
    #[must_use]
    pub fn needs_opt_in(self) -> bool {
        REGIONS[usize::from(self.0)].opt_in
    }

    /// The host name of a service here.
    #[must_use]
    pub fn endpoint(self, service: &str) -> String {
        let suffix = match self.partition() {
            "aws-cn" => "amazonaws.com.cn",
            "aws-eusc" => "amazonaws.eu",
            _ => "amazonaws.com",
        };
        format!("{service}.{}.{suffix}", self.name())
    }
}

impl FromStr for Region {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let place = REGIONS
            .binary_search_by(|known| known.name.cmp(text))
            .map_err(|_| Malformed)?;
        u8::try_from(place).map(Self).map_err(|_| Malformed)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ireland_is_where_the_table_has_it() {
        assert_eq!(Region::IRELAND.name(), "eu-west-1");
    }

    #[test]
    fn every_region_is_found_by_its_name() {
        for region in Region::all() {
            assert_eq!(region.name().parse(), Ok(region));
        }
        assert_eq!("eu-west-9".parse::<Region>(), Err(Malformed));
    }
}

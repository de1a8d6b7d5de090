use std::fmt;
use std::str::FromStr;

use crate::text::{padded, string_form};
use crate::{Given, ParseError, Partition};

/// A Region, such as `eu-west-1`; it knows its [`Partition`] by its prefix.
///
/// Ordered by area, direction and number. A Region need not exist yet to be valid, but its area must be a known one:
/// a new area belongs to a partition that cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    area: Area,
    direction: Direction,
    number: u8,
}

string_form!(Region, "Region");

impl Region {
    /// The part of AWS this Region lies in.
    pub const fn partition(self) -> Partition {
        match self.area {
            Area::Af | Area::Ap | Area::Ca | Area::Eu | Area::Il | Area::Me | Area::Mx | Area::Sa | Area::Us => {
                Partition::Aws
            }
            Area::Cn => Partition::AwsCn,
            Area::EuIsoe => Partition::AwsIsoE,
            Area::EuscDe => Partition::AwsEusc,
            Area::UsGov => Partition::AwsUsGov,
            Area::UsIso => Partition::AwsIso,
            Area::UsIsob => Partition::AwsIsoB,
            Area::UsIsof => Partition::AwsIsoF,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Area {
    Af,
    Ap,
    Ca,
    Cn,
    Eu,
    EuIsoe,
    EuscDe,
    Il,
    Me,
    Mx,
    Sa,
    Us,
    UsGov,
    UsIso,
    UsIsob,
    UsIsof,
}

impl Area {
    const ALL: [Self; 16] = [
        Self::Af,
        Self::Ap,
        Self::Ca,
        Self::Cn,
        Self::Eu,
        Self::EuIsoe,
        Self::EuscDe,
        Self::Il,
        Self::Me,
        Self::Mx,
        Self::Sa,
        Self::Us,
        Self::UsGov,
        Self::UsIso,
        Self::UsIsob,
        Self::UsIsof,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Af => "af",
            Self::Ap => "ap",
            Self::Ca => "ca",
            Self::Cn => "cn",
            Self::Eu => "eu",
            Self::EuIsoe => "eu-isoe",
            Self::EuscDe => "eusc-de",
            Self::Il => "il",
            Self::Me => "me",
            Self::Mx => "mx",
            Self::Sa => "sa",
            Self::Us => "us",
            Self::UsGov => "us-gov",
            Self::UsIso => "us-iso",
            Self::UsIsob => "us-isob",
            Self::UsIsof => "us-isof",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Direction {
    Central,
    East,
    North,
    Northeast,
    Northwest,
    South,
    Southeast,
    Southwest,
    West,
}

impl Direction {
    const ALL: [Self; 9] = [
        Self::Central,
        Self::East,
        Self::North,
        Self::Northeast,
        Self::Northwest,
        Self::South,
        Self::Southeast,
        Self::Southwest,
        Self::West,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Central => "central",
            Self::East => "east",
            Self::North => "north",
            Self::Northeast => "northeast",
            Self::Northwest => "northwest",
            Self::South => "south",
            Self::Southeast => "southeast",
            Self::Southwest => "southwest",
            Self::West => "west",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(
            f,
            format_args!("{}-{}-{}", self.area.as_str(), self.direction.as_str(), self.number),
        )
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<Region, RegionProblem> {
    if text.contains(|c: char| c.is_ascii_uppercase()) {
        return Err(RegionProblem::UpperCase);
    }
    let mut parts = text.rsplitn(3, '-');
    let (Some(number), Some(direction), Some(area)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(RegionProblem::Shape);
    };
    let area = Area::ALL
        .into_iter()
        .find(|known| known.as_str() == area)
        .ok_or_else(|| RegionProblem::Area {
            found: Given::new(area),
        })?;
    let direction = Direction::ALL
        .into_iter()
        .find(|known| known.as_str() == direction)
        .ok_or_else(|| RegionProblem::Direction {
            found: Given::new(direction),
        })?;
    if let Some(number) = number
        .strip_suffix(|c: char| c.is_ascii_lowercase())
        .and_then(plain_number)
    {
        return Err(RegionProblem::AvailabilityZone {
            region: Region {
                area,
                direction,
                number,
            },
        });
    }
    let number = plain_number(number).ok_or_else(|| RegionProblem::Number {
        found: Given::new(number),
    })?;
    Ok(Region {
        area,
        direction,
        number,
    })
}

/// 1 to 99 without a sign or a leading zero, so that it prints back as it was written.
fn plain_number(text: &str) -> Option<u8> {
    let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if plain { text.parse().ok() } else { None }
}

/// Why a text is not a Region.
pub type RegionError = ParseError<RegionProblem>;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionProblem {
    /// Not even three parts.
    #[error("is not a Region, must be as in eu-west-1")]
    Shape,
    /// Regions are lower case.
    #[error("has upper-case letters, must be lower case, as in eu-west-1")]
    UpperCase,
    /// A first part that belongs to no partition we know.
    #[error("has the unknown area {found}, must be one of {}", Area::ALL.map(Area::as_str).join(", "))]
    Area {
        /// What stands in its place.
        found: Given,
    },
    /// A word that is no direction, mostly a typing error.
    #[error("has the unknown direction {found}, must be one of {}", Direction::ALL.map(Direction::as_str).join(", "))]
    Direction {
        /// What stands in its place.
        found: Given,
    },
    /// Not a plain number from 1 to 99.
    #[error("ends in {found}, must end in a number, as in eu-west-1")]
    Number {
        /// What stands in its place.
        found: Given,
    },
    /// `eu-west-1a` is a zone of `eu-west-1`.
    #[error("is an availability zone, must be its Region, {region}")]
    AvailabilityZone {
        /// The Region the zone lies in.
        region: Region,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, regions};

    #[test]
    fn a_region_knows_its_partition() {
        let cases = [
            ("af-south-1", Partition::Aws),
            ("ap-east-2", Partition::Aws),
            ("ap-northeast-1", Partition::Aws),
            ("ap-southeast-5", Partition::Aws),
            ("ca-west-1", Partition::Aws),
            ("eu-west-1", Partition::Aws),
            ("il-central-1", Partition::Aws),
            ("me-south-1", Partition::Aws),
            ("mx-central-1", Partition::Aws),
            ("sa-east-1", Partition::Aws),
            ("us-east-2", Partition::Aws),
            ("cn-north-1", Partition::AwsCn),
            ("cn-northwest-1", Partition::AwsCn),
            ("eu-isoe-west-1", Partition::AwsIsoE),
            ("eusc-de-east-1", Partition::AwsEusc),
            ("us-gov-west-1", Partition::AwsUsGov),
            ("us-iso-east-1", Partition::AwsIso),
            ("us-isob-east-1", Partition::AwsIsoB),
            ("us-isof-south-1", Partition::AwsIsoF),
        ];
        for (text, partition) in cases {
            assert_eq!(text.parse::<Region>().map(Region::partition), Ok(partition), "{text}");
        }
    }

    #[test]
    fn regions_are_ordered_by_area_direction_and_number() {
        assert!(Area::ALL.is_sorted() && Area::ALL.map(Area::as_str).is_sorted());
        assert!(Direction::ALL.is_sorted() && Direction::ALL.map(Direction::as_str).is_sorted());
        let [nine, ten] = ["ap-southeast-9", "ap-southeast-10"].map(|text| text.parse::<Region>().unwrap());
        assert!(nine < ten);
    }

    #[test]
    fn a_bad_region_is_refused_with_what_would_be_right() {
        let areas =
            "must be one of af, ap, ca, cn, eu, eu-isoe, eusc-de, il, me, mx, sa, us, us-gov, us-iso, us-isob, us-isof";
        let directions = "must be one of central, east, north, northeast, northwest, south, southeast, southwest, west";
        assert_refused::<Region>(&[
            ("", r#""" is not a Region, must be as in eu-west-1"#),
            ("euw1", r#""euw1" is not a Region, must be as in eu-west-1"#),
            ("eu-west", r#""eu-west" is not a Region, must be as in eu-west-1"#),
            (
                "EU-west-1",
                r#""EU-west-1" has upper-case letters, must be lower case, as in eu-west-1"#,
            ),
            (
                "ue-west-1",
                &format!(r#""ue-west-1" has the unknown area "ue", {areas}"#),
            ),
            (
                "us-west-2-lax-1",
                &format!(r#""us-west-2-lax-1" has the unknown area "us-west-2", {areas}"#),
            ),
            (
                "eu-wset-1",
                &format!(r#""eu-wset-1" has the unknown direction "wset", {directions}"#),
            ),
            (
                "eu-west-1b",
                r#""eu-west-1b" is an availability zone, must be its Region, eu-west-1"#,
            ),
            (
                "eu-west-",
                r#""eu-west-" ends in "", must end in a number, as in eu-west-1"#,
            ),
            (
                "eu-west-0",
                r#""eu-west-0" ends in "0", must end in a number, as in eu-west-1"#,
            ),
            (
                "eu-west-01",
                r#""eu-west-01" ends in "01", must end in a number, as in eu-west-1"#,
            ),
            (
                "eu-west-+1",
                r#""eu-west-+1" ends in "+1", must end in a number, as in eu-west-1"#,
            ),
            (
                "eu-west-100",
                r#""eu-west-100" ends in "100", must end in a number, as in eu-west-1"#,
            ),
            (
                "eu-west-1 ",
                r#""eu-west-1 " ends in "1 ", must end in a number, as in eu-west-1"#,
            ),
        ]);
    }

    #[test]
    fn a_region_travels_as_its_string() {
        assert_serde::<Region>("eu-west-1", "eu-west", "Region");
    }

    proptest! {
        #[test]
        fn every_region_prints_back(text in regions()) {
            assert_prints_back::<Region>(&text);
        }

        #[test]
        fn a_mutated_region_is_refused_or_prints_back(text in mutated(regions())) {
            assert_survives::<Region>(&text);
        }
    }
}

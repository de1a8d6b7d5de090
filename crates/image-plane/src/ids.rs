//! What names things in EC2 and in an account: small, `Copy`, and printed back exactly as they came.

use std::fmt;
use std::str::FromStr;

use crate::random::Random;

/// A 12-digit AWS account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

impl AccountId {
    /// The account of these digits, leading zeros added.
    ///
    /// # Panics
    /// If the number has more than 12 digits: account numbers written into code are wrong for good.
    #[must_use]
    pub const fn new(digits: u64) -> Self {
        assert!(digits < 1_000_000_000_000, "an account has 12 digits");
        Self(digits)
    }
}

impl FromStr for AccountId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse().map(Self).map_err(|_| Malformed)
        } else {
            Err(Malformed)
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not of the form the id asks for. Each door words its own error for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed")
    }
}

impl std::error::Error for Malformed {}

/// The hexadecimal part of an EC2 id: 8 digits (before 2016) or 17.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Hex {
    len: u8,
    digits: [u8; 17],
}

impl Hex {
    fn draw(random: &mut Random) -> Self {
        let mut digits = [b'0'; 17];
        // Amazon's long ids start with 0.
        let bits = random.bits();
        for (place, digit) in digits.iter_mut().skip(1).enumerate() {
            *digit = b"0123456789abcdef"[usize::try_from(bits >> (60 - 4 * place) & 0xf).unwrap_or(0)];
        }
        Self { len: 17, digits }
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        let bytes = text.as_bytes();
        if !matches!(bytes.len(), 8 | 17) || !bytes.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(Malformed);
        }
        let mut digits = [0; 17];
        digits[..bytes.len()].copy_from_slice(bytes);
        Ok(Self {
            len: if bytes.len() == 8 { 8 } else { 17 },
            digits,
        })
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.digits[..usize::from(self.len)]).unwrap_or("")
    }
}

macro_rules! ec2_id {
    ($(#[$doc:meta])* $reach:vis $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $reach struct $name(Hex);

        impl $name {
            /// A new id of the current, long form.
            pub(crate) fn draw(random: &mut Random) -> Self {
                Self(Hex::draw(random))
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                text.strip_prefix($prefix).ok_or(Malformed).and_then(Hex::parse).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(self.0.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

ec2_id!(
    /// An AMI.
    pub ImageId, "ami-"
);
ec2_id!(
    /// An EBS snapshot.
    pub SnapshotId, "snap-"
);
ec2_id!(
    /// An EBS volume.
    pub VolumeId, "vol-"
);
impl VolumeId {
    /// The volume every copied snapshot names: none.
    pub(crate) const fn of_copies() -> Self {
        Self(Hex {
            len: 8,
            digits: *b"ffffffff\0\0\0\0\0\0\0\0\0",
        })
    }
}

ec2_id!(
    /// An instance.
    pub InstanceId, "i-"
);
ec2_id!(
    /// What one `RunInstances` call started.
    pub(crate) ReservationId, "r-"
);
ec2_id!(
    /// A launch template.
    pub(crate) LaunchTemplateId, "lt-"
);
ec2_id!(
    /// A report on an image's use.
    pub(crate) UsageReportId, "amiur-"
);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub(crate) struct $name(u128);

        impl $name {
            pub(crate) fn draw(random: &mut Random) -> Self {
                let digits = random.uuid().replace('-', "");
                Self(u128::from_str_radix(&digits, 16).unwrap_or(0))
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let digits = text.strip_prefix($prefix).ok_or(Malformed)?.replace('-', "");
                let id = u128::from_str_radix(&digits, 16).map(Self).map_err(|_| Malformed)?;
                // The one form that prints back: hyphens where they belong, small letters, no sign.
                if id.to_string() == text { Ok(id) } else { Err(Malformed) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let id = self.0;
                write!(
                    f,
                    "{}{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                    $prefix,
                    id >> 96,
                    id >> 80 & 0xffff,
                    id >> 64 & 0xffff,
                    id >> 48 & 0xffff,
                    id & 0xffff_ffff_ffff
                )
            }
        }
    };
}

uuid_id!(
    /// An EC2 Fleet.
    FleetId, "fleet-"
);
uuid_id!(
    /// A Spot Fleet request.
    SpotFleetId, "sfr-"
);

/// A Spot Instance request: eight small letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct SpotRequestId([u8; 8]);

impl SpotRequestId {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
        Self(std::array::from_fn(|_| {
            letters[usize::try_from(random.below(36)).unwrap_or(0)]
        }))
    }
}

impl FromStr for SpotRequestId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let digits = text.strip_prefix("sir-").ok_or(Malformed)?.as_bytes();
        if !digits.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            return Err(Malformed);
        }
        digits.try_into().map(Self).map_err(|_| Malformed)
    }
}

impl fmt::Display for SpotRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sir-{}", std::str::from_utf8(&self.0).unwrap_or(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_back_exactly_in_both_lengths() {
        for text in ["ami-0123456789abcdef0", "ami-f0f0f0f0"] {
            assert_eq!(text.parse::<ImageId>().map(|id| id.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_id_of_another_kind_length_or_case_is_malformed() {
        for text in [
            "snap-0123456789abcdef0",
            "ami-0123456789ABCDEF0",
            "ami-012345678",
            "ami-",
            "",
            "0123456789abcdef0",
        ] {
            assert_eq!(text.parse::<ImageId>(), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn an_account_keeps_its_leading_zeros() {
        assert_eq!(
            "000000000123".parse::<AccountId>().map(|id| id.to_string()).as_deref(),
            Ok("000000000123")
        );
        assert_eq!("123".parse::<AccountId>(), Err(Malformed));
    }

    #[test]
    fn a_drawn_id_is_of_the_long_form() {
        let id = ImageId::draw(&mut Random::new(3)).to_string();
        assert_eq!((id.len(), &id[..5]), (21, "ami-0"));
    }

    #[test]
    fn the_ids_of_fleets_and_spot_requests_print_back_exactly() {
        let random = &mut Random::new(3);
        let fleet = FleetId::draw(random).to_string();
        assert_eq!(fleet.parse::<FleetId>().map(|id| id.to_string()), Ok(fleet.clone()));
        assert_eq!(fleet.len(), "fleet-".len() + 36);
        let request = SpotRequestId::draw(random).to_string();
        assert_eq!(
            request.parse::<SpotRequestId>().map(|id| id.to_string()),
            Ok(request.clone())
        );
        for text in [&fleet.to_uppercase(), &fleet.replace('-', ""), "sfr-1", ""] {
            assert_eq!(text.parse::<FleetId>(), Err(Malformed), "{text}");
        }
        for text in ["sir-", "sir-ABCDEFGH", "sir-1234567", "sir-123456789"] {
            assert_eq!(text.parse::<SpotRequestId>(), Err(Malformed), "{text}");
        }
    }
}

use std::fmt;

use serde::Serialize;

use crate::Words;

/// Why no channel can go to a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// It is on its way to where it must be; what is missing.
    Coming(Words),
    /// Its build is not done yet.
    Building,
    /// Its build failed, or was cancelled.
    Failed,
    /// It is disabled where it must be, and nowhere gone; where that is.
    Disabled(Words),
    /// It is gone where it must be.
    Retired,
    /// It is revoked.
    Revoked,
}

impl Obstacle {
    /// How near it is to going away: by itself, by another build, or not at all.
    pub(super) const fn hope(&self) -> u8 {
        match self {
            Self::Coming(_) | Self::Building => 2,
            Self::Failed => 1,
            Self::Disabled(_) | Self::Retired | Self::Revoked => 0,
        }
    }

    /// Whether it goes away once a person asks for the release.
    pub(super) const fn is_restored(&self) -> bool {
        match self {
            Self::Disabled(_) => true,
            Self::Coming(_) | Self::Building | Self::Failed | Self::Retired | Self::Revoked => false,
        }
    }

    /// Whether a wave of builds waits for it.
    pub(super) const fn is_waited_for(&self) -> bool {
        self.hope() > 0
    }
}

/// What follows the release's name.
impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coming(missing) => write!(f, "is on its way ({missing})"),
            Self::Building => f.write_str("is still being built"),
            Self::Failed => f.write_str("failed"),
            Self::Disabled(places) => write!(f, "is disabled in {places}"),
            Self::Retired => f.write_str("is gone"),
            Self::Revoked => f.write_str("is revoked"),
        }
    }
}

use serde::{Deserialize, Serialize};

use super::facts::{Encryption, ImageThere};
use crate::Timestamp;

/// What of an image's snapshots is encrypted by no key that anybody can be let use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unkeyed {
    /// Whether any is by AWS's own key.
    pub by_aws: bool,
    /// Whether any is not encrypted.
    pub plain: bool,
}

/// The same as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encrypted {
    /// Whether any is by AWS's own key.
    pub by_aws: bool,
    /// Whether any is not encrypted.
    pub plain: bool,
    /// When that and its keys were seen.
    pub as_of: Timestamp,
}

impl Unkeyed {
    pub(super) fn of(image: &ImageThere) -> Self {
        let any = |of: &Encryption| image.snapshots.values().any(|snapshot| snapshot.encryption == *of);
        Self {
            by_aws: any(&Encryption::DefaultKey),
            plain: any(&Encryption::None),
        }
    }

    /// As of a time.
    pub const fn seen(self, as_of: Timestamp) -> Encrypted {
        let Self { by_aws, plain } = self;
        Encrypted { by_aws, plain, as_of }
    }
}

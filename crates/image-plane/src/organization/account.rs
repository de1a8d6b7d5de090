//! The accounts of an organization.

use std::collections::BTreeSet;

use crate::ids::AccountId;
use crate::region::Region;

/// An account of the organization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// The ARN of the unit it is in.
    pub unit: String,
    /// Closed: it answers nothing, and what is in it counts for nothing.
    pub suspended: bool,
    /// Regions of the organization's that it has switched off.
    pub switched_off: BTreeSet<Region>,
}

impl Account {
    /// Whether the account answers in this Region.
    #[must_use]
    pub fn answers(&self, region: Region) -> bool {
        !self.suspended && !self.switched_off.contains(&region)
    }
}

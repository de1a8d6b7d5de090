//! Who calls, and where the call goes.

use std::fmt;

use crate::ids::AccountId;
use crate::region::Region;

/// An account in a Region: what everything about EC2 is keyed by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub region: Region,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Who calls, and where the call goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Caller {
    pub(crate) target: Target,
    /// `arn:aws:iam::111122223333:root`, or that of an assumed role.
    pub(crate) arn: String,
    /// The access key, which finds the session of an assumed role.
    pub(crate) access_key: String,
}

impl Caller {
    /// An account as a whole: its root, or a service of AWS that acts in its name.
    pub(crate) fn of_account(target: Target) -> Self {
        let Target { account, region } = target;
        Self {
            target,
            arn: format!("arn:{}:iam::{account}:root", region.partition()),
            access_key: account.to_string(),
        }
    }
}

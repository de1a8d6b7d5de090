//! Somebody who is named by an ARN outside any policy: in a grant.

use super::access::Holder;
use super::policy::pattern::arn_parts;
use crate::ids::AccountId;
use crate::world::{Caller, World};

/// Who an ARN stood for when it was written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Named {
    /// An account: everybody in it whom the account itself lets.
    Account(AccountId),
    /// A role, by its unique id: a role made anew under the same name is another.
    Role(String),
    /// One session of a role, by its ARN.
    Session(String),
}

impl Named {
    /// Reads the ARN of an account, of a role that exists, or of a session of one; `None` for all others.
    pub(crate) fn read(world: &World, partition: &str, arn: &str) -> Option<Self> {
        let [_, of, service, region, account, resource] = arn_parts(arn)?;
        let account: AccountId = account.parse().ok()?;
        if of != partition || !region.is_empty() {
            return None;
        }
        match (service, resource.split_once('/')) {
            ("iam", None) if resource == "root" => Some(Self::Account(account)),
            ("iam", Some(("role", _))) => world.roles.id(arn).map(Self::Role),
            ("sts", Some(("assumed-role", rest))) if rest.contains('/') => Some(Self::Session(arn.to_owned())),
            _ => None,
        }
    }

    /// Whether it is this caller by name, and not its account.
    pub(crate) fn is(&self, world: &World, caller: &Caller) -> bool {
        match self {
            Self::Account(_) => false,
            Self::Role(id) => Holder::of(world, caller).subject.role_id == Some(id.as_str()),
            Self::Session(arn) => *arn == caller.arn,
        }
    }

    /// Whether it is the caller's account as a whole.
    pub(crate) fn is_account_of(&self, caller: &Caller) -> bool {
        *self == Self::Account(caller.target.account)
    }
}

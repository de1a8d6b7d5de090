use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::audience::Grantee;
use super::finding::{Weight, reason};
use super::lending::COPY_ROLE;
use super::step::names;
use crate::organization::AccountState;
use crate::{AccountId, AmiId, KmsKeyRef, SnapshotId, Target, Words};

/// Something that is wrong with copies that members own, and what would put it right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberFinding {
    /// The Region is not enabled for the member.
    RegionOff(Target),
    /// The member cannot be looked at.
    Shut {
        /// Which.
        account: AccountId,
        /// Why not.
        why: Words,
    },
    /// Its copy failed.
    CopyFailed {
        /// Which.
        ami: AmiId,
        /// Why, in EC2's words.
        why: Option<Words>,
        /// What it is encrypted by, or what its source is.
        key: Option<KmsKeyRef>,
        /// What lets the member use a key.
        statement: String,
    },
    /// It may not copy the hub's image yet.
    NotLent {
        /// Which.
        ami: AmiId,
        /// Who.
        account: AccountId,
    },
    /// Whom a key is lent to could not be read.
    KeyGrantsUnread {
        /// Which.
        key: KmsKeyRef,
        /// Why not.
        why: Words,
        /// What would let the hub read it, and lend it.
        statement: String,
    },
    /// A key could not be lent to it.
    KeyNotLent {
        /// Which.
        key: KmsKeyRef,
        /// To whom.
        to: AccountId,
        /// Why not.
        why: Words,
        /// What would let the hub lend it.
        statement: String,
    },
    /// It shares what it owns.
    Shares {
        /// What.
        ami: AmiId,
        /// Who.
        owner: AccountId,
        /// With whom.
        who: BTreeSet<Grantee>,
    },
    /// A snapshot behind the hub's image is not ours by its tags: who may copy it is not changed.
    SnapshotNotOurs {
        /// Which.
        snapshot: SnapshotId,
        /// Behind which image.
        ami: AmiId,
    },
    /// The hub's image is shared with so many that there is no room for those who are to copy it.
    NoRoom {
        /// Which.
        ami: AmiId,
        /// How many wait.
        waiting: usize,
    },
    /// It is to own no copies any more, and cannot be looked at.
    Left {
        /// Which.
        account: AccountId,
        /// Why not.
        why: Words,
    },
    /// It cannot be used, or is not in the organization.
    OutOfUse {
        /// Which.
        account: AccountId,
        /// How it stands in the organization; none where it is not in it.
        state: Option<AccountState>,
    },
    /// The same, where it is only known that one of this is so.
    OutOfUseSomehow(AccountId),
    /// It is the hub.
    IsHub(AccountId),
}

impl MemberFinding {
    /// Whether somebody gets no copy for as long as nobody does anything.
    pub(super) const fn is_trouble(&self) -> bool {
        match self {
            Self::RegionOff(_)
            | Self::NotLent { .. }
            | Self::Shut { .. }
            | Self::CopyFailed { .. }
            | Self::KeyGrantsUnread { .. }
            | Self::KeyNotLent { .. }
            | Self::SnapshotNotOurs { .. }
            | Self::NoRoom { .. } => true,
            Self::Shares { .. }
            | Self::Left { .. }
            | Self::OutOfUse { .. }
            | Self::OutOfUseSomehow(_)
            | Self::IsHub(_) => false,
        }
    }

    /// What a key's policy should have, as a whole.
    pub(super) fn statement(&self) -> Option<&str> {
        match self {
            Self::KeyGrantsUnread { statement, .. } | Self::KeyNotLent { statement, .. } => Some(statement),
            Self::RegionOff(_)
            | Self::Shut { .. }
            | Self::CopyFailed { .. }
            | Self::NotLent { .. }
            | Self::Shares { .. }
            | Self::SnapshotNotOurs { .. }
            | Self::NoRoom { .. }
            | Self::Left { .. }
            | Self::OutOfUse { .. }
            | Self::OutOfUseSomehow(_)
            | Self::IsHub(_) => None,
        }
    }

    /// Whether it is about keys.
    pub(super) const fn is_of_a_key(&self) -> bool {
        matches!(self, Self::KeyGrantsUnread { .. } | Self::KeyNotLent { .. })
    }

    /// Whether it keeps the hub from lending members what they copy.
    pub(super) const fn is_of_lending(&self) -> bool {
        matches!(
            self,
            Self::KeyGrantsUnread { .. } | Self::SnapshotNotOurs { .. } | Self::NoRoom { .. }
        )
    }

    pub(super) const fn weight(&self) -> Weight {
        match self {
            Self::RegionOff(_) | Self::NotLent { .. } => Weight::BlocksACopy,
            Self::Shut { .. }
            | Self::CopyFailed { .. }
            | Self::KeyGrantsUnread { .. }
            | Self::KeyNotLent { .. }
            | Self::Shares { .. }
            | Self::SnapshotNotOurs { .. }
            | Self::NoRoom { .. }
            | Self::Left { .. }
            | Self::OutOfUse { .. }
            | Self::OutOfUseSomehow(_)
            | Self::IsHub(_) => Weight::Said,
        }
    }
}

impl fmt::Display for MemberFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RegionOff(target) => write!(
                f,
                "{} is not enabled for the account {}: enable it there, or take the account out of `copy_to`",
                target.region(),
                target.account()
            ),
            Self::Shut { account, why } => write!(
                f,
                "{account} does not let the hub in ({why}): deploy infra/member.yaml there, whose role {COPY_ROLE} trusts the hub, or take the account out of `copy_to`"
            ),
            Self::CopyFailed {
                ami,
                why,
                key,
                statement,
            } => {
                write!(
                    f,
                    "the copy {ami} failed ({}), and is deregistered before the next one",
                    reason(why.as_ref())
                )?;
                key.iter()
                    .try_for_each(|key| write!(f, ": if it was the key {key}, add {statement} to its policy"))
            }
            Self::NotLent { ami, account } => write!(
                f,
                "{account} may not copy the hub's {ami} yet, or not use its key: the hub lets it do both with one of its next looks, and the findings there say what is in the way"
            ),
            Self::KeyGrantsUnread { key, why, statement } => write!(
                f,
                "which members the key {key} is lent to cannot be read ({why}), and it is lent to no more: allow kms:ListGrants on it; in its policy that is {statement}"
            ),
            Self::KeyNotLent {
                key,
                to,
                why,
                statement,
            } => write!(
                f,
                "the key {key} cannot be lent to {to}, which gets no copy until it is ({why}): add {statement} to its policy"
            ),
            Self::Shares { ami, owner, who } => write!(
                f,
                "{} may use {ami}, as {owner} owns and shares it: take that back there, or set `exclusive: false`",
                names(who)
            ),
            Self::Left { account, why } => write!(
                f,
                "{account} is to own no copies any more and does not let the hub in ({why}), which asks once a day: what it has stays, and is its own to delete"
            ),
            Self::SnapshotNotOurs { snapshot, ami } => write!(
                f,
                "whom {snapshot} of {ami} is lent to is not changed, as it does not bear the family's tag: look at who made it, and tag it with `image-steward:family` if it is ours"
            ),
            Self::NoRoom { ami, waiting } => write!(
                f,
                "{ami} is shared with as many as EC2 allows, and {waiting} more are to copy it: share it with units or the organization instead of accounts"
            ),
            Self::OutOfUse { account, state } => write!(
                f,
                "the account {account} {}, and gets no copies: take it out of `copy_to`",
                match state {
                    None => String::from("is not in the organization"),
                    Some(AccountState::Closed) => String::from("is closed"),
                    Some(state) => format!("cannot be used ({state})"),
                }
            ),
            Self::OutOfUseSomehow(account) => write!(
                f,
                "the account {account} is closed, suspended or not in the organization, and gets no copies: take it out of `copy_to`"
            ),
            Self::IsHub(account) => write!(
                f,
                "{account} is the hub, which has each copy anyhow: take it out of `copy_to`"
            ),
        }
    }
}

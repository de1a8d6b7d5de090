use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use crate::text::hexadecimal;
use crate::{AccountId, OrganizationArn, OrganizationalUnitArn, Words};

/// One who may launch an image, as EC2 keeps it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grantee {
    /// An account.
    Account(AccountId),
    /// The accounts of a unit, and of those within it.
    Unit(OrganizationalUnitArn),
    /// The accounts of an organization.
    Organization(OrganizationArn),
    /// Everybody.
    Everybody,
}

/// One who may make volumes and copies of a snapshot: EC2 knows neither units nor organizations there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Copier {
    /// An account.
    Account(AccountId),
    /// Everybody.
    Everybody,
}

impl Grantee {
    /// The account that it is; none where it is more than one.
    pub(super) const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(*account),
            Self::Unit(_) | Self::Organization(_) | Self::Everybody => None,
        }
    }
}

impl Copier {
    /// The account that it is; none where it is everybody.
    pub(super) const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(*account),
            Self::Everybody => None,
        }
    }
}

/// A family's audience, with its units looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedAudience {
    /// Who may launch: exactly what the manifest declares.
    pub images: BTreeSet<Grantee>,
    /// Who may copy.
    pub snapshots: SnapshotAudience,
}

/// Who may copy a family's images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotAudience {
    /// These, and nobody where the audience may only launch.
    Known(BTreeSet<Copier>),
    /// The organization could not be read, and why.
    Unknown(Words),
}

/// At the end of a digest: this audience was known, and is not now.
const NOT_NOW: &str = ", not known now";

/// Whether what was looked at for one audience stands for another, by their digests. While that is not known, what was settled
/// stands for it; what was looked at meanwhile does not stand for it once it is known again.
pub(super) fn stands_for(looked_at: &str, audience: &str) -> bool {
    looked_at == audience || audience.strip_suffix(NOT_NOW) == Some(looked_at)
}

impl ResolvedAudience {
    /// The same for the same people, and for nobody else: whether an audience has changed since. Why it is not known is
    /// no part of it.
    pub fn digest(&self) -> String {
        let Self { images, snapshots } = self;
        let images = images.iter().map(|grantee| format!("may launch {grantee}\n"));
        let snapshots: Vec<String> = match snapshots {
            SnapshotAudience::Unknown(_) => vec![String::from("who may copy is not known\n")],
            SnapshotAudience::Known(copiers) => copiers.iter().map(|copier| format!("may copy {copier}\n")).collect(),
        };
        let text: String = images.chain(snapshots).collect();
        hexadecimal(&Sha256::digest(text.as_bytes()))
    }

    /// It and its digest, looked up while the organization cannot be read, after `last` was looked up for the same manifest.
    ///
    /// Who may launch stays as it was: an account that is known to be closed is let in by nobody's silence. The digest is the
    /// last one too, marked as long as who may copy is not known, so that what stands by it is not all due when it is again.
    pub fn unread(self, last: (&Self, &str)) -> (Self, String) {
        let (last, digest) = last;
        let known = digest.strip_suffix(NOT_NOW).unwrap_or(digest);
        match self.snapshots {
            SnapshotAudience::Known(_) => (last.clone(), known.to_owned()),
            SnapshotAudience::Unknown(_) => {
                let images = last.images.clone();
                (Self { images, ..self }, format!("{known}{NOT_NOW}"))
            }
        }
    }

    /// Those who are to launch by a key of the images' owner's: not itself, and not everybody, as what is encrypted is never
    /// public.
    pub fn by_key(&self, owner: AccountId) -> BTreeSet<Grantee> {
        let others = [Grantee::Account(owner), Grantee::Everybody];
        let by_key = self.images.iter().filter(|who| !others.contains(who));
        by_key.cloned().collect()
    }

    /// Whether anybody but the images' owner may use them, or might.
    pub fn reaches_beyond(&self, owner: AccountId) -> bool {
        let Self { images, snapshots } = self;
        let others = match snapshots {
            SnapshotAudience::Known(copiers) => copiers.iter().any(|copier| *copier != Copier::Account(owner)),
            SnapshotAudience::Unknown(_) => true,
        };
        others || images.iter().any(|grantee| *grantee != Grantee::Account(owner))
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => account.fmt(f),
            Self::Unit(unit) => unit.fmt(f),
            Self::Organization(organization) => organization.fmt(f),
            Self::Everybody => f.write_str("everybody"),
        }
    }
}

impl fmt::Display for Copier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => account.fmt(f),
            Self::Everybody => f.write_str("everybody"),
        }
    }
}

impl Serialize for Grantee {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// As it is written.
impl<'de> Deserialize<'de> for Grantee {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == Self::Everybody.to_string() {
            return Ok(Self::Everybody);
        }
        let account = text.parse().map(Self::Account);
        let unit = account.or_else(|_| text.parse().map(Self::Unit));
        let organization = unit.or_else(|_| text.parse().map(Self::Organization));
        organization.map_err(de::Error::custom)
    }
}

impl Serialize for Copier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

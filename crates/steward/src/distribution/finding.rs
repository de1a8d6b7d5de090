use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::audience::{Copier, Grantee};
use super::facts::KeyProblem;
use super::key_policy::{lending_statement, statement};
use super::member_finding::MemberFinding;
use super::obstacle::{NotOurs, PublicObstacle};
use super::step::{DistributionStep, names};
use super::tags::FAMILY;
use crate::{AccountId, AmiId, AmiState, FamilyName, KmsKeyRef, Region, SnapshotId, Target, Timestamp, Words, plural};

/// EC2's word, which begins what it says of a tag that an organization does not let an account give.
const TAG_POLICY: &str = "TagPolicyViolation: ";
/// So much of a statement is told in a sentence.
const MOST_OF_A_STATEMENT: usize = 500;

/// Something that is wrong in a target, and what would put it right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The Region is not enabled.
    RegionOff(Target),
    /// The key that the manifest names cannot be used.
    KeyUnusable {
        /// As the manifest names it.
        key: KmsKeyRef,
        /// Where it is to encrypt.
        target: Target,
        /// Why not.
        problem: KeyProblem,
    },
    /// A copy would be encrypted by AWS's own key, and could not be shared.
    NeedsKey(Region),
    /// What is to be copied is not ours.
    SourceNotOurs {
        /// Which.
        ami: AmiId,
        /// Why not.
        cause: NotOurs,
        /// What it should be.
        family: FamilyName,
    },
    /// What is to be copied is not made yet.
    SourceUnfinished {
        /// Which.
        ami: AmiId,
        /// How far it is.
        state: AmiState,
    },
    /// What is to be copied was not listed, and nobody has seen its end.
    SourceUnlisted(AmiId),
    /// The image of the build was not listed where it was built, and nobody has seen its end.
    Unlisted {
        /// Which.
        ami: AmiId,
        /// Whose tag it is listed by.
        family: FamilyName,
    },
    /// Other copies go first.
    CopiesUnderWay {
        /// How many volumes they have.
        in_flight: usize,
        /// How many this one has.
        volumes: usize,
    },
    /// EC2 makes no more copies at once than it makes already.
    NoRoom(Words),
    /// EC2 has been making an image for longer than any takes.
    Overdue {
        /// Which.
        ami: AmiId,
        /// Since when.
        since: Timestamp,
        /// How far it is.
        state: AmiState,
        /// Why, in EC2's words.
        why: Option<Words>,
    },
    /// An image of the release is not ours to change.
    NotOurs {
        /// Which.
        ami: AmiId,
        /// Why not.
        cause: NotOurs,
        /// What it should be.
        family: FamilyName,
    },
    /// There is more than one.
    Second {
        /// The one too many.
        ami: AmiId,
        /// The one that counts.
        kept: AmiId,
    },
    /// A copy of ours failed.
    CopyFailed {
        /// Which.
        ami: AmiId,
        /// Why, in EC2's words.
        why: Option<Words>,
        /// What the manifest wants it encrypted by.
        key: Option<KmsKeyRef>,
    },
    /// The tag policy of an account refuses what images are tagged with there.
    TagRefused {
        /// Whose account.
        account: AccountId,
        /// Which tag, in EC2's words.
        why: Words,
    },
    /// Something is wrong with copies that members own.
    Member(MemberFinding),
    /// An image failed that we did not make.
    LeftFailed {
        /// Which.
        ami: AmiId,
        /// Why, in EC2's words.
        why: Option<Words>,
    },
    /// The build's image is not encrypted by the key of its Region.
    BuiltByOtherKey {
        /// Which.
        ami: AmiId,
        /// What the manifest says of its Region.
        key: KmsKeyRef,
    },
    /// A copy is not encrypted by the key of its Region.
    CopiedByOtherKey {
        /// Which.
        ami: AmiId,
        /// What the manifest says of its Region.
        key: KmsKeyRef,
    },
    /// Some may launch an image, and surely not use the key of its snapshots.
    KeyShutsOut {
        /// Which key.
        key: KmsKeyRef,
        /// Who.
        who: BTreeSet<Grantee>,
        /// What its policy lacks.
        statement: String,
    },
    /// Some may launch an image, and nobody can tell whether they may use the key of its snapshots.
    KeyUnclear {
        /// Which key.
        key: KmsKeyRef,
        /// Who.
        who: BTreeSet<Grantee>,
        /// What would let them for sure.
        statement: String,
    },
    /// The policy of a key could not be read: nobody can tell who may use it.
    KeyPolicyUnread {
        /// Which key.
        key: KmsKeyRef,
        /// Why not.
        why: Words,
        /// What it should have.
        statement: String,
    },
    /// What EBS does with a copy for which no key is named could not be read.
    DefaultsUnread {
        /// Where.
        region: Region,
        /// Why not.
        why: Words,
    },
    /// An image is to be public, and the account has as many public images as AWS lets it have where nobody raised the quota.
    PublicImages {
        /// Which.
        ami: AmiId,
        /// How many are public.
        count: usize,
    },
    /// An account of the audience is closed.
    AccountClosed(AccountId),
    /// Who may copy could not be read.
    AudienceUnknown(Words),
    /// Who may launch an image was not read.
    GrantsUnread(AmiId),
    /// Who may copy a snapshot was not read.
    PermissionsUnread(SnapshotId),
    /// A snapshot is not ours to change.
    SnapshotNotOurs {
        /// Which.
        snapshot: SnapshotId,
        /// The image it is behind.
        ami: AmiId,
        /// Why not.
        cause: NotOurs,
        /// What it should be.
        family: FamilyName,
    },
    /// The build's image is encrypted by AWS's own key, and cannot be shared.
    BuiltByDefaultKey(AmiId),
    /// A copy is encrypted by AWS's own key, and cannot be shared.
    CopiedByDefaultKey {
        /// Which.
        ami: AmiId,
        /// Where.
        region: Region,
    },
    /// A key of an image's snapshots could not be looked at: whether it can be shared is not known.
    KeyUnseen {
        /// Which image.
        ami: AmiId,
        /// Which key.
        key: KmsKeyRef,
        /// Why not.
        why: Words,
    },
    /// Some may launch an image whom the manifest does not name.
    UndeclaredGrants {
        /// Which.
        ami: AmiId,
        /// Who.
        who: BTreeSet<Grantee>,
    },
    /// Some may copy a snapshot whom the manifest does not name.
    UndeclaredPermissions {
        /// Which.
        snapshot: SnapshotId,
        /// Who.
        who: BTreeSet<Copier>,
    },
    /// An image cannot be public.
    NotPublic {
        /// Which.
        ami: AmiId,
        /// Why not.
        obstacle: PublicObstacle,
    },
    /// A snapshot cannot be public.
    SnapshotNotPublic {
        /// Which.
        snapshot: SnapshotId,
        /// Why not.
        obstacle: PublicObstacle,
    },
    /// An image is shared with as many as it can be.
    TooMany {
        /// Which.
        ami: AmiId,
        /// How many are left out.
        left_out: usize,
    },
}

/// What a finding keeps from happening, until it is put right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Nothing is copied.
    BlocksACopy,
    /// Some of those who are declared cannot use what is there, or may not: no channel moves to it.
    ShutsOut,
    /// It is only said.
    Said,
    /// It passes by itself.
    Passes,
    /// Nobody knows whether anything is wrong: nothing waits for it, and nobody looks more often.
    Noted,
}

impl Finding {
    /// Whether nothing is copied until it is put right.
    pub fn blocks_a_copy(&self) -> bool {
        self.weight() == Weight::BlocksACopy
    }

    /// Whether it passes once the hub has lent a member its image.
    pub(super) const fn waits_for_the_hub(&self) -> bool {
        matches!(self, Self::Member(MemberFinding::NotLent { .. }))
    }

    /// Whether it keeps the hub from lending members what they copy.
    pub const fn is_of_lending(&self) -> bool {
        matches!(self, Self::Member(finding) if finding.is_of_lending())
    }

    /// Whether EC2 should be done, or should list what was made, and does not.
    pub const fn is_overdue(&self) -> bool {
        matches!(self, Self::Overdue { .. } | Self::Unlisted { .. })
    }

    /// Whether no channel moves to what is there until it is put right.
    pub(super) fn shuts_out(&self) -> bool {
        self.weight() == Weight::ShutsOut
    }

    /// Whether nobody knows that anything is wrong.
    pub fn is_a_note(&self) -> bool {
        self.weight() == Weight::Noted
    }

    /// What a key's policy should have, as a whole: what is too long for a sentence is told beside it.
    pub fn statement(&self) -> Option<&str> {
        match self {
            Self::KeyShutsOut { statement, .. }
            | Self::KeyUnclear { statement, .. }
            | Self::KeyPolicyUnread { statement, .. } => Some(statement),
            Self::Member(finding) => finding.statement(),
            _ => None,
        }
    }

    /// Whether it is about keys.
    pub const fn is_of_a_key(&self) -> bool {
        match self {
            Self::Member(finding) => finding.is_of_a_key(),
            finding => matches!(
                finding,
                Self::KeyUnusable { .. }
                    | Self::NeedsKey(_)
                    | Self::BuiltByOtherKey { .. }
                    | Self::CopiedByOtherKey { .. }
                    | Self::KeyShutsOut { .. }
                    | Self::KeyUnclear { .. }
                    | Self::KeyPolicyUnread { .. }
                    | Self::DefaultsUnread { .. }
                    | Self::BuiltByDefaultKey(_)
                    | Self::CopiedByDefaultKey { .. }
                    | Self::KeyUnseen { .. }
            ),
        }
    }

    /// What is wrong where a step was refused; none where AWS's own words say it all.
    pub fn of_refused(step: &DistributionStep, target: Target, why: &Words) -> Option<Self> {
        match step {
            DistributionStep::LendKey { key, to, name: _ } => Some(Self::from(MemberFinding::KeyNotLent {
                key: key.clone(),
                to: *to,
                why: why.clone(),
                statement: lending_statement(target.account(), target.region().partition()),
            })),
            DistributionStep::Copy { .. } | DistributionStep::Tag { .. } => {
                let account = target.account();
                let is_of_policy = why.as_str().starts_with(TAG_POLICY);
                is_of_policy.then(|| Self::TagRefused {
                    account,
                    why: why.clone(),
                })
            }
            DistributionStep::DeregisterFailed { .. }
            | DistributionStep::Enable { .. }
            | DistributionStep::Permit { .. }
            | DistributionStep::Grant { .. }
            | DistributionStep::TakeBackKey { .. } => None,
        }
    }

    /// Whether something fails, or somebody is left out, for as long as nobody does anything.
    pub fn is_trouble(&self) -> bool {
        match self.weight() {
            Weight::BlocksACopy | Weight::ShutsOut => true,
            Weight::Said => match self {
                Self::Member(finding) => finding.is_trouble(),
                finding => matches!(
                    finding,
                    Self::CopyFailed { .. } | Self::TagRefused { .. } | Self::Overdue { .. } | Self::Unlisted { .. }
                ),
            },
            Weight::Passes | Weight::Noted => false,
        }
    }

    const fn weight(&self) -> Weight {
        match self {
            Self::RegionOff(_) | Self::KeyUnusable { .. } | Self::NeedsKey(_) | Self::SourceNotOurs { .. } => {
                Weight::BlocksACopy
            }
            Self::Member(finding) => finding.weight(),
            Self::KeyShutsOut { .. }
            | Self::AudienceUnknown(_)
            | Self::GrantsUnread(_)
            | Self::PermissionsUnread(_)
            | Self::SnapshotNotOurs { .. }
            | Self::BuiltByDefaultKey(_)
            | Self::CopiedByDefaultKey { .. }
            | Self::NotPublic { .. }
            | Self::SnapshotNotPublic { .. }
            | Self::TooMany { .. }
            | Self::KeyUnseen { .. } => Weight::ShutsOut,
            Self::SourceUnfinished { .. } | Self::SourceUnlisted(_) | Self::CopiesUnderWay { .. } | Self::NoRoom(_) => {
                Weight::Passes
            }
            Self::KeyUnclear { .. }
            | Self::KeyPolicyUnread { .. }
            | Self::DefaultsUnread { .. }
            | Self::PublicImages { .. } => Weight::Noted,
            Self::NotOurs { .. }
            | Self::Second { .. }
            | Self::CopyFailed { .. }
            | Self::TagRefused { .. }
            | Self::Overdue { .. }
            | Self::Unlisted { .. }
            | Self::LeftFailed { .. }
            | Self::BuiltByOtherKey { .. }
            | Self::CopiedByOtherKey { .. }
            | Self::AccountClosed(_)
            | Self::UndeclaredGrants { .. }
            | Self::UndeclaredPermissions { .. } => Weight::Said,
        }
    }
}

impl From<MemberFinding> for Finding {
    fn from(finding: MemberFinding) -> Self {
        Self::Member(finding)
    }
}

impl fmt::Display for Finding {
    #[expect(clippy::too_many_lines, reason = "a sentence each")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RegionOff(target) => write!(
                f,
                "{} is not enabled for the account {}: enable it there, or take it out of `distribute.regions`",
                target.region(),
                target.account()
            ),
            Self::Member(finding) => finding.fmt(f),
            Self::KeyUnusable { key, target, problem } => {
                let region = target.region();
                write!(f, "the key {key} of {region} {problem}")?;
                if matches!(problem, KeyProblem::Unreadable(_)) {
                    let who = [Grantee::Account(target.account())].into();
                    write!(f, "; in its policy that is {}", statement(&who, region.partition()))?;
                }
                Ok(())
            }
            Self::NeedsKey(region) => write!(
                f,
                "a copy in {region} would be encrypted by AWS's own key, and could not be shared: set `kms_key` of {region} in `distribute.regions`"
            ),
            Self::SourceNotOurs { ami, cause, family } => {
                write!(
                    f,
                    "the build's image {ami} {cause}, and is not copied: {}",
                    cause.claim(family)
                )
            }
            Self::SourceUnfinished { ami, state } => {
                write!(
                    f,
                    "the build's image {ami} is still {state}: it is copied once it is available"
                )
            }
            Self::SourceUnlisted(ami) => write!(
                f,
                "{ami}, which it would be copied from, was not listed: it is copied once it is"
            ),
            Self::Unlisted { ami, family } => write!(
                f,
                "the build's image {ami} was not listed, and nobody has seen its end: if this stays, look whether its tag `{FAMILY}` is \
                 still {family}"
            ),
            Self::CopiesUnderWay { in_flight, volumes } => write!(
                f,
                "copies of {in_flight} volume{} are under way into this Region: the {volumes} of this one wait for them",
                plural(*in_flight)
            ),
            Self::NoRoom(why) => write!(
                f,
                "EC2 takes no more copies into this Region now ({why}): this one waits for the next sweep"
            ),
            Self::Overdue { ami, since, state, why } => write!(
                f,
                "{ami} is overdue: EC2 has shown it as {state} since {since} ({}), and makes none for longer than a day: look at its snapshots there, and deregister it if they do not come on",
                reason(why.as_ref())
            ),
            Self::NotOurs { ami, cause, family } => {
                write!(f, "{ami} {cause}, and is left alone: {}", cause.claim(family))
            }
            Self::Second { ami, kept } => {
                write!(
                    f,
                    "{ami} is one image too many of this release, beside {kept}: deregister it"
                )
            }
            Self::CopyFailed { ami, why, key } => {
                write!(
                    f,
                    "the copy {ami} failed ({}), and is deregistered before the next one",
                    reason(why.as_ref())
                )?;
                key.iter().try_for_each(|key| {
                    write!(
                        f,
                        ": if it was the key, let this account and the hub's role use {key} in its policy"
                    )
                })
            }
            Self::TagRefused { account, why } => write!(
                f,
                "the tag policy of {account} refuses what images are tagged with there ({why}): let it allow that value for images and snapshots, or change it in `distribute.tags`"
            ),
            Self::LeftFailed { ami, why } => write!(
                f,
                "{ami} failed ({}), and is no copy that we made: deregister it",
                reason(why.as_ref())
            ),
            Self::BuiltByOtherKey { ami, key } => write!(
                f,
                "the build's image {ami} is not encrypted by {key}: set that `kms_key` and `encrypted: true` in `build.volumes`"
            ),
            Self::CopiedByOtherKey { ami, key } => write!(
                f,
                "the copy {ami} is not encrypted by {key}: deregister it, and it is copied again by that key"
            ),
            Self::KeyShutsOut { key, who, statement } => write!(
                f,
                "the policy of the key {key} does not let {} use it: add {}",
                names(who),
                in_a_sentence(statement)
            ),
            Self::KeyUnclear { key, who, statement } => write!(
                f,
                "whether the policy of the key {key} lets {} use it cannot be told: what lets them for sure is {}",
                names(who),
                in_a_sentence(statement)
            ),
            Self::KeyPolicyUnread { key, why, statement } => write!(
                f,
                "the policy of the key {key} cannot be read ({why}): let kms:GetKeyPolicy be allowed on it, or see yourself that it has {}",
                in_a_sentence(statement)
            ),
            Self::DefaultsUnread { region, why } => write!(
                f,
                "whether EBS encrypts by default in {region} cannot be read ({why}), and a copy by AWS's own key could not be shared: allow ec2:GetEbsEncryptionByDefault and ec2:GetEbsDefaultKmsKeyId, or set `kms_key` of {region} in `distribute.regions`"
            ),
            Self::PublicImages { ami, count } => write!(
                f,
                "{ami} is to be public, and {count} images of the account are in this Region, as many as AWS allows where nobody raised the quota: deregister one, or raise the quota, if EC2 refuses it"
            ),
            Self::AccountClosed(account) => write!(
                f,
                "the account {account} is closed, and nothing is shared with it: take it out of `share_with`"
            ),
            Self::AudienceUnknown(why) => write!(
                f,
                "who may copy cannot be read ({why}), and nobody's permission is taken away until then: let the hub read the organization, as infra/management.yaml does"
            ),
            Self::GrantsUnread(ami) => write!(
                f,
                "who may launch {ami} was not read, and is left as it is: allow ec2:DescribeImageAttribute"
            ),
            Self::PermissionsUnread(snapshot) => write!(
                f,
                "who may copy {snapshot} was not read, and is left as it is: allow ec2:DescribeSnapshotAttribute"
            ),
            Self::SnapshotNotOurs {
                snapshot,
                ami,
                cause,
                family,
            } => write!(
                f,
                "the snapshot {snapshot} behind {ami} {cause}, and who may copy it is left as it is: {}",
                cause.claim(family)
            ),
            Self::BuiltByDefaultKey(ami) => write!(
                f,
                "the build's image {ami} is encrypted by AWS's own key, and cannot be shared: set a `kms_key` in `build.volumes`"
            ),
            Self::CopiedByDefaultKey { ami, region } => write!(
                f,
                "the copy {ami} is encrypted by AWS's own key, and cannot be shared: set `kms_key` of {region} in `distribute.regions`, and deregister this one"
            ),
            Self::KeyUnseen { ami, key, why } => write!(
                f,
                "the key {key} of {ami} cannot be looked at ({why}), and nobody is let use the image until then: allow kms:DescribeKey on it"
            ),
            Self::UndeclaredGrants { ami, who } => write!(
                f,
                "{} may launch {ami}, and nobody declared it: add them to `share_with`, or set `exclusive: true`",
                names(who)
            ),
            Self::UndeclaredPermissions { snapshot, who } => write!(
                f,
                "{} may copy {snapshot}, and nobody declared it: add them to `share_with` with `may_copy`, or set `exclusive: true`",
                names(who)
            ),
            Self::NotPublic { ami, obstacle } => write!(f, "{ami} cannot be public: {obstacle}"),
            Self::SnapshotNotPublic { snapshot, obstacle } => write!(f, "{snapshot} cannot be public: {obstacle}"),
            Self::TooMany { ami, left_out } => write!(
                f,
                "{ami} is shared with as many as EC2 allows, and {left_out} more are left out: name units or an organization instead of accounts"
            ),
        }
    }
}

/// A statement where it is short. What one reads in a record is cut after so much.
fn in_a_sentence(statement: &str) -> &str {
    if statement.len() > MOST_OF_A_STATEMENT {
        "the statement that `steward doctor` prints"
    } else {
        statement
    }
}

pub(super) fn reason(why: Option<&Words>) -> &str {
    why.map_or("EC2 does not say why", Words::as_str)
}

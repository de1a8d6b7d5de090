use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::audience::{Copier, Grantee};
use super::facts::KeyProblem;
use super::member_finding::MemberFinding;
use super::step::names;
use super::tags::FAMILY;
use crate::{AccountId, AmiId, AmiState, FamilyName, KmsKeyRef, Region, SnapshotId, Target, Words, plural};

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
        /// Where.
        region: Region,
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
    /// Other copies go first.
    CopiesUnderWay {
        /// How many volumes they have.
        in_flight: usize,
        /// How many this one has.
        volumes: usize,
    },
    /// EC2 makes no more copies at once than it makes already.
    NoRoom(Words),
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
    /// Somebody may launch the image, and not use the key of its snapshots.
    KeyShutsOut {
        /// Which key.
        key: KmsKeyRef,
        /// Who.
        who: Grantee,
        /// What its policy lacks.
        statement: String,
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

/// Why something is not ours to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOurs {
    /// This account owns it.
    OfAnother(AccountId),
    /// It lacks our tag.
    Untagged,
    /// Our tag says that it is of this family.
    OtherFamily(Words),
    /// Our tag says that it is of this release.
    OtherRelease(Words),
}

/// Why something cannot be shared with everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicObstacle {
    /// It is encrypted.
    Encrypted,
    /// The account blocks public access.
    Blocked,
    /// The account has as many public images as it may have.
    Quota,
    /// It carries a watermark.
    Watermarked,
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
}

impl Finding {
    /// Whether nothing is copied until it is put right.
    pub fn blocks_a_copy(&self) -> bool {
        self.weight() == Weight::BlocksACopy
    }

    /// Whether no channel moves to what is there until it is put right.
    pub(super) fn shuts_out(&self) -> bool {
        self.weight() == Weight::ShutsOut
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
            Self::SourceUnfinished { .. }
            | Self::CopiesUnderWay { .. }
            | Self::NoRoom(_)
            | Self::NotOurs { .. }
            | Self::Second { .. }
            | Self::CopyFailed { .. }
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
            Self::KeyUnusable { key, region, problem } => write!(f, "the key {key} of {region} {problem}"),
            Self::NeedsKey(region) => write!(
                f,
                "a copy in {region} would be encrypted by AWS's own key, and could not be shared: set `kms_key` of {region} in `distribute.regions`"
            ),
            Self::SourceNotOurs { ami, cause, family } => {
                write!(
                    f,
                    "the build's image {ami} {cause}, and is not copied: {}",
                    claim(cause, family)
                )
            }
            Self::SourceUnfinished { ami, state } => {
                write!(
                    f,
                    "the build's image {ami} is still {state}: it is copied once it is available"
                )
            }
            Self::CopiesUnderWay { in_flight, volumes } => write!(
                f,
                "copies of {in_flight} volume{} are under way into this Region: the {volumes} of this one wait for them",
                plural(*in_flight)
            ),
            Self::NoRoom(why) => write!(
                f,
                "EC2 takes no more copies into this Region now ({why}): this one waits for the next sweep"
            ),
            Self::NotOurs { ami, cause, family } => {
                write!(f, "{ami} {cause}, and is left alone: {}", claim(cause, family))
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
            Self::KeyShutsOut { key, who, statement } => {
                write!(
                    f,
                    "the policy of the key {key} does not let {who} use it: add {statement}"
                )
            }
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
                claim(cause, family)
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

/// What would make something ours.
fn claim(cause: &NotOurs, family: &FamilyName) -> String {
    match cause {
        NotOurs::OfAnother(_) | NotOurs::OtherFamily(_) | NotOurs::OtherRelease(_) => {
            String::from("find out what brought it here")
        }
        NotOurs::Untagged => format!("tag it {FAMILY}={family} if it is ours"),
    }
}

pub(super) fn reason(why: Option<&Words>) -> &str {
    why.map_or("EC2 does not say why", Words::as_str)
}

impl fmt::Display for NotOurs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfAnother(owner) => write!(f, "is owned by {owner}"),
            Self::Untagged => write!(f, "lacks the tag {FAMILY}"),
            Self::OtherFamily(tag) => write!(f, "is tagged as of the family {tag}"),
            Self::OtherRelease(tag) => write!(f, "is tagged as of the release {tag}"),
        }
    }
}

impl fmt::Display for PublicObstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encrypted => "it is encrypted; leave out the keys and `encrypted`, or name who may use it",
            Self::Blocked => {
                "the account blocks public access in this Region; disable that block there, or name who may use it"
            }
            Self::Quota => {
                "the account has as many public images in this Region as it may; deregister one, or raise the quota"
            }
            Self::Watermarked => "it carries a watermark; build it without one, or name who may use it",
        })
    }
}

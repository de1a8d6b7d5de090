use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::lock::Lock;
use super::published_name::PublishedName;
use super::under::PublishUnder;
use crate::distribution::{FAMILY, Grantee, statement};
use crate::evidence::VersionNamed;
use crate::manifest::LaunchTemplateId;
use crate::{AmiId, Architecture, ChannelName, FamilyName, KmsKeyRef, Region, Target, Timestamp, Words, plural};

/// So many of the versions that something names are told one by one.
const MOST_TOLD: usize = 3;

/// Something that keeps a family from being published in a target as its manifest says, and what would put it right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationFinding {
    /// Those who read a channel there do not see its image.
    NotSeen {
        /// What would name it.
        place: Place,
        /// What the channel points to.
        of: Pointed,
        /// The image.
        ami: AmiId,
        /// Why not, as far as it is known.
        why: Words,
    },
    /// Those who read a channel there see its image, and may not be able to launch it.
    Locked {
        /// What would name it.
        place: Place,
        /// What the channel points to.
        of: Pointed,
        /// The image.
        ami: AmiId,
        /// The key that its snapshots are encrypted by.
        key: KmsKeyRef,
        /// What is with that key.
        lock: Lock,
        /// Where.
        target: Target,
    },
    /// What a channel points to has no image there.
    NoneHere {
        /// What would name it.
        place: Place,
        /// What the channel points to.
        of: Pointed,
        /// Where.
        region: Region,
    },
    /// Two channels or architectures would have one parameter.
    ParameterShared {
        /// Which.
        name: PublishedName,
        /// Whose it would be.
        of: BTreeSet<(ChannelName, Architecture)>,
    },
    /// Parameters lie where no role of ours may write.
    ParametersOutside {
        /// The first of them.
        name: PublishedName,
        /// How many more do.
        more: usize,
        /// Under what they may lie.
        under: PublishUnder,
    },
    /// A parameter names an image that is not the family's, and publishing never wrote it.
    ParameterOfOthers {
        /// Which.
        name: PublishedName,
        /// What it names; none: no image.
        ami: Option<AmiId>,
    },
    /// A parameter is no text of the data type aws:ec2:image.
    ParameterOfOtherType {
        /// Which.
        name: PublishedName,
        /// What it is.
        is: Words,
    },
    /// A parameter could not be read.
    ParameterUnreadable {
        /// Which.
        name: PublishedName,
        /// Why not.
        why: Words,
    },
    /// A parameter does not say what was last written into it.
    NotKept {
        /// Which.
        name: PublishedName,
        /// What was written.
        ami: AmiId,
    },
    /// A parameter was published, and is declared no more.
    ParameterLeft {
        /// Which.
        name: PublishedName,
        /// What it named when it was read last, or was written; none: no image.
        ami: Option<AmiId>,
    },
    /// Publishing made versions of a launch template that is declared no more.
    TemplateLeft(LaunchTemplateId),
    /// There is no such launch template.
    TemplateMissing {
        /// Which.
        template: LaunchTemplateId,
        /// Where.
        target: Target,
    },
    /// A template's owner did not agree.
    TemplateNotOurs {
        /// Which.
        template: LaunchTemplateId,
        /// The family that it is to follow.
        family: FamilyName,
    },
    /// A template could not be read.
    TemplateUnreadable {
        /// Which.
        template: LaunchTemplateId,
        /// Why not.
        why: Words,
    },
    /// A template's default version names a parameter, not an image.
    TemplateReadsParameter {
        /// Which.
        template: LaunchTemplateId,
        /// The parameter.
        parameter: Words,
    },
    /// A template follows `stable`, and the family has several channels without it.
    NothingToFollow(LaunchTemplateId),
    /// A template launches what the family is not built for.
    ArchitectureNotBuilt {
        /// Which.
        template: LaunchTemplateId,
        /// What it launches.
        architecture: Architecture,
        /// The family.
        family: FamilyName,
    },
    /// Nobody knows which of the family's architectures a template launches.
    ArchitectureUnknown {
        /// Which.
        template: LaunchTemplateId,
        /// Its default version.
        version: u64,
    },
    /// Somebody made a version of theirs the default of a template whose default is to follow.
    DefaultMoved {
        /// Which.
        template: LaunchTemplateId,
        /// The default now.
        version: u64,
        /// The version of ours that names what the channel points to.
        ours: u64,
        /// What the channel points to.
        of: Pointed,
    },
    /// Old versions of a template stay, as it is not known who names them.
    VersionsStay {
        /// Which.
        template: LaunchTemplateId,
        /// How many.
        count: usize,
        /// Why that is not known.
        doubt: Doubt,
    },
    /// Old versions of a template stay, as something names them.
    VersionsNamed {
        /// Which.
        template: LaunchTemplateId,
        /// Which versions, and what names them.
        versions: Vec<VersionNamed>,
    },
}

/// Why it is not known who names a template's versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Nobody has looked.
    NotGathered,
    /// Not all that may name one was read to its end and is believed, and what.
    NotAll(Words),
    /// When somebody last looked is too long ago.
    Stale(Timestamp),
    /// Nobody has looked since the template is as it is.
    Early,
    /// Before anything was deleted it was another template, or another thing was known of it.
    Changed,
}

impl PublicationFinding {
    /// Whether it is only said: nothing is in the way.
    pub const fn is_a_note(&self) -> bool {
        matches!(
            self,
            Self::VersionsStay { .. } | Self::VersionsNamed { .. } | Self::ParameterLeft { .. } | Self::TemplateLeft(_)
        )
    }

    /// Whether what is written does not hold, so that those who read it have something else.
    pub const fn is_in_vain(&self) -> bool {
        matches!(self, Self::NotKept { .. })
    }
}

/// What names a channel's image to those who read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A parameter.
    Parameter(PublishedName),
    /// A launch template.
    Template(LaunchTemplateId),
}

/// What a channel points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pointed {
    /// The channel.
    pub channel: ChannelName,
    /// What it runs on.
    pub architecture: Architecture,
    /// Which of the family it is.
    pub version: Words,
}

impl fmt::Display for PublicationFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSeen { place, of, ami, why } => write!(
                f,
                "who reads {place} does not see {ami}, which is {of} ({why}), and it is left as it is: share that image with them, or let the hub look as they do"
            ),
            Self::Locked {
                place,
                of,
                ami,
                key,
                lock,
                target,
            } => write_locked(f, (place, of, *ami), (key, lock), *target),
            Self::NoneHere { place, of, region } => write!(
                f,
                "{of} has no image in {region}, and {place} is left as it is: add {region} to `distribute.regions`, or find out what became of the copy there"
            ),
            Self::ParameterShared { name, of } => {
                let of: Vec<String> = of.iter().map(|(channel, on)| format!("{channel} for {on}")).collect();
                let of = of.join(" and ");
                write!(
                    f,
                    "{name} would be the parameter of {of}, and is left as it is: put {{channel}} and {{architecture}} into `publish.parameter`"
                )
            }
            Self::ParametersOutside { name, more, under } => write_outside(f, name, *more, under),
            Self::ParameterOfOthers { name, ami } => write!(
                f,
                "the parameter {name} names {} and not an image of the family, and is left as it is, as the hub never wrote it: if it is to follow \
                 the family, write one of its images into it, or delete it; else choose another name in `publish.parameter`",
                ami.map_or_else(|| String::from("no image"), |ami| ami.to_string())
            ),
            Self::ParameterOfOtherType { name, is } => write!(
                f,
                "the parameter {name} is {is} and no text of the data type aws:ec2:image, and is left as it is: delete it, or choose another name in `publish.parameter`"
            ),
            Self::ParameterUnreadable { name, why } => write!(
                f,
                "the parameter {name} cannot be read ({why}), and is left as it is: allow ssm:GetParameters on it"
            ),
            Self::NotKept { name, ami } => write!(
                f,
                "{ami} was written into the parameter {name}, and it does not say so: Systems Manager refuses an image late that the account does not see, or somebody changed it; it is written again"
            ),
            Self::ParameterLeft { name, ami } => write_left(f, name, *ami),
            Self::TemplateLeft(template) => write!(
                f,
                "the launch template {template} is not in the manifest any more, and has versions that name images of the family: take its tag {FAMILY} away, or put it into `publish.launch_templates` again"
            ),
            Self::TemplateMissing { template, target } => write!(
                f,
                "there is no launch template {template} in {target}: take it out of `publish.launch_templates`, or correct its id, account and Region there"
            ),
            Self::TemplateNotOurs { template, family } => write!(
                f,
                "the launch template {template} lacks the tag {FAMILY}={family}, and is left as it is: let its owner tag it, or take it out of `publish.launch_templates`"
            ),
            Self::TemplateUnreadable { template, why } => write!(
                f,
                "the launch template {template} cannot be read ({why}), and is left as it is: allow ec2:DescribeLaunchTemplates and ec2:DescribeLaunchTemplateVersions"
            ),
            Self::TemplateReadsParameter { template, parameter } => write!(
                f,
                "the launch template {template} reads the parameter {parameter} itself, and needs no versions of ours: take it out of `publish.launch_templates`"
            ),
            Self::NothingToFollow(template) => write!(
                f,
                "the launch template {template} follows the channel stable, and the family has others only: call one of them stable, or take it out of `publish.launch_templates`"
            ),
            Self::ArchitectureNotBuilt {
                template,
                architecture,
                family,
            } => write!(
                f,
                "the launch template {template} launches {architecture}, for which {family} is not built, and is left as it is: add {architecture} to `architectures`, or make a version with an image of the family its default"
            ),
            Self::ArchitectureUnknown { template, version } => write!(
                f,
                "which architecture the launch template {template} launches is not known from its default version {version}, and it is left as it is: make a version its default that names an image that is there"
            ),
            Self::DefaultMoved {
                template,
                version,
                ours,
                of,
            } => write!(
                f,
                "version {version} was made the default of the launch template {template} although its version {ours} is {of}, and its default is made to follow again: leave out `set_default` to let its owner choose"
            ),
            Self::VersionsStay { template, count, doubt } => {
                let s = plural(*count);
                write!(
                    f,
                    "the launch template {template} keeps {count} old version{s}, as {doubt}"
                )
            }
            Self::VersionsNamed { template, versions } => write_named(f, template, versions),
        }
    }
}

fn write_outside(f: &mut fmt::Formatter<'_>, name: &PublishedName, more: usize, under: &PublishUnder) -> fmt::Result {
    let (and, lie, are) = match more {
        0 => (String::new(), "lies", "is left as it is"),
        more => (format!(" and {more} more"), "lie", "are left as they are"),
    };
    write!(
        f,
        "the parameter {name}{and} {lie} outside of {under}, which alone the hub may write, and {are}: let `publish.parameter` begin with {under}, or deploy template.yaml and infra/member.yaml with another `PublishUnder`"
    )
}

fn write_left(f: &mut fmt::Formatter<'_>, name: &PublishedName, ami: Option<AmiId>) -> fmt::Result {
    write!(f, "the parameter {name} is not in the manifest any more, and ")?;
    match ami {
        Some(ami) => write!(f, "named {ami} when it was last read or written")?,
        None => f.write_str("named no image when it was last read")?,
    }
    f.write_str(": delete it once nobody reads it, or declare its channel, architecture, account and Region again")
}

/// What is not surely known is called unverified. The longest part comes last: what one reads in a record is cut.
fn write_locked(
    f: &mut fmt::Formatter<'_>,
    (place, of, ami): (&Place, &Pointed, AmiId),
    (key, lock): (&KmsKeyRef, &Lock),
    target: Target,
) -> fmt::Result {
    let (is, fix) = match lock {
        Lock::Disabled => ("is disabled", "enable that key"),
        Lock::PendingDeletion => ("is about to be deleted", "cancel that, and enable the key"),
        Lock::State(state) => {
            return write!(
                f,
                "who reads {place} cannot launch {ami}, which is {of}, as its key {key} is in the state {state}, and what stands there is left: let that key be usable again"
            );
        }
        Lock::Gone => (
            "is gone",
            "point the channel to a release whose key is there, and build anew",
        ),
        Lock::Hidden(why) => {
            let who = [Grantee::Account(target.account())].into();
            return write!(
                f,
                "whether who reads {place} can launch {ami}, which is {of}, is unverified, and what stands there is left: let the policy of its key {key} have {}, and the role that looks there allow kms:DescribeKey, as the stack of this version does ({why})",
                statement(&who, target.region().partition())
            );
        }
        Lock::Unseen(why) => {
            return write!(
                f,
                "whether who reads {place} can launch {ami}, which is {of}, is unverified, as nobody could look at its key {key}, and what stands there is left until somebody can ({why})"
            );
        }
    };
    write!(
        f,
        "who reads {place} cannot launch {ami}, which is {of}, as its key {key} {is}, and what stands there is left: {fix}"
    )
}

/// Of many the oldest are told.
fn write_named(f: &mut fmt::Formatter<'_>, template: &LaunchTemplateId, versions: &[VersionNamed]) -> fmt::Result {
    let count = versions.len();
    write!(
        f,
        "the launch template {template} keeps {count} old version{}, as something names ",
        plural(count)
    )?;
    f.write_str(if count == 1 { "it: " } else { "them: " })?;
    for (n, VersionNamed { version, by, more }) in versions.iter().take(MOST_TOLD).enumerate() {
        let comma = if n > 0 { ", " } else { "" };
        write!(f, "{comma}{version} ({by}")?;
        f.write_str(&if *more > 0 {
            format!(" and {more} more)")
        } else {
            String::from(")")
        })?;
    }
    match count.checked_sub(MOST_TOLD) {
        None | Some(0) => Ok(()),
        Some(left) => write!(f, " and {left} more"),
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGathered => f.write_str(
                "nobody has looked who names them: that comes by itself where the hub may look, and the family be used (`steward evidence` lists where)",
            ),
            Self::NotAll(why) => write!(
                f,
                "it is not known who names them ({why}): `steward evidence` says what is not read or not believed"
            ),
            Self::Stale(as_of) => write!(
                f,
                "nobody has looked since {as_of} who names them: `steward evidence` says why"
            ),
            Self::Early => f.write_str(
                "nobody has looked yet who names them since its default and its latest version are what they are: that comes by itself",
            ),
            Self::Changed => f.write_str(
                "it was changed, or more became known of it, right before they were to be deleted: the next look decides anew",
            ),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => write!(f, "the parameter {name}"),
            Self::Template(template) => write!(f, "the launch template {template}"),
        }
    }
}

impl fmt::Display for Pointed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            channel,
            architecture,
            version,
        } = self;
        write!(f, "{version} on {channel} for {architecture}")
    }
}

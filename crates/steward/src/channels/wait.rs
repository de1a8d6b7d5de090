use std::fmt;

use serde::Serialize;

use super::obstacle::Obstacle;
use crate::{Architecture, BuildVersion, ChannelName, Duration, ReleaseId, Timestamp, Version};

/// What a channel waits for, or what is wrong with where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// No version has a usable release of every architecture, and none is to come.
    NoRelease,
    /// A newer version lacks an architecture.
    Lacking {
        /// Which version.
        version: Version,
        /// What for.
        architecture: Architecture,
        /// The build of it that is nearest to being usable, and what keeps it; none was started.
        nearest: Option<(BuildVersion, Obstacle)>,
    },
    /// The builds of a wave move together, and one of them is not usable.
    Wave {
        /// Which.
        build: BuildVersion,
        /// What for.
        architecture: Architecture,
        /// What keeps it.
        obstacle: Obstacle,
    },
    /// It would go forward but for an architecture that would go back.
    Behind {
        /// The build it would go to.
        build: BuildVersion,
        /// What for.
        architecture: Architecture,
        /// The newest that the channel ever pointed to.
        mark: BuildVersion,
    },
    /// The channel that it follows points to nothing.
    SourceEmpty(ChannelName),
    /// The channel that it follows points to nothing of an architecture.
    SourceLacks {
        /// Which channel.
        source: ChannelName,
        /// Which architecture.
        architecture: Architecture,
    },
    /// The channel that it follows points to a release that can go no further.
    SourceStuck {
        /// Which channel.
        source: ChannelName,
        /// Which build.
        build: BuildVersion,
        /// What for.
        architecture: Architecture,
        /// What keeps it.
        obstacle: Obstacle,
    },
    /// The channel that it follows points to a release that the record does not know.
    SourceUnknown {
        /// Which channel.
        source: ChannelName,
        /// Which release.
        release: ReleaseId,
        /// What for.
        architecture: Architecture,
    },
    /// What the channel that it follows points to has not stood there for long enough.
    Soaking {
        /// Which channel.
        source: ChannelName,
        /// Since when it points there.
        since: Timestamp,
        /// How long it has to.
        after: Duration,
    },
    /// It points to nothing, and only a person moves it.
    Person,
    /// It points to a revoked release, and there is no good one to go to.
    Revoked {
        /// Which.
        build: BuildVersion,
        /// What for.
        architecture: Architecture,
    },
    /// It points to a release that is disabled.
    Disabled {
        /// Which.
        build: BuildVersion,
        /// What for.
        architecture: Architecture,
    },
    /// It points to a release that is gone.
    Retired {
        /// Which.
        build: BuildVersion,
        /// What for.
        architecture: Architecture,
    },
    /// It points to a release that the record does not know.
    Unknown {
        /// Which.
        release: ReleaseId,
        /// What for.
        architecture: Architecture,
    },
}

impl Wait {
    /// Whether it stays until a person does something, and those who use the channel are without a good release until then.
    pub const fn is_alarm(&self) -> bool {
        match self {
            Self::Revoked { .. } | Self::Disabled { .. } | Self::Retired { .. } | Self::Unknown { .. } => true,
            Self::NoRelease
            | Self::Lacking { .. }
            | Self::Wave { .. }
            | Self::Behind { .. }
            | Self::SourceEmpty(_)
            | Self::SourceLacks { .. }
            | Self::SourceStuck { .. }
            | Self::SourceUnknown { .. }
            | Self::Soaking { .. }
            | Self::Person => false,
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRelease => {
                f.write_str("no version is usable for every architecture, and none is to come: build one")
            }
            Self::Lacking {
                version,
                architecture,
                nearest: None,
            } => write!(f, "{version} waits for {architecture}: it is not built for it yet"),
            Self::Lacking {
                version,
                architecture,
                nearest: Some((build, obstacle)),
            } => write!(f, "{version} waits for {architecture}: {build} {obstacle}"),
            Self::Wave {
                build,
                architecture,
                obstacle,
            } => write!(
                f,
                "the architectures move together, and {build} of {architecture} {obstacle}"
            ),
            Self::Behind {
                build,
                architecture,
                mark,
            } => write!(
                f,
                "{build} of {architecture} is older than {mark}, to which it once pointed: build a newer one, or promote this one"
            ),
            Self::SourceEmpty(source) => write!(f, "{source}, which it follows, points to nothing yet"),
            Self::SourceLacks { source, architecture } => {
                write!(f, "{source}, which it follows, points to nothing of {architecture} yet")
            }
            Self::SourceStuck {
                source,
                build,
                architecture,
                obstacle,
            } => write!(
                f,
                "{source}, which it follows, points to {build} of {architecture}, which {obstacle}"
            ),
            Self::SourceUnknown {
                source,
                release,
                architecture,
            } => write!(
                f,
                "{source}, which it follows, points to {release} of {architecture}, which the record does not know"
            ),
            Self::Soaking { source, since, after } => {
                write!(
                    f,
                    "what {source} has pointed to since {since} moves on once it stood there for {after}"
                )?;
                // Past the end of all calendars there is no day to name.
                since
                    .checked_add(*after)
                    .map_or(Ok(()), |until| write!(f, ", at {until}"))
            }
            Self::Person => f.write_str("it points to nothing until somebody moves it: steward promote"),
            Self::Revoked { build, architecture } => write!(
                f,
                "it points to {build} of {architecture}, which is revoked, and there is no good release to go to: build one, or have a good one restored that is disabled: steward rollback"
            ),
            Self::Disabled { build, architecture } => write!(
                f,
                "it points to {build} of {architecture}, which is disabled: promote it again to have it enabled, promote another one, or roll back"
            ),
            Self::Retired { build, architecture } => write!(
                f,
                "it points to {build} of {architecture}, which is gone: promote another one, or roll back"
            ),
            Self::Unknown { release, architecture } => write!(
                f,
                "it points to {release} of {architecture}, which the record does not know, and stays there: promote another one"
            ),
        }
    }
}

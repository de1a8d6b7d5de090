//! What our functions tell each other, and everybody who listens on the hub's bus. A hint like every wake: whoever hears it
//! looks for itself, and a sweep finds what was not heard.

use serde::Serialize;

use crate::channels::Pointed;
use crate::{
    Architecture, BuildState, BuildVersion, CanonicalName, ChannelName, FamilyName, Release, ReleaseId, Words,
};

/// Who says it, on the bus.
pub const OWN_SOURCE: &str = "image-steward";

/// Something that became so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OwnEvent {
    /// A build ended, and the record has all that it made.
    ReleaseRecorded {
        /// Its key in the record.
        release: ReleaseId,
        /// Its build's ARN.
        name: CanonicalName,
        /// Its family, where it has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        family: Option<FamilyName>,
        /// What it runs on, where it has images.
        #[serde(skip_serializing_if = "Option::is_none")]
        architecture: Option<Architecture>,
        /// How it ended.
        state: BuildState,
    },
    /// A release is everywhere it must be, and usable there by all who are declared.
    ReleaseUsable {
        /// Its key in the record.
        release: ReleaseId,
        /// Its family.
        family: FamilyName,
        /// What it runs on.
        architecture: Architecture,
        /// Its number.
        version: BuildVersion,
    },
    /// A channel points to other releases.
    ChannelMoved {
        /// Its family.
        family: FamilyName,
        /// Which.
        channel: ChannelName,
        /// What it points to now, of each architecture.
        releases: Pointed,
        /// How many moves it has made.
        number: u32,
    },
    /// Another manifest of a family holds.
    ManifestApplied {
        /// The family.
        family: FamilyName,
        /// The manifest's number.
        version: u32,
        /// Of the manifest and the files it names.
        digest: String,
    },
    /// Nothing more happens to a family until a person does something.
    Blocked {
        /// The family.
        family: FamilyName,
        /// By what.
        cause: Words,
    },
}

impl OwnEvent {
    /// As the bus names its kind.
    pub const fn detail_type(&self) -> &'static str {
        match self {
            Self::ReleaseRecorded { .. } => "release recorded",
            Self::ReleaseUsable { .. } => "release usable",
            Self::ChannelMoved { .. } => "channel moved",
            Self::ManifestApplied { .. } => "manifest applied",
            Self::Blocked { .. } => "blocked",
        }
    }

    /// What there is to tell of a release as it was just written: nothing before its build has ended and all is placed.
    pub fn of_release(release: &Release) -> Option<Self> {
        let whole = release.placed || release.state != BuildState::Available;
        (release.state.ended() && whole).then(|| Self::ReleaseRecorded {
            release: release.id(),
            name: release.name.clone(),
            family: release.family.clone(),
            architecture: release.architecture,
            state: release.state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(state: BuildState, placed: bool) -> Release {
        Release {
            name: "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/1"
                .parse()
                .unwrap(),
            state,
            reason: None,
            failure: None,
            family: Some("web".parse().unwrap()),
            architecture: Some(Architecture::X86_64),
            recipe: None,
            components: Vec::new(),
            fingerprint: None,
            pipeline: None,
            created: None,
            build_type: None,
            placed,
        }
    }

    #[track_caller]
    fn assert_sampled(event: &OwnEvent, sample: &str) {
        let sample: serde_json::Value = serde_json::from_str(sample).unwrap();
        assert_eq!(sample["source"], OWN_SOURCE);
        assert_eq!(sample["detail-type"], event.detail_type());
        assert_eq!(sample["detail"], serde_json::to_value(event).unwrap());
    }

    #[test]
    fn a_release_is_told_once_its_build_has_ended_and_all_of_its_images_are_known() {
        let told = |state, placed| OwnEvent::of_release(&release(state, placed)).is_some();
        assert!(!told(BuildState::Building, false));
        assert!(!told(BuildState::Available, false));
        assert!(told(BuildState::Available, true));
        assert!(told(BuildState::Failed, false));
    }

    #[test]
    fn what_is_told_is_what_the_samples_show() {
        let event = OwnEvent::of_release(&release(BuildState::Available, true)).unwrap();
        assert_eq!(event.detail_type(), "release recorded");
        assert_sampled(&event, include_str!("../../../events/steward-release-recorded.json"));
    }

    #[test]
    fn a_blocked_family_is_told_as_its_sample_shows() {
        let event = OwnEvent::Blocked {
            family: "web".parse().unwrap(),
            cause: Words::from("the pipeline web is disabled, after 5 builds in a row that failed"),
        };
        assert_sampled(&event, include_str!("../../../events/steward-blocked.json"));
    }

    #[test]
    fn a_usable_release_is_told_as_its_sample_shows() {
        let event = OwnEvent::ReleaseUsable {
            release: release(BuildState::Available, true).id(),
            family: "web".parse().unwrap(),
            architecture: Architecture::X86_64,
            version: "1.4.2/1".parse().unwrap(),
        };
        assert_sampled(&event, include_str!("../../../events/steward-release-usable.json"));
    }

    #[test]
    fn a_moved_channel_is_told_as_its_sample_shows() {
        let event = OwnEvent::ChannelMoved {
            family: "web".parse().unwrap(),
            channel: ChannelName::stable(),
            releases: Pointed::from([(Architecture::X86_64, release(BuildState::Available, true).id())]),
            number: 12,
        };
        assert_sampled(&event, include_str!("../../../events/steward-channel-moved.json"));
    }

    #[test]
    fn an_applied_manifest_is_told_as_its_sample_shows() {
        let event = OwnEvent::ManifestApplied {
            family: "web".parse().unwrap(),
            version: 3,
            digest: String::from("4f1c9a0b7e2d5c8a6b3f0e9d1c7a5b2e8f4d6c0a9b1e3d7f5a2c8b6e0d4f9a13"),
        };
        assert_sampled(&event, include_str!("../../../events/steward-manifest-applied.json"));
    }
}

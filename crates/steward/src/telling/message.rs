use crate::distribution::Reach;
use crate::publication::PublishedName;
use crate::{
    AmiId, Architecture, BuildVersion, CanonicalName, ChannelName, ComponentDifference, FamilyName, Findings,
    PackageDifference, ReleaseId, Target, Timestamp, VulnerabilityDifferences, Words,
};

/// What there is to tell of a release that became usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseMessage {
    /// Its key in the record: two messages with the same are one that was sent twice.
    pub release: ReleaseId,
    /// Its family.
    pub family: FamilyName,
    /// What it runs on.
    pub architecture: Architecture,
    /// Its number.
    pub version: BuildVersion,
    /// Since when it is usable where it must be.
    pub usable: Timestamp,
    /// How it came to be.
    pub build: ToldBuild,
    /// Where it is, or should be.
    pub images: Vec<ToldImage>,
    /// The channels that it is on.
    pub channels: Vec<ToldChannel>,
    /// What changed; none where no earlier release of its architecture was usable.
    pub since: Option<Before>,
    /// How many vulnerabilities its scan found; none where there was none.
    pub findings: Option<Findings>,
}

/// A build, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldBuild {
    /// Its name.
    pub name: CanonicalName,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// What started it, in Image Builder's words.
    pub started_by: Option<Words>,
    /// What led to it, where we started it.
    pub because: Vec<Words>,
    /// What it was built on, as people call it.
    pub parents: Vec<Words>,
}

/// A target, and the release there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldImage {
    /// Where.
    pub target: Target,
    /// Whether channels wait for it.
    pub required: bool,
    /// How far it is.
    pub reach: Reach,
    /// The same, as people read it.
    pub says: Words,
    /// The image.
    pub ami: Option<AmiId>,
    /// What is not as it should be, and what would put it right.
    pub findings: Vec<Words>,
}

/// A channel that points to the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldChannel {
    /// Which.
    pub channel: ChannelName,
    /// Since when.
    pub since: Timestamp,
    /// The parameter that says so where it is published, which takes some minutes.
    pub parameter: Option<PublishedName>,
}

/// The release that was usable before, and what changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// Its key in the record.
    pub release: ReleaseId,
    /// Its number.
    pub version: BuildVersion,
    /// What it was built on.
    pub parents: Vec<Words>,
    /// What the one ran, and what the other.
    pub components: Vec<ComponentDifference>,
    /// None where the packages of only one of them are known.
    pub packages: Option<Vec<PackageDifference>>,
    /// None where one of them was not scanned.
    pub vulnerabilities: Option<VulnerabilityDifferences>,
}

impl ReleaseMessage {
    /// What people call a release of the family.
    pub(super) fn title_of(&self, version: BuildVersion) -> String {
        format!("{}/{version}", self.family)
    }

    /// What people call it.
    pub(super) fn title(&self) -> String {
        self.title_of(self.version)
    }

    /// The news, in a line.
    pub(super) fn headline(&self) -> String {
        format!("{} ({}) is usable", self.title(), self.architecture)
    }

    /// Where it is usable, and its image there.
    pub(super) fn there(&self) -> impl Iterator<Item = (AmiId, &ToldImage)> {
        self.images.iter().filter_map(|image| Some((image.usable()?, image)))
    }

    /// Where it should be, and is not usable.
    pub(super) fn missing(&self) -> impl Iterator<Item = &ToldImage> {
        self.images.iter().filter(|image| image.usable().is_none())
    }
}

impl ToldImage {
    fn usable(&self) -> Option<AmiId> {
        self.ami.filter(|_| self.reach == Reach::Usable)
    }
}

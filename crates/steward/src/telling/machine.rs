//! The message for programs. docs/answers/message.schema.json describes it; a member keeps its name, type and meaning.

use serde::Serialize;

use super::listed::{Listed, fitting};
use super::message::{Before, ReleaseMessage, ToldBuild, ToldChannel, ToldImage};
use super::worst::worst_first;
use crate::publication::PublishedName;
use crate::{
    AmiId, Architecture, BuildVersion, CanonicalName, ChannelName, ComponentDifference, FamilyName, Findings,
    PackageDifference, ReleaseId, Target, Timestamp, Vulnerability, VulnerabilityId, Words,
};

/// So many bytes, with as many again for what stands in front of quotes where it lies in another JSON: then all looks of a message
/// have room in one of SNS.
const ROOM: usize = 48 << 10;

/// Entries of each list, where there is room.
const LENGTHS: [usize; 9] = [1_000, 500, 200, 100, 50, 20, 10, 5, 1];

#[derive(Serialize)]
struct Machine<'a> {
    message: &'static str,
    release: ReleaseId,
    title: String,
    family: &'a FamilyName,
    architecture: Architecture,
    version: BuildVersion,
    usable: Timestamp,
    build: Build<'a>,
    images: Listed<Image<'a>>,
    missing: Listed<Missing<'a>>,
    channels: Listed<OnChannel<'a>>,
    since: Option<Since<'a>>,
    findings: Option<Findings>,
}

#[derive(Serialize)]
struct Build<'a> {
    name: &'a CanonicalName,
    started: Option<Timestamp>,
    started_by: Option<&'a Words>,
    because: Listed<&'a Words>,
    parents: Listed<&'a Words>,
}

#[derive(Serialize)]
struct Image<'a> {
    target: Target,
    required: bool,
    ami: AmiId,
    findings: Listed<&'a Words>,
}

#[derive(Serialize)]
struct Missing<'a> {
    target: Target,
    required: bool,
    says: &'a Words,
    ami: Option<AmiId>,
    findings: Listed<&'a Words>,
}

#[derive(Serialize)]
struct OnChannel<'a> {
    channel: &'a ChannelName,
    since: Timestamp,
    parameter: Option<&'a PublishedName>,
}

#[derive(Serialize)]
struct Since<'a> {
    release: ReleaseId,
    title: String,
    version: BuildVersion,
    parents: Listed<&'a Words>,
    components: Listed<&'a ComponentDifference>,
    packages: Option<Listed<&'a PackageDifference>>,
    vulnerabilities: Option<Vulnerabilities<'a>>,
}

#[derive(Serialize)]
struct Vulnerabilities<'a> {
    fixed: Listed<Found<'a>>,
    introduced: Listed<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    vulnerability: &'a VulnerabilityId,
    severity: &'a Words,
    packages: &'a [Words],
}

impl ReleaseMessage {
    /// It for programs, as JSON.
    pub fn json(&self) -> String {
        fitting(ROOM, &LENGTHS, |most| {
            serde_json::to_string(&self.machine(most)).unwrap_or_default()
        })
    }

    fn machine(&self, most: usize) -> Machine<'_> {
        let Self {
            release,
            family,
            architecture,
            version,
            usable,
            build:
                ToldBuild {
                    name,
                    started,
                    started_by,
                    because,
                    parents,
                },
            images: _,
            channels,
            since,
            findings,
        } = self;
        Machine {
            message: "release usable",
            release: *release,
            title: self.title(),
            family,
            architecture: *architecture,
            version: *version,
            usable: *usable,
            build: Build {
                name,
                started: *started,
                started_by: started_by.as_ref(),
                because: Listed::of(because, most),
                parents: Listed::of(parents, most),
            },
            images: Listed::of(self.there(), most).map(|image| there(image, most)),
            missing: Listed::of(self.missing(), most).map(|image| missing(image, most)),
            channels: Listed::of(channels, most).map(on_channel),
            since: since.as_ref().map(|since| self.machine_since(since, most)),
            findings: *findings,
        }
    }

    fn machine_since<'a>(&self, since: &'a Before, most: usize) -> Since<'a> {
        let Before {
            release,
            version,
            parents,
            components,
            packages,
            vulnerabilities,
        } = since;
        Since {
            release: *release,
            title: self.title_of(*version),
            version: *version,
            parents: Listed::of(parents, most),
            components: Listed::of(components, most),
            packages: packages.as_ref().map(|packages| Listed::of(packages, most)),
            vulnerabilities: vulnerabilities.as_ref().map(|differences| Vulnerabilities {
                fixed: Listed::of(worst_first(&differences.fixed), most).map(found),
                introduced: Listed::of(worst_first(&differences.introduced), most).map(found),
            }),
        }
    }
}

fn there((ami, image): (AmiId, &ToldImage), most: usize) -> Image<'_> {
    let ToldImage {
        target,
        required,
        reach: _,
        says: _,
        ami: _,
        findings,
    } = image;
    Image {
        target: *target,
        required: *required,
        ami,
        findings: Listed::of(findings, most),
    }
}

fn missing(image: &ToldImage, most: usize) -> Missing<'_> {
    let ToldImage {
        target,
        required,
        reach: _,
        says,
        ami,
        findings,
    } = image;
    Missing {
        target: *target,
        required: *required,
        says,
        ami: *ami,
        findings: Listed::of(findings, most),
    }
}

fn on_channel(on: &ToldChannel) -> OnChannel<'_> {
    let ToldChannel {
        channel,
        since,
        parameter,
    } = on;
    OnChannel {
        channel,
        since: *since,
        parameter: parameter.as_ref(),
    }
}

fn found<'a>((vulnerability, found): (&'a VulnerabilityId, &'a Vulnerability)) -> Found<'a> {
    let Vulnerability {
        severity,
        packages,
        published: _,
    } = found;
    Found {
        vulnerability,
        severity,
        packages,
    }
}

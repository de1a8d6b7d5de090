//! Where each item lies. These outlive every release of this code.

mod adopted;
mod builds;
mod pruning;

use steward::evidence::Source;
use steward::lineage::{Edge, Pair, Reach};
use steward::{
    AccountId, AmiId, Architecture, BuildVersion, ChannelName, ContainerImage, FamilyName, Region, ReleaseId,
    RepositoryName, Target, TemplateId, Timestamp, VulnerabilityId, Worker,
};

pub(crate) use adopted::{ADOPTED, adopted_of_key};
pub(crate) use builds::{BUILD_ASKED, LEFT_OFF, LINE, STARTED, WAITS};
pub(crate) use pruning::{LEFT, UNSETTLED, WAIVED, left_in, listed_as};

/// Where all families lie together.
pub(crate) const FAMILIES: &str = "FAMILIES";
/// Before the parent of an edge.
pub(crate) const EDGE: &str = "E#";
/// Before the depth and the release of an ancestor, or of a descendant.
pub(crate) const ANCESTOR: &str = "A#";
pub(crate) const DESCENDANT: &str = "D#";
/// Before the moment in which somebody revoked a release, or exempted it.
pub(crate) const VERDICT: &str = "X#";
/// Before the moment of a hold.
pub(crate) const HOLD: &str = "H#";
/// Before the target and id of a placement.
pub(crate) const PLACEMENT: &str = "P#";
/// Before the architecture and version of a family's release.
pub(crate) const MEMBER: &str = "V#";
/// Before the moment and name of a scan, or of a workflow that a build ran.
pub(crate) const SCAN_OR_TEST: &str = "S#";
/// Before the number of a part of a release's packages.
pub(crate) const PACKAGES: &str = "PKG#";
/// Before the number of a part of what a release's scan found.
pub(crate) const VULNERABILITIES: &str = "VULN#";
/// Before the number of a manifest.
pub(crate) const MANIFEST: &str = "MANIFEST#";
/// Before the Region and the release of how it stood with the hub there: consumers and channels go by that alone.
pub(crate) const STOOD_WITH_HUB: &str = "AT#";
/// Before the release, the Region and the member of how it stood with that there.
pub(crate) const STOOD: &str = "TO#";
/// Before the name of a channel.
pub(crate) const CHANNEL: &str = "C#";
/// Before the name of a channel and the number of one of its moves.
const MOVED: &str = "CH#";
/// Before the name of a channel that a person asked something of.
pub(crate) const ASKED: &str = "ASKED#";
/// Before the target of how channels are published there.
pub(crate) const PUBLISHED: &str = "PUB#";
/// Before the target of a consumer, of what it sees.
pub(crate) const VIEWED: &str = "VIEW#";
/// Before the moment of what was heard or done.
pub(crate) const JOURNAL: &str = "J#";
/// Before the id of a release, in the partition of all that is known of it.
const RELEASE: &str = "R#";

/// Before the target and name of a container image, or before its name in the partition of its target.
pub(crate) const CONTAINER: &str = "I#";
/// Where all repositories with container images of releases lie together.
pub(crate) const REGISTRIES: &str = "REGISTRIES";

/// Where the targets that work was sent to lie together.
pub(crate) const SENT: &str = "SENT";
/// Where all targets with placements lie together.
pub(crate) const TARGETS: &str = "TARGETS";
/// Where wakes lie together that were refused.
pub(crate) const REFUSED: &str = "REFUSED";
/// Where what is known of every target's evidence lies together.
pub(crate) const EVIDENCE: &str = "EVIDENCE";
/// Before the source and time of a run that gathered evidence.
pub(crate) const RUN: &str = "SRC#";
/// Before the source of a use, and before the target or the image.
pub(crate) const USE: &str = "U#";
/// Before the id of a launch template, as it was read.
pub(crate) const TEMPLATE: &str = "LT#";
/// Before the id of a launch template, of who names its versions.
const VERSIONS_NAMED: &str = "LTV#";
/// Before the name of a parameter that holds images.
pub(crate) const PARAMETER: &str = "PARAM#";
/// Before the number of a part of the marks of parameters that hold none.
pub(crate) const WITHOUT_IMAGES: &str = "NOPARAM#";
/// Before what a person accepted as true of a source.
const ACCEPTED: &str = "ACCEPTED#";
/// Where the switch and all else lies that people decide for the whole system.
pub(crate) const CONTROL: &str = "CONTROL";
/// What record-lineage has to look at again.
pub(crate) const DOUBTS: &str = "OPEN#record-lineage";
/// Where releases lie together whose scan goes on.
pub(crate) const SCANS: &str = "SCANS";

fn target_key(target: Target) -> String {
    format!("{}#{}", target.account(), target.region())
}

/// Before the releases of a family, of how they stood with the hub in a Region.
pub(crate) fn with_hub_in(region: Region) -> String {
    format!("{STOOD_WITH_HUB}{region}#")
}

/// Before the members of how a release stood with them in a Region.
pub(crate) fn stood_of(release: ReleaseId, region: Region) -> String {
    format!("{STOOD}{release}#{region}#")
}

/// Before the Regions of how a family is published in an account.
pub(crate) fn published_with(account: AccountId) -> String {
    format!("{PUBLISHED}{account}#")
}

/// The partition of a release.
pub(crate) fn of_release(id: ReleaseId) -> String {
    format!("{RELEASE}{id}")
}

/// The release whose partition this is.
pub(crate) fn release_of(pk: &str) -> Option<ReleaseId> {
    pk.strip_prefix(RELEASE)?.parse().ok()
}

/// The partition of a family.
pub(crate) fn of_family(family: &FamilyName) -> String {
    format!("F#{family}")
}

/// Before the number of a channel's moves.
pub(crate) fn moves_of(channel: &ChannelName) -> String {
    format!("{MOVED}{channel}#")
}

/// The target that this part of a key names.
pub(crate) fn target_of(part: &str) -> Option<Target> {
    let (account, region) = part.split_once('#')?;
    Some(Target::new(account.parse().ok()?, region.parse().ok()?))
}

/// The partition of a target.
pub(crate) fn of_target(target: Target) -> String {
    format!("T#{}", target_key(target))
}

/// Before the source of what was accepted of a target.
pub(crate) fn accepted_of(target: Target) -> String {
    format!("{ACCEPTED}{}#", target_key(target))
}

/// The partition of what a function has begun to change in a target.
pub(crate) fn of_open_steps(worker: Worker, target: Target) -> String {
    format!("OPEN#{worker}#{}", target_key(target))
}

/// The partition of an image's id, in all Regions.
pub(crate) fn of_image(ami: AmiId) -> String {
    format!("AMI#{ami}")
}

/// The partition of a vulnerability.
pub(crate) fn of_vulnerability(vulnerability: &VulnerabilityId) -> String {
    format!("CVE#{vulnerability}")
}

/// A number, ordered as text as numbers are.
fn as_ordered(version: BuildVersion) -> String {
    let nodes = version.version().to_string();
    let nodes: Vec<String> = nodes.split('.').map(|node| format!("{node:0>10}")).collect();
    let build = version.build().to_string();
    format!("{}#{build:0>10}", nodes.join("."))
}

/// The architecture and the number of a family's release, as its sort key names them.
pub(crate) fn order_of(sk: &str) -> Option<(Architecture, BuildVersion)> {
    let mut parts = sk.strip_prefix(MEMBER)?.split('#');
    let (architecture, version, build) = (parts.next()?, parts.next()?, parts.next()?);
    let numbers = version.split('.').map(|node| node.parse::<u64>().ok());
    let nodes: Option<Vec<String>> = numbers.map(|node| Some(node?.to_string())).collect();
    let build: u64 = build.parse().ok()?;
    let order = format!("{}/{build}", nodes?.join(".")).parse().ok()?;
    Some((architecture.parse().ok()?, order))
}

/// The other release of a pair of the closure, as a sort key of this side names it.
pub(crate) fn reached(sk: &str, side: &str) -> Option<Reach> {
    let (depth, release) = sk.strip_prefix(side)?.split_once('#')?;
    Some(Reach {
        depth: depth.parse().ok()?,
        release: release.parse().ok()?,
    })
}

/// A partition key and a sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// What a release is.
    pub(crate) fn release(id: ReleaseId) -> Self {
        Self::new(of_release(id), "META")
    }

    /// One image of a release.
    pub(crate) fn placement(id: ReleaseId, target: Target, ami: AmiId) -> Self {
        Self::new(of_release(id), format!("{PLACEMENT}{}#{ami}", target_key(target)))
    }

    /// The same image, found by its target.
    pub(crate) fn placement_in(target: Target, ami: AmiId) -> Self {
        Self::new(of_target(target), format!("{PLACEMENT}{ami}"))
    }

    /// One container image of a release.
    pub(crate) fn container(id: ReleaseId, image: &ContainerImage) -> Self {
        Self::new(
            of_release(id),
            format!("{CONTAINER}{}#{image}", target_key(image.target)),
        )
    }

    /// The same image, found by its target.
    pub(crate) fn container_in(image: &ContainerImage) -> Self {
        Self::new(of_target(image.target), format!("{CONTAINER}{image}"))
    }

    /// That a repository has container images of releases, among all that have.
    pub(crate) fn registry(image: &ContainerImage) -> Self {
        let sk = format!("{}#{}", target_key(image.target), image.repository);
        Self::new(String::from(REGISTRIES), sk)
    }

    /// When a repository was last compared with the record.
    pub(crate) fn compared_registry(target: Target, repository: &RepositoryName) -> Self {
        Self::new(of_target(target), format!("COMPARED#{repository}"))
    }

    /// That a target has placements, among all that have.
    pub(crate) fn target(target: Target) -> Self {
        Self::new(String::from(TARGETS), target_key(target))
    }

    /// When a target was last compared with the record.
    pub(crate) fn compared(target: Target) -> Self {
        Self::new(of_target(target), "COMPARED")
    }

    /// When the snapshots of a target were last looked at for our tag.
    pub(crate) fn tagged(target: Target) -> Self {
        Self::new(of_target(target), "TAGGED")
    }

    /// A step that a function has begun.
    pub(crate) fn open_step(worker: Worker, target: Target, step: &str) -> Self {
        Self::new(of_open_steps(worker, target), step)
    }

    /// A placement whose state is in doubt.
    pub(crate) fn doubt(target: Target, ami: AmiId) -> Self {
        Self::new(String::from(DOUBTS), format!("{}#{ami}", target_key(target)))
    }

    /// The same image, found by its id.
    pub(crate) fn ami(ami: AmiId, region: Region) -> Self {
        Self::new(of_image(ami), region.to_string())
    }

    /// When the evidence of a target was gathered, and who does so at present.
    pub(crate) fn evidence(target: Target) -> Self {
        Self::new(String::from(EVIDENCE), target_key(target))
    }

    /// A run that read a source of a target.
    pub(crate) fn run(target: Target, source: Source, at: Timestamp) -> Self {
        Self::new(of_target(target), format!("{RUN}{source}#{at}"))
    }

    /// Who uses an image, by a source of a target.
    pub(crate) fn usage(ami: AmiId, source: Source, target: Target) -> Self {
        Self::new(of_image(ami), format!("{USE}{source}#{}", target_key(target)))
    }

    /// That a source of a target has a use of an image.
    pub(crate) fn usage_in(target: Target, source: Source, ami: AmiId) -> Self {
        Self::new(of_target(target), format!("{USE}{source}#{ami}"))
    }

    /// A launch template of a target, as it was read.
    pub(crate) fn template(target: Target, id: TemplateId) -> Self {
        Self::new(of_target(target), format!("{TEMPLATE}{id}"))
    }

    /// Who names the versions of a launch template of a target.
    pub(crate) fn versions_named(target: Target, id: TemplateId) -> Self {
        Self::new(of_target(target), format!("{VERSIONS_NAMED}{id}"))
    }

    /// A parameter of a target, as it was read.
    pub(crate) fn parameter(target: Target, name: &str) -> Self {
        Self::new(of_target(target), format!("{PARAMETER}{name}"))
    }

    /// A part of the marks of a target's parameters that hold no image.
    pub(crate) fn without_images(target: Target, part: usize) -> Self {
        Self::new(of_target(target), format!("{WITHOUT_IMAGES}{part:0>4}"))
    }

    /// That a person accepted what a source says.
    pub(crate) fn accepted(target: Target, source: Source) -> Self {
        Self::new(String::from(CONTROL), format!("{}{source}", accepted_of(target)))
    }

    /// That a release came from another.
    pub(crate) fn edge(Edge { parent, child }: Edge) -> Self {
        Self::new(of_release(child), format!("{EDGE}{parent}"))
    }

    /// A pair of the closure, in the partition of who is below.
    pub(crate) fn ancestor(pair: Pair) -> Self {
        let Pair {
            ancestor,
            depth,
            descendant,
        } = pair;
        Self::new(of_release(descendant), format!("{ANCESTOR}{depth:0>4}#{ancestor}"))
    }

    /// The same pair, in the partition of who is above.
    pub(crate) fn descendant(pair: Pair) -> Self {
        let Pair {
            ancestor,
            depth,
            descendant,
        } = pair;
        Self::new(of_release(ancestor), format!("{DESCENDANT}{depth:0>4}#{descendant}"))
    }

    /// A release among those of its family and architecture, ordered as text as releases are by number.
    pub(crate) fn release_of(family: &FamilyName, architecture: Architecture, version: BuildVersion) -> Self {
        Self::new(
            of_family(family),
            format!("{MEMBER}{architecture}#{}", as_ordered(version)),
        )
    }

    /// What somebody said of a release.
    pub(crate) fn verdict(id: ReleaseId, at: Timestamp) -> Self {
        Self::new(of_release(id), format!("{VERDICT}{at}"))
    }

    /// That an image of a release must stay.
    pub(crate) fn hold(id: ReleaseId, at: Timestamp, ami: AmiId) -> Self {
        Self::new(of_release(id), format!("{HOLD}{at}#{ami}"))
    }

    /// What a scan or a workflow said of a release.
    pub(crate) fn told(id: ReleaseId, at: Timestamp, name: &str) -> Self {
        Self::new(of_release(id), format!("{SCAN_OR_TEST}{at}#{name}"))
    }

    /// That a release's scan goes on, among all whose does.
    pub(crate) fn scan(id: ReleaseId) -> Self {
        Self::new(String::from(SCANS), id.to_string())
    }

    /// A part of the vulnerabilities that a release's scan found.
    pub(crate) fn vulnerabilities(id: ReleaseId, part: usize) -> Self {
        Self::new(of_release(id), format!("{VULNERABILITIES}{part:0>4}"))
    }

    /// That a vulnerability was found in a release.
    pub(crate) fn found(vulnerability: &VulnerabilityId, id: ReleaseId) -> Self {
        Self::new(of_vulnerability(vulnerability), id.to_string())
    }

    /// A part of a release's packages.
    pub(crate) fn packages(id: ReleaseId, part: usize) -> Self {
        Self::new(of_release(id), format!("{PACKAGES}{part:0>4}"))
    }

    /// What was heard or done.
    pub(crate) fn journal(id: ReleaseId, at: Timestamp, event: &str) -> Self {
        Self::new(of_release(id), format!("{JOURNAL}{at}#{event}"))
    }

    /// What was heard of a family, or done to it.
    pub(crate) fn journal_of_family(family: &FamilyName, at: Timestamp, event: &str) -> Self {
        Self::new(of_family(family), format!("{JOURNAL}{at}#{event}"))
    }

    /// Wakes of a day that were refused for the same cause.
    pub(crate) fn refused(day: &str, cause: &str) -> Self {
        Self::new(String::from(REFUSED), format!("{day}#{cause}"))
    }

    /// How many causes of a day are told apart.
    pub(crate) fn causes(day: &str) -> Self {
        Self::new(String::from("REFUSED#CAUSES"), day)
    }

    /// Which manifest of a family holds.
    pub(crate) fn family(family: &FamilyName) -> Self {
        Self::new(String::from(FAMILIES), family.as_str())
    }

    /// A manifest of a family, by its number: as text they sort as they do by number.
    pub(crate) fn manifest(family: &FamilyName, version: u32) -> Self {
        Self::new(of_family(family), format!("{MANIFEST}{version:0>10}"))
    }

    /// What a channel of a family points to.
    pub(crate) fn channel(family: &FamilyName, channel: &ChannelName) -> Self {
        Self::new(of_family(family), format!("{CHANNEL}{channel}"))
    }

    /// What a person asked of a channel.
    pub(crate) fn asked(family: &FamilyName, channel: &ChannelName) -> Self {
        Self::new(of_family(family), format!("{ASKED}{channel}"))
    }

    /// One move of a channel, by its number: as text they sort as they do by number.
    pub(crate) fn moved(family: &FamilyName, channel: &ChannelName, number: u32) -> Self {
        Self::new(of_family(family), format!("{}{number:0>10}", moves_of(channel)))
    }

    /// How the channels of a family are published in a target.
    pub(crate) fn published(family: &FamilyName, target: Target) -> Self {
        Self::new(of_family(family), format!("{PUBLISHED}{}", target_key(target)))
    }

    /// What a consumer sees of a family.
    pub(crate) fn viewed(family: &FamilyName, target: Target) -> Self {
        Self::new(of_family(family), format!("{VIEWED}{}", target_key(target)))
    }

    /// What was put into a consumer's account for a family.
    pub(crate) fn put_there(family: &FamilyName, target: Target) -> Self {
        Self::new(of_family(family), format!("PUT#{}", target_key(target)))
    }

    /// Who may use a family.
    pub(crate) fn audience(family: &FamilyName) -> Self {
        Self::new(of_family(family), "AUDIENCE")
    }

    /// That a family rests with its members.
    pub(crate) fn rest(family: &FamilyName) -> Self {
        Self::new(of_family(family), "REST")
    }

    /// Whom a family reaches, and did until lately.
    pub(crate) fn reach(family: &FamilyName) -> Self {
        Self::new(of_family(family), "REACH")
    }

    /// How a release of a family stood with the hub in a Region.
    pub(crate) fn stood_with_hub(family: &FamilyName, release: ReleaseId, region: Region) -> Self {
        Self::new(of_family(family), format!("{}{release}", with_hub_in(region)))
    }

    /// How a release of a family stood with a member.
    pub(crate) fn stood(family: &FamilyName, release: ReleaseId, target: Target) -> Self {
        let in_region = stood_of(release, target.region());
        Self::new(of_family(family), format!("{in_region}{}", target.account()))
    }

    /// Which accounts are gone.
    pub(crate) fn gone() -> Self {
        Self::new(String::from("ORGANIZATION"), "GONE")
    }

    /// That work was sent to a target.
    pub(crate) fn sent(target: Target) -> Self {
        Self::new(String::from(SENT), target_key(target))
    }

    /// Who applies at the moment.
    pub(crate) fn applying() -> Self {
        Self::new(String::from(CONTROL), "APPLYING")
    }

    /// The switch.
    pub(crate) fn paused() -> Self {
        Self::new(String::from(CONTROL), "PAUSED")
    }
}

#[cfg(test)]
mod tests;

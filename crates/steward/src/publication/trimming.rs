//! Which old versions of a launch template go: of those that publishing made, what nobody needs for all that can be known.
//!
//! A version too many costs nothing, and one too few a launch. So one that may be missed by anybody stays, and where it is
//! not known who names which, all stay.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{PointerImage, PublicationFacts, TemplateThere};
use super::finding::{Doubt, PublicationFinding};
use super::known::TemplateKnown;
use super::plan::PublicationPlan;
use super::step::PublicationStep;
use crate::evidence::{ImageName, NamesFound, Source, VersionNamed};
use crate::manifest::{LaunchTemplateId, LaunchTemplateVersions, Manifest};
use crate::{Duration, ReleaseId, Timestamp};

/// Where only what is referenced is to stay, so many of the newest do all the same: a build server, a node group or whoever
/// goes back by hand names versions that no list of AWS's shows.
const REFERENCED_OR_NEWEST: usize = 10;
/// So many versions EC2 deletes in one call. The rest is for the next look, by what is known then.
const MOST_AT_ONCE: usize = 200;
/// Evidence is an hour old at most when something is deleted by it: what an invocation decides when it starts, it may do a
/// quarter of an hour later.
const FRESH: Duration = Duration::minutes(45);
/// EC2's lists may lack what came so shortly before.
pub(super) const LATE: Duration = Source::LaunchTemplates.lag();

/// Adds what of a template goes, once it follows as it should.
pub(super) fn trim(
    facts: PublicationFacts<'_>,
    (template, there): (&LaunchTemplateId, &TemplateThere),
    release: ReleaseId,
    plan: &mut PublicationPlan,
) {
    let old = old_versions(facts, there);
    if old.is_empty() {
        return;
    }
    let (latest, named) = match names(facts.known.get(template), there, facts.now) {
        Ok(names) => names,
        Err(doubt) => {
            plan.findings.push(PublicationFinding::VersionsStay {
                template: template.clone(),
                count: old.len(),
                doubt,
            });
            return;
        }
    };
    let named: BTreeMap<u64, &VersionNamed> = named.iter().map(|named| (named.version, named)).collect();
    let used = old.iter().filter_map(|version| named.get(version));
    let used: Vec<VersionNamed> = used.map(|named| (*named).clone()).collect();
    if !used.is_empty() {
        let template = template.clone();
        let finding = PublicationFinding::VersionsNamed {
            template,
            versions: used,
        };
        plan.findings.push(finding);
    }
    // Of what is newer than the evidence's newest it says nothing.
    let unnamed = old
        .iter()
        .filter(|version| **version < latest && !named.contains_key(version));
    let versions: BTreeSet<u64> = unnamed.copied().take(MOST_AT_ONCE).collect();
    if !versions.is_empty() {
        plan.steps.push(PublicationStep::Trim {
            template: template.clone(),
            versions,
            default: there.default,
            latest: there.latest,
            release,
        });
    }
}

/// The versions that the manifest lets go, that EC2 would, and that no channel of the family means now.
fn old_versions(facts: PublicationFacts<'_>, there: &TemplateThere) -> BTreeSet<u64> {
    let Some(kept) = newest_kept(facts.manifest) else {
        return BTreeSet::new();
    };
    let is_pointed_to = |image: &Option<ImageName>| {
        let mut pointed = facts.pointers.values().filter_map(|pointer| match &pointer.image {
            PointerImage::Seen(ami) | PointerImage::NotSeen { ami, .. } | PointerImage::Locked { ami, .. } => {
                Some(*ami)
            }
            PointerImage::NoneHere => None,
        });
        pointed.any(|ami| *image == Some(ImageName::Ami(ami)))
    };
    let ours = there.versions.iter().rev().filter(|(_, version)| version.made_by_us);
    let old = ours.skip(kept).filter(|(_, version)| !is_pointed_to(&version.image));
    let old = old.map(|(number, _)| *number);
    old.filter(|number| ![there.default, there.latest].contains(number))
        .collect()
}

/// How many of the newest versions of ours stay whoever names them; none: all do. A manifest that does not say what is kept
/// lets nothing go.
fn newest_kept(manifest: &Manifest) -> Option<usize> {
    match manifest.retain.as_ref()?.launch_template_versions {
        LaunchTemplateVersions::Referenced => Some(REFERENCED_OR_NEWEST),
        LaunchTemplateVersions::Newest(count) => Some(usize::from(count)),
        LaunchTemplateVersions::All => None,
    }
}

/// The newest version that evidence knows, and those that something names; or why that cannot be relied on.
fn names<'a>(
    known: Option<&'a TemplateKnown>,
    there: &TemplateThere,
    now: Timestamp,
) -> Result<(u64, &'a [VersionNamed]), Doubt> {
    let named = known.and_then(|known| known.named.as_ref()).ok_or(Doubt::NotGathered)?;
    let as_of = named.as_of;
    let (latest, versions) = match &named.found {
        NamesFound::All { latest, named } => (*latest, named),
        NamesFound::NotAll(why) => return Err(Doubt::NotAll(why.clone())),
    };
    let is_fresh = now.checked_since(as_of).is_some_and(|age| age <= FRESH.length());
    if !is_fresh {
        return Err(Doubt::Stale(as_of));
    }
    // Who started by a version while that was the default is in no list that was read before.
    let stood = known.and_then(|known| known.stood).filter(|stood| stood.is_of(there));
    let from = stood.and_then(|stood| stood.since.checked_add(LATE));
    from.filter(|from| *from <= as_of).ok_or(Doubt::Early)?;
    Ok((latest, versions))
}

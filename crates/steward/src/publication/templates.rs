//! Launch templates: versions that differ from their default ones in the image alone.

use std::ops::Bound;

use super::decide::image_to_write;
use super::description::describe;
use super::facts::{PublicationFacts, TemplateSeen, TemplateThere, TemplateVersionSeen};
use super::finding::{Place, Pointed, PublicationFinding};
use super::plan::PublicationPlan;
use super::step::PublicationStep;
use super::trimming::{LATE, trim};
use super::wanted::{followed_channel, following_templates};
use crate::evidence::ImageName;
use crate::manifest::LaunchTemplateId;
use crate::{AmiId, Architecture, Words};

pub(super) fn decide_templates(facts: PublicationFacts<'_>, plan: &mut PublicationPlan) {
    for (template, set_default) in following_templates(facts.manifest, facts.target) {
        let following = Following {
            facts,
            template: &template,
            set_default,
            plan,
        };
        following.decide();
    }
}

/// A launch template that follows a family.
struct Following<'a> {
    facts: PublicationFacts<'a>,
    template: &'a LaunchTemplateId,
    set_default: bool,
    plan: &'a mut PublicationPlan,
}

/// What a template lacks.
enum Lack {
    Nothing,
    /// That this version is the default.
    Default(u64),
    Version,
}

impl Following<'_> {
    fn decide(mut self) {
        let template = self.template.clone();
        let finding = match self.facts.templates.get(self.template) {
            Some(TemplateSeen::Seen(there)) => return self.follow(there),
            Some(seen @ (TemplateSeen::Missing | TemplateSeen::NotOurs | TemplateSeen::Unreadable(_))) => {
                seen.finding(&template, &self.facts.manifest.family, self.facts.target)
            }
            None => {
                let why = "nobody looked at it".into();
                Some(PublicationFinding::TemplateUnreadable { template, why })
            }
        };
        self.plan.findings.extend(finding);
    }

    fn follow(&mut self, there: &TemplateThere) {
        let template = self.template.clone();
        let Some(now) = there.versions.get(&there.default) else {
            let why = Words::from(format!(
                "its default version {} was not among its versions",
                there.default
            ));
            let finding = PublicationFinding::TemplateUnreadable { template, why };
            return self.plan.findings.push(finding);
        };
        if let Some(ImageName::Parameter(parameter)) = &now.image {
            let parameter = Words::from(parameter.to_string());
            let finding = PublicationFinding::TemplateReadsParameter { template, parameter };
            return self.plan.findings.push(finding);
        }
        let manifest = self.facts.manifest;
        let Some(channel) = followed_channel(manifest) else {
            return self.plan.findings.push(PublicationFinding::NothingToFollow(template));
        };
        let Some(architecture) = self.architecture(there) else {
            return;
        };
        let Some(pointer) = self.facts.pointers.get(&(channel.clone(), architecture)) else {
            return;
        };
        let of = Pointed {
            channel: channel.clone(),
            architecture,
            version: pointer.version.clone(),
        };
        let place = Place::Template(template.clone());
        let findings = &mut self.plan.findings;
        let Some(ami) = image_to_write(self.facts, (of.clone(), pointer), place, findings) else {
            return;
        };
        if self.set_default {
            self.say_who_moved_it(there, now, ami, of);
        }
        match lack(there, ami, self.set_default) {
            Lack::Nothing => trim(self.facts, (self.template, there), pointer.release, self.plan),
            Lack::Default(version) => self.plan.steps.push(PublicationStep::SetDefault {
                template,
                version,
                instead_of: there.default,
                release: pointer.release,
            }),
            Lack::Version => self.plan.steps.push(PublicationStep::MakeVersion {
                template,
                from: there.default,
                after: there.latest,
                ami,
                release: pointer.release,
                description: describe(&manifest.family, channel, &pointer.version),
            }),
        }
    }

    /// What it runs on: as its default version does, and never otherwise.
    fn architecture(&mut self, there: &TemplateThere) -> Option<Architecture> {
        let manifest = self.facts.manifest;
        let template = self.template.clone();
        let finding = match (there.architecture, &manifest.architectures[..]) {
            (Some(known), built) if built.contains(&known) => return Some(known),
            (None, [only]) => return Some(*only),
            (Some(architecture), _) => PublicationFinding::ArchitectureNotBuilt {
                template,
                architecture,
                family: manifest.family.clone(),
            },
            (None, _) => PublicationFinding::ArchitectureUnknown {
                template,
                version: there.default,
            },
        };
        self.plan.findings.push(finding);
        None
    }

    fn say_who_moved_it(&mut self, there: &TemplateThere, now: &TemplateVersionSeen, ami: AmiId, of: Pointed) {
        if names(now, ami) {
            return;
        }
        let ours = moved_past(there, now, ami).or_else(|| self.moved_back_from(there, ami));
        self.plan
            .findings
            .extend(ours.map(|ours| PublicationFinding::DefaultMoved {
                template: self.template.clone(),
                version: there.default,
                ours,
                of,
            }));
    }

    /// The version of ours with the very image that was the default before an older one is: publishing moves none back. Where it
    /// became that a moment ago, a list may be from before.
    fn moved_back_from(&self, there: &TemplateThere, ami: AmiId) -> Option<u64> {
        let stood = self.facts.known.get(self.template)?.stood?;
        let is_listed = stood.since.checked_add(LATE)? <= self.facts.now;
        let was = there.versions.get(&stood.default)?;
        (is_listed && there.default < stood.default && was.made_by_us && names(was, ami)).then_some(stood.default)
    }
}

/// The version of ours with the very image after which a default that is not ours was made: somebody set that there.
fn moved_past(there: &TemplateThere, now: &TemplateVersionSeen, ami: AmiId) -> Option<u64> {
    let older = (Bound::Unbounded, Bound::Excluded(there.default));
    let mut older = there.versions.range(older).rev();
    let (ours, _) = older.find(|(_, version)| version.made_by_us && names(version, ami))?;
    (!now.made_by_us).then_some(*ours)
}

fn names(version: &TemplateVersionSeen, ami: AmiId) -> bool {
    version.image == Some(ImageName::Ami(ami))
}

/// What would make a template follow to this image.
///
/// Where its default is to follow, that counts alone. Where it is left to its owner, the newest version that publishing made
/// since is what follows: `$Latest` must not stay with a release that its channel left.
fn lack(there: &TemplateThere, ami: AmiId, set_default: bool) -> Lack {
    let default = there.versions.get(&there.default);
    let is_default = default.is_some_and(|version| names(version, ami));
    let since = there.versions.range((Bound::Excluded(there.default), Bound::Unbounded));
    let mut ours = since.rev().filter(|(_, version)| version.made_by_us);
    if set_default {
        return match ours.find(|(_, version)| names(version, ami)) {
            _ if is_default => Lack::Nothing,
            Some((made, _)) => Lack::Default(*made),
            None => Lack::Version,
        };
    }
    match ours.next() {
        Some((_, newest)) if names(newest, ami) => Lack::Nothing,
        None if is_default => Lack::Nothing,
        Some(_) | None => Lack::Version,
    }
}

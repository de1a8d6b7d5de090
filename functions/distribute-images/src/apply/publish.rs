//! A family's channels in one target: what each means there, whether its readers see that, and what publishes it.

use std::collections::{BTreeMap, BTreeSet};

use steward::channels::ChannelHeld;
use steward::distribution::Stood;
use steward::manifest::{LaunchTemplateId, Manifest, PublishTo};
use steward::publication::{
    Doubt, LeftThere, ParameterSeen, PublicationFacts, PublicationFinding, PublicationStep, Published, PublishedName,
    Readers, decide_publication, following_templates, has_parameters, owned_image, pointed_images, publication_of,
    templates_stand, when_publication_due, writable_parameters,
};
use steward::{AmiId, ChannelName, FamilyName, Intent, ReleaseId, Target, Words, Worker};
use steward_aws::{AtTarget, Begun, Carried, Problem};
use steward_lambda::Moment;

use super::Distributed;
use super::reader::{Locks, Reader};
use super::release::IN_VAIN;
use super::templates::Templates;
use super::visit::Visit;
use super::work::Held;
use crate::{ONE_STEP, Room};

/// Looks at how a family is published in a target, takes the steps that are due, and writes how it stands.
pub(crate) async fn publish(
    room: &Room,
    held: &Held,
    visit: &Visit,
    locks: &mut Locks,
    moment: Moment,
    outcome: &mut Distributed,
) -> Result<(), Problem> {
    let target = visit.target;
    let Held { manifest, number, .. } = held;
    let family = &manifest.family;
    let Some(wanted) = wanted(room, held, target).await? else {
        return Ok(());
    };
    let channels = room.record.channels(family).await?;
    let stood = stood(room, family, &channels, target).await?;
    // Its own image where it owns one, else the hub's, which is shared with it.
    let images = pointed_images(&channels, |release| {
        owned_image(target, room.aws.hub().account(), |at| stood.get(&(release, at)))
    });
    let what = publication_of(*number, &images);
    let before = room.record.published_in(family, target).await?;
    let is_member = target.account() != room.aws.hub().account();
    let last = before.as_ref().map(Published::last_look);
    if !when_publication_due(last.as_ref(), &what, is_member).has_come(moment.now) {
        // Sent twice: another worker was here.
        return Ok(());
    }
    let at = room.aws.at(target).await;
    let reader = Reader {
        room,
        at: &at,
        locks,
        moment,
    };
    // Nothing is written where nothing is wanted.
    let images = if wanted.is_any() { images } else { Vec::new() };
    let pointers = Box::pin(reader.pointers(images)).await?;
    let wrote = before.as_ref().map(|before| before.wrote.clone()).unwrap_or_default();
    let parameters = wanted.look_at_parameters(room, &at, (manifest, &wrote)).await?;
    let templates = (family, &wanted.templates);
    let Templates { seen, known } = Templates::look(room, &at, templates, before.as_ref(), moment.now).await;
    let done = |before: &Published| (before.made.clone(), before.stood.clone());
    let (made, stood) = before.as_ref().map(done).unwrap_or_default();
    let facts = PublicationFacts {
        target,
        manifest,
        parameters_here: wanted.parameters,
        under: room.publish_under.as_ref(),
        pointers: &pointers,
        parameters: &parameters,
        wrote: &wrote,
        templates: &seen,
        known: &known,
        now: moment.now,
    };
    let plan = decide_publication(facts);
    let asked = plan.steps.iter().map(|step| step_of(manifest, step)).collect();
    visit
        .close_unwanted(room, &of_family(manifest), &asked, moment.now)
        .await?;
    let (notes, findings): (Vec<_>, Vec<_>) = plan.findings.iter().partition(|finding| finding.is_a_note());
    let told = |findings: Vec<&PublicationFinding>| {
        let findings = findings.into_iter();
        findings.map(|finding| Words::from(finding.to_string())).collect()
    };
    let mut now = Published {
        what,
        parameters: parameters.iter().filter_map(said).collect(),
        wrote: wrote.clone(),
        made,
        stood: templates_stand(&stood, &seen, moment.now),
        settled: plan.steps.iter().all(PublicationStep::only_clears) && findings.is_empty(),
        under_way: false,
        findings: told(findings),
        notes: told(notes),
        looked: moment.now,
        tries: 0,
    };
    look_at_left(room, &at, manifest, wanted.parameters, &mut now).await;
    let mut steps = Steps {
        room,
        manifest,
        at: &at,
        moment,
        facts,
        now: &mut now,
        problems: Vec::new(),
    };
    // What was just written is read back before it counts. What is written again and again is not.
    match steps.take(&plan.steps, outcome).await? {
        Taken::Wrote(made_anew) => {
            let Steps { problems, .. } = steps;
            now.under_way = made_anew;
            outcome.problems.extend(problems.iter().cloned());
            if !now.settled && !now.under_way {
                now.tries = before.map_or(0, |before| before.tries) + 1;
                if now.tries >= IN_VAIN {
                    let kept_not = plan.findings.iter().filter(|finding| finding.is_in_vain());
                    outcome.in_vain.extend(problems);
                    outcome.in_vain.extend(kept_not.map(ToString::to_string));
                }
            }
            outcome.published = Some(now.settled);
            outcome.unpublished.clone_from(&now.findings);
            remember(room, manifest, target, (&now, wanted.is_any())).await
        }
        // The next sweep goes on as if nobody had looked.
        Taken::CutShort => Ok(()),
    }
}

/// Writes how it stands, unless nothing is wanted there and nothing is left.
async fn remember(
    room: &Room,
    manifest: &Manifest,
    target: Target,
    (now, is_wanted): (&Published, bool),
) -> Result<(), Problem> {
    if !is_wanted && now.left(manifest, target, false) == LeftThere::default() {
        return room.record.forget_published(&manifest.family, target).await;
    }
    room.record.write_published(&manifest.family, target, now).await
}

/// What is wanted of a family in a target.
struct Wanted {
    /// Whether its parameters are.
    parameters: bool,
    templates: BTreeSet<LaunchTemplateId>,
}

impl Wanted {
    fn is_any(&self) -> bool {
        self.parameters || !self.templates.is_empty()
    }

    /// What its parameters say, and which of them are others'. Those that it may not read are not asked for: they would hide the others.
    async fn look_at_parameters(
        &self,
        room: &Room,
        at: &AtTarget,
        (manifest, wrote): (&Manifest, &BTreeMap<String, AmiId>),
    ) -> Result<BTreeMap<PublishedName, ParameterSeen>, Problem> {
        if !self.parameters {
            return Ok(BTreeMap::new());
        }
        let names = writable_parameters(manifest, room.publish_under.as_ref());
        let mut seen = at.published(&names).await;
        let family = (&manifest.family, at.target().region());
        room.record.tell_others(family, wrote, &mut seen).await?;
        Ok(seen)
    }
}

/// None where nothing is wanted there, or nobody knows: while it is not known who reads a family, no member is written to.
async fn wanted(room: &Room, held: &Held, target: Target) -> Result<Option<Wanted>, Problem> {
    let Held { manifest, audience, .. } = held;
    let hub = room.aws.hub();
    let publish = manifest.distribute.publish.as_ref();
    let has_readers = publish.is_some_and(|publish| publish.to.contains(&PublishTo::Audience));
    let is_known = audience.known_readers().is_some() || audience.owners.contains(&target.account());
    if target.account() != hub.account() && has_readers && !is_known {
        return Ok(None);
    }
    let nobody = BTreeSet::new();
    let readers = Readers {
        audience: audience.known_readers().unwrap_or(&nobody),
        owners: &audience.owners,
    };
    let wanted = Wanted {
        parameters: has_parameters(manifest, hub, readers, target),
        templates: following_templates(manifest, target).into_keys().collect(),
    };
    if !wanted.is_any() {
        // It left the manifest: what stands there stays, and is looked at while it names an image.
        let before = room.record.published_in(&manifest.family, target).await?;
        let is_left = before.is_some_and(|before| before.left(manifest, target, false) != LeftThere::default());
        if !is_left {
            room.record.forget_published(&manifest.family, target).await?;
            return Ok(None);
        }
    }
    Ok(Some(wanted))
}

/// Looks at what is declared no more, and says what of it names an image still. By itself: one that may not be read would hide
/// what is declared.
async fn look_at_left(room: &Room, at: &AtTarget, manifest: &Manifest, parameters_here: bool, now: &mut Published) {
    let LeftThere {
        mut parameters,
        templates,
    } = now.left(manifest, at.target(), parameters_here);
    // One name that may not be read would hide all others.
    parameters.retain(|name| room.publish_under.as_ref().is_none_or(|under| under.holds(name)));
    let seen = at.published(&parameters).await;
    let following = at.following(&templates, &manifest.family).await;
    now.forget_gone(&seen, &following);
    now.parameters.extend(seen.iter().filter_map(said));
    now.note_left(now.left(manifest, at.target(), parameters_here));
}

/// Steps of a publication, taken one after the other.
struct Steps<'a> {
    room: &'a Room,
    manifest: &'a Manifest,
    at: &'a AtTarget,
    moment: Moment,
    /// By what they were decided.
    facts: PublicationFacts<'a>,
    now: &'a mut Published,
    problems: Vec<String>,
}

/// What came of them.
enum Taken {
    /// They were taken, as far as AWS let them; and whether anything was written that had not been.
    Wrote(bool),
    /// Time ran out, or the switch was thrown.
    CutShort,
}

impl Steps<'_> {
    async fn take(&mut self, steps: &[PublicationStep], outcome: &mut Distributed) -> Result<Taken, Problem> {
        let (record, target) = (&self.room.record, self.at.target());
        let mut made_anew = false;
        for step in steps {
            if !self.moment.deadline.leaves(ONE_STEP) {
                outcome.unfinished = true;
                return Ok(Taken::CutShort);
            }
            if let PublicationStep::Trim { template, versions, .. } = step
                && !self.still_holds(step, template).await
            {
                let finding = PublicationFinding::VersionsStay {
                    template: template.clone(),
                    count: versions.len(),
                    doubt: Doubt::Changed,
                };
                self.now.notes.push(Words::from(finding.to_string()));
                continue;
            }
            let intent = Intent {
                worker: Worker::ApplyDistribution,
                target,
                step: step_of(self.manifest, step),
                release: step.release(),
                says: step.says(),
            };
            let call = async |begun: Begun| self.at.publish(step, &step.token(target, begun.attempt)).await;
            let first = self.room.switch_at_first;
            match Box::pin(record.carry_out(intent, first, self.moment.now, call)).await? {
                Carried::Made(version) => {
                    made_anew |= self.note(step, version);
                    if version.is_some() {
                        // Its number is all that tells it from what others make.
                        record.write_published(&self.manifest.family, target, self.now).await?;
                    }
                    if let PublicationStep::Trim { template, .. } = step
                        && let Ok(id) = template.as_str().parse()
                    {
                        record.forget_template(target, id).await?;
                    }
                    outcome.steps.push(format!("{step} in {target}"));
                }
                // What is too much harms nobody: it is tried again when the target is compared, and nobody is alarmed.
                Carried::Failed(problem) | Carried::Waits(problem) if step.only_clears() => {
                    self.now.notes.push(Words::from(problem.to_string()));
                    outcome.problems.push(problem.to_string());
                }
                Carried::Failed(problem) | Carried::Waits(problem) => {
                    self.now.findings.push(Words::from(problem.to_string()));
                    self.problems.push(problem.to_string());
                }
                Carried::ByAnother => {}
                Carried::Paused(why) => {
                    outcome.paused = Some(why);
                    return Ok(Taken::CutShort);
                }
            }
        }
        Ok(Taken::Wrote(made_anew))
    }

    /// Whether what cannot be undone would be decided again, by another look right before.
    async fn still_holds(&self, step: &PublicationStep, template: &LaunchTemplateId) -> bool {
        let one = BTreeSet::from([template.clone()]);
        let of_family = (&self.manifest.family, &one);
        let look = Templates::look(self.room, self.at, of_family, Some(&*self.now), self.moment.now);
        let Templates { seen, known } = Box::pin(look).await;
        let again = decide_publication(PublicationFacts {
            parameters_here: false,
            templates: &seen,
            known: &known,
            ..self.facts
        });
        again.steps.contains(step)
    }

    /// Notes what was written; says whether that is another thing than before.
    fn note(&mut self, step: &PublicationStep, version: Option<u64>) -> bool {
        match step {
            PublicationStep::Put { name, ami, .. } => self.now.wrote.insert(name.to_string(), *ami) != Some(*ami),
            PublicationStep::MakeVersion { template, .. } => {
                let made = self.now.made.entry(template.clone()).or_default();
                made.extend(version);
                true
            }
            PublicationStep::SetDefault { .. } => true,
            PublicationStep::Trim { template, versions, .. } => {
                if let Some(made) = self.now.made.get_mut(template) {
                    made.retain(|version| !versions.contains(version));
                }
                true
            }
        }
    }
}

/// How the releases that channels point to stand where the target's images may be: in itself, and at the hub in its Region.
async fn stood(
    room: &Room,
    family: &FamilyName,
    channels: &BTreeMap<ChannelName, ChannelHeld>,
    target: Target,
) -> Result<BTreeMap<(ReleaseId, Target), Stood>, Problem> {
    let hub = room.aws.hub().account();
    let pointed: BTreeSet<ReleaseId> = channels.values().flat_map(ChannelHeld::releases).collect();
    let mut stood = BTreeMap::new();
    for release in pointed {
        for at in BTreeSet::from([target, Target::new(hub, target.region())]) {
            if let Some(there) = room.record.stood_in(family, release, at).await? {
                stood.insert((release, at), there);
            }
        }
    }
    Ok(stood)
}

fn of_family(manifest: &Manifest) -> String {
    format!("publish#{}#", manifest.family)
}

fn step_of(manifest: &Manifest, step: &PublicationStep) -> String {
    format!("{}{}", of_family(manifest), step.key())
}

fn said((name, seen): (&PublishedName, &ParameterSeen)) -> Option<(String, Option<AmiId>)> {
    match seen {
        ParameterSeen::Image { ami, version: _ } => Some((name.to_string(), *ami)),
        ParameterSeen::Missing
        | ParameterSeen::OfOthers(_)
        | ParameterSeen::OtherType(_)
        | ParameterSeen::Unreadable(_) => None,
    }
}

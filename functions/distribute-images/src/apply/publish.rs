//! A family's channels in one target: what each means there, whether its readers see that, and what publishes it.

use std::collections::{BTreeMap, BTreeSet};

use steward::channels::ChannelHeld;
use steward::distribution::Reach;
use steward::manifest::Manifest;
use steward::publication::{
    ParameterSeen, Pointer, PointerImage, PublicationFacts, PublicationStep, Published, PublishedName,
    decide_publication, following_templates, has_parameters, publication_of, published_parameters,
};
use steward::{AmiId, AmiState, Architecture, CanonicalName, ChannelName, Intent, ReleaseId, Target, Words, Worker};
use steward_aws::{AtTarget, Begun, Carried, Problem};
use steward_lambda::Moment;

use super::Distributed;
use super::release::IN_VAIN;
use super::work::Held;
use crate::{ONE_STEP, Room};

type Pointers = BTreeMap<(ChannelName, Architecture), Pointer>;

/// Looks at how a family is published in a target, takes the steps that are due, and writes how it stands.
pub(crate) async fn publish(
    room: &Room,
    held: &Held,
    target: Target,
    moment: Moment,
    outcome: &mut Distributed,
) -> Result<(), Problem> {
    let Held {
        manifest,
        number,
        audience,
    } = held;
    let family = &manifest.family;
    let at = room.aws.at(target).await;
    let channels = room.record.channels(family).await?;
    let pointers = Box::pin(pointers(room, manifest, &at, &channels)).await?;
    let nobody = BTreeSet::new();
    let readers = audience.readers.as_ref().unwrap_or(&nobody);
    let parameters_here = has_parameters(manifest, room.aws.hub(), readers, target);
    let names: BTreeSet<PublishedName> = if parameters_here {
        published_parameters(manifest).into_keys().collect()
    } else {
        BTreeSet::new()
    };
    let parameters = at.published(&names).await;
    let following = following_templates(manifest, target).into_keys().collect();
    let templates = at.following(&following, family).await;
    let before = room.record.published_in(family, target).await?;
    let wrote = before.as_ref().map(|before| before.wrote.clone()).unwrap_or_default();
    let plan = decide_publication(PublicationFacts {
        target,
        manifest,
        parameters_here,
        pointers: &pointers,
        parameters: &parameters,
        wrote: &wrote,
        templates: &templates,
    });
    close(room, manifest, target, &plan.steps, moment).await?;
    let mut now = Published {
        what: publication_of(*number, &channels),
        parameters: parameters.into_iter().filter_map(said).collect(),
        wrote,
        settled: plan.steps.is_empty() && plan.findings.is_empty(),
        under_way: false,
        findings: plan
            .findings
            .iter()
            .map(|finding| Words::from(finding.to_string()))
            .collect(),
        looked: moment.now,
        tries: 0,
    };
    let mut made_anew = false;
    let failed_before = outcome.problems.len();
    for step in &plan.steps {
        if !moment.deadline.leaves(ONE_STEP) {
            outcome.unfinished = true;
            break;
        }
        let intent = Intent {
            worker: Worker::ApplyDistribution,
            target,
            step: step_of(manifest, step),
            release: step.release(),
            says: step.says(),
        };
        let call = async |begun: Begun| at.publish(step, &step.token(target, begun.attempt)).await;
        match Box::pin(room.record.carry_out(intent, room.switch_at_first, moment.now, call)).await? {
            Carried::Made(()) => {
                made_anew |= match step {
                    PublicationStep::Put { name, ami, .. } => now.wrote.insert(name.to_string(), *ami) != Some(*ami),
                    PublicationStep::MakeVersion { .. }
                    | PublicationStep::SetDefault { .. }
                    | PublicationStep::Trim { .. } => true,
                };
                outcome.steps.push(format!("{step} in {target}"));
            }
            Carried::Failed(problem) | Carried::Waits(problem) => {
                now.findings.push(Words::from(problem.to_string()));
                outcome.problems.push(problem.to_string());
            }
            Carried::ByAnother => {}
            Carried::Paused(why) => {
                outcome.paused = Some(why);
                return Ok(());
            }
        }
    }
    // What was just written is read back before it counts. What is written again and again is not.
    now.under_way = made_anew;
    if !now.settled && !now.under_way {
        now.tries = before.map_or(0, |before| before.tries) + 1;
        if now.tries >= IN_VAIN {
            outcome
                .in_vain
                .extend(outcome.problems.iter().skip(failed_before).cloned());
        }
    }
    outcome.published = Some(now.settled);
    room.record.write_published(family, target, &now).await
}

/// What each channel means in a target.
async fn pointers(
    room: &Room,
    manifest: &Manifest,
    at: &AtTarget,
    channels: &BTreeMap<ChannelName, ChannelHeld>,
) -> Result<Pointers, Problem> {
    let mut pointers = Pointers::new();
    for (channel, held) in channels {
        for (architecture, release) in held.now().iter().flat_map(|moved| &moved.to) {
            let pointer = pointer(room, manifest, at, *release).await?;
            pointers.insert((channel.clone(), *architecture), pointer);
        }
    }
    Ok(pointers)
}

/// What a release is in a target, as those who read it there see it.
async fn pointer(room: &Room, manifest: &Manifest, at: &AtTarget, release: ReleaseId) -> Result<Pointer, Problem> {
    let target = at.target();
    let version = match room.record.card(release).await?.map(|card| card.name) {
        Some(CanonicalName::Build(build)) => build.version().to_string(),
        Some(CanonicalName::Ami { id, .. }) => id.to_string(),
        None => release.to_string(),
    };
    // The hub owns what is shared in each Region.
    let owned = Target::new(room.aws.hub().account(), target.region());
    let stood = room.record.stood_in(&manifest.family, release, owned).await?;
    let not_seen = |ami: AmiId, why: String| PointerImage::NotSeen {
        ami,
        why: Words::from(why),
    };
    let image = match stood.and_then(|stood| Some((stood.ami?, stood.reach))) {
        None => PointerImage::NoneHere,
        Some((ami, Reach::Coming | Reach::Retired)) => {
            not_seen(ami, format!("it is not usable in {owned} by all who are declared"))
        }
        Some((ami, Reach::Usable)) => match at.see_image(ami).await {
            Ok(Some(image)) if image.state == AmiState::Available => PointerImage::Seen(ami),
            Ok(Some(image)) => not_seen(ami, format!("it is {}", image.state)),
            Ok(None) => not_seen(ami, format!("EC2 does not show it to {}", target.account())),
            Err(problem) => not_seen(ami, format!("unverified, as nobody could look: {problem}")),
        },
    };
    Ok(Pointer {
        release,
        version: Words::from(version),
        image,
    })
}

/// Closes what earlier runs began to publish here and nothing asks for any more.
async fn close(
    room: &Room,
    manifest: &Manifest,
    target: Target,
    steps: &[PublicationStep],
    moment: Moment,
) -> Result<(), Problem> {
    let wanted = steps.iter().map(|step| step_of(manifest, step)).collect();
    let open = room.record.open_steps(Worker::ApplyDistribution, target).await?;
    let of_it = of_family(manifest);
    let open = open.iter().filter(|open| open.intent.step.starts_with(&of_it));
    room.record.close_unwanted(open, &wanted, moment.now).await
}

fn of_family(manifest: &Manifest) -> String {
    format!("publish#{}#", manifest.family)
}

fn step_of(manifest: &Manifest, step: &PublicationStep) -> String {
    format!("{}{}", of_family(manifest), step.key())
}

fn said((name, seen): (PublishedName, ParameterSeen)) -> Option<(String, Option<AmiId>)> {
    match seen {
        ParameterSeen::Image { ami, version: _ } => Some((name.to_string(), ami)),
        ParameterSeen::Missing | ParameterSeen::OtherType(_) | ParameterSeen::Unreadable(_) => None,
    }
}

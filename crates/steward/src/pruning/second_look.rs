use std::collections::BTreeSet;

use super::check::check_plan;
use super::decide::decide_pruning;
use super::facts::PruningFacts;
use super::image_now::{ImageNow, OutputNow};
use super::placement::PlacementSeen;
use super::plan::PruningPlan;
use super::refusal::{Awaited, Refusal};
use super::release::ReleaseFacts;
use super::rung::Rung;
use super::step::{Effect, PruningStep};
use super::wishes::Wishes;
use crate::distribution::Grantee;
use crate::evidence::ReferenceSeen;
use crate::{AmiId, BuildState, ReleaseId, Target, Timestamp};

/// What a step is looked at by, right before it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The image that it is of; none where EC2 does not know it, or where it is of none.
    pub image: Option<ImageNow>,
    /// What Image Builder has of its release; none where that was not looked at.
    pub output: Option<OutputNow>,
    /// What is wanted of its release; none where that was not asked, as of a step that anybody can take back.
    pub wishes: Option<Wishes>,
    /// Who may launch the image, and is neither its owner nor declared; none where that was not asked, as of a step that takes no
    /// launches away.
    pub undeclared: Option<BTreeSet<Grantee>>,
    /// What names the image by EC2's own word; none where that was not asked, as of a step that takes no launches away.
    pub named_by: Option<Vec<ReferenceSeen>>,
}

/// Whether a step of a plan may still be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondLook {
    /// It may.
    Make,
    /// It is made already.
    Found,
    /// It has to wait for another, and is sent again.
    Waits(Awaited),
    /// It may not: the world is another by now.
    Refused(Refusal),
}

/// Looks at a step again, by what is known of its family and what AWS says of its very image at this moment, which is taken
/// into the facts.
///
/// All is decided anew, and the step must be among what comes of that. Whatever keeps its release, another wish of the
/// manifest, or a snapshot more behind it: then it is not made, and the others of its plan are.
pub fn look_again(facts: &mut PruningFacts, step: &PruningStep, seen: &Seen, now: Timestamp) -> SecondLook {
    let Seen {
        image,
        output,
        wishes,
        undeclared,
        named_by,
    } = seen;
    match wishes {
        Some(wishes) => facts.see_wishes(step.release, wishes),
        None if step.effect.takes_away() => return SecondLook::Refused(Refusal::WishesUnread),
        None => {}
    }
    if let Some(output) = output {
        facts.see_output(step.release, *output, now);
    }
    match &step.effect {
        Effect::Restore { ami, target, .. }
        | Effect::Deprecate { ami, target }
        | Effect::Disable { ami, target }
        | Effect::Deregister { ami, target, .. } => {
            let image = image.as_ref().filter(|image| image.is_there());
            facts.see_image(*ami, *target, image, now);
            facts.see_references((*ami, *target), named_by.as_deref().unwrap_or_default());
            match look_at_image(facts, step, (*ami, *target), image, now) {
                SecondLook::Make if matches!(step.effect, Effect::Disable { .. }) => {
                    who_would_miss_it(undeclared.as_ref(), named_by.is_some())
                        .map_or(SecondLook::Make, SecondLook::Refused)
                }
                look => look,
            }
        }
        Effect::DeprecateOutput(_) | Effect::DeleteOutput(_) => match output {
            None if has_none(facts, step.release) => SecondLook::Found,
            None => SecondLook::Refused(Refusal::OutputUnread),
            Some(output) => look_at_output(facts, step, *output, now),
        },
    }
}

fn look_at_image(
    facts: &PruningFacts,
    step: &PruningStep,
    (ami, target): (AmiId, Target),
    image: Option<&ImageNow>,
    now: Timestamp,
) -> SecondLook {
    let Some(image) = image else {
        return match step.effect {
            Effect::Deregister { .. } => SecondLook::Found,
            _ => SecondLook::Refused(Refusal::Gone),
        };
    };
    let release = facts.releases.iter().find(|of| of.release == step.release);
    let is_it = |placement: &&PlacementSeen| placement.ami == ami && placement.target == target;
    let Some(placement) = release.and_then(|release| release.placements.iter().find(is_it)) else {
        return SecondLook::Refused(Refusal::Unknown);
    };
    if image.owner == target.account() && is_made(&step.effect, placement) {
        return SecondLook::Found;
    }
    let plan = decide_pruning(facts, now);
    if !has(&plan, step) {
        return SecondLook::Refused(refusal(&plan, step, placement));
    }
    if let Some(violation) = check_plan(facts, &plan, now).into_iter().next() {
        return SecondLook::Refused(Refusal::Violates(violation));
    }
    // Whoever goes last, of this release and in this plan, must not be what a wildcard picks. Workers of several targets are at
    // it at once, and so all of them wait, not the last.
    let is_of_it = |other: &&PruningStep| other.release == step.release;
    let before = plan
        .steps
        .iter()
        .filter(is_of_it)
        .find_map(|other| match &other.effect {
            Effect::DeprecateOutput(arn) => Some(arn.clone()),
            _ => None,
        });
    match (&step.effect, before) {
        (Effect::Deregister { .. }, Some(arn)) => SecondLook::Waits(Awaited::Deprecation(arn)),
        _ => SecondLook::Make,
    }
}

/// Whether somebody may launch an image whom nobody asks whether they do: only those who are declared are. And whether EC2 was
/// asked who names it since they were.
fn who_would_miss_it(undeclared: Option<&BTreeSet<Grantee>>, was_asked: bool) -> Option<Refusal> {
    match undeclared {
        None => Some(Refusal::LaunchersUnread),
        Some(others) if !others.is_empty() => Some(Refusal::Undeclared(others.clone())),
        Some(_) if !was_asked => Some(Refusal::ReferencesUnread),
        Some(_) => None,
    }
}

fn look_at_output(facts: &PruningFacts, step: &PruningStep, output: OutputNow, now: Timestamp) -> SecondLook {
    let is_made = match (&step.effect, output) {
        // One look may be wrong.
        (Effect::DeprecateOutput(arn) | Effect::DeleteOutput(arn), OutputNow::Gone)
            if !has_none(facts, step.release) =>
        {
            return SecondLook::Waits(Awaited::AnotherLook(arn.clone()));
        }
        (_, OutputNow::Gone | OutputNow::There(BuildState::Deleted)) => true,
        (Effect::DeprecateOutput(_), OutputNow::There(state)) => {
            matches!(state, BuildState::Deprecated | BuildState::Disabled)
        }
        (_, OutputNow::There(_)) => false,
    };
    if is_made {
        return SecondLook::Found;
    }
    let plan = decide_pruning(facts, now);
    if !has(&plan, step) {
        return SecondLook::Refused(Refusal::NotWanted);
    }
    if let Some(violation) = check_plan(facts, &plan, now).into_iter().next() {
        return SecondLook::Refused(Refusal::Violates(violation));
    }
    let release = facts.releases.iter().find(|of| of.release == step.release);
    let left = release.map_or(0, |release| ReleaseFacts::built_of_it(release).count());
    match &step.effect {
        Effect::DeleteOutput(_) if left > 0 => SecondLook::Waits(Awaited::Images(left)),
        Effect::DeleteOutput(arn) if output == OutputNow::There(BuildState::Available) => {
            SecondLook::Waits(Awaited::Deprecation(arn.clone()))
        }
        _ => SecondLook::Make,
    }
}

/// Whether Image Builder is known to have nothing of a release: then there is nothing to look at.
fn has_none(facts: &PruningFacts, release: ReleaseId) -> bool {
    let mut releases = facts.releases.iter();
    releases.any(|of| {
        of.release == release
            && of
                .output
                .as_ref()
                .is_none_or(|output| output.state == BuildState::Deleted)
    })
}

/// Whether an image stands where a step would bring it.
fn is_made(effect: &Effect, placement: &PlacementSeen) -> bool {
    let stands = placement.standing.rung();
    match effect {
        Effect::Restore { .. } => stands.is_some() && placement.climbs_from().is_none(),
        Effect::Deprecate { .. } => stands >= Some(Rung::Deprecated),
        Effect::Disable { .. } => stands >= Some(Rung::Disabled),
        Effect::Deregister { .. } | Effect::DeprecateOutput(_) | Effect::DeleteOutput(_) => false,
    }
}

/// Whether a plan has a step. A way up that was gone in part is the same way.
fn has(plan: &PruningPlan, step: &PruningStep) -> bool {
    plan.steps.iter().any(|other| match (&other.effect, &step.effect) {
        (
            Effect::Restore {
                ami: a,
                target: at,
                from: _,
            },
            Effect::Restore {
                ami: b,
                target: to,
                from: _,
            },
        ) => (other.release, a, at) == (step.release, b, to),
        _ => other == step,
    })
}

/// Why a plan does not have a step, by what it says of its image instead.
fn refusal(plan: &PruningPlan, step: &PruningStep, placement: &PlacementSeen) -> Refusal {
    let PlacementSeen { ami, target, .. } = placement;
    if let Effect::Deregister { snapshots, .. } = &step.effect {
        let mut now = placement.snapshots.clone();
        now.sort_unstable();
        if now != *snapshots {
            return Refusal::Snapshots {
                planned: snapshots.clone(),
                now,
            };
        }
    }
    // What was to climb back stays where it is.
    if matches!(step.effect, Effect::Restore { .. }) && placement.unmanaged.is_none() {
        return Refusal::NotWanted;
    }
    let is_it = |of: (AmiId, Target)| of == (*ami, *target);
    if let Some(kept) = plan.kept.iter().find(|kept| is_it((kept.ami, kept.target))) {
        return Refusal::Kept(kept.why.clone());
    }
    if let Some(blocked) = plan.blocked.iter().find(|blocked| is_it((blocked.ami, blocked.target))) {
        return Refusal::Blocked(blocked.by.clone());
    }
    match plan.expendable.iter().find(|going| is_it((going.ami, going.target))) {
        Some(going) => Refusal::NotNow {
            rung: going.rung,
            next: going.next,
        },
        None => Refusal::Unknown,
    }
}

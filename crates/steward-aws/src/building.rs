//! What is to be built now, by what the record and Image Builder say: read in that order, and read no more than is asked.

use std::collections::{BTreeMap, BTreeSet};

use steward::building::{
    BuildPlan, BuildsFacts, Ending, Fate, ForeseenBuilds, IfParent, Inputs, Line, LineFacts, LineState, Look, Named,
    UnderWay, decide_builds, foresee_builds,
};
use steward::manifest::{Manifest, Parent};
use steward::{CanonicalName, Duration, ParentImage, Timestamp, Words};

use crate::builder::{Read, Would};
use crate::{AtTarget, Problem, Record};

/// Image Builder ends no build later, but for one that waits for somebody.
const LONGEST_BUILD: Duration = Duration::hours(24);

/// A plan, and what was kept of each line before it.
#[derive(Clone, Debug)]
pub struct PlannedBuilds {
    /// What is to be done.
    pub plan: BuildPlan,
    /// What was kept of each line, and how often it had been written.
    pub before: BTreeMap<Line, (LineState, u64)>,
    /// What could not be read. The lines that it is of are left out.
    pub problems: Vec<Problem>,
    /// How many lines were not looked at for want of time. Those that nobody looked at for longest come first the next time.
    pub left: usize,
}

/// Plans the builds of all these families, as long as there is time to look at one more. What cannot be read of one holds up no other.
pub async fn plan_builds(
    record: &Record,
    at: &AtTarget,
    manifests: &[(Manifest, u32)],
    has_time: impl Fn() -> bool,
    (at_once, now): (usize, Timestamp),
) -> PlannedBuilds {
    let (mut problems, mut before) = (Vec::new(), BTreeMap::new());
    let rumour = record.rumour().await.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let mut lines = BTreeMap::new();
    for (line, (facts, revision)) in Box::pin(known(record, manifests, &mut problems)).await {
        before.insert(line.clone(), (facts.state.clone(), revision));
        lines.insert(line, LineFacts { rumour, ..facts });
    }
    let mut facts = BuildsFacts { lines, at_once, now };
    let first = decide_builds(&facts);
    let is_to_be_read = |line: &Line| first.lines.get(line).is_some_and(|plan| plan.fate == Fate::ToBeRead);
    let mut order: Vec<(&Line, &mut LineFacts<'_>)> = facts.lines.iter_mut().collect();
    order.sort_by_key(|(_, of_line)| of_line.state.looked.map(|looked| looked.at));
    let (mut read, mut left) = (Read::default(), 0);
    for (line, of_line) in order {
        let is_to_be_read = is_to_be_read(line);
        if !has_time() {
            left += usize::from(is_to_be_read);
            continue;
        }
        if let Err(problem) = Box::pin(look_for(at, of_line, now)).await {
            problems.push(problem);
        }
        if is_to_be_read {
            of_line.look = Some(Box::pin(look(record, at, line, of_line, &mut read)).await);
        }
    }
    PlannedBuilds {
        plan: decide_builds(&facts),
        before,
        problems,
        left,
    }
}

/// Shows what a release would set off, and what could not be read. Nothing is changed by it.
pub async fn foresee(
    record: &Record,
    at: &AtTarget,
    (manifests, parent): (&[(Manifest, u32)], &IfParent),
    at_once: usize,
    now: Timestamp,
) -> (ForeseenBuilds, Vec<Problem>) {
    let mut problems = Vec::new();
    let known = Box::pin(known(record, manifests, &mut problems)).await;
    let lines = known.into_iter().map(|(line, (facts, _))| (line, facts)).collect();
    let mut facts = BuildsFacts { lines, at_once, now };
    let below: BTreeSet<Line> = parent.below(&facts.lines).into_iter().cloned().collect();
    // What their parents mean now is not asked: each is as if it meant another.
    let mut read = parent
        .releases
        .values()
        .next()
        .map_or_else(Read::default, |(_, image)| Read::as_if(image.clone()));
    for (line, of_line) in facts.lines.iter_mut().filter(|(line, _)| below.contains(line)) {
        if let Err(problem) = Box::pin(look_for(at, of_line, now)).await {
            problems.push(problem);
        }
        of_line.parent_points = None;
        of_line.look = Some(Box::pin(look(record, at, line, of_line, &mut read)).await);
    }
    (foresee_builds(&facts, parent, manifests, at.target()), problems)
}

/// What is known of each line, and how often what is kept of it was written.
async fn known<'m>(
    record: &Record,
    manifests: &'m [(Manifest, u32)],
    problems: &mut Vec<Problem>,
) -> BTreeMap<Line, (LineFacts<'m>, u64)> {
    let mut lines = BTreeMap::new();
    for (manifest, number) in manifests.iter().filter(|(manifest, _)| is_built_here(manifest)) {
        match Box::pin(record.lines_of((manifest, *number))).await {
            Ok(of_family) => lines.extend(of_family),
            Err(problem) => problems.push(problem),
        }
    }
    lines
}

/// Looks whether Image Builder still has the builds that have gone on for too long, as the record has it: of what was deleted nobody tells.
async fn look_for(at: &AtTarget, of_line: &mut LineFacts<'_>, now: Timestamp) -> Result<(), Problem> {
    let is_long = |begun: Timestamp| begun.saturating_add(LONGEST_BUILD) <= now;
    let attempt = of_line.state.attempt.as_ref().filter(|attempt| attempt.goes_on());
    let ours = attempt
        .filter(|attempt| is_long(attempt.begun))
        .and_then(|attempt| attempt.build.as_ref());
    if let Some(build) = ours.filter(|_| of_line.ended.is_none())
        && at.build(build).await?.is_none()
    {
        of_line.ended = Some(Ending::Passing(Words::from("Image Builder has it no more")));
    }
    let mut gone = Vec::new();
    for UnderWay { build, created } in &of_line.under_way {
        if created.is_none_or(is_long) && at.build(build).await?.is_none() {
            gone.push(build.clone());
        }
    }
    of_line.under_way.retain(|under_way| !gone.contains(&under_way.build));
    Ok(())
}

/// Whether a family has pipelines that make images.
fn is_built_here(manifest: &Manifest) -> bool {
    manifest.build.is_some() && manifest.makes_images()
}

/// What a line would build. What could not be read is an answer too: it is told once it lasts.
async fn look(record: &Record, at: &AtTarget, line: &Line, facts: &LineFacts<'_>, read: &mut Read) -> Look {
    let would = match at.would_build(line, facts.parent, read).await {
        Ok(would) => would,
        Err(problem) => return Look::Unreadable(Words::from(problem.to_string())),
    };
    let (parent, recipe, components) = match would {
        Would::Not(look) => return look,
        Would::Build {
            parent,
            recipe,
            components,
        } => (parent, recipe, components),
    };
    match named(record, at, &parent).await {
        Ok(parent_is) => match stranger(facts.parent, &parent_is, facts) {
            Some(why) => Look::Unreadable(why),
            None => Look::Would(Inputs {
                parent,
                parent_is,
                recipe,
                components,
            }),
        },
        Err(problem) => Look::Unreadable(Words::from(problem.to_string())),
    }
}

/// The release that a parent is an image of.
async fn named(record: &Record, at: &AtTarget, parent: &ParentImage) -> Result<Named, Problem> {
    match parent {
        ParentImage::Build(build) => record.named(&CanonicalName::from(build.clone())).await,
        ParentImage::Ami(ami) => {
            let region = at.target().region();
            if let Some(release) = record.release_of(*ami, region).await?
                && let Some(named) = record.called(release).await?
            {
                return Ok(named);
            }
            record.named(&CanonicalName::Ami { region, id: *ami }).await
        }
    }
}

/// Why a child waits: its parent's parameter does not name yet what the channel points to.
fn stranger(parent: Option<&Parent>, is: &Named, facts: &LineFacts<'_>) -> Option<Words> {
    let Some(Parent::Family(of)) = parent else { return None };
    let points = facts.parent_points?;
    (points != is.release).then(|| {
        Words::from(format!(
            "the parameter of {} of {} still names {}",
            of.channel, of.family, is.says
        ))
    })
}

//! The decision says what the reference says, whatever the facts are. 2,500 families; more by IMAGE_STEWARD_PRUNING.

use std::collections::BTreeSet;
use std::fmt::Debug;

use super::super::*;
use super::coverage::Coverage;
use super::random::family_of;
use super::reference::{Expected, Fate, expected, is_orphan, outputs};
use super::stage::World;
use crate::testing::how_many;
use crate::{AmiId, ReleaseId, Timestamp};

#[test]
fn the_decision_equals_a_naive_reference_and_every_kind_of_case_is_among_the_families() {
    let cases = how_many("IMAGE_STEWARD_PRUNING", 2_500);
    let mut coverage = Coverage::default();
    for seed in 0..cases {
        let world = family_of(seed);
        let plan = world.plan();
        let expected = expected(&world);
        let wrong = differences(&world, &plan, &expected);
        assert!(wrong.is_empty(), "family {seed}: {wrong:#?}");
        coverage.see(&world, &plan, &expected);
    }
    // Of more families not more is asked: the rarest kinds are one in a thousand.
    coverage.assert_each_at_least((cases / 500).min(5));
}

/// What a plan says otherwise than it should.
fn differences(world: &World, plan: &PruningPlan, expected: &Expected) -> Vec<String> {
    let mut wrong = fates(plan, expected);
    differ(&mut wrong, "newly", &set(&plan.newly), &expected.newly);
    differ(&mut wrong, "cleared", &set(&plan.cleared), &expected.cleared);
    differ(
        &mut wrong,
        "to announce",
        &set(&plan.to_announce),
        &expected.to_announce,
    );
    differ(
        &mut wrong,
        "orphans to announce",
        &plan.orphans_to_announce.iter().cloned().collect(),
        &expected.orphans_to_announce,
    );
    wrong.extend(orphans(plan, expected));
    differ(&mut wrong, "over share", &plan.over_share, &expected.over_share);
    differ(&mut wrong, "family", &plan.family, &world.facts.family);
    let waived = plan
        .waived
        .iter()
        .map(|(target, waiver)| (*target, waiver.until))
        .collect();
    differ(&mut wrong, "waived", &waived, &expected.waived);
    // Of one source one doubt is told.
    let told: BTreeSet<_> = plan.troubles.iter().map(|it| (it.target, &it.source)).collect();
    let all: BTreeSet<_> = expected.troubles.iter().map(|it| (it.target, &it.source)).collect();
    differ(&mut wrong, "troubles", &told, &all);
    differ(
        &mut wrong,
        "troubles told twice",
        &(plan.troubles.len() - told.len()),
        &0,
    );
    for trouble in &plan.troubles {
        differ(&mut wrong, "trouble", &expected.troubles.get(trouble), &Some(trouble));
    }

    let up: BTreeSet<&PruningStep> = plan.steps.iter().filter(|step| goes_up(step)).collect();
    let should = expected.up.iter().collect();
    differ(&mut wrong, "up", &up, &should);
    wrong.extend(downwards(world, plan, expected));
    wrong
}

fn fates(plan: &PruningPlan, expected: &Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut listed = Vec::new();
    for going in &plan.expendable {
        let Expendable {
            ami,
            target,
            release,
            rung,
            next,
            snapshots,
            gib,
            since,
            refused,
            reason,
        } = going.clone();
        listed.push((ami, target, release));
        let Spent { rank, built, launched } = reason;
        let fate = Fate::Goes {
            rung,
            next,
            snapshots,
            gib,
            since,
            refused,
            rank,
            built,
            launched,
        };
        differ(&mut wrong, "going", &Some(&fate), &expected.fates.get(&ami));
    }
    for Kept {
        ami,
        target,
        release,
        why,
    } in &plan.kept
    {
        listed.push((*ami, *target, *release));
        // Of several images that are kept by the same rule any is told.
        let is_so = |fate: &Fate| matches!(fate, Fate::Stays(all) if all[0].rule() == why.rule() && all.contains(why));
        if !expected.fates.get(ami).is_some_and(is_so) {
            wrong.push(format!("{ami} is kept by {why:?}, not {:?}", expected.fates.get(ami)));
        }
    }
    for Blocked {
        ami,
        target,
        release,
        by,
    } in &plan.blocked
    {
        listed.push((*ami, *target, *release));
        let is_so = |fate: &Fate| matches!(fate, Fate::Waits(all) if all.contains(by));
        if !expected.fates.get(ami).is_some_and(is_so) {
            wrong.push(format!("{ami} is blocked by {by:?}, not {:?}", expected.fates.get(ami)));
        }
    }
    listed.sort_unstable();
    differ(&mut wrong, "listed", &listed, &expected.listed);
    wrong
}

fn orphans(plan: &PruningPlan, expected: &Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    let listed: Vec<_> = plan.orphans.iter().map(|orphan| &orphan.output).collect();
    let mut should: Vec<_> = expected.orphans.keys().collect();
    should.sort();
    let mut sorted = listed.clone();
    sorted.sort();
    differ(&mut wrong, "orphans", &sorted, &should);
    for Orphan {
        output,
        release: _,
        fate,
    } in &plan.orphans
    {
        let may_be = expected.orphans.get(output);
        // Of several reasons the first kind is told.
        let is_so = |all: &Vec<OrphanFate>| match (fate, &all[0]) {
            (OrphanFate::Kept(why), OrphanFate::Kept(first)) => why.rule() == first.rule() && all.contains(fate),
            _ => all.contains(fate),
        };
        if !may_be.is_some_and(is_so) {
            wrong.push(format!("{output}: {fate:?}, not {may_be:?}"));
        }
    }
    wrong
}

/// What goes down, in which order, and what becomes of Image Builder's images with it.
fn downwards(world: &World, plan: &PruningPlan, expected: &Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    let all: BTreeSet<&PruningStep> = plan.steps.iter().collect();
    differ(&mut wrong, "steps told twice", &(plan.steps.len() - all.len()), &0);
    let going = plan.steps.iter().filter_map(|step| match step.effect {
        Effect::Deregister { ami, .. } => Some(ami),
        _ => None,
    });
    let going: BTreeSet<AmiId> = going.collect();
    let orphans = world.facts.releases.iter().filter(|release| is_orphan(release));
    let orphans: BTreeSet<ReleaseId> = orphans.map(|release| release.release).collect();
    // What Image Builder has of them counts as an image does.
    let is_counted = |step: &&PruningStep| match step.effect {
        Effect::DeleteOutput(_) => orphans.contains(&step.release),
        _ => !goes_up(step) && !is_of_build(step),
    };
    let taken: Vec<&PruningStep> = plan.steps.iter().filter(is_counted).collect();
    let left = taken.iter().filter(|step| is_of_build(step));
    let of_builds: BTreeSet<PruningStep> = plan.steps.iter().filter(|step| is_of_build(step)).cloned().collect();
    let should = outputs(world, &going, &left.map(|step| step.release).collect());
    differ(&mut wrong, "of builds", &of_builds, &should);

    let turn = |step: &PruningStep| {
        let mut due = expected.down.iter();
        due.find(|(_, _, due)| due == step)
            .map(|(late, built, _)| (*late, *built))
    };
    let turns: Vec<Option<(bool, Option<Timestamp>)>> = taken.iter().map(|step| turn(step)).collect();
    if turns.contains(&None) || !turns.is_sorted() {
        wrong.push(format!("{taken:?} is not of {:?}, the oldest first", expected.down));
    }
    let most = world
        .facts
        .retain
        .as_ref()
        .map_or(0, |retain| retain.limits.per_run.get());
    let so_many = expected.down.len().min(usize::try_from(most).unwrap());
    differ(&mut wrong, "how many", &taken.len(), &so_many);
    let left = expected.down.iter().filter(|(_, _, due)| !taken.contains(&due));
    let left = left.map(|(late, built, _)| Some((*late, *built)));
    if left
        .min()
        .is_some_and(|left| turns.last().is_some_and(|last| left < *last))
    {
        wrong.push(format!("{taken:?} are not the first of {:?}", expected.down));
    }

    // Image Builder's image is deprecated before its release's images go, and deleted after.
    for (at, step) in plan.steps.iter().enumerate() {
        let of_its_release = |other: &&PruningStep| other.release == step.release && !is_of_build(other);
        let misplaced = match step.effect {
            Effect::DeprecateOutput(_) => plan.steps[..at].iter().find(of_its_release),
            Effect::DeleteOutput(_) => plan.steps[at..].iter().find(of_its_release),
            _ => None,
        };
        differ(&mut wrong, "misplaced", &misplaced, &None);
    }
    wrong
}

fn goes_up(step: &PruningStep) -> bool {
    matches!(step.effect, Effect::Restore { .. })
}

fn is_of_build(step: &PruningStep) -> bool {
    matches!(step.effect, Effect::DeprecateOutput(_) | Effect::DeleteOutput(_))
}

fn set<T: Ord + Copy>(list: &[T]) -> BTreeSet<T> {
    list.iter().copied().collect()
}

fn differ<T: PartialEq + Debug>(wrong: &mut Vec<String>, what: &str, is: &T, should: &T) {
    if is != should {
        wrong.push(format!("{what}: {is:?}, not {should:?}"));
    }
}

//! What goes to the workers.

use super::super::*;
use super::stage::*;
use crate::BuildState;

/// SQS takes no more of one message.
const SQS: usize = 262_144;

fn output(state: BuildState) -> BuildOutput {
    BuildOutput {
        state,
        ..super::stage::output(1)
    }
}

fn sent(plans: &[PruningPlan]) -> Vec<String> {
    let of = |family: &FamilyPruning| format!("{} {}", family.family, family.steps.len());
    let messages = pruning_work("run", at(HOME), plans).into_iter();
    let said = |work: PruningWork| {
        let families: Vec<String> = work.families.iter().map(of).collect();
        format!("{}: {}", work.target, families.join(", "))
    };
    messages.map(said).collect()
}

fn named(name: &str, plan: &PruningPlan) -> PruningPlan {
    PruningPlan {
        family: name.parse().unwrap(),
        ..plan.clone()
    }
}

/// What families take of a message: what names each, and its steps with what lies between them.
fn taken(families: &[FamilyPruning]) -> usize {
    let step = |step: &PruningStep| serde_json::to_string(step).unwrap().len() + 1;
    let of = |of: &FamilyPruning| {
        let named = 64 + of.family.as_str().len() + of.digest.len();
        named + of.steps.iter().map(step).sum::<usize>()
    };
    families.iter().map(of).sum()
}

/// So many images to deregister in one target.
fn long(steps: u32) -> PruningPlan {
    let mut plan = family().plan();
    plan.steps = (1..=steps)
        .map(|n| PruningStep {
            release: id(n),
            effect: Effect::Deregister {
                ami: ami(n, 0),
                target: at(AWAY),
                snapshots: vec![format!("snap-{n:017}").parse().unwrap()],
            },
        })
        .collect();
    plan
}

#[test]
fn each_target_gets_its_own_steps_in_their_order_and_the_hub_those_on_what_image_builder_has() {
    let world = family()
        .has_each_day(1..=3)
        .copied(1, MEMBER)
        .on(1, Rung::Disabled, 14, 0)
        .with(1, |release| {
            release.output = Some(Box::new(output(BuildState::Available)));
            for image in &mut release.placements {
                image.announced = Some(day(98));
            }
        });
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 4);
    let work = pruning_work("run", at(HOME), std::slice::from_ref(&plan));
    let effects = |work: &PruningWork| -> Vec<Effect> {
        let steps = work.families.iter().flat_map(|family| &family.steps);
        steps.map(|step| step.effect.clone()).collect()
    };
    let [here, there] = &work[..] else { panic!("{work:?}") };
    assert_eq!((here.target, there.target), (at(HOME), at(MEMBER)));
    let arn = output(BuildState::Available).arn;
    assert_eq!(
        effects(here),
        [
            Effect::DeprecateOutput(arn.clone()),
            plan.steps[1].effect.clone(),
            Effect::DeleteOutput(arn)
        ]
    );
    assert_eq!(effects(there), [plan.steps[2].effect.clone()]);
    assert_eq!(here.families[0].digest, plan.digest());
}

#[test]
fn what_image_builder_has_goes_to_the_hub_although_no_image_of_it_is_there() {
    let world = family()
        .has_each_day(1..=3)
        .with(1, |release| {
            release.placements[0].target = at(AWAY);
            release.output = Some(Box::new(output(BuildState::Available)));
            release.placements[0].announced = Some(day(98));
        })
        .on(1, Rung::Disabled, 14, 0);
    assert_eq!(
        sent(&[world.plan()]),
        [format!("{HOME}: web 2"), format!("{AWAY}: web 1")]
    );
}

#[test]
fn families_share_a_target_and_the_one_with_the_fewest_steps_goes_first() {
    let (few, many) = (named("db", &long(2)), named("app", &long(5)));
    assert_eq!(sent(&[many, few]), [format!("{AWAY}: db 2, app 5")]);
    assert_eq!(sent(&[family().plan()]), [""; 0]);
}

#[test]
fn a_message_never_takes_more_than_sqs_does_and_its_first_steps_are_what_it_takes() {
    let plan = long(10_000);
    let work = pruning_work("run", at(HOME), &[plan.clone(), named("db", &long(3))]);
    let [work] = &work[..] else { panic!("{work:?}") };
    let length = serde_json::to_string(work).unwrap().len();
    assert!(length < SQS && length > SQS - 30_000, "{length}");
    let [db, web] = &work.families[..] else {
        panic!("{:?}", work.families)
    };
    assert_eq!(db.steps.len(), 3);
    assert_eq!(web.steps[..], plan.steps[..web.steps.len()]);
    // The next one has no room.
    let mut more = work.families.clone();
    assert!(taken(&more) <= 240_000);
    more[1].steps.push(plan.steps[web.steps.len()].clone());
    assert!(taken(&more) > 240_000);
}

#[test]
fn however_many_families_have_steps_a_message_stays_within_what_sqs_takes() {
    let plans: Vec<PruningPlan> = (0..1_500).map(|n| named(&format!("f{n}"), &long(1))).collect();
    let work = pruning_work("run", at(HOME), &plans);
    assert!(serde_json::to_string(&work[0]).unwrap().len() < SQS);
    assert!(work[0].families.iter().all(|family| family.steps.len() == 1));
    let mut more = work[0].families.clone();
    assert!(more.len() < 1_500 && taken(&more) <= 240_000);
    more.extend(more.last().cloned());
    assert!(taken(&more) > 240_000);
}

#[test]
fn work_reads_back_as_it_was_sent_and_nothing_else_is_taken_for_it() {
    let work = pruning_work("run", at(HOME), &[long(2)]);
    let text = serde_json::to_string(&work[0]).unwrap();
    assert!(!text.contains("part"), "{text}");
    assert_eq!(serde_json::from_str::<PruningWork>(&text).unwrap(), work[0]);
    let other = text.replacen("\"run\"", "\"hurry\":true,\"run\"", 1);
    serde_json::from_str::<PruningWork>(&other).unwrap_err();
}

#[test]
fn each_message_of_a_run_is_told_from_the_one_before_although_as_much_is_left() {
    let first = pruning_work("run", at(HOME), &[long(2)]).remove(0);
    let next = PruningWork {
        part: first.part + 1,
        ..first.clone()
    };
    let third = PruningWork {
        part: next.part + 1,
        ..next.clone()
    };
    let once: std::collections::BTreeSet<String> = [&first, &next, &third].map(PruningWork::once).into();
    assert_eq!(once.len(), 3);
    // Whether or not anything else is to be done there: a message of the same run to the same target is one.
    let for_left = PruningWork {
        families: Vec::new(),
        ..first.clone()
    };
    assert_eq!(for_left.once(), first.once());
    let text = serde_json::to_string(&next).unwrap();
    assert_eq!(serde_json::from_str::<PruningWork>(&text).unwrap(), next);
}

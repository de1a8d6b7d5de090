//! The decision says what the reference says, whatever becomes of families: 40 lives of thirty looks; more by
//! IMAGE_STEWARD_BUILDING_APART.

use super::coverage::Coverage;
use super::random::Life;
use super::reference::{Expected, expected};
use crate::building::{BuildPlan, BuildsFacts};
use crate::testing::how_many;

const LOOKS: u32 = 30;

#[test]
fn the_decision_equals_a_naive_reference_and_every_kind_of_case_is_among_the_lives() {
    let lives = how_many("IMAGE_STEWARD_BUILDING_APART", 40);
    let mut coverage = Coverage::default();
    for seed in 0..lives {
        let mut life = Life::new(seed);
        for look in 0..LOOKS {
            life.step(&mut |facts, plan| compare(&format!("life {seed}, look {look}"), facts, plan, &mut coverage));
        }
    }
    coverage.report(lives);
    // Of more lives not more is asked: the rarest kinds are in one of twenty.
    coverage.assert_each_at_least((lives / 20).min(5));
}

fn compare(which: &str, facts: &BuildsFacts<'_>, plan: &BuildPlan, coverage: &mut Coverage) {
    let expected = expected(facts);
    assert!(plan.lines.keys().eq(facts.lines.keys()), "{which}: {plan:#?}");
    for (line, plan) in &plan.lines {
        let (of, decided, expected) = (&facts.lines[line], Expected::decided(plan), &expected[line]);
        assert!(
            decided == *expected,
            "{which}, {}: of {line} it is decided\n{decided:#?}\nand not\n{expected:#?}\nby\n{of:#?}",
            facts.now
        );
        coverage.see(facts, of, plan, expected);
    }
}

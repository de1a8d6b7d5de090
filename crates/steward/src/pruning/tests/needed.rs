//! Whose evidence is needed, and who may use a family's images.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::stage::{AWAY, HOME, MEMBER, at, day};
use crate::evidence::{Asked, FamilyReach, Reaching, decide_reach, evidence_targets};
use crate::manifest::{Manifest, ManifestFile};
use crate::organization::Gone;

const MEMBER_AWAY: &str = "222233334444/us-east-1";

/// A family, where its images are, and who was asked.
struct Family {
    manifest: Manifest,
    reach: FamilyReach,
    placed: Vec<&'static str>,
    asked: BTreeMap<crate::Target, Asked>,
    gone: Gone,
    /// Whether it is known who its audience is.
    known: bool,
}

impl Family {
    /// One whose images are in the hub's first Region, and who is asked about them there.
    fn of(distribute: &str) -> Self {
        let text = format!(
            "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\ndistribute: {distribute}\n"
        );
        let read = ManifestFile::read("web.yaml", text.as_bytes());
        let manifest = read.file.expect("a good manifest").manifest().clone();
        let nobody = BTreeSet::new();
        let reach = decide_reach(&FamilyReach::default(), &manifest, None, (&nobody, &nobody), day(100));
        Self {
            manifest,
            reach,
            placed: vec![HOME],
            asked: BTreeMap::new(),
            gone: Gone::default(),
            known: true,
        }
        .asked(HOME, false)
    }

    fn placed(mut self, targets: &[&'static str]) -> Self {
        self.placed.extend(targets);
        self
    }

    /// One that let us look, and whether an image of ours is in use there.
    fn asked(mut self, target: &str, uses: bool) -> Self {
        let asked = Asked {
            gathered: None,
            next: None,
            read: Some(day(99)),
            uses,
        };
        self.asked.insert(at(target), asked);
        self
    }

    /// One that was tried, and never let anybody look.
    fn tried(mut self, target: &str) -> Self {
        let asked = Asked {
            gathered: None,
            next: None,
            read: None,
            uses: true,
        };
        self.asked.insert(at(target), asked);
        self
    }

    fn needed(&self) -> (Vec<String>, Shared) {
        let reaching = Reaching {
            manifest: Some(&self.manifest),
            reach: &self.reach,
            known: self.known,
        };
        let placed: BTreeSet<crate::Target> = self.placed.iter().map(|target| at(target)).collect();
        let reached = evidence_targets(&placed, &[reaching], at(HOME), &self.gone);
        let Needed { targets, shared } = needed_evidence(&reaching, &reached, (&placed, &self.asked));
        (targets.iter().map(ToString::to_string).collect(), shared)
    }

    fn needs(&self, targets: &[&str], shared: Shared) {
        let targets = targets.iter().map(|target| String::from(*target)).collect();
        assert_eq!(self.needed(), (targets, shared));
    }
}

#[test]
fn a_region_in_which_nothing_is_blocks_nobody() {
    let family = Family::of("{ regions: { eu-west-1: {}, us-east-1: {} } }");
    family.needs(&[HOME], Shared::WithNobody);
    // Not enabled, or not to be read: no image is there that anybody could use.
    let family = family.tried(AWAY);
    family.needs(&[HOME], Shared::WithNobody);
    // Read, and nothing in use.
    let family = family.asked(AWAY, false);
    family.needs(&[HOME], Shared::WithNobody);
    // A parameter there names an image of another Region.
    family.asked(AWAY, true).needs(&[HOME, AWAY], Shared::WithNobody);
}

#[test]
fn whoever_owns_an_image_must_let_us_look() {
    let family = Family::of("{ regions: { us-east-1: {} }, copy_to: [\"222233334444\"] }");
    let family = family.placed(&[AWAY, MEMBER_AWAY]).tried(MEMBER);
    let (targets, _) = family.needed();
    assert_eq!(targets, [HOME, AWAY, MEMBER_AWAY]);
    let (targets, _) = family.tried(MEMBER_AWAY).needed();
    assert_eq!(targets, [HOME, AWAY, MEMBER_AWAY]);
}

#[test]
fn who_is_to_own_a_copy_may_use_the_hubs_that_it_is_made_from() {
    let family = Family::of("{ regions: { eu-west-1: {} }, copy_to: [\"222233334444\"] }");
    // It was never asked: nobody knows, but by usage reports.
    family.needs(&[HOME], Shared::WithoutRoles);
    let family = family.tried(MEMBER);
    family.needs(&[HOME], Shared::WithoutRoles);
    let family = family.asked(MEMBER, false);
    family.needs(&[HOME, MEMBER], Shared::WithNobody);
    // Where the hub has none either, there is none.
    let wide = "{ regions: { eu-west-1: {}, us-east-1: {} }, copy_to: [\"222233334444\"] }";
    let family = Family::of(wide).asked(MEMBER, false).tried(MEMBER_AWAY);
    family.needs(&[HOME, MEMBER], Shared::WithNobody);
    let family = family.asked(MEMBER_AWAY, false);
    family.needs(&[HOME, MEMBER], Shared::WithNobody);
    let family = family.asked(MEMBER_AWAY, true);
    family.needs(&[HOME, MEMBER, MEMBER_AWAY], Shared::WithNobody);
}

#[test]
fn who_owns_copies_and_may_use_others_keeps_the_days_of_who_may_use_them() {
    let both =
        "{ regions: { eu-west-1: {} }, copy_to: [\"222233334444\"], share_with: { accounts: [\"222233334444\"] } }";
    let family = Family::of(both).placed(&[MEMBER]).asked(MEMBER, false);
    family.needs(&[HOME, MEMBER], Shared::WithRoles);
    let only = "{ regions: { eu-west-1: {} }, copy_to: [\"222233334444\"] }";
    let family = Family::of(only).placed(&[MEMBER]).asked(MEMBER, false);
    family.needs(&[HOME, MEMBER], Shared::WithNobody);
    // It was among those who might until lately, and owns one.
    let mut left = Family::of("{ regions: { eu-west-1: {} } }")
        .placed(&[MEMBER])
        .asked(MEMBER, false);
    left.reach.left.insert("222233334444".parse().unwrap(), day(150));
    left.needs(&[HOME, MEMBER], Shared::WithRoles);
    left.gone.closed.insert("222233334444".parse().unwrap());
    left.placed.pop();
    left.needs(&[HOME], Shared::WithNobody);
}

#[test]
fn a_unit_that_holds_only_owners_of_copies_is_an_audience_all_the_same() {
    let units = "{ regions: { eu-west-1: {} }, copy_to: [\"222233334444\"], share_with: { units: \
                 [\"arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111\"] } }";
    let family = Family::of(units).placed(&[MEMBER]).asked(MEMBER, false);
    family.needs(&[HOME, MEMBER], Shared::WithRoles);
}

#[test]
fn an_audience_that_never_let_anybody_look_is_told_of_by_reports_and_one_that_did_is_needed() {
    let family = Family::of("{ regions: { eu-west-1: {} }, share_with: { accounts: [\"222233334444\"] } }");
    family.needs(&[HOME], Shared::WithoutRoles);
    let family = family.asked(MEMBER, false);
    family.needs(&[HOME, MEMBER], Shared::WithRoles);
}

#[test]
fn what_everybody_may_use_or_nobody_knows_who_is_told_of_by_reports() {
    let family = Family::of("{ regions: { eu-west-1: {} }, share_with: { public: true, everybody_may_use: web } }");
    family.needs(&[HOME], Shared::WithoutRoles);
    let mut family = Family::of("{ regions: { eu-west-1: {} } }");
    family.needs(&[HOME], Shared::WithNobody);
    family.known = false;
    family.needs(&[HOME], Shared::WithoutRoles);
}

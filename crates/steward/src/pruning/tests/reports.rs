//! What people and programs are told of a run. `IMAGE_STEWARD_BLESS=1` writes the samples in `report/`; read the difference.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::*;
use super::stage::*;
use crate::testing::assert_blessed;
use crate::{ReleaseId, Target, Timestamp, Words};

fn names(world: &World) -> BTreeMap<ReleaseId, Words> {
    let releases = world.facts.releases.iter();
    releases
        .map(|release| (release.release, release.name.clone()))
        .collect()
}

/// A plan, and what its releases are called.
pub(super) struct Planned {
    plan: PruningPlan,
    names: BTreeMap<ReleaseId, Words>,
    still_there: Vec<StillThere>,
    leftovers: Leftovers,
    bins: Vec<BinAhead>,
    at: Timestamp,
}

impl Planned {
    pub(super) fn of(world: &World) -> Self {
        Self {
            plan: world.plan(),
            names: names(world),
            still_there: Vec::new(),
            leftovers: Leftovers::default(),
            bins: Vec::new(),
            at: world.now,
        }
    }

    /// The same where this is known of the Recycle Bins.
    pub(super) fn with_bins(self, rules: &BTreeMap<Target, BinRules>, world: &World) -> Self {
        Self {
            bins: bins_ahead(&world.facts, &self.plan, rules),
            ..self
        }
    }

    /// The same where this is left.
    pub(super) fn with_leftovers(self, leftovers: Leftovers) -> Self {
        Self { leftovers, ..self }
    }

    pub(super) fn report<'a>(&'a self, before: Option<&'a RunSummary>) -> PruningReport<'a> {
        PruningReport {
            plan: &self.plan,
            at: self.at,
            mode: RunMode::Acts,
            names: &self.names,
            still_there: &self.still_there,
            leftovers: &self.leftovers,
            bins: &self.bins,
            before,
            told: None,
        }
    }
}

/// Whether people are told of a run who were told this last.
pub(super) fn is_news(world: &World, told: Option<&LastTold>) -> bool {
    let planned = Planned::of(world);
    let report = PruningReport {
        told: told.map(|told| since(world, told)),
        ..planned.report(None)
    };
    report.is_news()
}

/// What people know who were told of a run.
pub(super) fn told_of(world: &World) -> LastTold {
    Planned::of(world).report(None).to_tell()
}

pub(super) fn since<'a>(world: &World, told: &'a LastTold) -> SinceTold<'a> {
    SinceTold {
        told,
        brought: world.facts.brought_since(told.at),
    }
}

pub(super) fn summary(world: &World) -> RunSummary {
    Planned::of(world).report(None).summary()
}

/// All looks of a run, next to one another.
pub(super) fn assert_looks(world: &World, before: Option<&RunSummary>, name: &str) {
    assert_looks_of(&Planned::of(world), before, name);
}

pub(super) fn assert_looks_of(planned: &Planned, before: Option<&RunSummary>, name: &str) {
    let report = planned.report(before);
    let at = |end: &str| format!("src/pruning/tests/report/{name}.{end}");
    assert_blessed([report.page().trim_end()], &at("md"));
    assert_blessed([report.text()], &at("txt"));
    let document: Value = serde_json::from_str(&report.json()).unwrap();
    assert_blessed([serde_json::to_string_pretty(&document).unwrap()], &at("json"));
}

/// The message of a run in all of its looks, and programs' in a place of its own.
pub(super) fn assert_told(world: &World, name: &str, programs: &str) {
    assert_told_of(&Planned::of(world), name, programs);
}

pub(super) fn assert_told_of(planned: &Planned, name: &str, programs: &str) {
    assert_told_by(&planned.report(None), name, programs);
}

/// The same where people were told this last.
pub(super) fn assert_told_since(world: &World, told: &LastTold, name: &str) {
    let planned = Planned::of(world);
    let report = PruningReport {
        told: Some(since(world, told)),
        ..planned.report(None)
    };
    let programs = format!("src/pruning/tests/report/{name}.message.json");
    assert_told_by(&report, name, &programs);
}

fn assert_told_by(report: &PruningReport<'_>, name: &str, programs: &str) {
    let told = report
        .message()
        .lying_at(format!("s3://image-steward-reports/{}", report.document_key()));
    let at = |end: &str| format!("src/pruning/tests/report/{name}.{end}");
    let pretty = |json: String| serde_json::to_string_pretty(&serde_json::from_str::<Value>(&json).unwrap()).unwrap();
    assert_blessed([told.subject(), String::new(), told.text()], &at("mail.txt"));
    assert_blessed([pretty(told.chat())], &at("chat.json"));
    assert_blessed([pretty(told.json())], programs);
    let texts: Value = serde_json::from_str(&told.texts()).unwrap();
    assert_eq!(texts["default"], told.json());
    assert_eq!(
        (&texts["email"], &texts["https"]),
        (&told.text().into(), &told.chat().into())
    );
}

/// A family of twelve images, of which one is on each rung, and something is in most ways.
fn twelve() -> World {
    family()
        .has_each_day(1..=10)
        .copied(9, AWAY)
        .copied(10, MEMBER)
        .on(1, Rung::Disabled, 84, 70)
        .image(1, |image| image.announced = Some(day(99)))
        .with(1, |release| release.output = Some(Box::new(output(1))))
        .on(2, Rung::Disabled, 85, 70)
        .on(3, Rung::Disabled, 84, 70)
        .on(4, Rung::Deprecated, 90, 90)
        .image(4, |image| image.gib = 120)
        .on(5, Rung::Deprecated, 90, 80)
        .with(5, on_stable)
        .image(6, |image| image.launched = LastLaunch::At(day(97)))
        .with(7, |release| release.holds.push(hold(day(130))))
        .image(8, |image| {
            image.refused = Some(Refused { at: day(99), times: 3 });
        })
}

#[test]
fn a_family_without_images_has_a_page_all_the_same() {
    assert_looks(&family(), None, "none");
    assert!(!is_news(&family(), None));
}

#[test]
fn a_family_of_one_image_is_told_in_one_sentence() {
    assert_looks(&family().has(1, 1), None, "one");
}

#[test]
fn a_family_of_twelve_is_told_with_what_goes_next_what_is_blocked_and_what_stays() {
    let before = summary(&twelve().at(day(99)));
    assert_looks(&twelve(), Some(&before), "twelve");
    assert_told(&twelve(), "message", "src/pruning/tests/report/message.message.json");
}

#[test]
fn a_family_that_is_blocked_says_by_what_and_what_to_do() {
    let mut world = twelve();
    world.facts.evidence[0].sources[0].last.as_mut().unwrap().said =
        crate::evidence::Said::Implausible { count: 3, usual: 40 };
    world.facts.evidence[1].sources[1].last = None;
    world.facts.evidence[2].waiver = Some(Waiver {
        until: day(120),
        who: "ann".to_owned(),
        why: "the account is being closed | <b>\nnow".into(),
    });
    let before = summary(&twelve());
    assert_looks(&world, Some(&before), "blocked");
    assert_told(&world, "trouble", "../../docs/messages/pruning.json");
}

#[test]
fn more_than_share_lets_waits_for_a_person_and_says_how_to_let_it_through() {
    let mut world = twelve();
    world.facts.retain = Some(retain(
        &RETAIN
            .replace("share: 100%", "share: 5%")
            .replace("unused_for: 14d, ", ""),
    ));
    let world = world.image(6, |image| image.launched = LastLaunch::Never);
    let accept = format!(
        "steward prune --family web --accept {}",
        world.plan().acceptance().unwrap()
    );
    let planned = Planned::of(&world);
    let report = planned.report(None);
    for text in [report.page(), report.text(), report.message().text()] {
        assert!(text.contains(&accept), "{text}");
    }
}

#[test]
fn what_only_looks_says_that_nothing_is_done() {
    let (world, plan) = (twelve(), twelve().plan());
    let report = PruningReport {
        plan: &plan,
        at: world.now,
        mode: RunMode::Observes,
        names: &names(&world),
        still_there: &[],
        leftovers: &Leftovers::default(),
        bins: &[],
        before: None,
        told: None,
    };
    assert!(
        report
            .page()
            .contains("This run only looks: else there would be 1 restored, ")
    );
    assert!(report.message().headline().ends_with("if it were not looked at alone"));
    assert!(report.message().text().contains("This run only looks"));
    let document: Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(document["mode"], "observes");
}

#[test]
fn what_is_kept_of_a_run_reads_back() {
    let summary = summary(&twelve());
    let text = serde_json::to_string(&summary).unwrap();
    assert_eq!(serde_json::from_str::<RunSummary>(&text).unwrap(), summary);
}

#[test]
fn of_a_hundred_thousand_images_the_page_and_the_message_stay_small() {
    let one = family().has_each_day(1..=4).on(1, Rung::Disabled, 85, 70);
    let mut world = one.clone();
    for n in 10..50_010 {
        let mut release = one.facts.releases[usize::try_from(n % 2).unwrap()].clone();
        release.release = id(n);
        release.name = "x".repeat(300).into();
        release.placements[0].ami = ami(n, 0);
        if n % 3 == 0 {
            release.holds.push(Held {
                until: day(101 + i64::from(n)),
                who: "|".repeat(300),
                why: "<".repeat(300).into(),
            });
        }
        world.facts.releases.push(release);
        let mut copy = world.facts.releases[0].clone();
        copy.release = id(100_000 + n);
        copy.placements[0].ami = ami(100_000 + n, 0);
        world.facts.releases.push(copy);
    }
    let planned = Planned::of(&world);
    let report = planned.report(None);
    let page = report.page();
    assert!(page.len() < 1 << 20, "{}", page.len());
    assert!(page.contains("\n+") && page.contains(" more\n"));
    let message = report.message();
    assert!(message.json().len() <= 48 << 10 && message.text().len() <= 16 << 10);
    assert!(message.texts().len() < 256 << 10);
}

#[test]
fn nobody_else_s_words_are_markup_in_a_page() {
    let world = family().has_each_day(1..=3).with(1, |release| {
        release.name = "web|1 [x](https://evil.example) `*".into();
        release.holds.push(Held {
            until: day(101),
            who: "<img src=x> @here".to_owned(),
            why: "a\n| b | www.evil.example".into(),
        });
    });
    let page = Planned::of(&world).report(None).page();
    let row = page.lines().find(|line| line.contains("evil")).unwrap();
    for steers in ["https://", "<img", "@here", "[x]", "www.", " `*", "web|1"] {
        assert!(!row.contains(steers), "{row}");
    }
    assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
}

#[test]
fn a_snapshot_that_did_not_go_with_its_image_is_told_of_with_why_and_when_it_is_tried_again() {
    let mut planned = Planned::of(&family().has_each_day(1..=2));
    let report = planned.report(None);
    assert!(!report.json().contains("still_there") && !report.page().contains("did not go"));
    planned.still_there.push(StillThere {
        snapshot: "snap-0123456789abcdef0".parse().unwrap(),
        of: ami(1, 7),
        release: id(1),
        target: at(HOME),
        why: "another image uses it".into(),
        since: day(99),
        again: day(101),
    });
    let report = planned.report(None);
    let row = format!(
        "| snap-0123456789abcdef0 | {} | {} | {} | another image uses it |",
        ami(1, 7),
        planned.names[&id(1)],
        at(HOME)
    );
    assert!(report.page().contains(&row), "{}", report.page());
    assert!(report.text().contains("STILL THERE"), "{}", report.text());
    let document: Value = serde_json::from_str(&report.json()).unwrap();
    let told = &document["still_there"][0];
    assert_eq!(
        (&told["why"], &told["again"]),
        (
            &Value::from("another image uses it"),
            &Value::from(day(101).to_string())
        )
    );
}

//! What a release would set off, and that it does.

use std::collections::BTreeMap;

use super::stage::*;
use crate::building::{
    BuildRequest, BuildsFacts, Ending, ForeseenBuild, ForeseenBuilds, IfParent, Line, Look, foresee_builds,
};
use crate::manifest::Manifest;
use crate::testing::assert_blessed;
use crate::{Architecture, Duration, ParentImage, Target, Timestamp};

const ON_BASE: &str = "{ family: base }";
const ON_WEB: &str = "{ family: web }";
const AT_ONCE: &str = "{ debounce: 0m }";

fn of(family: &'static str, parent: &str, triggers: &str) -> (&'static str, Plot) {
    (family, Plot::new(family, parent, triggers))
}

/// Each of them built once, on the first release of its parent.
fn built(plots: impl IntoIterator<Item = (&'static str, Plot)>) -> Yard {
    let mut yard = Yard::new("2026-11-23T00:00:00Z", plots);
    yard.pass(Duration::hours(12));
    assert!(yard.plots.values().all(|plot| plot.newest.is_some()));
    yard.started.clear();
    yard
}

/// What a release of base would set off.
fn if_base_were(yard: &Yard, number: u32) -> ForeseenBuilds {
    let ami = format!("ami-0{number:016x}").parse().unwrap();
    let parent = IfParent {
        family: "base".parse().unwrap(),
        releases: BTreeMap::from([(Architecture::X86_64, (named("base", number), ParentImage::Ami(ami)))]),
        known: (1..=9).map(|number| release("base", number)).collect(),
    };
    let facts = BuildsFacts {
        lines: yard
            .plots
            .iter()
            .map(|(line, plot)| (line.clone(), plot.facts(true)))
            .collect(),
        at_once: yard.at_once,
        now: yard.now,
    };
    let manifests: Vec<(Manifest, u32)> = yard.plots.values().map(|plot| (plot.manifest.clone(), 1)).collect();
    let hub: Target = "111122223333/eu-west-1".parse().unwrap();
    foresee_builds(&facts, &parent, &manifests, hub)
}

fn waves(foreseen: &ForeseenBuilds) -> Vec<Vec<String>> {
    let name = |build: &ForeseenBuild| build.line.family.to_string();
    let waves = foreseen.waves.iter();
    waves.map(|wave| wave.iter().map(name).collect()).collect()
}

/// Why a line would not be built.
fn says(foreseen: &ForeseenBuilds, family: &str) -> String {
    let mut stay = foreseen.shown().stay.into_iter();
    let stays = stay.find(|stays| stays.family.as_str() == family).unwrap();
    stays.says.to_string()
}

/// Lets the channels of all families name their newest releases for so long, and tells what was started look by look.
fn move_on(yard: &mut Yard, length: Duration) -> Vec<Vec<String>> {
    let until = yard.now.saturating_add(length);
    while yard.now < until {
        yard.pass(SWEEP);
        let newest: BTreeMap<String, u32> = yard
            .plots
            .iter()
            .map(|(line, plot)| {
                (
                    line.family.to_string(),
                    plot.builds - u32::try_from(plot.running.len()).unwrap(),
                )
            })
            .collect();
        for (line, plot) in &mut yard.plots {
            if let Some(parent) = parent_of(line.family.as_str()).and_then(|parent| newest.get(parent)) {
                plot.of.parent = *parent;
            }
        }
    }
    let mut waves: BTreeMap<Timestamp, Vec<String>> = BTreeMap::new();
    for started in &yard.started {
        waves
            .entry(started.at)
            .or_default()
            .push(started.line.family.to_string());
    }
    waves.into_values().collect()
}

/// `w01` is built on `c01`; what base is built by nobody here moves.
fn parent_of(family: &str) -> Option<&'static str> {
    match family {
        "w01" | "w02" => Some("c01"),
        _ => None,
    }
}

#[test]
fn what_is_foreseen_is_what_is_built_once_the_channel_moves() {
    let names = ["c01", "c02", "c03", "c04", "c05", "c06", "c07", "c08", "c09"];
    let children = names.map(|name| of(name, ON_BASE, AT_ONCE));
    let below = ["w01", "w02"].map(|name| of(name, "{ family: c01 }", AT_ONCE));
    let mut yard = built(children.into_iter().chain(below));
    let foreseen = waves(&if_base_were(&yard, 2));
    assert_eq!(
        foreseen,
        [
            &["c01"][..],
            &["c02", "c03", "c04", "c05", "c06"],
            &["c07", "c08", "c09", "w01"],
            &["w02"],
        ]
    );
    for name in names {
        yard.plots.get_mut(&line(name)).unwrap().of.parent = 2;
    }
    assert_eq!(move_on(&mut yard, Duration::hours(6)), foreseen);
}

#[test]
fn each_line_below_says_when_it_is_built_and_why_or_why_not() {
    let mut yard = built(vec![
        of("disabled", ON_BASE, AT_ONCE),
        of("frozen", ON_BASE, AT_ONCE),
        of("frozen-below", "{ family: frozen }", AT_ONCE),
        of("no-channel", "{ ami: ami-00000000000000001, owner: self }", AT_ONCE),
        of("no-pipeline", ON_BASE, AT_ONCE),
        of("other", VENDOR, AT_ONCE),
        of("shop", ON_WEB, AT_ONCE),
        of("till", "{ family: shop, channel: candidate }", AT_ONCE),
        of("unmoved", ON_BASE, "{ parent: false }"),
        of("unread", ON_BASE, AT_ONCE),
        of("web", ON_BASE, "{}"),
    ]);
    let mut plot = |family: &str, change: &dyn Fn(&mut Plot)| change(yard.plots.get_mut(&line(family)).unwrap());
    plot("disabled", &|plot| plot.obstacle = Some(Look::Disabled(Some(3))));
    plot("frozen", &|plot| {
        let frozen = "{ debounce: 0m, freeze: [ { from: 2026-11-23, to: 2026-11-30 } ] }";
        plot.manifest.triggers = Plot::new("frozen", ON_BASE, frozen).manifest.triggers;
    });
    plot("no-channel", &|plot| {
        plot.newest.as_mut().unwrap().of.parent = Some(named("base", 1));
    });
    plot("no-pipeline", &|plot| plot.obstacle = Some(Look::NoPipeline));
    plot("unread", &|plot| {
        plot.obstacle = Some(Look::Unreadable("throttled".into()));
    });
    let mut on_arm = Plot::new("web", ON_BASE, "{}");
    on_arm.is_arm = true;
    let arm = Line {
        family: "web".parse().unwrap(),
        architecture: Architecture::Arm64,
    };
    yard.plots.insert(arm, on_arm);
    assert_blessed([if_base_were(&yard, 2).text()], "src/building/tests/foreseen.txt");
}

#[test]
fn what_is_built_on_it_already_is_not_built_again() {
    let yard = built([of("web", ON_BASE, AT_ONCE), of("shop", ON_WEB, AT_ONCE)]);
    let foreseen = if_base_were(&yard, 1);
    assert_eq!(waves(&foreseen), [[""; 0]; 0]);
    assert_eq!(says(&foreseen, "web"), "its newest release is built on it already");
    assert_eq!(says(&foreseen, "shop"), "its parent web is not built");
    assert!(
        foreseen.text().ends_with("Nothing would be built."),
        "{}",
        foreseen.text()
    );
}

#[test]
fn a_build_that_is_under_way_is_waited_for_unless_it_is_on_that_release() {
    let mut yard = built([of("web", ON_BASE, AT_ONCE)]);
    yard.web().of.parent = 2;
    yard.pass(SWEEP);
    let on_it = if_base_were(&yard, 2);
    assert_eq!(waves(&on_it), [["web"]]);
    assert!(
        on_it.text().contains("it is being built on it already"),
        "{}",
        on_it.text()
    );
    let after = if_base_were(&yard, 3);
    assert_eq!(waves(&after), [["web"]]);
    assert!(
        after.text().contains("once the build that is under way has ended"),
        "{}",
        after.text()
    );
    // Nobody learned whether it was started.
    yard.web().state.attempt.as_mut().unwrap().build = None;
    yard.web().running.clear();
    yard.now = yard.now.saturating_add(SWEEP);
    let on_it = if_base_were(&yard, 2);
    assert!(
        on_it.text().contains("it is being built on it already"),
        "{}",
        on_it.text()
    );
}

#[test]
fn the_build_of_another_hand_is_waited_for() {
    let mut yard = built([of("web", ON_BASE, AT_ONCE), of("shop", ON_WEB, AT_ONCE)]);
    let now = yard.now;
    yard.web().start("web", now);
    yard.pass(SWEEP);
    assert_eq!(waves(&if_base_were(&yard, 2)), [["web"], ["shop"]]);
}

#[test]
fn a_release_on_which_three_lines_failed_sets_off_no_other_by_itself() {
    let mut yard = built(["c01", "c02", "c03", "c04"].map(|name| of(name, ON_BASE, AT_ONCE)));
    for plot in yard.plots.values_mut() {
        (plot.of.parent, plot.ending) = (2, Ending::Failed("nginx did not start".into()));
    }
    yard.pass(Duration::hours(6));
    assert_eq!(yard.started.len(), 3);
    for plot in yard.plots.values_mut() {
        plot.of.parent = 1;
    }
    yard.pass(Duration::hours(2));
    let foreseen = if_base_were(&yard, 2);
    assert_eq!(waves(&foreseen), [[""; 0]; 0]);
    assert!(
        says(&foreseen, "c04").starts_with("3 lines failed on base/1.0.2"),
        "{}",
        foreseen.text()
    );
    assert!(!foreseen.is_clear());
    assert_eq!(waves(&if_base_were(&yard, 3)), [&["c01"][..], &["c02", "c03", "c04"]]);
}

#[test]
fn what_else_asks_for_a_build_is_told_with_it_and_asks_once() {
    let mut yard = built([of("web", ON_BASE, AT_ONCE), of("shop", ON_WEB, AT_ONCE)]);
    let at = yard.now;
    yard.web().requests.push(BuildRequest {
        who: String::from("ann"),
        why: "a new kernel".into(),
        at,
        architecture: None,
    });
    yard.web().found = cves(&[1]);
    let foreseen = if_base_were(&yard, 2);
    assert_eq!(waves(&foreseen), [["web"], ["shop"]]);
    let reasons: Vec<&str> = foreseen.shown().waves[0].builds[0]
        .reasons
        .iter()
        .map(|reason| reason.kind)
        .collect();
    assert_eq!(reasons, ["manual", "parent"]);
}

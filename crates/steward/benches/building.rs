//! How long the decision about builds takes for 75 families, when nothing asks and when 10,000 wakes wait. Prints a table for
//! docs/performance.md.
//!
//! `cargo bench -p steward --bench building`; with `-- quick` a tenth of the rounds.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails right there")]
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

mod measured;

use std::collections::{BTreeMap, BTreeSet};

use steward::building::{
    BuildRequest, BuildsFacts, Built, Fate, Inputs, Line, LineFacts, LineState, Look, MadeOf, Named, decide_builds,
};
use steward::manifest::{Manifest, ManifestFile, Parent};
use steward::{
    Architecture, BuildVersion, CanonicalName, Duration, ImageBuildArn, ParentImage, ReleaseId, Timestamp,
    UsedComponent, Words,
};

use self::measured::{peak, spent};

const FAMILIES: u32 = 75;
const WAKES: u32 = 10_000;
const NOW: &str = "2026-06-01T00:00:00Z";

fn main() {
    let rounds = if std::env::args().any(|word| word == "quick") {
        10
    } else {
        100
    };
    let manifests: Vec<Manifest> = (0..FAMILIES).map(manifest).collect();
    println!("| what | milliseconds of a core | peak memory |\n|---|---|---|");
    for (what, asked, is_read) in [
        ("nothing asks, nothing was read", 0, false),
        ("nothing asks, everything was read", 0, true),
        ("10,000 wakes, nothing was read", WAKES, false),
        ("10,000 wakes, everything was read", WAKES, true),
    ] {
        let lines = manifests
            .iter()
            .zip(0..)
            .map(|(manifest, n)| line(manifest, n, asked, is_read));
        let facts = BuildsFacts {
            lines: lines.collect(),
            at_once: 5,
            now: now(),
        };
        let start = spent();
        let mut starts = 0;
        for _ in 0..rounds {
            let plan = decide_builds(&facts);
            starts = plan.lines.values().filter(|plan| plan.fate == Fate::Starts).count();
        }
        let each = (spent() - start) * 1_000.0 / f64::from(rounds);
        println!(
            "| {FAMILIES} families, {what}: {starts} start | {each:.2} | {} MB |",
            peak()
        );
    }
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// Each family is built on another, ten on one.
fn manifest(n: u32) -> Manifest {
    let parent = match n {
        0 => String::from("{ parameter: /vendor/base, owner: amazon }"),
        n => format!("{{ family: f{} }}", (n - 1) / 10),
    };
    let text = format!(
        "family: f{n}\nbuild:\n  parent: {parent}\n  infrastructure: {{ instance_types: [t3.medium], instance_profile: \
         ImageBuilder }}\ntriggers: {{ base: 1h, cve: {{ at_least: high }}, max_age: 30d, schedule: {{ cron: \"0 3 * * ? *\", \
         timezone: Europe/Berlin }}, freeze: [ {{ from: 2026-12-20, to: 2027-01-06 }} ] }}\ndistribute:\n  regions: {{ \
         eu-west-1: {{}} }}\nchannels:\n  candidate: {{ from: release }}\n  stable: {{ by: hand }}\n"
    );
    let read = ManifestFile::read(&format!("f{n}.yaml"), text.as_bytes());
    read.file.unwrap().manifest().clone()
}

fn build(family: &str, number: u32) -> ImageBuildArn {
    let arn = format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/{family}/1.0.{number}/1");
    arn.parse().unwrap()
}

fn release(family: &str, number: u32) -> ReleaseId {
    CanonicalName::from(build(family, number)).id()
}

/// What a line is made of: twenty components on a release of its parent.
fn inputs(manifest: &Manifest, parent: u32) -> Inputs {
    let family = match manifest.build.as_ref().and_then(|build| build.parent.as_ref()) {
        Some(Parent::Family(of)) => of.family.to_string(),
        _ => String::from("vendor"),
    };
    let component = |n: u32| UsedComponent {
        component: format!("arn:aws:imagebuilder:eu-west-1:111122223333:component/part-{n}/1.0.0/1")
            .parse()
            .unwrap(),
        parameters: BTreeMap::new(),
    };
    Inputs {
        parent: ParentImage::Ami(format!("ami-{parent:017x}").parse().unwrap()),
        parent_is: Named {
            release: release(&family, parent),
            says: Words::from(format!("{family}/1.0.{parent}")),
        },
        recipe: "arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/web/1.0.0"
            .parse()
            .unwrap(),
        components: (0..20).map(component).collect(),
    }
}

/// A line, of which this many of all wakes ask: persons, what a scan found, and a parent that moved.
fn line(manifest: &Manifest, n: u32, asked: u32, is_read: bool) -> (Line, LineFacts<'_>) {
    let family = manifest.family.as_str();
    let (was, would) = (inputs(manifest, 1), inputs(manifest, if asked > 0 { 2 } else { 1 }));
    let (of_line, now) = (asked / FAMILIES + u32::from(n < asked % FAMILIES), now());
    let requests = (0..of_line / 2).map(|request| BuildRequest {
        who: String::from("ann"),
        why: Words::from("because"),
        at: now.saturating_add(Duration::minutes(u16::try_from(request).unwrap())),
        architecture: None,
    });
    let found: BTreeSet<_> = (of_line / 2..of_line)
        .map(|cve| format!("CVE-2026-{cve:04}").parse().unwrap())
        .collect();
    let facts = LineFacts {
        manifest: 1,
        triggers: &manifest.triggers,
        parent: manifest.build.as_ref().and_then(|build| build.parent.as_ref()),
        newest: Some(Built {
            build: build(family, 1),
            number: BuildVersion::new("1.0.1".parse().unwrap(), "1".parse().unwrap()),
            created: Some(now),
            of: MadeOf {
                parent: Some(was.parent_is.clone()),
                recipe: Some(was.recipe.clone()),
                components: was.components.clone(),
                fingerprint: was.fingerprint(),
            },
        }),
        under_way: Vec::new(),
        is_asking: false,
        ended: None,
        requests: requests.collect(),
        parent_points: Some(would.parent_is.release),
        rumour: None,
        look: is_read.then_some(Look::Would(would)),
        found,
        state: LineState::default(),
    };
    let line = Line {
        family: manifest.family.clone(),
        architecture: Architecture::X86_64,
    };
    (line, facts)
}

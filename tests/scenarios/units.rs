//! What the record consumes of its table, in DynamoDB's own units, and what it lays down there.

use image_plane::{Consumed, ImagePlane, Settings, Severity, Vulnerability};
use serde_json::Value;
use stage::aws::{IRELAND, VIRGINIA, hours};
use stage::shop::distribution;

use crate::building;
use crate::counted::{TEN, ending};
use crate::hub::Hub;
use crate::lineage::Families;
use crate::pruning::{LADDER, Yard};

/// What work consumes: units of reading, which may be halves, and of writing.
async fn consumed(plane: &ImagePlane, work: impl AsyncFnOnce()) -> (f64, u64) {
    let so_far = || plane.with_tables(|tables| tables.consumed());
    let before = so_far();
    work().await;
    let Consumed { read_halves, written } = so_far() - before;
    (f64::from(u32::try_from(read_halves).unwrap()) / 2.0, written)
}

/// How large a value is, as DynamoDB counts it.
fn bytes_of(value: &Value) -> usize {
    let value = value.as_object().unwrap().iter().next().unwrap();
    match (value.0.as_str(), value.1) {
        ("S", Value::String(text)) => text.len(),
        ("N", Value::String(number)) => number.len().div_ceil(2) + 1,
        ("BOOL" | "NULL", _) => 1,
        ("L", Value::Array(list)) => 3 + list.iter().map(|member| 1 + bytes_of(member)).sum::<usize>(),
        ("M", Value::Object(map)) => {
            3 + map
                .iter()
                .map(|(name, member)| 1 + name.len() + bytes_of(member))
                .sum::<usize>()
        }
        other => panic!("{other:?}"),
    }
}

/// What is in the table: how many items, and how many bytes are paid for.
fn laid_down(hub: &Hub) -> (usize, usize) {
    let items = hub.all_items();
    let of_one = |item: &Value| {
        let members = item.as_object().unwrap().iter();
        // So much is paid for each item beside what is in it.
        100 + members.map(|(name, value)| name.len() + bytes_of(value)).sum::<usize>()
    };
    (items.len(), items.values().map(of_one).sum())
}

/// A hub of which a scanned build has just ended, with so many vulnerabilities, and the event of its end.
async fn scanned(regions: &[&str], vulnerabilities: usize) -> (Hub, Value) {
    let distributions = regions.iter().map(|region| distribution(region)).collect();
    let hub = Hub::new(Settings::calm(), distributions).await;
    let pipeline = hub.shop.pipeline.clone();
    hub.shop.scan(&pipeline).await;
    let early = image_plane::Time::parse("2026-01-01T00:00:00Z").unwrap();
    let found = (0..vulnerabilities).map(|n| {
        let id = format!("CVE-2026-{:05}", 10_000 + n);
        Vulnerability::new(&id, Severity::High, &format!("package-{n}")).published(early)
    });
    let found = found.collect();
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.set_vulnerabilities(&pipeline, found));
    hub.shop.built_by(&pipeline).await;
    let event = ending(&hub);
    (hub, event)
}

/// What work consumed and laid down, as a line says it.
struct Told<'a> {
    hub: &'a Hub,
    lines: &'a mut Vec<String>,
}

impl Told<'_> {
    async fn tell(&mut self, what: &str, work: impl AsyncFnOnce()) {
        let before = laid_down(self.hub);
        let (read, written) = consumed(&self.hub.shop.aws.plane, work).await;
        let after = laid_down(self.hub);
        let laid = match after.0 - before.0 {
            0 => String::new(),
            items => format!("; {items} items, {} bytes", after.1 - before.1),
        };
        self.lines
            .push(format!("{what}: {read} units read, {written} written{laid}"));
    }
}

/// A release from its start to its end, by its last event alone and by all that is heard of it.
async fn of_releases(vulnerabilities: usize, lines: &mut Vec<String>) {
    let (hub, event) = scanned(&TEN, vulnerabilities).await;
    let mut told = Told { hub: &hub, lines };
    let with = format!("with ten placements and {vulnerabilities} vulnerabilities");
    let wake = async |event: &Value| drop(hub.wake(event).await.unwrap());
    told.tell(
        &format!("the event that ends a build {with}, in targets that nobody knew"),
        async || wake(&event).await,
    )
    .await;
    told.tell("the same event again", async || wake(&event).await).await;
    hub.shop.built_by(&hub.shop.pipeline).await;
    let events = hub.events();
    told.tell(
        &format!("all {} events of the next release {with}", events.len()),
        async || {
            for event in &events {
                // Of some there is nothing to know yet.
                drop(hub.wake(event).await);
            }
        },
    )
    .await;
}

/// A sweep of a hub that knows everything, and one that compares its targets too.
async fn of_sweeps(lines: &mut Vec<String>) {
    let (hub, event) = scanned(&[IRELAND, VIRGINIA], 3).await;
    hub.wake(&event).await.unwrap();
    hub.sweep().await;
    let mut told = Told { hub: &hub, lines };
    told.tell(
        "a sweep that finds nothing new, of a release in two targets",
        async || {
            drop(hub.sweep().await);
        },
    )
    .await;
    hub.shop.aws.pass(hours(1)).await;
    told.tell("the same where both targets are compared", async || {
        drop(hub.sweep().await);
    })
    .await;
}

/// Of three families, each built on the one before.
async fn of_questions(lines: &mut Vec<String>) {
    let families = Families::new().await;
    families.hub.sweep().await;
    let hub = &families.hub;
    let mut told = Told { hub, lines };
    for words in [
        &["lineage", "shop"][..],
        &["impact", "base"],
        &["explain", "shop"],
        &["releases", "shop"],
        &["where", "shop"],
        &["history", "shop"],
        &["diff", "site", "shop"],
        &["old"],
    ] {
        told.tell(&format!("`steward {}`", words.join(" ")), async || {
            drop(hub.says(words).await);
        })
        .await;
    }
}

/// Of the sweep that looks whether something is to be built, of a family with one line and four releases.
async fn of_builds(lines: &mut Vec<String>) {
    let yard = building::Yard::built().await;
    for why in ["a", "b", "c"] {
        yard.ask(why).await;
        yard.pass(24).await;
    }
    let (read, written) = consumed(&yard.bench.world.plane, async || {
        yard.wake().await.unwrap();
    })
    .await;
    lines.push(format!(
        "a sweep that finds nothing to build, of a family in one architecture: {read} units read, {written} written"
    ));
}

/// Of a worker of pruning, by how many images it takes down: the difference is what one costs.
async fn of_pruning(lines: &mut Vec<String>) {
    for images in [1, 2] {
        let yard = Yard::new(images + 1, LADDER).await;
        yard.until_expendable().await;
        let mut told = Told { hub: &yard.hub, lines };
        let of = format!("{images} of {} images", images + 1);
        let work = async || assert!(yard.apply().await > 0);
        told.tell(&format!("a worker that deprecates {of}"), work).await;
        yard.next_day().await;
        told.tell(&format!("a worker that disables {of}"), work).await;
        yard.plan_later().await;
        yard.apply().await;
        yard.next_day().await;
        let too = format!("a worker that deregisters {of}, and what Image Builder has of them");
        told.tell(&too, work).await;
    }
}

/// To write them anew: `IMAGE_STEWARD_BLESS=1`, then read the difference; docs/performance.md goes by them.
#[tokio::test(start_paused = true)]
async fn events_sweeps_and_questions_consume_the_units_that_are_written_down() {
    let mut lines = Vec::new();
    of_releases(0, &mut lines).await;
    of_releases(100, &mut lines).await;
    of_sweeps(&mut lines).await;
    of_questions(&mut lines).await;
    of_pruning(&mut lines).await;
    of_builds(&mut lines).await;
    let told = lines.join("\n") + "\n";
    let path = std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/scenarios/units.txt";
    if std::env::var_os("IMAGE_STEWARD_BLESS").is_some() {
        std::fs::write(&path, &told).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        told, written,
        "run it with IMAGE_STEWARD_BLESS=1 and read the difference"
    );
}

//! What the record costs: calls and time of an event, of an edge, of a late parent of many, of all descendants of one and of what is
//! said of them. Prints a table for docs/performance.md.
//!
//! `cargo bench --workspace --bench lineage`; with `-- quick` a tenth of everything. The floor is a bare conditional put to
//! the same table by the same SDK.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails right there")]
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use image_plane::{Channel, Settings};
use record_lineage::{Room, handle};
use stage::aws::{Aws, HUB, IRELAND};
use stage::bench::resident;
use stage::shop::{TOPIC, distribution, shop};
use stage::table::{TABLE, create_table};
use steward::lineage::{Edge, EdgeKind, Link};
use steward::{CanonicalName, Heard, ReleaseId, Target, Timestamp, Words};
use steward_aws::{Caller, FirstValue, Linked, MemberAccess, Record};
use steward_cli::Surroundings;
use steward_lambda::{Deadline, Environment, Moment};

struct Bench {
    aws: Aws,
    tables: aws_sdk_dynamodb::Client,
    record: Record,
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "quick");
    let scale = if quick { 10 } else { 1 };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(written(20_000 / scale));
    runtime.block_on(Box::pin(ingested(1_000 / scale)));
    runtime.block_on(one_more_child(2_000 / scale));
    runtime.block_on(late_parent(10_000 / scale));
    runtime.block_on(all_descendants(100_000 / scale));
    runtime.block_on(vulnerable(100_000 / scale));
    runtime.block_on(Box::pin(impact(100_000 / scale)));
}

fn id(n: usize) -> ReleaseId {
    format!("ami:aws:eu-west-1:ami-{n:017x}")
        .parse::<CanonicalName>()
        .unwrap()
        .id()
}

fn link(parent: usize, child: usize) -> Link {
    Link {
        edge: Edge {
            parent: id(parent),
            child: id(child),
        },
        kind: EdgeKind::Build,
    }
}

fn home() -> Target {
    "111122223333/eu-west-1".parse().unwrap()
}

impl Bench {
    async fn new() -> Self {
        let aws = Aws::calm();
        create_table(&aws).await;
        Self::of(aws)
    }

    /// Where there is a table.
    fn of(aws: Aws) -> Self {
        let tables = aws_sdk_dynamodb::Client::new(&aws.config(HUB, IRELAND));
        let record = Record::new(tables.clone(), TABLE, home());
        Self { aws, tables, record }
    }

    /// The floor; false where the item was there.
    async fn bare_put(&self, n: usize) -> bool {
        let put = self.tables.put_item().table_name(TABLE);
        let put = put
            .item("pk", AttributeValue::S(format!("bare#{n}")))
            .item("sk", AttributeValue::S(String::from("META")))
            .condition_expression("attribute_not_exists(pk)");
        put.send().await.is_ok()
    }

    async fn link(&self, parent: usize, child: usize) {
        let linked = self.record.link(&link(parent, child), || true).await.unwrap();
        assert_eq!(linked, Linked::Closed);
    }

    /// So many releases that came from the first.
    async fn put_descendants(&self, count: usize) {
        let pk = format!("R#{}", id(0));
        let items = (0..count).map(|n| {
            let depth = AttributeValue::N(String::from("1"));
            (pk.clone(), format!("D#0001#{}", id(1 + n)), vec![("depth", depth)])
        });
        self.put(items).await;
    }

    /// Items by their keys, with these members.
    async fn put(&self, items: impl Iterator<Item = (String, String, Vec<(&'static str, AttributeValue)>)>) {
        for batch in items.collect::<Vec<_>>().chunks(25) {
            let writes = batch.iter().map(|(pk, sk, members)| {
                let mut put = PutRequest::builder()
                    .item("pk", AttributeValue::S(pk.clone()))
                    .item("sk", AttributeValue::S(sk.clone()));
                for (name, value) in members {
                    put = put.item(*name, value.clone());
                }
                WriteRequest::builder().put_request(put.build().unwrap()).build()
            });
            let write = self.tables.batch_write_item().request_items(TABLE, writes.collect());
            write.send().await.unwrap();
        }
    }

    /// Calls of the table so far: reads and writes.
    fn calls(&self) -> (u64, u64) {
        self.aws.plane.with_tables(|tables| {
            let done = |actions: &[&str]| {
                actions
                    .iter()
                    .map(|action| tables.ledger().of(action).done)
                    .sum::<u64>()
            };
            (
                done(&["GetItem", "Query", "BatchGetItem"]),
                done(&["UpdateItem", "PutItem", "BatchWriteItem"]),
            )
        })
    }
}

/// What every event comes down to: one conditional write, which a duplicate of it is refused; beside the bare put.
async fn written(count: usize) {
    let bench = Bench::new().await;
    let now: Timestamp = bench.aws.plane.now().to_string().parse().unwrap();
    let heard = |n: usize| Heard {
        event: format!("{n:036}"),
        at: now,
        says: Words::from("EC2 Image Builder says that the build is AVAILABLE"),
    };
    // In turns, so that whatever else this machine does slows both alike.
    let (mut floor, mut ours) = ([Duration::ZERO; 2], [Duration::ZERO; 2]);
    for (again, is_new) in [(0, true), (1, false)] {
        for n in 0..count {
            let began = Instant::now();
            let put = bench.bare_put(n).await;
            floor[again] += began.elapsed();
            let began = Instant::now();
            let written = bench.record.hear(id(0), &heard(n), now).await.unwrap();
            ours[again] += began.elapsed();
            assert_eq!((put, written), (is_new, is_new));
        }
    }
    let each = |took: Duration| took / u32::try_from(count).unwrap();
    for (again, what) in ["new", "refused, as it was there"].into_iter().enumerate() {
        let (floor, ours) = (floor[again], ours[again]);
        println!(
            "| one write of the record, {what} | {:?} each | a bare conditional put {:?}: {:.2} of its rate |",
            each(ours),
            each(floor),
            floor.as_secs_f64() / ours.as_secs_f64()
        );
    }
}

/// Events that end builds, through the whole function; beside the bare put.
async fn ingested(count: usize) {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    create_table(&shop.aws).await;
    let mut events = Vec::new();
    for _ in 0..count {
        shop.built().await;
        let deliveries = shop.aws.plane.with(image_plane::World::take_deliveries);
        let ended = deliveries
            .into_iter()
            .filter(|delivery| delivery.channel == Channel::EventBridge)
            .find(|delivery| delivery.body["detail"]["state"]["status"] == "AVAILABLE");
        events.push(ended.unwrap().body);
    }
    let bench = Bench::of(shop.aws);
    let began = Instant::now();
    for n in 0..count {
        assert!(bench.bare_put(n).await);
    }
    let floor = began.elapsed();
    let environment = Environment {
        hub: home(),
        table: TABLE.to_owned(),
        topic: TOPIC.to_owned(),
        access: MemberAccess {
            role: String::from("image-steward-look"),
            external_id: String::from("steward"),
        },
        switch_at_first: FirstValue::Running,
    };
    let config = bench.aws.config(HUB, IRELAND);
    let aws = steward_aws::Aws::new(&config, environment.hub, environment.access.clone());
    let room = Room::new(aws, &environment);
    for what in ["an event that ends a build with one image", "the same again"] {
        let before = bench.calls();
        let began = Instant::now();
        for event in &events {
            let moment = Moment {
                now: bench.aws.plane.now().to_string().parse().unwrap(),
                deadline: Deadline::after(Duration::from_mins(5)),
            };
            handle(&room, event, moment).await.unwrap();
        }
        let took = began.elapsed();
        report(what, began, count);
        let after = bench.calls();
        let each = |after: u64, before: u64| (after - before) / u64::try_from(count).unwrap();
        let (reads, writes) = (each(after.0, before.0), each(after.1, before.1));
        let of_floor = floor.as_secs_f64() / took.as_secs_f64();
        println!("| its calls of the table | {reads} reads, {writes} writes | {of_floor:.3} of a bare put's rate |");
    }
}

/// A new child under the last of a chain of four, again and again; beside it the bare put.
async fn one_more_child(count: usize) {
    let bench = Bench::new().await;
    for n in 1..4 {
        bench.link(n - 1, n).await;
    }
    let began = Instant::now();
    for n in 0..count {
        assert!(bench.bare_put(n).await);
    }
    report("the floor: a bare conditional put", began, count);
    let before = bench.calls();
    let began = Instant::now();
    for n in 0..count {
        bench.link(3, 100 + n).await;
    }
    report("a child of a parent with three ancestors, brought in", began, count);
    let after = bench.calls();
    let each = |after: u64, before: u64| (after - before) / u64::try_from(count).unwrap();
    println!(
        "| its calls | {} reads, {} writes | |",
        each(after.0, before.0),
        each(after.1, before.1)
    );
    let began = Instant::now();
    for n in 0..count {
        bench.link(3, 100 + n).await;
    }
    report("the same again: a closed edge", began, count);
    let began = Instant::now();
    for _ in 0..count {
        assert_eq!(bench.record.ancestors(id(100)).await.unwrap().len(), 4);
    }
    report("all ancestors of one", began, count);
}

/// A parent that is heard of when everything below it is there.
async fn late_parent(count: usize) {
    let bench = Bench::new().await;
    for n in 0..count {
        bench.link(1, 2 + n).await;
    }
    let before = bench.calls();
    let began = Instant::now();
    bench.link(0, 1).await;
    report(&format!("a late parent of {count} descendants, each"), began, count);
    let after = bench.calls();
    println!(
        "| its calls | {} reads, {} writes | |",
        after.0 - before.0,
        after.1 - before.1
    );
}

/// Everything that came from one.
async fn all_descendants(count: usize) {
    let bench = Bench::new().await;
    bench.put_descendants(count).await;
    let (before, calls) = (resident(), bench.calls());
    let began = Instant::now();
    let found = bench.record.descendants(id(0)).await.unwrap();
    assert_eq!(found.len(), count);
    report(&format!("{count} descendants listed, each"), began, count);
    println!(
        "| its calls and memory | {} reads | {} MB |",
        bench.calls().0 - calls.0,
        resident().saturating_sub(before) >> 20
    );
}

/// Which of all that came from one have a vulnerability: half of them have it, and all were scanned.
async fn vulnerable(count: usize) {
    let bench = Bench::new().await;
    bench.put_descendants(count).await;
    let scanned = (0..count).map(|n| {
        let at = AttributeValue::S(String::from("2026-02-01T08:00:00.000Z"));
        (format!("R#{}", id(1 + n)), String::from("META"), vec![("scanned", at)])
    });
    bench.put(scanned).await;
    let found = (0..count / 2).map(|n| {
        let severity = AttributeValue::S(String::from("HIGH"));
        let packages = AttributeValue::L(vec![AttributeValue::S(String::from("openssl 3.0.7"))]);
        let members = vec![("severity", severity), ("packages", packages)];
        (String::from("CVE#CVE-2026-1234"), id(1 + n).to_string(), members)
    });
    bench.put(found).await;
    let (before, calls) = (resident(), bench.calls());
    let began = Instant::now();
    let all = bench.record.descendants(id(0)).await.unwrap();
    let all: BTreeSet<ReleaseId> = all.into_iter().map(|reach| reach.release).collect();
    let exposed = bench
        .record
        .exposed(&"CVE-2026-1234".parse().unwrap(), &all)
        .await
        .unwrap();
    assert_eq!((exposed.found.len(), exposed.scanned.len()), (count / 2, count));
    report(
        &format!("which of {count} descendants have a vulnerability, each"),
        began,
        count,
    );
    println!(
        "| its calls and memory | {} reads | {} MB |",
        bench.calls().0 - calls.0,
        resident().saturating_sub(before) >> 20
    );
}

/// What the table has of so many builds of fifty families that came from one image: each has an item as one with ten components has
/// it, and an image of its own in one of ten targets.
async fn put_builds(bench: &Bench, vendors: &str, count: usize) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let build = |n: usize| -> CanonicalName {
        let name = format!(
            "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-{}/1.0.{n}/1",
            n % 50
        );
        name.parse().unwrap()
    };
    let component = |n: usize| {
        let arn = format!("arn:aws:imagebuilder:eu-west-1:111122223333:component/part-{n}/1.0.0/1");
        AttributeValue::M([(String::from("arn"), text(&arn))].into())
    };
    let meta = |release: ReleaseId, members| (format!("R#{release}"), String::from("META"), members);
    let parent = meta(id(0), vec![("name", text(vendors)), ("kind", text("foreign"))]);
    let builds = (0..count).map(|n| {
        let name = build(n);
        let members = vec![
            ("name", text(&name.to_string())),
            ("kind", text("built")),
            ("state", text("AVAILABLE")),
            ("family", text(&format!("web-{}", n % 50))),
            ("architecture", text("x86_64")),
            ("components", AttributeValue::L((0..10).map(component).collect())),
        ];
        meta(name.id(), members)
    });
    bench.put(std::iter::once(parent).chain(builds)).await;
    let below = (0..count).map(|n| {
        let depth = AttributeValue::N(String::from("1"));
        let sk = format!("D#0001#{}", build(n).id());
        (format!("R#{}", id(0)), sk, vec![("depth", depth)])
    });
    bench.put(below).await;
    let account = |n: usize| format!("22223333444{}", n % 10);
    let targets = (0..10).map(|n| {
        let target = text(&format!("{}/eu-west-1", account(n)));
        let sk = format!("{}#eu-west-1", account(n));
        (String::from("TARGETS"), sk, vec![("target", target)])
    });
    bench.put(targets).await;
    let placed = (0..count).map(|n| {
        let members = vec![
            ("release", text(&build(n).id().to_string())),
            ("account", text(&account(n))),
            ("region", text("eu-west-1")),
            ("state", text("available")),
        ];
        (
            format!("T#{}#eu-west-1", account(n)),
            format!("P#ami-{n:017x}"),
            members,
        )
    });
    bench.put(placed).await;
}

/// All that is said of everything that came from one, where nobody uses it.
async fn impact(count: usize) {
    let bench = Bench::new().await;
    let asked = "ami:aws:eu-west-1:ami-00000000000000000";
    put_builds(&bench, asked, count).await;
    let caller = Caller::of(bench.aws.config(HUB, IRELAND)).await.unwrap();
    let now = bench.aws.plane.now().to_string().parse().unwrap();
    for format in ["text", "json"] {
        let surroundings = Surroundings {
            caller: caller.clone(),
            now,
        };
        let words = ["steward", "--table", TABLE, "impact", asked, "--format", format];
        let (before, calls) = (resident(), bench.calls());
        let began = Instant::now();
        let said = Box::pin(steward_cli::run(words.map(String::from), Some(surroundings))).await;
        report(
            &format!("`steward impact --format {format}` of one with {count} descendants"),
            began,
            count,
        );
        assert_eq!((said.err.as_str(), said.code), ("", 0));
        let whole = format!("{count} images in 10 accounts; 0 of them in use");
        assert!(format == "json" || said.out.contains(&whole), "{}", said.out);
        println!(
            "| its calls, memory and answer | {} reads | {} MB, {} MB |",
            bench.calls().0 - calls.0,
            resident().saturating_sub(before) >> 20,
            said.out.len() >> 20
        );
    }
}

fn report(what: &str, began: Instant, count: usize) {
    let took = began.elapsed();
    let each = took / u32::try_from(count).unwrap();
    println!("| {what} | {took:.1?} for {count} | {each:?} each |");
}

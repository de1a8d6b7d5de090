//! What a run of the dispatcher costs in a large organization: 20 families in 16 Regions, read by 1,000 accounts. Prints a table
//! for docs/performance.md.
//!
//! `cargo bench --workspace --bench distribution`; with `-- quick` a tenth of the accounts. Time is this machine's, the SDK and
//! the emulated table on one core; memory is that of the whole process, with the emulated table and queue in it.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails right there")]
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

#[path = "../scenarios/settled.rs"]
mod settled;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use distribute_images::{Dispatched, Room, plan_distribution};
use image_plane::QueueSettings;
use serde_json::json;
use stage::aws::{Aws, HUB, IRELAND, target};
use stage::bench::resident;
use stage::table::{TABLE, create_table};
use steward::consumers::{Viewed, view_of};
use steward::distribution::{Reach, Stood};
use steward::publication::{Published, StoodImage, pointed_images, publication_of};
use steward::{
    AmiId, Architecture, BuildState, CanonicalName, FamilyName, Recording, Region, Release, ReleaseId, Target,
};
use steward_aws::{AppliedManifest, FirstValue, MemberAccess, Record};
use steward_lambda::{Deadline, Environment, Moment};

use settled::settled;

const REGIONS: [&str; 16] = [
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
];
const FAMILIES: usize = 20;

fn main() {
    let quick = std::env::args().any(|argument| argument == "quick");
    let accounts = if quick { 100 } else { 1_000 };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(Box::pin(runs(accounts)));
}

struct Bench {
    aws: Aws,
    record: Record,
    queue: String,
    /// Calls so far, by what is called.
    calls: BTreeMap<&'static str, u64>,
}

/// Each run of the dispatcher from the first to one that finds nothing to do.
async fn runs(accounts: usize) {
    let mut bench = Bench::new().await;
    let families: Vec<FamilyName> = (0..FAMILIES).map(|n| format!("f{n:02}").parse().unwrap()).collect();
    for family in &families {
        bench.family(family, accounts).await;
    }
    println!(
        "| a run of the dispatcher: {FAMILIES} families, {accounts} accounts, 16 Regions | time | memory | calls |"
    );
    let first = bench.run("every release is new in every Region of the hub").await;
    assert_eq!((first.messages, first.due), (16, FAMILIES * 16));
    for family in &families {
        bench.stand(family).await;
    }
    bench.work_done().await;
    let second = bench
        .run("every channel moves, and is to be published to everybody")
        .await;
    assert_eq!((second.moved.len(), second.messages), (FAMILIES, (accounts + 1) * 16));
    assert_eq!(second.publications, FAMILIES * (accounts + 1) * 16);
    for family in &families {
        bench.publish(family, accounts).await;
    }
    bench.work_done().await;
    let third = bench.run("nothing is to be done, which every row says").await;
    assert_eq!(
        (third.messages, third.due, third.publications, third.views),
        (0, 0, 0, 0)
    );
    let fourth = bench.run("nothing is to be done, as was written down").await;
    assert_eq!(fourth, third);
}

fn account(n: usize) -> u64 {
    222_200_000_000 + u64::try_from(n).unwrap()
}

fn release(family: &FamilyName) -> (CanonicalName, ReleaseId) {
    let name: CanonicalName = format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/{family}/1.0.0/1")
        .parse()
        .unwrap();
    let id = name.id();
    (name, id)
}

fn ami(n: usize) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

fn regions() -> impl Iterator<Item = Region> {
    REGIONS.into_iter().map(|region| region.parse().unwrap())
}

impl Bench {
    async fn new() -> Self {
        let aws = Aws::calm();
        let tables = aws_sdk_dynamodb::Client::new(&aws.config(HUB, IRELAND));
        create_table(&aws).await;
        let queue = aws
            .plane
            .with(|world| world.create_queue(target(HUB, IRELAND), "work.fifo", QueueSettings::fifo()));
        Self {
            record: Record::new(tables, TABLE, home()),
            queue: queue.unwrap().url,
            aws,
            calls: BTreeMap::new(),
        }
    }

    /// A family that so many accounts read in all Regions, with its one release.
    async fn family(&self, family: &FamilyName, accounts: usize) {
        let regions: Vec<String> = REGIONS.iter().map(|region| format!("{region}: {{}}")).collect();
        let readers: Vec<String> = (0..accounts).map(|n| format!("\"{}\"", account(n))).collect();
        let text = format!(
            "family: {family}\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\ndistribute: {{ regions: {{ {} }}, share_with: {{ accounts: [{}] }}, publish: {{ \
             parameter: \"/golden/{{family}}/{{channel}}\", to: [hub, audience] }} }}\nchannels: {{ candidate: {{ from: release }} }}\n",
            regions.join(", "),
            readers.join(", ")
        );
        let manifest = AppliedManifest {
            version: 1,
            digest: family.to_string(),
            who: String::from("ann"),
            at: self.moment().now,
            message: None,
            text,
        };
        self.record.store_manifest(family, &manifest, None).await.unwrap();
        let (name, _) = release(family);
        let release = Release {
            name,
            state: BuildState::Available,
            reason: None,
            failure: None,
            family: Some(family.clone()),
            architecture: Some(Architecture::X86_64),
            recipe: None,
            components: Vec::new(),
            fingerprint: None,
            pipeline: None,
            created: Some(self.moment().now),
            build_type: None,
            placed: true,
        };
        let recording = Recording {
            is_new: true,
            release: Some(release),
            placements: Vec::new(),
            containers: Vec::new(),
            unplaced: Vec::new(),
        };
        self.record.write(&recording).await.unwrap();
    }

    /// As its workers would have left the release: where it must be, and shared.
    async fn stand(&self, family: &FamilyName) {
        let audience = self.record.audience(family).await.unwrap().unwrap();
        for (n, region) in regions().enumerate() {
            let stood = Stood {
                audience: audience.digest.clone(),
                ..settled(format!("{} is there", ami(n)), Some(ami(n)), self.moment().now)
            };
            let there = Target::new(home().account(), region);
            let (_, release) = release(family);
            self.record.write_stood(family, release, there, &stood).await.unwrap();
        }
    }

    /// As its workers would have left its parameters, written and read back, and what its consumers see.
    async fn publish(&self, family: &FamilyName, accounts: usize) {
        let channels = self.record.channels(family).await.unwrap();
        let manifest = self.record.holding(family).await.unwrap().unwrap().manifest.unwrap();
        let readers = (0..accounts).map(|n| account(n).to_string().parse().unwrap());
        let readers: Vec<steward::AccountId> = readers.collect();
        for (n, region) in regions().enumerate() {
            let image = StoodImage {
                ami: ami(n),
                reach: Reach::Usable,
                keys: None,
            };
            let what = publication_of(1, &pointed_images(&channels, |_| Some(image)));
            let parameter = format!("/golden/{family}/candidate");
            let published = Published {
                what,
                parameters: BTreeMap::from([(parameter.clone(), Some(ami(n)))]),
                wrote: BTreeMap::from([(parameter, ami(n))]),
                made: BTreeMap::new(),
                stood: BTreeMap::new(),
                settled: true,
                under_way: false,
                findings: Vec::new(),
                notes: Vec::new(),
                looked: self.moment().now,
                tries: 0,
            };
            let (_, release) = release(family);
            let viewed = Viewed {
                what: view_of(&manifest, &BTreeMap::from([(ami(n), release)])),
                settled: true,
                under_way: false,
                findings: Vec::new(),
                looked: self.moment().now,
                tries: 0,
            };
            let with_hub = Target::new(home().account(), region);
            self.record.write_published(family, with_hub, &published).await.unwrap();
            let member = Target::new(readers[0], region);
            self.record.write_published(family, member, &published).await.unwrap();
            self.record.write_viewed(family, member, &viewed).await.unwrap();
            for row in ["PUB", "VIEW"] {
                self.same_for(family, row, member, &readers[1..]).await;
            }
        }
    }

    /// Writes a row that there is of a member for others too: as many together as the table takes.
    async fn same_for(&self, family: &FamilyName, row: &str, there: Target, others: &[steward::AccountId]) {
        let tables = aws_sdk_dynamodb::Client::new(&self.aws.config(HUB, IRELAND));
        let key = |account: steward::AccountId| format!("{row}#{account}#{}", there.region());
        let of_family = AttributeValue::S(format!("F#{family}"));
        let read = tables.get_item().table_name(TABLE).key("pk", of_family);
        let read = read.key("sk", AttributeValue::S(key(there.account()))).send().await;
        let item = read.unwrap().item.unwrap();
        for some in others.chunks(25) {
            let puts = some.iter().map(|account| {
                let mut item = item.clone();
                item.insert(String::from("sk"), AttributeValue::S(key(*account)));
                let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
                WriteRequest::builder().put_request(put).build()
            });
            let written = tables
                .batch_write_item()
                .request_items(TABLE, puts.collect())
                .send()
                .await;
            assert!(written.unwrap().unprocessed_items.is_none_or(|left| left.is_empty()));
        }
    }

    /// As the workers would have left what was sent.
    async fn work_done(&self) {
        for target in self.record.sent(self.moment().now).await.unwrap() {
            self.record.mark_done(target).await.unwrap();
        }
    }

    async fn run(&mut self, what: &str) -> Dispatched {
        self.calls();
        let before = resident();
        let began = Instant::now();
        let other = self.aws.another_process();
        let environment = Environment {
            hub: home(),
            table: TABLE.to_owned(),
            topic: stage::shop::TOPIC.to_owned(),
            access: MemberAccess {
                role: String::from("image-steward-look"),
                external_id: String::from("steward"),
            },
            switch_at_first: FirstValue::Running,
        };
        let aws = steward_aws::Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        let room = Room::new(aws, &environment, Some(&self.queue));
        let event = json!({ "wake": "sweep" });
        let dispatched = plan_distribution(&room, &event, "run", self.moment()).await.unwrap();
        let (took, used) = (began.elapsed(), resident().saturating_sub(before) >> 20);
        assert_eq!(dispatched.problems, Vec::<String>::new());
        let calls: Vec<String> = self
            .calls()
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(action, count)| format!("{count} {action}"))
            .collect();
        println!("| {what} | {took:.1?} | {used} MB | {} |", calls.join(", "));
        dispatched
    }

    /// The calls since this was asked last.
    fn calls(&mut self) -> Vec<(&'static str, u64)> {
        let of_tables = [
            "GetItem",
            "Query",
            "BatchGetItem",
            "UpdateItem",
            "DeleteItem",
            "TransactWriteItems",
        ];
        let of_world = ["SendMessageBatch", "PutEvents"];
        let plane = &self.aws.plane;
        let tables = plane.with_tables(|tables| of_tables.map(|action| (action, tables.ledger().of(action).done)));
        let world = plane.with(|world| of_world.map(|action| (action, world.ledger().of(action).done)));
        let now = tables.into_iter().chain(world);
        now.map(|(action, count)| (action, count - self.calls.insert(action, count).unwrap_or_default()))
            .collect()
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.aws.plane.now().to_string().parse().unwrap(),
            deadline: Deadline::after(Duration::from_mins(15)),
        }
    }
}

fn home() -> Target {
    "111122223333/eu-west-1".parse().unwrap()
}

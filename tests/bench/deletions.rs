//! What deleting images costs that nobody needs any more: calls for each, time beside what EC2 allows, and how often it said to
//! slow down. Prints a table for docs/performance.md.
//!
//! `cargo bench --workspace --bench deletions -- IMAGES FAMILY PERCENT [MILLISECONDS]`: so many images in families of so many, at
//! this share of the account's rate, each call of AWS and of the table taking so long; without words 1,000 and 10,000 in families
//! of 200, and calls that take no time. The time that is compared is the model's own. Images come in waves of 5,000 at most, and
//! evidence is gathered before each, as it counts for an hour.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails right there")]
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

#[path = "deletions/late.rs"]
mod late;
#[path = "deletions/stock.rs"]
mod stock;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use prune_images::{Room, apply_pruning};
use record_lineage::gather_evidence;
use serde_json::json;
use stage::aws::{Aws, HUB, IRELAND};
use stage::bench::resident;
use stage::table::{TABLE, create_table};
use steward::FamilyName;
use steward::pruning::{PruningPlan, decide_pruning, pruning_work};
use steward_aws::{FirstValue, MemberAccess, Record, Share};
use steward_lambda::{Deadline, Environment, Moment};

use late::Late;
use stock::{Stock, home};

/// A message has room for hardly more.
const STEPS: usize = 1_000;
/// So many are gone within the hour for which evidence counts, at half of EC2's rate too.
const WAVE: usize = 5_000;

/// What is measured.
#[derive(Clone, Copy)]
struct Case {
    images: usize,
    /// So many in each family, besides the one that stays.
    family: usize,
    percent: u32,
    /// How long each call takes.
    late: Duration,
}

fn main() {
    let words: Vec<u64> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let number = |at: usize| words.get(at).map(|word| usize::try_from(*word).unwrap());
    let case = |images, family, percent| Case {
        images,
        family,
        percent,
        late: Duration::from_millis(words.get(3).copied().unwrap_or(0)),
    };
    let cases = match (number(0), number(1), number(2)) {
        (Some(images), Some(family), Some(percent)) => vec![case(images, family, u32::try_from(percent).unwrap())],
        _ => [1_000, 10_000]
            .into_iter()
            .flat_map(|images| [100, 50].map(|percent| case(images, 200, percent)))
            .collect(),
    };
    println!(
        "| images | share | time | floor | times | throttled | calls of AWS for an image | of the table | gathering | took |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for case in cases {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(Box::pin(run(case)));
    }
}

type Calls = BTreeMap<(bool, String), (u64, u64)>;

struct Bench {
    aws: Aws,
    record: Record,
    /// A warm environment, whose pace is one throughout.
    room: Room,
    /// Calls so far, of AWS and of the table, by what is called; and how many of them were throttled.
    calls: Calls,
    part: usize,
}

/// What came of a wave, or of all of them.
#[derive(Default)]
struct Done {
    time: Duration,
    floor: f64,
    working: Calls,
    gathering: Calls,
}

async fn run(case: Case) {
    let began = Instant::now();
    let mut bench = Bench::new(case).await;
    let mut stock = Stock::new(&bench.aws, &bench.record).await;
    let mut done = Done::default();
    let mut left = case.images;
    while left > 0 {
        let wave = left.min(WAVE.max(case.family));
        left -= wave;
        let mut families = Vec::new();
        for first in (0..wave).step_by(case.family) {
            let count = case.family.min(wave - first);
            families.push(stock.family(&bench.aws, &bench.record, count).await);
        }
        bench.wave(families, wave, &mut done, case.percent).await;
    }
    let count = f64::from(u32::try_from(case.images).unwrap());
    let each = |calls: &Calls, of_tables: bool| {
        let of = calls.iter().filter(|((tables, _), _)| *tables == of_tables);
        let of = of.map(|((_, action), (calls, _))| format!("{:.3} {action}", precise(*calls) / count));
        of.collect::<Vec<_>>().join(", ")
    };
    let of_ec2 = done.working.iter().filter(|((tables, _), _)| !tables);
    // What was done to the images, and read for that.
    let (all, throttled) = of_ec2.fold((0, 0), |sum, (_, (calls, throttled))| {
        (sum.0 + calls, sum.1 + throttled)
    });
    println!(
        "| {} in families of {}{} | {} % | {:.0} s | {:.0} s | {:.3} | {throttled} of {all} | {} | {} | {} | {:.0?}, {} MB |",
        case.images,
        case.family,
        if case.late.is_zero() {
            String::new()
        } else {
            format!(", {:?} a call", case.late)
        },
        case.percent,
        done.time.as_secs_f64(),
        done.floor,
        done.time.as_secs_f64() / done.floor,
        each(&done.working, false),
        each(&done.working, true),
        each(&done.gathering, false),
        began.elapsed(),
        resident() >> 20,
    );
}

fn precise(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

impl Bench {
    async fn new(case: Case) -> Self {
        let aws = Aws::calm();
        create_table(&aws).await;
        aws.plane.with(|world| world.settings_mut().throttling = true);
        let tables = aws_sdk_dynamodb::Client::new(&aws.config(HUB, IRELAND));
        let record = Record::new(tables, TABLE, home());
        let other = aws.another_process().config(HUB, IRELAND);
        let config = other.to_builder().http_client(Late::behind(&other, case.late)).build();
        let environment = environment();
        let own = steward_aws::Aws::new(&config, environment.hub, environment.access.clone());
        let share: Share = case.percent.to_string().parse().unwrap();
        let room = Room::new(own.retiring_at(share), &environment, None);
        Self {
            aws,
            record,
            room,
            calls: Calls::new(),
            part: 0,
        }
    }

    /// Takes the images of these families away, so many in all.
    async fn wave(&mut self, mut families: Vec<FamilyName>, images: usize, done: &mut Done, percent: u32) {
        self.calls();
        self.gather().await;
        add(&mut done.gathering, self.calls());
        let before = self.deregistered();
        while !families.is_empty() {
            let mut plans: Vec<PruningPlan> = Vec::new();
            while let Some(family) = families.pop() {
                let plan = self.plan(&family).await;
                assert_eq!(plan.blocked, []);
                if plan.steps.is_empty() {
                    continue;
                }
                plans.push(plan);
                if plans.iter().map(|plan| plan.steps.len()).sum::<usize>() >= STEPS {
                    break;
                }
            }
            families.extend(plans.iter().map(|plan| plan.family.clone()));
            let Some(work) = pruning_work(&format!("run-{}", self.part), home(), &plans).pop() else {
                break;
            };
            self.part += 1;
            let batch = json!({ "Records": [{ "messageId": "m", "body": serde_json::to_string(&work).unwrap() }] });
            self.calls();
            let began = tokio::time::Instant::now();
            let answer = Box::pin(apply_pruning(&self.room, &batch, self.moment(15)))
                .await
                .unwrap();
            done.time += began.elapsed();
            assert!(answer.batch_item_failures.is_empty());
            add(&mut done.working, self.calls());
        }
        assert_eq!(self.deregistered() - before, images);
        // As many at once as a full bucket holds, and the rest as it fills.
        let (at_once, a_second) = (f64::from(percent), f64::from(percent) / 20.0);
        done.floor += (f64::from(u32::try_from(images).unwrap()) - at_once).max(0.0) / a_second;
    }

    /// What is planned of a family, as it is when its pruning is planned.
    async fn plan(&self, family: &FamilyName) -> PruningPlan {
        let now = self.moment(15).now;
        let holding = self.record.holding(family).await.unwrap().unwrap();
        let manifest = holding.manifest.unwrap();
        let around = self.record.around(FirstValue::Running).await.unwrap();
        let facts = self.record.pruning_facts((&manifest, holding.version), &around, now);
        decide_pruning(&Box::pin(facts).await.unwrap(), now)
    }

    async fn gather(&self) {
        // What is due is not due before its time.
        self.aws.pass(Duration::from_mins(70)).await;
        let other = self.aws.another_process();
        let environment = environment();
        let aws = steward_aws::Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        let room = record_lineage::Room::new(aws, &environment);
        let event = json!({ "wake": "sweep" });
        let run = format!("gathering-{}", self.part);
        Box::pin(gather_evidence(&room, &event, &run, self.moment(600)))
            .await
            .unwrap();
    }

    fn deregistered(&self) -> usize {
        let plane = &self.aws.plane;
        usize::try_from(plane.with(|world| world.ledger().of("DeregisterImage").done)).unwrap()
    }

    /// The calls since this was asked last.
    fn calls(&mut self) -> Calls {
        let plane = &self.aws.plane;
        let mut now = Calls::new();
        let mut count = |of_tables: bool, ledger: &image_plane::Ledger| {
            for (_, action, _, counts) in ledger.counts() {
                let sum = now.entry((of_tables, action.to_owned())).or_default();
                *sum = (sum.0 + counts.all(), sum.1 + counts.throttled);
            }
        };
        plane.with(|world| count(false, world.ledger()));
        plane.with_tables(|tables| count(true, tables.ledger()));
        let since = |(key, (calls, throttled)): (&(bool, String), &(u64, u64))| {
            let before = self.calls.get(key).copied().unwrap_or_default();
            (*calls > before.0).then(|| (key.clone(), (calls - before.0, throttled - before.1)))
        };
        let made = now.iter().filter_map(since).collect();
        self.calls = now;
        made
    }

    fn moment(&self, minutes: u64) -> Moment {
        Moment {
            now: self.aws.plane.now().to_string().parse().unwrap(),
            deadline: Deadline::after(Duration::from_mins(minutes)),
        }
    }
}

fn add(sum: &mut Calls, calls: Calls) {
    for (key, (calls, throttled)) in calls {
        let sum = sum.entry(key).or_default();
        *sum = (sum.0 + calls, sum.1 + throttled);
    }
}

fn environment() -> Environment {
    Environment {
        hub: home(),
        table: TABLE.to_owned(),
        topic: stage::shop::TOPIC.to_owned(),
        access: MemberAccess {
            role: String::from("image-steward-look"),
            external_id: String::from("steward"),
        },
        switch_at_first: FirstValue::Running,
    }
}

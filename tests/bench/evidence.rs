//! What gathering evidence costs in a large organization: 300 accounts in 17 Regions with more than 100,000 images and whatever
//! uses them. Prints a table for docs/performance.md.
//!
//! `cargo bench --workspace --bench evidence`; with `-- quick` 30 accounts and a tenth of all else. Time is this machine's, the
//! SDK, the model and the emulated table on one core; memory is what the run added, the emulated table's items among it.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails right there")]
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

#[path = "../scenarios/placed.rs"]
mod placed;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use image_plane::organization::UserCounts;
use image_plane::{Organization, OrganizationSettings};
use record_lineage::{Room, gather_evidence};
use serde_json::json;
use stage::aws::{Aws, HUB, IRELAND, minutes};
use stage::bench::resident;
use stage::member::{LET_EC2_LOOK, LOOK, LOOK_AT_USERS, LOOK_ROLE, TRUST};
use stage::table::{TABLE, create_table};
use steward::Target;
use steward_aws::{AppliedManifest, FirstValue, MemberAccess, Record};
use steward_lambda::{Deadline, Environment, Moment};

use placed::placement;

fn main() {
    let quick = std::env::args().any(|argument| argument == "quick");
    let huge = OrganizationSettings::huge(1);
    let settings = if quick {
        OrganizationSettings {
            accounts: 30,
            targets_per_release: 28,
            users: UserCounts::in_proportion(400),
            swarm: 300,
            ..huge
        }
    } else {
        huge
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(Box::pin(runs(&settings)));
}

struct Bench {
    aws: Aws,
    record: Record,
    images: usize,
    /// Calls so far, of AWS and of the table, by what is called.
    calls: BTreeMap<(bool, String), u64>,
}

/// Everything read for the first time, once more, and then as it is read every day.
async fn runs(settings: &OrganizationSettings) {
    let mut bench = Bench::new(settings).await;
    println!(
        "| {} accounts, {} Regions, {} images | time | memory | calls of AWS | of the table |",
        settings.accounts, settings.regions, bench.images
    );
    bench.run("everything for the first time").await;
    bench.run("launch templates are read once more").await;
    bench.run("nothing changed").await;
}

impl Bench {
    /// An organization whose images are in the record, and one family that all of its accounts may use.
    async fn new(settings: &OrganizationSettings) -> Self {
        let aws = Aws::calm();
        create_table(&aws).await;
        let tables = aws_sdk_dynamodb::Client::new(&aws.config(HUB, IRELAND));
        let record = Record::new(tables, TABLE, home());
        let organization = aws.plane.with(|world| world.found_organization(settings));
        let mut bench = Self {
            aws,
            record,
            images: 0,
            calls: BTreeMap::new(),
        };
        bench.place(&organization).await;
        bench.admit(&organization);
        bench.share(&organization).await;
        bench
    }

    async fn place(&mut self, organization: &Organization) {
        let is_ours = |account| organization.account(account).is_some();
        let placed = organization.placements.iter();
        for placed in placed.filter(|placed| placed.is_there() && is_ours(placed.home.account)) {
            let placement = placement(placed, self.moment().now);
            self.record.place(&placement).await.unwrap();
            self.images += 1;
        }
    }

    fn admit(&self, organization: &Organization) {
        let accounts = organization.accounts.iter().map(|account| account.id);
        for account in accounts.filter(|account| *account != HUB) {
            let policies = [LOOK, LOOK_AT_USERS, LET_EC2_LOOK];
            let plane = &self.aws.plane;
            plane
                .with(|world| world.create_role(account, LOOK_ROLE, TRUST, &policies))
                .unwrap();
        }
    }

    async fn share(&self, organization: &Organization) {
        let accounts = organization
            .accounts
            .iter()
            .map(|account| format!("\"{}\"", account.id));
        let regions = organization.regions.iter().map(|region| format!("{region}: {{}}"));
        let text = format!(
            "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\ndistribute: {{ regions: {{ {} }}, share_with: {{ accounts: [{}] }} }}\n",
            regions.collect::<Vec<_>>().join(", "),
            accounts.collect::<Vec<_>>().join(", ")
        );
        let manifest = AppliedManifest {
            version: 1,
            digest: String::from("first"),
            who: String::from("ann"),
            at: self.moment().now,
            message: None,
            text,
        };
        let family = "web".parse().unwrap();
        self.record.store_manifest(&family, &manifest, None).await.unwrap();
    }

    async fn run(&mut self, what: &str) {
        self.aws.pass(minutes(70)).await;
        self.calls();
        let (before, from) = (resident(), self.moment().now);
        let began = Instant::now();
        let other = self.aws.another_process();
        let environment = Environment {
            hub: home(),
            table: TABLE.to_owned(),
            topic: stage::shop::TOPIC.to_owned(),
            access: MemberAccess {
                role: LOOK_ROLE.to_owned(),
                external_id: String::from("steward"),
            },
            switch_at_first: FirstValue::Running,
        };
        let aws = steward_aws::Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        let room = Room::new(aws, &environment);
        let event = json!({ "wake": "sweep" });
        // Accounts that are closed and Regions that are switched off let nobody look, which fails it in the end.
        drop(Box::pin(gather_evidence(&room, &event, what, self.moment())).await);
        let (took, used) = (began.elapsed(), resident().saturating_sub(before) >> 20);
        let whole = self.record.gathered().await.unwrap();
        let whole = whole.values().filter(|gathered| **gathered == Some(from)).count();
        let calls = self.calls();
        let of = |of_tables: bool| {
            let calls = calls.iter().filter(|((tables, _), _)| *tables == of_tables);
            let calls: Vec<(&str, u64)> = calls.map(|((_, action), count)| (action.as_str(), *count)).collect();
            let sum: u64 = calls.iter().map(|(_, count)| count).sum();
            let each: Vec<String> = calls
                .iter()
                .map(|(action, count)| format!("{count} {action}"))
                .collect();
            (sum, each.join(", "))
        };
        let ((of_aws, aws), (of_tables, tables)) = (of(false), of(true));
        let per_thousand = of_aws * 1000 / u64::try_from(self.images).unwrap();
        println!(
            "| {what}: {whole} targets whole | {took:.1?} | {used} MB | {of_aws}, {per_thousand} for 1,000 images: {aws} | {of_tables}: {tables} |"
        );
    }

    /// The calls since this was asked last.
    fn calls(&mut self) -> BTreeMap<(bool, String), u64> {
        let plane = &self.aws.plane;
        let mut now = BTreeMap::new();
        plane.with(|world| add(&mut now, false, world.ledger()));
        plane.with_tables(|tables| add(&mut now, true, tables.ledger()));
        let since = |(key, count): (&(bool, String), &u64)| {
            let since = count - self.calls.get(key).copied().unwrap_or_default();
            (since > 0).then(|| (key.clone(), since))
        };
        let made = now.iter().filter_map(since).collect();
        self.calls = now;
        made
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.aws.plane.now().to_string().parse().unwrap(),
            deadline: Deadline::after(Duration::from_hours(10)),
        }
    }
}

fn add(calls: &mut BTreeMap<(bool, String), u64>, of_tables: bool, ledger: &image_plane::Ledger) {
    for (_, action, _, counts) in ledger.counts() {
        *calls.entry((of_tables, action.to_owned())).or_default() += counts.all();
    }
}

fn home() -> Target {
    "111122223333/eu-west-1".parse().unwrap()
}

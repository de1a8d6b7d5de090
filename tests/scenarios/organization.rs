//! The organization as the hub reads it, by a role that the management account lets in.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use image_plane::{AccountId, Effect, Fault, Service, Settings, World};
use stage::aws::{Aws as Stage, HUB, IRELAND, MEMBER};
use steward::distribution::{Finding, ResolvedAudience, SnapshotAudience, audience_notes, resolve_audience};
use steward::manifest::{Audience, ManifestFile};
use steward::organization::OrganizationSeen;
use steward::{OrganizationalUnitId, Timestamp, Words};
use steward_aws::{Aws, MemberAccess, Organizations, Problem};

const MANAGEMENT: AccountId = AccountId::new(999_900_001_111);
const NESTED: AccountId = AccountId::new(333_344_445_555);
const ROOT: &str = "r-ab12";
const OUTER: &str = "ou-ab12-11111111";
const INNER: &str = "ou-ab12-22222222";
const EMPTY: &str = "ou-ab12-33333333";

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},
    "Action":"sts:AssumeRole"}}"#;
/// What the role of a function needs of its own.
const READS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["organizations:DescribeOrganization",
    "organizations:DescribeOrganizationalUnit","organizations:ListAccounts"],"Resource":"*"}}"#;
/// As `infra/management.yaml` lets the hub read.
const LET_IN: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::111122223333:root"},
    "Action":["organizations:DescribeAccount","organizations:DescribeOrganization",
        "organizations:DescribeOrganizationalUnit","organizations:ListAccounts","organizations:ListAccountsForParent",
        "organizations:ListChildren","organizations:ListOrganizationalUnitsForParent","organizations:ListParents",
        "organizations:ListRoots"],
    "Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/image-steward/*"}}}}"#;

/// A hub in an organization, and somebody who reads it there.
struct Bench {
    stage: Stage,
    organizations: Organizations,
}

impl Bench {
    /// One that the management account lets in.
    async fn new(seed: u64, settings: Settings) -> Self {
        let stage = founded(seed, settings);
        stage.plane.with(|world| world.delegate_organization(LET_IN)).unwrap();
        Self::reading(stage).await
    }

    async fn calm() -> Self {
        Self::new(1, Settings::calm()).await
    }

    async fn reading(stage: Stage) -> Self {
        let config = session(&stage).await;
        let access = MemberAccess {
            role: String::from("image-steward-look"),
            external_id: String::from("steward"),
        };
        let hub = format!("{HUB}/{IRELAND}").parse().unwrap();
        let organizations = Aws::new(&config, hub, access).organizations();
        Self { stage, organizations }
    }

    fn world<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        self.stage.plane.with(change)
    }

    fn fault(&self, fault: Fault) {
        self.world(|world| world.inject(fault.service(Service::Organizations)));
    }

    async fn read(&self) -> Result<OrganizationSeen, Problem> {
        let units: Vec<OrganizationalUnitId> = [OUTER, EMPTY].iter().map(|unit| unit.parse().unwrap()).collect();
        let now: Timestamp = self.stage.plane.now().to_string().parse().unwrap();
        self.organizations.read(&BTreeSet::from_iter(units), now).await
    }

    async fn seen(&self) -> OrganizationSeen {
        self.read().await.unwrap()
    }

    /// Who may copy what is shared like this.
    async fn copiers(&self, share_with: &str) -> Vec<String> {
        copiers(&resolved(share_with, &self.read().await))
    }
}

/// The hub and a member in a unit, one more account in a unit within it, and a unit without anybody.
fn founded(seed: u64, settings: Settings) -> Stage {
    let stage = Stage::new(seed, settings);
    stage.plane.with(|world| {
        world.create_organization(MANAGEMENT, "o-exampleorgid", ROOT).unwrap();
        world.create_unit(OUTER, ROOT, "workloads").unwrap();
        world.create_unit(INNER, OUTER, "production").unwrap();
        world.create_unit(EMPTY, ROOT, "sandbox").unwrap();
        world.enrol_account(HUB, OUTER, "images").unwrap();
        world.enrol_account(MEMBER, OUTER, "web").unwrap();
        world.enrol_account(NESTED, INNER, "web-production").unwrap();
    });
    stage
}

/// A session of a function's role in the hub.
async fn session(stage: &Stage) -> SdkConfig {
    let role = stage
        .plane
        .with(|world| world.create_role(HUB, "/image-steward/plan-distribution", TRUST, &[READS]))
        .unwrap();
    let config = stage.config(HUB, IRELAND);
    let assume = aws_sdk_sts::Client::new(&config).assume_role().role_arn(role);
    let key = assume
        .role_session_name("plan")
        .send()
        .await
        .unwrap()
        .credentials
        .unwrap();
    let key = Credentials::new(
        key.access_key_id,
        key.secret_access_key,
        Some(key.session_token),
        None,
        "assumed",
    );
    config
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(key))
        .build()
}

fn audience(share_with: &str) -> Audience {
    let text = format!(
        "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ \
         instance_types: [t3.medium], instance_profile: P }}\ndistribute: {{ share_with: {{ {share_with} }} }}\n"
    );
    let file = ManifestFile::read("web.yaml", text.as_bytes()).file.unwrap();
    file.manifest().distribute.share_with.clone()
}

fn unit(id: &str) -> String {
    format!("units: [\"arn:aws:organizations::{MANAGEMENT}:ou/o-exampleorgid/{id}\"], may_copy: true")
}

fn resolved(share_with: &str, seen: &Result<OrganizationSeen, Problem>) -> ResolvedAudience {
    let why = seen.as_ref().map_err(|problem| Words::from(problem.to_string()));
    let hub = HUB.to_string().parse().unwrap();
    resolve_audience(&audience(share_with), hub, why.as_ref().map(|seen| *seen))
}

#[track_caller]
fn copiers(audience: &ResolvedAudience) -> Vec<String> {
    match &audience.snapshots {
        SnapshotAudience::Known(copiers) => copiers.iter().map(ToString::to_string).collect(),
        SnapshotAudience::Unknown(why) => panic!("not known: {why}"),
    }
}

fn names(accounts: &[AccountId]) -> Vec<String> {
    accounts.iter().map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn a_units_accounts_are_those_of_the_units_within_it_too_and_the_hub_is_left_out() {
    let bench = Bench::calm().await;
    assert_eq!(bench.copiers(&unit(OUTER)).await, names(&[MEMBER, NESTED]));
    assert_eq!(bench.copiers(&unit(INNER)).await, names(&[NESTED]));
    let whole =
        format!("organizations: [\"arn:aws:organizations::{MANAGEMENT}:organization/o-exampleorgid\"], may_copy: true");
    assert_eq!(bench.copiers(&whole).await, names(&[MEMBER, NESTED, MANAGEMENT]));
}

#[tokio::test(start_paused = true)]
async fn a_unit_without_accounts_is_empty_and_one_that_is_not_there_is_not_known() {
    let bench = Bench::calm().await;
    assert!(bench.copiers(&unit(EMPTY)).await.is_empty());
    let found = resolved(&unit("ou-ab12-99999999"), &bench.read().await);
    assert_eq!(
        found.snapshots,
        SnapshotAudience::Unknown(Words::from(
            "the organization o-exampleorgid has no unit ou-ab12-99999999"
        ))
    );
    // Asked for, because no account shows it, and answered by AWS that there is none.
    let none: BTreeSet<OrganizationalUnitId> = BTreeSet::from(["ou-ab12-99999999".parse().unwrap()]);
    let seen = bench
        .organizations
        .read(&none, bench.seen().await.as_of())
        .await
        .unwrap();
    assert_eq!(resolved(&unit("ou-ab12-99999999"), &Ok(seen)), found);
}

#[tokio::test(start_paused = true)]
async fn a_suspended_account_is_skipped_until_it_is_taken_back() {
    let bench = Bench::calm().await;
    bench.world(|world| world.suspend_account(MEMBER)).unwrap();
    assert_eq!(bench.copiers(&unit(OUTER)).await, names(&[NESTED]));
    bench.world(|world| world.reinstate_account(MEMBER)).unwrap();
    assert_eq!(bench.copiers(&unit(OUTER)).await, names(&[MEMBER, NESTED]));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_closed_drops_out_by_its_unit_and_by_its_name() {
    let bench = Bench::calm().await;
    let named = format!("accounts: [\"{MEMBER}\", \"666677778888\"], may_copy: true");
    assert_eq!(
        bench.copiers(&named).await,
        [MEMBER.to_string(), "666677778888".to_owned()]
    );
    bench.world(|world| world.close_account(MEMBER)).unwrap();
    // It works until that is done, and nobody else joins it meanwhile.
    assert_eq!(bench.copiers(&named).await.len(), 2);
    assert_eq!(bench.copiers(&unit(OUTER)).await, names(&[NESTED]));
    bench.stage.pass(Duration::from_mins(5)).await;
    assert_eq!(bench.copiers(&named).await, ["666677778888"]);
    assert_eq!(
        audience_notes(&audience(&named), &bench.seen().await),
        [Finding::AccountClosed(MEMBER.to_string().parse().unwrap())]
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_reads_while_an_account_moves_sees_it_in_one_unit_and_in_the_other_in_the_end() {
    let mut before = 0;
    for seed in 0..20 {
        let bench = Bench::new(seed, Settings::default()).await;
        // Roles take a while to be known, too.
        bench.stage.pass(Duration::from_mins(5)).await;
        bench.world(|world| world.move_account(MEMBER, EMPTY)).unwrap();
        for _ in 0..5 {
            let seen = bench.read().await;
            let (old, new) = (resolved(&unit(OUTER), &seen), resolved(&unit(EMPTY), &seen));
            let mut both = [copiers(&old), copiers(&new)].concat();
            both.sort_unstable();
            assert_eq!(both, names(&[MEMBER, NESTED]), "seed {seed}");
            before += usize::from(copiers(&old).contains(&MEMBER.to_string()));
            bench.stage.pass(Duration::from_secs(5)).await;
        }
        bench.stage.pass(Duration::from_secs(30)).await;
        assert_eq!(bench.copiers(&unit(EMPTY)).await, names(&[MEMBER]), "seed {seed}");
    }
    assert!((1..100).contains(&before), "{before} of 100 saw it where it was");
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_nobody_let_in_is_told_so_and_takes_nothing_from_anybody() {
    let bench = Bench::reading(founded(1, Settings::calm())).await;
    let seen = bench.read().await;
    let sentence = "failed to list the accounts of the organization in 111122223333/eu-west-1: AccessDeniedException: You \
                    don't have permissions to access this resource.";
    assert_eq!(seen.as_ref().unwrap_err().to_string(), sentence);
    let found = resolved(&unit(OUTER), &seen);
    assert_eq!(found.snapshots, SnapshotAudience::Unknown(Words::from(sentence)));
    assert_eq!(found.images.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hub_outside_of_every_organization_is_told_so() {
    let bench = Bench::reading(Stage::calm()).await;
    let problem = bench.read().await.unwrap_err();
    assert_eq!(problem.code(), Some("AWSOrganizationsNotInUseException"), "{problem}");
}

#[tokio::test(start_paused = true)]
async fn each_call_of_a_reading_that_fails_fails_the_reading() {
    for action in ["DescribeOrganization", "ListAccounts", "DescribeOrganizationalUnit"] {
        let bench = Bench::calm().await;
        bench.fault(Fault::new(Effect::Deny).on(action));
        assert!(bench.read().await.is_err(), "{action}");
        assert!(bench.read().await.is_ok(), "{action}");
    }
    let bench = Bench::calm().await;
    crowd(&bench, 40);
    bench.fault(Fault::new(Effect::Deny).on("ListAccounts").after(1));
    let problem = bench.read().await.unwrap_err();
    assert!(
        problem.to_string().starts_with("failed to list the accounts"),
        "{problem}"
    );
    assert_eq!(bench.seen().await.accounts().len(), 44);
}

#[tokio::test(start_paused = true)]
async fn a_page_without_accounts_that_goes_on_is_followed() {
    let bench = Bench::calm().await;
    crowd(&bench, 40);
    bench.fault(Fault::new(Effect::Partial).on("ListAccounts").after(1));
    assert_eq!(bench.seen().await.accounts().len(), 44);
    let pages = bench.world(|world| world.ledger().of("ListAccounts").all());
    assert_eq!(pages, 4);
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_is_throttled_waits_and_is_whole() {
    let bench = Bench::calm().await;
    for action in ["DescribeOrganization", "ListAccounts", "DescribeOrganizationalUnit"] {
        bench.fault(Fault::new(Effect::Throttle).on(action).times(3));
    }
    assert_eq!(bench.seen().await.accounts().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn two_thousand_accounts_are_read_in_a_hundred_calls_and_none_is_throttled() {
    let throttling = Settings {
        throttling: true,
        ..Settings::calm()
    };
    let bench = Bench::new(1, throttling).await;
    bench.stage.pass(Duration::from_mins(5)).await;
    crowd(&bench, 1_996);
    for _ in 0..2 {
        assert_eq!(bench.seen().await.accounts().len(), 2_000);
    }
    bench.world(|world| {
        let calls = |action: &str| world.ledger().of(action);
        for (action, done) in [
            ("DescribeOrganization", 2),
            ("ListAccounts", 200),
            ("DescribeOrganizationalUnit", 2),
        ] {
            let counts = calls(action);
            assert_eq!(
                (counts.done, counts.refused, counts.throttled),
                (done, 0, 0),
                "{action}"
            );
        }
        let counts = world.ledger().counts();
        let of_organizations = counts.filter(|(service, ..)| *service == Service::Organizations);
        assert!(
            of_organizations
                .into_iter()
                .all(|(.., target, _)| target.region.name() == "us-east-1")
        );
    });
}

/// Puts so many accounts below the root.
fn crowd(bench: &Bench, count: u64) {
    bench.world(|world| {
        for number in 0..count {
            let account = AccountId::new(500_000_000_000 + number);
            world.enrol_account(account, ROOT, "one of many").unwrap();
        }
    });
}

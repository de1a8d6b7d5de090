//! Answers for programs: each is as its schema in docs/answers says. `IMAGE_STEWARD_ANSWERS=FOLDER` writes them there, to be
//! looked at.

mod page;
mod populated;
pub(crate) mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use image_plane::{Effect, Fault};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, VIRGINIA, target};
use steward::channels::{ChannelHeld, Moved, Mover, Pointed};
use steward::distribution::{Grantee, MadeCopy, Reach, Shared, Stood, Unkeyed};
use steward::publication::{Published, TemplateStood};
use steward::{AmiId, Architecture, ChannelName};
use steward_cli::Spoken;

use crate::adopting::{APPLY, with_legacy};
use crate::apply::container::building as container;
use crate::building;
use crate::distribution::Depot;
use crate::evidence::gather;
use crate::hub::Hub;
use crate::pruning::left::leave;
use crate::pruning::simulated::launched_late;
use crate::pruning::{LADDER, RETAIN, RETAIN_NOTHING_GOES, Yard};
use crate::settled::settled;
use populated::{Folder, Populated, STUB, begin_elsewhere, populated};
use schema::{Schema, folder, names};

/// What no answer here has.
const NOT_IN_ANY_ANSWER: [&str; 32] = [
    // What is wanted of a resource is never among what somebody else has set in it.
    "/$defs/content/anyOf/1/properties/recipe/properties/others/items",
    "/$defs/content/anyOf/2/properties/container_recipe/properties/others/items",
    "/$defs/content/anyOf/4/properties/distribution/properties/regions/items/properties/others/items",
    "/$defs/content/anyOf/5/properties/pipeline/properties/others/items",
    // A Region of a name that none has.
    "/$defs/failure/properties/regions/items/properties/region/anyOf/1",
    // A user of an image that is just changing.
    "/$defs/used-image/properties/state/anyOf/1",
    // Two releases of which only one has a recipe, or that is in the record before all of it is.
    "diff/properties/compared/items/properties/recipe/properties/after/anyOf/1",
    "diff/properties/compared/items/properties/recipe/properties/before/anyOf/1",
    // Two releases on volumes of different sizes.
    "diff/properties/compared/items/properties/volumes/properties/after",
    "diff/properties/compared/items/properties/volumes/properties/before",
    // What is distributed has one.
    "distribution/items/properties/architecture/anyOf/1",
    "doctor/properties/ailments/items/properties/releases/items/properties/architecture/anyOf/1",
    "explain/items/properties/card/anyOf/1",
    // A step that AWS refused.
    "explain/items/properties/images/items/properties/pruning/anyOf/0/properties/refused",
    "explain/items/properties/images/items/properties/pruning/anyOf/0/properties/refused/properties/at",
    "explain/items/properties/images/items/properties/pruning/anyOf/0/properties/refused/properties/times",
    // A plan that is wrong.
    "explain/items/properties/images/items/properties/pruning/anyOf/3",
    "explain/items/properties/images/items/properties/pruning/anyOf/3/properties/fate",
    "explain/items/properties/images/items/properties/pruning/anyOf/3/properties/reason",
    // An image that an older version looked at, and one with watermarks.
    "explain/items/properties/images/items/properties/since/anyOf/1",
    "explain/items/properties/images/items/properties/watermarks/items",
    // A release of a family whose images are of two architectures, or that was looked at by an older version.
    "old/properties/instances/items/properties/architecture/anyOf/1",
    // What stays for good, and a record that could not be read.
    "plan-build-if-parent/properties/stay/items/properties/until/anyOf/1",
    "plan-build-if-parent/properties/unread/items",
    // So many builds at once as there are.
    "plan-build/properties/lines/items/properties/ahead/anyOf/0",
    // A record that could not be read.
    "plan-build/properties/unread/items",
    "plan-distribute/items/properties/targets/items/properties/architecture/anyOf/1",
    "releases/items/properties/architecture/anyOf/1",
    "where/items/anyOf/0/properties/architecture/anyOf/1",
    "where/items/anyOf/0/properties/since/anyOf/1",
    "where/items/anyOf/0/properties/watermarks/items",
    "where/items/anyOf/1/properties/architecture/anyOf/1",
];
const TO_A_MEMBER: &str = r#"{ regions: { us-east-1: { kms_key: alias/golden }, ap-east-1: {} }, share_with: { accounts: ["222233334444"] } }"#;
/// Where schemas keep what several of them say.
const SHARED: &str = "/$defs/";

/// Answers to check, by the names of their schemas.
struct Answers {
    of: BTreeMap<String, Vec<Value>>,
}

impl Answers {
    /// Asks, and keeps the answer.
    async fn ask(&mut self, hub: &Hub, name: &str, words: &[&str]) {
        let told = Box::pin(hub.steward(&[words, &["--format", "json"]].concat())).await;
        self.keep(name, words, &told);
    }

    /// Keeps what was answered.
    fn keep(&mut self, name: &str, words: &[&str], told: &Spoken) {
        // A plan or a folder with something to mend is an answer too.
        let mendable = [
            "check",
            "doctor",
            "plan-apply",
            "plan-build",
            "plan-build-if-parent",
            "plan-distribute",
            "plan-prune",
            "simulate",
        ]
        .contains(&name);
        assert!(
            told.err.is_empty() && (told.code == 0 || mendable && told.code == 2),
            "{words:?}: {told:?}"
        );
        let answer = serde_json::from_str(&told.out).unwrap();
        self.of.entry(name.to_owned()).or_default().push(answer);
    }
}

async fn all_answers() -> Answers {
    let mut answers = Answers { of: BTreeMap::new() };
    let fresh = Hub::new(image_plane::Settings::calm(), vec![stage::shop::distribution(IRELAND)]).await;
    for (name, words) in [
        ("families", &["families"][..]),
        ("evidence", &["evidence"]),
        ("old", &["old"]),
        ("refused", &["refused"]),
        ("switch", &["switch"]),
    ] {
        answers.ask(&fresh, name, words).await;
    }
    fresh.shop.built().await;
    fresh.sweep().await;
    answers.ask(&fresh, "explain", &["explain", "web"]).await;
    let Populated {
        hub,
        vendor,
        broken,
        half_distributed,
    } = Box::pin(populated()).await;
    Box::pin(answers_about_manifests(&mut answers, &hub)).await;
    Box::pin(answers_about_releases(&mut answers, &hub)).await;
    for build in [&broken, &half_distributed, &vendor, STUB] {
        answers.ask(&hub, "explain", &["explain", build]).await;
        answers.ask(&hub, "lineage", &["lineage", build]).await;
    }
    answers.ask(&hub, "diff", &["diff", &vendor, &vendor]).await;
    answers.ask(&hub, "impact", &["impact", &vendor]).await;
    messages(&mut answers);
    begin_elsewhere(&hub).await;
    answers.ask(&hub, "evidence", &["evidence"]).await;
    answers.ask(&hub, "impact", &["impact", "base"]).await;
    hub.says(&["pause", "--because", "a bad base image"]).await;
    answers.ask(&hub, "switch", &["switch"]).await;
    Box::pin(answers_before_distribution(&mut answers)).await;
    Box::pin(answers_about_pruning(&mut answers)).await;
    Box::pin(answers_about_builds(&mut answers)).await;
    Box::pin(answers_about_adopting(&mut answers)).await;
    answers
}

/// What would be adopted, and once it is; of one image a snapshot is another's too.
async fn answers_about_adopting(answers: &mut Answers) {
    let (hub, images, _) = with_legacy().await;
    let behind = stage::aws::snapshots(&stage::aws::describe(&hub.shop.aws.hub(), &images[0]).await);
    let other = image_plane::NewImage::named("other").snapshot_ids([behind[0].parse().ok()]);
    hub.shop.aws.image_with(HUB, IRELAND, other);
    answers.ask(&hub, "adopt", &["adopt", "web"]).await;
    hub.says(&APPLY).await;
    answers.ask(&hub, "adopt", &["adopt", "web"]).await;
    gather(&hub).await.unwrap();
    for question in ["releases", "where", "history", "lineage", "explain", "impact"] {
        answers.ask(&hub, question, &[question, "web"]).await;
    }
    answers.ask(&hub, "plan-prune", &["plan", "prune"]).await;
}

/// What would be pruned: where nobody knows who uses what, and where that is known; and the reports of plans of every kind.
async fn answers_about_pruning(answers: &mut Answers) {
    let yard = Yard::new(3, RETAIN).await;
    yard.hub.shop.aws.pass(stage::aws::hours(48)).await;
    answers.ask(&yard.hub, "plan-prune", &["plan", "prune"]).await;
    answers.ask(&yard.hub, "explain", &["explain", "web"]).await;
    yard.plan_later().await;
    answers.ask(&yard.hub, "plan-prune", &["plan", "prune", "web"]).await;
    for image in &yard.images {
        answers.ask(&yard.hub, "explain", &["explain", image]).await;
    }
    let (yard, hour) = (&yard, stage::aws::hours(1));
    // More than may go at once, and a ladder that ends at once.
    for retain in [
        RETAIN.replace("100%", "25%"),
        RETAIN.replace("deprecate: 0d, disable: 14d, delete: 30d", ""),
    ] {
        let held_up = Yard::new(3, &retain).await;
        held_up.hub.shop.aws.pass(stage::aws::hours(48)).await;
        held_up.plan().await.unwrap();
        gather(&held_up.hub).await.unwrap();
        answers.ask(&held_up.hub, "plan-prune", &["plan", "prune"]).await;
        answers
            .ask(&held_up.hub, "explain", &["explain", &held_up.images[0]])
            .await;
    }
    // One that pruning deprecated.
    let taken_down = Yard::new(2, LADDER).await;
    taken_down.until_expendable().await;
    taken_down.apply().await;
    for question in ["where", "explain"] {
        answers
            .ask(&taken_down.hub, question, &[question, &taken_down.images[0]])
            .await;
    }
    // One that stands on the second rung, and one that another hand took away without its snapshot.
    yard.deprecated(&yard.images[0]).await;
    yard.deregistered(&yard.images[1]).await;
    leave(yard, &yard.images[1]).await;
    for question in ["lineage", "explain"] {
        answers.ask(&yard.hub, question, &[question, &yard.images[1]]).await;
    }
    yard.want(RETAIN_NOTHING_GOES).await;
    gather(&yard.hub).await.unwrap();
    answers.ask(&yard.hub, "plan-prune", &["plan", "prune"]).await;
    yard.want(RETAIN).await;
    for days in [1, 15, 31] {
        yard.hub.shop.aws.pass(24 * days * hour).await;
        gather(&yard.hub).await.unwrap();
        answers.ask(&yard.hub, "plan-prune", &["plan", "prune"]).await;
    }
    let hold = ["hold", &yard.images[1], "--until", "2027-01-31", "--because", "a test"];
    yard.hub.says(&hold).await;
    answers.ask(&yard.hub, "plan-prune", &["plan", "prune"]).await;
    // What follows lets weeks pass for all.
    for family in [launched_late().await, Yard::new(1, RETAIN).await] {
        let simulate = ["simulate", "web", "--days", "3", "--back", "30"];
        answers.ask(&family.hub, "simulate", &simulate).await;
    }
    let containers = Box::pin(container(RETAIN)).await;
    for _ in 0..2 {
        containers.shop.built().await;
        containers.sweep().await;
    }
    containers.shop.aws.pass(stage::aws::hours(48)).await;
    answers.ask(&containers, "plan-prune", &["plan", "prune"]).await;
    answers.ask(&containers, "explain", &["explain", "web"]).await;
    let read = |sample: &str| serde_json::from_str::<Value>(sample).unwrap();
    let reports = [
        include_str!("../../crates/steward/src/pruning/tests/report/containers.json"),
        include_str!("../../crates/steward/src/pruning/tests/report/left-behind.json"),
        include_str!("../../crates/steward/src/pruning/tests/report/leftovers.json"),
        include_str!("../../crates/steward/src/pruning/tests/report/unlisted.json"),
        include_str!("../../crates/steward/src/pruning/tests/report/twelve.json"),
        include_str!("../../crates/steward/src/pruning/tests/report/blocked.json"),
        include_str!("../../crates/steward/src/pruning/tests/report/one.json"),
        include_str!("../../crates/steward/src/pruning/tests/report/none.json"),
        include_str!("../../crates/steward/src/pruning/tests/report/bins.json"),
    ];
    let reports: Vec<Value> = reports.into_iter().map(read).collect();
    answers
        .of
        .entry(String::from("plan-prune"))
        .or_default()
        .push(json!(reports));
}

/// Nothing here becomes usable; what is told once it does, the scenarios of messages hold to the same schema.
fn messages(answers: &mut Answers) {
    let read = |sample: &str| serde_json::from_str::<Value>(sample).unwrap();
    let whole = read(include_str!("../../docs/messages/release-usable.json"));
    let bare = read(include_str!("../../crates/steward/src/telling/tests/bare.json"));
    answers
        .of
        .entry(String::from("message"))
        .or_default()
        .push(json!([whole, bare]));
}

/// What would be done, and what would fail: while nobody knows the audience, once it is known, and where a Region cannot be read.
async fn answers_before_distribution(answers: &mut Answers) {
    let depot = Depot::new(image_plane::Settings::calm()).await;
    let plane = depot.hub.shop.aws.plane.clone();
    plane.with(|world| world.create_key(target(HUB, VIRGINIA), Some("alias/golden"), []));
    depot.hub.want(TO_A_MEMBER).await;
    for asked in 0..3 {
        match asked {
            0 => {}
            1 => drop(depot.dispatch().await.unwrap()),
            _ => {
                let denied = Fault::new(Effect::Deny)
                    .on("DescribeSnapshots")
                    .region(VIRGINIA.parse().unwrap());
                plane.with(|world| world.inject(denied.always()));
            }
        }
        answers
            .ask(&depot.hub, "plan-distribute", &["plan", "distribute"])
            .await;
        answers.ask(&depot.hub, "doctor", &["doctor"]).await;
    }
    let yard = Yard::new(1, RETAIN).await;
    answers
        .ask(&yard.hub, "doctor", &["doctor", "--topic", &yard.topic])
        .await;
}

/// While a line has nothing to do, waits, is built, and is to be built once more; and why what was built was.
async fn answers_about_builds(answers: &mut Answers) {
    let yard = building::Yard::built_as(&building::WEB.replace("debounce: 0m", "debounce: 15m")).await;
    let mut asked = async |name: &str, words: &[&str]| {
        let told = Box::pin(yard.steward(&[words, &["--format", "json"]].concat())).await;
        answers.keep(name, words, &told);
        told.out
    };
    let plan = ["plan", "build"];
    yard.base_moves("base-2");
    for fate in ["quiet", "waits", "building"] {
        // Within an hour a base is looked at, and within half an hour what was found is built.
        for sweep in 0.. {
            assert!(sweep < 24, "it is never {fate}");
            yard.pass(1).await;
            if asked("plan-build", &plan).await.contains(fate) {
                break;
            }
        }
    }
    yard.ask("a new kernel").await;
    asked("plan-build", &plan).await;
    yard.pass(24).await;
    asked("explain", &["explain", "web/1.0.0/2"]).await;
    let families = Box::pin(building::Yard::of_families("answers")).await;
    let words = ["plan", "build", "--if-parent", "base", "--format", "json"];
    let told = Box::pin(families.steward(&words)).await;
    answers.keep("plan-build-if-parent", &words, &told);
}

async fn answers_about_releases(answers: &mut Answers, hub: &Hub) {
    // Before all that says which channels a release is on.
    point(hub).await;
    distribute(hub).await;
    for family in ["base", "site", "shop", "web", "kiosk"] {
        for question in ["releases", "where", "history", "lineage", "explain", "impact"] {
            answers.ask(hub, question, &[question, family]).await;
        }
    }
    for release in ["base/1.0.0", "site/1.0.0/1"] {
        answers.ask(hub, "explain", &["explain", release]).await;
        answers.ask(hub, "lineage", &["lineage", release]).await;
        answers
            .ask(hub, "impact", &["impact", release, "--cve", "CVE-2026-1234"])
            .await;
    }
    for (before, after) in [
        ("base/1.0.0/1", "base/1.0.0/2"),
        ("base/1.0.0/2", "base/1.0.0/1"),
        ("base/1.0.0/2", "base/1.0.0/3"),
        ("site/1.0.0/1", "site/1.0.0/2"),
        ("base", "web"),
        ("web", "base"),
        ("tools", "kiosk"),
        ("kiosk", "tools"),
        ("base", "shop"),
        ("shop", "base"),
    ] {
        answers.ask(hub, "diff", &["diff", before, after]).await;
    }
    answers.ask(hub, "history", &["history", "base/1.0.0"]).await;
    stand(hub).await;
    for family in ["web", "site"] {
        answers.ask(hub, "distribution", &["distribution", family]).await;
    }
    answers.ask(hub, "channels", &["channels", "base"]).await;
    answers
        .ask(hub, "channel-history", &["channels", "base", "stable"])
        .await;
    answers.ask(hub, "where", &["where", "base/1.0.0"]).await;
    answers.ask(hub, "where", &["where", "site/1.0.0"]).await;
    answers.ask(hub, "old", &["old", "--family", "site"]).await;
    answers
        .ask(hub, "old", &["old", "--family", "base", "--than", "1h"])
        .await;
    answers
        .ask(hub, "evidence-target", &["evidence", "111122223333/eu-west-1"])
        .await;
    answers.ask(hub, "refused", &["refused"]).await;
}

/// A channel that moved by itself, and was moved by a person to what the record does not know; and how it is published.
async fn point(hub: &Hub) {
    let (record, at) = (hub.record(), hub.moment().now);
    let (family, stable) = ("base".parse().unwrap(), ChannelName::stable());
    let members = record.members_of(&family).await.unwrap();
    let newest = members.last().unwrap();
    let unknown = "0123456789abcdef0123456789abcdef".parse().unwrap();
    let itself = Moved {
        number: 1,
        to: Pointed::from([(newest.architecture, newest.release)]),
        at,
        by: Mover::Itself,
        why: "it stood on candidate for 24h".into(),
        backward: false,
    };
    let person = Moved {
        number: 2,
        to: Pointed::from([(Architecture::Arm64, unknown), (Architecture::X86_64, newest.release)]),
        by: Mover::Person(String::from("arn:aws:iam::111122223333:user/ann")),
        why: "tested by the shop".into(),
        ..itself.clone()
    };
    let mut held = ChannelHeld::default();
    for moved in [itself, person] {
        let before = (!held.history.is_empty()).then_some(&held);
        assert!(
            record
                .move_channel(&family, (&stable, before), None, &moved)
                .await
                .unwrap()
        );
        held.history.push(moved);
    }
    let ami: AmiId = "ami-0123456789abcdef0".parse().unwrap();
    let name = |channel: &str| format!("/golden/base/x86_64/{channel}");
    let stood = TemplateStood {
        default: 2,
        latest: 2,
        since: at,
    };
    let published = Published {
        what: String::from("4c5f1b7f6d0f9d2a"),
        parameters: BTreeMap::from([(name("stable"), Some(ami)), (name("candidate"), None)]),
        wrote: BTreeMap::from([(name("stable"), ami)]),
        made: BTreeMap::from([("lt-0123456789abcdef0".parse().unwrap(), BTreeSet::from([2]))]),
        stood: BTreeMap::from([("lt-0123456789abcdef0".parse().unwrap(), stood)]),
        settled: false,
        under_way: false,
        findings: vec!["the parameter /golden/base/arm64/stable cannot be read".into()],
        notes: vec!["the launch template lt-0123456789abcdef0 keeps 1 old version".into()],
        looked: at,
        tries: 1,
    };
    let target = format!("{HUB}/eu-west-1").parse().unwrap();
    record.write_published(&family, target, &published).await.unwrap();
}

/// How the images of a family were seen by distribution: with a key and an audience, and where nobody could read either.
async fn distribute(hub: &Hub) {
    let (record, now) = (hub.record(), hub.moment().now);
    let family = "site".parse().unwrap();
    let unit = "arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-11111111";
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let with = [
        Grantee::Account("222233334444".parse().unwrap()),
        Grantee::Unit(unit.parse().unwrap()),
    ];
    let shared = Some(Shared::of(&with.into(), now));
    let keys = Some(BTreeSet::from([key.parse().unwrap()]));
    let unkeyed = Unkeyed {
        by_aws: true,
        plain: false,
    };
    let encrypted = Some(unkeyed.seen(now));
    let seen = [(keys, encrypted, shared), (None, None, None)];
    for (member, (keys, encrypted, shared)) in record.members_of(&family).await.unwrap().iter().zip(seen) {
        let placements = record.placements(member.release).await.unwrap();
        let placed = placements.first().unwrap();
        let says = format!("{} is there", placed.ami);
        let stood = Stood {
            keys,
            encrypted,
            shared,
            ..settled(says, Some(placed.ami), now)
        };
        record
            .write_stood(&family, member.release, placed.target, &stood)
            .await
            .unwrap();
    }
}

/// How two releases of a family stand: one there, one in the way of which is something.
async fn stand(hub: &Hub) {
    let (record, now) = (hub.record(), hub.moment().now);
    let family = "site".parse().unwrap();
    let ami = "ami-0123456789abcdef0".parse().unwrap();
    let there = Stood {
        audience: String::from("a"),
        failed: BTreeSet::from([ami]),
        made: Some(MadeCopy::found(None, ami, now)),
        ..settled("ami-0123456789abcdef0 is there", Some(ami), now)
    };
    let missing = Stood {
        says: "blocked".into(),
        reach: Reach::Coming,
        ami: None,
        lacks: true,
        settled: false,
        findings: vec!["the key alias/golden is disabled: enable it".into()],
        tries: 1,
        ..there.clone()
    };
    let releases = record.members_of(&family).await.unwrap();
    for (region, stood) in [("eu-west-1", there), ("us-east-1", missing)] {
        let target = format!("{HUB}/{region}").parse().unwrap();
        record
            .write_stood(&family, releases[0].release, target, &stood)
            .await
            .unwrap();
    }
}

/// Plans of the samples before they are applied, when they are changed, and when something is in the way.
async fn answers_about_manifests(answers: &mut Answers, hub: &Hub) {
    let samples = Folder::of_samples();
    let plan = ["plan", "apply", samples.path()];
    hub.shop
        .aws
        .plane
        .with(|world| world.create_repository(target(HUB, IRELAND), "tools"));
    let taken = hub.shop.ib.create_infrastructure_configuration().name("tools-x86-64");
    taken.instance_profile_name("Other").send().await.unwrap();
    samples.change("tools.yaml", |text| {
        text.replace(
            "  infrastructure:",
            "  scanning: { repository: tools, tags: [scanned] }\n  infrastructure:",
        )
    });
    answers.ask(hub, "plan-apply", &plan).await;
    let apply = ["apply", samples.path(), "--yes", "--family", "base"];
    hub.says(&apply).await;
    samples.change("base.yaml", |text| text.replace("size_gb: 10", "size_gb: 20"));
    hub.says(&[&apply[..], &["--message", "more room"]].concat()).await;
    let for_one = |text: String| {
        text.replace("[x86_64, arm64]", "[x86_64]")
            .replace("t3.medium, t4g.medium", "t3.medium")
    };
    samples.change("base.yaml", |text| for_one(text).replace("size_gb: 20", "size_gb: 30"));
    samples.change("web.yaml", for_one);
    answers
        .ask(hub, "plan-apply", &[&plan[..], &["--prune-versions"]].concat())
        .await;
    let recorded = folder().join("../../crates/steward-cli/tests/offline");
    let (fleet, families) = (recorded.join("fleet.json"), recorded.join("families"));
    let (fleet, families) = (fleet.to_str().unwrap(), families.to_str().unwrap());
    let offline = [
        "plan",
        "--offline",
        fleet,
        "--families",
        families,
        "--now",
        "2026-06-01T04:00:00Z",
    ];
    answers.ask(hub, "plan", &offline).await;
    answers.ask(hub, "families", &["families"]).await;
    answers.ask(hub, "families-show", &["families", "show", "base"]).await;
    answers
        .ask(hub, "families-history", &["families", "history", "base"])
        .await;
    answers.ask(hub, "check", &["check", samples.path()]).await;
    samples.change("base.yaml", |text| format!("{text}colour: red\n"));
    answers.ask(hub, "check", &["check", samples.path()]).await;
    let all = folder().join("../../crates/steward/tests/manifests/good/all");
    answers
        .ask(hub, "plan-apply", &["plan", "apply", all.to_str().unwrap()])
        .await;
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_as_its_schema_says_and_has_every_member_that_it_says() {
    let answers = Box::pin(all_answers()).await;
    assert_eq!(answers.of.keys().cloned().collect::<BTreeSet<_>>(), names());
    if let Some(folder) = std::env::var_os("IMAGE_STEWARD_ANSWERS") {
        for (name, answers) in &answers.of {
            let file = std::path::PathBuf::from(&folder).join(format!("{name}.json"));
            fs::write(file, format!("{:#}", json!(answers))).unwrap();
        }
    }
    let (mut wrong, mut unmet) = (Vec::new(), BTreeMap::new());
    for (name, answers) in &answers.of {
        let (mut schema, mut strict) = (Schema::named(name), Schema::named(name));
        for answer in answers {
            let complaints = schema.complaints(answer);
            wrong.extend(complaints.into_iter().map(|complaint| format!("{name}{complaint}")));
            for more in with_a_member_more(answer) {
                assert!(!strict.complaints(&more).is_empty(), "{name} takes {more:#}");
            }
        }
        for (at, is_met) in schema.each_met() {
            let at = if at.starts_with(SHARED) {
                at
            } else {
                format!("{name}{at}")
            };
            *unmet.entry(at).or_insert(true) &= !is_met;
        }
    }
    let unmet = unmet.into_iter().filter(|(_, unmet)| *unmet).map(|(at, _)| at);
    let unmet: Vec<String> = unmet.collect();
    assert_eq!(unmet, NOT_IN_ANY_ANSWER);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The answer with a member that no schema knows, at the first place of each path that there is.
fn with_a_member_more(answer: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    if let Value::Object(members) = answer {
        let mut more = members.clone();
        more.insert(String::from("unheard-of"), Value::Bool(true));
        found.push(Value::Object(more));
        for (name, member) in members {
            for changed in with_a_member_more(member) {
                let mut members = members.clone();
                members.insert(name.clone(), changed);
                found.push(Value::Object(members));
            }
        }
    }
    if let Value::Array(items) = answer
        && let Some(first) = items.first()
    {
        for changed in with_a_member_more(first) {
            let mut items = items.clone();
            items[0] = changed;
            found.push(Value::Array(items));
        }
    }
    found
}

#[tokio::test(start_paused = true)]
async fn an_architecture_that_only_one_of_two_releases_has_is_named_and_not_compared() {
    let Populated { hub, .. } = populated().await;
    let told = hub.says(&["diff", "tools", "kiosk"]).await;
    assert!(
        told.starts_with("tools/1.0.0/1 → kiosk/1.0.0/1  x86_64 AVAILABLE\n"),
        "{told}"
    );
    assert!(
        told.contains("\n  ~ parameters of stig: Level=Low → Level=High\n"),
        "{told}"
    );
    assert!(
        told.ends_with("\nOnly of the second, and not compared: kiosk/1.0.0/1 (arm64)\n"),
        "{told}"
    );
    let told = hub.says(&["diff", "kiosk", "tools"]).await;
    assert!(
        told.ends_with("\nOnly of the first, and not compared: kiosk/1.0.0/1 (arm64)\n"),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_runs_what_is_old_is_told_by_owner_with_how_many_are_not_kept_one_by_one_and_as_of_when() {
    let Populated { hub, .. } = populated().await;
    let told = hub.says(&["old", "--family", "base", "--than", "1h"]).await;
    let rows: Vec<Vec<&str>> = told
        .lines()
        .map(|line| {
            line.split("  ")
                .filter(|cell| !cell.is_empty())
                .map(str::trim)
                .collect()
        })
        .collect();
    let by = |row: &[&str]| (row[2].to_owned(), row[5].to_owned());
    let expected = [
        ("-", "39"),
        ("(not kept)", "11"),
        ("-", "1"),
        ("team-shop", "1"),
        ("(not told)", "2"),
    ];
    let mut told_by: Vec<(String, String)> = rows[1..6].iter().map(|row| by(row)).collect();
    told_by.sort();
    let mut expected = expected.map(|(owner, count)| (owner.to_owned(), count.to_owned()));
    expected.sort();
    assert_eq!(told_by, expected, "{told}");
    assert!(told.contains("\n54 instances.\nAs of 2026-02-15T"), "{told}");
    let nobody = hub.says(&["old", "--family", "site"]).await;
    assert!(
        nobody.starts_with(
            "Nobody is known to run what of 1 family is revoked, or older than the newest by more than 30d: 1 release.\nAs of "
        ),
        "{nobody}"
    );
}

//! What is said before anything is done: plans that change nothing and come true, and what will fail with what would put it right.

mod members;
mod names;
mod people;

use image_plane::{AccountId, Effect, Fault, NewImage, Settings};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, minutes, share, target};
use steward_aws::{Caller, CallerError};
use steward_cli::Spoken;

use crate::distribution::Depot;

const TOKYO: &str = "ap-northeast-1";
const FAMILY: &str = "image-steward:family";
const TO_ALL: &str = r#"{ regions: { us-east-1: { kms_key: alias/golden }, ap-northeast-1: {} }, tags: { team: web },
    share_with: { accounts: ["222233334444", "333344445555"], may_copy: true } }"#;

fn key(depot: &Depot, usable_by: &[AccountId]) -> String {
    let (virginia, who) = (target(HUB, VIRGINIA), usable_by.iter().copied());
    let plane = &depot.hub.shop.aws.plane;
    plane
        .with(|world| world.create_key(virginia, Some("alias/golden"), who))
        .to_string()
}

/// Every call that would have changed anything, refused ones too: of AWS, and of the record.
fn changes(depot: &Depot) -> (usize, u64) {
    let plane = &depot.hub.shop.aws.plane;
    let writes = [
        "UpdateItem",
        "DeleteItem",
        "PutItem",
        "TransactWriteItems",
        "BatchWriteItem",
    ];
    let of_record = plane.with_tables(|tables| writes.iter().map(|write| tables.ledger().of(write).all()).sum());
    (plane.with(|world| world.ledger().mutations().len()), of_record)
}

/// Every call: of AWS, and of the record.
fn calls(depot: &Depot) -> (u64, u64) {
    let plane = &depot.hub.shop.aws.plane;
    let all = |ledger: &image_plane::Ledger| ledger.counts().map(|(.., counts)| counts.all()).sum();
    (
        plane.with(|world| all(world.ledger())),
        plane.with_tables(|tables| all(tables.ledger())),
    )
}

/// The steps of a plan, each with its target.
async fn planned(depot: &Depot) -> Vec<(String, String)> {
    let before = changes(depot);
    let said = depot
        .hub
        .steward(&["plan", "distribute", "web", "--format", "json"])
        .await;
    assert_eq!(changes(depot), before, "a plan changes something");
    let told: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"));
    let mut steps = Vec::new();
    for planned in told[0]["targets"].as_array().unwrap() {
        let target = planned["target"].as_str().unwrap();
        let of_it = planned["steps"].as_array().unwrap().iter();
        steps.extend(of_it.map(|step| (target.to_owned(), step.as_str().unwrap().to_owned())));
    }
    steps.sort();
    steps
}

/// The steps of distribution in the journals, each with its target.
async fn journaled(depot: &Depot) -> Vec<(String, String)> {
    let record = depot.hub.record();
    let mut steps = Vec::new();
    for member in record.members_of(&"web".parse().unwrap()).await.unwrap() {
        for entry in record.journal(member.release).await.unwrap() {
            let said = entry.heard.strip_prefix("apply-distribution in ");
            let Some((target, rest)) = said.and_then(|said| said.split_once(": ")) else {
                continue;
            };
            let step = rest.strip_suffix(": done").unwrap_or_else(|| panic!("{rest}"));
            steps.push((target.to_owned(), step.to_owned()));
        }
    }
    steps.sort();
    steps
}

/// A sweep and all its work, with neither record nor time moving between a plan and it.
async fn apply(depot: &Depot) {
    depot.dispatch().await.unwrap();
    while let Some(worked) = depot.work().await {
        worked.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_changes_nothing_and_is_what_the_workers_then_do() {
    let depot = Depot::new(Settings::calm()).await;
    key(&depot, &[MEMBER]);
    depot.hub.want(TO_ALL).await;
    depot.hub.shop.built().await;
    depot.hub.sweep().await;
    depot.observe().await;
    let mut rounds = 0;
    loop {
        let plan = planned(&depot).await;
        let before = journaled(&depot).await;
        apply(&depot).await;
        let mut after = journaled(&depot).await;
        for known in before {
            let at = after.iter().position(|step| *step == known).unwrap();
            after.remove(at);
        }
        assert_eq!(after, plan, "in round {rounds}");
        if plan.is_empty() && rounds > 8 {
            break;
        }
        rounds += 1;
        assert!(rounds < 30, "{plan:?}");
        if rounds == 8 {
            // Something is done by hand, which a plan sees at once and a sweep when it is due.
            let copy = depot.copies().await[TOKYO][0].clone();
            share(
                &depot.hub.shop.aws.ec2(HUB, TOKYO),
                &copy,
                AccountId::new(444_455_556_666),
            )
            .await;
            depot.hub.shop.aws.pass(stage::aws::hours(24)).await;
        }
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.hub.sweep().await;
        // Who may use it is looked up again.
        depot.observe().await;
    }
    assert!(journaled(&depot).await.len() > 10);
}

/// Of a doctor's answer for people: its lines, without what was not looked at.
async fn told(depot: &Depot) -> (Vec<String>, u8) {
    let before = changes(depot);
    let Spoken { out, err, code } = depot.hub.steward(&["doctor", "--family", "web"]).await;
    assert_eq!((err.as_str(), changes(depot)), ("", before));
    assert!(
        out.contains("Not looked at:\n  · what members see, but by what the hub's functions saw there last"),
        "{out}"
    );
    let lines = out.lines().take_while(|line| !line.contains("Not looked at:"));
    (lines.filter(|line| !line.is_empty()).map(str::to_owned).collect(), code)
}

/// A depot in which the audience is known and nothing was done yet.
async fn waiting(distribute: &str) -> Depot {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want(distribute).await;
    depot.observe().await;
    depot
}

#[tokio::test(start_paused = true)]
async fn where_nothing_will_fail_the_doctor_says_so() {
    let depot = waiting(r#"{ regions: { us-east-1: {} }, share_with: { accounts: ["222233334444"] } }"#).await;
    assert_eq!(told(&depot).await, (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_lacks_consumers_is_told_with_the_whole_statement_however_many_there_are() {
    let accounts: Vec<String> = (0..30).map(|n| format!("\"2222{n:08}\"")).collect();
    let distribute = format!(
        "{{ regions: {{ us-east-1: {{ kms_key: alias/golden }} }}, share_with: {{ accounts: [{}] }} }}",
        accounts.join(", ")
    );
    let depot = waiting(&distribute).await;
    let key = key(&depot, &[]);
    let (lines, code) = told(&depot).await;
    assert_eq!((lines.len(), lines[0].as_str(), code), (3, "Keys", 2), "{lines:?}");
    let said = format!(
        "the policy of the key {key} does not let 222200000000, 222200000001, 222200000002 and 27 more use it: "
    );
    assert!(
        lines[1].starts_with("  ! web in 111122223333/us-east-1, web/1.4.2/1 (x86_64): "),
        "{lines:?}"
    );
    assert!(lines[1].contains(&said), "{lines:?}");
    let statement: Value = serde_json::from_str(lines[2].trim()).unwrap();
    assert_eq!(
        statement["Condition"]["StringEquals"]["kms:CallerAccount"]
            .as_array()
            .map(Vec::len),
        Some(30)
    );
}

#[tokio::test(start_paused = true)]
async fn what_would_be_encrypted_by_awss_own_key_is_told_before_any_change() {
    let depot = waiting(r#"{ regions: { us-east-1: {} }, share_with: { accounts: ["222233334444"] } }"#).await;
    depot.hub.shop.aws.plane.with(|world| {
        world
            .account_mut(HUB)
            .encrypts_by_default
            .insert(VIRGINIA.parse().unwrap());
    });
    let (lines, code) = told(&depot).await;
    let said = "  ! web in 111122223333/us-east-1, web/1.4.2/1 (x86_64): a copy in us-east-1 would be encrypted by AWS's own key, and could not be shared: set `kms_key` of us-east-1 in `distribute.regions`";
    assert_eq!((lines, code), (vec![String::from("Keys"), String::from(said)], 2));
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_not_enabled_is_told_by_name() {
    let depot = waiting("{ regions: { ap-east-1: {} } }").await;
    let (lines, code) = told(&depot).await;
    let said = "  ! web in 111122223333/ap-east-1, web/1.4.2/1 (x86_64): ap-east-1 is not enabled for the account 111122223333: enable it there, or take it out of `distribute.regions`";
    assert_eq!((lines, code), (vec![String::from("Targets"), String::from(said)], 2));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_public_is_told_each_with_its_own_sentence() {
    let depot = waiting("{ regions: {}, share_with: { public: true, everybody_may_use: web, may_copy: true } }").await;
    let ireland = IRELAND.parse().unwrap();
    for n in 0..5 {
        let image = NewImage::named(&format!("public-{n}")).public();
        depot.hub.shop.aws.image_with(HUB, IRELAND, image);
    }
    depot.hub.shop.aws.plane.with(|world| {
        world.account_mut(HUB).block_public_snapshots.insert(ireland);
    });
    let (lines, code) = told(&depot).await;
    assert_eq!((lines.len(), code), (3, 2), "{lines:?}");
    let has = |words: &str| lines.iter().any(|line| line.contains(words));
    assert!(
        has("  · web in") && has("5 images of the account are in this Region, as many as AWS allows"),
        "{lines:?}"
    );
    assert!(
        has("  ! web in") && has("cannot be public: the account blocks public access in this Region"),
        "{lines:?}"
    );
    depot.hub.shop.aws.plane.with(|world| {
        let account = world.account_mut(HUB);
        account.block_public_snapshots.remove(&ireland);
        account.block_public_images.insert(ireland);
    });
    let (lines, _) = told(&depot).await;
    assert!(
        lines[1].contains(&format!("{} cannot be public: the account blocks", depot.built)),
        "{lines:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_parameter_of_another_type_is_told_before_a_channel_is_published() {
    let publish = r#"{ regions: {}, publish: { parameter: "/golden/{family}/{channel}", to: [hub] } }
channels: { candidate: { from: release } }"#;
    let depot = waiting(publish).await;
    let ssm = depot.hub.shop.aws.ssm(HUB, IRELAND);
    let put = ssm.put_parameter().name("/golden/web/candidate").value("x");
    put.r#type(aws_sdk_ssm::types::ParameterType::String)
        .send()
        .await
        .unwrap();
    let (lines, code) = told(&depot).await;
    assert_eq!(
        (lines.len(), lines[0].as_str(), code),
        (2, "Parameters and launch templates", 2),
        "{lines:?}"
    );
    assert!(lines[1].contains("/golden/web/candidate"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn a_parameter_that_others_made_is_told_before_a_channel_is_published() {
    let publish = r#"{ regions: {}, publish: { parameter: "/golden/{family}/{channel}", to: [hub] } }
channels: { candidate: { from: release } }"#;
    let depot = waiting(publish).await;
    let theirs = depot.hub.shop.aws.image(HUB, IRELAND, "theirs");
    let ssm = depot.hub.shop.aws.ssm(HUB, IRELAND);
    let write = async |ami: &str| {
        let put = ssm.put_parameter().name("/golden/web/candidate").value(ami);
        let put = put.data_type("aws:ec2:image").overwrite(true);
        put.r#type(aws_sdk_ssm::types::ParameterType::String)
            .send()
            .await
            .unwrap();
        depot.hub.shop.aws.pass(minutes(5)).await;
    };
    write(&theirs).await;
    let (lines, code) = told(&depot).await;
    assert_eq!((lines.len(), code), (2, 2), "{lines:?}");
    assert!(lines[1].contains(&format!("names {theirs} and not")), "{lines:?}");
    write(&depot.built).await;
    assert_eq!(told(&depot).await.1, 0);
}

#[tokio::test(start_paused = true)]
async fn others_at_work_on_the_same_images_are_told_by_name() {
    let depot = waiting("{ regions: {} }").await;
    let hub = target(HUB, IRELAND);
    depot.hub.shop.aws.plane.with(|world| {
        world.place_lifecycle_policy(
            hub,
            "tidy",
            true,
            &json!({ "recipes": [{ "name": "web", "semanticVersion": "1.x.x" }] }),
        );
        world.place_lifecycle_policy(hub, "off", false, &json!({ "tagMap": { FAMILY: "web" } }));
        world.place_lifecycle_policy(hub, "theirs", true, &json!({ "tagMap": { FAMILY: "base" } }));
    });
    let ib = &depot.hub.shop.ib;
    let configurations = ib.list_distribution_configurations().send().await.unwrap();
    let arn = configurations.distribution_configuration_summary_list()[0]
        .arn()
        .unwrap()
        .to_owned();
    ib.update_distribution_configuration()
        .distribution_configuration_arn(arn)
        .set_distributions(Some(vec![
            stage::shop::distribution(IRELAND),
            stage::shop::distribution(VIRGINIA),
        ]))
        .send()
        .await
        .unwrap();
    let (lines, code) = told(&depot).await;
    let said = [
        "Others at work",
        "  ! web: the lifecycle policy tidy of Image Builder selects its images (DELETE), whoever uses them: disable it, or take them out of its selection",
        "  ! web: the distribution configuration web of Image Builder copies its images into us-east-1 too: leave it with the one Region of the build, and say the rest in `distribute`",
    ];
    assert_eq!((lines, code), (said.map(String::from).to_vec(), 2));
    // An adopted image may be one of Data Lifecycle Manager's.
    let adopted = NewImage::named("nightly")
        .tag(FAMILY, "web")
        .tag("aws:dlm:lifecycle-policy-id", "policy-0123456789abcdef0");
    let adopted = depot.hub.shop.aws.plane.with(|world| world.place_image(hub, adopted));
    let (lines, _) = told(&depot).await;
    let made = format!(
        "  ! web in {HUB}/{IRELAND}: the policy policy-0123456789abcdef0 of Data Lifecycle Manager made {adopted} and cleans up what it made, whoever uses it: take the tag {FAMILY} off, or let that service keep it"
    );
    assert!(lines.contains(&made), "{lines:?}");
    // Nobody may look: that is said, with AWS's own words, and is no failure of anything.
    let denied = Fault::new(Effect::Deny).on("ListLifecyclePolicies").always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    let (lines, code) = told(&depot).await;
    assert!(
        lines[2].starts_with("  · web: who else is at work in Image Builder could not be read: "),
        "{lines:?}"
    );
    assert_eq!((lines.len(), code), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_told_of_its_target_and_the_others_are_told_all_the_same() {
    let depot = waiting("{ regions: { us-east-1: {}, ap-northeast-1: {} } }").await;
    let denied = Fault::new(Effect::Deny)
        .on("DescribeSnapshots")
        .region(TOKYO.parse().unwrap());
    depot.hub.shop.aws.plane.with(|world| world.inject(denied.always()));
    let plan = depot.hub.steward(&["plan", "distribute"]).await;
    assert_eq!(plan.code, 2);
    assert!(
        plan.out
            .starts_with("web/1.4.2/1 (x86_64) in 111122223333/us-east-1\n  1. copy "),
        "{}",
        plan.out
    );
    assert!(
        plan.out
            .contains("\n! web in 111122223333/ap-northeast-1: not looked at: failed to "),
        "{}",
        plan.out
    );
    let (lines, code) = told(&depot).await;
    assert_eq!((lines.len(), code), (2, 2), "{lines:?}");
    assert!(
        lines[1].starts_with("  ! web in 111122223333/ap-northeast-1: could not be looked at: "),
        "{lines:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_word_that_names_no_family_is_answered_in_a_sentence_and_an_audience_nobody_looked_up_is_said() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: {} }").await;
    for words in [&["plan", "distribute", "wbe"][..], &["doctor", "--family", "wbe"]] {
        let said = depot.hub.steward(words).await;
        assert_eq!((said.code, said.out.as_str()), (2, ""));
        assert!(
            said.err
                .starts_with("steward: the record has no release of wbe; families there are: web"),
            "{}",
            said.err
        );
        let bad = depot
            .hub
            .steward(&[&words[..words.len() - 1], &["We b"]].concat())
            .await;
        assert_eq!(bad.code, 2);
        assert!(bad.err.starts_with("steward: invalid family name: "), "{}", bad.err);
    }
    let said = depot.hub.steward(&["plan", "distribute"]).await;
    let sentence = "! web: who may use web by this manifest was not looked up within an hour, and nothing is done until it is; the sweep does\n";
    assert!(said.code == 2 && said.out.starts_with(sentence), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn without_any_manifest_there_is_nothing_to_ask_and_that_is_said() {
    let depot = Depot::new(Settings::calm()).await;
    for words in [&["plan", "distribute"][..], &["doctor"]] {
        let said = depot.hub.steward(words).await;
        let sentence = "steward: no manifest holds yet, and nothing is distributed: `steward apply` stores them.\n";
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (2, "", sentence));
    }
    // Its releases are in the record all the same.
    let said = depot.hub.steward(&["doctor", "--family", "web"]).await;
    let sentence = "steward: no manifest of web holds: `steward apply` stores one.\n";
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (2, "", sentence));
}

#[tokio::test(start_paused = true)]
async fn where_nobody_answers_or_nothing_may_be_read_that_is_said_in_a_sentence_each() {
    let depot = waiting("{ regions: { us-east-1: {} } }").await;
    let plane = &depot.hub.shop.aws.plane;
    for (effect, why) in [
        (Effect::ResetBeforeApply, "no answer: "),
        (Effect::Deny, "UnauthorizedOperation: "),
    ] {
        let of_ec2 = Fault::new(effect).service(image_plane::Service::Ec2);
        plane.with(|world| world.inject(of_ec2.always()));
        let (lines, code) = told(&depot).await;
        assert_eq!((lines.len(), lines[0].as_str(), code), (3, "Targets", 2), "{lines:?}");
        for (line, region) in lines[1..].iter().zip([IRELAND, VIRGINIA]) {
            let said = format!("  ! web in 111122223333/{region}: could not be looked at: failed to ");
            assert!(line.starts_with(&said) && line.contains(why), "{line}");
        }
        plane.with(image_plane::World::clear_faults);
    }
    for (effect, why) in [
        (Effect::ResetBeforeApply, "no answer: "),
        (
            Effect::Deny,
            "ask whoever runs the hub to allow it to you on the stack's table",
        ),
    ] {
        plane.with_tables(|tables| tables.inject(Fault::new(effect).always()));
        for words in [&["doctor"][..], &["plan", "distribute", "web"]] {
            let said = depot.hub.steward(words).await;
            assert_eq!((said.code, said.out.as_str(), said.err.lines().count()), (1, "", 1));
            assert!(
                said.err.starts_with("steward: failed to ") && said.err.contains(why),
                "{said:?}"
            );
        }
        plane.with_tables(image_plane::Tables::clear_faults);
    }
    plane.with(|world| world.inject(Fault::new(Effect::ResetBeforeApply).always()));
    let nobody = Caller::of(depot.hub.shop.aws.config(HUB, IRELAND)).await.unwrap_err();
    assert!(
        matches!(nobody, CallerError::Refused(_))
            && nobody.to_string().contains("look at your credentials and your network"),
        "{nobody}"
    );
}

/// What a doctor costs, once who may use the family is known.
async fn cost(distribute: &str, with_key: bool) -> (u64, u64) {
    let depot = Depot::new(Settings::calm()).await;
    if with_key {
        key(&depot, &[]);
    }
    depot.hub.want(distribute).await;
    depot.rounds(3).await;
    let before = calls(&depot);
    let said = depot.hub.steward(&["doctor", "--family", "web"]).await;
    assert_eq!(said.err, "");
    let after = calls(&depot);
    (after.0 - before.0, after.1 - before.1)
}

#[tokio::test(start_paused = true)]
async fn what_a_doctor_costs_does_not_grow_with_accounts() {
    let accounts = |count: u64| {
        let all: Vec<String> = (0..count).map(|n| format!("\"2222{n:08}\"")).collect();
        all.join(", ")
    };
    let shared = |count| {
        format!(
            "{{ regions: {{ us-east-1: {{}} }}, share_with: {{ accounts: [{}] }} }}",
            accounts(count)
        )
    };
    let (few, many) = (cost(&shared(3), false).await, cost(&shared(300), false).await);
    assert_eq!(few, many);
    let owned = |count| format!("{{ regions: {{ us-east-1: {{}} }}, copy_to: [{}] }}", accounts(count));
    let (few, many) = (cost(&owned(3), false).await, cost(&owned(30), false).await);
    assert_eq!(few, many);
    let by_key = |count| owned(count).replace("us-east-1: {}", "us-east-1: { kms_key: alias/golden }");
    let (few, many) = (cost(&by_key(3), true).await, cost(&by_key(30), true).await);
    assert_eq!(few, many);
}

//! What people do wrong, and what others have written: the command says what is wrong and what to do, in one sentence.

mod strangers;

use image_plane::{Effect, Fault, Settings};
use record_lineage::gather_evidence;
use serde_json::json;
use stage::aws::IRELAND;
use stage::shop::{amis, distribution};
use steward::evidence::{Said, Source, SourceRun};
use steward_aws::AppliedManifest;

use crate::hub::Hub;
use crate::lineage::Families;

/// Three families that stand on each other, in the record and applied.
async fn known() -> Families {
    let families = Families::new().await;
    families.hub.sweep().await;
    for family in ["base", "site", "shop"] {
        apply(&families.hub, family).await;
    }
    families
}

async fn apply(hub: &Hub, family: &str) {
    let manifest = AppliedManifest {
        version: 1,
        digest: String::from("d"),
        who: String::from("ann"),
        at: hub.moment().now,
        message: None,
        text: format!(
            "family: {family}\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ \
             instance_types: [t3.medium], instance_profile: P }}\n"
        ),
    };
    let family = family.parse().unwrap();
    hub.record().store_manifest(&family, &manifest, None).await.unwrap();
}

async fn empty() -> Hub {
    Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await
}

/// What the command answers to a mistake: one sentence, and exit code 2.
async fn mistake(hub: &Hub, words: &[&str]) -> String {
    let told = hub.steward(words).await;
    assert_eq!((told.out.as_str(), told.code), ("", 2), "{words:?}: {}", told.err);
    sentence(words, &told.err)
}

fn sentence(words: &[&str], told: &str) -> String {
    let sentence = told.strip_prefix("steward: ").and_then(|told| told.strip_suffix(".\n"));
    let sentence = sentence.unwrap_or_else(|| panic!("{words:?}: {told}"));
    assert!(!sentence.contains('\n'), "{words:?}: {told}");
    sentence.to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_mistyped_family_is_answered_with_those_that_are_near_it_by_every_question() {
    let Families { hub, .. } = known().await;
    let near = "the record has no release of bsae; families there are: base, site, shop";
    for words in [
        &["impact", "bsae"][..],
        &["impact", "bsae/1.0.0", "--cve", "CVE-2026-1234"],
        &["explain", "bsae"],
        &["explain", "bsae/1.0.0/1", "--format", "json"],
        &["lineage", "bsae", "--format", "html"],
        &["diff", "bsae", "site"],
        &["diff", "site", "bsae"],
        &["where", "bsae"],
        &["history", "bsae"],
        &["releases", "bsae"],
        &["releases", "bsae", "--format", "json"],
        &["old", "--family", "site", "--family", "bsae"],
        &["old", "--family", "bsae", "--format", "json"],
    ] {
        assert_eq!(mistake(&hub, words).await, near, "{words:?}");
    }
    for (words, told) in [
        (
            ["impact", "base/1.0.1"],
            "there is no release base/1.0.1; releases there are: base/1.0.0/1",
        ),
        (
            ["releases", "ami-0123456789abcdef0"],
            "ami-0123456789abcdef0 is an image, and not a family: `steward explain ami-0123456789abcdef0` says of which \
             release",
        ),
        (
            ["explain", "Base"],
            "\"Base\" names nothing: say a release (web/1.4.2), a family (web), an image (ami-0123456789abcdef0) or the ARN \
             of a build",
        ),
        (
            ["lineage", "ami-0123456789abcdefg"],
            "invalid image: \"ami-0123456789abcdefg\" contains 'g' after the prefix, must be 8 or 17 hex digits there",
        ),
    ] {
        assert_eq!(mistake(&hub, &words).await, told, "{words:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_family_that_was_never_built_is_none_that_nobody_knows() {
    let hub = empty().await;
    apply(&hub, "till").await;
    for question in ["impact", "explain", "lineage", "where"] {
        let told = mistake(&hub, &[question, "till"]).await;
        assert_eq!(
            told,
            "till has no release with images yet; `steward history till` says what was heard of it"
        );
    }
    assert_eq!(
        hub.says(&["history", "till"]).await,
        "Nothing was heard of it: the sweep found it.\n"
    );
    assert_eq!(hub.says(&["releases", "till", "--format", "json"]).await, "[]\n");
    assert_eq!(
        hub.says(&["old", "--family", "till"]).await,
        "Of 1 family no release is revoked, or older than the newest by more than 30d.\n"
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_record_has_never_heard_of_is_said_with_when_it_would_be_in_it() {
    let Families { hub, .. } = known().await;
    let build = "arn:aws:imagebuilder:eu-west-1:111122223333:image/base/1.0.0/9";
    let image = "ami-0123456789abcdef0";
    let elsewhere = format!("ami:aws:us-east-1:{image}");
    let answers = [
        (
            build,
            format!(
                "the record of 111122223333/eu-west-1 has never heard of {build}: the sweep after a build has ended writes \
                 it down; releases there are: base/1.0.0/1"
            ),
        ),
        (
            image,
            format!(
                "the record has never heard of {image}; an ancestor of another Region is named \
                 ami:PARTITION:REGION:{image}"
            ),
        ),
        (
            &elsewhere,
            format!(
                "the record of 111122223333/eu-west-1 has never heard of {elsewhere}: an image from elsewhere is in it once \
                 it was adopted, or something was built on it"
            ),
        ),
    ];
    for (word, told) in &answers {
        for question in ["impact", "explain", "lineage"] {
            assert_eq!(&mistake(&hub, &[question, word]).await, told, "{question}");
        }
        assert_eq!(&mistake(&hub, &["diff", "base", word]).await, told);
    }
}

#[tokio::test(start_paused = true)]
async fn an_arn_of_an_image_or_of_a_version_names_what_it_means_and_a_wrong_one_is_answered_with_the_near_ones() {
    let families = known().await;
    let hub = &families.hub;
    let ami = amis(&hub.shop.image(&families.base).await)[0].1.clone();
    let version = families.base.strip_suffix("/1").unwrap();
    let explained = hub.says(&["explain", &families.base]).await;
    for word in [
        format!("arn:aws:ec2:eu-west-1::image/{ami}"),
        version.to_owned(),
        version.replace("1.0.0", "1.x.x"),
    ] {
        assert_eq!(hub.says(&["explain", &word]).await, explained, "{word}");
    }
    let other = version.replace("1.0.0", "9.9.9");
    assert_eq!(
        mistake(hub, &["explain", &other]).await,
        format!("there is no release {other}; releases there are: base/1.0.0/1")
    );
    let last = if ami.ends_with('0') { '1' } else { '0' };
    let near = format!("{}{last}", &ami[..ami.len() - 1]);
    let told = mistake(hub, &["explain", &near]).await;
    let known = format!("the record has never heard of {near}; images of the hub there are: {ami}");
    assert!(told.starts_with(&known), "{told}");
    let told = mistake(hub, &["explain", &families.base.replace(":image/", ":imag/")]).await;
    assert!(told.starts_with("invalid ARN: \"arn:aws:imagebuilder:"), "{told}");
    let told = mistake(hub, &["explain", "arn:aws:ec2:eu-west-1::image/ami-01"]).await;
    assert!(told.starts_with("invalid image: \"ami-01\""), "{told}");
}

#[tokio::test(start_paused = true)]
async fn releases_without_an_architecture_in_common_are_not_compared() {
    let families = known().await;
    let told = mistake(&families.hub, &["diff", "base", &families.vendor]).await;
    assert_eq!(
        told,
        format!(
            "base and {} have no architecture in common: nothing can be compared",
            families.vendor
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_wrong_flag_is_said_before_anybody_is_asked() {
    let Families { hub, .. } = known().await;
    for (words, told) in [
        (
            &["impact", "base", "--cve", "openssl"][..],
            "invalid --cve: \"openssl\" names no vulnerability, must be as in CVE-2026-1234",
        ),
        (
            &["old", "--than", "month"],
            "invalid --than: \"month\" is no duration, must be a whole number and s, m, h, d or w, as in 30d",
        ),
        (
            &["old", "--family", "Base"],
            "invalid family name: \"Base\" has upper-case letters, must be lower case",
        ),
    ] {
        assert_eq!(mistake(&hub, words).await, told, "{words:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_target_or_source_is_answered_with_what_would_be_right() {
    let Families { hub, .. } = known().await;
    let event = json!({ "wake": "sweep" });
    gather_evidence(&hub.room().0, &event, "run", hub.moment())
        .await
        .unwrap();
    let accept = |target: &'static str, source: &'static str, because: &'static str| {
        vec![
            "evidence",
            "accept",
            target,
            source,
            "--count",
            "3",
            "--because",
            because,
        ]
    };
    let shape = "is not a target, must be ACCOUNT/REGION, as in 111122223333/eu-west-1";
    let here = "111122223333/eu-west-1";
    for (target, told) in [
        ("111122223333", format!("invalid target: \"111122223333\" {shape}")),
        (
            "11112222333/eu-west-1",
            String::from(
                "invalid target: \"11112222333/eu-west-1\" has an invalid account id: \"11112222333\" has 11 digits, must \
                 be 12",
            ),
        ),
        (
            "111122223333/ireland",
            String::from(
                "invalid target: \"111122223333/ireland\" has an invalid Region: \"ireland\" is not a Region, must be as in \
                 eu-west-1",
            ),
        ),
        (
            "111122223334/eu-west-1",
            format!("nobody asks in 111122223334/eu-west-1 who uses images; targets there are: {here}"),
        ),
    ] {
        assert_eq!(mistake(&hub, &["evidence", target]).await, told);
        assert_eq!(mistake(&hub, &["evidence", target, "--format", "json"]).await, told);
        assert_eq!(mistake(&hub, &accept(target, "instances", "it is true")).await, told);
    }
    for (source, because, told) in [
        (
            "instance",
            "it is true",
            "invalid source: \"instance\" is no source of evidence, must be one of instances, launch-templates, \
             auto-scaling-groups, launch-configurations, fleets, spot-fleets, spot-requests, parameters, pipelines, images, reports, references",
        ),
        (
            "instances",
            "it is true",
            "there is nothing to accept: `steward evidence 111122223333/eu-west-1` says what instances say",
        ),
        ("instances", " ", "--because must say why, in 1 to 300 characters"),
    ] {
        assert_eq!(mistake(&hub, &accept(here, source, because)).await, told);
    }
    let strange = SourceRun {
        source: Source::Instances,
        as_of: hub.moment().now,
        said: Said::Implausible { count: 2, usual: 40 },
    };
    hub.record().write_run(crate::hub::hub(), &strange).await.unwrap();
    assert_eq!(
        mistake(&hub, &accept(here, "instances", "it is true")).await,
        "instances of 111122223333/eu-west-1 list 2 by now, not 3: look again, and accept that if it is true"
    );
    let accepted = [
        "evidence",
        "accept",
        here,
        "instances",
        "--count",
        "2",
        "--because",
        "it is true",
    ];
    assert_eq!(
        hub.says(&accepted).await,
        "Accepted: instances of 111122223333/eu-west-1 list 2 where 40 were usual. The next run believes it.\n"
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_record_answers_with_how_something_comes_into_it() {
    let hub = empty().await;
    let nothing = "the record has no release of web, and no manifest was applied yet that would name others: `steward \
                   apply` does it";
    for words in [
        &["impact", "web"][..],
        &["explain", "web"],
        &["lineage", "web", "--format", "html"],
        &["diff", "web/1.0.0", "web/1.0.1"],
        &["old", "--family", "web"],
        &["history", "web"],
    ] {
        assert_eq!(mistake(&hub, words).await, nothing, "{words:?}");
    }
    let here = "111122223333/eu-west-1";
    let unasked = format!(
        "nobody asks in {here} who uses images yet, nor anywhere: the first sweep after the first release does so"
    );
    assert_eq!(mistake(&hub, &["evidence", here]).await, unasked);
    let accept = [
        "evidence",
        "accept",
        here,
        "fleets",
        "--count",
        "0",
        "--because",
        "true",
    ];
    assert_eq!(mistake(&hub, &accept).await, unasked);
    for (words, told) in [
        (
            &["old"][..],
            "No manifest was applied yet, so no family is known: name one by --family.\n",
        ),
        (
            &["evidence"],
            "Nobody was asked yet: the first sweep after the first release does so.\n",
        ),
        (&["refused"], "No wake was refused in the last 30 days.\n"),
        (&["evidence", "--format", "json"], "[]\n"),
        (&["refused", "--format", "json"], "[]\n"),
        (
            &["old", "--format", "json"],
            "{\n  \"as_of\": {},\n  \"instances\": []\n}\n",
        ),
    ] {
        assert_eq!(hub.says(words).await, told, "{words:?}");
    }
}

/// Every question, as somebody asks it.
const QUESTIONS: [&[&str]; 14] = [
    &["impact", "base"],
    &["old"],
    &["old", "--family", "base"],
    &["evidence"],
    &["evidence", "111122223333/eu-west-1"],
    &[
        "evidence",
        "accept",
        "111122223333/eu-west-1",
        "instances",
        "--count",
        "1",
        "--because",
        "it is true",
    ],
    &["lineage", "base", "--format", "html"],
    &["explain", "base"],
    &["diff", "base", "site"],
    &["refused"],
    &["releases", "base"],
    &["where", "base"],
    &["history", "base"],
    &["families"],
];

#[tokio::test(start_paused = true)]
async fn a_table_that_is_not_there_is_a_failure_that_says_which_flag_names_it() {
    let Families { hub, .. } = known().await;
    for words in QUESTIONS {
        let told = hub.steward_with("recrod", words).await;
        assert_eq!((told.out.as_str(), told.code), ("", 1), "{words:?}");
        let told = sentence(words, &told.err);
        assert!(
            told.contains(" of the record in 111122223333/eu-west-1: ResourceNotFoundException: ")
                && told.ends_with(
                    "; --table (or STEWARD_TABLE) must be the output `Table` of the stack, and your credentials and \
                     AWS_REGION those of the hub"
                ),
            "{words:?}: {told}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_that_somebody_may_not_read_is_a_failure_that_says_what_was_denied_and_to_whom() {
    let Families { hub, .. } = known().await;
    for words in QUESTIONS {
        let plane = &hub.shop.aws.plane;
        plane.with_tables(|tables| tables.inject(Fault::new(Effect::Deny).always()));
        let told = hub.steward(words).await;
        plane.with_tables(image_plane::Tables::clear_faults);
        assert_eq!((told.out.as_str(), told.code), ("", 1), "{words:?}");
        let told = sentence(words, &told.err);
        assert!(
            told.contains(
                "111122223333/eu-west-1: AccessDeniedException: User: arn:aws:iam::111122223333:root is not authorized"
            ) && told.ends_with("; ask whoever runs the hub to allow it to you on the stack's table"),
            "{words:?}: {told}"
        );
    }
}

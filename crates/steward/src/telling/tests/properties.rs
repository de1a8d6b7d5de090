//! However much there is to tell, and whoever wrote it: every look of it is whole, and within what its reader takes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::super::{BuiltRelease, ReleaseMessage};
use super::stage::{MANIFEST, built, hostile, manifest, on, package, stood, target, told, vulnerability};
use crate::distribution::Reach;

/// What SNS takes of a message with its attributes, which are a few words.
const SNS: usize = (256 << 10) - 1_024;

fn texts(message: &ReleaseMessage) -> [Value; 2] {
    let sent = message.texts();
    assert!(sent.len() <= SNS, "{}", sent.len());
    let sent: Value = serde_json::from_str(&sent).unwrap();
    let protocols: Vec<&str> = sent.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(protocols, ["default", "email", "https"]);
    ["default", "https"].map(|protocol| serde_json::from_str(sent[protocol].as_str().unwrap()).unwrap())
}

/// AWS documents these limits of a custom notification, in characters.
fn assert_chat(chat: &Value) {
    let bounded =
        |text: &Value, most: usize| assert!((1..=most).contains(&text.as_str().unwrap().chars().count()), "{text}");
    assert_eq!(
        (chat["version"].as_str(), chat["source"].as_str()),
        (Some("1.0"), Some("custom"))
    );
    bounded(&chat["content"]["title"], 250);
    bounded(&chat["content"]["description"], 8_000);
    assert_eq!(chat["content"]["textType"], "client-markdown");
    chat["content"]["nextSteps"]
        .as_array()
        .unwrap()
        .iter()
        .for_each(|step| bounded(step, 350));
    chat["content"]["keywords"]
        .as_array()
        .unwrap()
        .iter()
        .for_each(|keyword| bounded(keyword, 75));
    let context = chat["metadata"]["additionalContext"].as_object().unwrap();
    assert!(context.values().all(Value::is_string));
}

/// Every list, with how long it was.
fn counts(value: &Value, found: &mut Vec<usize>) {
    match value {
        Value::Object(members) => {
            if let (Some(Value::Array(listed)), Some(more)) = (members.get("listed"), members.get("more")) {
                found.push(listed.len() + usize::try_from(more.as_u64().unwrap()).unwrap());
            }
            members.values().for_each(|member| counts(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| counts(item, found)),
        _ => {}
    }
}

#[test]
fn a_release_with_thousands_of_packages_and_long_words_is_told_within_bounds_and_counts_what_it_leaves_out() {
    let message = hostile();
    let [machine, chat] = texts(&message);
    assert_chat(&chat);
    let since = &machine["since"];
    for list in [&since["packages"], &since["vulnerabilities"]["introduced"]] {
        let mut found = Vec::new();
        counts(list, &mut found);
        assert!([5_000, 5_001].contains(&found[0]), "{found:?}");
    }
    assert!(message.subject().len() < 100);
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9.+~-]{1,12}",
        "\\PC{0,40}",
        "[`<>@\"\\\\\u{0}\u{1b}é漢😀]{0,300}",
        Just("x".repeat(70_000))
    ]
}

fn releases() -> impl Strategy<Value = BuiltRelease> {
    let packages = proptest::collection::btree_set((words(), words()), 0..20);
    let found = proptest::collection::vec((words(), proptest::collection::vec(words(), 0..5)), 0..20);
    (packages, found, words(), any::<bool>()).prop_map(|(packages, found, said, scanned)| {
        let mut release = built(7);
        release.card.scanned = scanned.then(|| super::stage::at("18:30:00"));
        release.started_by = Some(said.as_str().into());
        release.parents = vec![said.into()];
        release.details.packages = packages.iter().map(|(name, version)| package(name, version)).collect();
        let found = found.iter().enumerate().map(|(n, (severity, packages))| {
            let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
            vulnerability(&format!("CVE-2026-{n}"), severity, &packages)
        });
        release.details.vulnerabilities = found.collect();
        release
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_message_is_within_bounds_and_no_words_of_others_steer_it(
        built in releases(),
        before in proptest::option::of(releases()),
        findings in proptest::collection::vec(words(), 0..8),
        says in words(),
    ) {
        let findings: Vec<&str> = findings.iter().map(String::as_str).collect();
        let stood = BTreeMap::from([
            (target("eu-west-1"), stood(Reach::Usable, &says, Some("ami-0a1b2c3d4e5f60001"), &findings)),
            (target("ap-south-1"), stood(Reach::Coming, &says, None, &findings)),
        ]);
        let message = told(&manifest(MANIFEST), (built, before), &stood, &[on("candidate", 7)].into());
        let [machine, chat] = texts(&message);
        assert_chat(&chat);
        prop_assert_eq!(&machine["release"], &chat["id"]);
        let description = chat["content"]["description"].as_str().unwrap();
        prop_assert!(!description.contains(['<', '>', '@', '&']));
        for line in description.lines() {
            prop_assert_eq!(line.matches('`').count() % 2, 0, "{}", line);
        }
        prop_assert!(message.text().len() <= 16 << 10);
        prop_assert!(!message.text().replace('\n', "").contains(crate::steers));
    }
}

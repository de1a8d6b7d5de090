//! What people and programs get, as files to be read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::ReleaseMessage;
use super::stage::{MANIFEST, bare, built, hostile, manifest, stood, told, whole};
use crate::distribution::Reach;
use crate::testing::assert_blessed;

fn pretty(json: &str) -> String {
    let value: Value = serde_json::from_str(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

/// As it is sent, and what a person sees of it.
fn chat(message: &ReleaseMessage) -> String {
    let value: Value = serde_json::from_str(&message.chat()).unwrap();
    format!(
        "{}\n\n{}",
        pretty(&message.chat()),
        value["content"]["description"].as_str().unwrap()
    )
}

#[test]
fn a_release_of_which_everything_is_known_is_told_whole() {
    let message = whole();
    assert_blessed(
        pretty(&message.json()).lines(),
        "../../docs/messages/release-usable.json",
    );
    assert_blessed(chat(&message).lines(), "src/telling/tests/whole.chat.txt");
    assert_blessed(
        format!("{}\n\n{}", message.subject(), message.text()).lines(),
        "src/telling/tests/whole.mail.txt",
    );
}

#[test]
fn a_first_release_of_which_little_is_known_says_so() {
    let message = bare();
    assert_blessed(pretty(&message.json()).lines(), "src/telling/tests/bare.json");
    assert_blessed(chat(&message).lines(), "src/telling/tests/bare.chat.txt");
    assert_blessed(
        format!("{}\n\n{}", message.subject(), message.text()).lines(),
        "src/telling/tests/bare.mail.txt",
    );
}

#[test]
fn what_members_own_is_told_by_their_account_after_what_the_hub_has() {
    let start = MANIFEST.find("distribute:").unwrap();
    let owned = "distribute: { regions: { us-east-1: {} }, copy_to: [\"000011112222\"] }\n";
    let manifest = manifest(&format!("{}{owned}", &MANIFEST[..start]));
    let theirs = "000011112222/us-east-1".parse().unwrap();
    let there = stood(Reach::Usable, "there", Some("ami-0a1b2c3d4e5f60001"), &[]);
    let stood = [(theirs, there)].into();
    let message = told(&manifest, (built(1), None), &stood, &BTreeMap::new());
    let images = message.images.iter();
    let said: Vec<(String, bool, Reach)> = images
        .map(|image| (image.target.to_string(), image.required, image.reach))
        .collect();
    let expected = [
        ("111122223333/eu-west-1", true, Reach::Coming),
        ("111122223333/us-east-1", true, Reach::Coming),
        ("000011112222/us-east-1", true, Reach::Usable),
    ];
    assert_eq!(
        said,
        expected.map(|(target, required, reach)| (target.to_owned(), required, reach))
    );
}

#[test]
fn words_that_would_steer_a_chat_are_shown_and_steer_nothing() {
    let message = hostile();
    assert_blessed(chat(&message).lines(), "src/telling/tests/hostile.chat.txt");
    let chat: Value = serde_json::from_str(&message.chat()).unwrap();
    let description = chat["content"]["description"].as_str().unwrap();
    for steers in ["<", ">", "@", "://", "&"] {
        assert!(!description.contains(steers), "{steers}");
    }
    // All of theirs is code: none of it ends where they say.
    for line in description.lines() {
        assert_eq!(line.matches('`').count() % 2, 0, "{line}");
        let outside: String = line.split('`').step_by(2).collect();
        assert!(!outside.contains("evil") && !outside.contains('*'), "{line}");
    }
}

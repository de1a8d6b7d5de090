//! What tests share: the four claims about a word, strategies for valid and nearly valid text, and things as they usually are.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::distribution::{Lent, Reach, Stood};
use crate::lineage::Card;
use crate::{Architecture, BuildState, CanonicalName, Given, ReleaseId, Timestamp, Words};

/// A build that is done.
pub(crate) fn built(name: &str) -> Card {
    let arn = format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/{name}");
    Card {
        name: arn.parse().unwrap(),
        kind: String::from("built"),
        state: Some(BuildState::Available),
        reason: None,
        failure: None,
        family: Some(name.split('/').next().unwrap().parse().unwrap()),
        recipe: None,
        components: Vec::new(),
        fingerprint: None,
        architecture: Some(Architecture::X86_64),
        created: None,
        alias: None,
        above: None,
        scanned: None,
        linked: true,
    }
}

/// How a release stands where all is well.
pub(crate) fn stood() -> Stood {
    Stood {
        says: Words::from("there"),
        reach: Reach::Usable,
        ami: None,
        keys: Some(BTreeSet::new()),
        encrypted: None,
        shared: None,
        lacks: false,
        settled: true,
        under_way: false,
        findings: Vec::new(),
        manifest: 3,
        audience: String::from("a"),
        looked: Timestamp::from_millisecond(1_770_000_000_000).unwrap(),
        stuck: false,
        refused: 0,
        tries: 0,
        failed: BTreeSet::new(),
        made: None,
        lent: Lent::default(),
    }
}

/// A valid text prints back exactly.
#[track_caller]
pub(crate) fn assert_prints_back<T: FromStr<Err: Debug> + Display>(text: &str) {
    assert_eq!(text.parse::<T>().unwrap().to_string(), text);
}

/// Whatever the text: it is refused by an error that quotes it, or it prints back exactly. It never panics.
#[track_caller]
pub(crate) fn assert_survives<T: FromStr<Err: Display> + Display>(text: &str) {
    match text.parse::<T>() {
        Ok(word) => assert_eq!(word.to_string(), text),
        Err(error) => assert!(
            error.to_string().starts_with(&format!("{} ", Given::new(text))),
            "{error}"
        ),
    }
}

/// Each text is refused with exactly this message.
#[track_caller]
pub(crate) fn assert_refused<T: FromStr<Err: Display> + Debug>(cases: &[(&str, &str)]) {
    for (text, message) in cases {
        assert_eq!(
            text.parse::<T>().map_err(|error| error.to_string()).unwrap_err(),
            *message
        );
    }
}

/// What is said, a line each, is what `path` of this crate has, which IMAGE_STEWARD_BLESS=1 writes.
#[track_caller]
pub(crate) fn assert_blessed(said: impl IntoIterator<Item = impl Display>, path: &str) {
    let said: Vec<String> = said.into_iter().map(|line| line.to_string()).collect();
    let said = said.join("\n") + "\n";
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("IMAGE_STEWARD_BLESS").is_some() {
        std::fs::write(path, said).unwrap();
        return;
    }
    let told = std::fs::read_to_string(path).unwrap();
    assert_eq!(
        said, told,
        "run this test with IMAGE_STEWARD_BLESS=1 and read the difference"
    );
}

/// The word is a JSON string, and a bad one is refused with the parser's own message.
#[track_caller]
pub(crate) fn assert_serde<T>(good: &str, bad: &str, noun: &str)
where
    T: FromStr<Err: Debug + Display> + Serialize + DeserializeOwned + Debug + PartialEq,
{
    let word: T = good.parse().unwrap();
    assert_eq!(serde_json::to_value(&word).unwrap(), serde_json::Value::from(good));
    assert_eq!(serde_json::from_value::<T>(good.into()).unwrap(), word);
    let message = serde_json::from_value::<T>(bad.into()).unwrap_err().to_string();
    assert_eq!(message, format!("invalid {noun}: {}", bad.parse::<T>().unwrap_err()));
}

/// How many cases a test plays: as many as this variable says, or else so many.
pub(crate) fn how_many<T: FromStr>(variable: &str, otherwise: T) -> T {
    let said = std::env::var(variable).ok();
    said.and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// The n-th of as many releases as a test needs.
pub(crate) fn release(n: usize) -> ReleaseId {
    format!("ami:aws:eu-west-1:ami-{n:017x}")
        .parse::<CanonicalName>()
        .unwrap()
        .id()
}

pub(crate) fn accounts() -> impl Strategy<Value = String> {
    "[0-9]{12}"
}

pub(crate) fn regions() -> impl Strategy<Value = String> {
    let areas = vec![
        "af", "ap", "ca", "cn", "eu", "eu-isoe", "eusc-de", "il", "me", "mx", "sa", "us", "us-gov", "us-iso",
        "us-isob", "us-isof",
    ];
    let directions = vec![
        "central",
        "east",
        "north",
        "northeast",
        "northwest",
        "south",
        "southeast",
        "southwest",
        "west",
    ];
    (select(areas), select(directions), 1..=99u8)
        .prop_map(|(area, direction, number)| format!("{area}-{direction}-{number}"))
}

/// The text with a few characters dropped, doubled, replaced or put in: what typing errors and strangers send.
pub(crate) fn mutated(valid: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let strange = select(vec![
        'x', 'X', '0', '9', '/', ':', '.', '-', '_', ' ', '+', 'é', '\u{0}', '３', 'Z', 'T', 'g',
    ]);
    (
        valid,
        proptest::collection::vec((any::<Index>(), 0..4u8, strange), 1..4),
    )
        .prop_map(|(text, changes)| {
            let mut characters: Vec<char> = text.chars().collect();
            for (index, change, strange) in changes {
                if characters.is_empty() {
                    break;
                }
                let at = index.index(characters.len());
                match change {
                    0 => drop(characters.remove(at)),
                    1 => characters.insert(at, characters[at]),
                    2 => characters[at] = strange,
                    _ => characters.insert(at, strange),
                }
            }
            characters.into_iter().collect()
        })
}

pub(crate) fn amis() -> impl Strategy<Value = String> {
    "ami-([0-9a-f]{8}|[0-9a-f]{17})"
}

pub(crate) fn snapshots() -> impl Strategy<Value = String> {
    "snap-([0-9a-f]{8}|[0-9a-f]{17})"
}

/// Small numbers, dates with leading zeros, and the largest allowed.
fn nodes() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..12u32).prop_map(|n| n.to_string()),
        "0[0-9]",
        "[1-9][0-9]{0,8}",
        Just("1073741823".to_owned())
    ]
}

pub(crate) fn versions() -> impl Strategy<Value = String> {
    (nodes(), nodes(), nodes()).prop_map(|(major, minor, patch)| format!("{major}.{minor}.{patch}"))
}

pub(crate) fn patterns() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("x.x.x".to_owned()),
        nodes().prop_map(|major| format!("{major}.x.x")),
        (nodes(), nodes()).prop_map(|(major, minor)| format!("{major}.{minor}.x")),
        versions(),
    ]
}

pub(crate) fn builds() -> impl Strategy<Value = String> {
    (0..1u32 << 30).prop_map(|build| build.to_string())
}

pub(crate) fn build_versions() -> impl Strategy<Value = String> {
    (versions(), builds()).prop_map(|(version, build)| format!("{version}/{build}"))
}

pub(crate) fn family_names() -> impl Strategy<Value = String> {
    "[a-z]([a-z0-9-]{0,62}[a-z0-9])?"
}

pub(crate) fn channel_names() -> impl Strategy<Value = String> {
    "[a-z]([a-z0-9-]{0,30}[a-z0-9])?".prop_filter("reserved", |name| name != "release")
}

pub(crate) fn owners() -> impl Strategy<Value = String> {
    prop_oneof![accounts(), "aws(-[a-z-]{1,12})?", Just("third-party".to_owned())]
}

pub(crate) fn resource_names() -> impl Strategy<Value = String> {
    "[a-z0-9_-]{1,128}"
}

pub(crate) fn organizations() -> impl Strategy<Value = String> {
    "o-[a-z0-9]{10,32}"
}

pub(crate) fn units() -> impl Strategy<Value = String> {
    "ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}"
}

/// In the form that times are printed in.
pub(crate) fn timestamps() -> impl Strategy<Value = String> {
    let day = (1970..=9998u16, 1..=12u8, 1..=28u8).prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}"));
    (day, "([01][0-9]|2[0-3])(:[0-5][0-9]){2}\\.[0-9]{3}Z").prop_map(|(day, time)| format!("{day}T{time}"))
}

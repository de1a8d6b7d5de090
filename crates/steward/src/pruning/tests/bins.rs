//! What a Recycle Bin catches, and what a plan's images come to where it does not.

use std::collections::BTreeMap;

use super::super::*;
use super::reports::{Planned, assert_looks_of, assert_told_of, since, told_of};
use super::stage::*;
use crate::{Target, Words};

/// A family with an image on its way to deletion at home, and copies of it elsewhere.
fn going() -> World {
    let tag = |key: &str, value: &str| TagSeen {
        by: HUB.parse().unwrap(),
        key: key.to_owned(),
        value: value.to_owned(),
    };
    family()
        .has_each_day(1..=4)
        .image(1, |image| {
            image.tags = vec![tag("image-steward:family", "web"), tag("team", "web")];
        })
        .image(2, |image| image.tags = vec![tag("image-steward:family", "web")])
}

fn named(key: &str, value: Option<&str>) -> TagNamed {
    TagNamed {
        key: key.to_owned(),
        value: value.map(str::to_owned),
    }
}

fn family_tag() -> BinReach {
    BinReach::Tagged(vec![named("image-steward:family", Some("web"))])
}

fn all() -> BinReach {
    BinReach::AllBut(Vec::new())
}

fn rule(kind: BinKind, days: u16, reach: BinReach) -> BinRule {
    BinRule { kind, days, reach }
}

fn images(days: u16, reach: BinReach) -> BinRule {
    rule(BinKind::Images, days, reach)
}

fn snapshots(days: u16, reach: BinReach) -> BinRule {
    rule(BinKind::Snapshots, days, reach)
}

/// What becomes of the images at home by these rules: of how many, what.
fn covers(world: &World, rules: &[BinRule]) -> Vec<(usize, BinCover)> {
    let rules = BTreeMap::from([(at(HOME), BinRules::Read(rules.to_vec()))]);
    let ahead = bins_ahead(&world.facts, &world.plan(), &rules);
    let home = ahead.into_iter().filter(|ahead| ahead.target == at(HOME));
    home.map(|ahead| (ahead.images, ahead.cover)).collect()
}

/// The same where it is one for both.
fn cover(rules: &[BinRule]) -> BinCover {
    match <[_; 1]>::try_from(covers(&going(), rules)) {
        Ok([(2, cover)]) => cover,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_image_comes_back_only_where_rules_keep_it_and_its_snapshots_as_long() {
    assert_eq!(cover(&[]), BinCover::Nothing);
    assert_eq!(cover(&[images(7, all())]), BinCover::ImageOnly { image: 7 });
    assert_eq!(cover(&[snapshots(7, all())]), BinCover::SnapshotsOnly { snapshots: 7 });
    let short = BinCover::ShorterSnapshots { image: 7, snapshots: 6 };
    assert_eq!(cover(&[images(7, all()), snapshots(6, all())]), short);
    for days in [7, 8] {
        let caught = cover(&[images(7, all()), snapshots(days, all())]);
        assert_eq!(caught, BinCover::Caught { image: 7 }, "{days}");
    }
}

#[test]
fn of_several_rules_the_longest_that_catches_counts() {
    let other = BinReach::Tagged(vec![named("image-steward:family", Some("base"))]);
    let rules = [
        images(3, all()),
        images(30, family_tag()),
        images(365, other),
        snapshots(3, all()),
        snapshots(30, family_tag()),
    ];
    assert_eq!(cover(&rules), BinCover::Caught { image: 30 });
}

#[test]
fn a_rule_by_tags_catches_what_has_one_of_them_with_that_very_value() {
    let either = BinReach::Tagged(vec![
        named("team", Some("shop")),
        named("image-steward:family", Some("web")),
    ]);
    assert_eq!(cover(&[images(7, either)]), BinCover::ImageOnly { image: 7 });
    for missed in [
        named("image-steward:family", Some("base")),
        named("image-steward:family", None),
        named("family", Some("web")),
    ] {
        let missing = BinReach::Tagged(vec![missed.clone()]);
        assert_eq!(cover(&[images(7, missing)]), BinCover::Nothing, "{missed:?}");
    }
    let team = || BinReach::Tagged(vec![named("team", Some("web"))]);
    assert_eq!(
        covers(&going(), &[images(7, team()), snapshots(7, all())]),
        [
            (1, BinCover::SnapshotsOnly { snapshots: 7 }),
            (1, BinCover::Caught { image: 7 })
        ]
    );
    // What its snapshots carry beside the tag of their family nobody wrote down.
    assert_eq!(
        covers(&going(), &[images(7, all()), snapshots(7, team())]),
        [(2, BinCover::ImageOnly { image: 7 })]
    );
}

#[test]
fn a_rule_for_all_catches_nothing_that_has_a_tag_it_leaves_out() {
    let all_but = |tag| BinReach::AllBut(vec![tag]);
    let both = |reach: BinReach| [images(7, reach.clone()), snapshots(7, reach)];
    for out in [
        named("image-steward:family", Some("web")),
        named("image-steward:family", None),
    ] {
        assert_eq!(cover(&both(all_but(out.clone()))), BinCover::Nothing, "{out:?}");
    }
    let elsewhere = named("image-steward:family", Some("base"));
    assert_eq!(cover(&both(all_but(elsewhere))), BinCover::Caught { image: 7 });
    // Snapshots may carry what their image does.
    assert_eq!(
        covers(
            &going(),
            &[images(7, all()), snapshots(7, all_but(named("team", None)))]
        ),
        [
            (1, BinCover::ImageOnly { image: 7 }),
            (1, BinCover::Caught { image: 7 })
        ]
    );
}

#[test]
fn another_account_s_tags_on_an_image_catch_nothing() {
    let world = going().images(|image| {
        for tag in &mut image.tags {
            tag.by = MEMBER_ACCOUNT.parse().unwrap();
        }
    });
    assert_eq!(covers(&world, &[images(7, family_tag())]), [(2, BinCover::Nothing)]);
}

#[test]
fn where_nobody_could_read_the_rules_nobody_claims_to_know() {
    let why = Words::from("AccessDeniedException");
    let rules = BTreeMap::from([(at(HOME), BinRules::Unread(why.clone()))]);
    let world = going().copied(1, AWAY);
    let ahead = bins_ahead(&world.facts, &world.plan(), &rules);
    let unknown = |target, images, why| BinAhead {
        target: at(target),
        images,
        cover: BinCover::Unknown { why },
    };
    let never = Words::from("nobody has looked there yet");
    assert_eq!(ahead, [unknown(HOME, 2, why), unknown(AWAY, 1, never)]);
}

#[test]
fn nobody_is_warned_of_what_is_never_deleted() {
    let never = family_with(&RETAIN.replace("delete: 30d", "delete: never")).has_each_day(1..=4);
    assert!(!never.plan().expendable.is_empty());
    assert!(covers(&never, &[]).is_empty());
    let stays = family().has_each_day(1..=2);
    assert!(covers(&stays, &[]).is_empty());
}

#[test]
fn a_report_says_where_no_bin_gives_back_what_goes_and_what_would() {
    let world = going()
        .copied(1, AWAY)
        .copied(1, MEMBER)
        .on(1, Rung::Disabled, 84, 70)
        .image(1, |image| image.announced = Some(day(98)));
    let rules: BTreeMap<Target, BinRules> = BTreeMap::from([
        (at(HOME), BinRules::Read(vec![images(7, all()), snapshots(1, all())])),
        (at(AWAY), BinRules::Read(Vec::new())),
        (
            at(MEMBER),
            BinRules::Unread("AccessDeniedException: `rbin:ListRules` | <b>".into()),
        ),
    ]);
    let planned = Planned::of(&world).with_bins(&rules, &world);
    assert_looks_of(&planned, None, "bins");
    assert_told_of(&planned, "bins", "src/pruning/tests/report/bins.message.json");
    // Advice, and no news: nothing is in the way.
    let told = told_of(&world);
    let told_before = PruningReport {
        told: Some(since(&world, &told)),
        ..planned.report(None)
    };
    assert!(!told_before.is_news());
}

#[test]
fn a_bin_that_catches_all_of_it_warns_nobody() {
    let world = going();
    let rules = [images(7, family_tag()), snapshots(7, family_tag())];
    let rules = BTreeMap::from([(at(HOME), BinRules::Read(rules.to_vec()))]);
    let planned = Planned::of(&world).with_bins(&rules, &world);
    let report = planned.report(None);
    for text in [report.page(), report.text(), report.message().texts()] {
        assert!(!text.contains("Recycle Bin") && !text.contains("RECYCLE BIN"), "{text}");
    }
    let document: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(
        document["bins"],
        serde_json::json!([{
            "target": HOME,
            "images": 2,
            "cover": "caught",
            "image_days": 7,
            "says": format!("what is deleted in {HOME} can be restored for 7 days"),
        }])
    );
}

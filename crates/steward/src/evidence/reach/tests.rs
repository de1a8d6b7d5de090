use super::*;
use crate::manifest::ManifestFile;

const NAMED: &str = "share_with: { accounts: [\"222233334444\"] }";
const UNIT: &str =
    "share_with: { units: [\"arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111\"] }";

fn at(day: i64) -> Timestamp {
    Timestamp::from_millisecond(1_770_000_000_000 + day * 86_400_000).unwrap()
}

fn accounts(ids: &[&str]) -> BTreeSet<AccountId> {
    ids.iter().map(|id| id.parse().unwrap()).collect()
}

fn manifest(distribute: &str) -> Manifest {
    let text = format!(
        "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
         [t3.medium], instance_profile: P }}\ndistribute: {{ {distribute} }}\n"
    );
    let read = ManifestFile::read("web.yaml", text.as_bytes());
    read.file.expect("a good manifest").manifest().clone()
}

/// After this manifest came before, and nobody uses anything.
fn next(before: &FamilyReach, distribute: &str, looked_up: Option<LookedUp<'_>>, day: i64) -> FamilyReach {
    let nobody = BTreeSet::new();
    decide_reach(before, &manifest(distribute), looked_up, (&nobody, &nobody), at(day))
}

fn looked_up(accounts: &BTreeSet<AccountId>, day: i64) -> LookedUp<'_> {
    LookedUp {
        accounts,
        as_of: at(day),
        holds: true,
    }
}

#[test]
fn a_family_reaches_whom_its_manifest_names_and_who_is_in_its_units() {
    let nobody = FamilyReach::default();
    let named = next(
        &nobody,
        &format!("regions: {{ us-east-1: {{}} }}, {NAMED}, copy_to: [\"333344445555\"]"),
        None,
        0,
    );
    assert_eq!(named.accounts, accounts(&["222233334444", "333344445555"]));
    let in_unit = accounts(&["444455556666"]);
    let unit = next(&nobody, UNIT, Some(looked_up(&in_unit, 0)), 0);
    assert_eq!((unit.accounts, unit.left.len()), (in_unit.clone(), 0));
    // Of a manifest that names no unit, what was looked up for another says nothing.
    let named = next(&nobody, NAMED, Some(looked_up(&in_unit, 0)), 0);
    assert_eq!(named.accounts, accounts(&["222233334444"]));
}

#[test]
fn nobody_leaves_a_unit_while_it_is_not_known_who_is_in_it() {
    let before = FamilyReach {
        accounts: accounts(&["222233334444", "444455556666"]),
        left: BTreeMap::new(),
    };
    let in_unit = accounts(&["555566667777"]);
    let fresh = looked_up(&in_unit, 10);
    let all = accounts(&["222233334444", "444455556666", "555566667777"]);
    let other_manifest = LookedUp { holds: false, ..fresh };
    let late = LookedUp { as_of: at(9), ..fresh };
    for (unsure, reached) in [
        (None, &before.accounts),
        (Some(other_manifest), &all),
        (Some(late), &all),
    ] {
        let reach = next(&before, UNIT, unsure, 10);
        assert_eq!((&reach.accounts, reach.left.len()), (reached, 0), "{unsure:?}");
    }
    let reach = next(&before, UNIT, Some(fresh), 10);
    assert_eq!(reach.accounts, in_unit);
    let left = accounts(&["222233334444", "444455556666"]);
    assert_eq!(reach.left.into_keys().collect::<BTreeSet<_>>(), left);
}

#[test]
fn what_was_looked_up_serves_for_an_hour() {
    let nobody = BTreeSet::new();
    let looked_up = looked_up(&nobody, 0);
    let minutes = |minutes| at(0).checked_add(Duration::minutes(minutes)).unwrap();
    assert!(!looked_up.is_late(minutes(60)));
    assert!(looked_up.is_late(minutes(61)));
}

#[test]
fn who_left_is_looked_at_for_ninety_days_and_as_one_who_never_left_when_it_comes_back() {
    let once = next(&FamilyReach::default(), NAMED, None, 0);
    let left = next(&once, "", None, 1);
    let account = "222233334444".parse().unwrap();
    assert_eq!(left.left, BTreeMap::from([(account, at(91))]));
    assert!(left.accounts.is_empty());
    assert_eq!(next(&left, "", None, 2), left);
    assert_eq!(next(&left, "", None, 90), left);
    assert_eq!(next(&left, "", None, 91), FamilyReach::default());
    assert_eq!(next(&left, NAMED, None, 50), once);
    assert_eq!(left.everybody().collect::<Vec<_>>(), [account]);
}

#[test]
fn who_left_and_still_uses_an_image_or_still_may_is_looked_at_from_day_to_day() {
    let account = "222233334444".parse().unwrap();
    let left = FamilyReach {
        accounts: BTreeSet::new(),
        left: BTreeMap::from([(account, at(91))]),
    };
    let longer = FamilyReach {
        left: BTreeMap::from([(account, at(92))]),
        ..left.clone()
    };
    let using = BTreeSet::from([account]);
    let nobody = BTreeSet::new();
    assert_eq!(
        decide_reach(&left, &manifest(""), None, (&using, &nobody), at(91)),
        longer
    );
    // What nobody takes back may be used any day.
    assert_eq!(next(&left, "exclusive: false", None, 91), longer);
    assert_eq!(next(&longer, "", None, 92), FamilyReach::default());
}

#[test]
fn who_left_and_is_closed_is_forgotten_after_ninety_days_and_not_before() {
    let account = "222233334444".parse().unwrap();
    let left = FamilyReach {
        accounts: BTreeSet::new(),
        left: BTreeMap::from([(account, at(91))]),
    };
    let closed = BTreeSet::from([account]);
    // A suspension may end.
    let day = |day| decide_reach(&left, &manifest("exclusive: false"), None, (&closed, &closed), at(day));
    assert_eq!(day(90), left);
    assert_eq!(day(91), FamilyReach::default());
}

use proptest::prelude::*;

use super::*;

const HUB: &str = "111122223333";
const MANAGEMENT: &str = "999900001111";
const OUTER: &str = "ou-ab12-11111111";
const INNER: &str = "ou-ab12-22222222";

fn arn() -> OrganizationArn {
    format!("arn:aws:organizations::{MANAGEMENT}:organization/o-exampleorgid")
        .parse()
        .unwrap()
}

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn path(units: &[&str]) -> UnitPath {
    let units: String = units.iter().flat_map(|unit| [unit, "/"]).collect();
    format!("o-exampleorgid/r-ab12/{units}").parse().unwrap()
}

fn listed(id: &str, state: AccountState, units: &[&str]) -> ListedAccount {
    ListedAccount {
        id: account(id),
        state,
        path: AccountPath {
            within: path(units),
            account: account(id),
        },
    }
}

fn active(id: &str, units: &[&str]) -> ListedAccount {
    listed(id, AccountState::Active, units)
}

fn read(accounts: Vec<ListedAccount>, units: Vec<UnitPath>) -> Result<OrganizationSeen, Contradiction> {
    let as_of = "2026-01-18T17:50:56Z".parse().unwrap();
    let known = [active(HUB, &[]), active(MANAGEMENT, &[])];
    OrganizationSeen::of(arn(), account(HUB), known.into_iter().chain(accounts), units, as_of)
}

fn contradiction(accounts: Vec<ListedAccount>, units: Vec<UnitPath>) -> String {
    read(accounts, units).unwrap_err().to_string()
}

fn unit(id: &str) -> OrganizationalUnitArn {
    format!("arn:aws:organizations::{MANAGEMENT}:ou/o-exampleorgid/{id}")
        .parse()
        .unwrap()
}

fn ids(accounts: &BTreeSet<AccountId>) -> Vec<String> {
    accounts.iter().map(AccountId::to_string).collect()
}

#[test]
fn a_unit_has_the_accounts_of_the_units_within_it_that_work() {
    let seen = read(
        vec![
            active("222200000001", &[OUTER]),
            active("222200000002", &[OUTER, INNER]),
            listed("222200000003", AccountState::Suspended, &[OUTER]),
            listed("222200000004", AccountState::PendingClosure, &[OUTER]),
            listed("222200000005", AccountState::Closed, &[OUTER, INNER]),
            listed("222200000006", AccountState::PendingActivation, &[OUTER]),
            active("222200000007", &["ou-ab12-33333333"]),
        ],
        vec![],
    )
    .unwrap();
    assert_eq!(
        ids(&seen.active_in(&unit(OUTER)).unwrap()),
        ["222200000001", "222200000002"]
    );
    assert_eq!(ids(&seen.active_in(&unit(INNER)).unwrap()), ["222200000002"]);
    assert_eq!(
        ids(&seen.active_of(&arn()).unwrap()),
        [HUB, "222200000001", "222200000002", "222200000007", MANAGEMENT]
    );
    assert_eq!(seen.active(), seen.active_of(&arn()).unwrap());
    assert_eq!(seen.accounts().len(), 9);
    assert_eq!((seen.arn(), seen.root().as_str()), (&arn(), "r-ab12"));
    assert_eq!(seen.as_of().to_string(), "2026-01-18T17:50:56.000Z");
    let inner: OrganizationalUnitId = INNER.parse().unwrap();
    assert_eq!(seen.units()[&inner], Some(OUTER.parse().unwrap()));
}

#[test]
fn a_unit_without_accounts_is_empty_and_one_that_was_not_read_is_not() {
    let seen = read(vec![], vec![path(&[OUTER, INNER])]).unwrap();
    assert!(seen.active_in(&unit(OUTER)).unwrap().is_empty());
    assert!(seen.active_in(&unit(INNER)).unwrap().is_empty());
    assert_eq!(
        seen.active_in(&unit("ou-ab12-33333333")).unwrap_err().to_string(),
        "the organization o-exampleorgid has no unit ou-ab12-33333333"
    );
}

#[test]
fn what_is_of_another_organization_or_partition_is_refused_each_by_its_own_sentence() {
    let seen = read(vec![active("222200000001", &[OUTER])], vec![]).unwrap();
    let refused = |arn: &str| seen.active_in(&arn.parse().unwrap()).unwrap_err().to_string();
    let other = "is not of the organization arn:aws:organizations::999900001111:organization/o-exampleorgid, and the \
                 accounts of another cannot be listed";
    for arn in [
        "arn:aws:organizations::999900001111:ou/o-anotherorgid/ou-ab12-11111111",
        "arn:aws:organizations::999900002222:ou/o-exampleorgid/ou-ab12-11111111",
    ] {
        assert_eq!(refused(arn), format!("{arn} {other}"));
    }
    let china = "arn:aws-cn:organizations::999900001111:ou/o-exampleorgid/ou-ab12-11111111";
    assert_eq!(
        refused(china),
        format!("{china} is in the partition aws-cn, and this organization in aws")
    );
    let refused = |arn: &str| seen.active_of(&arn.parse().unwrap()).unwrap_err().to_string();
    let foreign = "arn:aws:organizations::999900001111:organization/o-anotherorgid";
    assert_eq!(refused(foreign), format!("{foreign} {other}"));
    let china = "arn:aws-cn:organizations::999900001111:organization/o-exampleorgid";
    assert_eq!(
        refused(china),
        format!("{china} is in the partition aws-cn, and this organization in aws")
    );
}

#[test]
fn a_list_without_its_reader_or_the_account_that_manages_it_is_no_reading() {
    let as_of = "2026-01-18T17:50:56Z".parse().unwrap();
    let missing = |accounts: Vec<ListedAccount>| {
        OrganizationSeen::of(arn(), account(HUB), accounts, [path(&[OUTER])], as_of)
            .unwrap_err()
            .to_string()
    };
    let of = |id: &str| format!("the account {id} is in the organization, and not in the list of its accounts");
    assert_eq!(missing(vec![]), of(HUB));
    assert_eq!(missing(vec![active(MANAGEMENT, &[])]), of(HUB));
    assert_eq!(missing(vec![active(HUB, &[])]), of(MANAGEMENT));
}

#[test]
fn an_account_that_is_listed_twice_counts_once_and_is_refused_where_it_moved_or_changed_meanwhile() {
    let twice = vec![active("222200000001", &[OUTER]), active("222200000001", &[OUTER])];
    assert_eq!(read(twice, vec![]).unwrap().accounts().len(), 3);
    for second in [
        active("222200000001", &[INNER]),
        listed("222200000001", AccountState::PendingClosure, &[OUTER]),
    ] {
        assert_eq!(
            contradiction(vec![active("222200000001", &[OUTER]), second], vec![]),
            "the account 222200000001 changed while the organization was read"
        );
    }
}

#[test]
fn what_contradicts_itself_is_no_reading() {
    let mut other = active("222200000001", &[OUTER]);
    other.path.account = account("222200000002");
    assert_eq!(
        contradiction(vec![other], vec![]),
        "the account 222200000001 is listed with the path of 222200000002"
    );
    assert_eq!(
        contradiction(vec![], vec!["o-anotherorgid/r-ab12/".parse().unwrap()]),
        "o-anotherorgid/r-ab12/ is not in the organization o-exampleorgid"
    );
    for torn in [
        "o-exampleorgid/r-cd34/",
        "o-exampleorgid/r-ab12/ou-ab12-22222222/",
        "o-exampleorgid/r-ab12/ou-ab12-33333333/ou-ab12-22222222/",
    ] {
        assert_eq!(
            contradiction(
                vec![active("222200000001", &[OUTER, INNER])],
                vec![torn.parse().unwrap()]
            ),
            format!("{torn} contradicts what else was listed of the units above it")
        );
    }
}

proptest! {
    #[test]
    fn the_order_in_which_accounts_are_listed_says_nothing(
        accounts in proptest::collection::btree_map(1..50u32, 0..4usize, 0..20),
        seed in any::<proptest::sample::Index>(),
    ) {
        let places: [&[&str]; 4] = [&[], &[OUTER], &[OUTER, INNER], &["ou-ab12-33333333"]];
        let list: Vec<ListedAccount> = accounts
            .iter()
            .map(|(id, place)| active(&format!("2222{id:08}"), places[*place]))
            .collect();
        let mut other = list.clone();
        if !other.is_empty() {
            let middle = seed.index(other.len());
            other.rotate_left(middle);
            other.reverse();
        }
        prop_assert_eq!(read(list, vec![]), read(other, vec![]));
    }
}

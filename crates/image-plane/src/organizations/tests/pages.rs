use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, HUB, MANAGEMENT, MEMBER, PRODUCTION, ROOT, SANDBOX};
use crate::ids::AccountId;
use crate::world::faults::{Effect, Fault};
use crate::world::settings::Settings;

fn sparse() -> Settings {
    Settings {
        sparse_pages: true,
        ..Settings::calm()
    }
}

/// Puts so many accounts into a unit.
fn fill(bench: &mut Bench, unit: &str, count: u64) {
    for number in 0..count {
        let account = AccountId::new(500_000_000_000 + number);
        bench.world.enrol_account(account, unit, "one of many").unwrap();
    }
}

#[test]
fn a_page_holds_20_and_says_where_the_next_begins() {
    let mut bench = Bench::new();
    fill(&mut bench, SANDBOX, 45);
    let mut parameters = json!({ "ParentId": SANDBOX });
    let mut sizes = Vec::new();
    loop {
        let page = bench.ok("ListAccountsForParent", &parameters);
        sizes.push(page["Accounts"].as_array().unwrap().len());
        match page.get("NextToken") {
            Some(token) => parameters["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(sizes, [20, 20, 5]);
    let page = bench.ok("ListAccounts", &json!({ "MaxResults": 2 }));
    assert_eq!(page["Accounts"][1]["Id"], MEMBER);
    assert!(page["NextToken"].is_string());
}

#[test]
fn more_than_20_and_less_than_one_are_refused_and_so_is_a_token_of_another_request() {
    let mut bench = Bench::new();
    let invalid = |reason: &str| (400, String::from("InvalidInputException"), reason.to_owned());
    assert_eq!(
        bench.refused("ListAccounts", &json!({ "MaxResults": 21 })),
        invalid("MAX_VALUE_EXCEEDED")
    );
    assert_eq!(
        bench.refused("ListAccounts", &json!({ "MaxResults": 0 })),
        invalid("MIN_VALUE_EXCEEDED")
    );
    let of_accounts = bench.ok("ListAccounts", &json!({ "MaxResults": 1 }))["NextToken"].clone();
    for (operation, parent) in [
        ("ListAccountsForParent", ROOT),
        ("ListOrganizationalUnitsForParent", ROOT),
    ] {
        let body = json!({ "ParentId": parent, "NextToken": of_accounts });
        assert_eq!(bench.refused(operation, &body), invalid("INVALID_PAGINATION_TOKEN"));
    }
    assert_eq!(
        bench.refused("ListAccounts", &json!({ "NextToken": "x" })),
        invalid("INVALID_PAGINATION_TOKEN")
    );
    bench.pass(Duration::from_hours(2));
    assert_eq!(
        bench.refused("ListAccounts", &json!({ "NextToken": of_accounts })),
        invalid("INVALID_PAGINATION_TOKEN")
    );
}

#[test]
fn a_page_may_be_empty_although_more_follows_and_following_tokens_finds_everything() {
    let mut empties = 0;
    for seed in 0..50 {
        let mut bench = Bench::with(seed, sparse());
        let first: Value = bench.ok("ListAccounts", &json!({}));
        empties += usize::from(first["Accounts"] == json!([]) && first["NextToken"].is_string());
        assert_eq!(
            bench.all("ListAccounts", &json!({}), "Accounts", "Id"),
            [HUB, MEMBER, MANAGEMENT]
        );
        assert_eq!(bench.all("ListRoots", &json!({}), "Roots", "Id"), [ROOT]);
        let child = json!({ "ChildId": MEMBER });
        assert_eq!(bench.all("ListParents", &child, "Parents", "Id"), [PRODUCTION]);
    }
    assert!((5..30).contains(&empties), "{empties} of 50");
}

#[test]
fn a_fault_makes_any_page_empty_and_the_next_one_has_it_all() {
    for (operation, body, list) in [
        ("ListRoots", json!({}), "Roots"),
        ("ListAccounts", json!({}), "Accounts"),
        ("ListAccountsForParent", json!({ "ParentId": PRODUCTION }), "Accounts"),
        (
            "ListOrganizationalUnitsForParent",
            json!({ "ParentId": ROOT }),
            "OrganizationalUnits",
        ),
        ("ListParents", json!({ "ChildId": MEMBER }), "Parents"),
    ] {
        let mut bench = Bench::new();
        bench.world.inject(Fault::new(Effect::Partial).times(1));
        let mut body = body;
        let page = bench.ok(operation, &body);
        assert_eq!(page[list], json!([]), "{operation}");
        body["NextToken"] = page["NextToken"].clone();
        let page = bench.ok(operation, &body);
        assert!(!page[list].as_array().unwrap().is_empty(), "{operation}");
        assert_eq!(page.get("NextToken"), None);
    }
}

#[test]
fn no_token_comes_twice_however_many_pages_are_empty() {
    let mut bench = Bench::new();
    bench.world.inject(Fault::new(Effect::Partial).times(3));
    let mut body = json!({});
    let mut tokens = Vec::new();
    while let Some(token) = bench.ok("ListAccounts", &body).get("NextToken") {
        body = json!({ "NextToken": token });
        tokens.push(token.clone());
    }
    let different: std::collections::HashSet<String> = tokens.iter().map(Value::to_string).collect();
    assert_eq!((tokens.len(), different.len()), (3, 3));
    let page = bench.ok("ListAccounts", &body);
    assert_eq!(page["Accounts"].as_array().unwrap().len(), 3);
}

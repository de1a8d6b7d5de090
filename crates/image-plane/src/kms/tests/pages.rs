//! The two listings, and their pages.

use serde_json::{Value, json};

use super::Bench;

/// All pages of a listing, by their items, and how many pages there were.
fn all(bench: &mut Bench, operation: &str, items: &str, request: Value) -> (Vec<Value>, usize) {
    let (mut found, mut request, mut pages) = (Vec::new(), request, 0);
    loop {
        let answer = bench.ok(operation, request.clone());
        found.extend(answer[items].as_array().unwrap().iter().cloned());
        pages += 1;
        let next = answer.get("NextMarker").cloned();
        assert_eq!(answer["Truncated"], json!(next.is_some()));
        match next {
            Some(next) => request["Marker"] = next,
            None => return (found, pages),
        }
    }
}

#[test]
fn the_aliases_of_the_caller_are_listed_and_ebss_own_before_it_has_a_key() {
    let mut bench = Bench::new();
    let key = bench.world.create_key(bench.hub, Some("alias/golden"), []);
    bench.world.create_key(bench.member, Some("alias/theirs"), []);
    let (found, _) = all(&mut bench, "ListAliases", "Aliases", json!({}));
    let names: Vec<_> = found.iter().map(|alias| alias["AliasName"].clone()).collect();
    assert_eq!(names, ["alias/aws/ebs", "alias/golden"]);
    assert_eq!(found[0].get("TargetKeyId"), None);
    assert_eq!(found[1]["TargetKeyId"], key.rsplit('/').next().unwrap());
    assert_eq!(found[1]["AliasArn"], "arn:aws:kms:eu-west-1:111122223333:alias/golden");
    bench.world.default_key(bench.hub);
    let (found, _) = all(&mut bench, "ListAliases", "Aliases", json!({}));
    assert!(found[0]["TargetKeyId"].is_string());
    let (found, _) = all(&mut bench, "ListAliases", "Aliases", json!({ "KeyId": &*key }));
    assert_eq!(found.len(), 1);
    bench.act_with(&[]);
    assert_eq!(bench.refused("ListAliases", json!({})), "AccessDeniedException");
}

#[test]
fn a_listing_comes_in_pages_whose_markers_are_good_for_it_alone() {
    let mut bench = Bench::new();
    let key = bench.key();
    for n in 0..60 {
        let name = format!("alias/{n:02}");
        if n % 20 == 0 {
            let other = bench.key();
            bench.world.name_key(&other, &name);
        } else {
            bench.world.name_key(&key, &name);
        }
    }
    let (found, pages) = all(&mut bench, "ListAliases", "Aliases", json!({}));
    assert_eq!((found.len(), pages), (61, 2), "50 to a page where nobody says");
    let (found, pages) = all(&mut bench, "ListAliases", "Aliases", json!({ "Limit": 7 }));
    assert_eq!((found.len(), pages), (61, 9));
    for limit in [0, 101] {
        assert_eq!(
            bench.refused("ListAliases", json!({ "Limit": limit })),
            "ValidationException"
        );
    }
    let marker = bench.ok("ListAliases", json!({ "Limit": 7 }))["NextMarker"].clone();
    let elsewhere = json!({ "KeyId": &*key, "Marker": marker });
    assert_eq!(bench.refused("ListAliases", elsewhere), "InvalidMarkerException");
    assert_eq!(
        bench.refused("ListAliases", json!({ "Marker": "x" })),
        "InvalidMarkerException"
    );
    bench.world.settings_mut().sparse_pages = true;
    let (found, pages) = all(
        &mut bench,
        "ListAliases",
        "Aliases",
        json!({ "KeyId": &*key, "Limit": 1 }),
    );
    assert_eq!(found.len(), 57);
    assert!(pages > 57, "a page may come back empty and not be the last: {pages}");
}

#[test]
fn the_grants_of_a_key_come_in_pages_and_by_grantee() {
    let mut bench = Bench::new();
    let key = bench.key();
    let grantees = ["111122223333", "222233334444"].map(|account| format!("arn:aws:iam::{account}:root"));
    let mut made = Vec::new();
    for n in 0..55 {
        let body = json!({ "KeyId": &*key, "GranteePrincipal": grantees[n % 2], "Operations": ["Decrypt"] });
        made.push(bench.ok("CreateGrant", body)["GrantId"].clone());
    }
    let (found, pages) = all(&mut bench, "ListGrants", "Grants", json!({ "KeyId": &*key }));
    assert_eq!((found.len(), pages), (55, 2));
    let by_grantee = json!({ "KeyId": &*key, "GranteePrincipal": grantees[1], "Limit": 5 });
    assert_eq!(all(&mut bench, "ListGrants", "Grants", by_grantee).0.len(), 27);
    let (one, _) = all(
        &mut bench,
        "ListGrants",
        "Grants",
        json!({ "KeyId": &*key, "GrantId": made[3] }),
    );
    assert_eq!(one.len(), 1);
    let grant = &one[0];
    assert_eq!(
        (
            &grant["KeyId"],
            &grant["GrantId"],
            &grant["Operations"],
            &grant["Name"],
            &grant["IssuingAccount"]
        ),
        (
            &json!(&*key),
            &made[3],
            &json!(["Decrypt"]),
            &json!(""),
            &json!(grantees[0])
        )
    );
    assert_eq!((grant.get("Constraints"), grant.get("RetiringPrincipal")), (None, None));
}

use serde_json::json;

use super::{Bench, HUB, MANAGEMENT, MEMBER, ORGANIZATION, OUTSIDER, PRODUCTION, ROOT, SANDBOX, WORKLOADS};

#[test]
fn the_organization_names_itself_and_its_management_account() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.ok("DescribeOrganization", &json!({})),
        json!({ "Organization": {
            "Id": ORGANIZATION,
            "Arn": "arn:aws:organizations::999900001111:organization/o-exampleorgid",
            "FeatureSet": "ALL",
            "MasterAccountArn": "arn:aws:organizations::999900001111:account/o-exampleorgid/999900001111",
            "MasterAccountId": MANAGEMENT,
            "MasterAccountEmail": "account-999900001111@example.com",
            "AvailablePolicyTypes": [{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }],
        } })
    );
    assert_eq!(
        bench.ok("ListRoots", &json!({})),
        json!({ "Roots": [{
            "Id": ROOT,
            "Arn": "arn:aws:organizations::999900001111:root/o-exampleorgid/r-ab12",
            "Name": "Root",
            "PolicyTypes": [],
        }] })
    );
}

#[test]
fn a_unit_is_listed_below_its_parent_only_and_says_its_path() {
    let mut bench = Bench::new();
    let mut units = |parent: &str| {
        let parameters = json!({ "ParentId": parent });
        bench.all(
            "ListOrganizationalUnitsForParent",
            &parameters,
            "OrganizationalUnits",
            "Id",
        )
    };
    assert_eq!(units(ROOT), [WORKLOADS, SANDBOX]);
    assert_eq!(units(WORKLOADS), [PRODUCTION]);
    assert!(units(PRODUCTION).is_empty());
    assert_eq!(
        bench.ok(
            "DescribeOrganizationalUnit",
            &json!({ "OrganizationalUnitId": PRODUCTION })
        ),
        json!({ "OrganizationalUnit": {
            "Id": PRODUCTION,
            "Arn": "arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-22222222",
            "Name": "Production",
            "Path": "o-exampleorgid/r-ab12/ou-ab12-11111111/ou-ab12-22222222/",
        } })
    );
}

#[test]
fn accounts_of_a_parent_are_those_right_below_it() {
    let mut bench = Bench::new();
    assert_eq!(bench.below(ROOT), [HUB, MANAGEMENT]);
    assert!(bench.below(WORKLOADS).is_empty());
    assert_eq!(bench.below(PRODUCTION), [MEMBER]);
    assert!(bench.below(SANDBOX).is_empty());
    assert_eq!(
        bench.all("ListAccounts", &json!({}), "Accounts", "Id"),
        [HUB, MEMBER, MANAGEMENT]
    );
}

#[test]
fn a_child_has_one_parent_and_says_what_kind_it_is() {
    let mut bench = Bench::new();
    let mut parent = |child: &str| bench.ok("ListParents", &json!({ "ChildId": child }))["Parents"].clone();
    assert_eq!(
        parent(MEMBER),
        json!([{ "Id": PRODUCTION, "Type": "ORGANIZATIONAL_UNIT" }])
    );
    assert_eq!(
        parent(PRODUCTION),
        json!([{ "Id": WORKLOADS, "Type": "ORGANIZATIONAL_UNIT" }])
    );
    assert_eq!(parent(WORKLOADS), json!([{ "Id": ROOT, "Type": "ROOT" }]));
    assert_eq!(parent(HUB), json!([{ "Id": ROOT, "Type": "ROOT" }]));
}

#[test]
fn what_is_not_there_is_refused_by_its_kind_and_never_an_empty_list() {
    let mut bench = Bench::new();
    let nowhere = "ou-ab12-99999999";
    for (operation, body, code) in [
        (
            "ListAccountsForParent",
            json!({ "ParentId": nowhere }),
            "ParentNotFoundException",
        ),
        (
            "ListAccountsForParent",
            json!({ "ParentId": "r-zz99" }),
            "ParentNotFoundException",
        ),
        (
            "ListOrganizationalUnitsForParent",
            json!({ "ParentId": nowhere }),
            "ParentNotFoundException",
        ),
        ("ListParents", json!({ "ChildId": nowhere }), "ChildNotFoundException"),
        ("ListParents", json!({ "ChildId": OUTSIDER }), "ChildNotFoundException"),
        (
            "DescribeAccount",
            json!({ "AccountId": OUTSIDER }),
            "AccountNotFoundException",
        ),
        (
            "DescribeOrganizationalUnit",
            json!({ "OrganizationalUnitId": nowhere }),
            "OrganizationalUnitNotFoundException",
        ),
    ] {
        assert_eq!(
            bench.refused(operation, &body),
            (400, code.into(), String::new()),
            "{body}"
        );
    }
}

#[test]
fn an_id_of_another_shape_and_a_missing_one_are_refused_with_their_reason() {
    let mut bench = Bench::new();
    for (operation, body, reason) in [
        ("ListAccountsForParent", json!({}), "INPUT_REQUIRED"),
        (
            "ListAccountsForParent",
            json!({ "ParentId": MEMBER }),
            "INVALID_PATTERN",
        ),
        (
            "ListOrganizationalUnitsForParent",
            json!({ "ParentId": "ou-ab12" }),
            "INVALID_PATTERN",
        ),
        ("ListParents", json!({ "ChildId": ROOT }), "INVALID_PATTERN"),
        ("DescribeAccount", json!({ "AccountId": "web" }), "INVALID_PATTERN"),
        (
            "DescribeOrganizationalUnit",
            json!({ "OrganizationalUnitId": ROOT }),
            "INVALID_PATTERN",
        ),
    ] {
        assert_eq!(
            bench.refused(operation, &body),
            (400, "InvalidInputException".into(), reason.into()),
            "{operation} {body}"
        );
    }
}

#[test]
fn an_operation_or_a_member_nobody_modelled_is_refused_by_name() {
    let mut bench = Bench::new();
    for (operation, body) in [("ListPolicies", json!({})), ("ListRoots", json!({ "Filter": "x" }))] {
        let (status, code, _) = bench.refused(operation, &body);
        assert_eq!((status, code.as_str()), (501, "NotModelled"), "{operation}");
    }
}

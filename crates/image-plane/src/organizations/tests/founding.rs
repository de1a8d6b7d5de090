use super::{Bench, MANAGEMENT, ORGANIZATION, PRODUCTION, ROOT, SANDBOX, WORKLOADS, account};
use crate::organization::{Organization, OrganizationSettings};
use crate::organizations::OrganizationError;
use crate::sts::tests::world;

#[test]
fn units_nest_five_levels_deep_and_no_deeper() {
    let mut bench = Bench::new();
    let mut parent = PRODUCTION.to_owned();
    for level in 3..=5 {
        let unit = format!("ou-ab12-4444444{level}");
        let arn = bench.world.create_unit(&unit, &parent, "deeper").unwrap();
        assert_eq!(
            arn,
            format!("arn:aws:organizations::999900001111:ou/o-exampleorgid/{unit}")
        );
        parent = unit;
    }
    let refused = bench.world.create_unit("ou-ab12-44444446", &parent, "deeper");
    assert_eq!(refused, Err(OrganizationError::TooDeep(parent)));
}

#[test]
fn a_world_has_one_organization_and_each_id_in_it_its_shape() {
    let mut bench = Bench::new();
    let world = &mut bench.world;
    let exists = |what: &str| Err(OrganizationError::Exists(what.into()));
    let malformed = |what: &str| Err(OrganizationError::Malformed(what.into()));
    assert_eq!(
        world.create_organization(account(MANAGEMENT), "o-anotherorgid", ROOT),
        exists(ORGANIZATION)
    );
    assert!(world.create_unit(SANDBOX, ROOT, "again").is_err());
    assert!(
        world.create_unit("ou-ab12-55555555", ROOT, "Workloads").is_err(),
        "a name is unique in its parent"
    );
    assert!(world.create_unit("ou-ab12-55555555", WORKLOADS, "Workloads").is_ok());
    assert!(
        world.create_unit("ou-zz99-55555555", ROOT, "x").is_err(),
        "a unit's id carries its root's"
    );
    assert!(world.create_unit("ou-ab12-66666666", "ou-ab12-99999999", "x").is_err());
    let mut empty = self::world();
    assert_eq!(
        empty.create_organization(account(MANAGEMENT), "exampleorgid", ROOT),
        malformed("exampleorgid")
    );
    assert_eq!(
        empty.create_organization(account(MANAGEMENT), ORGANIZATION, "r-1"),
        malformed("r-1")
    );
    assert_eq!(
        empty.create_organization_in("aws-mars", account(MANAGEMENT), ORGANIZATION, ROOT),
        Err(OrganizationError::Partition("aws-mars".into()))
    );
    assert!(matches!(
        empty.create_unit(SANDBOX, ROOT, "x"),
        Err(OrganizationError::None)
    ));
}

#[test]
fn an_organization_thought_up_is_the_one_its_management_account_reads() {
    let mut bench = Bench { world: world() };
    let Organization { arn, accounts, .. } = bench.world.found_organization(&OrganizationSettings {
        accounts: 30,
        ..OrganizationSettings::default()
    });
    let management = arn.split(':').nth(4).unwrap().to_owned();
    let units = bench
        .ask(
            &management,
            "ListOrganizationalUnitsForParent",
            &serde_json::json!({ "ParentId": "r-ab12" }),
        )
        .unwrap();
    let mut found = Vec::new();
    for unit in units["OrganizationalUnits"].as_array().unwrap() {
        let (id, arn) = (&unit["Id"], &unit["Arn"]);
        let told = bench
            .ask(
                &management,
                "ListAccountsForParent",
                &serde_json::json!({ "ParentId": id }),
            )
            .unwrap();
        assert_eq!(told.get("NextToken"), None);
        for account in told["Accounts"].as_array().unwrap() {
            let closed = account["State"] == "CLOSED";
            found.push((account["Id"].clone(), arn.clone(), closed));
        }
    }
    let mut thought_up: Vec<_> = accounts
        .iter()
        .map(|account| {
            let id = serde_json::json!(account.id.to_string());
            (id, serde_json::json!(account.unit), account.suspended)
        })
        .collect();
    let by_id = |entry: &(serde_json::Value, serde_json::Value, bool)| entry.0.to_string();
    found.sort_by_key(by_id);
    thought_up.sort_by_key(by_id);
    assert_eq!(found, thought_up);
}

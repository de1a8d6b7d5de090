//! Whom a role opens to.

use super::{HUB, Key, MAY_ASSUME, MEMBER, TRUSTS_HUB, account, assume, assume_with, root, world};
use crate::World;
use crate::sts::RoleError;
use crate::world::accounts::Membership;

fn trusting(principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},
        "Action":"sts:AssumeRole","Condition":{condition}}}}}"#
    )
}

/// A session of a new role of the hub with these policies.
fn hub_session(world: &mut World, name: &str, policies: &[&str]) -> (String, Key) {
    let role = world.create_role(account(HUB), name, TRUSTS_HUB, policies).unwrap();
    let key = assume(world, &root(HUB), &role).unwrap();
    (role, key)
}

#[test]
fn a_caller_of_another_account_needs_permission_of_its_own_besides_the_trust() {
    let mut world = world();
    let (hub, bare) = hub_session(&mut world, "hub", &[]);
    let by_account = world.create_role(account(MEMBER), "a", TRUSTS_HUB, &[]).unwrap();
    let by_role = world
        .create_role(
            account(MEMBER),
            "b",
            &trusting(&format!(r#"{{"AWS":"{hub}"}}"#), "{}"),
            &[],
        )
        .unwrap();
    let by_all = world
        .create_role(account(MEMBER), "c", &trusting(r#""*""#, "{}"), &[])
        .unwrap();
    for role in [&by_account, &by_role, &by_all] {
        assert_eq!(assume(&mut world, &bare, role).unwrap_err().1, "AccessDenied", "{role}");
    }
    world.set_role_policies(&hub, &[MAY_ASSUME]).unwrap();
    for role in [&by_account, &by_role, &by_all] {
        assert!(assume(&mut world, &bare, role).is_ok(), "{role}");
    }
}

#[test]
fn permission_to_assume_can_be_for_one_role_and_not_another() {
    let mut world = world();
    let only_a = MAY_ASSUME.replace(r#""*""#, r#""arn:aws:iam::*:role/steward/a""#);
    let (_, key) = hub_session(&mut world, "hub", &[&only_a]);
    let a = world
        .create_role(account(MEMBER), "/steward/a", TRUSTS_HUB, &[])
        .unwrap();
    let b = world
        .create_role(account(MEMBER), "/steward/b", TRUSTS_HUB, &[])
        .unwrap();
    assert!(assume(&mut world, &key, &a).is_ok());
    assert_eq!(assume(&mut world, &key, &b).unwrap_err().1, "AccessDenied");
}

#[test]
fn within_an_account_a_role_trusted_by_name_needs_no_permission_but_one_trusted_by_account_does() {
    let mut world = world();
    let (hub, key) = hub_session(&mut world, "hub", &[]);
    let by_account = world.create_role(account(HUB), "a", TRUSTS_HUB, &[]).unwrap();
    let by_role = world
        .create_role(
            account(HUB),
            "b",
            &trusting(&format!(r#"{{"AWS":"{hub}"}}"#), "{}"),
            &[],
        )
        .unwrap();
    let by_all = world
        .create_role(account(HUB), "c", &trusting(r#"{"AWS":"*"}"#, "{}"), &[])
        .unwrap();
    assert!(assume(&mut world, &key, &by_account).is_err());
    assert!(assume(&mut world, &key, &by_role).is_ok());
    assert!(assume(&mut world, &key, &by_all).is_ok());

    // A session policy limits what the role was trusted with by name, not what everyone was trusted with.
    let nothing = r#"{"Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
    let limited = assume_with(&mut world, &root(HUB), &hub, &[("Policy", nothing)]).unwrap();
    assert!(assume(&mut world, &limited, &by_role).is_err());
    assert!(assume(&mut world, &limited, &by_all).is_ok());

    // A Deny ends it all.
    world
        .set_role_policies(&hub, &[&MAY_ASSUME.replace("Allow", "Deny")])
        .unwrap();
    for role in [&by_account, &by_role, &by_all] {
        assert!(assume(&mut world, &key, role).is_err());
    }
}

#[test]
fn a_deny_in_the_trust_policy_wins_over_its_allow_in_any_order() {
    let mut world = world();
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}"#;
    let deny = r#"{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"sts:*"}"#;
    for (name, first, second) in [("a", allow, deny), ("b", deny, allow)] {
        let trust = format!(r#"{{"Statement":[{first},{second}]}}"#);
        let role = world.create_role(account(MEMBER), name, &trust, &[]).unwrap();
        assert_eq!(assume(&mut world, &root(HUB), &role).unwrap_err().1, "AccessDenied");
        assert!(assume(&mut world, &root("333344445555"), &role).is_ok());
    }
}

#[test]
fn a_service_as_principal_is_no_caller() {
    let mut world = world();
    let role = world
        .create_role(
            account(HUB),
            "a",
            &trusting(r#"{"Service":"lambda.amazonaws.com"}"#, "{}"),
            &[],
        )
        .unwrap();
    assert!(assume(&mut world, &root(HUB), &role).is_err());
}

#[test]
fn a_trust_in_a_role_by_name_breaks_when_that_role_is_made_anew() {
    let mut world = world();
    let (hub, before) = hub_session(&mut world, "hub", &[MAY_ASSUME]);
    let trust = trusting(&format!(r#"{{"AWS":"{hub}"}}"#), "{}");
    let member = world.create_role(account(MEMBER), "member", &trust, &[]).unwrap();
    assert!(assume(&mut world, &before, &member).is_ok());

    world.delete_role(&hub).unwrap();
    let (again, after) = hub_session(&mut world, "hub", &[MAY_ASSUME]);
    assert_eq!(again, hub);
    assert_eq!(assume(&mut world, &after, &member).unwrap_err().1, "AccessDenied");
    assert_eq!(
        assume(&mut world, &before, &member).unwrap_err().1,
        "AccessDenied",
        "the old role's session"
    );

    world.set_role_trust(&member, &trust).unwrap();
    assert!(assume(&mut world, &after, &member).is_ok());
}

#[test]
fn a_trust_in_an_account_on_condition_of_the_roles_arn_outlives_the_role() {
    let mut world = world();
    let (hub, _) = hub_session(&mut world, "/steward/hub", &[MAY_ASSUME]);
    let (_, other) = hub_session(&mut world, "/steward/hub-2", &[MAY_ASSUME]);
    let condition = format!(r#"{{"ArnEquals":{{"aws:PrincipalArn":"{hub}"}}}}"#);
    let member = world
        .create_role(
            account(MEMBER),
            "member",
            &trusting(r#"{"AWS":"111122223333"}"#, &condition),
            &[],
        )
        .unwrap();
    world.delete_role(&hub).unwrap();
    let (_, after) = hub_session(&mut world, "/steward/hub", &[MAY_ASSUME]);
    assert!(assume(&mut world, &after, &member).is_ok());
    assert!(assume(&mut world, &other, &member).is_err());
    assert!(assume(&mut world, &root(HUB), &member).is_err());
}

#[test]
fn the_sessions_of_a_deleted_role_may_assume_nothing() {
    let mut world = world();
    let (hub, key) = hub_session(&mut world, "hub", &[MAY_ASSUME]);
    let open = world
        .create_role(account(HUB), "open", &trusting(r#""*""#, "{}"), &[])
        .unwrap();
    assert!(assume(&mut world, &key, &open).is_ok());
    world.delete_role(&hub).unwrap();
    assert!(assume(&mut world, &key, &open).is_err());
    hub_session(&mut world, "hub", &[MAY_ASSUME]);
    assert!(
        assume(&mut world, &key, &open).is_err(),
        "another role of that name gives it nothing back"
    );
}

#[test]
fn a_role_open_to_an_organization_opens_to_its_members_only() {
    let mut world = world();
    let in_unit = |unit: &str| {
        Some(Membership {
            organization_arn: String::from("arn:aws:organizations::111122223333:organization/o-exampleorgid"),
            unit_arns: vec![format!("arn:aws:organizations::111122223333:ou/o-exampleorgid/{unit}")],
        })
    };
    world.account_mut(account(HUB)).membership = in_unit("ou-ab12-11111111");
    world.account_mut(account("333344445555")).membership = in_unit("ou-ab12-22222222");
    let organization = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#;
    let unit = r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-ab12/ou-ab12-11111111/*"}}"#;
    let by_organization = world
        .create_role(account(MEMBER), "a", &trusting(r#""*""#, organization), &[])
        .unwrap();
    let by_unit = world
        .create_role(account(MEMBER), "b", &trusting(r#""*""#, unit), &[])
        .unwrap();
    let mut opens =
        |caller: &str| [&by_organization, &by_unit].map(|role| assume(&mut world, &root(caller), role).is_ok());
    assert_eq!(opens(HUB), [true, true]);
    assert_eq!(opens("333344445555"), [true, false]);
    assert_eq!(opens("444455556666"), [false, false]);
}

#[test]
fn a_trust_policy_names_only_principals_that_exist_in_full_and_in_its_partition() {
    let mut world = world();
    let refused = [
        ("arn:aws:iam::111122223333:role/missing", "Invalid principal"),
        ("arn:aws:iam::111122223333:role/a*", "Invalid principal"),
        ("arn:aws-cn:iam::111122223333:root", "Invalid principal"),
        ("arn:aws:iam::1:root", "Invalid principal"),
        ("o-exampleorgid", "Invalid principal"),
        ("arn:aws:iam::111122223333:user/somebody", "does not model"),
        ("arn:aws:sts::111122223333:assumed-role/hub/prune", "does not model"),
    ];
    for (principal, said) in refused {
        let trust = trusting(&format!(r#"{{"AWS":["111122223333","{principal}"]}}"#), "{}");
        let Err(RoleError::Trust(error)) = world.create_role(account(MEMBER), "a", &trust, &[]) else {
            panic!("{principal} was taken");
        };
        assert_eq!(error.path, "Statement.Principal.AWS");
        assert!(error.problem.contains(said), "{error}");
    }
}

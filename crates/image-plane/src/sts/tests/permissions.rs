//! What a session may do: its role's policies, and its own.

use super::{HUB, Key, TRUSTS_HUB, account, assume, assume_with, region, root, world};
use crate::sts::identify;
use crate::sts::{Access, Resource, authorize_on};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

fn policy(effect: &str, action: &str, resource: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}",
        "Condition":{condition}}}}}"#
    )
}

fn allow(action: &str, resource: &str) -> String {
    policy("Allow", action, resource, "{}")
}

/// What an action on nothing in particular is answered.
fn authorize(world: &World, caller: &Caller, service: Service, action: &str) -> Result<(), ApiError> {
    authorize_on(world, caller, service, action, &Access::unknown())
}

fn caller(world: &World, key: &Key) -> Caller {
    identify(world, Service::Ec2, region("us-east-1"), &key.id, key.token.as_deref()).unwrap()
}

/// A new role of the hub with these policies, and somebody in a session of it.
fn session(world: &mut World, name: &str, policies: &[&str]) -> (String, Caller) {
    let role = world.create_role(account(HUB), name, TRUSTS_HUB, policies).unwrap();
    let key = assume(world, &root(HUB), &role).unwrap();
    (role, caller(world, &key))
}

fn image(id: &str, tags: &[(&str, &str)]) -> Resource {
    Resource {
        arn: format!("arn:aws:ec2:us-east-1::image/{id}"),
        tags: tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        owner: Some(HUB.to_owned()),
    }
}

fn on(resources: Vec<Resource>) -> Access {
    Access {
        resources,
        ..Access::default()
    }
}

fn deregister(world: &World, caller: &Caller, resources: Vec<Resource>) -> Result<(), ApiError> {
    authorize_on(world, caller, Service::Ec2, "DeregisterImage", &on(resources))
}

#[test]
fn a_root_may_do_everything() {
    let world = world();
    let root = caller(&world, &root(HUB));
    assert_eq!(authorize(&world, &root, Service::Ec2, "DeregisterImage"), Ok(()));
    assert_eq!(deregister(&world, &root, vec![image("ami-1", &[])]), Ok(()));
}

#[test]
fn a_role_without_policies_may_do_nothing() {
    let mut world = world();
    let (_, caller) = session(&mut world, "a", &[]);
    let refused = authorize(&world, &caller, Service::Ec2, "DescribeImages").unwrap_err();
    assert_eq!((refused.status, refused.code.as_ref()), (403, "UnauthorizedOperation"));
    assert_eq!(
        refused.message,
        "You are not authorized to perform this operation. User: arn:aws:sts::111122223333:assumed-role/a/prune is not \
         authorized to perform: ec2:DescribeImages because no identity-based policy allows the ec2:DescribeImages \
         action"
    );
    let refused = authorize(&world, &caller, Service::ImageBuilder, "ListImages").unwrap_err();
    assert_eq!((refused.status, refused.code.as_ref()), (403, "AccessDeniedException"));
    assert!(
        refused
            .message
            .contains("imagebuilder:ListImages on resource: * because"),
        "{}",
        refused.message
    );
}

#[test]
fn an_action_is_allowed_in_any_case_and_by_wildcard_but_never_of_another_service() {
    let mut world = world();
    let (_, caller) = session(&mut world, "a", &[&allow("EC2:describe*", "*")]);
    assert_eq!(authorize(&world, &caller, Service::Ec2, "DescribeImages"), Ok(()));
    assert!(authorize(&world, &caller, Service::Ec2, "DeregisterImage").is_err());
    assert!(authorize(&world, &caller, Service::ImageBuilder, "DescribeImages").is_err());
}

#[test]
fn a_deny_wins_over_an_allow_wherever_they_stand() {
    let mut world = world();
    let (allowed, denied) = (allow("ec2:*", "*"), policy("Deny", "ec2:DeregisterImage", "*", "{}"));
    for (name, policies) in [("a", [&allowed, &denied]), ("b", [&denied, &allowed])] {
        let (_, caller) = session(&mut world, name, &policies.map(String::as_str));
        assert_eq!(authorize(&world, &caller, Service::Ec2, "DescribeImages"), Ok(()));
        let refused = authorize(&world, &caller, Service::Ec2, "DeregisterImage").unwrap_err();
        assert!(
            refused
                .message
                .ends_with("with an explicit deny in an identity-based policy"),
            "{}",
            refused.message
        );
    }
}

#[test]
fn a_session_may_do_only_what_both_its_role_and_its_policy_allow() {
    let mut world = world();
    let role = world
        .create_role(account(HUB), "a", TRUSTS_HUB, &[&allow("ec2:Describe*", "*")])
        .unwrap();
    let mut with = |policy: &str| {
        let key = assume_with(&mut world, &root(HUB), &role, &[("Policy", policy)]).unwrap();
        let caller = caller(&world, &key);
        ["DescribeImages", "DescribeSnapshots", "DeregisterImage"]
            .map(|action| authorize(&world, &caller, Service::Ec2, action).map_err(|error| error.message))
    };
    let [images, snapshots, deregister] = with(&allow("ec2:D*Image*", "*"));
    assert_eq!(images, Ok(()));
    assert!(snapshots.unwrap_err().contains("because no session policy allows"));
    assert!(
        deregister
            .unwrap_err()
            .contains("because no identity-based policy allows")
    );
    let denies = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"ec2:DescribeImages","Resource":"*"}]}"#;
    let [images, snapshots, _] = with(denies);
    assert!(
        images
            .unwrap_err()
            .ends_with("with an explicit deny in a session policy")
    );
    assert_eq!(snapshots, Ok(()));
}

#[test]
fn an_image_without_our_tag_cannot_be_touched() {
    let mut world = world();
    let ours = r#"{"StringLike":{"aws:ResourceTag/image-steward:family":"*"}}"#;
    let (_, caller) = session(
        &mut world,
        "a",
        &[&policy("Allow", "ec2:DeregisterImage", "arn:aws:ec2:*::image/*", ours)],
    );
    let tagged = || image("ami-1", &[("image-steward:family", "web")]);
    assert_eq!(deregister(&world, &caller, vec![tagged()]), Ok(()));
    let refused = deregister(&world, &caller, vec![tagged(), image("ami-2", &[])]).unwrap_err();
    assert!(
        refused
            .message
            .contains("on resource: arn:aws:ec2:us-east-1::image/ami-2 "),
        "{}",
        refused.message
    );
    assert!(deregister(&world, &caller, vec![image("ami-2", &[("family", "web")])]).is_err());
    assert!(deregister(&world, &caller, vec![]).is_err(), "nobody knows which image");
}

#[test]
fn an_action_on_nothing_in_particular_is_covered_by_a_star_alone() {
    let mut world = world();
    let (_, by_arn) = session(&mut world, "a", &[&allow("ec2:*", "arn:aws:ec2:*")]);
    let (_, by_star) = session(&mut world, "b", &[&allow("ec2:*", "*")]);
    assert!(authorize(&world, &by_arn, Service::Ec2, "DescribeImages").is_err());
    assert_eq!(authorize(&world, &by_star, Service::Ec2, "DescribeImages"), Ok(()));
}

#[test]
fn changed_policies_hold_for_live_sessions_and_a_deleted_roles_sessions_may_do_nothing() {
    let mut world = world();
    let (role, caller) = session(&mut world, "a", &[]);
    world.set_role_policies(&role, &[&allow("*", "*")]).unwrap();
    assert_eq!(authorize(&world, &caller, Service::Ec2, "DescribeImages"), Ok(()));
    world.delete_role(&role).unwrap();
    assert!(authorize(&world, &caller, Service::Ec2, "DescribeImages").is_err());
    session(&mut world, "a", &[&allow("*", "*")]);
    assert!(authorize(&world, &caller, Service::Ec2, "DescribeImages").is_err());
}

#[test]
fn an_injected_denial_reads_like_a_missing_permission() {
    let mut world = world();
    world.inject(crate::Fault::new(crate::Effect::Deny).on("GetCallerIdentity"));
    let (status, code, message) = super::who_am_i(&mut world, &root(HUB)).unwrap_err();
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(
        message.ends_with("is not authorized to perform: sts:GetCallerIdentity"),
        "{message}"
    );
}

mod properties {
    use proptest::prelude::*;

    use super::{Access, Service, authorize_on, caller};
    use crate::sts::policy::properties::{asks, policy, statement};
    use crate::sts::tests::{HUB, TRUSTS_HUB, account, assume, assume_with, root, world};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_session_policy_never_allows_more_than_its_role(
            role in prop::collection::vec(statement(), 1..4),
            session in prop::collection::vec(statement(), 1..4),
        ) {
            let mut world = world();
            let (role_policy, session_policy) = (policy(&role), policy(&session));
            let role = world.create_role(account(HUB), "a", TRUSTS_HUB, &[&role_policy]).unwrap();
            let other = world.create_role(account(HUB), "b", TRUSTS_HUB, &[&session_policy]).unwrap();
            let whole = assume(&mut world, &root(HUB), &role).unwrap();
            let limited = assume_with(&mut world, &root(HUB), &role, &[("Policy", &session_policy)]).unwrap();
            let limit = assume(&mut world, &root(HUB), &other).unwrap();
            let [whole, limited, limit] = [whole, limited, limit].map(|key| caller(&world, &key));
            for (action, resource, request_tags) in asks() {
                let (service, action) = match action.split_once(':') {
                    Some(("ec2", action)) => (Service::Ec2, action),
                    Some((_, action)) => (Service::ImageBuilder, action),
                    None => continue,
                };
                let access = Access { resources: resource.into_iter().collect(), request_tags, ..Access::default() };
                let may = |who| authorize_on(&world, who, service, action, &access).is_ok();
                prop_assert_eq!(may(&limited), may(&whole) && may(&limit));
            }
        }
    }
}

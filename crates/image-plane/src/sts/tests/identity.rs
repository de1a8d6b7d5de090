use std::time::Duration;

use super::{
    HUB, Key, MAY_ASSUME, TRUSTS_HUB, account, assume, call_in, field, region, request, root, who_am_i, world,
};
use crate::sts::identify;
use crate::wire::call::Service;
use crate::world::World;
use crate::world::accounts::AccountState;

const HOUR: Duration = Duration::from_hours(1);

fn a_session(world: &mut World) -> Key {
    let role = world
        .create_role(account(HUB), "/steward/hub", TRUSTS_HUB, &[MAY_ASSUME])
        .unwrap();
    assume(world, &root(HUB), &role).unwrap()
}

/// Status and code with which a service answers these credentials at this moment.
fn refusal(world: &World, service: Service, key: &Key) -> Option<(u16, String)> {
    let error = identify(world, service, region("us-east-1"), &key.id, key.token.as_deref()).err()?;
    Some((error.status, error.code.into_owned()))
}

#[test]
fn a_key_of_twelve_digits_is_the_root_of_that_account_in_the_partition_of_the_region() {
    let mut world = world();
    assert_eq!(
        who_am_i(&mut world, &root(HUB)).unwrap(),
        "arn:aws:iam::111122223333:root"
    );
    let answer = call_in(&mut world, &root(HUB), "cn-north-1", &[("Action", "GetCallerIdentity")]).unwrap();
    assert_eq!(field(&answer, "Arn"), "arn:aws-cn:iam::111122223333:root");
    assert_eq!(
        (field(&answer, "UserId"), field(&answer, "Account")),
        (HUB.to_owned(), HUB.to_owned())
    );
}

#[test]
fn a_session_is_its_role_without_path_and_its_own_name() {
    let mut world = world();
    let key = a_session(&mut world);
    let answer = call_in(&mut world, &key, "us-east-1", &[("Action", "GetCallerIdentity")]).unwrap();
    assert_eq!(
        field(&answer, "Arn"),
        "arn:aws:sts::111122223333:assumed-role/hub/prune"
    );
    assert_eq!(field(&answer, "Account"), HUB);
    let user = field(&answer, "UserId");
    assert!(
        user.starts_with("AROA") && user.ends_with(":prune") && user.len() == 27,
        "{user}"
    );
}

#[test]
fn who_one_is_needs_no_permission_and_no_deny_hides_it() {
    let mut world = world();
    let denies = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    for policies in [&[][..], &[denies][..]] {
        let name = format!("role-{}", policies.len());
        let role = world.create_role(account(HUB), &name, TRUSTS_HUB, policies).unwrap();
        let key = assume(&mut world, &root(HUB), &role).unwrap();
        assert!(who_am_i(&mut world, &key).is_ok());
    }
}

#[test]
fn an_unknown_key_and_a_missing_or_wrong_token_are_answered_alike_by_each_service() {
    let mut world = world();
    let good = a_session(&mut world);
    let bad = [
        Key {
            id: String::from("ASIAAAAAAAAAAAAAAAAA"),
            ..good.clone()
        },
        Key {
            id: String::from("AKIAIOSFODNN7EXAMPLE"),
            token: None,
        },
        Key {
            token: None,
            ..good.clone()
        },
        Key {
            token: Some(String::from("x")),
            ..good.clone()
        },
        Key {
            token: Some(String::new()),
            ..good.clone()
        },
    ];
    for key in bad {
        assert_eq!(
            refusal(&world, Service::Ec2, &key),
            Some((401, String::from("AuthFailure"))),
            "{key:?}"
        );
        assert_eq!(
            refusal(&world, Service::Sts, &key),
            Some((403, String::from("InvalidClientTokenId")))
        );
        let builder = refusal(&world, Service::ImageBuilder, &key);
        assert_eq!(builder, Some((403, String::from("UnrecognizedClientException"))));
    }
    assert_eq!(refusal(&world, Service::Ec2, &good), None);
}

#[test]
fn a_session_works_to_the_last_moment_before_its_expiration_and_not_at_it() {
    let mut world = world();
    let key = a_session(&mut world);
    // The answer's whole second, an hour on.
    let end = crate::time::Time::parse("2026-01-18T18:50:56Z").unwrap();
    world.settle(end - Duration::from_millis(1));
    for service in [Service::Ec2, Service::Sts, Service::ImageBuilder] {
        assert_eq!(refusal(&world, service, &key), None);
    }
    world.settle(end);
    assert_eq!(
        refusal(&world, Service::Ec2, &key),
        Some((400, String::from("RequestExpired")))
    );
    assert_eq!(
        refusal(&world, Service::Sts, &key),
        Some((403, String::from("ExpiredToken")))
    );
    assert_eq!(
        refusal(&world, Service::ImageBuilder, &key),
        Some((403, String::from("ExpiredTokenException")))
    );
}

#[test]
fn an_expired_session_with_a_wrong_token_is_not_told_that_it_expired() {
    let mut world = world();
    let key = a_session(&mut world);
    world.settle(world.now() + HOUR);
    let wrong = Key {
        token: Some(String::from("x")),
        ..key
    };
    assert_eq!(
        refusal(&world, Service::Ec2, &wrong),
        Some((401, String::from("AuthFailure")))
    );
}

#[test]
fn ec2_refuses_an_expired_session_at_the_door_in_its_own_shape() {
    let mut world = world();
    let key = a_session(&mut world);
    let later = world.now() + HOUR;
    let response = world.call(
        later,
        request(&key, "us-east-1", "ec2", "Action=DescribeImages&Version=2016-11-15"),
    );
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert_eq!(
        (response.status().as_u16(), field(&text, "Code")),
        (400, String::from("RequestExpired"))
    );
    assert_eq!(field(&text, "Message"), "Request has expired.");
}

#[test]
fn a_session_is_unknown_in_another_partition() {
    let mut world = world();
    let key = a_session(&mut world);
    let refused = call_in(&mut world, &key, "cn-north-1", &[("Action", "GetCallerIdentity")]).unwrap_err();
    assert_eq!((refused.0, refused.1.as_str()), (403, "InvalidClientTokenId"));
}

#[test]
fn the_sessions_of_an_account_end_with_its_suspension() {
    let mut world = world();
    let key = a_session(&mut world);
    world.account_mut(account(HUB)).state = AccountState::Closed;
    assert!(who_am_i(&mut world, &key).is_err());
}

#[test]
fn an_operation_a_version_or_a_parameter_nobody_modelled_is_refused_by_name() {
    let mut world = world();
    let refused = call_in(&mut world, &root(HUB), "us-east-1", &[("Action", "GetSessionToken")]).unwrap_err();
    assert_eq!(
        (refused.0, refused.2.as_str()),
        (501, "image-plane does not model sts:GetSessionToken")
    );
    let pairs = [("Action", "GetCallerIdentity"), ("Colour", "red")];
    assert!(
        call_in(&mut world, &root(HUB), "us-east-1", &pairs)
            .unwrap_err()
            .2
            .contains("Colour")
    );
    let old = request(
        &root(HUB),
        "us-east-1",
        "sts",
        "Action=GetCallerIdentity&Version=2010-01-01",
    );
    let now = world.now();
    assert_eq!(world.call(now, old).status(), 400);
}

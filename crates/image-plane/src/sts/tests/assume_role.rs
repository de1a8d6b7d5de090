use std::time::Duration;

use super::{
    HUB, MAY_ASSUME, MEMBER, TRUSTS_HUB, account, assume, assume_with, call_in, field, region, root, who_am_i, world,
};
use crate::sts::RoleError;
use crate::world::accounts::AccountState;

#[test]
fn assuming_a_role_gives_temporary_credentials_in_the_shape_of_sts() {
    let mut world = world();
    let role = world
        .create_role(account(MEMBER), "/steward/member", TRUSTS_HUB, &[])
        .unwrap();
    assert_eq!(role, "arn:aws:iam::222233334444:role/steward/member");
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let pairs = [
        ("Action", "AssumeRole"),
        ("RoleArn", role.as_str()),
        ("RoleSessionName", "prune=1"),
        ("DurationSeconds", "900"),
        ("Policy", policy),
    ];
    let answer = call_in(&mut world, &root(HUB), "eu-west-1", &pairs).unwrap();
    assert!(
        answer.contains("<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>")
    );
    let key = field(&answer, "AccessKeyId");
    assert!(key.len() == 20 && key.starts_with("ASIA"), "{key}");
    assert_eq!(field(&answer, "SecretAccessKey").len(), 40);
    assert!(field(&answer, "SessionToken").len() > 100);
    assert_eq!(field(&answer, "Expiration"), "2026-01-18T18:05:56Z");
    assert_eq!(
        field(&answer, "Arn"),
        "arn:aws:sts::222233334444:assumed-role/member/prune=1"
    );
    let id = field(&answer, "AssumedRoleId");
    assert!(
        id.starts_with("AROA") && id.ends_with(":prune=1") && id.len() == 21 + 8,
        "{id}"
    );
    assert_eq!(field(&answer, "PackedPolicySize"), "5");
    assert!(!field(&answer, "RequestId").is_empty());
}

#[test]
fn the_same_seed_and_calls_give_the_same_credentials() {
    let run = || {
        let mut world = world();
        let role = world.create_role(account(HUB), "a", TRUSTS_HUB, &[]).unwrap();
        (
            assume(&mut world, &root(HUB), &role).unwrap(),
            world.ledger().fingerprint(),
        )
    };
    assert_eq!(run(), run());
}

#[test]
fn a_role_that_does_not_exist_is_refused_in_the_words_of_one_that_does_not_trust() {
    let mut world = world();
    let trusts_member = TRUSTS_HUB.replace(HUB, MEMBER);
    let closed = world
        .create_role(account(MEMBER), "closed", &trusts_member, &[])
        .unwrap();
    let missing = "arn:aws:iam::222233334444:role/missing";
    for role in [closed.as_str(), missing] {
        let (status, code, message) = assume(&mut world, &root(HUB), role).unwrap_err();
        assert_eq!((status, code.as_str()), (403, "AccessDenied"));
        let words = "User: arn:aws:iam::111122223333:root is not authorized to perform: sts:AssumeRole on resource: ";
        assert_eq!(message, format!("{words}{role}"));
    }
}

#[test]
fn a_role_that_asks_for_an_external_id_opens_to_exactly_that_one() {
    let mut world = world();
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},
        "Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"s3cret:/1"}}}}"#;
    let role = world.create_role(account(MEMBER), "a", trust, &[]).unwrap();
    assert!(assume_with(&mut world, &root(HUB), &role, &[("ExternalId", "s3cret:/1")]).is_ok());
    for wrong in [&[][..], &[("ExternalId", "s3cret:/2")], &[("ExternalId", "S3CRET:/1")]] {
        let (status, code, message) = assume_with(&mut world, &root(HUB), &role, wrong).unwrap_err();
        assert_eq!((status, code.as_str()), (403, "AccessDenied"));
        assert!(message.ends_with(&format!(
            "is not authorized to perform: sts:AssumeRole on resource: {role}"
        )));
    }
}

#[test]
fn a_session_lasts_from_a_quarter_of_an_hour_to_what_its_role_grants() {
    let mut world = world();
    let role = world.create_role(account(MEMBER), "a", TRUSTS_HUB, &[]).unwrap();
    let with = |seconds: &str, world: &mut crate::World| {
        assume_with(world, &root(HUB), &role, &[("DurationSeconds", seconds)]).map_err(|(status, code, message)| {
            assert_eq!((status, code.as_str()), (400, "ValidationError"));
            message
        })
    };
    assert!(with("900", &mut world).is_ok() && with("3600", &mut world).is_ok());
    assert!(
        with("899", &mut world)
            .unwrap_err()
            .contains("greater than or equal to 900")
    );
    assert!(
        with("43201", &mut world)
            .unwrap_err()
            .contains("less than or equal to 43200")
    );
    assert!(with("1h", &mut world).is_err());
    let too_long = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    assert_eq!(with("3601", &mut world).unwrap_err(), too_long);
    world.set_role_max_session(&role, Duration::from_hours(2)).unwrap();
    assert!(with("7200", &mut world).is_ok());
    assert_eq!(with("7201", &mut world).unwrap_err(), too_long);
    let day = Duration::from_hours(24);
    assert_eq!(world.set_role_max_session(&role, day), Err(RoleError::MaxSession(day)));
}

#[test]
fn a_role_assumed_from_a_session_lasts_an_hour_at_most() {
    let mut world = world();
    let hub = world
        .create_role(account(HUB), "hub", TRUSTS_HUB, &[MAY_ASSUME])
        .unwrap();
    let member = world.create_role(account(MEMBER), "member", TRUSTS_HUB, &[]).unwrap();
    world.set_role_max_session(&member, Duration::from_hours(12)).unwrap();
    let session = assume(&mut world, &root(HUB), &hub).unwrap();
    assert!(assume_with(&mut world, &session, &member, &[("DurationSeconds", "3600")]).is_ok());
    let (status, code, message) =
        assume_with(&mut world, &session, &member, &[("DurationSeconds", "3601")]).unwrap_err();
    assert_eq!((status, code.as_str()), (400, "ValidationError"));
    assert!(message.contains("role chaining"), "{message}");
    assert!(assume_with(&mut world, &root(HUB), &member, &[("DurationSeconds", "3601")]).is_ok());
}

#[test]
fn what_would_change_a_session_and_is_not_modelled_is_refused_by_name() {
    let mut world = world();
    let role = world.create_role(account(MEMBER), "a", TRUSTS_HUB, &[]).unwrap();
    let cases = [
        (
            "PolicyArns.member.1.arn",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "PolicyArns",
        ),
        ("Tags.member.1.Key", "a", "Tags"),
        ("TransitiveTagKeys.member.1", "a", "TransitiveTagKeys"),
        ("SourceIdentity", "me", "SourceIdentity"),
        ("SerialNumber", "GAHT12345678", "SerialNumber"),
    ];
    for (name, value, said) in cases {
        let (status, _, message) = assume_with(&mut world, &root(HUB), &role, &[(name, value)]).unwrap_err();
        assert_eq!(
            (status, message),
            (501, format!("image-plane does not model {said} of sts:AssumeRole"))
        );
    }
    assert!(
        assume_with(&mut world, &root(HUB), &role, &[("PolicyArns", "")]).is_ok(),
        "an empty list is none"
    );
}

#[test]
fn a_request_that_does_not_fit_its_pattern_is_a_validation_error() {
    let mut world = world();
    let role = world.create_role(account(MEMBER), "a", TRUSTS_HUB, &[]).unwrap();
    let long = "x".repeat(65);
    let named = |name| {
        [
            ("Action", "AssumeRole"),
            ("RoleArn", role.as_str()),
            ("RoleSessionName", name),
        ]
    };
    for name in ["a", "a b", "a/b", "ä-ä", long.as_str()] {
        let refused = call_in(&mut world, &root(HUB), "us-east-1", &named(name)).unwrap_err();
        assert_eq!((refused.0, refused.1.as_str()), (400, "ValidationError"), "{name}");
        assert!(refused.2.contains("roleSessionName"), "{}", refused.2);
    }
    for arn in [
        "arn:aws:iam::222233334444:user/somebody",
        "arn:aws:iam::2222:role/somebody-or-other",
        "role",
    ] {
        let refused = assume(&mut world, &root(HUB), arn).unwrap_err();
        assert_eq!((refused.0, refused.1.as_str()), (400, "ValidationError"), "{arn}");
    }
    let missing = call_in(
        &mut world,
        &root(HUB),
        "us-east-1",
        &[("Action", "AssumeRole"), ("RoleArn", role.as_str())],
    );
    assert!(missing.unwrap_err().2.contains("'roleSessionName'"));
}

#[test]
fn a_session_policy_that_cannot_be_read_opens_no_session() {
    let mut world = world();
    let role = world.create_role(account(MEMBER), "a", TRUSTS_HUB, &[]).unwrap();
    let unknown = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"Bool":{"aws:SecureTransport":"true"}}}}"#;
    let long = format!(r#"{{"Id":"{}"}}"#, "x".repeat(2048));
    let cases = [
        ("{", 400, "MalformedPolicyDocument"),
        (TRUSTS_HUB, 400, "MalformedPolicyDocument"),
        (unknown, 501, "NotModelled"),
        (long.as_str(), 400, "ValidationError"),
    ];
    for (policy, status, code) in cases {
        let refused = assume_with(&mut world, &root(HUB), &role, &[("Policy", policy)]).unwrap_err();
        assert_eq!(
            (refused.0, refused.1.as_str()),
            (status, code),
            "{policy}: {}",
            refused.2
        );
    }
}

#[test]
fn a_role_of_another_partition_cannot_be_assumed() {
    let mut world = world();
    let trust = TRUSTS_HUB;
    let role = world
        .create_role_in("aws-cn", account(MEMBER), "a", trust, &[])
        .unwrap();
    assert_eq!(assume(&mut world, &root(HUB), &role).unwrap_err().1, "AccessDenied");
    let pairs = [
        ("Action", "AssumeRole"),
        ("RoleArn", role.as_str()),
        ("RoleSessionName", "prune"),
    ];
    let answer = call_in(&mut world, &root(HUB), "cn-north-1", &pairs).unwrap();
    assert_eq!(
        field(&answer, "Arn"),
        "arn:aws-cn:sts::222233334444:assumed-role/a/prune"
    );
    assert_eq!(
        world.create_role_in("aws-mars", account(MEMBER), "b", trust, &[]),
        Err(RoleError::Partition(String::from("aws-mars")))
    );
}

#[test]
fn a_role_in_a_suspended_account_or_a_region_its_account_has_not_enabled_cannot_be_assumed() {
    let mut world = world();
    let role = world.create_role(account(MEMBER), "a", TRUSTS_HUB, &[]).unwrap();
    world.account_mut(account(MEMBER)).disabled.insert(region("us-east-1"));
    let (status, code, message) = assume(&mut world, &root(HUB), &role).unwrap_err();
    assert_eq!((status, code.as_str()), (403, "RegionDisabledException"));
    assert!(message.contains(MEMBER), "{message}");
    world.account_mut(account(MEMBER)).disabled.clear();
    assert!(assume(&mut world, &root(HUB), &role).is_ok());
    world.account_mut(account(MEMBER)).state = AccountState::Suspended;
    assert_eq!(assume(&mut world, &root(HUB), &role).unwrap_err().1, "AccessDenied");
}

#[test]
fn a_second_role_of_a_name_is_refused_whatever_its_path_and_case() {
    let mut world = world();
    let arn = world.create_role(account(HUB), "/a/Prune", TRUSTS_HUB, &[]).unwrap();
    for name in ["Prune", "/b/prune", "/a/Prune"] {
        let refused = world.create_role(account(HUB), name, TRUSTS_HUB, &[]);
        assert_eq!(refused, Err(RoleError::Exists(arn.clone())));
    }
    assert!(world.create_role(account(MEMBER), "Prune", TRUSTS_HUB, &[]).is_ok());
    for name in ["", "/", "a b", "a/", "é", "*/a"] {
        assert_eq!(
            world.create_role(account(HUB), name, TRUSTS_HUB, &[]),
            Err(RoleError::Name(name.to_owned()))
        );
    }
    let unknown = String::from("arn:aws:iam::111122223333:role/x");
    assert_eq!(world.delete_role(&unknown), Err(RoleError::Unknown(unknown.clone())));
    assert_eq!(world.set_role_policies(&unknown, &[]), Err(RoleError::Unknown(unknown)));
}

#[test]
fn every_session_has_credentials_of_its_own() {
    let mut world = world();
    let role = world.create_role(account(MEMBER), "a", TRUSTS_HUB, &[]).unwrap();
    let first = assume(&mut world, &root(HUB), &role).unwrap();
    let second = assume(&mut world, &root(HUB), &role).unwrap();
    assert!(first.id != second.id && first.token != second.token);
    let mixed = super::Key {
        id: first.id.clone(),
        token: second.token,
    };
    assert!(who_am_i(&mut world, &mixed).is_err());
    assert!(who_am_i(&mut world, &first).is_ok());
}

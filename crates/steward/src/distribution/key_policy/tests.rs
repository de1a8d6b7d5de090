use serde_json::json;

use super::*;
use crate::distribution::audience::Grantee;
use crate::{AccountId, Partition};

const OWNER: &str = "111122223333";
const USE: &str = r#""Action":["kms:CreateGrant","kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey*","kms:ReEncrypt*"],"Resource":"*""#;
const OWN: &str =
    r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;

fn account() -> Grantee {
    Grantee::Account("222233334444".parse().unwrap())
}

/// In no organization that anybody knows.
fn stranger() -> Grantee {
    Grantee::Account("333344445555".parse().unwrap())
}

fn unit() -> Grantee {
    let unit = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111";
    Grantee::Unit(unit.parse().unwrap())
}

fn organization() -> Grantee {
    let organization = "arn:aws:organizations::111122223333:organization/o-exampleorgid";
    Grantee::Organization(organization.parse().unwrap())
}

fn places() -> Places {
    let place = "o-exampleorgid/r-ab12/ou-ab12-11111111/ou-ab12-22222222/";
    Places::from([("222233334444".parse().unwrap(), place.parse().unwrap())])
}

fn judged(statements: &str, granted: &Granted, who: Grantee) -> &'static str {
    let policy = KeyPolicy::read(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap();
    let of = (OWNER.parse().unwrap(), "eu-west-1".parse().unwrap());
    match judge_key(&policy, of, granted, &[who].into(), &places()) {
        KeyAudience::Read { shuts_out, unclear } => match (shuts_out.len(), unclear.len()) {
            (0, 0) => "lets",
            (1, 0) => "shuts out",
            (0, 1) => "unclear",
            both => panic!("{both:?}"),
        },
        KeyAudience::Unread(why) => panic!("{why}"),
    }
}

const fn nobody() -> Granted {
    Granted::To(std::collections::BTreeSet::new())
}

/// Each with what it says of the account, the stranger, the unit and the organization: `+` lets, `-` shuts out, `?` is unclear.
#[test]
fn a_policy_is_read_with_care() {
    let lets = |principal: &str, condition: &str| {
        let condition = if condition.is_empty() {
            String::new()
        } else {
            format!(r#","Condition":{condition}"#)
        };
        format!(r#"{OWN},{{"Effect":"Allow","Principal":{principal},{USE}{condition}}}"#)
    };
    let anybody = |condition: &str| lets(r#"{"AWS":"*"}"#, condition);
    let denies = |principal: &str, action: &str, condition: &str| {
        let all = lets("\"*\"", "");
        format!(r#"{all},{{"Effect":"Deny","Principal":{principal},"Action":"{action}","Resource":"*"{condition}}}"#)
    };
    let to = |action: &str| format!(r#"{OWN},{{"Effect":"Allow","Principal":"*","Action":{action},"Resource":"*"}}"#);
    let root = r#"{"AWS":"arn:aws:iam::222233334444:root"}"#;
    let cases = [
        // Whom it names.
        ("its own account alone", OWN.to_owned(), "----"),
        (
            "a service besides",
            lets(r#"{"Service":"logs.eu-west-1.amazonaws.com"}"#, ""),
            "----",
        ),
        ("everybody", anybody(""), "++++"),
        ("everybody, in a word", lets("\"*\"", ""), "++++"),
        ("an account by its root", lets(root, ""), "+-??"),
        (
            "an account by its number",
            lets(r#"{"AWS":["999999999999","222233334444"]}"#, ""),
            "+-??",
        ),
        (
            "a role of an account",
            lets(r#"{"AWS":"arn:aws:iam::222233334444:role/x"}"#, ""),
            "?-??",
        ),
        (
            "a session of an account",
            lets(r#"{"AWS":"arn:aws:sts::222233334444:assumed-role/x/y"}"#, ""),
            "?-??",
        ),
        (
            "a role of its own",
            lets(r#"{"AWS":"arn:aws:iam::111122223333:role/x"}"#, ""),
            "----",
        ),
        (
            "somebody who is gone",
            lets(r#"{"AWS":"AROAEXAMPLEEXAMPLE"}"#, ""),
            "????",
        ),
        ("an identity provider", lets(r#"{"Federated":"x"}"#, ""), "????"),
        (
            "all but one",
            format!(r#"{OWN},{{"Effect":"Allow","NotPrincipal":{{"AWS":"999999999999"}},{USE}}}"#),
            "????",
        ),
        // Where.
        (
            "one organization",
            anybody(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#),
            "+?++",
        ),
        (
            "its key in small letters",
            anybody(r#"{"StringEquals":{"aws:principalorgid":["o-other00000","o-exampleorgid"]}}"#),
            "+?++",
        ),
        (
            "another organization",
            anybody(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-other00000"}}"#),
            "-?--",
        ),
        (
            "a pattern that is none",
            anybody(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-*"}}"#),
            "????",
        ),
        (
            "a pattern of organizations",
            anybody(r#"{"StringLike":{"aws:PrincipalOrgID":"o-exam*"}}"#),
            "+?++",
        ),
        (
            "a unit",
            anybody(r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/*/ou-ab12-11111111/*"}}"#),
            "+?+?",
        ),
        (
            "a unit within",
            anybody(
                r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-ab12/ou-ab12-11111111/ou-ab12-22222222/*"}}"#,
            ),
            "+???",
        ),
        (
            "another unit",
            anybody(r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/*/ou-ab12-99999999/*"}}"#),
            "-???",
        ),
        (
            "all units",
            anybody(r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/*"}}"#),
            "+?++",
        ),
        (
            "units of another organization",
            anybody(r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-other00000/*"}}"#),
            "-?--",
        ),
        (
            "exactly a unit",
            anybody(
                r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-ab12/ou-ab12-11111111/ou-ab12-22222222/"}}"#,
            ),
            "+???",
        ),
        (
            "exactly the unit above",
            anybody(
                r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-ab12/ou-ab12-11111111/"}}"#,
            ),
            "-???",
        ),
        (
            "all of its units, and there may be none",
            anybody(r#"{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/*"}}"#),
            "????",
        ),
        (
            "an account by condition",
            anybody(r#"{"StringEquals":{"kms:CallerAccount":"222233334444"}}"#),
            "+-??",
        ),
        (
            "its own by condition",
            anybody(r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#),
            "----",
        ),
        (
            "all but an account",
            anybody(r#"{"StringNotEquals":{"kms:CallerAccount":["222233334444"]}}"#),
            "-+??",
        ),
        (
            "all but an organization",
            anybody(r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#),
            "-?--",
        ),
        (
            "two conditions",
            anybody(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid","kms:CallerAccount":"333344445555"}}"#),
            "-???",
        ),
        (
            "two that hold",
            anybody(
                r#"{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid","kms:ViaService":"ec2.eu-west-1.amazonaws.com"}}"#,
            ),
            "+?++",
        ),
        (
            "through EC2 wherever",
            anybody(r#"{"StringLike":{"kms:ViaService":"ec2.*.amazonaws.com"}}"#),
            "++++",
        ),
        (
            "through EC2 elsewhere",
            anybody(r#"{"StringEquals":{"kms:ViaService":"ec2.us-east-1.amazonaws.com"}}"#),
            "????",
        ),
        (
            "if there is one",
            anybody(r#"{"StringEqualsIfExists":{"kms:CallerAccount":"111122223333"}}"#),
            "????",
        ),
        (
            "a condition that nobody knows",
            anybody(r#"{"StringEquals":{"aws:PrincipalTag/team":"web"}}"#),
            "????",
        ),
        (
            "a condition with a variable",
            anybody(r#"{"StringEquals":{"kms:CallerAccount":"${aws:PrincipalAccount}"}}"#),
            "????",
        ),
        ("a condition that is none", anybody(r#"{"StringEquals":{}}"#), "????"),
        (
            "a condition of numbers",
            anybody(r#"{"StringEquals":{"kms:CallerAccount":222233334444}}"#),
            "????",
        ),
        (
            "for AWS's own resources",
            anybody(r#"{"Bool":{"kms:GrantIsForAWSResource":"true"}}"#),
            "????",
        ),
        // What.
        ("all actions", to(r#""*""#), "++++"),
        ("all of KMS, loudly", to(r#""KMS:*""#), "++++"),
        ("to look and no more", to(r#"["kms:Describe*","kms:List*"]"#), "----"),
        (
            "no grants",
            to(r#"["kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey*","kms:ReEncrypt*"]"#),
            "----",
        ),
        (
            "all but new data keys",
            to(r#"["kms:CreateGrant","kms:Decrypt","kms:DescribeKey","kms:ReEncrypt*"]"#),
            "????",
        ),
        (
            "one letter is another",
            to(r#"["kms:CreateGran?","kms:D*","kms:GenerateDataKey*","kms:ReEncrypt*"]"#),
            "++++",
        ),
        (
            "all actions but some",
            format!(r#"{OWN},{{"Effect":"Allow","Principal":"*","NotAction":"kms:Put*","Resource":"*"}}"#),
            "????",
        ),
        (
            "one key of many",
            String::from(
                r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"arn:aws:kms:eu-west-1:111122223333:key/x"}"#,
            ),
            "????",
        ),
        (
            "something besides",
            format!(r#"{OWN},{{"Effect":"Allow","Principal":"*",{USE},"Also":"x"}}"#),
            "????",
        ),
        // What it denies.
        ("denied to all", denies("\"*\"", "kms:Decrypt", ""), "----"),
        (
            "something else is denied",
            denies("\"*\"", "kms:PutKeyPolicy", ""),
            "++++",
        ),
        ("denied to an account", denies(root, "kms:*", ""), "?+??"),
        (
            "denied to its own",
            denies(r#"{"AWS":"111122223333"}"#, "kms:*", ""),
            "++++",
        ),
        (
            "denied outside of the organization",
            denies(
                "\"*\"",
                "kms:*",
                r#","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#,
            ),
            "+?++",
        ),
        (
            "denied without encryption",
            denies(
                "\"*\"",
                "kms:*",
                r#","Condition":{"Bool":{"aws:SecureTransport":false}}"#,
            ),
            "++++",
        ),
        (
            "denied as nobody knows",
            denies(
                "\"*\"",
                "kms:*",
                r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#,
            ),
            "????",
        ),
        (
            "as the console writes it",
            format!(
                r#"{OWN},{{"Effect":"Allow","Principal":{root},"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*"}},{{"Effect":"Allow","Principal":{root},"Action":["kms:CreateGrant","kms:ListGrants","kms:RevokeGrant"],"Resource":"*","Condition":{{"Bool":{{"kms:GrantIsForAWSResource":"true"}}}}}}"#
            ),
            "+-??",
        ),
        (
            "grants for nobody",
            format!(
                r#"{OWN},{{"Effect":"Allow","Principal":"*","Action":["kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*"}},{{"Effect":"Allow","Principal":"*","Action":"kms:CreateGrant","Resource":"*","Condition":{{"Bool":{{"kms:GrantIsForAWSResource":"false"}}}}}}"#
            ),
            "----",
        ),
    ];
    let mut wrong = Vec::new();
    for (what, statements, expected) in cases {
        let said: String = [account(), stranger(), unit(), organization()]
            .into_iter()
            .map(|who| match judged(&statements, &nobody(), who) {
                "lets" => '+',
                "shuts out" => '-',
                _ => '?',
            })
            .collect();
        if said != expected {
            wrong.push(format!("{what}: {said}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn whom_a_grant_may_let_is_not_shut_out_for_sure_nor_is_anybody_while_nobody_looked() {
    let to = |account: &str| Granted::To([account.parse::<AccountId>().unwrap()].into());
    for who in [account(), stranger(), unit(), organization()] {
        assert_eq!(judged(OWN, &nobody(), who.clone()), "shuts out");
        assert_eq!(judged(OWN, &to(OWNER), who.clone()), "shuts out");
        assert_eq!(judged(OWN, &Granted::Unknown, who), "unclear");
    }
    let granted = to("222233334444");
    assert_eq!(judged(OWN, &granted, account()), "unclear");
    assert_eq!(judged(OWN, &granted, stranger()), "shuts out");
    // It may be one of theirs.
    assert_eq!(judged(OWN, &granted, unit()), "unclear");
    assert_eq!(judged(OWN, &granted, organization()), "unclear");
}

#[test]
fn what_is_no_policy_is_not_read() {
    for text in [
        "",
        "{}",
        "[]",
        r#"{"Statement":[{}]}"#,
        r#"{"Statement":[{"Effect":"Perhaps"}]}"#,
        r#"{"Statement":["x"]}"#,
    ] {
        let read = KeyPolicy::read(text).unwrap_err();
        assert!(read.as_str().starts_with("it is no policy: "), "{read}");
    }
    // One statement needs no list.
    assert!(KeyPolicy::read(&format!(r#"{{"Statement":{OWN}}}"#)).is_ok());
}

/// Who adds it is asked no more.
#[test]
fn the_statement_to_add_lets_exactly_those_it_is_for() {
    let all = [account(), stranger(), unit(), organization()];
    for who in &all {
        let added = format!("{OWN}, {}", statement(&[who.clone()].into(), Partition::Aws));
        assert_eq!(judged(&added, &nobody(), who.clone()), "lets");
    }
    let added = format!("{OWN}, {}", statement(&[account()].into(), Partition::Aws));
    assert_eq!(judged(&added, &nobody(), stranger()), "shuts out");
    let together = statement(&all.into(), Partition::Aws);
    for who in [account(), stranger(), unit(), organization()] {
        assert_eq!(judged(&format!("{OWN},{together}"), &nobody(), who), "lets");
    }
}

#[test]
fn a_statement_is_one_for_all_accounts_and_has_room_in_a_policy_for_a_thousand() {
    let accounts = |n: u64| {
        (0..n)
            .map(|n| Grantee::Account(format!("2222{n:08}").parse().unwrap()))
            .collect()
    };
    let actions =
        r#""Action":["kms:CreateGrant","kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey*","kms:ReEncrypt*"]"#;
    assert_eq!(
        statement(&accounts(1), Partition::AwsCn),
        format!(
            r#"{{{actions},"Effect":"Allow","Principal":{{"AWS":"arn:aws-cn:iam::222200000000:root"}},"Resource":"*"}}"#
        )
    );
    let both: serde_json::Value = serde_json::from_str(&statement(&accounts(20), Partition::Aws)).unwrap();
    assert_eq!(both["Principal"]["AWS"].as_array().map(Vec::len), Some(20));
    let many = statement(&accounts(1_000), Partition::Aws);
    assert!(many.len() < 16_500, "{}", many.len());
    let many: serde_json::Value = serde_json::from_str(&many).unwrap();
    assert_eq!(many["Principal"], json!({ "AWS": "*" }));
    assert_eq!(
        many["Condition"]["StringEquals"]["kms:CallerAccount"]
            .as_array()
            .map(Vec::len),
        Some(1_000)
    );
    assert_eq!(statement(&[Grantee::Everybody].into(), Partition::Aws), "");
}

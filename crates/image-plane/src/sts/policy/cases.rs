//! The evaluator case by case.

use std::collections::BTreeMap;

use super::document::Document;
use super::evaluate::{KeyUse, Request, Subject, Verdict, verdict};
use super::principal::Trusting;
use crate::sts::Resource;

/// What is asked in a case, over a request of a role of the hub for `ec2:DeregisterImage`.
#[derive(Default)]
struct Ask {
    resource: Option<Resource>,
    tags: BTreeMap<String, Option<String>>,
    external_id: Option<&'static str>,
    passed_to: Option<&'static str>,
    key_use: KeyUse,
    called_via: Option<&'static str>,
    create_action: Option<&'static str>,
    /// Another action.
    action: Option<&'static str>,
}

impl Ask {
    fn says(&self, policy: &str) -> Verdict {
        let document = Document::permissions(policy).unwrap();
        let principal = Subject {
            account: "111122223333".parse().unwrap(),
            arn: String::from("arn:aws:iam::111122223333:role/steward/prune"),
            role_id: Some("AROA1"),
            membership: None,
            root: None,
        };
        let request = Request {
            action: self.action.unwrap_or("ec2:deregisterimage"),
            region: "eu-west-1".parse().unwrap(),
            principal: &principal,
            resource: self.resource.as_ref(),
            tags: &self.tags,
            external_id: self.external_id,
            passed_to: self.passed_to,
            key_use: &self.key_use,
            called_via: self.called_via,
            create_action: self.create_action,
        };
        verdict([&document], &request)
    }

    fn meets(&self, condition: &str) -> bool {
        let policy = format!(
            r#"{{"Version":"2012-10-17",
            "Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}}}"#
        );
        self.says(&policy) == Verdict::Allowed
    }
}

fn tagged(pairs: &[(&str, &str)]) -> Ask {
    let resource = Resource {
        arn: String::from("arn:aws:ec2:eu-west-1::image/ami-1"),
        tags: pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        owner: Some(String::from("111122223333")),
    };
    Ask {
        resource: Some(resource),
        ..Ask::default()
    }
}

fn requesting(keys: &[&str]) -> Ask {
    Ask {
        tags: keys
            .iter()
            .map(|key| ((*key).to_owned(), Some(String::from("v"))))
            .collect(),
        ..Ask::default()
    }
}

#[test]
fn each_operator_compares_as_iam_says() {
    let arn = "aws:PrincipalArn";
    let region = "aws:RequestedRegion";
    let cases = [
        ("StringEquals", region, r#""eu-west-1""#, true),
        ("StringEquals", region, r#"["us-east-1","eu-west-1"]"#, true),
        ("StringEquals", region, r#""EU-WEST-1""#, false),
        ("StringEquals", region, r#""eu-*""#, false),
        ("StringNotEquals", region, r#""us-east-1""#, true),
        ("StringNotEquals", region, r#"["us-east-1","eu-west-1"]"#, false),
        ("StringEqualsIgnoreCase", region, r#""EU-WEST-1""#, true),
        ("StringNotEqualsIgnoreCase", region, r#""EU-WEST-1""#, false),
        ("StringLike", region, r#""eu-west-?""#, true),
        ("StringLike", region, r#""EU-*""#, false),
        ("StringNotLike", region, r#""eu-*""#, false),
        ("ArnEquals", arn, r#""arn:aws:iam::111122223333:role/steward/*""#, true),
        ("ArnLike", arn, r#""arn:aws:iam::*:role/steward/prune""#, true),
        ("ArnLike", arn, r#""arn:aws:iam::*:role/prune""#, false),
        ("ArnNotLike", arn, r#""arn:aws:iam::*:role/steward/*""#, false),
        (
            "ArnNotEquals",
            arn,
            r#""arn:aws:iam::222233334444:role/steward/*""#,
            true,
        ),
        ("ArnLike", "aws:PrincipalAccount", r#""arn:*:*:*:*:*""#, false),
        ("StringEquals", "aws:PrincipalAccount", r#""111122223333""#, true),
        ("StringEquals", "AWS:principalACCOUNT", r#""111122223333""#, true),
        ("Null", region, r#""true""#, false),
        ("Null", region, "false", true),
    ];
    for (operator, key, value, expected) in cases {
        let condition = format!(r#"{{"{operator}":{{"{key}":{value}}}}}"#);
        assert_eq!(Ask::default().meets(&condition), expected, "{condition}");
    }
}

#[test]
fn an_absent_key_matches_nothing_unless_the_operator_is_content_with_that() {
    let cases = [
        (r#"{"StringEquals":{"aws:ResourceTag/a":"b"}}"#, false),
        (r#"{"StringLike":{"aws:ResourceTag/a":"*"}}"#, false),
        (r#"{"Bool":{"aws:ResourceTag/a":"false"}}"#, false),
        (r#"{"StringNotEquals":{"aws:ResourceTag/a":"b"}}"#, true),
        (r#"{"StringEqualsIfExists":{"aws:ResourceTag/a":"b"}}"#, true),
        (r#"{"ForAnyValue:StringLike":{"aws:TagKeys":"*"}}"#, false),
        (r#"{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":"x"}}"#, true),
        (r#"{"ForAnyValue:StringNotLike":{"aws:TagKeys":"x"}}"#, false),
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"x"}}"#, true),
        (r#"{"Null":{"aws:ResourceTag/a":"true"}}"#, true),
        (r#"{"Null":{"aws:TagKeys":["false"]}}"#, false),
        (r#"{"StringEquals":{"sts:ExternalId":""}}"#, false),
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#, false),
        (r#"{"StringEquals":{"ec2:Owner":"111122223333"}}"#, false),
    ];
    for (condition, expected) in cases {
        assert_eq!(Ask::default().meets(condition), expected, "{condition}");
    }
}

#[test]
fn a_resources_tags_are_found_whatever_the_case_of_their_keys_but_not_of_their_values() {
    let ask = tagged(&[("Team", "web"), ("flag", "True")]);
    let cases = [
        (r#"{"StringEquals":{"aws:ResourceTag/Team":"web"}}"#, true),
        (r#"{"StringEquals":{"aws:ResourceTag/team":"web"}}"#, true),
        (r#"{"StringEquals":{"aws:ResourceTag/Team":"WEB"}}"#, false),
        (r#"{"StringEquals":{"ec2:ResourceTag/Team":"web"}}"#, true),
        (r#"{"StringEquals":{"ec2:Owner":"111122223333"}}"#, true),
        (r#"{"Bool":{"aws:ResourceTag/flag":true}}"#, true),
        (r#"{"Bool":{"aws:ResourceTag/flag":"false"}}"#, false),
        (r#"{"Null":{"aws:ResourceTag/Team":"true"}}"#, false),
        (
            r#"{"StringEquals":{"aws:ResourceTag/Team":"web","aws:RequestedRegion":"us-east-1"}}"#,
            false,
        ),
        (
            r#"{"StringEquals":{"aws:ResourceTag/Team":"web"},"StringLike":{"aws:RequestedRegion":"us-*"}}"#,
            false,
        ),
    ];
    for (condition, expected) in cases {
        assert_eq!(ask.meets(condition), expected, "{condition}");
    }
    assert!(tagged(&[("a", "1"), ("A", "2")]).meets(r#"{"StringEquals":{"aws:ResourceTag/A":"2"}}"#));
}

#[test]
fn the_keys_of_ec2_are_absent_from_requests_of_other_services() {
    let ask = Ask {
        action: Some("imagebuilder:getimage"),
        ..tagged(&[("Team", "web")])
    };
    assert!(ask.meets(r#"{"StringEquals":{"aws:ResourceTag/Team":"web"}}"#));
    assert!(ask.meets(r#"{"Null":{"ec2:ResourceTag/Team":"true","ec2:Owner":"true"}}"#));
}

#[test]
fn the_keys_of_kms_have_what_the_request_says_and_are_absent_from_requests_of_other_services() {
    let key_use = || KeyUse {
        via: Some(String::from("ec2.eu-west-1.amazonaws.com")),
        for_aws_resource: Some(true),
        grant_operations: vec![String::from("Decrypt"), String::from("Encrypt")],
        grantee: Some(String::from("arn:aws:iam::111122223333:root")),
        request_alias: Some(String::from("alias/golden")),
        aliases: vec![String::from("alias/golden"), String::from("alias/old")],
    };
    let asked = Ask {
        key_use: key_use(),
        action: Some("kms:creategrant"),
        ..Ask::default()
    };
    let conditions = [
        r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#,
        r#"{"StringLike":{"kms:ViaService":"ec2.*.amazonaws.com"}}"#,
        r#"{"Bool":{"kms:GrantIsForAWSResource":true}}"#,
        r#"{"ForAnyValue:StringEquals":{"kms:GrantOperations":"Encrypt"}}"#,
        r#"{"StringEquals":{"kms:GranteePrincipal":"arn:aws:iam::111122223333:root"}}"#,
        r#"{"StringEquals":{"kms:RequestAlias":"alias/golden"}}"#,
        r#"{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/old"}}"#,
    ];
    for condition in conditions {
        assert!(asked.meets(condition), "{condition}");
        assert!(!Ask::default().meets(condition), "{condition}");
    }
    assert!(!asked.meets(r#"{"ForAllValues:StringEquals":{"kms:GrantOperations":"Encrypt"}}"#));
}

#[test]
fn the_keys_of_requested_tags_are_compared_any_or_all() {
    let all = r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#;
    let any = r#"{"ForAnyValue:StringLike":{"aws:TagKeys":["a*"]}}"#;
    let none = r#"{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a"]}}"#;
    let cases: [(&[&str], [bool; 3]); 4] = [
        (&["a"], [true, true, false]),
        (&["a", "b"], [true, true, false]),
        (&["a", "c"], [false, true, false]),
        (&["c"], [false, false, true]),
    ];
    for (keys, expected) in cases {
        let ask = requesting(keys);
        assert_eq!(
            [all, any, none].map(|condition| ask.meets(condition)),
            expected,
            "{keys:?}"
        );
    }
    assert!(requesting(&["a"]).meets(r#"{"StringEquals":{"aws:RequestTag/a":"v"}}"#));
    let deleting = Ask {
        tags: BTreeMap::from([(String::from("a"), None)]),
        ..Ask::default()
    };
    assert!(deleting.meets(any) && !deleting.meets(r#"{"StringLike":{"aws:RequestTag/a":"*"}}"#));
}

#[test]
fn an_external_id_is_compared_only_where_one_was_sent() {
    let ask = Ask {
        external_id: Some("x1"),
        ..Ask::default()
    };
    assert!(ask.meets(r#"{"StringEquals":{"sts:ExternalId":"x1"}}"#));
    assert!(!ask.meets(r#"{"StringEquals":{"sts:ExternalId":"x2"}}"#));
}

#[test]
fn actions_and_resources_can_be_named_or_excepted() {
    let image = "arn:aws:ec2:eu-west-1::image/ami-1";
    let cases = [
        (r#""Action":"ec2:DeregisterImage","Resource":"*""#, Verdict::Allowed),
        (
            r#""Action":["ec2:Describe*","ec2:Deregister?mage"],"Resource":"*""#,
            Verdict::Allowed,
        ),
        (r#""Action":"ec2:Deregister","Resource":"*""#, Verdict::Silent),
        (r#""NotAction":"ec2:Deregister*","Resource":"*""#, Verdict::Silent),
        (r#""NotAction":"iam:*","Resource":"*""#, Verdict::Allowed),
        (r#""Action":"*","Resource":"arn:aws:ec2:*::image/*""#, Verdict::Allowed),
        (
            r#""Action":"*","Resource":"arn:aws:ec2:eu-west-1::image/ami-?""#,
            Verdict::Allowed,
        ),
        (
            r#""Action":"*","Resource":["arn:aws:ec2:us-east-1::image/*","arn:aws:ec2:*:*:snapshot/*"]"#,
            Verdict::Silent,
        ),
        (
            r#""Action":"*","NotResource":"arn:aws:ec2:*::image/*""#,
            Verdict::Silent,
        ),
        (
            r#""Action":"*","NotResource":"arn:aws:ec2:*:*:snapshot/*""#,
            Verdict::Allowed,
        ),
    ];
    for (elements, expected) in cases {
        let policy = format!(r#"{{"Statement":[{{"Effect":"Allow",{elements}}}]}}"#);
        let ask = tagged(&[]);
        assert_eq!(ask.resource.as_ref().unwrap().arn, image);
        assert_eq!(ask.says(&policy), expected, "{elements}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of everything that is refused")]
fn what_the_evaluator_does_not_know_is_refused_with_its_path() {
    let statement = |elements: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"{elements}}}]}}"#
        )
    };
    let policy_with =
        |element: &str| format!(r#"{{{element},"Statement":{{"Effect":"Allow","Action":"*","Resource":"*"}}}}"#);
    let cases = [
        (String::from("[]"), "", false),
        (String::from(r#"{"Statement":[]}"#), "Statement", false),
        (policy_with(r#""Colour":"red""#), "Colour", true),
        (policy_with(r#""Id":["x"]"#), "Id", false),
        (
            String::from(r#"{"Version":"2025-01-01","Statement":[]}"#),
            "Version",
            false,
        ),
        (
            String::from(r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#),
            "Statement[0].Effect",
            false,
        ),
        (
            String::from(r#"{"Statement":{"Effect":"Allow","Resource":"*"}}"#),
            "Statement.Action",
            false,
        ),
        (
            String::from(r#"{"Statement":{"Effect":"Allow","Action":"*"}}"#),
            "Statement.Resource",
            false,
        ),
        (
            String::from(r#"{"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}"#),
            "Statement.Action",
            false,
        ),
        (
            String::from(r#"{"Statement":{"Effect":"Allow","Action":"ec2","Resource":"*"}}"#),
            "Statement.Action",
            false,
        ),
        (
            String::from(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"ami-1"}}"#),
            "Statement.Resource",
            false,
        ),
        (statement(r#","NotAction":"ec2:*""#), "Statement[0].NotAction", false),
        (statement(r#","Principal":"*""#), "Statement[0].Principal", false),
        (statement(r#","Colour":"red""#), "Statement[0].Colour", true),
        (statement(r#","condition":{}"#), "Statement[0].condition", true),
        (
            statement(r#","Condition":{"IpAddress":{"aws:RequestedRegion":"x"}}"#),
            "Statement[0].Condition.IpAddress.aws:RequestedRegion",
            true,
        ),
        (
            statement(r#","Condition":{"stringEquals":{"aws:RequestedRegion":"x"}}"#),
            "Statement[0].Condition.stringEquals.aws:RequestedRegion",
            true,
        ),
        (
            statement(r#","Condition":{"NullIfExists":{"aws:TagKeys":"true"}}"#),
            "Statement[0].Condition.NullIfExists.aws:TagKeys",
            true,
        ),
        (
            statement(r#","Condition":{"StringEquals":{"aws:SourceIp":"x"}}"#),
            "Statement[0].Condition.StringEquals.aws:SourceIp",
            true,
        ),
        (
            statement(r#","Condition":{"StringEquals":{"aws:TagKeys":"x"}}"#),
            "Statement[0].Condition.StringEquals.aws:TagKeys",
            true,
        ),
        (
            statement(r#","Condition":{"StringEquals":{"ec2:Owner":7}}"#),
            "Statement[0].Condition.StringEquals.ec2:Owner",
            false,
        ),
        (
            statement(r#","Condition":{"Bool":{"ec2:Owner":"yes"}}"#),
            "Statement[0].Condition.Bool.ec2:Owner",
            false,
        ),
        (
            statement(r#","Condition":{"ArnLike":{"aws:PrincipalArn":"*"}}"#),
            "Statement[0].Condition.ArnLike.aws:PrincipalArn",
            true,
        ),
        (
            statement(r#","Condition":{"StringLike":{"ec2:Owner":"${aws:PrincipalAccount}"}}"#),
            "Statement[0].Condition.StringLike.ec2:Owner",
            true,
        ),
    ];
    for (policy, path, only_here) in cases {
        let error = Document::permissions(&policy).unwrap_err();
        assert_eq!(
            (error.path.as_str(), error.only_here),
            (path, only_here),
            "{policy}: {error}"
        );
    }
}

#[test]
fn a_trust_policy_speaks_of_principals_and_of_sts_alone() {
    let trusting = Trusting {
        partition: "aws",
        role_id: &|_| None,
    };
    let cases = [
        (r#""Action":"sts:AssumeRole""#, "Statement.Principal"),
        (r#""Principal":"*","Action":"ec2:DescribeImages""#, "Statement.Action"),
        (r#""Principal":"*","Action":"*""#, "Statement.Action"),
        (r#""Principal":"*","NotAction":"sts:TagSession""#, "Statement.NotAction"),
        (
            r#""Principal":"*","Action":"sts:AssumeRole","Resource":"*""#,
            "Statement.Resource",
        ),
        (r#""Principal":{},"Action":"sts:AssumeRole""#, "Statement.Principal"),
        (
            r#""Principal":{"Federated":"x"},"Action":"sts:AssumeRole""#,
            "Statement.Principal.Federated",
        ),
        (
            r#""NotPrincipal":"*","Principal":"*","Action":"sts:AssumeRole""#,
            "Statement.NotPrincipal",
        ),
    ];
    for (elements, path) in cases {
        let policy = format!(r#"{{"Statement":{{"Effect":"Allow",{elements}}}}}"#);
        let error = Document::trust(&policy, trusting).unwrap_err();
        assert_eq!(error.path, path, "{elements}: {error}");
    }
}

#[test]
fn a_call_that_a_service_makes_for_its_caller_is_told_from_the_callers_own() {
    let condition = r#"{"ForAnyValue:StringEquals":{"aws:CalledVia":["ec2-images.amazonaws.com"]}}"#;
    let via = |service| Ask {
        called_via: service,
        ..Ask::default()
    };
    assert!(via(Some("ec2-images.amazonaws.com")).meets(condition));
    assert!(!via(Some("cloudformation.amazonaws.com")).meets(condition));
    assert!(!via(None).meets(condition));
    assert!(via(None).meets(r#"{"Null":{"aws:CalledVia":"true"}}"#));
}

#[test]
fn tagging_what_a_call_makes_is_told_from_tagging_what_is_there() {
    let condition = r#"{"StringEquals":{"ec2:CreateAction":"CopyImage"}}"#;
    let by = |call| Ask {
        create_action: call,
        ..Ask::default()
    };
    assert!(by(Some("CopyImage")).meets(condition));
    assert!(!by(Some("CreateImage")).meets(condition));
    assert!(!by(None).meets(condition));
}

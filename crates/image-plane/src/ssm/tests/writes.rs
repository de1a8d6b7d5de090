use serde_json::json;

use super::Bench;

#[test]
fn a_new_parameter_says_all_it_was_given_and_tells_of_itself_without_its_value() {
    let mut bench = Bench::new();
    let body = json!({
        "Name": "/golden/web", "Value": "one", "Type": "String", "Description": "the web family", "AllowedPattern": "[a-z]+",
        "Tags": [{ "Key": "family", "Value": "web" }], "Tier": "Standard", "DataType": "text",
    });
    assert_eq!(
        bench.ok("PutParameter", body),
        json!({ "Version": 1, "Tier": "Standard" })
    );
    let read = bench.ok("GetParameter", json!({ "Name": "/golden/web" }));
    assert_eq!(
        read["Parameter"],
        json!({
            "Name": "/golden/web", "Type": "String", "Value": "one", "Version": 1, "LastModifiedDate": 1_768_758_656.789,
            "ARN": "arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web", "DataType": "text",
        })
    );
    let described = bench.ok(
        "DescribeParameters",
        json!({ "ParameterFilters": [{ "Key": "tag:family", "Values": ["web"] }] }),
    );
    assert_eq!(
        described["Parameters"][0],
        json!({
            "Name": "/golden/web", "Type": "String", "Version": 1, "LastModifiedDate": 1_768_758_656.789, "Tier": "Standard",
            "ARN": "arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web", "DataType": "text", "Policies": [],
            "LastModifiedUser": "arn:aws:iam::111122223333:root", "Description": "the web family", "AllowedPattern": "[a-z]+",
        })
    );
    assert_eq!(
        bench.told(),
        [json!({ "operation": "Create", "name": "/golden/web", "type": "String", "description": "the web family" })]
    );
}

#[test]
fn a_parameter_that_is_there_is_overwritten_only_when_asked_and_keeps_what_is_not_said() {
    let mut bench = Bench::new();
    let body = json!({ "Name": "web", "Value": "one", "Type": "String", "Description": "kept" });
    bench.ok("PutParameter", body.clone());
    assert_eq!(bench.refused("PutParameter", body), "ParameterAlreadyExists");
    let again = json!({ "Name": "web", "Value": "two", "Overwrite": true });
    assert_eq!(bench.ok("PutParameter", again)["Version"], 2);
    let described = bench.ok("DescribeParameters", json!({}));
    assert_eq!(
        (
            &described["Parameters"][0]["Description"],
            &described["Parameters"][0]["Version"]
        ),
        (&json!("kept"), &json!(2))
    );
    let operations: Vec<_> = bench.told().iter().map(|detail| detail["operation"].clone()).collect();
    assert_eq!(operations, ["Create", "Update"]);
    // One name, with or without a slash in front.
    let slash = json!({ "Name": "/web", "Value": "three", "Type": "String", "Overwrite": true });
    assert_eq!(bench.refused("PutParameter", slash), "ParameterAlreadyExists");
}

#[test]
fn a_parameter_keeps_its_type_and_an_advanced_one_its_tier() {
    let mut bench = Bench::new();
    bench.put("/web", "one");
    let list = json!({ "Name": "/web", "Value": "a,b", "Type": "StringList", "Overwrite": true });
    assert_eq!(bench.refused("PutParameter", list), "HierarchyTypeMismatchException");
    let mut with = |tier: &str, size: usize| {
        let value = "x".repeat(size);
        let body = json!({ "Name": "/web", "Value": value, "Tier": tier, "Overwrite": true });
        bench
            .call("PutParameter", body)
            .map(|answer| answer["Tier"].clone())
            .map_err(|(code, _)| code)
    };
    assert_eq!(with("Standard", 4096), Ok("Standard".into()));
    assert_eq!(with("Standard", 4097), Err("ValidationException".into()));
    assert_eq!(with("Intelligent-Tiering", 4096), Ok("Standard".into()));
    assert_eq!(with("Intelligent-Tiering", 4097), Ok("Advanced".into()));
    assert_eq!(with("Standard", 1), Err("ValidationException".into()));
    assert_eq!(with("Advanced", 8192), Ok("Advanced".into()));
    assert_eq!(with("Advanced", 8193), Err("ValidationException".into()));
}

#[test]
fn names_that_cannot_be_are_refused() {
    let mut bench = Bench::new();
    let deep = format!("{}/web", "/a".repeat(14));
    let too_deep = format!("{}/web", "/a".repeat(15));
    let longest = format!("/{}", "a".repeat(1011 - 45));
    for name in ["web", "/a/b.c-d_e", &deep, " /trimmed ", &longest] {
        bench.put(name, "x");
    }
    assert_eq!(bench.value("/trimmed").as_deref(), Some("x"));
    for (name, code) in [
        ("", "ValidationException"),
        ("a b", "ValidationException"),
        ("/a//b", "ValidationException"),
        ("/a/", "ValidationException"),
        ("a/b", "ValidationException"),
        ("awsTest", "ValidationException"),
        ("SSM-test", "ValidationException"),
        ("/ssm/test", "ValidationException"),
        ("/aws/service/x", "AccessDeniedException"),
        ("/web:1", "ValidationException"),
        (&format!("{longest}a"), "ValidationException"),
        (&too_deep, "HierarchyLevelLimitExceededException"),
    ] {
        let body = json!({ "Name": name, "Value": "x", "Type": "String" });
        assert_eq!(bench.refused("PutParameter", body), code, "{name}");
    }
}

#[test]
fn requests_that_cannot_be_are_refused_and_nothing_is_written() {
    let mut bench = Bench::new();
    let full = json!({ "Name": "/web", "Value": "one", "Type": "String" });
    for (member, value, code) in [
        ("Type", json!(null), "ValidationException"),
        ("Type", json!("Strng"), "ValidationException"),
        ("Value", json!(""), "ValidationException"),
        ("Value", json!("{{ssm:other}}"), "ValidationException"),
        ("Value", json!(null), "SerializationException"),
        ("Tier", json!("Gold"), "ValidationException"),
        ("DataType", json!("number"), "ValidationException"),
        ("DataType", json!("aws:ssm:integration"), "NotModelled"),
        ("AllowedPattern", json!("[0-9]+"), "ParameterPatternMismatchException"),
        ("AllowedPattern", json!("n"), "ParameterPatternMismatchException"),
        ("AllowedPattern", json!("(?=one)one"), "NotModelled"),
        ("Policies", json!("[{\"Type\":\"Expiration\"}]"), "NotModelled"),
        ("KeyId", json!("alias/aws/ssm"), "ValidationException"),
        ("Tags", json!([{ "Key": "aws:x", "Value": "" }]), "ValidationException"),
        (
            "Tags",
            json!([{ "Key": "a", "Value": "" }, { "Key": "a", "Value": "" }]),
            "ValidationException",
        ),
        ("Kernel", json!(1), "NotModelled"),
    ] {
        let mut body = full.clone();
        body[member] = value.clone();
        assert_eq!(bench.refused("PutParameter", body), code, "{member} {value}");
    }
    let tagged = json!({ "Name": "/web", "Value": "one", "Type": "String", "Overwrite": true, "Tags": [{ "Key": "a", "Value": "b" }] });
    let (code, message) = bench.call("PutParameter", tagged).unwrap_err();
    assert_eq!(code, "ValidationException");
    assert!(
        message.contains("tags and overwrite can't be used together"),
        "{message}"
    );
    assert_eq!(
        bench.refused("PutParameter", json!({ "Name": "/web" })),
        "ValidationException"
    );
    assert_eq!(bench.ok("DescribeParameters", json!({}))["Parameters"], json!([]));
    assert_eq!(bench.told(), [] as [serde_json::Value; 0]);
}

#[test]
fn a_secure_string_is_read_by_those_who_ask_for_it_and_while_its_key_works() {
    let mut bench = Bench::new();
    let key = bench.world.create_key(bench.hub, Some("alias/golden"), []);
    let body = json!({ "Name": "/secret", "Value": "word", "Type": "SecureString", "KeyId": "alias/golden" });
    bench.ok("PutParameter", body);
    let shut = bench.value("/secret").unwrap();
    assert_ne!(shut, "word");
    let open = json!({ "Name": "/secret", "WithDecryption": true });
    assert_eq!(bench.ok("GetParameter", open.clone())["Parameter"]["Value"], "word");
    bench.world.set_key_state(&key, crate::kms::KeyState::Disabled);
    assert_eq!(bench.refused("GetParameter", open), "InvalidKeyId");
    assert_eq!(bench.value("/secret"), Some(shut));
    let unknown = json!({ "Name": "/other", "Value": "word", "Type": "SecureString", "KeyId": "alias/none" });
    assert_eq!(bench.refused("PutParameter", unknown), "InvalidKeyId");
    let usual = json!({ "Name": "/other", "Value": "word", "Type": "SecureString" });
    bench.ok("PutParameter", usual);
    let filter = json!({ "ParameterFilters": [{ "Key": "KeyId", "Values": ["alias/aws/ssm"] }] });
    assert_eq!(super::names(&bench.ok("DescribeParameters", filter)), ["/other"]);
}

#[test]
fn deleting_takes_all_versions_and_the_next_parameter_of_the_name_begins_anew() {
    let mut bench = Bench::new();
    bench.put("/a", "1");
    bench.put("/a", "2");
    bench.put("/b", "1");
    bench.told();
    bench.ok("DeleteParameter", json!({ "Name": "/a" }));
    assert_eq!(
        bench.refused("DeleteParameter", json!({ "Name": "/a" })),
        "ParameterNotFound"
    );
    assert_eq!(bench.value("/a:1"), None);
    let answer = bench.ok(
        "DeleteParameters",
        json!({ "Names": ["/a", "/b", "arn:aws:ssm:eu-west-1:111122223333:parameter/b"] }),
    );
    assert_eq!(answer["DeletedParameters"], json!(["/b"]));
    assert_eq!(
        answer["InvalidParameters"],
        json!(["/a", "arn:aws:ssm:eu-west-1:111122223333:parameter/b"])
    );
    let told = bench.told();
    let told: Vec<_> = told
        .iter()
        .map(|detail| (&detail["operation"], &detail["name"]))
        .collect();
    assert_eq!(
        told,
        [(&json!("Delete"), &json!("/a")), (&json!("Delete"), &json!("/b"))]
    );
    assert_eq!(bench.put("/a", "3"), 1);
}

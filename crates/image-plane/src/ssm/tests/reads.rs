use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Bench, names};

#[test]
fn a_parameter_is_found_by_name_arn_version_and_label() {
    let mut bench = Bench::new();
    bench.put("/golden/web", "one");
    bench.put("/golden/web", "two");
    bench.ok(
        "LabelParameterVersion",
        json!({ "Name": "/golden/web", "ParameterVersion": 1, "Labels": ["stable"] }),
    );
    let arn = "arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web";
    for (reference, value, selector) in [
        (String::from("/golden/web"), "two", Value::Null),
        (String::from("/golden/web:1"), "one", json!(":1")),
        (String::from("/golden/web:stable"), "one", json!(":stable")),
        (arn.to_owned(), "two", Value::Null),
        (format!("{arn}:1"), "one", json!(":1")),
        (format!("{arn}:stable"), "one", json!(":stable")),
    ] {
        let read = bench.ok("GetParameter", json!({ "Name": reference }));
        assert_eq!(
            (&read["Parameter"]["Value"], &read["Parameter"]["Selector"]),
            (&json!(value), &selector),
            "{reference}"
        );
        assert_eq!(bench.world.parameters.value(bench.hub, &reference), Some(value));
    }
}

#[test]
fn what_is_not_there_is_refused_by_one_read_and_named_by_the_other() {
    let mut bench = Bench::new();
    bench.put("/b", "1");
    bench.put("/a", "1");
    let elsewhere = "arn:aws:ssm:us-east-1:111122223333:parameter/a";
    let foreign = "arn:aws:ssm:eu-west-1:222233334444:parameter/a";
    for (name, code) in [
        ("/c", "ParameterNotFound"),
        ("a", "ParameterNotFound"),
        ("/a:2", "ParameterVersionNotFound"),
        ("/a:stable", "ParameterVersionNotFound"),
        (elsewhere, "ValidationException"),
        (foreign, "AccessDeniedException"),
    ] {
        assert_eq!(bench.refused("GetParameter", json!({ "Name": name })), code, "{name}");
    }
    let several = bench.ok(
        "GetParameters",
        json!({ "Names": ["/c", "/b", "/a:2", "/a", foreign, "/b"] }),
    );
    assert_eq!(names(&several), ["/a", "/b"]);
    assert_eq!(several["InvalidParameters"], json!(["/c", "/a:2", foreign]));
    for names in [json!([]), json!(vec!["/a"; 11])] {
        assert_eq!(
            bench.refused("GetParameters", json!({ "Names": names })),
            "ValidationException"
        );
    }
    bench.act_as(bench.member);
    assert_eq!(
        bench.refused("GetParameter", json!({ "Name": "/a" })),
        "ParameterNotFound"
    );
}

#[test]
fn a_path_has_what_lies_right_below_it_and_all_below_when_asked() {
    let mut bench = Bench::new();
    for name in ["/golden/web", "/golden/db/arm64", "/golden-old", "top", "/golden/api"] {
        bench.put(name, "1");
    }
    let mut at = |path: &str, recursive: bool| {
        names(&bench.ok("GetParametersByPath", json!({ "Path": path, "Recursive": recursive })))
    };
    assert_eq!(at("/golden", false), ["/golden/api", "/golden/web"]);
    assert_eq!(at("/golden/", true), ["/golden/api", "/golden/db/arm64", "/golden/web"]);
    assert_eq!(at("/golden/web", true), [] as [&str; 0]);
    assert_eq!(at("/", false), ["/golden-old", "top"]);
    assert_eq!(at("/", true).len(), 5);
    assert_eq!(
        bench.refused("GetParametersByPath", json!({ "Path": "golden" })),
        "ValidationException"
    );
}

#[test]
fn public_parameters_are_everybodys_to_read_and_lie_under_their_own_path_alone() {
    let mut bench = Bench::new();
    bench.world.publish_vendor_images(bench.hub.region);
    let name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
    bench.act_as(bench.member);
    let read = bench.ok("GetParameter", json!({ "Name": name }));
    assert_eq!(
        read["Parameter"]["ARN"],
        format!("arn:aws:ssm:eu-west-1::parameter{name}")
    );
    assert_eq!(read["Parameter"]["DataType"], "text");
    let by_arn = json!({ "Name": read["Parameter"]["ARN"] });
    assert_eq!(bench.ok("GetParameter", by_arn), read);
    let below = bench.ok(
        "GetParametersByPath",
        json!({ "Path": "/aws/service/ami-amazon-linux-latest" }),
    );
    assert_eq!(names(&below).len(), 2);
    let all = json!({ "Path": "/", "Recursive": true });
    assert_eq!(names(&bench.ok("GetParametersByPath", all)), [] as [&str; 0]);
    assert_eq!(names(&bench.ok("DescribeParameters", json!({}))), [] as [&str; 0]);
    let begins =
        json!({ "ParameterFilters": [{ "Key": "Name", "Option": "BeginsWith", "Values": ["/aws/service/ami-w"] }] });
    assert_eq!(names(&bench.ok("DescribeParameters", begins)).len(), 1);
}

#[test]
fn filters_choose_and_those_of_the_other_listing_are_refused() {
    let mut bench = Bench::new();
    bench.put("/golden/web", "1");
    bench.put("/golden/db/arm64", "1");
    bench.ok(
        "PutParameter",
        json!({ "Name": "list", "Value": "a,b", "Type": "StringList", "Tier": "Advanced" }),
    );
    let mut found = |key: &str, option: Option<&str>, value: &str| {
        let filter = json!({ "Key": key, "Option": option, "Values": [value] });
        bench
            .call("DescribeParameters", json!({ "ParameterFilters": [filter] }))
            .map(|answer| names(&answer))
            .map_err(|(code, _)| code)
    };
    let web = || Ok(vec![String::from("/golden/web")]);
    assert_eq!(found("Name", None, "/golden/web"), web());
    assert_eq!(found("Name", Some("BeginsWith"), "/golden/w"), web());
    assert_eq!(found("Name", Some("Contains"), "we"), web());
    assert_eq!(found("Path", None, "/golden"), web());
    assert_eq!(found("Path", Some("Recursive"), "/golden").unwrap().len(), 2);
    assert_eq!(found("Type", None, "StringList").unwrap(), ["list"]);
    assert_eq!(found("Tier", Some("Equals"), "Advanced").unwrap(), ["list"]);
    assert_eq!(found("DataType", None, "text").unwrap().len(), 3);
    for (key, option, value, code) in [
        ("Label", None, "x", "InvalidFilterKey"),
        ("Names", None, "x", "InvalidFilterKey"),
        ("Name", Some("Recursive"), "x", "InvalidFilterOption"),
        ("Type", Some("Contains"), "String", "InvalidFilterOption"),
        ("Path", Some("Equals"), "/", "InvalidFilterOption"),
        ("Type", None, "Number", "InvalidFilterValue"),
    ] {
        assert_eq!(found(key, option, value), Err(code.to_owned()), "{key} {option:?}");
    }
    let by_path = |key: &str| json!({ "Path": "/", "Recursive": true, "ParameterFilters": [{ "Key": key, "Values": ["StringList"] }] });
    assert_eq!(names(&bench.ok("GetParametersByPath", by_path("Type"))), ["list"]);
    for key in ["Name", "Path", "DataType", "Tier", "tag:a"] {
        assert_eq!(bench.refused("GetParametersByPath", by_path(key)), "InvalidFilterKey");
    }
    let twice = json!([{ "Key": "Name", "Values": ["a"] }, { "Key": "Name", "Values": ["b"] }]);
    assert_eq!(
        bench.refused("DescribeParameters", json!({ "ParameterFilters": twice })),
        "ValidationException"
    );
    for member in ["Filters", "Shared"] {
        assert_eq!(
            bench.refused("DescribeParameters", json!({ member: [] })),
            "NotModelled"
        );
    }
}

/// All pages of a listing, each as many names as it has.
fn pages(bench: &mut Bench, operation: &str, body: Value) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut body = body;
    loop {
        let page = bench.ok(operation, body.clone());
        pages.push(names(&page));
        match page.get("NextToken") {
            Some(token) => body["NextToken"] = token.clone(),
            None => return pages,
        }
    }
}

#[test]
fn pages_are_full_in_a_calm_world_and_may_be_short_or_empty_in_another() {
    let mut bench = Bench::new();
    for n in 0..23 {
        bench.put(&format!("/a/{n:02}"), "1");
    }
    bench.put("/a/b/c", "1");
    let path = json!({ "Path": "/a" });
    let sizes = |pages: Vec<Vec<String>>| pages.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes(pages(&mut bench, "GetParametersByPath", path)), [10, 10, 3]);
    assert_eq!(
        sizes(pages(&mut bench, "DescribeParameters", json!({ "MaxResults": 20 }))),
        [20, 4]
    );
    bench.world.settings_mut().sparse_pages = true;
    let nested = json!({ "ParameterFilters": [{ "Key": "Path", "Values": ["/a/b"] }] });
    assert_eq!(sizes(pages(&mut bench, "DescribeParameters", nested)), [0, 0, 1]);
    for (operation, most) in [
        ("GetParametersByPath", 11),
        ("DescribeParameters", 51),
        ("GetParameterHistory", 51),
    ] {
        for size in [0, most] {
            let mut body = json!({ "MaxResults": size });
            match operation {
                "GetParametersByPath" => body["Path"] = json!("/a"),
                "GetParameterHistory" => body["Name"] = json!("/a/00"),
                _ => {}
            }
            assert_eq!(
                bench.refused(operation, body),
                "ValidationException",
                "{operation} {size}"
            );
        }
    }
}

#[test]
fn a_token_is_good_for_its_request_alone_and_for_its_time() {
    let mut bench = Bench::new();
    for n in 0..3 {
        bench.put(&format!("/a/{n}"), "1");
    }
    let first = bench.ok("GetParametersByPath", json!({ "Path": "/a", "MaxResults": 1 }));
    let token = first["NextToken"].clone();
    let with = |path: &str, token: &Value| json!({ "Path": path, "MaxResults": 1, "NextToken": token });
    assert_eq!(names(&bench.ok("GetParametersByPath", with("/a", &token))), ["/a/1"]);
    assert_eq!(
        bench.refused("GetParametersByPath", with("/b", &token)),
        "InvalidNextToken"
    );
    assert_eq!(
        bench.refused("GetParametersByPath", with("/a", &json!("x"))),
        "InvalidNextToken"
    );
    assert_eq!(
        bench.refused("DescribeParameters", json!({ "NextToken": token })),
        "InvalidNextToken"
    );
    let later = bench.world.now() + Duration::from_hours(2);
    bench.world.settle(later);
    assert_eq!(
        bench.refused("GetParametersByPath", with("/a", &token)),
        "InvalidNextToken"
    );
}

#[test]
fn an_operation_nobody_modelled_is_named() {
    let mut bench = Bench::new();
    let (code, message) = bench.call("ListTagsForResource", json!({})).unwrap_err();
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("NotModelled", "image-plane does not model ssm:ListTagsForResource")
    );
}

#[test]
fn the_three_reads_share_one_throughput_and_the_others_have_their_own() {
    let mut bench = Bench::new();
    bench.put("/a", "1");
    bench.world.settings_mut().throttling = true;
    let reads = [
        ("GetParameter", json!({ "Name": "/a" })),
        ("GetParameters", json!({ "Names": ["/a"] })),
        ("GetParametersByPath", json!({ "Path": "/" })),
    ];
    let mut answered = 0;
    for n in 0..60 {
        let (operation, body) = &reads[n % 3];
        match bench.call(operation, body.clone()) {
            Ok(_) => answered += 1,
            Err((code, message)) => assert_eq!(
                (code.as_str(), message.as_str()),
                ("ThrottlingException", "Rate exceeded")
            ),
        }
    }
    assert_eq!(answered, 40);
    let described = (0..5)
        .filter(|_| bench.call("DescribeParameters", json!({})).is_ok())
        .count();
    assert_eq!(described, 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_reference_and_no_path_makes_an_operation_panic(text in "[/:a-c0-9 .\\PC]{0,12}|arn:aws:ssm:eu-west-1:(111122223333)?:[a-z:/]{0,14}") {
        let mut bench = Bench::new();
        bench.put("/a/b", "1");
        for (operation, body) in [
            ("GetParameter", json!({ "Name": text })),
            ("GetParameters", json!({ "Names": [text] })),
            ("GetParametersByPath", json!({ "Path": text, "Recursive": true })),
            ("DescribeParameters", json!({ "ParameterFilters": [{ "Key": text, "Values": [text] }] })),
            ("GetParameterHistory", json!({ "Name": text, "NextToken": text })),
            ("PutParameter", json!({ "Name": text, "Value": text, "Type": "String", "AllowedPattern": text })),
            ("LabelParameterVersion", json!({ "Name": "/a/b", "Labels": [text] })),
            ("DeleteParameter", json!({ "Name": text })),
        ] {
            let _ = bench.call(operation, body);
        }
    }
}

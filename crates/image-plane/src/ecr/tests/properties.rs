use bytes::Bytes;
use http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Bench;
use crate::ecr::OPERATIONS;

fn send(bench: &mut Bench, operation: &str, body: Vec<u8>) -> (u16, Value) {
    let scope = "AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/ecr/aws4_request";
    let request = Request::post("/")
        .header("authorization", scope)
        .header(
            "x-amz-target",
            format!("AmazonEC2ContainerRegistry_V20150921.{operation}"),
        )
        .body(Bytes::from(body))
        .unwrap();
    let now = bench.world.now();
    let response = bench.world.call(now, request);
    (
        response.status().as_u16(),
        serde_json::from_slice(response.body()).unwrap(),
    )
}

fn member() -> impl Strategy<Value = (&'static str, Value)> {
    let names = [
        "registryId",
        "repositoryName",
        "repositoryNames",
        "imageIds",
        "resourceArn",
        "maxResults",
        "nextToken",
        "filter",
        "tags",
    ];
    let value = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(|number| json!(number)),
        "[ -~é]{0,12}".prop_map(|text| json!(text)),
        Just(json!("tools")),
        Just(json!(["tools"])),
        "[a-z0-9:.]{0,12}".prop_map(|text| json!([{ "imageTag": text }, { "imageDigest": text }])),
        "[A-Za-z0-9é:]{0,12}".prop_map(|text| json!({ "tagStatus": text })),
        "[A-Za-z0-9é:]{0,12}".prop_map(|text| json!([{ "Key": text, "Value": text }])),
    ];
    (prop::sample::select(names.to_vec()), value)
}

proptest! {
    #[test]
    fn no_request_makes_it_panic(
        at in 0..OPERATIONS.len(),
        members in prop::collection::vec(member(), 0..5),
        text in "[\\[\\]{}\",:a-z0-9é]{0,60}",
        bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut bench = Bench::new();
        bench.push(&["latest"]);
        let operation = OPERATIONS[at].0.name;
        let mut body = json!({ "repositoryName": "tools" });
        for (name, value) in members {
            body[name] = value;
        }
        for body in [body.to_string().into_bytes(), text.into_bytes(), bytes] {
            let (status, answer) = send(&mut bench, operation, body);
            prop_assert!(status == 200 || answer["__type"].is_string(), "{status} {answer}");
            prop_assert!(status < 500 || status == 501, "{status} {answer}");
        }
    }

    #[test]
    fn however_tags_move_no_two_images_of_a_repository_have_one(
        steps in prop::collection::vec((0_usize..4, prop::option::of(0_usize..3), any::<bool>()), 1..40),
    ) {
        let mut bench = Bench::new();
        for (image, tag, delete) in steps {
            let digest = format!("sha256:{image:064x}");
            let tag = tag.map(|tag| format!("tag-{tag}"));
            if delete {
                let id = tag.map_or_else(|| json!({ "imageDigest": digest }), |tag| json!({ "imageTag": tag }));
                bench.ok("BatchDeleteImage", json!({ "repositoryName": "tools", "imageIds": [id] }));
            } else {
                let tags: Vec<&str> = tag.iter().map(String::as_str).collect();
                bench.world.push_container(bench.hub, "tools", Some(&digest), &tags).unwrap();
            }
            let held = bench.world.containers_in(bench.hub, "tools");
            let mut tags: Vec<&String> = held.iter().flat_map(|(_, tags)| tags).collect();
            let all = tags.len();
            tags.sort();
            tags.dedup();
            prop_assert_eq!(tags.len(), all);
        }
    }
}

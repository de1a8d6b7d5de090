use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Bench, tags_of};

#[test]
fn an_image_tells_its_digest_tags_size_and_when_it_was_pushed() {
    let mut bench = Bench::new();
    let digest = bench.push(&["latest", "1.0.0-1"]);
    let told = bench.images(json!({}));
    let image = &told["imageDetails"][0];
    let size = image["imageSizeInBytes"].as_u64().unwrap();
    assert!((50_000_000..250_000_000).contains(&size), "{size}");
    assert_eq!((digest.len(), &digest[..7]), (71, "sha256:"));
    assert_eq!(
        told,
        json!({ "imageDetails": [{
            "registryId": "111122223333",
            "repositoryName": "tools",
            "imageDigest": digest,
            "imageTags": ["1.0.0-1", "latest"],
            "imageSizeInBytes": size,
            "imagePushedAt": 1_768_758_656.789,
            "imageManifestMediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "artifactMediaType": "application/vnd.docker.container.image.v1+json",
            "imageStatus": "ACTIVE",
        }] })
    );
}

#[test]
fn images_are_named_by_digest_by_tag_or_by_both_and_one_that_is_missing_fails_them_all() {
    let mut bench = Bench::new();
    let digest = bench.push(&["latest", "stable"]);
    bench.push(&["old"]);
    for ids in [
        json!([{ "imageTag": "latest" }]),
        json!([{ "imageDigest": digest }]),
        json!([{ "imageDigest": digest, "imageTag": "stable" }]),
        json!([{ "imageTag": "latest" }, { "imageTag": "stable" }, { "imageDigest": digest }]),
    ] {
        let told = bench.images(json!({ "imageIds": ids }));
        assert_eq!(tags_of(&told), [["latest", "stable"]], "{ids}");
    }
    let body = |ids: Value| json!({ "repositoryName": "tools", "imageIds": ids });
    assert_eq!(
        bench.call("DescribeImages", body(json!([{ "imageTag": "latest" }, { "imageTag": "none" }]))),
        Err((
            "ImageNotFoundException".into(),
            "The image with imageId {imageDigest:'null', imageTag:'none'} does not exist within the repository with name \
             'tools' in the registry with id '111122223333'"
                .into()
        ))
    );
    let mismatch = json!([{ "imageDigest": digest, "imageTag": "old" }]);
    assert_eq!(
        bench.refused("DescribeImages", body(mismatch)),
        "ImageNotFoundException"
    );
    assert_eq!(
        bench.refused("DescribeImages", body(json!([{}]))),
        "InvalidParameterException"
    );
    let none = json!({ "repositoryName": "none" });
    assert_eq!(bench.refused("DescribeImages", none), "RepositoryNotFoundException");
}

#[test]
fn images_come_in_pages_of_at_most_a_thousand_and_named_ones_without() {
    let mut bench = Bench::new();
    for number in 0..103 {
        bench.push(&[&format!("1.0.{number}")]);
    }
    let first = bench.images(json!({}));
    assert_eq!(first["imageDetails"].as_array().map(Vec::len), Some(100));
    let rest = bench.images(json!({ "nextToken": first["nextToken"] }));
    assert_eq!(
        (rest["imageDetails"].as_array().map(Vec::len), rest.get("nextToken")),
        (Some(3), None)
    );
    let all: BTreeSet<Vec<String>> = tags_of(&first).into_iter().chain(tags_of(&rest)).collect();
    assert_eq!(all.len(), 103);
    assert_eq!(
        bench.images(json!({ "maxResults": 1000 }))["imageDetails"]
            .as_array()
            .map(Vec::len),
        Some(103)
    );
    let ids: Vec<Value> = (0..101)
        .map(|number| json!({ "imageTag": format!("1.0.{number}") }))
        .collect();
    for (bad, rule) in [
        (
            json!({ "maxResults": 0 }),
            "Member must have value greater than or equal to 1",
        ),
        (
            json!({ "maxResults": 1001 }),
            "Member must have value less than or equal to 1000",
        ),
        (json!({ "nextToken": "none" }), "The token is not valid"),
        (
            json!({ "imageIds": [] }),
            "Member must have length greater than or equal to 1",
        ),
        (
            json!({ "imageIds": ids }),
            "Member must have length less than or equal to 100",
        ),
        (
            json!({ "imageIds": [{ "imageTag": "1.0.1" }], "maxResults": 5 }),
            "It cannot be used together with imageIds",
        ),
        // A token is of the request that it continues.
        (
            json!({ "nextToken": first["nextToken"], "filter": { "tagStatus": "TAGGED" } }),
            "The token is not valid",
        ),
        (
            json!({ "filter": { "tagStatus": "SOME" } }),
            "Member must satisfy enum value set: [TAGGED, UNTAGGED, ANY]",
        ),
    ] {
        let mut body = bad.clone();
        body["repositoryName"] = json!("tools");
        let (code, message) = bench.call("DescribeImages", body).unwrap_err();
        assert_eq!(code, "InvalidParameterException", "{bad}");
        assert!(
            message.ends_with(&format!("failed to satisfy constraint: '{rule}'")),
            "{message}"
        );
    }
}

#[test]
fn a_filtered_page_may_come_back_empty_with_a_token() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        bench.push(&[]);
    }
    bench.push(&["latest"]);
    bench.world.settings_mut().sparse_pages = true;
    let mut further = json!({ "maxResults": 1, "filter": { "tagStatus": "TAGGED" } });
    let (mut pages, mut found) = (0, 0);
    loop {
        let page = bench.images(further.clone());
        pages += 1;
        found += page["imageDetails"].as_array().unwrap().len();
        match page.get("nextToken") {
            Some(token) => further["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!((pages, found), (4, 1));
}

#[test]
fn no_image_is_archived() {
    let mut bench = Bench::new();
    bench.push(&["latest"]);
    let mut count = |status: &str| {
        let told = bench.images(json!({ "filter": { "imageStatus": status } }));
        told["imageDetails"].as_array().unwrap().len()
    };
    assert_eq!(
        ["ACTIVE", "ANY", "ARCHIVED", "ACTIVATING"].map(&mut count),
        [1, 1, 0, 0]
    );
    let body = json!({ "repositoryName": "tools", "filter": { "imageStatus": "LOST" } });
    assert_eq!(bench.refused("DescribeImages", body), "InvalidParameterException");
}

#[test]
fn a_caller_that_asks_too_often_is_told_to_slow_down() {
    let mut bench = Bench::new();
    bench.world.settings_mut().throttling = true;
    let body = json!({ "repositoryName": "tools" });
    let answers = (0..21).map(|_| bench.call("DescribeImages", body.clone()));
    let refused: Vec<(String, String)> = answers.filter_map(Result::err).collect();
    assert_eq!(refused, [("ThrottlingException".into(), "Rate exceeded".into())]);
}

#[test]
fn what_is_not_modelled_is_refused_by_name() {
    let mut bench = Bench::new();
    let (code, message) = bench.call("PutLifecyclePolicy", json!({})).unwrap_err();
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("NotModelled", "image-plane does not model ecr:PutLifecyclePolicy")
    );
    let body = json!({ "repositoryName": "tools", "kernel": 1 });
    assert_eq!(bench.refused("DescribeImages", body), "NotModelled");
}

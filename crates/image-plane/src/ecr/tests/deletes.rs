use serde_json::{Value, json};

use super::Bench;

impl Bench {
    fn delete(&mut self, ids: Value) -> Value {
        self.ok(
            "BatchDeleteImage",
            json!({ "repositoryName": "tools", "imageIds": ids }),
        )
    }

    fn left(&self) -> usize {
        self.world.containers_in(self.hub, "tools").len()
    }
}

#[test]
fn a_tag_goes_alone_and_with_its_last_tag_the_image() {
    let mut bench = Bench::new();
    let digest = bench.push(&["latest", "1.0.0-1"]);
    let gone = |tag: &str| json!({ "imageIds": [{ "imageDigest": digest, "imageTag": tag }], "failures": [] });
    assert_eq!(bench.delete(json!([{ "imageTag": "latest" }])), gone("latest"));
    assert_eq!(bench.left(), 1);
    assert_eq!(bench.delete(json!([{ "imageTag": "1.0.0-1" }])), gone("1.0.0-1"));
    assert_eq!(bench.left(), 0);
}

#[test]
fn by_its_digest_an_image_goes_with_all_its_tags() {
    let mut bench = Bench::new();
    let tagged = bench.push(&["latest", "1.0.0-1"]);
    let bare = bench.push(&[]);
    let answer = bench.delete(json!([{ "imageDigest": tagged }, { "imageDigest": bare }]));
    assert_eq!(
        answer["imageIds"],
        json!([
            { "imageDigest": tagged, "imageTag": "1.0.0-1" }, { "imageDigest": tagged, "imageTag": "latest" },
            { "imageDigest": bare },
        ])
    );
    assert_eq!(bench.left(), 0);
    let digest = bench.push(&["latest", "1.0.0-1"]);
    bench.delete(json!([{ "imageDigest": digest, "imageTag": "latest" }]));
    assert_eq!(bench.left(), 0);
}

#[test]
fn what_cannot_be_deleted_is_a_failure_of_its_own_and_the_others_go() {
    let mut bench = Bench::new();
    let digest = bench.push(&["latest"]);
    let other = bench.push(&["other"]);
    let nowhere = format!("sha256:{}", "0".repeat(64));
    let answer = bench.delete(json!([
        { "imageTag": "none" },
        { "imageDigest": nowhere },
        { "imageDigest": nowhere, "imageTag": "latest" },
        { "imageDigest": digest, "imageTag": "other" },
        {},
        { "imageDigest": "latest" },
        { "imageTag": "a b" },
        { "imageTag": "other" },
        { "imageTag": "other" },
    ]));
    assert_eq!(
        answer["imageIds"],
        json!([{ "imageDigest": other, "imageTag": "other" }])
    );
    let failures = answer["failures"].as_array().unwrap();
    let codes: Vec<&str> = failures
        .iter()
        .map(|failure| failure["failureCode"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        [
            "ImageNotFound",
            "ImageNotFound",
            "ImageNotFound",
            "ImageTagDoesNotMatchDigest",
            "MissingDigestAndTag",
            "InvalidImageDigest",
            "InvalidImageTag",
            "ImageNotFound",
        ]
    );
    assert_eq!(
        failures[0],
        json!({ "imageId": { "imageTag": "none" }, "failureCode": "ImageNotFound", "failureReason": "Requested image not found" })
    );
    assert_eq!(
        bench.world.containers_in(bench.hub, "tools"),
        [(digest, vec!["latest".into()])]
    );
}

#[test]
fn a_call_deletes_one_image_to_a_hundred() {
    let mut bench = Bench::new();
    let mut refusal = |ids: Vec<Value>| {
        let body = json!({ "repositoryName": "tools", "imageIds": ids });
        bench.call("BatchDeleteImage", body).unwrap_err()
    };
    let told = |rule: &str| {
        let message = format!("Invalid parameter at 'imageIds' failed to satisfy constraint: '{rule}'");
        (String::from("InvalidParameterException"), message)
    };
    assert_eq!(
        refusal(vec![]),
        told("Member must have length greater than or equal to 1")
    );
    let many = vec![json!({ "imageTag": "a" }); 101];
    assert_eq!(refusal(many), told("Member must have length less than or equal to 100"));
    let body = json!({ "repositoryName": "none", "imageIds": [{ "imageTag": "a" }] });
    assert_eq!(bench.refused("BatchDeleteImage", body), "RepositoryNotFoundException");
}

#[test]
fn only_what_may_change_something_is_written_into_the_ledger() {
    let mut bench = Bench::new();
    bench.push(&["latest"]);
    bench.images(json!({}));
    bench.delete(json!([{ "imageTag": "latest" }]));
    let actions: Vec<&str> = bench
        .world
        .ledger()
        .mutations()
        .iter()
        .map(|mutation| mutation.action)
        .collect();
    assert_eq!(actions, ["BatchDeleteImage"]);
}

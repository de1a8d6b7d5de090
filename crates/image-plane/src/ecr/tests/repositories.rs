use serde_json::{Value, json};

use super::Bench;

#[test]
fn a_new_repository_says_where_its_images_are_pulled_from() {
    let mut bench = Bench::new();
    let made = bench.ok("CreateRepository", json!({ "repositoryName": "golden/web" }));
    assert_eq!(
        made["repository"],
        json!({
            "repositoryArn": "arn:aws:ecr:eu-west-1:111122223333:repository/golden/web",
            "registryId": "111122223333",
            "repositoryName": "golden/web",
            "repositoryUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/golden/web",
            "createdAt": 1_768_758_656.789,
            "imageTagMutability": "MUTABLE",
            "imageScanningConfiguration": { "scanOnPush": false },
            "encryptionConfiguration": { "encryptionType": "AES256" },
        })
    );
    let held = bench.ok("DescribeRepositories", json!({ "repositoryNames": ["golden/web"] }));
    assert_eq!(held["repositories"], json!([made["repository"]]));
}

#[test]
fn a_repository_is_made_once_under_a_name_of_small_letters() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.call("CreateRepository", json!({ "repositoryName": "tools" })),
        Err((
            "RepositoryAlreadyExistsException".into(),
            "The repository with name 'tools' already exists in the registry with id '111122223333'".into()
        ))
    );
    let (code, message) = bench
        .call("CreateRepository", json!({ "repositoryName": "Org/tools" }))
        .unwrap_err();
    assert_eq!(code, "InvalidParameterException");
    assert!(
        message.starts_with(
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '["
        ),
        "{message}"
    );
    let (_, message) = bench
        .call("CreateRepository", json!({ "repositoryName": "a" }))
        .unwrap_err();
    assert_eq!(
        message,
        "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must have length greater than or equal to 2'"
    );
    let longest = "a".repeat(256);
    bench.ok("CreateRepository", json!({ "repositoryName": longest }));
    for bad in [json!({ "repositoryName": format!("{longest}a") }), json!({})] {
        assert_eq!(bench.refused("CreateRepository", bad), "InvalidParameterException");
    }
}

#[test]
fn what_the_model_does_not_keep_is_refused_by_name_and_what_nobody_knows_as_invalid() {
    let mut bench = Bench::new();
    let mut with = |member: &str, value: Value| {
        bench.refused("CreateRepository", json!({ "repositoryName": "new", member: value }))
    };
    assert_eq!(
        with("imageTagMutability", json!("IMMUTABLE_WITH_EXCLUSION")),
        "NotModelled"
    );
    assert_eq!(with("imageTagMutabilityExclusionFilters", json!([])), "NotModelled");
    assert_eq!(
        with("encryptionConfiguration", json!({ "encryptionType": "KMS" })),
        "NotModelled"
    );
    let invalid = "InvalidParameterException";
    assert_eq!(with("imageTagMutability", json!("FROZEN")), invalid);
    assert_eq!(
        with("encryptionConfiguration", json!({ "encryptionType": "ROT13" })),
        invalid
    );
    assert_eq!(with("registryId", json!("1")), invalid);
}

#[test]
fn the_tags_of_a_repository_are_listed_by_its_arn() {
    let mut bench = Bench::new();
    let tags = json!([{ "Key": "family", "Value": "web" }, { "Key": "team", "Value": "" }]);
    let body = json!({ "repositoryName": "web", "tags": tags });
    let arn = bench.ok("CreateRepository", body)["repository"]["repositoryArn"].clone();
    assert_eq!(
        bench.ok("ListTagsForResource", json!({ "resourceArn": arn }))["tags"],
        tags
    );
    let other = |rest: &str| json!({ "resourceArn": format!("arn:aws:ecr:{rest}") });
    for (arn, code) in [
        ("eu-west-1:111122223333:repository/none", "RepositoryNotFoundException"),
        ("us-east-1:111122223333:repository/web", "InvalidParameterException"),
        ("eu-west-1:111122223333:image/web", "InvalidParameterException"),
        ("eu-west-1:222233334444:repository/web", "AccessDeniedException"),
    ] {
        assert_eq!(bench.refused("ListTagsForResource", other(arn)), code, "{arn}");
    }
}

#[test]
fn a_repository_has_at_most_fifty_tags_each_of_them_a_tag() {
    let mut bench = Bench::new();
    let mut with = |tags: Vec<(String, String)>| {
        let tags: Vec<Value> = tags
            .into_iter()
            .map(|(key, value)| json!({ "Key": key, "Value": value }))
            .collect();
        bench.refused("CreateRepository", json!({ "repositoryName": "web", "tags": tags }))
    };
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let many = (0..51).map(|number| tag(&number.to_string(), "")).collect();
    assert_eq!(with(many), "TooManyTagsException");
    for bad in [
        vec![tag("", "")],
        vec![tag(&"k".repeat(129), "")],
        vec![tag("k", &"v".repeat(257))],
        vec![tag("aws:k", "v")],
        vec![tag("k", "v"), tag("k", "w")],
    ] {
        assert_eq!(with(bad), "InvalidTagParameterException");
    }
}

#[test]
fn repositories_come_in_pages_and_named_ones_without() {
    let mut bench = Bench::new();
    for name in ["a1", "b1", "c1", "d1"] {
        bench.world.create_repository(bench.hub, name);
    }
    bench.world.create_repository(bench.member, "elsewhere");
    let mut request = json!({ "maxResults": 2 });
    let mut names = Vec::new();
    let mut pages = Vec::new();
    loop {
        let page = bench.ok("DescribeRepositories", request.clone());
        let found = page["repositories"].as_array().unwrap().clone();
        pages.push(found.len());
        names.extend(
            found
                .iter()
                .map(|found| found["repositoryName"].as_str().unwrap().to_owned()),
        );
        match page.get("nextToken") {
            Some(token) => request["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!((pages, names.join(" ").as_str()), (vec![2, 2, 1], "a1 b1 c1 d1 tools"));
    for bad in [
        json!({ "maxResults": 0 }),
        json!({ "maxResults": 1001 }),
        json!({ "nextToken": "none" }),
        json!({ "repositoryNames": [] }),
        json!({ "repositoryNames": ["tools"], "maxResults": 5 }),
        json!({ "repositoryNames": vec!["tools"; 101] }),
    ] {
        assert_eq!(
            bench.refused("DescribeRepositories", bad.clone()),
            "InvalidParameterException",
            "{bad}"
        );
    }
    assert_eq!(
        bench.call("DescribeRepositories", json!({ "repositoryNames": ["tools", "none"] })),
        Err((
            "RepositoryNotFoundException".into(),
            "The repository with name 'none' does not exist in the registry with id '111122223333'".into()
        ))
    );
}

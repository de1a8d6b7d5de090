//! What `steward apply families` made of the samples, built in the deployed system.

use std::time::Duration;

use serde_json::Value;
use steward_deployed::{Cloud, HUB, REGION, wait_for};

#[test]
fn the_sample_base_builds_available_with_its_parent_components_and_tags() {
    let cloud = Cloud::here();
    let arn = |rest: &str| format!("arn:aws:imagebuilder:{REGION}:{HUB}:{rest}");
    let pipeline = arn("image-pipeline/base-arm64");
    let start = [
        "imagebuilder",
        "start-image-pipeline-execution",
        "--image-pipeline-arn",
        &pipeline,
    ];
    let build = cloud.hub(&start)["imageBuildVersionArn"].as_str().unwrap().to_owned();
    cloud.pass(Duration::from_hours(2));
    let image = wait_for("the image, available", || {
        let get = ["imagebuilder", "get-image", "--image-build-version-arn", &build];
        Some(cloud.hub(&get)["image"].clone()).filter(|image| image["state"]["status"] == "AVAILABLE")
    });
    let recipe = &image["imageRecipe"];
    assert_eq!(recipe["arn"], arn("image-recipe/base-arm64/1.0.0"));
    let components: Vec<&str> = recipe["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|component| component["componentArn"].as_str().unwrap().split('/').nth(1).unwrap())
        .collect();
    assert_eq!(
        components,
        ["update-linux", "stig-build-linux", "simple-boot-test-linux"]
    );

    let ami = &image["outputResources"]["amis"][0]["image"];
    let describe = ["ec2", "describe-images", "--image-ids", ami.as_str().unwrap()];
    let ami = cloud.hub(&describe)["Images"][0].clone();
    let tag = |key: &str| {
        let tags: &Vec<Value> = ami["Tags"].as_array().unwrap();
        tags.iter()
            .find(|tag| tag["Key"] == key)
            .map(|tag| tag["Value"].clone())
    };
    assert_eq!(tag("image-steward:family"), Some(Value::from("base")));
    assert_eq!(ami["Architecture"], "arm64");
    // Built on what the public parameter points to.
    let parents = [
        "ec2",
        "describe-images",
        "--image-ids",
        ami["SourceImageId"].as_str().unwrap(),
    ];
    let parent = cloud.hub(&parents)["Images"][0].clone();
    assert_eq!(parent["ImageOwnerAlias"], "amazon");
    assert!(parent["Name"].as_str().unwrap().starts_with("al2023-ami-"), "{parent}");

    // The record has the whole way to the root.
    let meta = wait_for("the release with its lineage", || {
        let found = cloud.scan("name", &build).into_iter().next();
        found.filter(|meta| meta["linked"]["BOOL"] == true)
    });
    let release = meta["pk"]["S"].as_str().unwrap();
    let above: Vec<String> = cloud
        .partition(release)
        .into_iter()
        .filter_map(|item| item["sk"]["S"].as_str().unwrap().strip_prefix("A#").map(str::to_owned))
        .collect();
    let [above] = above.as_slice() else { panic!("{above:?}") };
    let (depth, root) = above.split_once('#').unwrap();
    let root = cloud.item(&format!("R#{root}"), "META").unwrap();
    assert_eq!((depth, &root["alias"]["S"]), ("0001", &Value::from("amazon")));
}

use super::super::testing::{Bench, component};
use super::*;

fn arn_of(answer: &Value) -> String {
    answer["componentBuildVersionArn"].as_str().unwrap().to_owned()
}

#[test]
fn a_component_is_read_back_as_it_was_written_under_its_normalised_name() {
    let mut bench = Bench::new();
    let mut request = component("My NGINX_thing", "1.2.3");
    request["tags"] = json!({ "team": "web" });
    let created = bench.ok("CreateComponent", request);
    assert_eq!(arn_of(&created), bench.arn("component/my-nginx-thing/1.2.3/1"));
    assert_eq!(
        created["latestVersionReferences"]["latestMajorVersionArn"],
        bench.arn("component/my-nginx-thing/1.x.x")
    );
    let got = bench.get("GetComponent", "componentBuildVersionArn", &arn_of(&created));
    let component = &got["component"];
    assert_eq!(
        (&component["name"], &component["type"], &component["encrypted"]),
        (&json!("My NGINX_thing"), &json!("BUILD"), &json!(true))
    );
    assert_eq!(
        (&component["tags"]["team"], &component["dateCreated"]),
        (&json!("web"), &json!("2026-01-01T00:00:00.000Z"))
    );
    assert_eq!(component.get("changeDescription"), None);
}

#[test]
fn a_changed_document_under_the_same_version_is_the_next_build_and_an_equal_one_is_refused() {
    let mut bench = Bench::new();
    bench.ok("CreateComponent", component("nginx", "1.0.0"));
    let mut equal = component("nginx", "1.0.0");
    equal["name"] = json!("NGINX");
    assert_eq!(
        bench.refused("CreateComponent", equal),
        (400, "ResourceAlreadyExistsException".into())
    );
    let mut changed = component("nginx", "1.0.0");
    changed["data"] = json!(format!("{}# changed\n", changed["data"].as_str().unwrap()));
    assert!(arn_of(&bench.ok("CreateComponent", changed)).ends_with("/1.0.0/2"));
}

#[test]
fn a_version_or_wildcard_means_the_newest_by_number() {
    let mut bench = Bench::new();
    for version in ["1.9.0", "1.10.0", "2.0.0"] {
        bench.ok("CreateComponent", component("nginx", version));
    }
    for (asked, got) in [
        ("x.x.x", "2.0.0/1"),
        ("1.x.x", "1.10.0/1"),
        ("1.9.x", "1.9.0/1"),
        ("1.9.0", "1.9.0/1"),
    ] {
        let arn = bench.arn(&format!("component/nginx/{asked}"));
        let answer = bench.get("GetComponent", "componentBuildVersionArn", &arn);
        assert_eq!(answer["component"]["arn"], bench.arn(&format!("component/nginx/{got}")));
    }
}

#[test]
fn data_and_uri_exclude_each_other_and_data_ends_at_16000_characters() {
    let mut bench = Bench::new();
    let mut both = component("nginx", "1.0.0");
    both["uri"] = json!("s3://bucket/key");
    assert_eq!(
        bench.refused("CreateComponent", both.clone()).1,
        "InvalidParameterCombinationException"
    );
    both.as_object_mut().unwrap().remove("data");
    assert_eq!(bench.refused("CreateComponent", both.clone()).0, 501);
    both.as_object_mut().unwrap().remove("uri");
    assert_eq!(
        bench.refused("CreateComponent", both).1,
        "InvalidParameterCombinationException"
    );
    let mut long = component("nginx", "1.0.0");
    long["data"] = json!(format!("{}#{}", long["data"].as_str().unwrap(), "x".repeat(16_000)));
    assert_eq!(
        bench.refused("CreateComponent", long).1,
        "InvalidParameterValueException"
    );
}

#[test]
fn a_component_that_a_recipe_uses_cannot_be_deleted() {
    let mut bench = Bench::new();
    let arn = arn_of(&bench.ok("CreateComponent", component("nginx", "1.0.0")));
    let base = bench.base_image();
    bench.ok("CreateImageRecipe", json!({ "name": "web", "semanticVersion": "1.0.0", "parentImage": base, "components": [{ "componentArn": bench.arn("component/nginx/x.x.x") }] }));
    assert_eq!(
        bench.refused_delete("DeleteComponent", "componentBuildVersionArn", &arn),
        (400, "ResourceDependencyException".into())
    );
    let recipe = bench.arn("image-recipe/web/1.0.0");
    bench.delete("DeleteImageRecipe", "imageRecipeArn", &recipe);
    bench.delete("DeleteComponent", "componentBuildVersionArn", &arn);
    assert_eq!(
        bench.refused_get("GetComponent", "componentBuildVersionArn", &arn),
        (404, "ResourceNotFoundException".into())
    );
}

#[test]
fn a_dry_run_checks_everything_and_creates_nothing() {
    let mut bench = Bench::new();
    let mut request = component("nginx", "1.0.0");
    request["dryRun"] = json!(true);
    assert_eq!(
        bench.refused("CreateComponent", request),
        (412, "DryRunOperationException".into())
    );
    assert_eq!(
        bench.post("ListComponents", json!({}))["componentVersionList"],
        json!([])
    );
}

#[test]
fn amazons_components_are_in_every_region_and_listed_only_when_asked_for() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.post("ListComponents", json!({}))["componentVersionList"],
        json!([])
    );
    let amazon = bench.post("ListComponents", json!({ "owner": "Amazon", "filters": [{ "name": "name", "values": ["update-*"] }, { "name": "platform", "values": ["Linux"] }] }));
    let arns: Vec<_> = amazon["componentVersionList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["arn"].as_str().unwrap())
        .collect();
    assert_eq!(
        arns,
        [
            "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.0",
            "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.2"
        ]
    );
    assert_eq!(
        bench.refused_post("ListComponents", json!({ "owner": "Shared" })).0,
        501
    );
}

#[test]
fn another_accounts_component_cannot_be_read() {
    let mut bench = Bench::new();
    let foreign = "arn:aws:imagebuilder:eu-west-1:999999999999:component/nginx/1.0.0/1";
    assert_eq!(
        bench.refused_get("GetComponent", "componentBuildVersionArn", foreign),
        (403, "AccessDeniedException".into())
    );
}

#[test]
fn a_components_key_must_look_like_one() {
    let mut bench = Bench::new();
    let mut request = component("nginx", "1.0.0");
    request["kmsKeyId"] = json!("my key");
    assert_eq!(
        bench.refused("CreateComponent", request.clone()),
        (400, "InvalidParameterValueException".into())
    );
    request["kmsKeyId"] = json!("alias/golden");
    bench.ok("CreateComponent", request);
}

use std::time::Duration;

use super::super::super::testing::{Bench, container_recipe};
use super::*;

#[test]
fn a_container_recipe_never_changes_under_its_version_and_shares_no_names_with_image_recipes() {
    let mut bench = Bench::new();
    bench.family("tools");
    let arn = bench.container_recipe("tools");
    assert_eq!(arn, bench.arn("container-recipe/tools/1.0.0"));
    assert_eq!(
        bench.refused("CreateContainerRecipe", container_recipe("tools")),
        (400, "ResourceAlreadyExistsException".into())
    );
    let held = bench.get("GetContainerRecipe", "containerRecipeArn", &arn)["containerRecipe"].clone();
    assert_eq!(
        (&held["parentImage"], &held["platform"], &held["encrypted"]),
        (&json!("amazonlinux:2023"), &json!("Linux"), &json!(true))
    );
    let listed = bench.post("ListContainerRecipes", json!({}))["containerRecipeSummaryList"].clone();
    assert_eq!(
        (listed.as_array().map(Vec::len), &listed[0]["containerType"]),
        (Some(1), &json!("DOCKER"))
    );
    bench.delete("DeleteContainerRecipe", "containerRecipeArn", &arn);
    let recipe = bench.arn("image-recipe/tools/1.0.0");
    bench.get("GetImageRecipe", "imageRecipeArn", &recipe);
}

#[test]
fn a_container_recipe_needs_its_repository_a_platform_and_the_placeholders() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.hub, "tools");
    let mut with = |member: &str, value: Value| {
        let mut request = container_recipe("tools");
        request["dryRun"] = json!(true);
        request[member] = value;
        bench.refused("CreateContainerRecipe", request).0
    };
    assert_eq!(with("dryRun", json!(true)), 412);
    for (member, value) in [
        (
            "targetRepository",
            json!({ "service": "ECR", "repositoryName": "none" }),
        ),
        (
            "targetRepository",
            json!({ "service": "GHCR", "repositoryName": "tools" }),
        ),
        ("containerType", json!("OCI")),
        ("platformOverride", json!("Windows")),
        ("platformOverride", json!("macOS")),
        (
            "parentImage",
            json!("arn:aws:imagebuilder:eu-west-1:111122223333:image/none/x.x.x"),
        ),
        ("dockerfileTemplateData", json!("FROM amazonlinux:2023")),
        ("dockerfileTemplateData", json!("FROM {{{ imagebuilder:parentImage }}}")),
        ("dockerfileTemplateData", Value::Null),
        ("kmsKeyId", json!("my key")),
        ("kmsKeyId", json!("alias/golden")),
    ] {
        assert_eq!(with(member, value.clone()), 400, "{member} {value}");
    }
    assert_eq!(with("platformOverride", Value::Null), 501);
}

#[test]
fn without_components_the_environments_may_be_left_out() {
    let mut bench = Bench::new();
    bench.world.create_repository(bench.hub, "tools");
    let mut request = container_recipe("tools");
    request["components"] = Value::Null;
    request["dockerfileTemplateData"] = json!("FROM {{{imagebuilder:parentImage}}}");
    bench.ok("CreateContainerRecipe", request);
}

#[test]
fn a_build_of_a_container_recipe_pushes_an_image_and_makes_no_ami() {
    let mut bench = Bench::new();
    let pipeline = bench.container_pipeline("tools");
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    let image = bench.image(&build);
    assert_eq!(
        (&image["type"], &image["state"]["status"]),
        (&json!("DOCKER"), &json!("AVAILABLE"))
    );
    assert_eq!(
        image["outputResources"],
        json!({ "amis": [], "containers": [{ "region": "eu-west-1", "imageUris": ["111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools:1.0.0-1"] }] })
    );
    assert_eq!(
        (bench.amis_of_build("eu-west-1", &build), image.get("imageRecipe")),
        (0, None)
    );
    assert_eq!(
        image["containerRecipe"]["arn"],
        bench.arn("container-recipe/tools/1.0.0")
    );
    assert_eq!(
        image["containerRecipe"]["components"][0]["componentArn"],
        "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.2/1"
    );
}

#[test]
fn a_container_image_is_the_base_of_another_and_no_amis_parent() {
    let mut bench = Bench::new();
    let pipeline = bench.container_pipeline("base");
    let build = bench.start(&pipeline);
    let wild = bench.arn("image/base/x.x.x");
    bench.world.create_repository(bench.hub, "child");
    let mut child = container_recipe("child");
    child["parentImage"] = json!(wild);
    child["platformOverride"] = Value::Null;
    assert_eq!(bench.refused("CreateContainerRecipe", child.clone()).0, 400);
    bench.pass(Duration::from_hours(2));
    bench.ok("CreateContainerRecipe", child);
    let ami = json!({ "name": "web", "semanticVersion": "1.0.0", "parentImage": build });
    assert_eq!(bench.refused("CreateImageRecipe", ami).0, 400);
    bench.surroundings("child");
    let (recipe, infrastructure) = (
        bench.arn("container-recipe/child/x.x.x"),
        bench.arn("infrastructure-configuration/child"),
    );
    let made = bench.ok(
        "CreateImage",
        json!({ "containerRecipeArn": recipe, "infrastructureConfigurationArn": infrastructure }),
    );
    bench.pass(Duration::from_hours(2));
    let made = bench.image(made["imageBuildVersionArn"].as_str().unwrap());
    assert_eq!(made["containerRecipe"]["parentImage"], json!(build));
}

#[test]
fn a_base_that_is_no_longer_in_its_repository_fails_what_is_built_on_it() {
    let mut bench = Bench::new();
    let pipeline = bench.container_pipeline("base");
    let build = bench.start(&pipeline);
    bench.pass(Duration::from_hours(2));
    bench.world.create_repository(bench.hub, "child");
    bench.surroundings("child");
    let infrastructure = bench.arn("infrastructure-configuration/child");
    let uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/base:1.0.0-1";
    let make = |bench: &mut Bench, version: &str, base: &str| {
        let mut child = container_recipe("child");
        child["semanticVersion"] = json!(version);
        child["parentImage"] = json!(base);
        let recipe = bench.ok("CreateContainerRecipe", child)["containerRecipeArn"].clone();
        let request = json!({ "containerRecipeArn": recipe, "infrastructureConfigurationArn": infrastructure });
        let made = bench.ok("CreateImage", request)["imageBuildVersionArn"].clone();
        made.as_str().unwrap().to_owned()
    };
    let (by_arn, by_uri) = (make(&mut bench, "1.0.0", &build), make(&mut bench, "2.0.0", uri));
    bench.pass(Duration::from_hours(2));
    for made in [by_arn, by_uri] {
        assert_eq!(bench.image(&made)["state"]["status"], "AVAILABLE", "{made}");
    }
    let digest = bench.world.containers_in(bench.hub, "base")[0].0.clone();
    bench.world.delete_container(bench.hub, "base", &digest);
    let (by_arn, by_uri) = (make(&mut bench, "3.0.0", &build), make(&mut bench, "4.0.0", uri));
    let elsewhere = make(
        &mut bench,
        "5.0.0",
        "222233334444.dkr.ecr.eu-west-1.amazonaws.com/base:1",
    );
    bench.pass(Duration::from_hours(2));
    for made in [by_arn, by_uri] {
        let state = bench.image(&made)["state"].clone();
        assert_eq!(
            (&state["status"], &state["failureContext"]["imageStatus"]),
            (&json!("FAILED"), &json!("BUILDING"))
        );
        let reason = format!("manifest for {uri} not found: manifest unknown: Requested image not found");
        assert_eq!(state["reason"], json!(reason));
    }
    assert_eq!(bench.image(&elsewhere)["state"]["status"], "AVAILABLE");
}

#[test]
fn a_pipeline_has_exactly_one_recipe_which_cannot_be_deleted_under_it() {
    let mut bench = Bench::new();
    let pipeline = bench.container_pipeline("tools");
    bench.family("web");
    let mut both = bench.pipeline_request("web");
    both["containerRecipeArn"] = json!(bench.arn("container-recipe/tools/1.0.0"));
    assert_eq!(bench.refused("CreateImagePipeline", both.clone()).0, 400);
    both.as_object_mut()
        .unwrap()
        .retain(|member, _| !member.ends_with("RecipeArn"));
    assert_eq!(bench.refused("CreateImagePipeline", both).0, 400);
    let recipe = bench.arn("container-recipe/tools/1.0.0");
    assert_eq!(
        bench.refused_delete("DeleteContainerRecipe", "containerRecipeArn", &recipe),
        (400, "ResourceDependencyException".into())
    );
    let filter = json!({ "filters": [{ "name": "containerRecipeArn", "values": [recipe] }] });
    assert_eq!(
        bench.post("ListImagePipelines", filter)["imagePipelineList"][0]["arn"],
        json!(pipeline)
    );
    let infrastructure = bench.arn("infrastructure-configuration/web");
    let (recipe_of_amis, other) = (bench.arn("image-recipe/web/1.0.0"), pipeline.clone());
    assert_eq!(
        bench.refused("UpdateImagePipeline", json!({ "imagePipelineArn": other, "imageRecipeArn": recipe_of_amis, "infrastructureConfigurationArn": infrastructure })).0,
        400
    );
    bench.delete("DeleteImagePipeline", "imagePipelineArn", &pipeline);
    bench.delete("DeleteContainerRecipe", "containerRecipeArn", &recipe);
}

use super::super::testing::{Bench, component};
use super::*;

fn recipe(parent: &str) -> Value {
    json!({ "name": "Web Server", "semanticVersion": "1.0.0", "parentImage": parent })
}

#[test]
fn a_recipe_never_changes_under_its_version() {
    let mut bench = Bench::new();
    let base = bench.base_image();
    bench.ok("CreateImageRecipe", recipe(&base));
    assert_eq!(
        bench.refused("CreateImageRecipe", recipe(&base)),
        (400, "ResourceAlreadyExistsException".into())
    );
    let mut same = recipe(&base);
    same["name"] = json!("web_server");
    assert_eq!(
        bench.refused("CreateImageRecipe", same).1,
        "ResourceAlreadyExistsException"
    );
    let arn = bench.arn("image-recipe/web-server/x.x.x");
    let got = bench.get("GetImageRecipe", "imageRecipeArn", &arn);
    assert_eq!(got["imageRecipe"]["name"], "Web Server");
    assert_eq!(got["imageRecipe"]["arn"], bench.arn("image-recipe/web-server/1.0.0"));
}

#[test]
fn a_parent_must_be_an_image_the_account_can_launch() {
    let mut bench = Bench::new();
    for parent in [
        "ami-0123456789abcdef0",
        "web",
        "ssm:/golden/base",
        "arn:aws:imagebuilder:eu-west-1:111122223333:image/base/x.x.x",
    ] {
        assert_eq!(
            bench.refused("CreateImageRecipe", recipe(parent)),
            (400, "InvalidParameterValueException".into()),
            "{parent}"
        );
    }
    let base = bench.base_image();
    bench.world.put_parameter(bench.hub, "/golden/base", &base);
    bench.ok("CreateImageRecipe", recipe("ssm:/golden/base"));
    let arn = bench.arn("image-recipe/web-server/1.0.0");
    assert_eq!(
        bench.get("GetImageRecipe", "imageRecipeArn", &arn)["imageRecipe"]["parentImage"],
        "ssm:/golden/base"
    );
}

#[test]
fn a_recipes_components_exist_and_come_once_and_at_most_20() {
    let mut bench = Bench::new();
    let base = bench.base_image();
    let mut with = |arns: &[String]| {
        let mut request = recipe(&base);
        request["components"] = arns.iter().map(|arn| json!({ "componentArn": arn })).collect();
        request["dryRun"] = json!(true);
        bench.refused("CreateImageRecipe", request)
    };
    let update = String::from("arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x");
    assert_eq!(with(std::slice::from_ref(&update)).0, 412);
    assert_eq!(with(&[]).1, "InvalidParameterValueException");
    assert_eq!(
        with(&["arn:aws:imagebuilder:eu-west-1:111122223333:component/none/x.x.x".into()]).1,
        "InvalidParameterValueException"
    );
    assert_eq!(
        with(&[update.clone(), update.replace("x.x.x", "1.0.0")]).1,
        "InvalidParameterValueException"
    );
    assert_eq!(
        with(&["arn:aws:imagebuilder:eu-west-1:aws:component/update-windows/x.x.x".into()]).1,
        "InvalidParameterValueException"
    );
    assert_eq!(with(&vec![update; 21]), (402, "ServiceQuotaExceededException".into()));
}

#[test]
fn a_component_gets_the_parameters_it_asks_for_and_no_others() {
    let mut bench = Bench::new();
    let base = bench.base_image();
    let mut nginx = component("nginx", "1.0.0");
    nginx["data"] = json!(format!(
        "parameters:\n  - Version:\n      type: string\n{}",
        nginx["data"].as_str().unwrap()
    ));
    bench.ok("CreateComponent", nginx);
    let arn = bench.arn("component/nginx/x.x.x");
    let mut with = |parameters: Value| {
        let mut request = recipe(&base);
        request["components"] = json!([{ "componentArn": arn, "parameters": parameters }]);
        request["dryRun"] = json!(true);
        bench.refused("CreateImageRecipe", request).0
    };
    assert_eq!(with(Value::Null), 400);
    assert_eq!(
        with(json!([{ "name": "Version", "value": ["1.27"] }, { "name": "Colour", "value": ["red"] }])),
        400
    );
    assert_eq!(with(json!([{ "name": "Version", "value": ["1.27"] }])), 412);
}

#[test]
fn watermarks_are_one_to_five_different_names_as_images_have_them() {
    let mut bench = Bench::new();
    let base = bench.base_image();
    let mut with = |names: Value| {
        let mut request = recipe(&base);
        request["amiWatermarks"] = names;
        request["dryRun"] = json!(true);
        bench.refused("CreateImageRecipe", request).0
    };
    for names in [
        json!([]),
        json!(["ab"]),
        json!(["a b "]),
        json!(["a:b"]),
        json!(["same", "same"]),
        json!(["one", "two", "three", "four", "five", "six"]),
    ] {
        assert_eq!(with(names.clone()), 400, "{names}");
    }
    assert_eq!(with(json!(["Team (web)", "team-a/b.c@1"])), 412);
}

#[test]
fn what_a_recipe_cannot_do_here_is_refused_by_name() {
    let mut bench = Bench::new();
    let base = bench.base_image();
    let mut request = recipe(&base);
    let from_snapshot = json!([{ "deviceName": "/dev/xvda", "ebs": { "snapshotId": "snap-1" } }]);
    request["blockDeviceMappings"] = from_snapshot;
    assert_eq!(bench.refused("CreateImageRecipe", request).0, 501);
}

#[test]
fn a_volume_that_its_own_type_cannot_be_is_refused_with_the_recipe() {
    let mut bench = Bench::new();
    let base = bench.base_image();
    let with = |ebs: &Value| {
        let mut request = recipe(&base);
        request["blockDeviceMappings"] = json!([{ "deviceName": "/dev/xvda", "ebs": ebs }]);
        request
    };
    for ebs in [
        json!({ "volumeType": "io2", "volumeSize": 10 }),
        json!({ "volumeType": "gp2", "iops": 3000 }),
        json!({ "volumeType": "io1", "iops": 1000, "throughput": 125 }),
        json!({ "volumeType": "gp3", "iops": 100 }),
        json!({ "volumeType": "gp3", "volumeSize": 8, "iops": 4001 }),
        json!({ "volumeType": "st1", "volumeSize": 100 }),
        // What EC2 has, and Image Builder does not yet know of.
        json!({ "volumeType": "gp3", "volumeSize": 200, "iops": 64_001 }),
        json!({ "volumeType": "gp3", "iops": 16_000, "throughput": 1001 }),
        json!({ "volumeType": "gp3", "volumeSize": 16_001 }),
    ] {
        let refused = bench.refused("CreateImageRecipe", with(&ebs));
        assert_eq!(refused, (400, "InvalidParameterValueException".into()), "{ebs}");
    }
    let fast = json!({ "volumeType": "gp3", "volumeSize": 128, "iops": 64_000, "throughput": 1000 });
    bench.ok("CreateImageRecipe", with(&fast));
}

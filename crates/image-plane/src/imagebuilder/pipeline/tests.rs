use super::super::testing::Bench;
use super::*;

const PARAMETER: &str = "imagePipelineArn";

#[test]
fn an_update_replaces_the_whole_configuration_and_enables_what_it_does_not_disable() {
    let mut bench = Bench::new();
    bench.family("web");
    let mut request = bench.pipeline_request("web");
    request["status"] = json!("DISABLED");
    request["description"] = json!("the web");
    request["schedule"] = json!({ "scheduleExpression": "cron(0 4 ? * MON *)" });
    let arn = bench.ok("CreateImagePipeline", request.clone())[PARAMETER]
        .as_str()
        .unwrap()
        .to_owned();
    let before = bench.get("GetImagePipeline", PARAMETER, &arn)["imagePipeline"].clone();
    assert_eq!(
        (&before["status"], &before["schedule"]["timezone"], &before["platform"]),
        (&json!("DISABLED"), &json!("UTC"), &json!("Linux"))
    );
    assert_eq!(
        before["imageTestsConfiguration"],
        json!({ "imageTestsEnabled": true, "timeoutMinutes": 720 })
    );
    for member in ["name", "status", "description", "schedule"] {
        request.as_object_mut().unwrap().remove(member);
    }
    request[PARAMETER] = json!(arn);
    bench.ok("UpdateImagePipeline", request);
    let after = bench.get("GetImagePipeline", PARAMETER, &arn)["imagePipeline"].clone();
    assert_eq!(
        (&after["status"], after.get("schedule"), after.get("description")),
        (&json!("ENABLED"), None, None)
    );
}

#[test]
fn what_a_pipeline_refers_to_must_exist() {
    let mut bench = Bench::new();
    bench.family("web");
    for (member, kind) in [
        ("imageRecipeArn", "image-recipe/none/1.0.0"),
        ("infrastructureConfigurationArn", "infrastructure-configuration/none"),
        ("distributionConfigurationArn", "distribution-configuration/none"),
    ] {
        let mut request = bench.pipeline_request("web");
        request[member] = json!(bench.arn(kind));
        assert_eq!(
            bench.refused("CreateImagePipeline", request),
            (400, "InvalidParameterValueException".into()),
            "{member}"
        );
    }
}

#[test]
fn a_schedule_has_six_fields() {
    let mut bench = Bench::new();
    bench.family("web");
    for expression in ["cron(0 4 * * *)", "every day", "rate(0 days)", "rate(1 moon)"] {
        let mut request = bench.pipeline_request("web");
        request["schedule"] = json!({ "scheduleExpression": expression });
        assert_eq!(bench.refused("CreateImagePipeline", request).0, 400, "{expression}");
    }
}

#[test]
fn scanning_needs_tests() {
    let mut bench = Bench::new();
    bench.family("web");
    let mut request = bench.pipeline_request("web");
    request["imageScanningConfiguration"] = json!({ "imageScanningEnabled": true });
    request["imageTestsConfiguration"] = json!({ "imageTestsEnabled": false });
    assert_eq!(
        bench.refused("CreateImagePipeline", request).1,
        "InvalidParameterValueException"
    );
}

#[test]
fn the_76th_pipeline_is_over_quota() {
    let mut bench = Bench::new();
    bench.family("web");
    let mut request = bench.pipeline_request("web");
    for number in 0..75 {
        request["name"] = json!(format!("pipe-{number}"));
        bench.ok("CreateImagePipeline", request.clone());
    }
    request["name"] = json!("one-more");
    assert_eq!(
        bench.refused("CreateImagePipeline", request),
        (402, "ServiceQuotaExceededException".into())
    );
}

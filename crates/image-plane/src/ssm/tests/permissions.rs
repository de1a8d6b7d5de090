use serde_json::{Value, json};

use super::Bench;

const WEB: &str = "arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web";

fn allow(actions: Value, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resource })
}

#[test]
fn a_caller_reads_and_writes_the_parameters_its_policies_name() {
    let mut bench = Bench::new();
    bench.put("/golden/web", "one");
    bench.put("/golden/db", "one");
    bench.act_with(&[allow(
        json!(["ssm:GetParameter*", "ssm:PutParameter", "ssm:DescribeParameters"]),
        WEB,
    )]);
    assert_eq!(bench.put("/golden/web", "two"), 2);
    for reference in ["/golden/web", "/golden/web:1", WEB] {
        assert!(bench.value(reference).is_some(), "{reference}");
    }
    let (code, message) = bench.call("GetParameter", json!({ "Name": "/golden/db" })).unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-west-1:111122223333:parameter/golden/db because"), "{message}");
    for (operation, body) in [
        ("GetParameters", json!({ "Names": ["/golden/web", "/golden/db"] })),
        ("GetParametersByPath", json!({ "Path": "/golden" })),
        ("DescribeParameters", json!({})),
        ("DeleteParameter", json!({ "Name": "/golden/web" })),
        (
            "LabelParameterVersion",
            json!({ "Name": "/golden/web", "Labels": ["a"] }),
        ),
    ] {
        assert_eq!(bench.refused(operation, body), "AccessDeniedException", "{operation}");
    }
}

#[test]
fn a_path_is_a_resource_of_its_own_and_describing_needs_everything() {
    let mut bench = Bench::new();
    bench.put("/golden/web", "one");
    let path = "arn:aws:ssm:eu-west-1:111122223333:parameter/golden";
    bench.act_with(&[
        allow(json!("ssm:GetParametersByPath"), path),
        allow(json!("ssm:DescribeParameters"), "*"),
    ]);
    assert_eq!(
        super::names(&bench.ok("GetParametersByPath", json!({ "Path": "/golden" }))).len(),
        1
    );
    assert_eq!(super::names(&bench.ok("DescribeParameters", json!({}))).len(), 1);
}

#[test]
fn writing_an_image_needs_the_right_to_describe_images_and_tags_the_right_to_tag() {
    let mut bench = Bench::new();
    let put = allow(json!("ssm:PutParameter"), WEB);
    let image = json!({ "Name": "/golden/web", "Value": "ami-1", "Type": "String", "DataType": "aws:ec2:image" });
    let tagged =
        json!({ "Name": "/golden/web", "Value": "x", "Type": "String", "Tags": [{ "Key": "family", "Value": "web" }] });
    bench.act_with(std::slice::from_ref(&put));
    assert_eq!(bench.refused("PutParameter", image.clone()), "AccessDeniedException");
    assert_eq!(bench.refused("PutParameter", tagged.clone()), "AccessDeniedException");
    bench.act_with(&[put.clone(), allow(json!("ec2:DescribeImages"), "*")]);
    bench.ok("PutParameter", image);
    let mut tag = allow(json!("ssm:AddTagsToResource"), WEB);
    tag["Condition"] = json!({ "StringEquals": { "aws:RequestTag/family": "web" } });
    bench.act_with(&[put, tag]);
    bench.ok("PutParameter", tagged);
    let mut own = allow(json!("ssm:GetParameter"), "*");
    own["Condition"] = json!({ "StringEquals": { "aws:ResourceTag/family": "web" } });
    bench.act_with(&[own]);
    assert_eq!(bench.value("/golden/web").as_deref(), Some("x"));
}

#[test]
fn public_parameters_have_no_account_in_their_arn() {
    let mut bench = Bench::new();
    bench.world.publish_vendor_images(bench.hub.region);
    let name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
    bench.act_with(&[allow(
        json!("ssm:GetParameter"),
        "arn:aws:ssm:*:111122223333:parameter/aws/service/*",
    )]);
    assert_eq!(bench.value(name), None);
    bench.act_with(&[allow(
        json!("ssm:GetParameter"),
        "arn:aws:ssm:*::parameter/aws/service/*",
    )]);
    assert!(bench.value(name).is_some());
}

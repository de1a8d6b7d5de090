use std::time::Duration;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::super::place::NewImage;
use super::super::testing::{Bench, Pairs, fields};
use crate::sts::tests::{HUB, field, request, root};

const ALL: (&str, &str) = ("IncludeAllResourceTypes", "true");
const INSTANCES: (&str, &str) = ("ResourceType.1.ResourceType", "ec2:Instance");
const TEMPLATES: (&str, &str) = ("ResourceType.1.ResourceType", "ec2:LaunchTemplate");

/// What the hub is told of an image: type and ARN of each reference.
fn references(bench: &mut Bench, image: &str, more: Pairs<'_>) -> Vec<(String, String)> {
    let mut pairs = vec![("ImageId.1", image)];
    pairs.extend_from_slice(more);
    let answer = bench.ok("DescribeImageReferences", &pairs);
    assert!(fields(&answer, "imageId").iter().all(|named| named == image));
    fields(&answer, "resourceType")
        .into_iter()
        .zip(fields(&answer, "arn"))
        .collect()
}

/// The last part of each ARN.
fn names(bench: &mut Bench, image: &str, more: Pairs<'_>) -> Vec<String> {
    let found = references(bench, image, more).into_iter();
    found
        .map(|(_, arn)| arn.rsplit('/').next().unwrap().to_owned())
        .collect()
}

fn template(bench: &mut Bench, name: &str, images: &[&str]) -> String {
    let first = [("LaunchTemplateName", name), ("LaunchTemplateData.ImageId", images[0])];
    let id = field(&bench.ok("CreateLaunchTemplate", &first), "launchTemplateId");
    for image in &images[1..] {
        let next = [("LaunchTemplateId", &*id), ("LaunchTemplateData.ImageId", image)];
        bench.ok("CreateLaunchTemplateVersion", &next);
    }
    id
}

/// A call of the hub's to a service that speaks JSON.
fn call_json(bench: &mut Bench, service: &str, (method, uri, header): (&str, &str, &str), body: &Value) {
    let now = bench.world.now();
    let mut sent: Request<Bytes> = request(&root(HUB), "eu-west-1", service, &body.to_string());
    *sent.method_mut() = method.parse().unwrap();
    *sent.uri_mut() = uri.parse().unwrap();
    sent.headers_mut().insert("x-amz-target", header.parse().unwrap());
    let answer = bench.world.call(now, sent);
    assert_eq!(answer.status(), 200, "{:?}", answer.body());
}

fn put_parameter(bench: &mut Bench, name: &str, value: &str, data_type: &str) {
    let body = json!({ "Name": name, "Value": value, "Type": "String", "DataType": data_type, "Overwrite": true });
    call_json(bench, "ssm", ("POST", "/", "AmazonSSM.PutParameter"), &body);
    bench.pass(Duration::from_mins(1));
}

fn recipe(bench: &mut Bench, name: &str, parent: &str) {
    let component = "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x";
    let body = json!({
        "name": name, "semanticVersion": "1.0.0", "parentImage": parent, "clientToken": name,
        "components": [{ "componentArn": component }],
    });
    call_json(bench, "imagebuilder", ("PUT", "/CreateImageRecipe", ""), &body);
}

fn container_recipe(bench: &mut Bench, name: &str, machine: &str) {
    let hub = bench.hub;
    bench.world.create_repository(hub, name);
    let body = json!({
        "name": name, "semanticVersion": "1.0.0", "containerType": "DOCKER", "parentImage": "amazonlinux:2023",
        "platformOverride": "Linux", "targetRepository": { "service": "ECR", "repositoryName": name },
        "dockerfileTemplateData": "FROM {{{ imagebuilder:parentImage }}}", "clientToken": name,
        "instanceConfiguration": { "image": machine },
    });
    call_json(bench, "imagebuilder", ("PUT", "/CreateContainerRecipe", ""), &body);
}

fn code(bench: &mut Bench, pairs: Pairs<'_>) -> String {
    bench.refused("DescribeImageReferences", pairs).0
}

#[test]
fn every_type_of_resource_that_names_an_image_is_told_and_nothing_else() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let other = bench.image(NewImage::named("other"));
    let mut expected = Vec::new();
    for (named, tail) in [(&image, "web"), (&other, "other")] {
        let instance = bench.launch(named, &[]);
        let template = template(&mut bench, tail, &[named]);
        put_parameter(&mut bench, &format!("/golden/{tail}"), named, "aws:ec2:image");
        recipe(&mut bench, tail, named);
        container_recipe(&mut bench, &format!("docker-{tail}"), named);
        let ec2 = "arn:aws:ec2:eu-west-1:111122223333";
        let builder = "arn:aws:imagebuilder:eu-west-1:111122223333";
        expected.push([
            ("ec2:Instance", format!("{ec2}:instance/{instance}")),
            ("ec2:LaunchTemplate", format!("{ec2}:launch-template/{template}")),
            (
                "imagebuilder:ContainerRecipe",
                format!("{builder}:container-recipe/docker-{tail}/1.0.0"),
            ),
            (
                "imagebuilder:ImageRecipe",
                format!("{builder}:image-recipe/{tail}/1.0.0"),
            ),
            (
                "ssm:Parameter",
                format!("arn:aws:ssm:eu-west-1:111122223333:parameter/golden/{tail}"),
            ),
        ]);
    }
    let expected = expected[0].clone().map(|(kind, arn)| (kind.to_owned(), arn));
    assert_eq!(references(&mut bench, &image, &[ALL]), expected);
    for (kind, arn) in &expected {
        let asked = [("ResourceType.1.ResourceType", kind.as_str())];
        assert_eq!(
            references(&mut bench, &image, &asked),
            [(kind.clone(), arn.clone())],
            "{kind}"
        );
    }
}

#[test]
fn only_the_callers_own_account_and_region_are_looked_through() {
    let mut bench = Bench::new();
    let member = bench.member.account;
    let image = bench.image(NewImage::named("web").shared_with([member]));
    let launch = [("ImageId", &*image), ("MinCount", "1"), ("MaxCount", "1")];
    bench.call_as(bench.member, "RunInstances", &launch).unwrap();
    assert!(references(&mut bench, &image, &[ALL]).is_empty());
    let asked = [("ImageId.1", &*image), ALL];
    let seen = bench.call_as(bench.member, "DescribeImageReferences", &asked).unwrap();
    assert_eq!(fields(&seen, "resourceType"), ["ec2:Instance"]);
    let elsewhere = crate::world::Target {
        region: "us-east-1".parse().unwrap(),
        ..bench.member
    };
    let seen = bench.call_as(elsewhere, "DescribeImageReferences", &asked).unwrap();
    assert!(fields(&seen, "resourceType").is_empty());
}

#[test]
fn what_names_an_image_that_is_gone_is_still_told() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let id = template(&mut bench, "web", &[&image]);
    bench.ok("DeregisterImage", &[("ImageId", &image)]);
    bench.pass(Duration::from_hours(48));
    assert_eq!(names(&mut bench, &image, &[ALL]), [id]);
}

#[test]
fn an_image_that_a_test_hides_is_refused_with_all_that_is_asked_beside_it() {
    let mut bench = Bench::new();
    let (image, hidden) = (
        bench.image(NewImage::named("web")),
        bench.image(NewImage::named("hidden")),
    );
    let region = bench.hub.region;
    bench.world.hide_from_references(region, hidden.parse().unwrap());
    let both = [("ImageId.1", &*image), ("ImageId.2", &*hidden), ALL];
    assert_eq!(code(&mut bench, &both), "InvalidAMIID.NotFound");
    assert!(names(&mut bench, &image, &[ALL]).is_empty());
}

#[test]
fn instances_count_in_every_state_unless_states_are_named() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let (running, ended) = (bench.launch(&image, &[]), bench.launch(&image, &[]));
    bench.ok("TerminateInstances", &[("InstanceId.1", &ended)]);
    bench.pass(Duration::from_mins(5));
    let mut both = [running.clone(), ended];
    both.sort();
    assert_eq!(names(&mut bench, &image, &[INSTANCES]), both);
    let narrowed = [
        INSTANCES,
        ("ResourceType.1.ResourceTypeOption.1.OptionName", "state-name"),
        ("ResourceType.1.ResourceTypeOption.1.OptionValue.1", "pending"),
        ("ResourceType.1.ResourceTypeOption.1.OptionValue.2", "running"),
    ];
    assert_eq!(names(&mut bench, &image, &narrowed), [&*running]);
    // What is said of one type counts although all are asked for.
    let mut all = narrowed.to_vec();
    all.push(ALL);
    assert_eq!(names(&mut bench, &image, &all), [&*running]);
}

#[test]
fn launch_templates_are_looked_at_ten_versions_deep_unless_a_depth_is_named() {
    let mut bench = Bench::new();
    let (old, new) = (bench.image(NewImage::named("old")), bench.image(NewImage::named("new")));
    let mut images = vec![&*old];
    images.extend([&*new; 10]);
    let id = template(&mut bench, "web", &images);
    assert!(names(&mut bench, &old, &[TEMPLATES]).is_empty());
    assert_eq!(names(&mut bench, &new, &[TEMPLATES]), [&*id]);
    for (depth, found) in [("10", 0), ("11", 1), ("10000", 1)] {
        let deeper = [
            TEMPLATES,
            ("ResourceType.1.ResourceTypeOption.1.OptionName", "version-depth"),
            ("ResourceType.1.ResourceTypeOption.1.OptionValue.1", depth),
        ];
        assert_eq!(names(&mut bench, &old, &deeper).len(), found, "{depth}");
    }
}

#[test]
fn a_template_that_names_several_of_the_images_is_told_for_each() {
    let mut bench = Bench::new();
    let (old, new) = (bench.image(NewImage::named("old")), bench.image(NewImage::named("new")));
    template(&mut bench, "web", &[&old, &new]);
    let answer = bench.ok(
        "DescribeImageReferences",
        &[("ImageId.1", &old), ("ImageId.2", &new), ALL],
    );
    let mut found = fields(&answer, "imageId");
    found.sort();
    let mut both = [old, new];
    both.sort();
    assert_eq!(found, both);
}

#[test]
fn what_names_an_image_by_another_name_or_overrides_one_is_not_told() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    // A plain text, and a template and a recipe that name it.
    let hub = bench.hub;
    bench.world.put_parameter(hub, "/golden/web", &image);
    template(&mut bench, "by-name", &["resolve:ssm:/golden/web"]);
    recipe(&mut bench, "by-name", "ssm:/golden/web");
    // A configuration for groups.
    let configuration = request(
        &root(HUB),
        "eu-west-1",
        "autoscaling",
        &format!(
            "Action=CreateLaunchConfiguration&Version=2011-01-01&LaunchConfigurationName=web&InstanceType=t3.micro&ImageId={image}"
        ),
    );
    let now = bench.world.now();
    assert_eq!(bench.world.call(now, configuration).status(), 200);
    // A Spot Fleet, whose one instance is all that is told of it.
    let fleet = [
        (
            "SpotFleetRequestConfig.IamFleetRole",
            "arn:aws:iam::111122223333:role/fleet",
        ),
        ("SpotFleetRequestConfig.TargetCapacity", "1"),
        ("SpotFleetRequestConfig.LaunchSpecifications.1.ImageId", &*image),
        ("SpotFleetRequestConfig.LaunchSpecifications.1.InstanceType", "t3.micro"),
    ];
    assert!(references(&mut bench, &image, &[ALL]).is_empty());
    bench.ok("RequestSpotFleet", &fleet);
    let told = references(&mut bench, &image, &[ALL]);
    assert_eq!(
        told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(),
        ["ec2:Instance"]
    );
}

#[test]
fn an_older_version_of_a_parameter_is_not_told() {
    let mut bench = Bench::new();
    let (old, new) = (bench.image(NewImage::named("old")), bench.image(NewImage::named("new")));
    put_parameter(&mut bench, "/golden/web", &old, "aws:ec2:image");
    put_parameter(&mut bench, "/golden/web", &new, "aws:ec2:image");
    assert!(references(&mut bench, &old, &[ALL]).is_empty());
    assert_eq!(names(&mut bench, &new, &[ALL]), ["web"]);
}

#[test]
fn what_a_service_manages_is_hidden_where_the_account_hides_it() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let node = bench.launch(&image, &[]);
    let hub = bench.hub;
    assert!(bench.world.let_service_manage(hub, &node, "eks.amazonaws.com"));
    assert_eq!(names(&mut bench, &image, &[ALL]), [node]);
    bench.world.account_mut(hub.account).hides_managed_resources = true;
    assert!(names(&mut bench, &image, &[ALL]).is_empty());
}

#[test]
fn pages_are_cut_before_they_are_filtered_and_lead_to_the_end() {
    let mut bench = Bench::new();
    let (image, other) = (
        bench.image(NewImage::named("web")),
        bench.image(NewImage::named("other")),
    );
    let launch = |bench: &mut Bench, image: &str, count: &str| {
        let pairs = [("ImageId", image), ("MinCount", count), ("MaxCount", count)];
        bench.ok("RunInstances", &pairs);
    };
    launch(&mut bench, &other, "20");
    launch(&mut bench, &image, "12");
    for sparse in [false, true] {
        bench.world.settings_mut().sparse_pages = sparse;
        let (mut found, mut pages, mut short, mut token) = (Vec::new(), 0, 0, String::new());
        loop {
            let mut pairs = vec![("ImageId.1", &*image), ALL, ("MaxResults", "5")];
            if !token.is_empty() {
                pairs.push(("NextToken", &token));
            }
            let answer = bench.ok("DescribeImageReferences", &pairs);
            let page = fields(&answer, "arn");
            token = field(&answer, "nextToken");
            assert!(page.len() <= 5);
            (pages, short) = (pages + 1, short + usize::from(page.len() < 5 && !token.is_empty()));
            found.extend(page);
            if token.is_empty() {
                break;
            }
        }
        found.dedup();
        assert_eq!(found.len(), 12);
        assert_eq!(short > 0, sparse, "{pages} pages");
    }
    let token = field(
        &bench.ok(
            "DescribeImageReferences",
            &[("ImageId.1", &image), ALL, ("MaxResults", "5")],
        ),
        "nextToken",
    );
    let another = [("ImageId.1", &*other), ALL, ("MaxResults", "5"), ("NextToken", &*token)];
    assert_eq!(code(&mut bench, &another), "InvalidPaginationToken");
}

#[test]
fn a_request_that_asks_for_too_much_or_too_little_is_refused() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    let named: Vec<String> = (1..=11).map(|n| format!("ImageId.{n}")).collect();
    let mut eleven: Vec<(&str, &str)> = named.iter().map(|name| (name.as_str(), &*image)).collect();
    eleven.push(ALL);
    assert_eq!(code(&mut bench, &eleven), "InvalidParameterValue");
    bench.ok("DescribeImageReferences", &eleven[1..]);
    let one = ("ImageId.1", &*image);
    let option = |name, value| {
        vec![
            one,
            TEMPLATES,
            ("ResourceType.1.ResourceTypeOption.1.OptionName", name),
            ("ResourceType.1.ResourceTypeOption.1.OptionValue.1", value),
        ]
    };
    let state = ("ResourceType.1.ResourceTypeOption.1.OptionName", "state-name");
    for (pairs, expected) in [
        (vec![ALL], "MissingParameter"),
        (vec![one], "MissingParameter"),
        (vec![one, ("IncludeAllResourceTypes", "false")], "MissingParameter"),
        (vec![("ImageId.1", "web"), ALL], "InvalidAMIID.Malformed"),
        (vec![one, ALL, ("MaxResults", "4")], "InvalidParameterValue"),
        (
            vec![one, ("ResourceType.1.ResourceType", "ec2:Fleet")],
            "InvalidParameterValue",
        ),
        (
            vec![one, INSTANCES, ("ResourceType.2.ResourceType", "ec2:Instance")],
            "InvalidParameterValue",
        ),
        (option("version-depth", "0"), "InvalidParameterValue"),
        (option("version-depth", "10001"), "InvalidParameterValue"),
        (option("version-depth", "few"), "InvalidParameterValue"),
        (option("state-name", "running"), "InvalidParameterCombination"),
        (
            vec![
                one,
                INSTANCES,
                state,
                ("ResourceType.1.ResourceTypeOption.1.OptionValue.1", "asleep"),
            ],
            "InvalidParameterValue",
        ),
        (vec![one, INSTANCES, state], "InvalidParameterValue"),
    ] {
        assert_eq!(code(&mut bench, &pairs), expected, "{pairs:?}");
    }
}

#[test]
fn whoever_asks_must_be_allowed_everything_that_is_looked_through() {
    let mut bench = Bench::new();
    let asked = [("ImageId.1", "ami-0123456789abcdef0"), INSTANCES];
    let code = |bench: &mut Bench, statements: &str| {
        let key = bench.role(statements);
        let member = bench.member;
        bench
            .call_with(&key, member, "DescribeImageReferences", &asked)
            .map_or_else(|refused| refused, |_| ("done".to_owned(), String::new()))
    };
    let allow = |actions: &[String], condition: &str| {
        let quoted: Vec<_> = actions.iter().map(|action| format!("\"{action}\"")).collect();
        format!(
            r#"{{"Effect":"Allow","Action":[{}],"Resource":"*","Condition":{condition}}}"#,
            quoted.join(",")
        )
    };
    let own = allow(&[String::from("ec2:DescribeImageReferences")], "{}");
    let implied: Vec<String> = super::implied().map(|(action, _)| action).collect();
    for missing in &implied {
        let rest: Vec<String> = implied.iter().filter(|action| *action != missing).cloned().collect();
        let (code, message) = code(&mut bench, &format!("{own},{}", allow(&rest, "{}")));
        assert_eq!(code, "UnauthorizedOperation", "{missing}");
        assert!(message.contains(missing), "{message}");
    }
    assert_eq!(code(&mut bench, &own).0, "UnauthorizedOperation");
    assert_eq!(code(&mut bench, &allow(&implied, "{}")).0, "UnauthorizedOperation");
    // As the managed policy has it, which lets nobody call the services otherwise.
    let via = r#"{"ForAnyValue:StringEquals":{"aws:CalledVia":["ec2-images.amazonaws.com"]}}"#;
    let managed = format!("{own},{}", allow(&implied, via));
    assert_eq!(code(&mut bench, &managed).0, "done");
    let key = bench.role(&managed);
    let direct = bench.call_with(&key, bench.member, "DescribeInstances", &[]);
    assert_eq!(direct.unwrap_err().0, "UnauthorizedOperation");
}

#[test]
fn a_stale_reader_is_not_told_of_the_newest_instance() {
    let mut bench = Bench::new();
    let image = bench.image(NewImage::named("web"));
    bench.world.settings_mut().read_lag = Duration::from_secs(30);
    bench.ok(
        "RunInstances",
        &[("ImageId", &image), ("MinCount", "1"), ("MaxCount", "1")],
    );
    let seen: Vec<usize> = (0..20).map(|_| names(&mut bench, &image, &[ALL]).len()).collect();
    assert_eq!(seen, [0; 20]);
    bench.pass(Duration::from_secs(31));
    assert_eq!(names(&mut bench, &image, &[ALL]).len(), 1);
}

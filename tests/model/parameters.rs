//! The Parameter Store, by the real SDK.

use std::time::Duration;

use aws_sdk_ssm::types::{ParameterStringFilter, ParameterTier, ParameterType, Tag};
use image_plane::{Effect, Fault, Service, Settings};
use serde_json::{Value, json};

use stage::aws::{Aws, HUB, IRELAND, MEMBER, code, message};

const WEB: &str = "/golden/web/stable/x86_64";

async fn put(ssm: &aws_sdk_ssm::Client, name: &str, value: &str) -> i64 {
    let put = ssm
        .put_parameter()
        .name(name)
        .value(value)
        .r#type(ParameterType::String);
    put.overwrite(true).send().await.unwrap().version()
}

async fn put_image(ssm: &aws_sdk_ssm::Client, value: &str) -> i64 {
    let put = ssm.put_parameter().name(WEB).value(value).r#type(ParameterType::String);
    let put = put.data_type("aws:ec2:image").overwrite(true);
    put.send().await.unwrap().version()
}

/// The value a reference has now, or the code of the refusal.
async fn value(ssm: &aws_sdk_ssm::Client, reference: &str) -> String {
    let read = ssm.get_parameter().name(reference).send().await;
    match &read {
        Ok(read) => read.parameter().unwrap().value().unwrap().to_owned(),
        Err(_) => code(&read),
    }
}

fn told(aws: &Aws) -> Vec<Value> {
    let events = aws.plane.with(image_plane::World::take_deliveries);
    events
        .into_iter()
        .map(|mut event| event.body["detail"].take())
        .collect()
}

fn filter(key: &str, option: &str, value: &str) -> ParameterStringFilter {
    let filter = ParameterStringFilter::builder().key(key).option(option).values(value);
    filter.build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_parameter_is_written_read_described_and_deleted() {
    let aws = Aws::calm();
    let ssm = aws.ssm(HUB, IRELAND);
    let tag = Tag::builder().key("family").value("web").build().unwrap();
    let create = ssm.put_parameter().name(WEB).value("one").r#type(ParameterType::String);
    let created = create.description("for launches").tags(tag).send().await.unwrap();
    assert_eq!((created.version(), created.tier()), (1, Some(&ParameterTier::Standard)));
    let read = ssm.get_parameter().name(WEB).send().await.unwrap();
    let read = read.parameter().unwrap();
    assert_eq!(
        (read.value(), read.version(), read.data_type()),
        (Some("one"), 1, Some("text"))
    );
    assert_eq!(
        read.arn(),
        Some("arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web/stable/x86_64")
    );
    assert_eq!(read.last_modified_date().unwrap().secs(), 1_767_600_000);
    let tagged = ssm
        .describe_parameters()
        .parameter_filters(filter("tag:family", "Equals", "web"));
    let tagged = tagged.send().await.unwrap();
    let described = &tagged.parameters()[0];
    assert_eq!(
        (described.name(), described.description()),
        (Some(WEB), Some("for launches"))
    );
    assert_eq!(described.last_modified_user(), Some("arn:aws:iam::111122223333:root"));
    ssm.delete_parameter().name(WEB).send().await.unwrap();
    assert_eq!(value(&ssm, WEB).await, "ParameterNotFound");
    let operations: Vec<Value> = told(&aws)
        .into_iter()
        .map(|mut detail| detail["operation"].take())
        .collect();
    assert_eq!(operations, ["Create", "Delete"]);
}

#[tokio::test(start_paused = true)]
async fn a_parameter_is_the_accounts_and_the_regions_own() {
    let aws = Aws::calm();
    put(&aws.ssm(HUB, IRELAND), WEB, "one").await;
    assert_eq!(value(&aws.ssm(MEMBER, IRELAND), WEB).await, "ParameterNotFound");
    assert_eq!(value(&aws.ssm(HUB, "us-east-1"), WEB).await, "ParameterNotFound");
    let foreign = "arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web/stable/x86_64";
    assert_eq!(value(&aws.ssm(MEMBER, IRELAND), foreign).await, "AccessDeniedException");
}

#[tokio::test(start_paused = true)]
async fn errors_have_the_types_of_the_sdk() {
    let aws = Aws::calm();
    let ssm = aws.ssm(HUB, IRELAND);
    let read = ssm.get_parameter().name(WEB).send().await;
    assert!(read.unwrap_err().into_service_error().is_parameter_not_found());
    put(&ssm, WEB, "one").await;
    let read = ssm.get_parameter().name(format!("{WEB}:2")).send().await;
    assert!(read.unwrap_err().into_service_error().is_parameter_version_not_found());
    let again = ssm.put_parameter().name(WEB).value("two").r#type(ParameterType::String);
    let again = again.send().await.unwrap_err().into_service_error();
    assert!(again.is_parameter_already_exists());
    let list = ssm
        .put_parameter()
        .name(WEB)
        .value("two")
        .r#type(ParameterType::StringList);
    let list = list.overwrite(true).send().await.unwrap_err().into_service_error();
    assert!(list.is_hierarchy_type_mismatch_exception());
    let wrong = ssm
        .describe_parameters()
        .parameter_filters(filter("Label", "Equals", "a"));
    let wrong = wrong.send().await.unwrap_err().into_service_error();
    assert!(wrong.is_invalid_filter_key());
    let tag = Tag::builder().key("family").value("web").build().unwrap();
    let both = ssm.put_parameter().name(WEB).value("two").tags(tag).overwrite(true);
    let both = both.send().await;
    assert_eq!(code(&both), "ValidationException");
    assert!(message(both).contains("tags and overwrite can't be used together"));
}

#[tokio::test(start_paused = true)]
async fn a_few_are_read_at_once_and_those_that_are_not_there_are_named() {
    let aws = Aws::calm();
    let ssm = aws.ssm(HUB, IRELAND);
    put(&ssm, "/b", "1").await;
    put(&ssm, "/a", "1").await;
    put(&ssm, "/a", "2").await;
    let read = ssm
        .get_parameters()
        .names("/c")
        .names("/b")
        .names("/a:1")
        .send()
        .await
        .unwrap();
    let found: Vec<_> = read
        .parameters()
        .iter()
        .map(|one| (one.name(), one.selector(), one.value()))
        .collect();
    assert_eq!(
        found,
        [(Some("/a"), Some(":1"), Some("1")), (Some("/b"), None, Some("1"))]
    );
    assert_eq!(read.invalid_parameters(), ["/c"]);
}

#[tokio::test(start_paused = true)]
async fn an_image_is_published_only_after_it_was_looked_up() {
    let aws = Aws::calm();
    let ssm = aws.ssm(HUB, IRELAND);
    let (first, second) = (aws.image(HUB, IRELAND, "web-1"), aws.image(HUB, IRELAND, "web-2"));
    assert_eq!(put_image(&ssm, &first).await, 1);
    assert_eq!(value(&ssm, WEB).await, "ParameterNotFound");
    aws.pass(Duration::from_secs(11)).await;
    assert_eq!(value(&ssm, WEB).await, first);
    assert_eq!(put_image(&ssm, &second).await, 2);
    assert_eq!(value(&ssm, WEB).await, first);
    aws.pass(Duration::from_secs(11)).await;
    assert_eq!(value(&ssm, WEB).await, second);
    let operations: Vec<Value> = told(&aws)
        .into_iter()
        .map(|mut detail| detail["operation"].take())
        .collect();
    assert_eq!(operations, ["Create", "Update"]);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_answered_may_come_to_nothing_and_only_an_event_tells() {
    let aws = Aws::calm();
    let ssm = aws.ssm(HUB, IRELAND);
    let good = aws.image(HUB, IRELAND, "web");
    let private = aws.image(MEMBER, IRELAND, "private");
    put_image(&ssm, &good).await;
    aws.pass(Duration::from_secs(11)).await;
    told(&aws);
    assert_eq!(put_image(&ssm, &private).await, 2);
    aws.pass(Duration::from_secs(11)).await;
    assert_eq!(value(&ssm, WEB).await, good);
    assert_eq!(
        told(&aws),
        [json!({
            "operation": "Update", "name": WEB, "type": "String", "dataType": "aws:ec2:image",
            "exception": "Unable to Describe Resource",
        })]
    );
}

#[tokio::test(start_paused = true)]
async fn labels_point_at_versions_and_move() {
    let aws = Aws::calm();
    let ssm = aws.ssm(HUB, IRELAND);
    put(&ssm, WEB, "one").await;
    put(&ssm, WEB, "two").await;
    let label = || ssm.label_parameter_version().name(WEB).labels("previous");
    assert_eq!(label().labels("9").send().await.unwrap().invalid_labels(), ["9"]);
    assert_eq!(value(&ssm, &format!("{WEB}:previous")).await, "two");
    assert_eq!(
        label().parameter_version(1).send().await.unwrap().parameter_version(),
        1
    );
    assert_eq!(value(&ssm, &format!("{WEB}:previous")).await, "one");
    let history = ssm.get_parameter_history().name(WEB).send().await.unwrap();
    let rows: Vec<_> = history
        .parameters()
        .iter()
        .map(|row| (row.version(), row.labels().to_vec()))
        .collect();
    assert_eq!(rows, [(1, vec![String::from("previous")]), (2, vec![])]);
    let gone = ssm
        .unlabel_parameter_version()
        .name(WEB)
        .parameter_version(1)
        .labels("previous");
    assert_eq!(gone.send().await.unwrap().removed_labels(), ["previous"]);
    assert_eq!(
        value(&ssm, &format!("{WEB}:previous")).await,
        "ParameterVersionNotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn a_launch_resolves_a_parameter_by_name_version_and_label() {
    let aws = Aws::calm();
    let ssm = aws.ssm(HUB, IRELAND);
    let (first, second) = (aws.image(HUB, IRELAND, "web-1"), aws.image(HUB, IRELAND, "web-2"));
    put(&ssm, WEB, &first).await;
    put(&ssm, WEB, &second).await;
    let label = ssm
        .label_parameter_version()
        .name(WEB)
        .parameter_version(1)
        .labels("previous");
    label.send().await.unwrap();
    for (reference, image) in [("", &second), (":1", &first), (":previous", &first)] {
        let launch = aws
            .hub()
            .run_instances()
            .image_id(format!("resolve:ssm:{WEB}{reference}"));
        let launched = launch.min_count(1).max_count(1).send().await.unwrap();
        assert_eq!(launched.instances()[0].image_id(), Some(image.as_str()));
    }
}

#[tokio::test(start_paused = true)]
async fn pages_of_a_path_come_short_or_empty_and_lead_to_the_end() {
    let settings = Settings {
        sparse_pages: true,
        ..Settings::calm()
    };
    let aws = Aws::new(3, settings);
    let ssm = aws.ssm(HUB, IRELAND);
    for n in 0..25 {
        put(&ssm, &format!("/golden/deep/{n:02}"), "1").await;
    }
    put(&ssm, "/golden/web", "1").await;
    let mut pages = ssm.get_parameters_by_path().path("/golden").into_paginator().send();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().parameters().len());
    }
    assert_eq!(sizes, [0, 0, 1]);
    let mut pages = ssm.describe_parameters().max_results(20).into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        names.extend(page.parameters().iter().map(|one| one.name().unwrap().to_owned()));
    }
    assert_eq!((names.len(), names.is_sorted()), (26, true));
    let stale = ssm
        .get_parameters_by_path()
        .path("/golden")
        .next_token("stale")
        .send()
        .await;
    assert!(stale.unwrap_err().into_service_error().is_invalid_next_token());
}

#[tokio::test(start_paused = true)]
async fn public_parameters_are_everybodys() {
    let aws = Aws::calm();
    aws.plane
        .with(|world| world.publish_vendor_images(IRELAND.parse().unwrap()));
    let ssm = aws.ssm(MEMBER, IRELAND);
    let path = "/aws/service/ami-amazon-linux-latest";
    let below = ssm.get_parameters_by_path().path(path).send().await.unwrap();
    assert_eq!(below.parameters().len(), 2);
    let name = format!("{path}/al2023-ami-kernel-default-x86_64");
    assert!(value(&ssm, &name).await.starts_with("ami-"));
    let own = ssm
        .get_parameters_by_path()
        .path("/")
        .recursive(true)
        .send()
        .await
        .unwrap();
    assert_eq!(own.parameters(), []);
}

#[tokio::test(start_paused = true)]
async fn three_writes_a_second_are_taken_and_the_sdk_tries_the_others_again() {
    let settings = Settings {
        throttling: true,
        ..Settings::calm()
    };
    let aws = Aws::new(9, settings);
    let ssm = aws.ssm(HUB, IRELAND);
    for n in 0..6 {
        let put = ssm.put_parameter().name(WEB).value("x").r#type(ParameterType::String);
        let put = code(&put.overwrite(true).send().await);
        assert!(put == "done" || (n >= 3 && put == "ThrottlingException"), "{n}: {put}");
    }
    let counts = aws.plane.with(|world| world.ledger().of("PutParameter"));
    assert!(counts.throttled > 0, "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_got_lost_leaves_a_version_too_many() {
    let aws = Aws::calm();
    let ssm = aws.ssm(HUB, IRELAND);
    let lost = Fault::new(Effect::ServerErrorAfterApply(500))
        .service(Service::Ssm)
        .on("PutParameter");
    aws.plane.with(|world| world.inject(lost));
    assert_eq!(put(&ssm, WEB, "one").await, 2);
}

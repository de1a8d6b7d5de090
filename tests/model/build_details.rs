//! What can be read of a build beside its image, under the real SDK: packages, findings, the runs of its workflows.

use aws_sdk_imagebuilder::types::{
    Filter, ImageScanFindingsFilter, ImageScanStatus, WorkflowExecutionStatus, WorkflowStepExecutionStatus,
    WorkflowType,
};
use image_plane::{BuildStage, FailureCause, Settings, Severity, Vulnerability};

use stage::aws::{HUB, IRELAND, VIRGINIA, code, describe, hours};
use stage::shop::{AL2023, Shop, amis, distribution, shop};

async fn calm() -> Shop {
    shop(Settings::calm(), vec![distribution(IRELAND)]).await
}

/// A shop whose images are scanned.
async fn scanning() -> Shop {
    let shop = calm().await;
    shop.scan(&shop.pipeline).await;
    shop
}

/// The marks of an image, each with the image it was first put on.
async fn watermarks(ec2: &aws_sdk_ec2::Client, id: &str) -> Vec<(String, String)> {
    let image = describe(ec2, id).await;
    let marks = image.image_watermarks().iter();
    marks
        .map(|mark| {
            assert!(mark.source_image_creation_time().is_some() && mark.watermark_creation_time().is_some());
            let text = |text: Option<&str>| text.unwrap().to_owned();
            (text(mark.watermark_key()), text(mark.source_image_id()))
        })
        .collect()
}

async fn packages(shop: &Shop, build: &str) -> Vec<(String, String)> {
    let pages = shop.ib.list_image_packages().image_build_version_arn(build);
    let pages = pages.into_paginator().page_size(2).items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    all.into_iter()
        .map(|package| (package.package_name.unwrap(), package.package_version.unwrap()))
        .collect()
}

async fn runs(shop: &Shop, build: &str) -> Vec<aws_sdk_imagebuilder::types::WorkflowExecutionMetadata> {
    let runs = shop.ib.list_workflow_executions().image_build_version_arn(build);
    runs.send().await.unwrap().workflow_executions.unwrap()
}

#[tokio::test(start_paused = true)]
async fn two_builds_differ_in_their_packages_as_they_were_given_or_as_time_passed() {
    let shop = calm().await;
    let first = shop.built().await;
    shop.aws.pass(hours(24)).await;
    let second = shop.built().await;
    let (before, after) = (packages(&shop, &first).await, packages(&shop, &second).await);
    assert_ne!(before, after);
    assert!(before.iter().any(|package| after.contains(package)));
    let nginx = vec![("nginx".to_owned(), "1.28.0".to_owned())];
    shop.aws
        .plane
        .with(|world| world.set_packages(&shop.pipeline, nginx.clone()));
    let third = shop.built().await;
    assert_eq!(packages(&shop, &third).await, nginx);
    let none = shop
        .ib
        .list_image_packages()
        .image_build_version_arn(format!("{first}99"));
    assert_eq!(code(&none.send().await), "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn what_a_scan_found_is_listed_and_counted_once_it_is_over() {
    let shop = scanning().await;
    let found = vec![
        Vulnerability::new("CVE-2026-1", Severity::Critical, "openssl"),
        Vulnerability::new("CVE-2026-2", Severity::Low, "bash"),
    ];
    shop.aws
        .plane
        .with(|world| world.set_vulnerabilities(&shop.pipeline, found));
    let state = |image: &aws_sdk_imagebuilder::types::Image| image.scan_state().unwrap().status().cloned();
    let listed = || async {
        let pages = shop.ib.list_image_scan_findings().into_paginator().page_size(1).items();
        pages.send().collect::<Result<Vec<_>, _>>().await.unwrap()
    };
    let build = shop.build().await;
    assert_eq!(state(&shop.image(&build).await), Some(ImageScanStatus::Pending));
    assert_eq!(listed().await.len(), 0);
    shop.aws.pass(hours(2)).await;
    assert_eq!(state(&shop.image(&build).await), Some(ImageScanStatus::Completed));
    let findings = listed().await;
    assert_eq!(findings.len(), 2);
    let finding = &findings[0];
    let details = finding.package_vulnerability_details().unwrap();
    assert_eq!(
        (details.vulnerability_id(), finding.severity(), finding.fix_available()),
        ("CVE-2026-1", Some("CRITICAL"), Some("YES"))
    );
    assert_eq!(details.vulnerable_packages()[0].fixed_in_version(), Some("1.0.1"));
    assert_eq!(finding.image_build_version_arn(), Some(build.as_str()));
    assert!(finding.first_observed_at().is_some());

    let low = ImageScanFindingsFilter::builder()
        .name("severity")
        .values("LOW")
        .build();
    let low = shop.ib.list_image_scan_findings().filters(low).send().await.unwrap();
    assert_eq!(low.findings().len(), 1);
    let filter = Filter::builder().name("imagePipelineArn").values(&shop.pipeline);
    let counts = shop.ib.list_image_scan_finding_aggregations().filter(filter.build());
    let counts = counts.send().await.unwrap();
    assert_eq!(counts.aggregation_type(), Some("imagePipelineArn"));
    let counts = counts.responses()[0].image_pipeline_aggregation().unwrap();
    let counts = counts.severity_counts().unwrap();
    assert_eq!(
        (counts.all(), counts.critical(), counts.high(), counts.medium()),
        (Some(2), Some(1), Some(0), Some(0))
    );
}

#[tokio::test(start_paused = true)]
async fn a_finished_build_has_run_a_build_and_a_test() {
    let shop = calm().await;
    let build = shop.built().await;
    let runs = runs(&shop, &build).await;
    let kinds: Vec<_> = runs.iter().map(|run| (run.r#type(), run.status())).collect();
    let completed = Some(&WorkflowExecutionStatus::Completed);
    assert_eq!(
        kinds,
        [
            (Some(&WorkflowType::Build), completed),
            (Some(&WorkflowType::Test), completed)
        ]
    );
    let first = &runs[0];
    let sum = first.total_steps_succeeded() + first.total_steps_failed() + first.total_steps_skipped();
    assert_eq!((first.total_step_count(), sum), (7, 7));
    assert!(first.start_time().unwrap() < first.end_time().unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_test_that_fails_names_its_step_under_the_id_the_image_tells() {
    let shop = calm().await;
    let cause = FailureCause::Component {
        component_arn: None,
        phase: "test".to_owned(),
        step: "ask".to_owned(),
        action: "ExecuteBash".to_owned(),
        message: "exit status 1".to_owned(),
    };
    shop.fail_next(BuildStage::Testing, cause);
    let build = shop.build().await;
    shop.aws.pass(hours(2)).await;
    let image = shop.image(&build).await;
    let context = image.state().unwrap().failure_context().unwrap();
    let runs = runs(&shop, &build).await;
    let failed = runs.last().unwrap();
    assert_eq!(failed.r#type(), Some(&WorkflowType::Test));
    assert_eq!(failed.status(), Some(&WorkflowExecutionStatus::Failed));
    assert_eq!(failed.workflow_execution_id(), context.workflow_execution_id());
    let steps = shop.ib.list_workflow_step_executions();
    let steps = steps.workflow_execution_id(failed.workflow_execution_id().unwrap());
    let steps = steps.into_paginator().page_size(2).items().send();
    let steps = steps.collect::<Result<Vec<_>, _>>().await.unwrap();
    let step = steps.last().unwrap();
    assert_eq!(step.status(), Some(&WorkflowStepExecutionStatus::Failed));
    assert_eq!(
        (step.name(), step.step_execution_id()),
        (context.failed_step(), context.step_execution_id())
    );
}

#[tokio::test(start_paused = true)]
async fn the_watermarks_of_a_recipe_are_on_its_amis_and_on_their_copies_and_find_them() {
    let shop = calm().await;
    let recipe = shop.ib.create_image_recipe().name("marked").semantic_version("1.0.0");
    let recipe = recipe.parent_image(AL2023).ami_watermarks("golden");
    let recipe = recipe.send().await.unwrap().image_recipe_arn.unwrap();
    let beside = |kind: &str| shop.pipeline.replace(":image-pipeline/", kind);
    let pipeline = shop.ib.create_image_pipeline().name("marked").image_recipe_arn(recipe);
    let pipeline = pipeline
        .infrastructure_configuration_arn(beside(":infrastructure-configuration/"))
        .distribution_configuration_arn(beside(":distribution-configuration/"));
    let pipeline = pipeline.send().await.unwrap().image_pipeline_arn.unwrap();
    let build = shop.built_by(&pipeline).await;
    let made = amis(&shop.image(&build).await)[0].1.clone();
    let mark = ("111122223333:golden".to_owned(), made.clone());
    assert_eq!(watermarks(&shop.aws.hub(), &made).await, std::slice::from_ref(&mark));

    let virginia = shop.aws.ec2(HUB, VIRGINIA);
    let copy = virginia
        .copy_image()
        .name("copy")
        .source_image_id(&made)
        .source_region(IRELAND);
    let copy = copy.send().await.unwrap().image_id.unwrap();
    shop.aws.pass(hours(2)).await;
    assert_eq!(watermarks(&virginia, &copy).await, [mark]);
    let by_mark = aws_sdk_ec2::types::Filter::builder()
        .name("image-watermark.source-image-id")
        .values(&made);
    let found = virginia.describe_images().owners("self").filters(by_mark.build());
    let found = found.send().await.unwrap();
    let ids: Vec<_> = found.images().iter().map(|image| image.image_id().unwrap()).collect();
    assert_eq!(ids, [copy.as_str()]);
}

use std::time::Duration;

use serde_json::{Value, json};

use super::super::super::failure::{BuildFailure, BuildStage, FailureCause};
use super::super::super::finding::{Findings, Severity, Vulnerability, VulnerablePackage};
use super::super::super::testing::Bench;

/// A pipeline whose images are scanned.
fn scanning(bench: &mut Bench, name: &str) -> String {
    bench.family(name);
    let mut request = bench.pipeline_request(name);
    request["imageScanningConfiguration"] = json!({ "imageScanningEnabled": true });
    let arn = bench.ok("CreateImagePipeline", request)["imagePipelineArn"].clone();
    arn.as_str().unwrap().to_owned()
}

fn built(bench: &mut Bench, pipeline: &str) -> String {
    let build = bench.start(pipeline);
    bench.pass(Duration::from_hours(2));
    build
}

fn ids(answer: &Value) -> Vec<String> {
    let findings = answer["findings"].as_array().unwrap().iter();
    let id = |finding: &Value| finding["packageVulnerabilityDetails"]["vulnerabilityId"].clone();
    findings
        .map(|finding| id(finding).as_str().unwrap().to_owned())
        .collect()
}

fn by(name: &str, value: &str) -> Value {
    json!({ "filters": [{ "name": name, "values": [value] }] })
}

fn aggregated(bench: &mut Bench, name: &str, values: &[&str]) -> Value {
    let filter = json!({ "filter": { "name": name, "values": values } });
    bench.post("ListImageScanFindingAggregations", filter)
}

fn three() -> Vec<Vulnerability> {
    vec![
        Vulnerability::new("CVE-2026-1", Severity::Critical, "openssl"),
        Vulnerability::new("CVE-2026-2", Severity::Medium, "curl"),
        Vulnerability::new("CVE-2026-3", Severity::Low, "bash"),
    ]
}

#[test]
fn a_finding_says_what_was_found_where_and_whether_it_can_be_mended() {
    let mut bench = Bench::new();
    let pipeline = scanning(&mut bench, "web");
    let mut found = Vulnerability::new("CVE-2026-1", Severity::Critical, "openssl");
    found.packages.push(VulnerablePackage {
        name: "openssl-libs".into(),
        version: "3.2.1".into(),
        fixed_in: None,
    });
    bench.world.set_vulnerabilities(&pipeline, vec![found]);
    let build = built(&mut bench, &pipeline);
    let answer = bench.post("ListImageScanFindings", json!({}));
    let [finding] = answer["findings"].as_array().unwrap().as_slice() else {
        panic!("{answer}")
    };
    assert_eq!(
        (&finding["imageBuildVersionArn"], &finding["imagePipelineArn"]),
        (&json!(build), &json!(pipeline))
    );
    assert_eq!(
        (&finding["severity"], &finding["fixAvailable"], &finding["title"]),
        (
            &json!("CRITICAL"),
            &json!("PARTIAL"),
            &json!("CVE-2026-1 - openssl, openssl-libs")
        )
    );
    assert_eq!(finding["type"], "PACKAGE_VULNERABILITY");
    assert_eq!(finding["awsAccountId"], "111122223333");
    assert!(finding["firstObservedAt"].is_i64(), "{finding}");
    let packages = json!([
        { "name": "openssl", "version": "1.0.0", "packageManager": "OS", "fixedInVersion": "1.0.1" },
        { "name": "openssl-libs", "version": "3.2.1", "packageManager": "OS" },
    ]);
    assert_eq!(finding["packageVulnerabilityDetails"]["vulnerablePackages"], packages);
}

#[test]
fn findings_are_there_when_the_scan_is_over_and_not_before() {
    let mut bench = Bench::new();
    let pipeline = scanning(&mut bench, "web");
    bench.world.set_vulnerabilities(&pipeline, three());
    let build = bench.start(&pipeline);
    let mut seen: Vec<(String, usize)> = Vec::new();
    for _ in 0..120 {
        bench.pass(Duration::from_secs(15));
        let state = bench.image(&build)["scanState"]["status"].as_str().unwrap().to_owned();
        let count = ids(&bench.post("ListImageScanFindings", json!({}))).len();
        if seen.last() != Some(&(state.clone(), count)) {
            seen.push((state, count));
        }
    }
    let walk = [("PENDING", 0), ("SCANNING", 0), ("COLLECTING", 0), ("COMPLETED", 3)];
    assert_eq!(seen, walk.map(|(state, count)| (state.to_owned(), count)));
}

#[test]
fn a_scan_that_is_held_up_is_under_way_until_then() {
    let mut bench = Bench::new();
    let pipeline = scanning(&mut bench, "web");
    bench.world.set_vulnerabilities(&pipeline, three());
    let build = built(&mut bench, &pipeline);
    let until = bench.world.now() + Duration::from_hours(30);
    assert!(bench.world.hold_up_scan(bench.hub, &build, until));
    for (hours, state, count) in [(29, "COLLECTING", 0), (1, "COMPLETED", 3)] {
        bench.pass(Duration::from_hours(hours));
        assert_eq!(bench.image(&build)["scanState"]["status"], state);
        assert_eq!(ids(&bench.post("ListImageScanFindings", json!({}))).len(), count);
    }
    let unscanned = bench.pipeline("tools");
    let unscanned = built(&mut bench, &unscanned);
    assert!(!bench.world.hold_up_scan(bench.hub, &unscanned, until));
}

#[test]
fn a_build_that_fails_its_tests_leaves_its_scan_and_one_that_fails_later_has_it() {
    let mut bench = Bench::new();
    let pipeline = scanning(&mut bench, "web");
    bench.world.set_vulnerabilities(&pipeline, three());
    for (stage, state, count) in [
        (BuildStage::Testing, "ABANDONED", 0),
        (BuildStage::Integrating, "COMPLETED", 3),
    ] {
        let cause = FailureCause::Other("no".into());
        bench.world.fail_builds(&pipeline, 1, &BuildFailure { stage, cause });
        let build = built(&mut bench, &pipeline);
        assert_eq!(bench.image(&build)["scanState"]["status"], state);
        let findings = bench.post("ListImageScanFindings", by("imageBuildVersionArn", &build));
        assert_eq!(ids(&findings).len(), count, "{state}");
    }
}

#[test]
fn an_image_that_is_not_scanned_has_neither_state_nor_findings() {
    let mut bench = Bench::new();
    let pipeline = bench.pipeline("web");
    bench.world.set_vulnerabilities(&pipeline, three());
    let build = built(&mut bench, &pipeline);
    assert_eq!(bench.image(&build).get("scanState"), None);
    assert_eq!(bench.post("ListImageScanFindings", json!({}))["findings"], json!([]));
    let none = aggregated(&mut bench, "imageBuildVersionArn", &[&build]);
    assert_eq!(none["responses"], json!([]));
}

#[test]
fn one_filter_with_one_value_selects_findings() {
    let mut bench = Bench::new();
    let (web, api) = (scanning(&mut bench, "web"), scanning(&mut bench, "api"));
    bench.world.set_vulnerabilities(&web, three());
    let first = built(&mut bench, &web);
    bench.world.set_vulnerabilities(&api, three()[1..].to_vec());
    built(&mut bench, &api);
    for (name, value, count) in [
        ("imageBuildVersionArn", first.as_str(), 3),
        ("imagePipelineArn", api.as_str(), 2),
        ("vulnerabilityId", "CVE-2026-3", 2),
        ("severity", "CRITICAL", 1),
        ("severity", "critical", 0),
        (
            "imagePipelineArn",
            "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/none",
            0,
        ),
    ] {
        let answer = bench.post("ListImageScanFindings", by(name, value));
        assert_eq!(ids(&answer).len(), count, "{name} {value}");
    }
    let one = json!({ "name": "severity", "values": ["HIGH"] });
    for filters in [
        json!([one, one]),
        json!([{ "name": "severity", "values": ["HIGH", "LOW"] }]),
        json!([{ "name": "title", "values": ["x"] }]),
    ] {
        let refusal = bench.refused_post("ListImageScanFindings", json!({ "filters": filters }));
        assert_eq!(refusal.1, "InvalidParameterValueException");
    }
}

#[test]
fn findings_come_in_pages_that_a_new_build_does_not_shift() {
    let mut bench = Bench::new();
    let (web, api) = (scanning(&mut bench, "web"), scanning(&mut bench, "api"));
    bench.world.set_vulnerabilities(&web, three());
    built(&mut bench, &web);
    let first = bench.post("ListImageScanFindings", json!({ "maxResults": 2 }));
    assert_eq!(ids(&first), ["CVE-2026-1", "CVE-2026-2"]);
    bench.world.set_vulnerabilities(&api, three());
    let build = bench.start(&api);
    bench.pass(Duration::from_mins(40));
    assert_eq!(bench.image(&build)["scanState"]["status"], "COMPLETED");
    let rest = json!({ "maxResults": 2, "nextToken": first["nextToken"] });
    let rest = bench.post("ListImageScanFindings", rest);
    assert_eq!(
        (ids(&rest), rest.get("nextToken")),
        (vec!["CVE-2026-3".to_owned()], None)
    );
}

#[test]
fn what_is_found_one_by_one_is_counted_in_the_event_and_in_every_aggregation() {
    let mut bench = Bench::new();
    let pipeline = scanning(&mut bench, "web");
    bench.world.set_vulnerabilities(&pipeline, three());
    let build = built(&mut bench, &pipeline);
    let counts = json!({ "all": 3, "critical": 1, "high": 0, "medium": 1 });
    let events = bench.events("EC2 Image Builder CVE Detected");
    assert_eq!(events[0]["detail"]["finding-severity-counts"], counts);
    let image = aggregated(&mut bench, "imageBuildVersionArn", &[&build]);
    assert_eq!(image["aggregationType"], "imageBuildVersionArn");
    let entry = json!({ "imageAggregation": { "imageBuildVersionArn": build, "severityCounts": counts } });
    assert_eq!(image["responses"], json!([entry]));
    let vulnerability = aggregated(&mut bench, "vulnerabilityId", &["CVE-2026-2", "CVE-2026-9"]);
    let one = json!({ "all": 1, "critical": 0, "high": 0, "medium": 1 });
    let entry = json!({ "vulnerabilityIdAggregation": { "vulnerabilityId": "CVE-2026-2", "severityCounts": one } });
    assert_eq!(vulnerability["responses"], json!([entry]));
    let account = bench.post("ListImageScanFindingAggregations", json!({}));
    assert_eq!(account["aggregationType"], "accountId");
    let entry = json!({ "accountAggregation": { "accountId": "111122223333", "severityCounts": counts } });
    assert_eq!(account["responses"], json!([entry]));
}

#[test]
fn an_aggregation_of_a_pipeline_sums_its_images_and_finds_what_counts_alone_were_given_for() {
    let mut bench = Bench::new();
    let pipeline = scanning(&mut bench, "web");
    let findings = Findings {
        all: 9,
        critical: 1,
        high: 2,
        medium: 3,
    };
    built(&mut bench, &pipeline);
    bench.world.set_findings(&pipeline, findings);
    built(&mut bench, &pipeline);
    built(&mut bench, &pipeline);
    let answer = aggregated(&mut bench, "imagePipelineArn", &[&pipeline]);
    let sum = json!({ "all": 18, "critical": 2, "high": 4, "medium": 6 });
    let entry = json!({ "imagePipelineAggregation": { "imagePipelineArn": pipeline, "severityCounts": sum } });
    assert_eq!(answer["responses"], json!([entry]));
    let high = bench.post("ListImageScanFindings", by("severity", "HIGH"));
    assert_eq!(
        ids(&high),
        ["CVE-2026-20000", "CVE-2026-20001", "CVE-2026-20000", "CVE-2026-20001"]
    );
}

#[test]
fn an_aggregation_takes_three_filters_and_says_which_members_it_does_not_know() {
    let mut bench = Bench::new();
    for filter in [
        json!({ "name": "accountId", "values": ["111122223333"] }),
        json!({ "name": "severity", "values": ["HIGH"] }),
        json!({ "name": "vulnerabilityId", "values": [] }),
    ] {
        let refusal = bench.refused_post("ListImageScanFindingAggregations", json!({ "filter": filter }));
        assert_eq!(refusal.1, "InvalidParameterValueException");
    }
    let answer = bench.send("POST", "/ListImageScanFindingAggregations", r#"{"maxResults":5}"#);
    assert_eq!(answer.status, 501);
    assert!(answer.body["message"].as_str().unwrap().contains("maxResults"));
}

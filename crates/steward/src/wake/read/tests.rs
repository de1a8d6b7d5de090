use proptest::prelude::*;
use serde_json::json;

use super::*;

fn build_event() -> Value {
    json!({
        "version": "0", "id": "8290184d-af55-4eb1-b781-b4a074d6fcc6",
        "detail-type": "EC2 Image Builder Image State Change", "source": "aws.imagebuilder",
        "account": "111122223333", "time": "2026-01-18T17:50:56Z", "region": "eu-west-1",
        "resources": ["arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/7"],
        "detail": { "previous-state": { "status": "TESTING" }, "state": { "status": "AVAILABLE" } },
    })
}

fn ami_event() -> Value {
    json!({
        "version": "0", "id": "8290184d-af55-4eb1-b781-b4a074d6fcc6",
        "detail-type": "EC2 AMI State Change", "source": "aws.ec2",
        "account": "222233334444", "time": "2026-01-18T17:50:56Z", "region": "us-east-1",
        "resources": ["arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0"],
        "detail": { "RequestId": "", "ImageId": "ami-0123456789abcdef0", "State": "available", "ErrorMessage": "" },
    })
}

fn with(mut event: Value, pointer: &str, value: Value) -> Value {
    *event.pointer_mut(pointer).unwrap() = value;
    event
}

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:images";

fn read(event: &Value) -> Result<Wake, WakeError> {
    Wake::read(event, TOPIC)
}

fn sample(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");
    serde_json::from_str(&std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap()).unwrap()
}

fn refused(event: &Value) -> String {
    read(event).unwrap_err().to_string()
}

#[test]
fn a_build_event_says_which_build_to_look_at() {
    let Wake::Build { build, heard } = read(&build_event()).unwrap() else {
        panic!("a build")
    };
    assert_eq!(
        build.to_string(),
        "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/7"
    );
    assert_eq!(
        (heard.says.as_str(), heard.at.to_string().as_str()),
        ("AVAILABLE", "2026-01-18T17:50:56.000Z")
    );
}

#[test]
fn an_ami_event_says_where_to_look_at_which_image() {
    let Wake::Ami { target, ami, heard } = read(&ami_event()).unwrap() else {
        panic!("an image")
    };
    assert_eq!(target.to_string(), "222233334444/us-east-1");
    assert_eq!(ami.to_string(), "ami-0123456789abcdef0");
    assert_eq!(heard.says.as_str(), "available");
}

#[test]
fn a_message_of_our_topic_says_which_build_to_look_at() {
    let Wake::Build { build, heard } = read(&sample("sns-build-available")).unwrap() else {
        panic!("a build")
    };
    assert_eq!(
        build.to_string(),
        "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/1"
    );
    assert_eq!(
        (heard.says.as_str(), heard.at.to_string().as_str()),
        ("AVAILABLE", "2026-01-05T08:18:15.000Z")
    );
    let failed = read(&sample("sns-build-failed")).unwrap();
    assert!(matches!(failed, Wake::Build { heard, .. } if heard.says.as_str() == "FAILED"));
}

#[test]
fn a_message_of_another_topic_or_of_a_strangers_build_is_refused() {
    let event = sample("sns-build-available");
    let other = json!("arn:aws:sns:eu-west-1:111122223333:others");
    assert_eq!(
        refused(&with(event.clone(), "/Records/0/Sns/TopicArn", other)),
        "the message is of the topic \"arn:aws:sns:eu-west-1:111122223333:others\", which is not ours"
    );
    let forged =
        r#"{"arn":"arn:aws:imagebuilder:eu-west-1:999988887777:image/web/1.4.2/1","state":{"status":"AVAILABLE"}}"#;
    assert_eq!(
        refused(&with(event.clone(), "/Records/0/Sns/Message", json!(forged))),
        "the event is of account 111122223333, but what it is about belongs to 999988887777"
    );
    let words = json!("ALARM: \"something\" in EU (Ireland)");
    assert_eq!(
        refused(&with(event.clone(), "/Records/0/Sns/Message", words)),
        "Records[0].Sns.Message is not JSON of Image Builder's"
    );
    let two = json!([event["Records"][0], event["Records"][0]]);
    assert_eq!(
        refused(&with(event, "/Records", two)),
        "the event is not one of ours: it has 2 records, must be one message"
    );
}

#[test]
fn a_copied_snapshot_says_where_to_look_for_images_of_it() {
    for name in ["ebs-copysnapshot-succeeded", "ebs-copysnapshot-failed"] {
        let Wake::Snapshot {
            target,
            snapshot,
            heard,
        } = read(&sample(name)).unwrap()
        else {
            panic!("a snapshot")
        };
        assert_eq!(target.to_string(), "111122223333/us-east-1", "{name}");
        assert!(snapshot.to_string().starts_with("snap-"));
        assert_eq!(heard.says.as_str(), "copySnapshot");
    }
    assert_eq!(
        refused(&sample("ebs-createsnapshot-succeeded")),
        "no function is woken by \"createSnapshot\" of \"aws.ec2\""
    );
    let event = with(sample("ebs-copysnapshot-succeeded"), "/region", json!("eu-west-1"));
    assert_eq!(refused(&event), "resources[0] is no snapshot of eu-west-1");
}

#[test]
fn word_of_what_pipelines_build_by_says_where_to_look_and_no_other_call_does() {
    let Wake::Inputs { target, heard } = read(&sample("imagebuilder-component-created")).unwrap() else {
        panic!("inputs")
    };
    assert_eq!(
        (target.to_string().as_str(), heard.says.as_str()),
        ("111122223333/eu-west-1", "CreateComponent")
    );
    assert_eq!(
        refused(&sample("imagebuilder-api-call")),
        "no function is woken by \"StartImagePipelineExecution\" of \"aws.imagebuilder\""
    );
    let forged = with(
        sample("imagebuilder-component-created"),
        "/account",
        json!("222233334444"),
    );
    assert_eq!(
        refused(&forged),
        "the event is of account 222233334444, but what it is about belongs to 111122223333"
    );
}

#[test]
fn a_message_of_a_vendors_topic_is_word_of_a_base_and_of_no_other_topic_is() {
    let message = sample("sns-vendor-base");
    let Wake::Vendor { heard } = Wake::read_vendor(&message, &crate::VENDOR_TOPICS).unwrap() else {
        panic!("a vendor")
    };
    assert_eq!(heard.says.as_str(), crate::VENDOR_TOPICS[0]);
    for other in [
        with(message, "/Records/0/Sns/TopicArn", json!(TOPIC)),
        sample("sns-build-failed"),
    ] {
        assert_eq!(
            Wake::read_vendor(&other, &crate::VENDOR_TOPICS)
                .unwrap_err()
                .to_string(),
            format!("the message is of the topic \"{TOPIC}\", which is not ours")
        );
    }
}

#[test]
fn word_of_an_account_that_came_moved_or_went_says_to_look_at_the_organization() {
    for (name, says) in [
        ("closed", "CloseAccountResult"),
        ("created", "CreateAccountResult"),
        ("departed", "AccountDepartedOrganization"),
        ("joined", "AccountJoinedOrganization"),
        ("moved", "MoveAccount"),
    ] {
        let Wake::Organization { account, heard } = read(&sample(&format!("organizations-account-{name}"))).unwrap()
        else {
            panic!("an organization")
        };
        assert_eq!(
            (account.to_string().as_str(), heard.says.as_str()),
            ("999900001111", says)
        );
    }
    let moved = sample("organizations-account-moved");
    for (pointer, value, message) in [
        (
            "/account",
            json!("222233334444"),
            "the event is of account 222233334444, but what it is about belongs to 999900001111",
        ),
        (
            "/region",
            json!("eu-west-1"),
            "the event is of eu-west-1, but what it is about is in us-east-1",
        ),
        (
            "/detail/recipientAccountId",
            json!(7),
            "detail.recipientAccountId is not a string",
        ),
        ("/detail/awsRegion", Value::Null, "detail.awsRegion is not a string"),
        // What the service does is no call, and the other way round.
        (
            "/detail-type",
            json!("AWS Service Event via CloudTrail"),
            "no function is woken by \"MoveAccount\" of \"aws.organizations\"",
        ),
        (
            "/detail/eventName",
            json!("CloseAccountResult"),
            "no function is woken by \"CloseAccountResult\" of \"aws.organizations\"",
        ),
    ] {
        assert_eq!(refused(&with(moved.clone(), pointer, value)), message);
    }
    assert_eq!(
        refused(&sample("organizations-unit-created")),
        "no function is woken by \"CreateOrganizationalUnit\" of \"aws.organizations\""
    );
}

#[test]
fn the_schedules_input_is_a_sweep_whatever_else_it_carries() {
    let input = json!({ "wake": "sweep", "scheduled": "2026-01-18T17:50:00Z", "execution": "1" });
    assert_eq!(read(&input), Ok(Wake::Sweep));
    assert_eq!(
        refused(&json!({ "wake": "up" })),
        "the event is not one of ours: its wake is \"up\", must be \"sweep\""
    );
}

#[test]
fn an_event_that_contradicts_itself_is_refused() {
    assert_eq!(
        refused(&with(build_event(), "/account", json!("999999999999"))),
        "the event is of account 999999999999, but what it is about belongs to 111122223333"
    );
    assert_eq!(
        refused(&with(build_event(), "/region", json!("us-east-1"))),
        "the event is of us-east-1, but what it is about is in eu-west-1"
    );
    let amazon = json!(["arn:aws:imagebuilder:eu-west-1:aws:image/web/1.4.2/7"]);
    assert_eq!(
        refused(&with(build_event(), "/resources", amazon)),
        "the event is of account 111122223333, but what it is about belongs to aws"
    );
    for (pointer, value) in [
        ("/detail/ImageId", json!("ami-0aaaaaaaaaaaaaaa0")),
        ("/region", json!("eu-west-1")),
        (
            "/resources",
            json!(["arn:aws-cn:ec2:us-east-1::image/ami-0123456789abcdef0"]),
        ),
        (
            "/resources",
            json!(["arn:aws:ec2:us-east-1:222233334444:image/ami-0123456789abcdef0"]),
        ),
    ] {
        let error = read(&with(ami_event(), pointer, value)).unwrap_err();
        assert!(matches!(error, WakeError::OtherImage { .. }), "{pointer}: {error}");
    }
}

#[test]
fn a_member_that_is_missing_or_malformed_is_named_by_its_path() {
    for (event, pointer, value, message) in [
        (
            build_event(),
            "/account",
            json!(111_122_223_333_u64),
            "account is not a string",
        ),
        (build_event(), "/resources", json!([]), "resources[0] is missing"),
        (
            build_event(),
            "/detail/state",
            json!({}),
            "detail.state.status is missing",
        ),
        (
            build_event(),
            "/time",
            json!("yesterday"),
            "time \"yesterday\" is no time, must be as in 2026-01-18T17:50:56Z",
        ),
        (
            ami_event(),
            "/detail/ImageId",
            Value::Null,
            "detail.ImageId is not a string",
        ),
    ] {
        assert_eq!(refused(&with(event, pointer, value)), message);
    }
    for event in [json!(null), json!([]), json!("sweep")] {
        assert_eq!(refused(&event), "the event is not one of ours: it is not a JSON object");
    }
}

#[test]
fn an_event_no_rule_of_ours_sends_is_refused_by_its_name() {
    let other = with(
        build_event(),
        "/detail-type",
        json!("EC2 Image Builder Lifecycle Policy"),
    );
    assert_eq!(
        refused(&other),
        "no function is woken by \"EC2 Image Builder Lifecycle Policy\" of \"aws.imagebuilder\""
    );
}

#[test]
fn what_a_forger_writes_into_a_state_or_an_id_is_kept_short() {
    let event = with(build_event(), "/detail/state/status", json!("A".repeat(100_000)));
    let event = with(event, "/id", json!("B".repeat(100_000)));
    let Ok(Wake::Build { heard, .. }) = read(&event) else {
        panic!("a build")
    };
    assert_eq!(
        (heard.says.as_str().len(), heard.event.len()),
        (LONGEST_STATE, LONGEST_ID)
    );
}

fn builder_event(kind: &str, resources: &Value, detail: &Value) -> Value {
    let event = with(
        build_event(),
        "/detail-type",
        json!(format!("EC2 Image Builder {kind}")),
    );
    with(with(event, "/resources", resources.clone()), "/detail", detail.clone())
}

const BUILD: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/7";

#[test]
fn a_scan_says_which_build_to_look_at_and_its_counts_are_left_where_they_are() {
    let Wake::Scan { build, heard } = read(&sample("imagebuilder-cve-detected")).unwrap() else {
        panic!("a scan")
    };
    assert_eq!(
        build.to_string(),
        "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/1"
    );
    assert_eq!(heard.says.as_str(), "a scan of it has ended");
}

#[test]
fn a_step_that_waits_says_which_build_waits_for_somebody_and_where() {
    let Wake::Build { build, heard } = read(&sample("imagebuilder-step-waiting")).unwrap() else {
        panic!("a build")
    };
    assert_eq!(
        build.to_string(),
        "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/1"
    );
    assert_eq!(
        heard.says.as_str(),
        "waits for somebody in the step approve-by-hand of ask-first"
    );
}

#[test]
fn a_disabled_pipeline_says_which_and_its_count_is_left_where_it_is() {
    let Wake::Pipeline { pipeline, heard } = read(&sample("imagebuilder-pipeline-disabled")).unwrap() else {
        panic!("a pipeline")
    };
    assert_eq!(
        pipeline.to_string(),
        "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web"
    );
    assert_eq!(heard.says.as_str(), "disabled by Image Builder itself");
}

#[test]
fn each_kind_of_image_builders_events_is_refused_where_it_contradicts_itself() {
    let stranger = json!(["arn:aws:imagebuilder:eu-west-1:999988887777:image/web/1.4.2/7", BUILD]);
    let pipeline = json!(["arn:aws:imagebuilder:eu-west-1:999988887777:image-pipeline/web"]);
    for (kind, resources) in [
        ("CVE Detected", &stranger),
        ("Workflow Step Waiting", &stranger),
        ("Image Pipeline Automatically Disabled", &pipeline),
    ] {
        assert_eq!(
            refused(&builder_event(kind, resources, &json!({}))),
            "the event is of account 111122223333, but what it is about belongs to 999988887777",
            "{kind}"
        );
    }
    let alone = builder_event(
        "Workflow Step Waiting",
        &json!([BUILD]),
        &json!({ "workflow-step-name": "approve" }),
    );
    assert_eq!(refused(&alone), "resources[1] is missing");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z-]{0,8}", inner, 0..3).prop_map(|members| json!(members)),
        ]
    })
}

proptest! {
    #[test]
    fn no_value_in_any_place_makes_the_reader_panic(
        value in any_value(),
        pointer in prop::sample::select(vec!["/id", "/account", "/region", "/time", "/resources", "/detail", "/source"]),
        of_ami in any::<bool>(),
    ) {
        let event = if of_ami { ami_event() } else { build_event() };
        let _ = read(&with(event, pointer, value.clone()));
        for place in ["/Records", "/Records/0", "/Records/0/Sns", "/Records/0/Sns/Message", "/Records/0/Sns/TopicArn"] {
            let _ = read(&with(sample("sns-build-failed"), place, value.clone()));
        }
        let text = json!(value.to_string());
        let _ = read(&with(sample("sns-build-failed"), "/Records/0/Sns/Message", text));
        let _ = read(&value);
    }
}

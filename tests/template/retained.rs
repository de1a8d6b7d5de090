//! What must outlive the stack does.

use serde_json::{Value, json};

use crate::source::{Resource, Template, nothing_wrong};

/// `sam delete` and a replaced resource both leave it behind.
fn is_kept(resource: Resource<'_>) -> bool {
    ["DeletionPolicy", "UpdateReplacePolicy"]
        .iter()
        .all(|policy| resource.body[policy] == "Retain")
}

#[test]
fn tables_and_buckets_outlive_the_stack() {
    let hub = Template::hub();
    let mut kept = 0;
    for kind in ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"] {
        for resource in hub.of_type(kind) {
            assert!(is_kept(resource), "{} goes with the stack", resource.id);
            kept += 1;
        }
    }
    assert_eq!(kept, 3);
}

/// What holds something, and what cannot change without CloudFormation putting an empty one in its place: the name it has in
/// the template, its kind, and these properties (null: the kind has none, or the stack names it).
const HOLDS_SOMETHING: [(&str, &str, &str); 18] = [
    (
        "Record",
        "AWS::DynamoDB::Table",
        r#"{"TableName":null,"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]}"#,
    ),
    ("Reports", "AWS::S3::Bucket", r#"{"BucketName":null}"#),
    ("DistributeWork", "AWS::SQS::Queue", FIFO_QUEUE),
    ("DistributeWorkDead", "AWS::SQS::Queue", FIFO_QUEUE),
    ("PruneWork", "AWS::SQS::Queue", r#"{"QueueName":null,"FifoQueue":true}"#),
    ("PruneWorkDead", "AWS::SQS::Queue", FIFO_QUEUE),
    ("FailedWakes", "AWS::SQS::Queue", QUEUE),
    ("UndeliveredWakes", "AWS::SQS::Queue", QUEUE),
    (
        "Notifications",
        "AWS::SNS::Topic",
        r#"{"TopicName":null,"FifoTopic":null}"#,
    ),
    ("Releases", "AWS::SNS::Topic", r#"{"TopicName":null,"FifoTopic":null}"#),
    (
        "RecordLineageLog",
        "AWS::Logs::LogGroup",
        r#"{"LogGroupName":{"Fn::Sub":"/image-steward/${AWS::StackName}/record-lineage"}}"#,
    ),
    (
        "GatherEvidenceLog",
        "AWS::Logs::LogGroup",
        r#"{"LogGroupName":{"Fn::Sub":"/image-steward/${AWS::StackName}/gather-evidence"}}"#,
    ),
    (
        "TagSnapshotsLog",
        "AWS::Logs::LogGroup",
        r#"{"LogGroupName":{"Fn::Sub":"/image-steward/${AWS::StackName}/tag-snapshots"}}"#,
    ),
    (
        "TriggerBuildsLog",
        "AWS::Logs::LogGroup",
        r#"{"LogGroupName":{"Fn::Sub":"/image-steward/${AWS::StackName}/trigger-builds"}}"#,
    ),
    (
        "PlanDistributionLog",
        "AWS::Logs::LogGroup",
        r#"{"LogGroupName":{"Fn::Sub":"/image-steward/${AWS::StackName}/plan-distribution"}}"#,
    ),
    (
        "ApplyDistributionLog",
        "AWS::Logs::LogGroup",
        r#"{"LogGroupName":{"Fn::Sub":"/image-steward/${AWS::StackName}/apply-distribution"}}"#,
    ),
    (
        "PlanPruningLog",
        "AWS::Logs::LogGroup",
        r#"{"LogGroupName":{"Fn::Sub":"/image-steward/${AWS::StackName}/plan-pruning"}}"#,
    ),
    (
        "ApplyPruningLog",
        "AWS::Logs::LogGroup",
        r#"{"LogGroupName":{"Fn::Sub":"/image-steward/${AWS::StackName}/apply-pruning"}}"#,
    ),
];

const QUEUE: &str = r#"{"QueueName":null,"FifoQueue":null}"#;
const FIFO_QUEUE: &str = r#"{"QueueName":null,"FifoQueue":true}"#;

#[test]
fn what_holds_something_is_never_replaced_by_an_update() {
    let hub = Template::hub();
    let mut complaints = Vec::new();
    for (id, kind, identity) in HOLDS_SOMETHING {
        let Some(resource) = hub.resource(id).filter(|resource| resource.kind() == kind) else {
            complaints.push(format!("{id} of type {kind} is gone, and with it all it holds"));
            continue;
        };
        let identity: Value = serde_json::from_str(identity).unwrap();
        for (property, held) in identity.as_object().unwrap() {
            let now = &resource.properties()[property];
            if now != held {
                complaints.push(format!(
                    "{id} is replaced by an empty one: {property} is {now}, was {held}"
                ));
            }
        }
    }
    for resource in hub.resources() {
        let kinds = HOLDS_SOMETHING.map(|(_, kind, _)| kind);
        if kinds.contains(&resource.kind()) && !HOLDS_SOMETHING.iter().any(|(id, ..)| *id == resource.id) {
            complaints.push(format!("{} holds something: list it here", resource.id));
        }
    }
    nothing_wrong(&complaints);
}

/// A name of ours would stop the second stack, and the first one's replacement.
#[test]
fn what_is_kept_has_no_name_that_another_would_need() {
    let hub = Template::hub();
    for (kind, name) in [("AWS::DynamoDB::Table", "TableName"), ("AWS::S3::Bucket", "BucketName")] {
        for resource in hub.of_type(kind) {
            assert!(resource.properties()[name].is_null(), "{}", resource.id);
        }
    }
}

#[test]
fn the_record_is_protected_restorable_and_forgets_what_has_expired() {
    let hub = Template::hub();
    let record = hub.resource("Record").unwrap().properties();
    assert_eq!(record["DeletionProtectionEnabled"], true);
    assert_eq!(
        record["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
        true
    );
    assert_eq!(record["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(
        record["TimeToLiveSpecification"],
        json!({ "AttributeName": "expires", "Enabled": true })
    );
}

#[test]
fn reports_are_versioned_encrypted_and_never_public() {
    let hub = Template::hub();
    let reports = hub.resource("Reports").unwrap().properties();
    assert_eq!(reports["VersioningConfiguration"]["Status"], "Enabled");
    assert!(!reports["BucketEncryption"].is_null());
    let open = reports["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert_eq!(open.len(), 4);
    assert!(open.values().all(|blocked| *blocked == json!(true)), "{open:?}");
    let policy = &hub.resource("ReportsPolicy").unwrap().properties()["PolicyDocument"];
    let statement = &policy["Statement"][0];
    assert_eq!(statement["Effect"], "Deny");
    assert_eq!(
        statement["Condition"],
        json!({ "Bool": { "aws:SecureTransport": "false" } })
    );
}

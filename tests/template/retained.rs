//! What must outlive the stack does.

use serde_json::json;

use crate::source::{Resource, Template};

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
    assert_eq!(
        record["KeySchema"],
        json!([
            { "AttributeName": "pk", "KeyType": "HASH" },
            { "AttributeName": "sk", "KeyType": "RANGE" },
        ])
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

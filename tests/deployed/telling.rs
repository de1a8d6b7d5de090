//! What the record's function tells on the hub's bus, and what it may not.

use serde_json::{Value, json};
use steward_deployed::{Cloud, HUB, REGION, wait_for};

use crate::family::Family;

/// Whoever listens on the hub's bus: a rule with a queue behind it.
struct Listener<'a> {
    cloud: &'a Cloud,
    rule: String,
    queue: String,
}

impl<'a> Listener<'a> {
    /// Listens to what is recorded of a family.
    fn to_releases_of(cloud: &'a Cloud, family: &str) -> Self {
        let rule = format!("listens-to-{family}");
        let pattern = json!({
            "source": ["image-steward"],
            "detail-type": ["release recorded"],
            "detail": { "family": [family] },
        });
        let arn = format!("arn:aws:sqs:{REGION}:{HUB}:{rule}");
        let admitted = json!({ "Version": "2012-10-17", "Statement": {
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": { "ArnEquals": { "aws:SourceArn": format!("arn:aws:events:{REGION}:{HUB}:rule/{rule}") } },
        }});
        let attributes = json!({ "Policy": admitted.to_string() }).to_string();
        let create = [
            "sqs",
            "create-queue",
            "--queue-name",
            &rule,
            "--attributes",
            &attributes,
        ];
        let queue = cloud.hub(&create)["QueueUrl"].as_str().unwrap().to_owned();
        let pattern = pattern.to_string();
        cloud.hub(&["events", "put-rule", "--name", &rule, "--event-pattern", &pattern]);
        let target = format!("Id=queue,Arn={arn}");
        let put = cloud.hub(&["events", "put-targets", "--rule", &rule, "--targets", &target]);
        assert_eq!(put["FailedEntryCount"], 0, "{put}");
        Self { cloud, rule, queue }
    }

    /// The first event it hears.
    fn event(&self) -> Value {
        // Already asked for when it comes: tests beside this one let weeks pass, and a queue keeps nothing for weeks.
        let words = ["sqs", "receive-message", "--wait-time-seconds", "20", "--queue-url"];
        let body = wait_for("the event on the hub's bus", || {
            let received = self.cloud.hub(&[&words[..], &[&self.queue]].concat());
            received["Messages"][0]["Body"].as_str().map(str::to_owned)
        });
        serde_json::from_str(&body).unwrap()
    }

    fn leave(self) {
        let Self { cloud, rule, queue } = self;
        cloud.hub(&["events", "remove-targets", "--rule", &rule, "--ids", "queue"]);
        cloud.hub(&["events", "delete-rule", "--name", &rule]);
        cloud.hub(&["sqs", "delete-queue", "--queue-url", &queue]);
    }
}

#[test]
fn a_build_that_the_aws_cli_starts_is_told_on_the_hubs_bus_once_the_record_has_it() {
    let cloud = Cloud::here();
    let listener = Listener::to_releases_of(&cloud, "told");
    let family = Family::new(&cloud, "told");
    family.build();
    let event = listener.event();
    let release = event["detail"]["release"].as_str().unwrap();
    // Not waited for: it is told after it is written down.
    let meta = cloud.item(&format!("R#{release}"), "META").unwrap();
    assert_eq!(meta["placed"]["BOOL"], true, "{meta}");
    assert_eq!(family.release(), format!("R#{release}"));
    assert_eq!(
        event["detail"],
        json!({
            "release": release,
            "name": meta["name"]["S"],
            "family": "told",
            "architecture": "x86_64",
            "state": "AVAILABLE",
        })
    );
    let by = |member: &str| event[member].as_str().unwrap();
    assert_eq!((by("account"), by("region")), (HUB, REGION));
    listener.leave();
}

/// Somebody who may do on the hub's bus what the record's function may, and nothing else.
struct Teller<'a> {
    cloud: &'a Cloud,
    key: String,
    secret: String,
}

impl<'a> Teller<'a> {
    fn like_the_function(cloud: &'a Cloud) -> Self {
        let stack = ["--stack-name", steward_deployed::STACK];
        let role = ["--logical-resource-id", "RecordLineageRole"];
        let role = cloud.hub(&[&["cloudformation", "describe-stack-resource"], &stack[..], &role[..]].concat());
        let role = role["StackResourceDetail"]["PhysicalResourceId"].as_str().unwrap();
        // As SAM names the function's own statements.
        let policy = ["--role-name", role, "--policy-name", "RecordLineageRolePolicy0"];
        let mut document = cloud.hub(&[&["iam", "get-role-policy"], &policy[..]].concat())["PolicyDocument"].clone();
        let statements = document["Statement"].as_array_mut().unwrap();
        statements.retain(|statement| statement["Sid"] == "TellWhatIsRecorded");
        assert_eq!(statements.len(), 1);
        let document = document.to_string();

        let user = ["--user-name", "teller"];
        cloud.hub(&[&["iam", "create-user"], &user[..]].concat());
        let policy = ["--policy-name", "tell", "--policy-document", &document];
        cloud.hub(&[&["iam", "put-user-policy"], &user[..], &policy[..]].concat());
        let made = cloud.hub(&[&["iam", "create-access-key"], &user[..]].concat())["AccessKey"].clone();
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        Self {
            cloud,
            key: text("AccessKeyId"),
            secret: text("SecretAccessKey"),
        }
    }

    /// Whether events of these sources can be put together; one may have none.
    fn may_tell(&self, sources: &[Option<&str>]) -> bool {
        let entries: Value = sources
            .iter()
            .map(|source| {
                let mut entry = json!({ "DetailType": "tried", "Detail": "{}" });
                if let Some(source) = source {
                    entry["Source"] = Value::from(*source);
                }
                entry
            })
            .collect();
        let output = self
            .cloud
            .tool("aws", HUB, REGION)
            .env("AWS_ACCESS_KEY_ID", &self.key)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret)
            .args(["events", "put-events", "--entries", &entries.to_string()])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        // Refused for another reason, it would prove nothing.
        assert!(
            output.status.success() || errors.contains("(AccessDeniedException)"),
            "{errors}"
        );
        output.status.success()
    }
}

#[test]
fn the_records_function_may_tell_in_its_own_name_only() {
    let cloud = Cloud::here();
    let teller = Teller::like_the_function(&cloud);
    let (ours, others) = (Some("image-steward"), Some("somebody-else"));
    assert!(teller.may_tell(&[ours]));
    assert!(teller.may_tell(&[ours, ours]));
    assert!(!teller.may_tell(&[others]));
    assert!(!teller.may_tell(&[ours, others]), "all sources must be ours");
    assert!(!teller.may_tell(&[None]), "no source at all is not ours");
}

//! A family of a test's own in the hub's Image Builder, made and built by the AWS CLI.

use std::time::Duration;

use serde_json::{Value, json};
use steward_deployed::{Cloud, HUB, REGION, wait_for};

pub(crate) struct Family<'a> {
    cloud: &'a Cloud,
    name: String,
}

impl<'a> Family<'a> {
    /// A family whose images stay in the hub.
    pub(crate) fn new(cloud: &'a Cloud, name: &str) -> Self {
        Self::distributed(cloud, name, &json!({}))
    }

    /// A family of which an account gets a copy of its own.
    pub(crate) fn with_copy_in(cloud: &'a Cloud, name: &str, account: &str) -> Self {
        Self::distributed(cloud, name, &json!({ "targetAccountIds": [account] }))
    }

    fn distributed(cloud: &'a Cloud, name: &str, more: &Value) -> Self {
        let builder = |command: &str, words: &[&str]| {
            cloud.hub(&[&["imagebuilder", command, "--name", name], words].concat());
        };
        let arn = |kind: &str| format!("arn:aws:imagebuilder:{REGION}:{HUB}:{kind}/{name}");
        let parent = format!("arn:aws:imagebuilder:{REGION}:aws:image/amazon-linux-2023-x86/x.x.x");
        let component = format!("componentArn=arn:aws:imagebuilder:{REGION}:aws:component/update-linux/x.x.x");
        let mut configuration = json!({ "amiTags": { "image-steward:family": name } });
        let members = configuration.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        let distributions = json!([{ "region": REGION, "amiDistributionConfiguration": configuration }]).to_string();
        builder(
            "create-image-recipe",
            &[
                "--semantic-version",
                "1.0.0",
                "--parent-image",
                &parent,
                "--components",
                &component,
            ],
        );
        builder(
            "create-infrastructure-configuration",
            &["--instance-profile-name", "ImageBuilder"],
        );
        builder(
            "create-distribution-configuration",
            &["--distributions", &distributions],
        );
        builder(
            "create-image-pipeline",
            &[
                "--image-recipe-arn",
                &format!("{}/1.0.0", arn("image-recipe")),
                "--infrastructure-configuration-arn",
                &arn("infrastructure-configuration"),
                "--distribution-configuration-arn",
                &arn("distribution-configuration"),
            ],
        );
        Self {
            cloud,
            name: name.to_owned(),
        }
    }

    /// Puts a manifest of this number into the record, as applying one does, that says this of its distribution.
    pub(crate) fn wants(&self, version: u32, distribute: &str) {
        let Self { cloud, name } = self;
        let text = format!(
            "family: {name}\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.small], instance_profile: ImageBuilder }}\ndistribute: {distribute}\n"
        );
        let at = "2026-01-05T08:00:00Z";
        let common = json!({ "version": { "N": version.to_string() }, "digest": { "S": "d" }, "who": { "S": "ann" }, "at": { "S": at } });
        let put = |pk: String, sk: String, more: Value| {
            let mut item = common.clone();
            let members = item.as_object_mut().unwrap();
            members.extend([
                ("pk".to_owned(), json!({ "S": pk })),
                ("sk".to_owned(), json!({ "S": sk })),
            ]);
            members.extend(more.as_object().unwrap().clone());
            let table = cloud.output(HUB, "Table");
            cloud.hub(&[
                "dynamodb",
                "put-item",
                "--table-name",
                &table,
                "--item",
                &item.to_string(),
            ]);
        };
        put(
            format!("F#{name}"),
            format!("MANIFEST#{version:0>10}"),
            json!({ "text": { "S": text } }),
        );
        put(String::from("FAMILIES"), name.clone(), json!({}));
    }

    /// Builds it once, and lets the time pass that this takes.
    pub(crate) fn build(&self) {
        let pipeline = format!("arn:aws:imagebuilder:{REGION}:{HUB}:image-pipeline/{}", self.name);
        self.cloud.hub(&[
            "imagebuilder",
            "start-image-pipeline-execution",
            "--image-pipeline-arn",
            &pipeline,
        ]);
        self.cloud.pass(Duration::from_hours(2));
    }

    /// The partition of its one release in the record.
    pub(crate) fn release(&self) -> String {
        let releases = format!("F#{}", self.name);
        wait_for("the family's release", || {
            let items = self.cloud.partition(&releases);
            let release = |item: &&Value| item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("V#"));
            items
                .iter()
                .find(release)
                .map(|item| format!("R#{}", item["release"]["S"].as_str().unwrap()))
        })
    }
}

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
            items
                .first()
                .map(|item| format!("R#{}", item["release"]["S"].as_str().unwrap()))
        })
    }
}

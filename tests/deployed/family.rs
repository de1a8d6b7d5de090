//! A family of a test's own in a hub's Image Builder, made and built by the AWS CLI.

use std::time::Duration;

use serde_json::{Value, json};
use steward_deployed::{Cloud, HUB, REGION, wait_for};

pub(crate) struct Family<'a> {
    cloud: &'a Cloud,
    /// Whose hub builds it.
    account: &'a str,
    name: String,
}

impl<'a> Family<'a> {
    /// A family whose images stay in the hub.
    pub(crate) fn new(cloud: &'a Cloud, name: &str) -> Self {
        Self::of(cloud, HUB, name)
    }

    /// The same in the hub of another account.
    pub(crate) fn of(cloud: &'a Cloud, account: &'a str, name: &str) -> Self {
        Self::distributed(cloud, (account, name), &json!({}))
    }

    /// A family of which an account gets a copy of its own.
    pub(crate) fn with_copy_in(cloud: &'a Cloud, name: &str, account: &str) -> Self {
        Self::distributed(cloud, (HUB, name), &json!({ "targetAccountIds": [account] }))
    }

    fn distributed(cloud: &'a Cloud, (account, name): (&'a str, &str), more: &Value) -> Self {
        let builder = |command: &str, words: &[&str]| {
            let words = [&["imagebuilder", command, "--name", name], words].concat();
            cloud.aws(account, REGION, &words);
        };
        let arn = |kind: &str| format!("arn:aws:imagebuilder:{REGION}:{account}:{kind}/{name}");
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
            account,
            name: name.to_owned(),
        }
    }

    /// Puts a manifest of this number into the record, as applying one does, that says this of its distribution.
    pub(crate) fn wants(&self, version: u32, distribute: &str) {
        let Self {
            cloud,
            account: _,
            name,
        } = self;
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
        let Self { cloud, account, name } = self;
        let pipeline = format!("arn:aws:imagebuilder:{REGION}:{account}:image-pipeline/{name}");
        let words = [
            "imagebuilder",
            "start-image-pipeline-execution",
            "--image-pipeline-arn",
            &pipeline,
        ];
        cloud.aws(account, REGION, &words);
        self.cloud.pass(Duration::from_hours(2));
    }

    /// The partition of its one release in the record.
    pub(crate) fn release(&self) -> String {
        let releases = format!("F#{}", self.name);
        wait_for("the family's release", || {
            self.cloud
                .partition_of(self.account, &releases)
                .iter()
                .find_map(release_of)
        })
    }
}

/// The partition of the release that an item of its family's partition is about.
pub(crate) fn release_of(item: &Value) -> Option<String> {
    let is_of_one = item["sk"]["S"].as_str()?.starts_with("V#");
    is_of_one.then(|| format!("R#{}", item["release"]["S"].as_str().unwrap()))
}

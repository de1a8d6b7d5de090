//! The hub's stack in an account: deployed, and looked at.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use steward_deployed::{Cloud, ORGANIZATION, REGION, STACK};

pub(crate) struct Hub<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) account: &'a str,
    /// What SAM said.
    pub(crate) said: String,
}

impl<'a> Hub<'a> {
    /// Deploys the hub as it was built.
    pub(crate) fn deploy(cloud: &'a Cloud, account: &'a str) -> Self {
        Self::deploy_template(cloud, account, &built(cloud))
    }

    /// Deploys a template whose functions are built.
    pub(crate) fn deploy_template(cloud: &'a Cloud, account: &'a str, template: &Path) -> Self {
        let root = format!("{}/../..", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let architecture = if cfg!(target_arch = "aarch64") {
            "arm64"
        } else {
            "x86_64"
        };
        let output = cloud
            .tool("sam", account, REGION)
            .arg("deploy")
            .args(["--config-file", &format!("{root}/samconfig.toml")])
            .arg("--template-file")
            .arg(template)
            .args([
                "--no-confirm-changeset",
                "--no-fail-on-empty-changeset",
                "--parameter-overrides",
            ])
            .arg(format!("Architecture={architecture}"))
            .arg(format!("OrganizationId={ORGANIZATION}"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "sam deploy: {said}");
        Self { cloud, account, said }
    }

    pub(crate) fn aws(&self, words: &[&str]) -> Value {
        self.cloud.aws(self.account, REGION, words)
    }

    /// Of each resource its type and physical id, by its logical id.
    pub(crate) fn resources(&self) -> BTreeMap<String, (String, String)> {
        let words = ["cloudformation", "list-stack-resources", "--stack-name", STACK];
        self.aws(&words)["StackResourceSummaries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|resource| {
                let text = |name: &str| resource[name].as_str().unwrap().to_owned();
                (
                    text("LogicalResourceId"),
                    (text("ResourceType"), text("PhysicalResourceId")),
                )
            })
            .collect()
    }

    /// What a resource of the template became.
    pub(crate) fn physical(&self, logical: &str) -> String {
        let (_, physical) = self.resources().remove(logical).unwrap();
        physical
    }
}

/// The template with its functions built.
pub(crate) fn built(cloud: &Cloud) -> std::path::PathBuf {
    Path::new(cloud.folder()).join("build/template.yaml")
}

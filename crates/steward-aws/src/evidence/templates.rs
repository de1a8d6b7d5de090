use std::collections::BTreeMap;

use aws_sdk_ec2::types::{LaunchTemplate, LaunchTemplateVersion};
use steward::TemplateId;
use steward::evidence::{ImageName, TemplateSeen};

use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// What EC2 answers for a template that was deleted after it was listed.
const GONE: [&str; 1] = ["InvalidLaunchTemplateId.NotFound"];

impl AtTarget {
    /// Lists the launch templates, also those that a service of AWS manages and hides. A version never changes: only those
    /// are read that are newer than what is known of their template.
    pub async fn templates(&self, known: &BTreeMap<TemplateId, TemplateSeen>) -> Result<Vec<TemplateSeen>, Problem> {
        let doing = "list the launch templates";
        let list = self.ec2.describe_launch_templates();
        let list = list.include_managed_resources(true).max_results(200);
        let mut listed = Vec::new();
        each_page!(self, reads, doing, list, |page| {
            for template in page.launch_templates() {
                let read = listed_template(template);
                listed.push(read.map_err(|what| Problem::not_understood(doing, self.target, what))?);
            }
        });
        let mut templates = Vec::new();
        for template in listed {
            match known.get(&template.id) {
                Some(known) if known.latest == template.latest => templates.push(TemplateSeen {
                    versions: known.versions.clone(),
                    ..template
                }),
                known => templates.extend(absent(self.with_versions(template, known).await, &GONE)?),
            }
        }
        Ok(templates)
    }

    /// Reads what a template has beyond what is known.
    async fn with_versions(&self, listed: TemplateSeen, known: Option<&TemplateSeen>) -> Result<TemplateSeen, Problem> {
        let mut template = listed;
        let mut read_to = 0;
        if let Some(known) = known {
            template.versions.clone_from(&known.versions);
            read_to = known.latest;
        }
        let doing = format!("read the versions of {}", template.id);
        let wrong = |what: String| Problem::not_understood(&doing, self.target, what);
        let list = self.ec2.describe_launch_template_versions();
        let list = list
            .include_managed_resources(true)
            .launch_template_id(template.id.to_string());
        // AWS does not say whether the least version is among them: with the last known one both are right.
        let least = (read_to > 0).then(|| read_to.to_string());
        let newer = list.clone().set_min_version(least).max_results(200);
        each_page!(self, reads, &doing, newer, |page| {
            for version in page.launch_template_versions() {
                read_to = read_to.max(template.add(version).map_err(wrong)?);
            }
        });
        if read_to < template.latest {
            // Either its latest was deleted, or EC2 lists it late: asked for by that word it answers for what is now.
            self.reads.wait().await;
            let answer = Box::pin(list.versions("$Latest").send()).await;
            let answer = answer.map_err(|error| Problem::of(&doing, self.target, &error))?;
            let latest = answer.launch_template_versions();
            let latest = latest
                .first()
                .ok_or_else(|| wrong(String::from("there is no latest version")))?;
            template.latest = template.add(latest).map_err(wrong)?;
        }
        Ok(template)
    }
}

fn listed_template(template: &LaunchTemplate) -> Result<TemplateSeen, String> {
    let id = template.launch_template_id().unwrap_or_default();
    let number = |number: Option<i64>, what: &str| {
        let number = number.and_then(|number| u64::try_from(number).ok());
        number.ok_or_else(|| format!("{id} has no {what} version"))
    };
    Ok(TemplateSeen {
        id: id.parse().map_err(|error| format!("a bad id: {error}"))?,
        name: template.launch_template_name().unwrap_or_default().to_owned(),
        default: number(template.default_version_number(), "default")?,
        latest: number(template.latest_version_number(), "latest")?,
        versions: BTreeMap::new(),
    })
}

/// Takes a version in, and says which it is.
trait Add {
    fn add(&mut self, version: &LaunchTemplateVersion) -> Result<u64, String>;
}

impl Add for TemplateSeen {
    fn add(&mut self, version: &LaunchTemplateVersion) -> Result<u64, String> {
        let number = version.version_number().and_then(|number| u64::try_from(number).ok());
        let number = number.ok_or("a version without a number")?;
        let data = version.launch_template_data().ok_or("a version without its data")?;
        if let Some(image) = data.image_id().and_then(ImageName::read) {
            self.versions.insert(number, image);
        }
        Ok(number)
    }
}

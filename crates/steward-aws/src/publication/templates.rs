use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::LaunchTemplate;
use steward::evidence::ImageName;
use steward::manifest::LaunchTemplateId;
use steward::publication::{TemplateSeen, TemplateThere, TemplateVersionSeen};
use steward::{Architecture, FamilyName, Words};

use crate::evidence::GONE;
use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, FAMILY, Problem};

impl AtTarget {
    /// What these launch templates are, for a family that they are to follow.
    pub async fn following(
        &self,
        templates: &BTreeSet<LaunchTemplateId>,
        family: &FamilyName,
    ) -> BTreeMap<LaunchTemplateId, TemplateSeen> {
        let mut seen = BTreeMap::new();
        for template in templates {
            let read = self.followed(template, family).await;
            let read = read.unwrap_or_else(|problem| TemplateSeen::Unreadable(Words::from(problem.to_string())));
            seen.insert(template.clone(), read);
        }
        seen
    }

    async fn followed(&self, template: &LaunchTemplateId, family: &FamilyName) -> Result<TemplateSeen, Problem> {
        let doing = format!("look at the launch template {template}");
        let wrong = |what: &str| Problem::not_understood(&doing, self.target, what);
        // By itself: one that is gone would fail a call that names it with others.
        self.reads.wait().await;
        let request = self
            .ec2
            .describe_launch_templates()
            .launch_template_ids(template.as_str());
        let Some(found) = absent(self.answered(&doing, request.send()).await, &GONE)? else {
            return Ok(TemplateSeen::Missing);
        };
        let Some(found) = found.launch_templates().first() else {
            return Ok(TemplateSeen::Missing);
        };
        if !is_of(found, family) {
            return Ok(TemplateSeen::NotOurs);
        }
        let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
        let default = number(found.default_version_number()).ok_or_else(|| wrong("it has no default version"))?;
        let latest = number(found.latest_version_number()).ok_or_else(|| wrong("it has no latest version"))?;
        let mut versions = BTreeMap::new();
        let list = self.ec2.describe_launch_template_versions();
        let list = list.launch_template_id(template.as_str()).max_results(200);
        each_page!(self, reads, &doing, list, |page| {
            for version in page.launch_template_versions() {
                let of = number(version.version_number()).ok_or_else(|| wrong("a version has no number"))?;
                let data = version.launch_template_data();
                let image = data.and_then(|data| data.image_id());
                let read = TemplateVersionSeen::read(family, image, version.version_description());
                versions.insert(of, read);
            }
        });
        let image = versions.get(&default).and_then(|version| version.image.as_ref());
        Ok(TemplateSeen::Seen(TemplateThere {
            default,
            latest,
            architecture: self.architecture_of(image).await?,
            versions,
        }))
    }

    async fn architecture_of(&self, image: Option<&ImageName>) -> Result<Option<Architecture>, Problem> {
        let Some(ImageName::Ami(ami)) = image else {
            return Ok(None);
        };
        Ok(self.see_image(*ami).await?.and_then(|image| image.architecture))
    }
}

/// Whether a template's owner agreed that it follows the family.
fn is_of(template: &LaunchTemplate, family: &FamilyName) -> bool {
    let mut tags = template.tags().iter();
    tags.any(|tag| tag.key() == Some(FAMILY) && tag.value() == Some(family.as_str()))
}

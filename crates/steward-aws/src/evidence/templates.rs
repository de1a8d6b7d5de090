use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{LaunchTemplate, LaunchTemplateVersion};
use steward::TemplateId;
use steward::evidence::{ImageName, TemplateBy, TemplateSeen, VersionBy};

use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

/// What EC2 answers for a template, or a version of one, that is deleted.
pub(crate) const GONE: [&str; 3] = [
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.VersionNotFound",
    "InvalidLaunchTemplateName.NotFoundException",
];

/// A launch template as it was read before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadTemplate {
    /// What was seen.
    pub seen: TemplateSeen,
    /// Whether a second reading, a while after it last changed, saw it like that: EC2 may list versions late.
    pub settled: bool,
}

impl AtTarget {
    /// Lists the launch templates, also those that a service of AWS manages and hides. The versions of one are read when its
    /// latest or default number changed, and once more in the next run.
    pub async fn templates(
        &self,
        known: &BTreeMap<TemplateId, ReadTemplate>,
    ) -> Result<BTreeMap<TemplateId, ReadTemplate>, Problem> {
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
        let mut templates = BTreeMap::new();
        for template in listed {
            let id = template.id;
            let before = known.get(&id);
            let same = before.filter(|known| {
                let of = |seen: &TemplateSeen| (seen.latest, seen.default);
                of(&known.seen) == of(&template)
            });
            let read = match same {
                Some(known) if known.settled => Some(known.clone()),
                same => absent(self.with_versions(template).await, &GONE)?.map(|seen| ReadTemplate {
                    seen,
                    settled: same.is_some(),
                }),
            };
            templates.extend(read.map(|read| (id, read)));
        }
        Ok(templates)
    }

    /// Looks at templates and versions that something names and that were in no list: those that are there are added.
    pub async fn add_missing(
        &self,
        missing: &BTreeSet<(TemplateBy, VersionBy)>,
        templates: &mut Vec<TemplateSeen>,
    ) -> Result<(), Problem> {
        for (by, version) in missing {
            let doing = String::from("look at a launch template that is named and not listed");
            let wrong = |what: String| Problem::not_understood(&doing, self.target, what);
            let request = self
                .ec2
                .describe_launch_template_versions()
                .include_managed_resources(true);
            let request = match by {
                TemplateBy::Id(id) => request.launch_template_id(id.to_string()),
                TemplateBy::Name(name) => request.launch_template_name(name),
            };
            self.reads.wait().await;
            let answer = Box::pin(request.versions(named(*version)).send()).await;
            let answer = answer.map_err(|error| Problem::of(&doing, self.target, &error));
            let found = absent(answer, &GONE)?.and_then(|found| found.launch_template_versions);
            for version in found.iter().flatten() {
                add_version(templates, version).map_err(wrong)?;
            }
        }
        Ok(())
    }

    /// Reads the versions of a template.
    async fn with_versions(&self, listed: TemplateSeen) -> Result<TemplateSeen, Problem> {
        let mut template = listed;
        let doing = format!("read the versions of {}", template.id);
        let wrong = |what: String| Problem::not_understood(&doing, self.target, what);
        let list = self.ec2.describe_launch_template_versions();
        let list = list
            .include_managed_resources(true)
            .launch_template_id(template.id.to_string());
        each_page!(self, reads, &doing, list.clone().max_results(200), |page| {
            for version in page.launch_template_versions() {
                let (number, image) = read_version(version).map_err(wrong)?;
                template.versions.insert(number, image);
            }
        });
        if !template.versions.contains_key(&template.latest) {
            // Either its latest was deleted, or EC2 lists it late: asked for by that word it answers for what is now.
            self.reads.wait().await;
            let answer = Box::pin(list.versions(named(VersionBy::Latest)).send()).await;
            let answer = answer.map_err(|error| Problem::of(&doing, self.target, &error))?;
            let latest = answer.launch_template_versions();
            let latest = latest
                .first()
                .ok_or_else(|| wrong(String::from("there is no latest version")))?;
            let (number, image) = read_version(latest).map_err(wrong)?;
            template.versions.insert(number, image);
            template.latest = number;
        }
        Ok(template)
    }
}

fn named(version: VersionBy) -> String {
    match version {
        VersionBy::Default => String::from("$Default"),
        VersionBy::Latest => String::from("$Latest"),
        VersionBy::Number(number) => number.to_string(),
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

/// A version and what it starts.
fn read_version(version: &LaunchTemplateVersion) -> Result<(u64, Option<ImageName>), String> {
    let number = version.version_number().and_then(|number| u64::try_from(number).ok());
    let number = number.ok_or("a version without a number")?;
    let data = version.launch_template_data().ok_or("a version without its data")?;
    Ok((number, data.image_id().and_then(ImageName::read)))
}

/// Takes in a version of a template that may itself be in no list. Then nothing else is known of it: the version stands for
/// its default and its latest one.
fn add_version(templates: &mut Vec<TemplateSeen>, version: &LaunchTemplateVersion) -> Result<(), String> {
    let (number, image) = read_version(version)?;
    let id: TemplateId = version
        .launch_template_id()
        .unwrap_or_default()
        .parse()
        .map_err(|error| format!("{error}"))?;
    match templates.iter_mut().find(|template| template.id == id) {
        Some(template) => {
            template.versions.insert(number, image);
        }
        None => templates.push(TemplateSeen {
            id,
            name: version.launch_template_name().unwrap_or_default().to_owned(),
            default: number,
            latest: number,
            versions: BTreeMap::from([(number, image)]),
        }),
    }
    Ok(())
}

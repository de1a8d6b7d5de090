//! From the lists of a target to who uses which image, and how.

use std::collections::{BTreeMap, BTreeSet};

use super::image_name::{ImageName, ParameterRef};
use super::reference::{Hop, Reference, VersionStanding};
use super::references::{ReferenceSeen, Referrer};
use super::report::{ReportedUse, ReportsSeen};
use super::seen::{
    ConfigurationSeen, ImageSeen, InstanceSeen, Launch, Launched, Launcher, ParametersSeen, PipelineSeen, TemplateBy,
    TemplateSeen, VersionBy,
};
use super::source::Source;
use crate::{AmiId, TemplateId, Words};

/// What was read of a target, list by list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readings {
    /// Its instances.
    pub instances: Result<Vec<InstanceSeen>, Unread>,
    /// Its launch templates.
    pub templates: Result<Vec<TemplateSeen>, Unread>,
    /// Its Auto Scaling groups.
    pub groups: Result<Vec<Launcher>, Unread>,
    /// Its launch configurations.
    pub configurations: Result<Vec<ConfigurationSeen>, Unread>,
    /// Its EC2 Fleets.
    pub fleets: Result<Vec<Launcher>, Unread>,
    /// Its Spot Fleets.
    pub spot_fleets: Result<Vec<Launcher>, Unread>,
    /// Its Spot requests.
    pub spot_requests: Result<Vec<Launcher>, Unread>,
    /// Its parameters.
    pub parameters: Result<ParametersSeen, Unread>,
    /// Its pipelines.
    pub pipelines: Result<Vec<PipelineSeen>, Unread>,
    /// The images that matter in it.
    pub images: Result<Vec<ImageSeen>, Unread>,
    /// The usage reports of its images.
    pub reports: Result<ReportsSeen, Unread>,
    /// What EC2 says of who names the images that are being retired.
    pub references: Result<Vec<ReferenceSeen>, Unread>,
}

/// Why a list was not read to its end.
pub type Unread = Words;

impl Readings {
    /// A target of which nothing could be read.
    pub fn unread(why: &Unread) -> Self {
        Self {
            instances: Err(why.clone()),
            templates: Err(why.clone()),
            groups: Err(why.clone()),
            configurations: Err(why.clone()),
            fleets: Err(why.clone()),
            spot_fleets: Err(why.clone()),
            spot_requests: Err(why.clone()),
            parameters: Err(why.clone()),
            pipelines: Err(why.clone()),
            images: Err(why.clone()),
            reports: Err(why.clone()),
            references: Err(why.clone()),
        }
    }
}

#[cfg(test)]
impl Readings {
    /// A target in which there is nothing.
    pub(super) fn of_nothing() -> Self {
        Self {
            instances: Ok(Vec::new()),
            templates: Ok(Vec::new()),
            groups: Ok(Vec::new()),
            configurations: Ok(Vec::new()),
            fleets: Ok(Vec::new()),
            spot_fleets: Ok(Vec::new()),
            spot_requests: Ok(Vec::new()),
            parameters: Ok(ParametersSeen::default()),
            pipelines: Ok(Vec::new()),
            images: Ok(Vec::new()),
            reports: Ok(ReportsSeen::default()),
            references: Ok(Vec::new()),
        }
    }
}

/// What one source of a target says: how many things it listed, and who of them uses which image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// How many things were listed, whatever they use.
    pub listed: usize,
    /// Who uses which image, sorted.
    pub of: BTreeMap<AmiId, BTreeSet<Reference>>,
}

/// The parameters that something launches from or builds on, and that may hold an image of ours.
pub fn parameters_named(readings: &Readings) -> BTreeSet<ParameterRef> {
    let Readings {
        instances: _,
        templates,
        groups,
        configurations: _,
        fleets,
        spot_fleets,
        spot_requests,
        parameters: _,
        pipelines,
        images: _,
        reports: _,
        references: _,
    } = readings;
    let of_versions = templates
        .iter()
        .flatten()
        .flat_map(|seen| seen.versions.values().flatten());
    let users = [groups, fleets, spot_fleets, spot_requests];
    let launches = users.into_iter().flatten().flatten().flat_map(|user| &user.launches);
    let of_launches = launches.filter_map(|launch| match &launch.what {
        Launched::Image(name) => Some(name),
        Launched::Template { .. } | Launched::Configuration(_) => None,
    });
    let of_pipelines = pipelines
        .iter()
        .flatten()
        .filter_map(|pipeline| pipeline.parent.as_ref());
    let names = of_versions.chain(of_launches).chain(of_pipelines);
    let parameters = names.filter_map(|name| match name {
        ImageName::Parameter(parameter) if !parameter.is_public() => Some(parameter.clone()),
        ImageName::Parameter(_) | ImageName::Ami(_) => None,
    });
    parameters.collect()
}

/// The templates, and the versions of templates, that something launches from and that are not among those that were read.
/// Either they are deleted, or a list was not whole.
pub fn templates_missing(readings: &Readings) -> BTreeSet<(TemplateBy, VersionBy)> {
    let join = Join::of(readings);
    let users = [&readings.groups, &readings.fleets, &readings.spot_fleets];
    let launches = users.into_iter().flatten().flatten().flat_map(|user| &user.launches);
    let named = launches.filter_map(|launch| match &launch.what {
        Launched::Template { by, version } => Some((by.clone(), *version)),
        Launched::Image(_) | Launched::Configuration(_) => None,
    });
    let started = readings
        .instances
        .iter()
        .flatten()
        .filter_map(|instance| instance.template);
    let started = started.map(|(id, version)| (TemplateBy::Id(id), VersionBy::Number(version)));
    let is_missing = |(by, version): &(TemplateBy, VersionBy)| match join.template(by) {
        None => true,
        Some(template) => !template.versions.contains_key(&template.number(*version)),
    };
    named.chain(started).filter(is_missing).collect()
}

/// Joins the lists of a target. A source that stands on one that could not be read is as good as unread itself.
pub fn join(readings: &Readings) -> BTreeMap<Source, Result<Uses, Unread>> {
    let join = Join::of(readings);
    let mut joined = BTreeMap::new();
    // In an order in which each comes after what it stands on.
    for source in [
        Source::Instances,
        Source::LaunchConfigurations,
        Source::Parameters,
        Source::Images,
        Source::Reports,
        Source::SpotRequests,
        Source::LaunchTemplates,
        Source::AutoScalingGroups,
        Source::Fleets,
        Source::SpotFleets,
        Source::Pipelines,
        Source::References,
    ] {
        let missing = source.stands_on().iter().find_map(|below| match joined.get(below) {
            Some(Ok(_)) => None,
            Some(Err(why)) => Some(Words::from(format!("{below} could not be read: {why}"))),
            None => Some(Words::from(format!("{below} was not read"))),
        });
        let uses = match missing {
            Some(missing) => Err(missing),
            None => join.uses(source, &joined),
        };
        joined.insert(source, uses);
    }
    joined
}

struct Join<'a> {
    readings: &'a Readings,
    by_id: BTreeMap<TemplateId, &'a TemplateSeen>,
    by_name: BTreeMap<&'a str, &'a TemplateSeen>,
    configurations: BTreeMap<&'a str, &'a ConfigurationSeen>,
}

impl<'a> Join<'a> {
    fn of(readings: &'a Readings) -> Self {
        let templates = || readings.templates.iter().flatten();
        let configurations = readings.configurations.iter().flatten();
        Self {
            readings,
            by_id: templates().map(|template| (template.id, template)).collect(),
            by_name: templates().map(|template| (template.name.as_str(), template)).collect(),
            configurations: configurations.map(|seen| (seen.name.as_str(), seen)).collect(),
        }
    }

    /// What a source says by what was read, and by what those before it say.
    fn uses(&self, source: Source, before: &BTreeMap<Source, Result<Uses, Unread>>) -> Result<Uses, Unread> {
        let read = self.readings;
        let unread = Words::clone;
        Ok(match source {
            Source::Instances => instances(read.instances.as_ref().map_err(unread)?),
            Source::LaunchTemplates => self.templates(read.templates.as_ref().map_err(unread)?),
            Source::AutoScalingGroups => self.launchers(read.groups.as_ref().map_err(unread)?),
            Source::LaunchConfigurations => configurations(read.configurations.as_ref().map_err(unread)?),
            Source::Fleets => self.launchers(read.fleets.as_ref().map_err(unread)?),
            Source::SpotFleets => self.launchers(read.spot_fleets.as_ref().map_err(unread)?),
            Source::SpotRequests => self.launchers(read.spot_requests.as_ref().map_err(unread)?),
            Source::Parameters => parameters(read.parameters.as_ref().map_err(unread)?),
            Source::Pipelines => self.pipelines(read.pipelines.as_ref().map_err(unread)?),
            // What it says of an image is no use of it by somebody.
            Source::Images => Uses {
                listed: read.images.as_ref().map_err(unread)?.len(),
                of: BTreeMap::new(),
            },
            Source::Reports => reports(read.reports.as_ref().map_err(unread)?),
            Source::References => self.references(read.references.as_ref().map_err(unread)?, before),
        })
    }

    fn templates(&self, templates: &[TemplateSeen]) -> Uses {
        let mut uses = Uses::of(templates.len());
        for template in templates {
            for (version, name) in &template.versions {
                for (way, ami) in name.iter().flat_map(|name| self.named(name)) {
                    uses.add(ami, [vec![version_hop(template, *version)], way].concat());
                }
            }
        }
        // A version that an instance was started by may be started by again, whatever came after it.
        for instance in self.readings.instances.iter().flatten() {
            let Some((id, version)) = instance.template else {
                continue;
            };
            for (way, ami) in self.version(&TemplateBy::Id(id), VersionBy::Number(version)) {
                uses.add(ami, [vec![instance_hop(instance)], way].concat());
            }
        }
        uses
    }

    fn launchers(&self, launchers: &[Launcher]) -> Uses {
        let mut uses = Uses::of(launchers.len());
        for Launcher { user, launches } in launchers {
            for Launch { within, what } in launches {
                for (way, ami) in self.launched(what) {
                    let start = [user].into_iter().chain(within);
                    uses.add(ami, start.cloned().chain(way).collect());
                }
            }
        }
        uses
    }

    fn pipelines(&self, pipelines: &[PipelineSeen]) -> Uses {
        let mut uses = Uses::of(pipelines.len());
        for pipeline in pipelines {
            let recipe = pipeline.recipe.to_string();
            let recipe = recipe.split_once('/').map_or(recipe.as_str(), |(_, name)| name);
            let start = || vec![Hop::Pipeline(pipeline.name.clone()), Hop::Recipe(Words::from(recipe))];
            for (way, ami) in pipeline.parent.iter().flat_map(|parent| self.named(parent)) {
                uses.add(ami, [start(), way].concat());
            }
            for ami in &pipeline.builds_on {
                uses.add(*ami, start());
            }
        }
        uses
    }

    /// What EC2 says is a use unless our own lists show that it is none: it names neither the version of a template nor who
    /// builds by a recipe.
    fn references(&self, told: &[ReferenceSeen], before: &BTreeMap<Source, Result<Uses, Unread>>) -> Uses {
        let mut uses = Uses::of(told.len());
        let templates = before.get(&Source::LaunchTemplates).and_then(|uses| uses.as_ref().ok());
        let pipelines = || self.readings.pipelines.iter().flatten();
        for ReferenceSeen { ami, by } in told {
            let is_use = match by {
                // A version that names the image is told by its own list, with where it stands.
                Referrer::LaunchTemplate(id) => {
                    let mut ways = templates.and_then(|uses| uses.of.get(ami)).into_iter().flatten();
                    !ways.any(|way| matches!(way.path.first(), Some(Hop::Template { id: listed, .. }) if listed == id))
                }
                Referrer::Recipe(recipe) => pipelines().any(|pipeline| pipeline.recipe.may_mean(recipe)),
                // EC2 looks at present values and is not asked about terminated instances.
                Referrer::Instance(_) | Referrer::Parameter(_) | Referrer::Other { .. } => true,
            };
            if is_use {
                uses.add(*ami, vec![Hop::ToldByEc2(by.clone())]);
            }
        }
        uses
    }

    fn launched(&self, what: &Launched) -> Vec<(Vec<Hop>, AmiId)> {
        match what {
            Launched::Image(name) => self.named(name),
            Launched::Template { by, version } => self.version(by, *version),
            Launched::Configuration(name) => {
                let image = self.configurations.get(name.as_str()).and_then(|seen| seen.image);
                let hop = || vec![Hop::LaunchConfiguration(Words::from(name.as_str()))];
                image.map(|ami| (hop(), ami)).into_iter().collect()
            }
        }
    }

    /// What a version starts; nothing where it, or its template, is deleted.
    fn version(&self, by: &TemplateBy, version: VersionBy) -> Vec<(Vec<Hop>, AmiId)> {
        let Some(template) = self.template(by) else {
            return Vec::new();
        };
        let version = template.number(version);
        let names = template.versions.get(&version).into_iter().flatten();
        let ways = names.flat_map(|name| self.named(name));
        ways.map(|(way, ami)| ([vec![version_hop(template, version)], way].concat(), ami))
            .collect()
    }

    fn template(&self, by: &TemplateBy) -> Option<&'a TemplateSeen> {
        match by {
            TemplateBy::Id(id) => self.by_id.get(id),
            TemplateBy::Name(name) => self.by_name.get(name.as_str()),
        }
        .copied()
    }

    fn named(&self, name: &ImageName) -> Vec<(Vec<Hop>, AmiId)> {
        match name {
            ImageName::Ami(ami) => vec![(Vec::new(), *ami)],
            ImageName::Parameter(parameter) => {
                let seen = self.readings.parameters.iter();
                let images = seen.filter_map(|seen| seen.named.get(parameter)).flatten();
                let way = || vec![Hop::Parameter(parameter.clone())];
                images.map(|ami| (way(), *ami)).collect()
            }
        }
    }
}

fn instances(instances: &[InstanceSeen]) -> Uses {
    let mut uses = Uses::of(instances.len());
    for instance in instances {
        uses.add(instance.image, vec![instance_hop(instance)]);
    }
    uses
}

fn configurations(configurations: &[ConfigurationSeen]) -> Uses {
    let mut uses = Uses::of(configurations.len());
    for ConfigurationSeen { name, image } in configurations {
        if let Some(ami) = image {
            uses.add(*ami, vec![Hop::LaunchConfiguration(Words::from(name.as_str()))]);
        }
    }
    uses
}

fn parameters(seen: &ParametersSeen) -> Uses {
    // A past version counts while something names it, and that is told by who does.
    let ParametersSeen {
        listed,
        holding,
        named: _,
    } = seen;
    let mut uses = Uses::of(*listed);
    for (name, images) in holding {
        for ami in images {
            uses.add(*ami, vec![Hop::Parameter(ParameterRef::newest(name.as_str()))]);
        }
    }
    uses
}

fn reports(seen: &ReportsSeen) -> Uses {
    let mut uses = Uses::of(seen.listed);
    for reported in &seen.uses {
        let ReportedUse {
            ami,
            requested,
            account,
            by,
            count,
        } = reported;
        let hop = Hop::Reported {
            account: *account,
            by: by.clone(),
            count: *count,
            requested: *requested,
        };
        uses.add(*ami, vec![hop]);
    }
    uses
}

pub(super) fn instance_hop(instance: &InstanceSeen) -> Hop {
    let InstanceSeen {
        id,
        state,
        image: _,
        name,
        owner,
        template: _,
    } = instance;
    Hop::Instance {
        id: *id,
        state: *state,
        name: name.clone(),
        owner: owner.clone(),
    }
}

fn version_hop(template: &TemplateSeen, version: u64) -> Hop {
    let TemplateSeen {
        id,
        name,
        default,
        latest,
        versions,
    } = template;
    // Versions are deleted, and their numbers never given again. Not all may have been read: only the latest has none newer.
    let newer = versions.range(version + 1..).count();
    let newer = u64::try_from(newer).unwrap_or(u64::MAX);
    Hop::Template {
        id: *id,
        name: Words::from(name.as_str()),
        version,
        standing: VersionStanding {
            default: version == *default,
            newer: newer.max(u64::from(version < *latest)),
        },
    }
}

impl Uses {
    fn of(listed: usize) -> Self {
        Self {
            listed,
            of: BTreeMap::new(),
        }
    }

    fn add(&mut self, ami: AmiId, path: Vec<Hop>) {
        self.of.entry(ami).or_default().insert(Reference { path });
    }
}

#[cfg(test)]
mod tests;

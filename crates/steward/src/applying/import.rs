use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::content::{
    ComponentUse, ContainerRecipeContent, InfrastructureContent, Parameter, PipelineContent, RecipeContent,
    ScanningContent, VolumeContent,
};
use crate::manifest::{Diagnostic, InstanceType, Level, ManifestFile, yaml};
use crate::{Architecture, FamilyName, Region, ResourceName};

/// A pipeline that exists, with all it refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// What it is called.
    pub name: ResourceName,
    /// What it says.
    pub pipeline: PipelineContent,
    /// When it runs by itself.
    pub schedule: Option<ExistingSchedule>,
    /// `Linux`, `Windows` or `macOS`.
    pub platform: String,
    /// Its recipe.
    pub recipe: ExistingRecipe,
    /// Its infrastructure configuration.
    pub infrastructure: InfrastructureContent,
    /// Where it distributes to.
    pub regions: Vec<ExistingRegion>,
}

/// What it builds by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExistingRecipe {
    /// A recipe of AMIs.
    Image(RecipeContent),
    /// A recipe of container images.
    Container(ContainerRecipeContent),
}

impl ExistingRecipe {
    const fn others(&self) -> &Vec<String> {
        match self {
            Self::Image(recipe) => &recipe.others,
            Self::Container(recipe) => &recipe.others,
        }
    }

    const fn common(&self) -> (Option<&String>, &Vec<ComponentUse>, Option<&String>) {
        match self {
            Self::Image(recipe) => (
                recipe.description.as_ref(),
                &recipe.components,
                recipe.working_directory.as_ref(),
            ),
            Self::Container(recipe) => (
                recipe.description.as_ref(),
                &recipe.components,
                recipe.working_directory.as_ref(),
            ),
        }
    }
}

/// A schedule of Image Builder's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingSchedule {
    /// `cron(…)` or `rate(…)`.
    pub expression: String,
    /// Its time zone.
    pub timezone: Option<String>,
    /// Whether it builds though no input changed.
    pub always: bool,
}

/// One Region of a distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingRegion {
    /// Which.
    pub region: Region,
    /// By which key.
    pub kms_key: Option<String>,
    /// Tags of the image there.
    pub ami_tags: BTreeMap<String, String>,
    /// Accounts that get a copy.
    pub copy_to: Vec<String>,
    /// Accounts that may use it.
    pub accounts: Vec<String>,
    /// Organizations that may.
    pub organizations: Vec<String>,
    /// Units that may.
    pub units: Vec<String>,
    /// Whether everybody may.
    pub public: bool,
    /// Licence configurations.
    pub licences: Vec<String>,
    /// What a manifest says elsewhere or not at all, by its member's name.
    pub others: Vec<String>,
}

/// A manifest made from a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The family.
    pub family: FamilyName,
    /// The manifest, with a comment for each thing to look at.
    pub text: String,
    /// Files that it names.
    pub files: Vec<(String, String)>,
    /// What it could not say, or only guessed.
    pub notes: Vec<String>,
}

/// Why a pipeline cannot become a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotImported {
    /// Its name makes no family's.
    #[error("{0} is no name for a family: give one by --family")]
    Name(String),
    /// What it says breaks a rule of manifests.
    #[error("what this pipeline says makes no manifest:\n\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Wrong(Vec<Diagnostic>),
}

/// The manifest that says what a pipeline does, as far as manifests can.
pub fn import(existing: &Existing, family: Option<&FamilyName>) -> Result<Imported, NotImported> {
    let family = if let Some(family) = family {
        family.clone()
    } else {
        let name = existing.name.as_str().replace('_', "-");
        name.parse().map_err(|_| NotImported::Name(name))?
    };
    let mut importing = Importing {
        existing,
        notes: Vec::new(),
        files: Vec::new(),
    };
    let manifest = importing.manifest(&family);
    let Importing { notes, files, .. } = importing;
    // Read as any manifest is, and printed again: in the order people know, without what the defaults say.
    let read = ManifestFile::read(&format!("{family}.yaml"), yaml(&manifest).as_bytes());
    let Some(file) = read.file else {
        let errors = read
            .diagnostics
            .into_iter()
            .filter(|diagnostic| diagnostic.level == Level::Error);
        return Err(NotImported::Wrong(errors.collect()));
    };
    let mut notes = notes;
    for named in file.named_files() {
        let content = files.iter().find(|(name, _)| name == named.path.as_str());
        let Some((_, content)) = content else { continue };
        let found = file.check_named(&named, Ok(content.clone().into_bytes()));
        notes.extend(
            found
                .into_iter()
                .map(|found| format!("{}: {}.", named.path, found.what)),
        );
    }
    let mut text = format!(
        "# Made from the pipeline {}. Every key there is: docs/manifest.md\n",
        existing.name
    );
    for note in &notes {
        let _ = writeln!(text, "# Look at this: {note}");
    }
    text.push_str(&file.manifest().to_yaml());
    Ok(Imported {
        family,
        text,
        files,
        notes,
    })
}

struct Importing<'a> {
    existing: &'a Existing,
    notes: Vec<String>,
    files: Vec<(String, String)>,
}

impl Importing<'_> {
    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    fn manifest(&mut self, family: &FamilyName) -> Value {
        let existing = self.existing;
        let mut manifest = Map::new();
        manifest.insert("family".into(), family.as_str().into());
        insert(
            &mut manifest,
            "description",
            existing.recipe.common().0.or(existing.pipeline.description.as_ref()),
        );
        if existing.platform != "Linux" {
            manifest.insert("platform".into(), existing.platform.to_ascii_lowercase().into());
        }
        let architecture = self.architecture();
        manifest.insert("architectures".into(), json!([architecture]));
        manifest.insert("build".into(), self.build(family));
        if let Some(triggers) = self.triggers() {
            manifest.insert("triggers".into(), triggers);
        }
        let distribute = self.distribute();
        if !distribute.is_empty() {
            manifest.insert("distribute".into(), distribute.into());
        }
        Value::Object(manifest)
    }

    fn architecture(&mut self) -> Architecture {
        let types = &self.existing.infrastructure.instance_types;
        if types.is_empty() {
            self.note("the architecture is a guess: no instance type says it.");
        }
        types.first().map_or(Architecture::X86_64, InstanceType::architecture)
    }

    fn build(&mut self, family: &FamilyName) -> Value {
        let Existing { recipe, pipeline, .. } = self.existing;
        let mut build = Map::new();
        match recipe {
            ExistingRecipe::Image(recipe) => {
                build.insert("parent".into(), self.parent(&recipe.parent));
                if !recipe.volumes.is_empty() {
                    build.insert("volumes".into(), recipe.volumes.iter().map(volume).collect());
                }
                if let Some(user_data) = &recipe.user_data {
                    let file = format!("{family}-user-data");
                    build.insert("user_data".into(), file.clone().into());
                    self.files.push((file, user_data.clone()));
                }
            }
            ExistingRecipe::Container(recipe) => {
                build.insert("container".into(), self.container(recipe, family));
            }
        }
        let (_, components, working_directory) = recipe.common();
        if !components.is_empty() {
            self.note("tests stand among the components: a recipe does not tell them apart.");
        }
        let components = components.iter();
        let components: Vec<Value> = components
            .map(|used| used_by_arn(&used.arn, &used.parameters).into())
            .collect();
        build.insert("components".into(), components.into());
        build.insert("infrastructure".into(), self.infrastructure());
        insert(&mut build, "working_directory", working_directory);
        if !pipeline.workflows.is_empty() {
            let workflow = |workflow: &super::WorkflowUse| {
                let mut one = used_by_arn(&workflow.arn, &workflow.parameters);
                let reaction = workflow
                    .on_failure
                    .as_ref()
                    .map(|reaction| reaction.to_ascii_lowercase());
                insert(&mut one, "on_failure", reaction.as_ref());
                insert(&mut one, "group", workflow.group.as_ref());
                Value::Object(one)
            };
            build.insert("workflows".into(), pipeline.workflows.iter().map(workflow).collect());
        }
        insert(&mut build, "execution_role", pipeline.execution_role.as_ref());
        let licences: Vec<&String> = unique(self.existing.regions.iter().flat_map(|region| &region.licences));
        if !licences.is_empty() {
            build.insert("licences".into(), json!(licences));
        }
        if let Some(ScanningContent {
            enabled: _,
            repository,
            tags,
        }) = &pipeline.scanning
        {
            let mut scanning = Map::new();
            // Only container images are scanned in a repository, and only of them a manifest says it.
            if let ExistingRecipe::Container(_) = recipe {
                insert(&mut scanning, "repository", repository.as_ref());
                if !tags.is_empty() {
                    scanning.insert("tags".into(), json!(tags));
                }
            }
            build.insert("scanning".into(), scanning.into());
        }
        if !pipeline.enhanced_metadata {
            build.insert("enhanced_metadata".into(), false.into());
        }
        if pipeline.image_tags.keys().any(|key| !key.starts_with("image-steward:")) {
            self.note("the tags of the Image Builder image are not carried over.");
        }
        for other in recipe.others().iter().chain(&pipeline.others) {
            self.note(format!("{other} is not carried over."));
        }
        if !pipeline.tests {
            self.note("the pipeline runs no tests; a family always does.");
        }
        if !pipeline.enabled {
            self.note("the pipeline is disabled; applying this makes another one, which is not.");
        }
        build.into()
    }

    fn container(&mut self, recipe: &ContainerRecipeContent, family: &FamilyName) -> Value {
        let file = format!("containers/{family}.Dockerfile");
        let mut container = Map::new();
        container.insert("repository".into(), recipe.repository.clone().into());
        container.insert("base".into(), recipe.base.clone().into());
        container.insert("dockerfile".into(), file.clone().into());
        insert(&mut container, "kms_key", recipe.kms_key.as_ref());
        self.files.push((file, recipe.dockerfile.clone()));
        if self.existing.platform == "Windows" && !recipe.base.starts_with("arn:") {
            self.note("an operating system version that the recipe was given is not told by Image Builder.");
        }
        container.into()
    }

    fn parent(&mut self, parent: &str) -> Value {
        if let Some(parameter) = parent.strip_prefix("ssm:") {
            let name = parameter.split_once(":parameter").map_or(parameter, |(_, name)| name);
            let owner = if name.starts_with("/aws/service/") {
                "amazon"
            } else {
                "self"
            };
            self.note(format!("the owner of what {name} names is a guess: {owner}."));
            return json!({ "parameter": name, "owner": owner });
        }
        if parent.starts_with("arn:") {
            return json!({ "image": parent });
        }
        self.note(format!("the owner of {parent} is a guess: self."));
        json!({ "ami": parent, "owner": "self" })
    }

    fn infrastructure(&mut self) -> Value {
        let InfrastructureContent {
            description: _,
            instance_types,
            instance_profile,
            subnet,
            security_groups,
            logs,
            key_pair,
            terminate_on_failure,
            topic,
            metadata,
            placement,
            resource_tags,
        } = &self.existing.infrastructure;
        let mut said = Map::new();
        let types = if instance_types.is_empty() {
            self.note("the instance type is a guess: Image Builder chose one.");
            json!([InstanceType::small(Architecture::X86_64)])
        } else {
            json!(instance_types)
        };
        said.insert("instance_types".into(), types);
        said.insert("instance_profile".into(), json!(instance_profile));
        if let Some(subnet) = subnet {
            said.insert("subnet".into(), json!(subnet));
        }
        if !security_groups.is_empty() {
            said.insert("security_groups".into(), json!(security_groups));
        }
        if let Some(logs) = logs {
            let prefix = logs
                .prefix
                .as_ref()
                .map(|prefix| format!("/{prefix}"))
                .unwrap_or_default();
            said.insert("logs".into(), format!("s3://{}{prefix}", logs.bucket).into());
        }
        insert(&mut said, "key_pair", key_pair.as_ref());
        if !terminate_on_failure {
            said.insert("terminate_on_failure".into(), false.into());
        }
        insert(&mut said, "topic", topic.as_ref());
        let mut service = Map::new();
        // Left out it would become the stricter one, and a build that needs the other would fail.
        service.insert(
            "tokens".into(),
            metadata
                .tokens
                .clone()
                .unwrap_or_else(|| String::from("optional"))
                .into(),
        );
        if let Some(hops) = metadata.hops {
            service.insert("hops".into(), hops.into());
        }
        said.insert("metadata".into(), service.into());
        if let Some(placement) = placement {
            let mut where_ = Map::new();
            insert(&mut where_, "tenancy", placement.tenancy.as_ref());
            insert(&mut where_, "zone", placement.zone.as_ref());
            insert(&mut where_, "host", placement.host.as_ref());
            insert(
                &mut where_,
                "host_resource_group",
                placement.host_resource_group.as_ref(),
            );
            said.insert("placement".into(), where_.into());
        }
        if !resource_tags.is_empty() {
            said.insert("tags".into(), json!(resource_tags));
        }
        said.into()
    }

    fn triggers(&mut self) -> Option<Value> {
        let schedule = self.existing.schedule.as_ref()?;
        let cron = schedule
            .expression
            .strip_prefix("cron(")
            .and_then(|rest| rest.strip_suffix(')'));
        let Some(cron) = cron else {
            self.note(format!(
                "the schedule {} is not a cron expression, and left out.",
                schedule.expression
            ));
            return None;
        };
        let mut said = Map::from_iter([(String::from("cron"), cron.into())]);
        insert(&mut said, "timezone", schedule.timezone.as_ref());
        if !schedule.always {
            said.insert("always".into(), false.into());
        }
        Some(json!({ "schedule": said }))
    }

    fn distribute(&mut self) -> Map<String, Value> {
        let regions = &self.existing.regions;
        let mut distribute = Map::new();
        let mut said = Map::new();
        for region in regions {
            let mut copy = Map::new();
            insert(&mut copy, "kms_key", region.kms_key.as_ref());
            said.insert(region.region.to_string(), copy.into());
            for other in &region.others {
                self.note(format!("{other} in {} is not carried over.", region.region));
            }
        }
        if !said.is_empty() {
            distribute.insert("regions".into(), said.into());
        }
        let mut same = |what: &'static str, of: fn(&ExistingRegion) -> &Vec<String>| {
            let all = unique(regions.iter().flat_map(of));
            if regions.iter().any(|region| of(region).len() != all.len()) {
                self.notes.push(format!(
                    "{what} differ from Region to Region: this is all of them in each."
                ));
            }
            json!(all)
        };
        let copies = same("the accounts that get a copy", |region| &region.copy_to);
        let mut audience = Map::new();
        audience.insert(
            "accounts".into(),
            same("the accounts that may use it", |region| &region.accounts),
        );
        audience.insert(
            "units".into(),
            same("the units that may use it", |region| &region.units),
        );
        audience.insert(
            "organizations".into(),
            same("the organizations that may use it", |region| &region.organizations),
        );
        audience.retain(|_, list| list.as_array().is_none_or(|list| !list.is_empty()));
        if regions.iter().any(|region| region.public) {
            self.note(
                "everybody may use its images: not carried over, unless you add `public` and `everybody_may_use` to `share_with`.",
            );
        }
        if copies.as_array().is_some_and(|copies| !copies.is_empty()) {
            distribute.insert("copy_to".into(), copies);
        }
        if !audience.is_empty() {
            distribute.insert("share_with".into(), audience.into());
        }
        let ami_tags = match &self.existing.recipe {
            ExistingRecipe::Image(recipe) => Some(&recipe.ami_tags),
            ExistingRecipe::Container(_) => None,
        };
        let tags: Map<String, Value> = regions
            .iter()
            .flat_map(|region| &region.ami_tags)
            .chain(ami_tags.into_iter().flatten())
            .filter(|(key, _)| !key.starts_with("image-steward:"))
            .map(|(key, value)| (key.clone(), value.clone().into()))
            .collect();
        let differ = |region: &ExistingRegion| {
            region
                .ami_tags
                .iter()
                .any(|(key, value)| tags.get(key).is_some_and(|tag| tag != value))
        };
        if regions.iter().any(differ) {
            self.note("tags of the image differ from Region to Region: this is one of each.");
        }
        if !tags.is_empty() {
            distribute.insert("tags".into(), tags.into());
        }
        distribute
    }
}

/// A component or workflow, and what it is given.
fn used_by_arn(arn: &str, parameters: &[Parameter]) -> Map<String, Value> {
    let mut used = Map::from_iter([(String::from("arn"), arn.into())]);
    if !parameters.is_empty() {
        let given = parameters
            .iter()
            .map(|Parameter { name, values }| (name.clone(), json!(values)));
        used.insert("parameters".into(), given.collect::<Map<_, _>>().into());
    }
    used
}

fn insert(map: &mut Map<String, Value>, key: &str, value: Option<&String>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.clone().into());
    }
}

fn unique<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let mut once: Vec<&String> = texts.collect();
    once.sort();
    once.dedup();
    once
}

fn volume(volume: &VolumeContent) -> Value {
    let VolumeContent {
        device,
        size,
        kind,
        encrypted,
        kms_key,
        iops,
        throughput,
        delete_on_termination,
    } = volume;
    let mut said = Map::from_iter([(String::from("device"), json!(device))]);
    let mut number = |key: &str, number: &Option<i32>| {
        if let Some(number) = number {
            said.insert(key.to_owned(), (*number).into());
        }
    };
    number("size_gb", size);
    number("iops", iops);
    number("throughput", throughput);
    insert(&mut said, "type", kind.as_ref());
    if let Some(encrypted) = encrypted {
        said.insert("encrypted".into(), (*encrypted).into());
    }
    insert(&mut said, "kms_key", kms_key.as_ref());
    if *delete_on_termination == Some(false) {
        said.insert("delete_on_termination".into(), false.into());
    }
    said.into()
}

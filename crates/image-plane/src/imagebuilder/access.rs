//! What a call to Image Builder needs its caller to be allowed, as the service authorization reference has it: the action
//! on its resource, and the actions it implies on what its request refers to.
//!
//! Whether a policy names the builds a call is about to make by number, AWS does not say; here they are `*`. An instance
//! profile holds the role of its own name, as the console makes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Route;
use super::arn::{Arn, Kind, Owner, normalise};
use super::request::Input;
use super::tagging;
use crate::ecr;
use crate::sts::{Access, Resource, authorize_named, is_root};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// What a call is on.
#[derive(Clone, Copy, Debug)]
pub(super) enum About {
    /// Nothing in particular: only policies that say `*` cover it.
    Nothing,
    /// The resource whose ARN is this parameter of the query.
    Query(&'static str),
    /// The resource whose ARN is this member of the body.
    Member(&'static str),
    /// All builds of the version that this member of the body names.
    Builds(&'static str),
    /// The resource in the path.
    Path,
    /// What the call makes, or changes and calls by its name.
    Made(Kind),
    /// The image that the recipe in the body becomes.
    ImageOfRecipe,
    /// The image or the pipeline that the body filters by, and nothing in particular where it filters by neither.
    Filtered,
    /// The run of a workflow whose id is in the body.
    Run,
    /// The step of a run whose id is in the query.
    Step,
    /// The lifecycle execution whose id is in the query.
    Execution,
}

/// Refuses a call of which the caller's policies do not allow every part.
pub(super) fn authorize(world: &mut World, caller: &Caller, route: &Route, input: &Input) -> Result<(), ApiError> {
    if is_root(caller) {
        return Ok(());
    }
    for (action, access) in needs(world, caller, route, input) {
        authorize_named(world, caller, Service::ImageBuilder, &action, &access)?;
    }
    Ok(())
}

/// What the caller must be allowed.
pub(super) fn needs(world: &mut World, caller: &Caller, route: &Route, input: &Input) -> Vec<(String, Access)> {
    let asked = Asked {
        target: caller.target,
        body: input.members().unwrap_or_default(),
        input,
    };
    asked.needs(world, route)
}

/// A request as policies see it. What it lacks or gets wrong is on nothing, so that only `*` covers it.
struct Asked<'a> {
    target: Target,
    body: Map<String, Value>,
    input: &'a Input,
}

impl Asked<'_> {
    fn needs(&self, world: &mut World, route: &Route) -> Vec<(String, Access)> {
        let on = self.resource(route.about).map(|arn| resource(world, self.target, arn));
        let request_tags = self.request_tags();
        let tags_what_it_makes = !request_tags.is_empty() && !matches!(route.about, About::Path);
        let own = Access {
            resources: on.into_iter().collect(),
            request_tags,
            ..Access::default()
        };
        let mut needs = vec![(format!("imagebuilder:{}", route.name), own.clone())];
        if tags_what_it_makes {
            let made = if route.name == "StartImagePipelineExecution" {
                let recipe = self
                    .text("imagePipelineArn")
                    .and_then(|arn| recipe_of(world, self.target, arn));
                let made = recipe.map(|recipe| resource(world, self.target, image_of(&recipe)));
                Access {
                    resources: made.into_iter().collect(),
                    ..own
                }
            } else {
                own
            };
            needs.push((String::from("imagebuilder:TagResource"), made));
        }
        self.add_implied(world, route, &mut needs);
        needs
    }

    /// The ARN a call is on.
    fn resource(&self, about: About) -> Option<String> {
        match about {
            About::Nothing => None,
            About::Query(name) => self.input.query(name).ok().map(str::to_owned),
            About::Member(name) => self.text(name).map(str::to_owned),
            About::Builds(name) => self.text(name).map(|arn| format!("{arn}/*")),
            About::Path => self.input.resource().ok().map(str::to_owned),
            About::Made(kind) => self.made(kind),
            About::ImageOfRecipe => self
                .text("imageRecipeArn")
                .or_else(|| self.text("containerRecipeArn"))
                .map(image_of),
            About::Filtered => self.filtered(),
            About::Execution => {
                let id = self.input.query("lifecycleExecutionId").ok()?;
                Some(self.own("lifecycle-execution", id))
            }
            About::Step => {
                let id = self.input.query("stepExecutionId").ok()?;
                Some(self.own("workflow-step-execution", id))
            }
            About::Run => Some(self.own("workflow-execution", self.text("workflowExecutionId")?)),
        }
    }

    fn own(&self, kind: &str, id: &str) -> String {
        let Target { account, region } = self.target;
        format!("arn:{}:imagebuilder:{region}:{account}:{kind}/{id}", region.partition())
    }

    fn filtered(&self) -> Option<String> {
        let several = self.body.get("filters").and_then(Value::as_array);
        let filters = several.into_iter().flatten().chain(self.body.get("filter"));
        let by_arn = filters.into_iter().find(|filter| {
            let name = filter.get("name").and_then(Value::as_str);
            matches!(name, Some("imageBuildVersionArn" | "imagePipelineArn"))
        })?;
        Some(by_arn.get("values")?.get(0)?.as_str()?.to_owned())
    }

    fn made(&self, kind: Kind) -> Option<String> {
        let arn = Arn::of_name(self.target, kind, &normalise(self.text("name")?));
        Some(match kind {
            Kind::Component => format!("{arn}/{}/*", self.text("semanticVersion")?),
            Kind::Recipe | Kind::ContainerRecipe => format!("{arn}/{}", self.text("semanticVersion")?),
            Kind::Infrastructure | Kind::Distribution | Kind::Pipeline | Kind::Image => arn.to_string(),
        })
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.body.get(member)?.as_str()
    }

    /// The tags a request sets, and the keys it deletes.
    fn request_tags(&self) -> BTreeMap<String, Option<String>> {
        let set = self.body.get("tags").and_then(Value::as_object);
        let set = set.into_iter().flatten();
        let deleted = self.input.queries("tagKeys").unwrap_or_default();
        set.map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned)))
            .chain(deleted.into_iter().map(|key| (key.to_owned(), None)))
            .collect()
    }

    /// What a request refers to must be readable to its caller, and the roles it hands over must be the caller's to pass.
    fn add_implied(&self, world: &mut World, route: &Route, needs: &mut Vec<(String, Access)>) {
        let Target { account, region } = self.target;
        let partition = region.partition();
        let mut add = |action: &str, arn: Option<String>, passed_to| {
            let resources = arn.map(|arn| resource(world, self.target, arn)).into_iter().collect();
            let access = Access {
                resources,
                passed_to,
                ..Access::default()
            };
            needs.push((action.to_owned(), access));
        };
        match route.name {
            "CreateImage" | "CreateImagePipeline" | "UpdateImagePipeline" => {
                for (action, member) in [
                    ("imagebuilder:GetImageRecipe", "imageRecipeArn"),
                    ("imagebuilder:GetContainerRecipe", "containerRecipeArn"),
                    (
                        "imagebuilder:GetInfrastructureConfiguration",
                        "infrastructureConfigurationArn",
                    ),
                    (
                        "imagebuilder:GetDistributionConfiguration",
                        "distributionConfigurationArn",
                    ),
                ] {
                    if let Some(arn) = self.text(member) {
                        add(action, Some(arn.to_owned()), None);
                    }
                }
            }
            // Findings are Inspector's: their reader is asked for as if he asked there.
            "ListImageScanFindings" => add("inspector2:ListFindings", None, None),
            "SendWorkflowStepAction" => {
                let arn = self.text("stepExecutionId");
                let arn = arn.map(|id| self.own("workflow-step-execution", id));
                add("imagebuilder:SendWorkflowStepAction", arn, None);
            }
            "StartImagePipelineExecution" => {
                let arn = self.text("imagePipelineArn").map(str::to_owned);
                add("imagebuilder:GetImagePipeline", arn, None);
            }
            "CreateImageRecipe" => {
                let components = self.body.get("components").and_then(Value::as_array);
                for component in components.into_iter().flatten() {
                    let arn = component.get("componentArn").and_then(Value::as_str);
                    add("imagebuilder:GetComponent", arn.map(str::to_owned), None);
                }
                let parent = self.text("parentImage").unwrap_or_default();
                if parent.starts_with("arn:") {
                    add("imagebuilder:GetImage", Some(parent.to_owned()), None);
                } else if let Some(name) = parent.strip_prefix("ssm:") {
                    let arn = if name.starts_with("arn:") {
                        name.to_owned()
                    } else {
                        format!(
                            "arn:{partition}:ssm:{region}:{account}:parameter/{}",
                            name.trim_start_matches('/')
                        )
                    };
                    add("ssm:GetParameter", Some(arn), None);
                    add("ec2:DescribeImages", None, None);
                } else {
                    add("ec2:DescribeImages", None, None);
                }
            }
            "CreateContainerRecipe" => {
                let components = self.body.get("components").and_then(Value::as_array);
                for component in components.into_iter().flatten() {
                    let arn = component.get("componentArn").and_then(Value::as_str);
                    add("imagebuilder:GetComponent", arn.map(str::to_owned), None);
                }
                if let Some(base) = self.text("parentImage").filter(|base| base.starts_with("arn:")) {
                    add("imagebuilder:GetImage", Some(base.to_owned()), None);
                }
                let repository = self.body.get("targetRepository");
                let repository = repository.and_then(|repository| repository.get("repositoryName")?.as_str());
                let arn = repository.map(|name| ecr::name::arn(self.target, name));
                add("ecr:DescribeRepositories", arn, None);
            }
            "CreateInfrastructureConfiguration" | "UpdateInfrastructureConfiguration" => {
                if let Some(profile) = self.text("instanceProfileName") {
                    let iam = |kind: &str| Some(format!("arn:{partition}:iam::{account}:{kind}/{profile}"));
                    add("iam:GetInstanceProfile", iam("instance-profile"), None);
                    add("iam:PassRole", iam("role"), Some("ec2.amazonaws.com"));
                }
                if let Some(topic) = self.text("snsTopicArn") {
                    add("sns:Publish", Some(topic.to_owned()), None);
                }
            }
            _ => {}
        }
        if let Some(role) = self.text("executionRole") {
            let arn = if role.starts_with("arn:") {
                role.to_owned()
            } else {
                format!("arn:{partition}:iam::{account}:role/{role}")
            };
            add("iam:PassRole", Some(arn), Some("imagebuilder.amazonaws.com"));
        }
    }
}

/// The ARN of the image that a recipe becomes, whichever build of it.
fn image_of(recipe: &str) -> String {
    let image = recipe.replacen(":container-recipe/", ":image/", 1);
    format!("{}/*", image.replacen(":image-recipe/", ":image/", 1))
}

fn recipe_of(world: &World, target: Target, pipeline: &str) -> Option<String> {
    let arn = Arn::parse("imagePipelineArn", pipeline).ok()?;
    let pipeline = world.builder.shelf(target).pipelines.get(&arn.name)?;
    Some(pipeline.settings.recipe_arn().to_owned())
}

/// A resource with its tags, where it is one of the caller's and named exactly; else judged by its ARN alone.
fn resource(world: &mut World, target: Target, arn: String) -> Resource {
    let own = Arn::parse("resourceArn", &arn)
        .ok()
        .filter(|arn| arn.owner == Owner::Account(target.account) && arn.region == target.region);
    let tags = own.and_then(|own| tagging::tags_mut(world, target, &own).cloned());
    Resource {
        arn,
        tags: tags.unwrap_or_default(),
        owner: None,
    }
}

#[cfg(test)]
mod tests;

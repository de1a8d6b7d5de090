//! EC2 Image Builder: components, recipes, configurations, pipelines, and the builds that walk from PENDING to AVAILABLE.
//!
//! Not modelled, and refused by name: workflows of one's own but for their names and for steps that wait, lifecycle policies, imports, sharing,
//! Marketplace. Schedules are kept and shown; nothing runs on them, so no pipeline is ever
//! disabled by failing.

mod access;
mod arn;
mod build;
mod check;
mod component;
mod details;
mod distribute;
mod distribution;
mod document;
mod errors;
mod failure;
mod finding;
mod image;
mod image_list;
mod infrastructure;
mod lifecycle;
mod lifecycle_policy;
mod machine;
mod managed;
mod named;
mod page;
mod parent;
mod pipeline;
mod pipeline_start;
pub(crate) mod place;
mod push;
mod reach;
mod recipe;
mod request;
mod run;
mod schedule;
mod sns;
mod state;
mod tagging;
#[cfg(test)]
mod testing;
mod token;
mod waiting;
mod walk;
mod workflow;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::sts::Access;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, Target, World};
use access::About;
use arn::{Kind, Place};
use details::DETAILS;
use image::Status;
use request::Input;

pub use failure::{BuildFailure, BuildStage, FailureCause, RegionFailure, RegionFailureStatus};
pub use finding::{Findings, Severity, Vulnerability, VulnerablePackage};
pub(crate) use state::ImageBuilder;

type Handler = fn(&mut World, &Caller, &Input) -> Result<Value, ApiError>;

/// An operation as the wire and the world see it.
struct Route {
    method: &'static str,
    name: &'static str,
    mutates: bool,
    /// Whether it takes a client token, and so answers a repetition with the first answer.
    token: bool,
    about: About,
    run: Handler,
}

const fn get(name: &'static str, about: About, run: Handler) -> Route {
    Route {
        method: "GET",
        name,
        mutates: false,
        token: false,
        about,
        run,
    }
}

const fn list(name: &'static str, about: About, run: Handler) -> Route {
    Route {
        method: "POST",
        name,
        mutates: false,
        token: false,
        about,
        run,
    }
}

const fn delete(name: &'static str, about: About, run: Handler) -> Route {
    Route {
        method: "DELETE",
        name,
        mutates: true,
        token: false,
        about,
        run,
    }
}

const fn with_token(name: &'static str, about: About, run: Handler) -> Route {
    Route {
        method: "PUT",
        name,
        mutates: true,
        token: true,
        about,
        run,
    }
}

/// Each at the path `/Name`, but for tags.
const ROUTES: [Route; 42] = [
    with_token("CreateComponent", About::Made(Kind::Component), component::create),
    get("GetComponent", About::Query("componentBuildVersionArn"), component::get),
    list("ListComponents", About::Nothing, component::list),
    list(
        "ListComponentBuildVersions",
        About::Builds("componentVersionArn"),
        component::list_builds,
    ),
    delete(
        "DeleteComponent",
        About::Query("componentBuildVersionArn"),
        component::delete,
    ),
    with_token("CreateImageRecipe", About::Made(Kind::Recipe), recipe::ami::create),
    get(
        "GetImageRecipe",
        About::Query("imageRecipeArn"),
        recipe::get_image_recipe,
    ),
    list("ListImageRecipes", About::Nothing, recipe::list_image_recipes),
    delete(
        "DeleteImageRecipe",
        About::Query("imageRecipeArn"),
        recipe::delete_image_recipe,
    ),
    with_token(
        "CreateContainerRecipe",
        About::Made(Kind::ContainerRecipe),
        recipe::container::create,
    ),
    get(
        "GetContainerRecipe",
        About::Query("containerRecipeArn"),
        recipe::get_container_recipe,
    ),
    list("ListContainerRecipes", About::Nothing, recipe::list_container_recipes),
    delete(
        "DeleteContainerRecipe",
        About::Query("containerRecipeArn"),
        recipe::delete_container_recipe,
    ),
    with_token(
        "CreateInfrastructureConfiguration",
        About::Made(Kind::Infrastructure),
        named::create::<infrastructure::Settings>,
    ),
    with_token(
        "UpdateInfrastructureConfiguration",
        About::Member("infrastructureConfigurationArn"),
        named::update::<infrastructure::Settings>,
    ),
    get(
        "GetInfrastructureConfiguration",
        About::Query("infrastructureConfigurationArn"),
        named::get::<infrastructure::Settings>,
    ),
    list(
        "ListInfrastructureConfigurations",
        About::Nothing,
        named::list::<infrastructure::Settings>,
    ),
    delete(
        "DeleteInfrastructureConfiguration",
        About::Query("infrastructureConfigurationArn"),
        named::delete::<infrastructure::Settings>,
    ),
    with_token(
        "CreateDistributionConfiguration",
        About::Made(Kind::Distribution),
        named::create::<distribution::Settings>,
    ),
    with_token(
        "UpdateDistributionConfiguration",
        About::Member("distributionConfigurationArn"),
        named::update::<distribution::Settings>,
    ),
    get(
        "GetDistributionConfiguration",
        About::Query("distributionConfigurationArn"),
        named::get::<distribution::Settings>,
    ),
    list(
        "ListDistributionConfigurations",
        About::Nothing,
        named::list::<distribution::Settings>,
    ),
    delete(
        "DeleteDistributionConfiguration",
        About::Query("distributionConfigurationArn"),
        named::delete::<distribution::Settings>,
    ),
    with_token(
        "CreateImagePipeline",
        About::Made(Kind::Pipeline),
        named::create::<pipeline::Settings>,
    ),
    with_token(
        "UpdateImagePipeline",
        About::Member("imagePipelineArn"),
        named::update::<pipeline::Settings>,
    ),
    get(
        "GetImagePipeline",
        About::Query("imagePipelineArn"),
        named::get::<pipeline::Settings>,
    ),
    list("ListImagePipelines", About::Nothing, named::list::<pipeline::Settings>),
    delete(
        "DeleteImagePipeline",
        About::Query("imagePipelineArn"),
        named::delete::<pipeline::Settings>,
    ),
    with_token(
        "StartImagePipelineExecution",
        About::Member("imagePipelineArn"),
        pipeline_start::start,
    ),
    with_token("CreateImage", About::ImageOfRecipe, pipeline_start::create_image),
    with_token(
        "CancelImageCreation",
        About::Member("imageBuildVersionArn"),
        build::cancel,
    ),
    with_token(
        "SendWorkflowStepAction",
        About::Member("imageBuildVersionArn"),
        waiting::send,
    ),
    get("GetImage", About::Query("imageBuildVersionArn"), image::get),
    list("ListImages", About::Nothing, image_list::versions),
    list(
        "ListImageBuildVersions",
        About::Builds("imageVersionArn"),
        image_list::builds,
    ),
    list(
        "ListImagePipelineImages",
        About::Member("imagePipelineArn"),
        image_list::of_pipeline,
    ),
    delete("DeleteImage", About::Query("imageBuildVersionArn"), image::delete),
    with_token(
        "StartResourceStateUpdate",
        About::Member("resourceArn"),
        lifecycle::start,
    ),
    get(
        "GetLifecyclePolicy",
        About::Query("lifecyclePolicyArn"),
        lifecycle_policy::get,
    ),
    list("ListLifecyclePolicies", About::Nothing, lifecycle_policy::list),
    get("GetLifecycleExecution", About::Execution, lifecycle::get),
    get("ListTagsForResource", About::Path, tagging::list),
];

/// At the path `/tags/{resourceArn}` beside `ListTagsForResource`.
const TAGGING: [Route; 2] = [
    Route {
        method: "POST",
        name: "TagResource",
        mutates: true,
        token: false,
        about: About::Path,
        run: tagging::tag,
    },
    delete("UntagResource", About::Path, tagging::untag),
];

/// AWS documents no request rates for Image Builder. These are our choice, small enough that a careless loop meets them.
const READ_RATE: Rate = Rate::new(20, 10_000);
const MUTATING_RATE: Rate = Rate::new(10, 2_000);

impl Route {
    const fn operation(&self) -> Operation {
        Operation {
            name: self.name,
            mutates: self.mutates,
            rate: if self.mutates { MUTATING_RATE } else { READ_RATE },
        }
    }

    /// These answer without the id of the request in the body.
    fn answers_without_id(&self) -> bool {
        matches!(
            self.name,
            "StartResourceStateUpdate"
                | "GetLifecycleExecution"
                | "TagResource"
                | "UntagResource"
                | "ListTagsForResource"
                | "ListWaitingWorkflowSteps"
                | "SendWorkflowStepAction"
        )
    }
}

/// A request and the operation that will answer it.
pub(crate) struct Call {
    route: &'static Route,
    input: Input,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.route.name)
            .field("input", &self.input)
            .finish()
    }
}

impl Call {
    /// What the caller must be allowed.
    pub(crate) fn needs(&self, world: &mut World, caller: &Caller) -> Vec<(String, Access)> {
        access::needs(world, caller, self.route, &self.input)
    }

    pub(crate) fn run(self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        let Self { route, input } = self;
        access::authorize(world, caller, route, &input)?;
        let mut answer = if route.token {
            token::once(world, caller, route.name, route.run, &input)?
        } else {
            (route.run)(world, caller, &input)?
        };
        if !route.answers_without_id() {
            answer["requestId"] = Value::from(request_id);
        }
        Ok(Bytes::from(json::without_nulls(answer).to_string()))
    }
}

/// Finds the operation of a request.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    let input = Input::read(request)?;
    let method = request.method().as_str();
    let path = request.uri().path();
    let route = if input.resource.is_some() {
        let list = ROUTES.iter().filter(|route| route.name == "ListTagsForResource");
        list.chain(&TAGGING).find(|route| route.method == method)
    } else {
        let name = path.strip_prefix('/').unwrap_or(path);
        ROUTES
            .iter()
            .chain(&DETAILS)
            .find(|route| route.method == method && route.name == name && route.name != "ListTagsForResource")
    };
    let route = route.ok_or_else(|| ApiError::not_modelled(format_args!("{method} {path} of Image Builder")))?;
    Ok((route.operation(), Call { route, input }))
}

/// What happens in Image Builder without a call.
#[derive(Clone, Debug)]
pub(crate) enum Due {
    /// A build has been in this state for its time.
    BuildAdvances { target: Target, place: Place, from: Status },
    /// A cancelled build has come to rest.
    BuildStops { target: Target, place: Place },
    /// A step of a workflow has waited for its time.
    StepTimesOut { target: Target, step: String },
    /// A lifecycle execution acts on its image.
    LifecycleActs { target: Target, execution: String },
}

pub(crate) fn fall_due(world: &mut World, due: Due) {
    match due {
        Due::BuildAdvances { target, place, from } => build::advance(world, target, &place, from),
        Due::BuildStops { target, place } => build::stop(world, target, &place),
        Due::StepTimesOut { target, step } => waiting::time_out(world, target, &step),
        Due::LifecycleActs { target, execution } => lifecycle::act(world, target, &execution),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::testing::Bench;
    use super::{DETAILS, ROUTES, TAGGING};

    /// Any JSON, with the names and words of real requests in it.
    fn any_json() -> impl Strategy<Value = Value> {
        let words = prop::sample::select(vec![
            "x",
            "1.0.0",
            "web",
            "Linux",
            "AVAILABLE",
            "eu-west-1",
            "ssm:/a",
            "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.0/1",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            words.prop_map(Value::from),
            "\\PC{0,20}".prop_map(Value::from),
        ];
        let names = prop::sample::select(vec![
            "name",
            "semanticVersion",
            "platform",
            "data",
            "clientToken",
            "components",
            "componentArn",
            "parentImage",
            "distributions",
            "region",
            "amiDistributionConfiguration",
            "imagePipelineArn",
            "imageRecipeArn",
            "containerRecipeArn",
            "containerType",
            "dockerfileTemplateData",
            "targetRepository",
            "repositoryName",
            "service",
            "resourceArn",
            "state",
            "status",
            "tags",
            "filters",
            "values",
            "maxResults",
            "nextToken",
            "imageBuildVersionArn",
            "infrastructureConfigurationArn",
            "instanceProfileName",
            "owner",
        ]);
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..8)
                    .prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_body_and_no_query_makes_an_operation_panic(bodies in prop::collection::vec(any_json(), ROUTES.len() + DETAILS.len() + TAGGING.len()), query in "[ -~]{0,40}") {
            let mut bench = Bench::new();
            let query: String = query.chars().filter(|letter| !"#<>\"\\^`{|} ".contains(*letter)).collect();
            for (route, body) in ROUTES.iter().chain(&DETAILS).chain(&TAGGING).zip(bodies) {
                for path in [format!("/{}", route.name), format!("/{}?{query}", route.name), format!("/tags/{query}")] {
                    let answer = bench.send(route.method, &path, &body.to_string());
                    prop_assert!(answer.status == 200 || answer.body["message"].is_string());
                    prop_assert_eq!(answer.status == 200, answer.kind.is_empty());
                }
            }
        }
    }

    #[test]
    fn an_operation_nobody_modelled_answers_with_an_error_naming_it() {
        let mut bench = Bench::new();
        for (method, path) in [
            ("POST", "/ListWorkflows"),
            ("PUT", "/GetImage"),
            ("GET", "/"),
            ("PUT", "/tags/a"),
        ] {
            let answer = bench.send(method, path, "{}");
            assert_eq!(answer.status, 501, "{path}");
            assert!(
                answer.body["message"].as_str().unwrap().contains(path),
                "{}",
                answer.body
            );
        }
    }

    #[test]
    fn every_answer_carries_the_id_of_its_request() {
        let mut bench = Bench::new();
        let answer = bench.send("POST", "/ListImages", "{}");
        assert_eq!(answer.body["requestId"].as_str(), Some(answer.request_id.as_str()));
    }

    #[test]
    fn too_many_calls_are_refused_in_image_builders_own_words() {
        let mut bench = Bench::new();
        bench.world.settings_mut().throttling = true;
        let answers: Vec<_> = (0..30).map(|_| bench.send("POST", "/ListImages", "{}")).collect();
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 20);
        let refused = &answers[25];
        assert_eq!(
            (refused.status, refused.kind.as_str()),
            (429, "CallRateLimitExceededException")
        );
    }
}

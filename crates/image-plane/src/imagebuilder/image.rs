//! Images of Image Builder: what a build keeps of itself, and how it is read and deleted.

use std::fmt;

use serde_json::{Value, json};

use super::arn::{Arn, Kind, Owner, Place};
use super::check::TagMap;
use super::distribute::Destination;
use super::distribution::Distribution;
use super::errors::{depended_on, foreign, in_use, invalid, not_found, request as refused};
use super::failure::{BuildFailure, Failure};
use super::finding::Found;
use super::infrastructure::Infrastructure;
use super::lifecycle::in_progress;
use super::managed;
use super::parent::{self, Parent};
use super::pipeline::{Scanning, Tests};
use super::push::Pushed;
use super::recipe::Recipe;
use super::request::Input;
use super::waiting::Held;
use super::walk::Walk;
use super::workflow;
use crate::ec2::image::Image as Ec2Image;
use crate::ids::ImageId;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// Where an image stands. A deleted one is gone from the books.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Status {
    Pending,
    Creating,
    Building,
    Testing,
    Distributing,
    Integrating,
    Available,
    Cancelled,
    Failed,
    Deprecated,
    Disabled,
}

impl Status {
    /// Whether the build has not come to an end.
    pub(crate) const fn under_way(self) -> bool {
        matches!(
            self,
            Self::Pending | Self::Creating | Self::Building | Self::Testing | Self::Distributing | Self::Integrating
        )
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "PENDING",
            Self::Creating => "CREATING",
            Self::Building => "BUILDING",
            Self::Testing => "TESTING",
            Self::Distributing => "DISTRIBUTING",
            Self::Integrating => "INTEGRATING",
            Self::Available => "AVAILABLE",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
            Self::Deprecated => "DEPRECATED",
            Self::Disabled => "DISABLED",
        })
    }
}

/// An AMI a build has brought somewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Output {
    pub(crate) target: Target,
    pub(crate) ami: ImageId,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
}

/// A build version of an image, with copies of everything it was built from.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) status: Status,
    pub(crate) failure: Option<Failure>,
    /// With wildcards as they are written until the build resolves them, and concrete from then on.
    pub(crate) recipe: Recipe,
    pub(crate) infrastructure: Infrastructure,
    pub(crate) distribution: Option<Distribution>,
    pub(crate) tests: Tests,
    pub(crate) scanning: Option<Scanning>,
    /// When the scan was over, with what it found.
    pub(crate) scanned: Option<Time>,
    pub(crate) enhanced: bool,
    /// Those the pipeline names, without wildcards.
    pub(crate) workflows: Option<Vec<workflow::Use>>,
    pub(crate) execution_role: Option<String>,
    pub(crate) log_group: Option<String>,
    pub(crate) pipeline: Option<String>,
    pub(crate) tags: TagMap,
    pub(crate) created: Time,
    /// Lists show it from then on.
    pub(crate) listed: Time,
    pub(crate) source: Option<&'static str>,
    pub(crate) os_version: Option<String>,
    pub(crate) outputs: Vec<Output>,
    /// Container images, where the recipe makes those.
    pub(crate) containers: Vec<Pushed>,
    pub(crate) deprecated_at: Option<Time>,
    pub(crate) lifecycle_execution: Option<String>,
    /// When the build came into each of its states.
    pub(crate) walk: Walk,
    pub(crate) work: Work,
}

/// What only the build itself needs to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work {
    pub(crate) parent: Option<Parent>,
    /// The parent's AMI when the build machine was launched from it; what becomes of it later does no harm.
    pub(crate) base: Option<Box<Ec2Image>>,
    pub(crate) ami: Option<ImageId>,
    pub(crate) pushed: Vec<Pushed>,
    pub(crate) destinations: Vec<Destination>,
    pub(crate) distributing_since: Time,
    pub(crate) failure: Option<BuildFailure>,
    pub(crate) found: Found,
    /// What is installed, where it is not what usually is.
    pub(crate) packages: Option<Vec<(String, String)>>,
    /// Its workflows test the parent and build nothing.
    pub(crate) test_only: bool,
    pub(crate) cancelling: bool,
    /// The steps of its workflows that wait for somebody.
    pub(crate) gates: Vec<Held>,
}

impl Image {
    pub(crate) fn state(&self) -> Value {
        let failure = self.failure.as_ref();
        json!({
            "status": self.status.to_string(),
            "reason": failure.map(|failure| &failure.reason),
            "failureContext": failure.map(|failure| &failure.context),
        })
    }

    pub(crate) fn output_resources(&self) -> Value {
        let amis: Vec<Value> = self
            .outputs
            .iter()
            .map(|Output { target, ami, name, description }| {
                json!({
                    "region": target.region.name(), "image": ami.to_string(), "name": name, "description": description,
                    "accountId": target.account.to_string(),
                })
            })
            .collect();
        let containers = self.containers.iter();
        let containers: Vec<Value> = containers
            .map(|Pushed { target, uris }| json!({ "region": target.region.name(), "imageUris": uris }))
            .collect();
        let shown = |list: Vec<Value>| (!list.is_empty()).then_some(list);
        json!({ "amis": amis, "containers": shown(containers) })
    }

    /// What single images and the lists of builds have in common.
    pub(crate) fn describe(&self, target: Target, place: &Place) -> Value {
        json!({
            "arn": Arn::of_build(target, Kind::Image, place).to_string(),
            "name": self.recipe.name,
            "type": self.recipe.image_type(),
            "version": format!("{}/{}", place.1, place.2),
            "platform": self.recipe.platform,
            "osVersion": self.os_version,
            "state": self.state(),
            "dateCreated": self.created.to_string(),
            "outputResources": self.output_resources(),
            "tags": self.tags,
            "buildType": "USER_INITIATED",
            "imageSource": self.source,
            // Timestamps, unlike dates, are numbers here: seconds since 1970.
            "deprecationTime": self.deprecated_at.map(|at| at.millis() / 1000),
            "lifecycleExecutionId": self.lifecycle_execution,
            "loggingConfiguration": self.log_group.as_ref().map(|group| json!({ "logGroupName": group })),
        })
    }

    /// How far the scan has come. It looks at the test instance: for half of the time tests take the vulnerabilities are
    /// looked for, for the other half collected.
    fn scan_status(&self, world: &World) -> &'static str {
        let half = world.settings.build.testing / 2;
        match (self.scanned, self.status, self.walk.entered(Status::Testing)) {
            (Some(at), ..) if at <= world.now => "COMPLETED",
            (None, Status::Failed | Status::Cancelled, _) => "ABANDONED",
            (None, _, None) => "PENDING",
            (None, _, Some(since)) if world.now < since + half => "SCANNING",
            (Some(_) | None, ..) => "COLLECTING",
        }
    }

    fn describe_whole(&self, world: &World, target: Target, place: &Place) -> Value {
        let mut described = self.describe(target, place);
        described["enhancedImageMetadataEnabled"] = json!(self.enhanced);
        described[self.recipe.member()] = self.recipe.describe(target);
        described["sourcePipelineArn"] = json!(self.pipeline);
        // As the ARN has it: a pipeline may be gone before its images.
        let name = self.pipeline.as_deref().and_then(|arn| arn.rsplit('/').next());
        described["sourcePipelineName"] = json!(name);
        described["infrastructureConfiguration"] = self.infrastructure.describe(target);
        described["distributionConfiguration"] = json!(
            self.distribution
                .as_ref()
                .map(|distribution| distribution.describe(target))
        );
        described["imageTestsConfiguration"] = json!(self.tests);
        described["imageScanningConfiguration"] = json!(self.scanning);
        described["executionRole"] = json!(self.execution_role);
        described["workflows"] = json!(self.workflows);
        if self.scanning.as_ref().is_some_and(Scanning::enabled) {
            described["scanState"] = json!({ "status": self.scan_status(world) });
        }
        described
    }
}

const PARAMETER: &str = "imageBuildVersionArn";

pub(crate) fn get(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let target = caller.target;
    let arn = Arn::read(PARAMETER, input.query(PARAMETER)?, Kind::Image)?.at_home(target)?;
    let (found, described) = match arn.owner {
        Owner::Amazon => {
            let (place, image) = managed::newest_image(world, &arn).ok_or_else(|| not_found(&arn))?;
            let found = managed::arn(arn.region, Kind::Image, place);
            let described = json!({
                "arn": found.to_string(), "name": place.0, "type": "AMI", "version": format!("{}/{}", place.1, place.2), "platform": image.platform,
                "osVersion": image.os_version, "state": { "status": image.status.to_string() }, "dateCreated": image.created.to_string(),
                "imageSource": "AMAZON_MANAGED",
                "outputResources": { "amis": [{ "region": arn.region.name(), "image": image.ami.to_string() }] },
            });
            (found, described)
        }
        Owner::Account(_) => {
            let (place, image) = parent::newest(world, target, &arn).ok_or_else(|| not_found(&arn))?;
            (
                Arn::of_build(target, Kind::Image, place),
                image.describe_whole(world, target, place),
            )
        }
    };
    Ok(json!({ "image": described, "latestVersionReferences": found.latest_references() }))
}

/// The own build version a request names.
pub(crate) fn own_build(parameter: &str, text: &str, target: Target) -> Result<(Arn, Place), ApiError> {
    let arn = Arn::read(parameter, text, Kind::Image)?.at_home(target)?;
    if arn.owner == Owner::Amazon {
        return Err(foreign(arn));
    }
    let place = arn
        .place()
        .ok_or_else(|| invalid(parameter, "It must name a build version."))?;
    Ok((arn, place))
}

/// Deletes the image of Image Builder alone. Its AMIs and their snapshots stay, and nobody here knows of them any more.
pub(crate) fn delete(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (arn, place) = own_build(PARAMETER, input.query(PARAMETER)?, caller.target)?;
    if in_progress(world, caller.target, &place) {
        return Err(in_use(format!(
            "The image '{arn}' has a lifecycle execution in progress."
        )));
    }
    let shelf = world.builder.shelf_mut(caller.target);
    let image = shelf.images.get(&place).ok_or_else(|| not_found(&arn))?;
    if image.status.under_way() {
        return Err(refused(format!(
            "The image '{arn}' is {} and can't be deleted. Cancel the build first.",
            image.status
        )));
    }
    // AWS says "if other resources depend on it": of those modelled, a recipe that names this very build does.
    if shelf
        .recipes
        .values()
        .any(|recipe| recipe.parent_image == arn.to_string())
    {
        return Err(depended_on(arn));
    }
    shelf.images.remove(&place);
    Ok(json!({ PARAMETER: arn.to_string() }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::Bench;
    use super::*;

    #[test]
    fn deleting_an_image_leaves_its_amis() {
        let mut bench = Bench::new();
        let build = bench.built("web");
        let ami = bench.ami_of(&build);
        bench.delete("DeleteImage", PARAMETER, &build);
        assert_eq!(
            bench.refused_get("GetImage", PARAMETER, &build),
            (404, "ResourceNotFoundException".into())
        );
        assert!(bench.ami(bench.hub, &ami).is_some());
    }

    #[test]
    fn an_image_cannot_be_deleted_while_it_is_built() {
        let mut bench = Bench::new();
        let pipeline = bench.pipeline("web");
        let build = bench.start(&pipeline);
        assert_eq!(
            bench.refused_delete("DeleteImage", PARAMETER, &build),
            (400, "InvalidRequestException".into())
        );
    }

    #[test]
    fn a_wildcard_means_the_newest_available_build_whatever_runs_or_failed_after_it() {
        let mut bench = Bench::new();
        let first = bench.built("web");
        let second = bench.start(&bench.arn("image-pipeline/web"));
        let wild = bench.arn("image/web/x.x.x");
        assert_eq!(bench.get("GetImage", PARAMETER, &wild)["image"]["arn"], json!(first));
        bench.pass(Duration::from_hours(2));
        assert_eq!(bench.get("GetImage", PARAMETER, &wild)["image"]["arn"], json!(second));
        bench.ok(
            "StartResourceStateUpdate",
            json!({ "resourceArn": second, "state": { "status": "DEPRECATED" } }),
        );
        assert_eq!(bench.get("GetImage", PARAMETER, &wild)["image"]["arn"], json!(first));
        assert_eq!(
            bench.get("GetImage", PARAMETER, &second)["image"]["state"]["status"],
            "DEPRECATED"
        );
    }

    #[test]
    fn an_image_keeps_what_it_was_built_from_when_that_changes() {
        let mut bench = Bench::new();
        let build = bench.built("web");
        bench.ok("UpdateInfrastructureConfiguration", json!({ "infrastructureConfigurationArn": bench.arn("infrastructure-configuration/web"), "instanceProfileName": "Other" }));
        assert_eq!(
            bench.image(&build)["infrastructureConfiguration"]["instanceProfileName"],
            "ImageBuilder"
        );
    }

    #[test]
    fn an_unshared_image_of_another_account_is_denied() {
        let mut bench = Bench::new();
        let arn = "arn:aws:imagebuilder:eu-west-1:999999999999:image/web/1.0.0/1";
        assert_eq!(
            bench.refused_get("GetImage", PARAMETER, arn),
            (403, "AccessDeniedException".into())
        );
    }
}

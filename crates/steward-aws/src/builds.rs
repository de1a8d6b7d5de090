//! Builds, as Image Builder describes them.

use std::collections::BTreeSet;

use aws_sdk_imagebuilder::types::{
    Ami, AmiDistributionConfiguration, ContainerRecipe, DistributionConfiguration, DistributionFailureContext, Image,
    ImageConfigurationStep, ImageFailureContext, ImageRecipe, ImageScanStatus, ImageState, ImageStatus, ImageSummary,
    OutputResources, Ownership, RegionFailureStatus,
};
use steward::{
    BuildFacts, BuildFailure, BuildState, ComponentFailure, ContainerOutput, FamilyName, ImageBuildArn,
    ImageVersionArn, Output, ParentImage, RegionFailure, Scan, Target, UsedComponent, Words,
};

use crate::problem::absent;
use crate::{AtTarget, FAMILY, Problem};

/// GetImage models no "not found"; these are what unknown builds are answered with.
pub(crate) const GONE: [&str; 1] = ["ResourceNotFoundException"];

/// A build in a list: enough to see whether it is worth a closer look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildSummary {
    /// Which.
    pub build: ImageBuildArn,
    /// How far it is.
    pub state: BuildState,
}

impl AtTarget {
    /// Reads one build; none where Image Builder does not know it.
    pub async fn build(&self, build: &ImageBuildArn) -> Result<Option<BuildFacts>, Problem> {
        let doing = format!("read the build {build}");
        self.builder_reads.wait().await;
        let request = self.builder.get_image().image_build_version_arn(build.to_string());
        // The SDK's futures are large.
        let answer = Box::pin(request.send()).await;
        let answer = answer.map_err(|error| Problem::of(&doing, self.target, &error));
        let Some(answer) = absent(answer, &GONE)? else {
            return Ok(None);
        };
        let image = answer
            .image()
            .ok_or_else(|| Problem::not_understood(&doing, self.target, "it holds no image"))?;
        let facts = self.build_facts(build, image);
        facts
            .map(Some)
            .map_err(|what| Problem::not_understood(doing, self.target, what))
    }

    /// Lists the versions of all images that the target's account has built. One that cannot be understood hides no other.
    pub async fn image_versions(&self) -> Result<Vec<Result<ImageVersionArn, Problem>>, Problem> {
        let doing = "list the image versions";
        let (mut versions, mut next) = (Vec::new(), None);
        loop {
            self.builder_reads.wait().await;
            let request = self
                .builder
                .list_images()
                .owner(Ownership::SelfValue)
                .set_next_token(next);
            let page = Box::pin(request.send())
                .await
                .map_err(|error| Problem::of(doing, self.target, &error))?;
            for version in page.image_version_list() {
                let arn = version.arn().unwrap_or_default().parse();
                versions.push(arn.map_err(|error| Problem::not_understood(doing, self.target, error)));
            }
            match page.next_token() {
                Some(token) => next = Some(token.to_owned()),
                None => return Ok(versions),
            }
        }
    }

    /// Lists the builds of one version, in the same way.
    pub async fn builds_of(&self, version: &ImageVersionArn) -> Result<Vec<Result<BuildSummary, Problem>>, Problem> {
        let doing = format!("list the builds of {version}");
        let (mut builds, mut next) = (Vec::new(), None);
        loop {
            self.builder_reads.wait().await;
            let request = self
                .builder
                .list_image_build_versions()
                .image_version_arn(version.to_string());
            let page = Box::pin(request.set_next_token(next).send()).await;
            let page = page.map_err(|error| Problem::of(&doing, self.target, &error))?;
            for listed in page.image_summary_list() {
                builds.push(summary(listed).map_err(|what| Problem::not_understood(&doing, self.target, what)));
            }
            match page.next_token() {
                Some(token) => next = Some(token.to_owned()),
                None => return Ok(builds),
            }
        }
    }

    fn build_facts(&self, build: &ImageBuildArn, image: &Image) -> Result<BuildFacts, String> {
        // A wildcard's answer names the build it means; an exact one must be answered by itself.
        if image.arn() != Some(build.to_string().as_str()) {
            return Err(format!("it is about {}", image.arn().unwrap_or("nothing")));
        }
        let bad = |what: &'static str| move |error: &dyn std::fmt::Display| format!("a bad {what}: {error}");
        let image_recipe = image.image_recipe().and_then(|recipe| recipe.arn());
        let recipe = image_recipe.or_else(|| image.container_recipe().and_then(|recipe| recipe.arn()));
        let of_image = image.image_recipe().and_then(|recipe| recipe.parent_image());
        let parent = of_image.or_else(|| image.container_recipe().and_then(|recipe| recipe.parent_image()));
        let amis = image.output_resources().map(OutputResources::amis).unwrap_or_default();
        Ok(BuildFacts {
            build: build.clone(),
            state: state(image.state())?,
            reason: image.state().and_then(ImageState::reason).map(Words::from),
            failure: image.state().and_then(ImageState::failure_context).map(failure),
            family: family(image)?,
            recipe: recipe
                .map(str::parse)
                .transpose()
                .map_err(|error| bad("recipe")(&error))?,
            parent: parent.and_then(concrete),
            components: components(image)?,
            pipeline: image
                .source_pipeline_arn()
                .map(str::parse)
                .transpose()
                .map_err(|error| bad("pipeline")(&error))?,
            created: image
                .date_created()
                .map(str::parse)
                .transpose()
                .map_err(|error| bad("creation date")(&error))?,
            outputs: amis
                .iter()
                .filter_map(|ami| self.output(ami).transpose())
                .collect::<Result<_, _>>()?,
            containers: containers(build, image)?,
            build_type: image.build_type().map(|kind| Words::from(kind.as_str())),
            scan: Scan::read(
                image
                    .scan_state()
                    .and_then(|scan| scan.status())
                    .map(ImageScanStatus::as_str),
            ),
            distributed_to: self.distributed_to(image)?,
        })
    }

    /// Where a build's images are to go: each Region's copy is the builder's own, or is given to accounts.
    fn distributed_to(&self, image: &Image) -> Result<BTreeSet<Target>, String> {
        let mut targets = BTreeSet::from([self.target]);
        let configuration = image.distribution_configuration();
        for distribution in configuration
            .map(DistributionConfiguration::distributions)
            .unwrap_or_default()
        {
            let region = distribution.region().parse();
            let region = region.map_err(|error| format!("it is distributed to a bad Region: {error}"))?;
            targets.insert(Target::new(self.target.account(), region));
            let ami = distribution.ami_distribution_configuration();
            let accounts = ami.map(AmiDistributionConfiguration::target_account_ids);
            for account in accounts.unwrap_or_default() {
                let account = account.parse();
                let account = account.map_err(|error| format!("it is distributed to a bad account: {error}"))?;
                targets.insert(Target::new(account, region));
            }
        }
        Ok(targets)
    }

    /// An image in the build's output; none for a Region whose image has no id yet.
    fn output(&self, ami: &Ami) -> Result<Option<Output>, String> {
        let Some(id) = ami.image() else { return Ok(None) };
        let bad = |what: &str, error: &dyn std::fmt::Display| format!("the output {id} has a bad {what}: {error}");
        let account = match ami.account_id() {
            Some(account) => account.parse().map_err(|error| bad("account", &error))?,
            None => self.target.account(),
        };
        let region = ami.region().ok_or_else(|| format!("the output {id} has no Region"))?;
        let region = region.parse().map_err(|error| bad("Region", &error))?;
        Ok(Some(Output {
            target: Target::new(account, region),
            ami: id.parse().map_err(|error| bad("id", &error))?,
        }))
    }
}

/// The container images that a build says it made: in each Region by the tag of its version and number, which no other
/// build gets, or where it has none by its first.
fn containers(build: &ImageBuildArn, image: &Image) -> Result<Vec<ContainerOutput>, String> {
    let own = format!(":{}-{}", build.version().version(), build.version().build());
    let made = image.output_resources().map(OutputResources::containers);
    let uris = made.unwrap_or_default().iter().filter_map(|made| {
        let uris = made.image_uris();
        uris.iter().find(|uri| uri.ends_with(&own)).or_else(|| uris.first())
    });
    uris.map(|uri| uri.parse().map_err(|error| format!("a bad output: {error}")))
        .collect()
}

/// Where a build failed. Whatever of it nobody can read is left out: a failure is told, never acted on by its words.
fn failure(context: &ImageFailureContext) -> BuildFailure {
    let words = |text: Option<&str>| text.map(Words::from);
    let distribution = context.distribution_failure();
    let regions = distribution.map(DistributionFailureContext::region_failures);
    BuildFailure {
        during: words(context.image_status().map(ImageStatus::as_str)),
        step: words(context.failed_step()),
        component: context.component_failure().map(|failed| ComponentFailure {
            component: words(failed.component_arn()),
            phase: words(failed.phase_name()),
            step: words(failed.step_name()),
            action: words(failed.action()),
            message: words(failed.error_message()),
        }),
        distribution: words(distribution.and_then(DistributionFailureContext::error_message)),
        regions: regions
            .unwrap_or_default()
            .iter()
            .take(BuildFailure::MOST_REGIONS)
            .map(|failed| RegionFailure {
                region: failed.region().and_then(|region| region.parse().ok()),
                account: failed.target_account_id().and_then(|account| account.parse().ok()),
                status: words(failed.status().map(RegionFailureStatus::as_str)),
                step: words(failed.image_configuration_step().map(ImageConfigurationStep::as_str)),
                message: words(failed.error_message()),
            })
            .collect(),
    }
}

/// What a build runs, as its recipe says it, of whichever kind.
fn components(image: &Image) -> Result<Vec<UsedComponent>, String> {
    let of_image = image.image_recipe().map(ImageRecipe::components);
    let of_container = image.container_recipe().map(ContainerRecipe::components);
    let components = of_image.or(of_container).unwrap_or_default().iter();
    components
        .map(|used| {
            let parameters = used.parameters().iter();
            let component = used.component_arn();
            Ok(UsedComponent {
                component: component.parse().map_err(|error| format!("a bad component: {error}"))?,
                parameters: parameters
                    .map(|parameter| (parameter.name().to_owned(), parameter.value().to_vec()))
                    .collect(),
            })
        })
        .collect()
}

/// What a build is built on. Before it is resolved this is a wildcard or a parameter, and of a container an image of a
/// registry: no name of one thing.
fn concrete(parent: &str) -> Option<ParentImage> {
    let build = parent.parse().map(ParentImage::Build);
    build.or_else(|_| parent.parse().map(ParentImage::Ami)).ok()
}

fn summary(summary: &ImageSummary) -> Result<BuildSummary, String> {
    let build = summary.arn().unwrap_or_default().parse::<ImageBuildArn>();
    let build = build.map_err(|error| format!("a bad build: {error}"))?;
    let state = state(summary.state()).map_err(|what| format!("{build}: {what}"))?;
    Ok(BuildSummary { build, state })
}

fn state(state: Option<&ImageState>) -> Result<BuildState, String> {
    let status = state.and_then(ImageState::status).ok_or("it has no state")?;
    status.as_str().parse().map_err(|error| format!("{error}"))
}

/// The family a build's images are tagged with: by the recipe or by the distribution of their Region. Container images bear
/// no tags of ours: their family is that of the recipe.
pub(crate) fn family(image: &Image) -> Result<Option<FamilyName>, String> {
    let amis = image.image_recipe().and_then(|recipe| recipe.ami_tags());
    let recipe = amis.or_else(|| image.container_recipe().and_then(|recipe| recipe.tags()));
    let distributions = image
        .distribution_configuration()
        .map(DistributionConfiguration::distributions);
    let distributed = distributions.unwrap_or_default().iter();
    let distributed = distributed.filter_map(|distribution| distribution.ami_distribution_configuration()?.ami_tags());
    let families: BTreeSet<&String> = recipe
        .into_iter()
        .chain(distributed)
        .filter_map(|tags| tags.get(FAMILY))
        .collect();
    let mut families = families.into_iter();
    match (families.next(), families.next()) {
        (None, _) => Ok(None),
        (Some(family), None) => family
            .parse()
            .map(Some)
            .map_err(|error| format!("the tag {FAMILY}: {error}")),
        (Some(one), Some(other)) => Err(format!("the tag {FAMILY} is {one} here and {other} there")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_failure_in_many_places_a_bounded_part_is_kept_and_what_has_no_sense_is_left_out() {
        let there = aws_sdk_imagebuilder::types::RegionFailure::builder()
            .region("nowhere")
            .target_account_id("12")
            .status(RegionFailureStatus::from("SOMETHING_NEW"))
            .error_message("no\nmore")
            .build();
        let distribution = DistributionFailureContext::builder().set_region_failures(Some(vec![there; 30]));
        let context = ImageFailureContext::builder()
            .distribution_failure(distribution.build())
            .build();
        let kept = failure(&context);
        assert_eq!(kept.regions.len(), 20);
        assert_eq!(kept.lines()[0], "ended SOMETHING_NEW: no more");
    }
}

//! The workflows a build runs, and what each run of one is called.

use super::arn::Arn;
use super::image::{Image, Status};
use super::page::hash;
use super::recipe::Makes;
use super::workflow;
use crate::ids::InstanceId;
use crate::random::Random;
use crate::world::Target;

/// The part of a build a workflow is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    Build,
    Test,
    Distribution,
}

impl Stage {
    /// What runs while a build is in this state.
    pub(crate) const fn of(status: Status) -> Self {
        match status {
            Status::Testing => Self::Test,
            Status::Distributing | Status::Integrating => Self::Distribution,
            _ => Self::Build,
        }
    }

    /// The state in which it begins.
    pub(crate) const fn status(self) -> Status {
        match self {
            Self::Build => Status::Building,
            Self::Test => Status::Testing,
            Self::Distribution => Status::Distributing,
        }
    }

    /// As the API writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Build => "BUILD",
            Self::Test => "TEST",
            Self::Distribution => "DISTRIBUTION",
        }
    }

    /// Amazon's workflow for it.
    const fn managed(self, container: bool) -> &'static str {
        match (self, container) {
            (Self::Build, false) => "build/build-image",
            (Self::Build, true) => "build/build-container",
            (Self::Test, false) => "test/test-image",
            (Self::Test, true) => "test/test-container",
            (Self::Distribution, _) => "distribution/distribute-image",
        }
    }

    fn holds(self, workflow_arn: &str) -> bool {
        workflow_arn.contains(match self {
            Self::Build => ":workflow/build/",
            Self::Test => ":workflow/test/",
            Self::Distribution => ":workflow/distribution/",
        })
    }
}

/// One workflow's run in a build.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) stage: Stage,
    /// The workflow's build version.
    pub(crate) workflow: String,
    /// `wf-…`.
    pub(crate) id: String,
    pub(crate) group: Option<String>,
}

impl Run {
    /// All runs of a build, whether they have begun or not.
    ///
    /// Without workflows of the pipeline's choice those are a build and a test, as the reference's example shows them: a
    /// distribution is a workflow only where the pipeline names one.
    pub(crate) fn all(target: Target, build: &Arn, image: &Image) -> Vec<Self> {
        let test_only = image.work.test_only;
        let stages = [
            (Stage::Build, !test_only),
            (Stage::Test, test_only || image.tests.enabled()),
            (Stage::Distribution, true),
        ];
        let stages = stages.into_iter().filter(|(_, happens)| *happens);
        stages
            .flat_map(|(stage, _)| {
                let mut runs = Self::named(build, image, stage);
                if runs.is_empty() && stage != Stage::Distribution {
                    runs.push(Self::managed(target, build, image, stage));
                }
                runs
            })
            .collect()
    }

    /// The first run of a stage, which is the one that fails.
    pub(crate) fn of(target: Target, build: &Arn, image: &Image, stage: Stage) -> Self {
        let first = Self::named(build, image, stage).into_iter().next();
        first.unwrap_or_else(|| Self::managed(target, build, image, stage))
    }

    /// The runs of those workflows of a stage that the pipeline names.
    fn named(build: &Arn, image: &Image, stage: Stage) -> Vec<Self> {
        let uses = image.workflows.iter().flatten();
        let uses = uses.filter(|used| stage.holds(&used.workflow_arn)).enumerate();
        uses.map(|(at, used)| {
            let group = used.parallel_group.clone();
            Self::new(build, stage, at, used.workflow_arn.clone(), group)
        })
        .collect()
    }

    fn managed(target: Target, build: &Arn, image: &Image, stage: Stage) -> Self {
        let container = matches!(image.recipe.makes, Makes::Container(_));
        let workflow = workflow::managed(target, stage.managed(container));
        Self::new(build, stage, 0, workflow, None)
    }

    fn new(build: &Arn, stage: Stage, at: usize, workflow: String, group: Option<String>) -> Self {
        let id = format!("wf-{}", named(&format!("{build} {} {at}", stage.name())).uuid());
        Self {
            stage,
            workflow,
            id,
            group,
        }
    }

    /// The id of a step's run: `step-…`.
    pub(crate) fn step_id(&self, step: &str) -> String {
        format!("step-{}", named(&format!("{} {step}", self.id)).uuid())
    }

    /// The instance it runs on.
    pub(crate) fn instance(&self) -> InstanceId {
        InstanceId::draw(&mut named(&self.id))
    }
}

/// The chance of a name: ids that follow from what they name are known before they are first told, and need not be kept.
pub(super) fn named(text: &str) -> Random {
    Random::new(hash(text))
}

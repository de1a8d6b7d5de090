//! How builds fail, and how a test asks for it.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::arn::Arn;
use super::finding::Found;
use super::image::{Image, Status};
use super::run::{self, Run};
use crate::ids::AccountId;
use crate::random::Random;
use crate::region::Region;
use crate::world::Target;

/// Where in its walk a build fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuildStage {
    /// CREATING: before any workflow runs.
    Creating,
    /// BUILDING.
    Building,
    /// TESTING, which a build without tests never enters.
    Testing,
    /// DISTRIBUTING.
    Distributing,
    /// INTEGRATING.
    Integrating,
}

impl BuildStage {
    pub(crate) const fn status(self) -> Status {
        match self {
            Self::Creating => Status::Creating,
            Self::Building => Status::Building,
            Self::Testing => Status::Testing,
            Self::Distributing => Status::Distributing,
            Self::Integrating => Status::Integrating,
        }
    }
}

/// A failure to come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuildFailure {
    /// At the end of which stage.
    pub stage: BuildStage,
    /// Why.
    pub cause: FailureCause,
}

/// Why a build fails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FailureCause {
    /// A step of a component's document.
    Component {
        /// The build version; the recipe's first component where it is `None`.
        component_arn: Option<String>,
        /// `build`, `validate`, `test`.
        phase: String,
        /// The step's name in the document.
        step: String,
        /// `ExecuteBash`, …
        action: String,
        /// What the step reported: text that others wrote.
        message: String,
    },
    /// EC2 has no instance of that type to give.
    Capacity {
        /// `t3.medium`.
        instance_type: String,
    },
    /// Some destinations fail; the others get their AMI all the same. For the stages distributing and integrating.
    Regions(Vec<RegionFailure>),
    /// This, and nothing more is known.
    Other(String),
}

/// A destination that fails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegionFailure {
    /// Where.
    pub region: Region,
    /// The target account, in a distribution to other accounts.
    pub account: Option<AccountId>,
    /// How it ended there.
    pub status: RegionFailureStatus,
    /// `UPDATE_LAUNCH_TEMPLATES`, …: what failed after the copy, while integrating.
    pub step: Option<String>,
    /// The other service's words.
    pub message: String,
}

/// How a distribution ended in a Region.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegionFailureStatus {
    /// It failed.
    Failed,
    /// It was called off.
    Cancelled,
    /// It took too long.
    TimedOut,
}

/// What a test wants of the next builds of a pipeline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) failures: VecDeque<BuildFailure>,
    /// Name and version; the usual ones where it is `None`.
    pub(crate) packages: Option<Vec<(String, String)>>,
    pub(crate) found: Found,
    pub(crate) test_only: bool,
}

/// A failure as the image shows it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    pub(crate) context: Value,
}

impl Failure {
    /// Before any workflow runs the context says the stage and nothing more.
    pub(crate) fn before_workflows(stage: Status, reason: String) -> Self {
        Self {
            reason,
            context: json!({ "imageStatus": stage.to_string() }),
        }
    }

    /// A failure of a workflow's step.
    pub(crate) fn of_step(run: &Run, step: &str, why: &str, component: &Value) -> Self {
        let context = json!({
            "imageStatus": run.stage.status().to_string(),
            "workflowExecutionId": run.id,
            "workflowArn": run.workflow,
            "stepExecutionId": run.step_id(step),
            "failedStep": step,
            "componentFailure": component,
        });
        Self {
            reason: format!("Workflow Execution ID: '{}' failed with reason: {why}", run.id),
            context,
        }
    }

    /// The step that failed, where it is known.
    pub(crate) fn step(&self) -> Option<&str> {
        self.context["failedStep"].as_str()
    }

    /// Why, without the id of the workflow.
    pub(crate) fn why(&self) -> &str {
        let said = self.reason.split_once("' failed with reason: ");
        said.map_or(self.reason.as_str(), |(_, why)| why)
    }

    /// A failure in some destinations. Those that succeeded are left out, and their AMIs with them.
    pub(crate) fn of_regions(
        random: &mut Random,
        home: Target,
        arn: &Arn,
        stage: Status,
        failures: &[RegionFailure],
    ) -> Self {
        let summary: Vec<String> = failures
            .iter()
            .map(|failure| format!("In region '{}' - '{}'", failure.region, failure.message))
            .collect();
        let summary = summary.join(", ");
        let what = if stage == Status::Integrating {
            "Integration"
        } else {
            "Distribution"
        };
        let failures: Vec<Value> = failures
            .iter()
            .map(|RegionFailure { region, account, status, step, message }| {
                let status = match status {
                    RegionFailureStatus::Failed => "FAILED",
                    RegionFailureStatus::Cancelled => "CANCELLED",
                    RegionFailureStatus::TimedOut => "TIMED_OUT",
                };
                let account = account.filter(|account| *account != home.account);
                json!({
                    "region": region.name(), "status": status, "imageConfigurationStep": step, "errorMessage": message,
                    "targetAccountId": account.map(|account| account.to_string()),
                })
            })
            .collect();
        Self {
            reason: format!(
                "{what} failed with JobId '{}', status = 'Failed' for ARN '{arn}'. {summary}",
                random.uuid()
            ),
            context: json!({ "imageStatus": stage.to_string(), "distributionFailure": { "errorMessage": summary, "regionFailures": failures } }),
        }
    }

    /// A failure a test asked for.
    pub(crate) fn asked_for(
        random: &mut Random,
        target: Target,
        arn: &Arn,
        image: &Image,
        failure: &BuildFailure,
    ) -> Self {
        let stage = failure.stage.status();
        let run = || Run::of(target, arn, image, run::Stage::of(stage));
        match &failure.cause {
            FailureCause::Component {
                component_arn,
                phase,
                step,
                action,
                message,
            } => {
                let first = image
                    .recipe
                    .components
                    .iter()
                    .flatten()
                    .next()
                    .map(|part| part.component_arn.clone());
                let component = component_arn.clone().or(first);
                let why = format!(
                    "Document {} failed!",
                    component.as_deref().unwrap_or("of the component")
                );
                let context = json!({ "componentArn": component, "phaseName": phase, "stepName": step, "action": action, "errorMessage": message });
                let failed = if stage == Status::Testing {
                    "ApplyTestComponents"
                } else {
                    "ApplyBuildComponents"
                };
                Self::of_step(&run(), failed, &why, &context)
            }
            FailureCause::Capacity { instance_type } => {
                let why = format!(
                    "EC2 Client Error: 'InsufficientInstanceCapacity: We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested.'"
                );
                let failed = if stage == Status::Testing {
                    "LaunchTestInstance"
                } else {
                    "LaunchBuildInstance"
                };
                Self::of_step(&run(), failed, &why, &Value::Null)
            }
            FailureCause::Regions(failures) => Self::of_regions(random, target, arn, stage, failures),
            FailureCause::Other(reason) => Self::before_workflows(stage, reason.clone()),
        }
    }
}

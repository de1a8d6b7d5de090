//! Steps of workflows that wait for an answer.

use std::time::Duration;

use aws_sdk_imagebuilder::types::{WorkflowStepActionType, WorkflowStepExecution};
use steward::Words;
use steward::building::{StepAnswer, WaitingStep};

use super::held::GONE;
use crate::pages::each_page;
use crate::problem::absent;
use crate::{AtTarget, Problem};

impl AtTarget {
    /// Lists the steps that wait, of all builds of the account. One that cannot be understood hides no other.
    pub async fn waiting_steps(&self) -> Result<Vec<Result<WaitingStep, Problem>>, Problem> {
        let doing = "list the steps of workflows that wait";
        let list = self.builder.list_waiting_workflow_steps();
        let mut steps = Vec::new();
        each_page!(self, builder_reads, doing, list, |page| {
            steps.extend(page.steps().iter().map(|step| {
                let step = waiting(step);
                step.map_err(|what| Problem::not_understood(doing, self.target, what))
            }));
        });
        Ok(steps)
    }

    /// How long a step may wait; none where Image Builder does not say, or has it no more.
    pub async fn longest_wait(&self, step: &str) -> Result<Option<Duration>, Problem> {
        let doing = format!("read the step {step}");
        self.builder_reads.wait().await;
        let request = self.builder.get_workflow_step_execution().step_execution_id(step);
        let answer = absent(self.answered(&doing, request.send()).await, &[GONE])?;
        let seconds = answer.and_then(|answer| answer.timeout_seconds());
        let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        Ok(seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs))
    }

    /// Sends an answer to a step. The same again is the same answer.
    pub async fn answer_step(&self, step: &WaitingStep, answer: &StepAnswer) -> Result<(), Problem> {
        let WaitingStep { id, build, name, .. } = step;
        let doing = format!("answer the step {name} of {build}");
        self.builder_writes.wait().await;
        let action = if answer.stops {
            WorkflowStepActionType::Stop
        } else {
            WorkflowStepActionType::Resume
        };
        let request = self.builder.send_workflow_step_action();
        let request = request
            .step_execution_id(id)
            .image_build_version_arn(build.to_string())
            .action(action)
            .reason(answer.reason())
            .client_token(answer.token(step));
        self.answered(&doing, request.send()).await.map(drop)
    }
}

fn waiting(step: &WorkflowStepExecution) -> Result<WaitingStep, String> {
    fn read<T: std::str::FromStr<Err: std::fmt::Display>>(text: Option<&str>, what: &str) -> Result<T, String> {
        let text = text.unwrap_or_default();
        text.parse().map_err(|error| format!("its {what}: {error}"))
    }
    let id = step.step_execution_id().filter(|id| !id.is_empty());
    Ok(WaitingStep {
        id: id.ok_or("a step has no id")?.to_owned(),
        build: read(step.image_build_version_arn(), "build")?,
        workflow: read(step.workflow_build_version_arn(), "workflow")?,
        name: Words::from(step.name().unwrap_or_default()),
        since: read(step.start_time(), "start")?,
    })
}

use steward::ImageBuildArn;
use steward::building::{Attempt, Line};

use crate::{AtTarget, Cause, Problem};

/// Why a build was started, on the build.
const REASON: &str = "image-steward:reason";

impl AtTarget {
    /// Starts the build of an attempt. The same attempt again is answered with the same build.
    pub async fn start_build(&self, line: &Line, attempt: &Attempt) -> Result<ImageBuildArn, Problem> {
        let pipeline = line.pipeline(self.target);
        let doing = format!("start the pipeline {pipeline}");
        self.builder_writes.wait().await;
        let request = self.builder.start_image_pipeline_execution();
        let request = request
            .image_pipeline_arn(pipeline.to_string())
            .client_token(attempt.token(self.target, line))
            .tags(REASON, attempt.tag());
        let answer = self.answered(&doing, request.send()).await.map_err(begun_otherwise)?;
        let build = answer.image_build_version_arn().unwrap_or_default().parse();
        build.map_err(|error| Problem::not_understood(&doing, self.target, error))
    }

    /// Ends a build that has not ended. The same again is answered as the first time.
    pub async fn cancel_build(&self, line: &Line, build: &ImageBuildArn) -> Result<(), Problem> {
        let doing = format!("cancel the build {build}");
        self.builder_writes.wait().await;
        let request = self.builder.cancel_image_creation();
        let request = request
            .image_build_version_arn(build.to_string())
            .client_token(line.end_token(build));
        self.answered(&doing, request.send()).await.map(drop)
    }
}

/// That the token was used in other words, by an earlier version, says that there is a build.
fn begun_otherwise(problem: Problem) -> Problem {
    let is_known = problem.is_refused_as(&["IdempotentParameterMismatchException"]);
    let Problem { doing, target, cause } = problem;
    let cause = match cause {
        Cause::Refused { code, message } if is_known => Cause::Broke { code, message },
        other => other,
    };
    Problem { doing, target, cause }
}

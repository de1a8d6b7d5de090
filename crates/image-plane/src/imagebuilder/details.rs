//! What can be read of a build beside its image.

use super::access::About;
use super::{Route, get, list, waiting};

mod aggregations;
mod executions;
mod findings;
mod packages;
mod progress;
mod steps;

/// Each at the path `/Name`.
pub(super) const DETAILS: [Route; 7] = [
    list(
        "ListImagePackages",
        About::Member("imageBuildVersionArn"),
        packages::list,
    ),
    list("ListImageScanFindingAggregations", About::Filtered, aggregations::list),
    list("ListImageScanFindings", About::Filtered, findings::list),
    list(
        "ListWorkflowExecutions",
        About::Member("imageBuildVersionArn"),
        executions::list,
    ),
    list("ListWorkflowStepExecutions", About::Run, executions::list_steps),
    list("ListWaitingWorkflowSteps", About::Nothing, waiting::list),
    get("GetWorkflowStepExecution", About::Step, executions::get_step),
];

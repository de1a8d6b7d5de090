//! How far the run of a workflow has come, told from the walk of its build.

use super::super::image::{Image, Status};
use super::super::run::{Run, Stage};
use super::super::walk::Left;
use super::steps::{self, Step};
use crate::time::Time;
use crate::world::{Target, World};

/// How a run stands.
pub(super) struct Progress {
    pub(super) status: &'static str,
    pub(super) start: Time,
    pub(super) end: Option<Time>,
    pub(super) message: Option<String>,
    /// The steps that have begun, or were skipped.
    pub(super) steps: Vec<Begun>,
}

/// A step that has begun.
pub(super) struct Begun {
    pub(super) step: Step,
    pub(super) status: &'static str,
    pub(super) start: Time,
    pub(super) end: Option<Time>,
    /// Why it failed.
    pub(super) message: Option<String>,
}

/// The progress of a run; `None` where it has not begun. Of several tests the first is the one that fails, and the others
/// are called off: the model runs no workflow of its own, and AWS says only what it does with those.
pub(super) fn of(world: &World, target: Target, image: &Image, run: &Run, first: bool) -> Option<Progress> {
    let start = image.walk.entered(run.stage.status())?;
    let (last, left) = end(image, run.stage);
    let status = match left.map(|left| left.to) {
        None => "RUNNING",
        Some(Status::Failed) if first => "FAILED",
        Some(Status::Failed | Status::Cancelled) => "CANCELLED",
        Some(_) => "COMPLETED",
    };
    let failure = image.failure.as_ref().filter(|_| status == "FAILED");
    let why = failure.map(|failure| shortened(failure.why()));
    let broken = failure.map(|failure| failure.step().unwrap_or_else(|| steps::suspect(last)));
    let end = left.map(|left| left.at);
    let until = end.unwrap_or(world.now);
    let mut reached: Vec<(Step, Time)> = Vec::new();
    for mut step in steps::of(world, target, image, run, start) {
        let breaks = broken == Some(&*step.name);
        // A run that is over or broken has had the steps up to there, however early it came to that.
        let due = match (step.due, status) {
            (Some(due), "COMPLETED" | "FAILED") => due.min(until),
            (Some(due), _) if due <= until => due,
            (None, "COMPLETED") => until,
            _ => break,
        };
        step.skipped &= !breaks;
        reached.push((step, due));
        if breaks {
            break;
        }
    }
    let starts: Vec<Time> = reached.iter().map(|(_, start)| *start).collect();
    let count = reached.len();
    let begun = reached.into_iter().enumerate().map(|(at, (step, start))| {
        let is_last = at + 1 == count;
        let status = match status {
            _ if step.skipped => "SKIPPED",
            "COMPLETED" => "COMPLETED",
            status if is_last => status,
            _ => "COMPLETED",
        };
        let end = match starts.get(at + 1) {
            _ if step.skipped => Some(start),
            Some(next) => Some(*next),
            None => end,
        };
        let message = why.clone().filter(|_| status == "FAILED");
        Begun {
            step,
            status,
            start,
            end,
            message,
        }
    });
    Some(Progress {
        status,
        start,
        end,
        steps: begun.collect(),
        message: why.clone(),
    })
}

/// The last state of a stage the build came into, and how that was left. A distribution goes on while it integrates.
fn end(image: &Image, stage: Stage) -> (Status, Option<Left>) {
    let begins = stage.status();
    match image.walk.left(begins) {
        Some(left) if left.to == Status::Integrating => (left.to, image.walk.left(left.to)),
        left => (begins, left),
    }
}

/// As long as a message of a build may be.
pub(super) fn shortened(message: &str) -> String {
    message.chars().take(500).collect()
}

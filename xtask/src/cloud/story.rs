//! What a newcomer is shown: a sample family builds, and the record knows.

use super::deploy::steward;
use super::ground::{Ground, HUB};
use super::tools::Tools;
use crate::failure::Failure;
use crate::process;
use crate::workshop::Workshop;

/// Builds the sample, unless it was built before, and prints what the record says of it.
pub(super) fn tell(ground: &Ground, workshop: &Workshop, tools: &Tools) -> Result<(), Failure> {
    let mut sample = workshop.command(tools.bin.join("python"));
    sample
        .arg(workshop.root.join("infra/local/sample.py"))
        .arg(steward(workshop))
        .envs(ground.environment(HUB))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    process::run(&mut sample)
}

//! The real `sam build` and `sam deploy`, of the real templates.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::ground::{Ground, HUB, MEMBERS, ORGANIZATION, REGION};
use super::tools::Tools;
use crate::failure::Failure;
use crate::process;
use crate::progress::Progress;
use crate::workshop::Workshop;

/// What this machine can run: functions are processes of it here.
const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") {
    "arm64"
} else {
    "x86_64"
};

/// As cargo-lambda asks for it: without `--target`, everything would be built once more.
const TRIPLE: &str = if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else {
    "x86_64-unknown-linux-gnu"
};

/// Builds the functions as `sam build` does, in a profile that is quick to build.
pub(super) fn build(
    ground: &Ground,
    workshop: &Workshop,
    tools: &Tools,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    // First by ourselves, because SAM keeps to itself what cargo says: minutes without a word.
    let mut cargo = workshop.cargo(&["build", "--locked", "--target", TRIPLE]);
    for function in functions(workshop)? {
        cargo.arg("--package").arg(function);
    }
    progress.run(&mut cargo)?;
    let mut sam = sam(workshop, tools, ground, HUB);
    sam.arg("build")
        .arg("--template-file")
        .arg(workshop.root.join("template.yaml"))
        .arg("--build-dir")
        .arg(built(ground))
        .args(["--parameter-overrides", &format!("Architecture={ARCHITECTURE}")])
        .env("SAM_BUILD_MODE", "debug");
    progress.run(quickly(&mut sam, workshop))
}

/// This machine runs what this machine's linker made; users' functions are linked by zig for Lambda's machines.
fn quickly<'a>(command: &'a mut Command, workshop: &Workshop) -> &'a mut Command {
    command
        .env("CARGO_LAMBDA_COMPILER", "cargo")
        .env("CARGO_TARGET_DIR", workshop.target())
}

/// Builds the function that panics, and says where it is.
pub(crate) fn build_panics(workshop: &Workshop) -> Result<PathBuf, Failure> {
    let mut cargo = workshop.cargo(&["build", "--locked", "--target", TRIPLE]);
    // Together with the functions, so that the features are theirs and their dependencies are built already.
    for function in functions(workshop)? {
        cargo.arg("--package").arg(function);
    }
    process::run(cargo.args(["--package", "steward-lambda", "--example", "panics"]))?;
    Ok(workshop.target().join(TRIPLE).join("debug/examples/panics"))
}

/// The names of the functions' crates, and so of their binaries.
fn functions(workshop: &Workshop) -> Result<Vec<OsString>, Failure> {
    let folder = workshop.root.join("functions");
    let entries = fs::read_dir(&folder).map_err(Failure::of_file(&folder))?;
    let mut names: Vec<OsString> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    Ok(names)
}

/// Deploys the hub, or updates it.
pub(super) fn hub(
    ground: &Ground,
    workshop: &Workshop,
    tools: &Tools,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let mut sam = sam(workshop, tools, ground, HUB);
    sam.arg("deploy")
        .arg("--config-file")
        .arg(workshop.root.join("samconfig.toml"))
        .arg("--template-file")
        .arg(built(ground).join("template.yaml"))
        .args(["--no-confirm-changeset", "--no-fail-on-empty-changeset"])
        .arg("--parameter-overrides")
        .arg(format!("Architecture={ARCHITECTURE}"))
        .arg(format!("OrganizationId={ORGANIZATION}"));
    progress.run(&mut sam)
}

/// Deploys what members need into each of them.
pub(super) fn members(
    ground: &Ground,
    workshop: &Workshop,
    tools: &Tools,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    for member in MEMBERS {
        let mut sam = sam(workshop, tools, ground, member);
        sam.arg("deploy")
            .args(["--stack-name", "image-steward-member"])
            .arg("--template-file")
            .arg(workshop.root.join("infra/member.yaml"))
            .args(["--capabilities", "CAPABILITY_NAMED_IAM"])
            .args(["--no-confirm-changeset", "--no-fail-on-empty-changeset"])
            .arg("--parameter-overrides")
            .arg(format!("HubAccount={HUB}"))
            .arg(format!("HubRegion={REGION}"))
            .arg(format!("OrganizationId={ORGANIZATION}"))
            // Not beside samconfig.toml, whose stack is the hub's.
            .current_dir(&ground.folder);
        progress.run(&mut sam)?;
    }
    Ok(())
}

fn built(ground: &Ground) -> PathBuf {
    ground.folder.join("build")
}

fn sam(workshop: &Workshop, tools: &Tools, ground: &Ground, account: &str) -> Command {
    let mut sam = workshop.command(tools.bin.join("sam"));
    sam.env("PATH", tools.path()).envs(ground.environment(account));
    sam
}

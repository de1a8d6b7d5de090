//! The real `sam build` and `sam deploy`, of the real templates.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::ground::{Ground, HUB, MEMBERS, ORGANIZATION, REGION};
use super::server;
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

const DEPLOYS_WITHIN: Duration = Duration::from_mins(2);

/// Builds the functions as `sam build` does, in a profile that is quick to build.
pub(super) fn build(
    ground: &Ground,
    workshop: &Workshop,
    tools: &Tools,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    // First by ourselves, because SAM keeps to itself what cargo says: minutes without a word.
    progress.run(&mut cargo_build(workshop, "steward-cli")?)?;
    let mut sam = tool("sam", workshop, tools, ground, HUB);
    sam.arg("build")
        .arg("--template-file")
        .arg(workshop.root.join("template.yaml"))
        .arg("--build-dir")
        .arg(built(ground))
        .args(["--parameter-overrides", &format!("Architecture={ARCHITECTURE}")])
        .env("SAM_BUILD_MODE", "debug");
    progress.run(quickly(&mut sam, workshop))
}

/// Builds the functions, and what else shares all they are made from.
fn cargo_build(workshop: &Workshop, package: &str) -> Result<Command, Failure> {
    let mut cargo = workshop.cargo(&["build", "--locked", "--target", TRIPLE, "--package", package]);
    for function in functions(workshop)? {
        cargo.arg("--package").arg(function);
    }
    Ok(cargo)
}

/// Where the command is.
pub(crate) fn steward(workshop: &Workshop) -> PathBuf {
    workshop.target().join(TRIPLE).join("debug/steward")
}

/// This machine runs what this machine's linker made; users' functions are linked by zig for Lambda's machines.
fn quickly<'a>(command: &'a mut Command, workshop: &Workshop) -> &'a mut Command {
    command
        .env("CARGO_LAMBDA_COMPILER", "cargo")
        .env("CARGO_TARGET_DIR", workshop.target())
}

/// Builds the function that panics, and says where it is.
pub(crate) fn build_panics(workshop: &Workshop) -> Result<PathBuf, Failure> {
    // Together with the functions, so that the features are theirs and their dependencies are built already; without the
    // command, whose tests' dependencies an example would bring.
    let mut cargo = cargo_build(workshop, "steward-lambda")?;
    process::run(cargo.args(["--example", "panics"]))?;
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
    let mut sam = tool("sam", workshop, tools, ground, HUB);
    sam.arg("deploy")
        .arg("--config-file")
        .arg(workshop.root.join("samconfig.toml"))
        .arg("--template-file")
        .arg(built(ground).join("template.yaml"))
        .args(["--no-confirm-changeset", "--no-fail-on-empty-changeset"])
        .arg("--parameter-overrides")
        .arg(format!("Architecture={ARCHITECTURE}"))
        // There are only images to lose that the image plane makes up.
        .arg("Mode=act")
        .arg(format!("OrganizationId={ORGANIZATION}"));
    deploy(&mut sam, HUB, ground, workshop, tools, progress)
}

/// Deploys what members need into each of them.
pub(super) fn members(
    ground: &Ground,
    workshop: &Workshop,
    tools: &Tools,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    for member in MEMBERS {
        let mut sam = tool("sam", workshop, tools, ground, member);
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
        deploy(&mut sam, member, ground, workshop, tools, progress)?;
    }
    Ok(())
}

/// Applies the sample families, as people do.
pub(super) fn families(
    ground: &Ground,
    workshop: &Workshop,
    tools: &Tools,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let mut aws = tool("aws", workshop, tools, ground, HUB);
    aws.args(["cloudformation", "describe-stacks", "--stack-name", "image-steward"])
        .args([
            "--query",
            "Stacks[0].Outputs[?OutputKey=='Table'].OutputValue",
            "--output",
            "text",
        ]);
    let table = process::answer(&mut aws).unwrap_or_default();
    // Where the images of the family tools go.
    server::create_repository(ground, "tools")?;
    let mut steward = workshop.command(steward(workshop));
    steward
        // An `up` that was killed here keeps its lease of applying for two minutes.
        .args(["apply", "--yes", "--wait", "--message", "cargo xtask up", "--table", &table])
        .arg(workshop.root.join("families"))
        .envs(ground.environment(HUB));
    progress.run(&mut steward)
}

/// Whether AWS's own checkers have nothing to say about the templates.
pub(super) fn lint(
    ground: &Ground,
    workshop: &Workshop,
    tools: &Tools,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let mut cfn_lint = workshop.command(tools.bin.join("cfn-lint"));
    progress.run(cfn_lint.args([
        "template.yaml",
        "infra/member.yaml",
        "infra/management.yaml",
        "infra/sample.yaml",
        "infra/vendors.yaml",
    ]))?;
    progress.run(tool("sam", workshop, tools, ground, HUB).args([
        "validate",
        "--lint",
        "--template-file",
        "template.yaml",
    ]))
}

/// Deploys. What a deploy that was cut off left is put away only when it turns out to be in the way.
fn deploy(
    sam: &mut Command,
    account: &str,
    ground: &Ground,
    workshop: &Workshop,
    tools: &Tools,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let Err(failure) = progress.run(sam) else {
        return Ok(());
    };
    let aws = |words: &[&str]| {
        let mut aws = tool("aws", workshop, tools, ground, account);
        process::answer(aws.arg("cloudformation").args(words))
    };
    let stacks = |status: &[&str]| {
        let words = [
            "list-stacks",
            "--query",
            "StackSummaries[].StackName",
            "--output",
            "text",
        ];
        aws(&[&words[..], &["--stack-status-filter"], status].concat()).unwrap_or_default()
    };
    // The cloud goes on with what it was told, though the one who told it is gone.
    let busy = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"];
    let was_busy = !stacks(&busy).is_empty();
    if was_busy {
        progress.wait_for("the end of the deploy before", DEPLOYS_WITHIN, || {
            stacks(&busy).is_empty()
        })?;
    }
    // Made for a change that never came: SAM would take it for a whole one.
    let empty = stacks(&["REVIEW_IN_PROGRESS"]);
    for name in empty.split_whitespace() {
        aws(&["delete-stack", "--stack-name", name]);
    }
    if was_busy || !empty.is_empty() {
        progress.run(sam)
    } else {
        Err(failure)
    }
}

fn built(ground: &Ground) -> PathBuf {
    ground.folder.join("build")
}

/// One of the tools, as an account's administrator in the local cloud.
fn tool(name: &str, workshop: &Workshop, tools: &Tools, ground: &Ground, account: &str) -> Command {
    let mut tool = workshop.command(tools.bin.join(name));
    tool.env("PATH", tools.path()).envs(ground.environment(account));
    tool
}

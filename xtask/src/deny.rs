//! cargo-deny, in the one version whose configuration deny.toml is.

use std::ffi::OsString;

use crate::failure::Failure;
use crate::workshop::Workshop;
use crate::{cache, process};

const VERSION: &str = "0.20.2";

pub(crate) fn check(workshop: &Workshop) -> Result<(), Failure> {
    let tool = match find(workshop) {
        Some(tool) => tool,
        None => install(workshop)?,
    };
    process::run(
        workshop
            .command(tool)
            .args(["--locked", "check", "bans", "licenses", "sources"]),
    )
}

/// Ours, or one of the same version that the machine has.
fn find(workshop: &Workshop) -> Option<OsString> {
    let wanted = format!("cargo-deny {VERSION}");
    [ours(workshop), "cargo-deny".into()]
        .into_iter()
        .find(|tool| process::answer(workshop.command(tool).arg("--version")).is_some_and(|answer| answer == wanted))
}

fn ours(workshop: &Workshop) -> OsString {
    workshop.cache.join("tools/bin/cargo-deny").into()
}

fn install(workshop: &Workshop) -> Result<OsString, Failure> {
    let _alone = cache::lock(&workshop.cache)?;
    let tools = workshop.cache.join("tools");
    println!("deny: installing cargo-deny {VERSION} into {}, once", tools.display());
    // Its dependencies are none of ours: they must not end up in the target directory that builds share.
    let build = workshop.cache.join("tools-build");
    // Unoptimized: it runs for seconds, and takes minutes to optimize.
    let mut install = workshop.cargo(&[
        "install",
        "cargo-deny",
        "--debug",
        "--locked",
        "--version",
        VERSION,
        "--root",
    ]);
    let installed = process::run(install.arg(&tools).env("CARGO_TARGET_DIR", &build));
    cache::clear(&build)?;
    installed.map(|()| ours(workshop))
}

//! The Python tools that tests drive: AWS's own clients, in an environment of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::progress::Progress;
use crate::workshop::Workshop;
use crate::{cache, process};

/// What the judges are.
pub(crate) const JUDGES: &str = "tests/judge/requirements.txt";

/// Installs the tools of this list unless they are there, and returns the interpreter that has them.
pub(crate) fn prepare(workshop: &Workshop, list: &str) -> Result<PathBuf, Failure> {
    prepare_by(workshop, list, &mut process::run)
}

/// The same as part of a longer step.
pub(crate) fn prepare_quietly(
    workshop: &Workshop,
    list: &str,
    progress: &mut Progress<'_>,
) -> Result<PathBuf, Failure> {
    prepare_by(workshop, list, &mut |command| progress.run(command))
}

type Run<'a> = dyn FnMut(&mut Command) -> Result<(), Failure> + 'a;

fn prepare_by(workshop: &Workshop, list: &str, run: &mut Run<'_>) -> Result<PathBuf, Failure> {
    let requirements = workshop.root.join(list);
    let wanted = fs::read(&requirements).map_err(Failure::of_file(&requirements))?;
    let version = process::answer(workshop.command("python3").arg("--version")).unwrap_or_default();

    let _alone = cache::lock(&workshop.cache)?;
    let environment = workshop.cache.join(folder_name(&wanted, &version));
    let interpreter = environment.join("bin/python");
    let complete = environment.join("complete");
    if !complete.exists() {
        cache::clear(&environment)?;
        install(workshop, &environment, &requirements, run)?;
        fs::write(&complete, version).map_err(Failure::of_file(&complete))?;
    }
    Ok(interpreter)
}

fn install(workshop: &Workshop, environment: &Path, requirements: &Path, run: &mut Run<'_>) -> Result<(), Failure> {
    run(workshop.command("python3").args(["-m", "venv"]).arg(environment))?;
    let pip = |arguments: &[&str]| {
        let mut command = workshop.command(environment.join("bin/python"));
        command
            .args(["-m", "pip", "--quiet", "--disable-pip-version-check"])
            .args(arguments);
        command
    };
    // Exactly what the file names and nothing it forgot: that is what the check is for.
    run(pip(&["install", "--no-deps", "--requirement"]).arg(requirements))?;
    run(&mut pip(&["check"]))
}

/// Other requirements or another Python are another environment.
fn folder_name(requirements: &[u8], version: &str) -> String {
    // FNV-1a: the name must be the same in every build of xtask, which the standard library's hasher does not promise.
    let hash = requirements
        .iter()
        .chain(version.as_bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    format!("python-{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_name_follows_the_requirements_and_the_version() {
        let name = folder_name(b"boto3==1\n", "Python 3.11.7");
        assert_eq!(name, folder_name(b"boto3==1\n", "Python 3.11.7"));
        assert_ne!(name, folder_name(b"boto3==2\n", "Python 3.11.7"));
        assert_ne!(name, folder_name(b"boto3==1\n", "Python 3.12.0"));
    }

    #[test]
    fn the_folders_name_is_the_published_hash() {
        assert_eq!(folder_name(b"foobar", ""), "python-85944171f73967e8");
    }
}

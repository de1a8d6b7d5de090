//! Where we work: the workspace, the cache, and cargo as it was given to us.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cache;
use crate::failure::Failure;

pub(crate) struct Workshop {
    pub(crate) root: PathBuf,
    pub(crate) cache: PathBuf,
    cargo: OsString,
}

impl Workshop {
    pub(crate) fn open() -> Result<Self, Failure> {
        // Read when run, not when built: clones that share a target directory share this binary too.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map(PathBuf::from)
            .ok_or(Failure::NotFromCargo)?;
        let root = manifest.parent().ok_or(Failure::NotFromCargo)?.to_owned();
        let cargo = env::var_os("CARGO").ok_or(Failure::NotFromCargo)?;
        Ok(Self {
            root,
            cache: cache::locate(|name| env::var_os(name))?,
            cargo,
        })
    }

    /// A program to be run in the workspace, without what cargo told xtask about xtask, and without what whoever calls us
    /// uses AWS with: only the local cloud is meant.
    pub(crate) fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(program.into());
        command
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .env("CARGO_TERM_COLOR", "never");
        for (name, _) in env::vars_os() {
            if name
                .to_str()
                .is_some_and(|name| describes_a_package(name) || leads_to_aws(name))
            {
                command.env_remove(name);
            }
        }
        command
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), PathBuf::from)
    }

    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(self.cargo.clone());
        command.args(arguments);
        command
    }
}

/// Variables that `cargo run` sets for the package it runs. Build scripts watch some of them: left in the environment
/// they would rebuild dependencies each time one changes between `cargo xtask test` and plain cargo.
fn describes_a_package(variable: &str) -> bool {
    [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
        "CARGO_PRIMARY_",
    ]
    .iter()
    .any(|prefix| variable.starts_with(prefix))
}

/// Profiles, sessions, endpoints: anything of these would lead a tool past the local cloud.
pub(crate) fn leads_to_aws(variable: &str) -> bool {
    // How our own crates are built stays: `.cargo/config.toml` says so.
    variable.starts_with("AWS_") && !variable.starts_with("AWS_LC_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_somebodys_aws_is_told_from_how_we_are_built() {
        for variable in [
            "AWS_PROFILE",
            "AWS_SESSION_TOKEN",
            "AWS_ENDPOINT_URL_DYNAMODB",
            "AWS_REGION",
        ] {
            assert!(leads_to_aws(variable), "{variable}");
        }
        assert!(!leads_to_aws("AWS_LC_SYS_NO_JITTER_ENTROPY"));
    }

    #[test]
    fn what_describes_a_package_is_told_from_what_configures_cargo() {
        assert!(describes_a_package("CARGO_PKG_NAME"));
        assert!(describes_a_package("CARGO_MANIFEST_DIR"));
        for configuration in [
            "CARGO",
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_NET_OFFLINE",
            "CARGO_BUILD_JOBS",
        ] {
            assert!(!describes_a_package(configuration), "{configuration}");
        }
    }
}

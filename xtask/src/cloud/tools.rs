//! What the local cloud is made with: Python tools in an environment of their own, and libfaketime.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::progress::Progress;
use crate::workshop::Workshop;
use crate::{cache, python};

const REQUIREMENTS: &str = "infra/local/requirements.txt";
const FAKETIME: &str = if cfg!(target_arch = "aarch64") {
    "usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"
} else {
    "usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
};

/// Everything installed.
pub(crate) struct Tools {
    /// `bin` of the environment: python, sam, cargo-lambda.
    pub(crate) bin: PathBuf,
    /// So that functions follow the clock; none where this machine has no such package.
    pub(crate) faketime: Option<PathBuf>,
}

impl Tools {
    pub(crate) fn prepare(workshop: &Workshop, progress: &mut Progress<'_>) -> Result<Self, Failure> {
        let python = python::prepare_quietly(workshop, REQUIREMENTS, progress)?;
        let bin = python.parent().unwrap_or(&python).to_owned();
        let faketime = workshop.cache.join("tools/faketime");
        if !faketime.join(FAKETIME).exists() {
            // Debian's package, unpacked without being installed. Without it functions live in the computer's time.
            let _ = unpack_faketime(workshop, &faketime, progress);
        }
        let faketime = Some(faketime.join(FAKETIME)).filter(|library| library.exists());
        Ok(Self { bin, faketime })
    }

    /// A search path on which the tools come first.
    pub(crate) fn path(&self) -> std::ffi::OsString {
        let mut path = self.bin.clone().into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }
}

fn unpack_faketime(workshop: &Workshop, into: &Path, progress: &mut Progress<'_>) -> Result<(), Failure> {
    let _alone = cache::lock(&workshop.cache)?;
    cache::clear(into)?;
    std::fs::create_dir_all(into).map_err(Failure::of_file(into))?;
    let script = "apt-get download libfaketime && dpkg -x libfaketime_*.deb . && rm libfaketime_*.deb";
    progress.run(workshop.command("sh").args(["-c", script]).current_dir(into))
}

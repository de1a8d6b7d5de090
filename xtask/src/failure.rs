//! Why a step failed, as a fragment that fits "step … failed: …".

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use crate::progress::duration;

#[derive(Debug)]
pub(crate) enum Failure {
    /// The program could not be started at all.
    NotStarted { program: String, error: io::Error },
    /// The command ran and did not succeed.
    Unsuccessful { command: String, status: ExitStatus },
    /// The command ran, did not succeed, and its output is in a file.
    Logged {
        command: String,
        status: ExitStatus,
        last: String,
        log: PathBuf,
    },
    /// Something that should have come did not.
    NotSeen {
        what: String,
        after: Duration,
        log: PathBuf,
    },
    /// A port that is needed has somebody else behind it.
    PortTaken { port: u16 },
    /// A test run ended well, but nothing in its output says that a test ran.
    NothingTested { command: String },
    /// A file or folder of the cache, or one of the project's, could not be used.
    File { path: PathBuf, error: io::Error },
    /// Nothing can move the functions' clock.
    NoClock,
    /// The environment does not say where the cache is.
    NoCache,
    /// The model of AWS did not take a repository.
    NoRepository { name: String, answer: String },
    /// Without cargo's word for it we do not know where the workspace is.
    NotFromCargo,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted { program, error } => write!(f, "`{program}` could not be started ({error})"),
            Self::Unsuccessful { command, status } => match status.code() {
                Some(code) => write!(f, "`{command}` ended with exit code {code}"),
                None => write!(f, "`{command}` was ended by a signal"),
            },
            Self::Logged {
                command,
                status,
                last,
                log,
            } => {
                let how = status
                    .code()
                    .map_or_else(|| String::from("by a signal"), |code| format!("with exit code {code}"));
                write!(
                    f,
                    "`{command}` ended {how}, saying {last:?} (all of it: {})",
                    log.display()
                )
            }
            Self::NotSeen { what, after, log } => {
                let after = duration(*after);
                write!(f, "{what} was not seen within {after} (the log: {})", log.display())
            }
            Self::PortTaken { port } => write!(
                f,
                "port {port} is taken by another program: stop it, or choose another with `--port`"
            ),
            Self::NothingTested { command } => write!(f, "`{command}` did not say that it ran a test"),
            Self::File { path, error } => write!(f, "{} could not be used ({error})", path.display()),
            Self::NoClock => f.write_str(
                "libfaketime is not to be had: `apt-get download libfaketime` needs Debian or Ubuntu, with package lists by `apt-get update`",
            ),
            Self::NoCache => {
                f.write_str("neither IMAGE_STEWARD_CACHE, XDG_CACHE_HOME nor HOME says where the cache is")
            }
            Self::NoRepository { name, answer } => {
                write!(f, "the image plane did not make the repository {name} ({answer})")
            }
            Self::NotFromCargo => f.write_str("xtask was not started as `cargo xtask`"),
        }
    }
}

impl Failure {
    /// For `map_err`: the failure of using this file.
    pub(crate) fn of_file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, error }
    }
}

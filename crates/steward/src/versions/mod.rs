//! Image Builder's versions: three numbers, wildcards over them, and the build number the service adds.

mod build_number;
mod build_version;
mod node;
mod pattern;
mod problem;
mod version;

pub use build_number::{BuildNumber, BuildNumberError, BuildNumberProblem};
pub use build_version::{BuildVersion, BuildVersionError, BuildVersionProblem};
pub use pattern::VersionPattern;
pub use problem::{VersionError, VersionProblem};
pub use version::Version;

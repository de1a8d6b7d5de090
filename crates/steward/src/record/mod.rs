//! What the record keeps of a release, and what a look at AWS adds to it.

mod ami_state;
mod build_state;
mod container;
mod decide;
mod details;
mod facts;
mod failure;
mod inputs;
mod release;
mod settled;
mod standing;
mod vulnerability;

pub use ami_state::{AmiState, AmiStateError, AmiStateProblem};
pub use build_state::{BuildState, BuildStateError, BuildStateProblem};
pub use container::{
    ContainerFacts, ContainerImage, ContainerNameError, ContainerOutput, ContainerPlacement, ContainerReading,
    ContainerState, Containers, Digest, RepositoryName,
};
pub use decide::{Known, Recording, Unplaced, decide_copy, decide_recording};
pub use details::{Details, Findings, Package, PackageDifference, Scan, WorkflowRun, package_differences};
pub use facts::{AmiFacts, BuildFacts, Output, ParentImage, Reading};
pub use failure::{BuildFailure, ComponentFailure, RegionFailure};
pub(crate) use inputs::fingerprint_of;
pub use inputs::{ComponentDifference, UsedComponent, component_differences, fingerprint};
pub use release::{Placement, Release};
pub use settled::{Settled, settle};
pub use standing::{Doubt, Standing, Verdict, decide_standing, is_forgotten};
pub use vulnerability::{
    Exposed, Exposure, Vulnerability, VulnerabilityDifferences, VulnerabilityId, VulnerabilityIdError,
};

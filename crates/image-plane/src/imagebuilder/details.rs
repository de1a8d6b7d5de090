//! What can be read of a build beside its image.

use super::access::About;
use super::{Route, list};

mod packages;

/// Each at the path `/Name`.
pub(super) const DETAILS: [Route; 1] = [list(
    "ListImagePackages",
    About::Member("imageBuildVersionArn"),
    packages::list,
)];

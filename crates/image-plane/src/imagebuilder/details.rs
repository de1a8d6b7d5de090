//! What can be read of a build beside its image.

use super::access::About;
use super::{Route, list};

mod aggregations;
mod findings;
mod packages;

/// Each at the path `/Name`.
pub(super) const DETAILS: [Route; 3] = [
    list(
        "ListImagePackages",
        About::Member("imageBuildVersionArn"),
        packages::list,
    ),
    list("ListImageScanFindingAggregations", About::Filtered, aggregations::list),
    list("ListImageScanFindings", About::Filtered, findings::list),
];

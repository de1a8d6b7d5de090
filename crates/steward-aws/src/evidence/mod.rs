//! The lists of a target that show who uses an image: each read to its end, or not at all. And what is asked for
//! so that there is something to list: usage reports.

mod configurations;
mod fleets;
mod groups;
mod images;
mod instances;
mod launches;
mod parameters;
mod pipelines;
mod references;
mod reports;
mod templates;

pub(crate) use images::seen as image_seen;
pub use parameters::{HoldingParameter, ReadParameters};
pub(crate) use templates::GONE;
pub use templates::ReadTemplate;

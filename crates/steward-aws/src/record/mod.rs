//! The record: one DynamoDB table, its keys, its items, and the writes that may come in any order.

mod containers;
mod details;
mod evidence;
mod exposed;
mod items;
mod keys;
mod lease;
mod lineage;
mod manifests;
mod questions;
mod read;
mod rebuild;
mod refused;
mod standing;
mod steps;
mod table;
mod used;
mod verdicts;
mod write;

pub use containers::HeldContainer;
pub use evidence::{Acceptance, Kept, KeptReports};
pub(crate) use items::PausedItem;
pub(crate) use keys::Key;
pub use lease::{Lease, Leased};
pub use lineage::{Linked, Parent};
pub use manifests::{Applied, AppliedManifest, Stored};
pub use questions::{Entry, HeldPlacement, Span};
pub use refused::Refused;
pub use standing::Placed;
pub use steps::{Begun, Carried, OpenStep};
use table::AT_ONCE;
pub use table::Record;
pub use used::{HeldUse, UsedImage, Whereabouts};
pub use verdicts::Hold;
pub use write::Written;

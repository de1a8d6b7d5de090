//! Where releases came from: edges from parent to child, and the closure that answers for all of an image's ancestors and
//! descendants at once.
//!
//! The edges are the truth. The closure is an index of them, which any order of the same edges leaves the same.

mod caption;
mod closing;
mod decide;
mod edge;
mod graph;
mod mermaid;
mod old;
pub mod page;
mod rebuild;
mod revocation;

pub use caption::Caption;
pub use closing::{Answer, Ask, Closing, DEEPEST};
pub use decide::{Above, Ancestor, Lineage, Link, MOST_ANCESTORS, Node, NodeKind, Parentage, decide_lineage};
pub use edge::{Edge, EdgeError, EdgeKind, EdgeProblem, Pair, Reach};
pub use graph::{Card, Drawn, Graph, LeftOff, MOST_DRAWN, on_channels};
pub use old::{AgeFacts, Outdated, outdated};
pub use rebuild::{Differences, Held, closure, compare};
pub use revocation::{Cause, Exemption, Lifted, Revocation, Said, causes};

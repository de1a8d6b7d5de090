//! An organization as it was read: its accounts, how each stands, and in which of its units it is.
//!
//! A reading is whole or it is an error. Who is in a unit decides whose permissions are taken away.

mod account_state;
mod gone;
mod path;
mod seen;

pub use account_state::{AccountState, AccountStateError, AccountStateProblem};
pub use gone::{Gone, decide_gone};
pub use path::{AccountPath, OrganizationsPathError, OrganizationsPathProblem, UnitPath};
pub use seen::{AccountSeen, Contradiction, ListedAccount, Named, NotThere, OrganizationSeen};

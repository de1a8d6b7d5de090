//! KMS keys, in the four ways a manifest may name one.

mod alias_name;
mod key_id;
mod key_ref;

pub use alias_name::KmsAliasName;
pub use key_id::KmsKeyId;
pub use key_ref::{KmsKeyRef, KmsKeyRefError, KmsKeyRefProblem};

use std::collections::BTreeMap;

use crate::AccountId;

/// What an image says of itself that tells to which family it belongs, and as what.
pub(super) struct Claims {
    pub(super) owner: Option<AccountId>,
    /// The service that owns it, as EC2 calls it.
    pub(super) alias: Option<String>,
    pub(super) name: Option<String>,
    pub(super) architecture: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
}

impl Claims {
    pub(super) fn tag(&self, key: &str) -> Option<&str> {
        self.tags.get(key).map(String::as_str)
    }
}

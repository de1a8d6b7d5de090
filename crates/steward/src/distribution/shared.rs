use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::audience::Grantee;
use crate::Timestamp;

/// So many are kept by name: each sweep reads them with how the release stands.
const MOST: usize = 20;

/// Whom an image was seen shared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// Who may launch it: everybody, units and organizations first, then accounts, no more than are kept.
    pub with: BTreeSet<Grantee>,
    /// How many more there were.
    pub more: usize,
    /// When.
    pub as_of: Timestamp,
}

impl Shared {
    /// By a look at who may launch an image.
    pub fn of(grants: &BTreeSet<Grantee>, as_of: Timestamp) -> Self {
        // What stands for many says more than one of many.
        let with: BTreeSet<Grantee> = grants.iter().rev().take(MOST).cloned().collect();
        Self {
            more: grants.len() - with.len(),
            with,
            as_of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_whom_an_image_is_shared_with_those_are_kept_that_stand_for_most() {
        let as_of = "2026-01-18T17:50:56Z".parse().unwrap();
        let organization: Grantee =
            serde_json::from_str("\"arn:aws:organizations::111122223333:organization/o-exampleorgid\"").unwrap();
        let account = |n: u64| Grantee::Account(format!("{n:012}").parse().unwrap());
        let grants: BTreeSet<Grantee> = (1..=40)
            .map(account)
            .chain([organization.clone(), Grantee::Everybody])
            .collect();
        let shared = Shared::of(&grants, as_of);
        assert_eq!((shared.with.len(), shared.more), (20, 22));
        assert!(shared.with.contains(&organization) && shared.with.contains(&Grantee::Everybody));
        let few: BTreeSet<Grantee> = (1..=20).map(account).collect();
        let shared = Shared::of(&few, as_of);
        assert_eq!((&shared.with, shared.more), (&few, 0));
        let kept = serde_json::to_string(&shared).unwrap();
        assert_eq!(serde_json::from_str::<Shared>(&kept).unwrap(), shared);
        assert!(serde_json::from_str::<Grantee>("\"nobody\"").is_err());
    }
}

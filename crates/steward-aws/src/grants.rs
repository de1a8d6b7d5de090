//! Who was let use a key, as KMS lists it.

use std::collections::BTreeSet;

use aws_sdk_kms::types::GrantListEntry;
use steward::KmsKeyRef;

use crate::problem::absent;
use crate::{AtTarget, Problem};

/// So many grants KMS lists at once.
const PAGE: i32 = 100;
/// What KMS answers for a key that is gone.
const NO_KEY: [&str; 1] = ["NotFoundException"];

/// Some of a key's grants.
#[derive(Debug)]
pub(crate) struct SomeGrants {
    pub(crate) grants: Vec<GrantListEntry>,
    /// Where the next are, if there are more.
    pub(crate) next: Option<String>,
}

impl AtTarget {
    /// The grants of this name on a key to this principal, as KMS calls them; none where there is no such key.
    pub(crate) async fn grants_to(
        &self,
        key: &KmsKeyRef,
        grantee: String,
        name: &str,
    ) -> Result<BTreeSet<String>, Problem> {
        let keep = |grant: &GrantListEntry| {
            let id = grant.grant_id().filter(|_| grant.name() == Some(name));
            id.map(str::to_owned)
        };
        self.grants_on(key, Some(grantee), keep).await
    }

    /// What is kept of the grants on a key, or of those to one principal; nothing where there is no such key.
    pub(crate) async fn grants_on<T: Ord>(
        &self,
        key: &KmsKeyRef,
        grantee: Option<String>,
        keep: impl Fn(&GrantListEntry) -> Option<T>,
    ) -> Result<BTreeSet<T>, Problem> {
        let doing = format!("read who was let use {key}");
        let (mut found, mut after) = (BTreeSet::new(), None);
        loop {
            let page = self.some_grants((key, grantee.clone()), after, &doing).await;
            let Some(SomeGrants { grants, next }) = absent(page, &NO_KEY)? else {
                return Ok(found);
            };
            found.extend(grants.iter().filter_map(&keep));
            if next.is_none() {
                return Ok(found);
            }
            after = next;
        }
    }

    /// The next of the grants on a key, or of those to one principal.
    pub(crate) async fn some_grants(
        &self,
        (key, grantee): (&KmsKeyRef, Option<String>),
        after: Option<String>,
        doing: &str,
    ) -> Result<SomeGrants, Problem> {
        self.key_reads.wait().await;
        let list = self.keys.list_grants().key_id(key.to_string()).limit(PAGE);
        let list = list.set_grantee_principal(grantee).set_marker(after);
        let page = self.answered(doing, list.send()).await?;
        Ok(SomeGrants {
            next: page.next_marker.filter(|_| page.truncated),
            grants: page.grants.unwrap_or_default(),
        })
    }
}

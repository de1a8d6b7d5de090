//! Grants on the hub's keys, for the role of members that make their own copies.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_kms::types::{GrantListEntry, GrantOperation};
use steward::distribution::{COPY_ROLE, KeyGrant, key_grant_name};
use steward::{AccountId, KmsKeyRef, ReleaseId};

use crate::problem::absent;
use crate::{AtTarget, Problem};

/// What EC2 does with the key of what it copies, in the name of whoever copies it.
const OF_A_COPY: [GrantOperation; 6] = [
    GrantOperation::CreateGrant,
    GrantOperation::Decrypt,
    GrantOperation::DescribeKey,
    GrantOperation::GenerateDataKeyWithoutPlaintext,
    GrantOperation::ReEncryptFrom,
    GrantOperation::ReEncryptTo,
];
/// What KMS answers for a key, or a grant, that is gone.
const GONE: [&str; 1] = ["NotFoundException"];

/// A grant that was made for a copy of somebody's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CopyGrant {
    name: String,
    grantee: String,
    id: String,
}

impl AtTarget {
    /// The grants of this name on a key to the role of a member.
    pub async fn key_grants(&self, key: &KmsKeyRef, to: AccountId, name: &str) -> Result<BTreeSet<KeyGrant>, Problem> {
        let found = self.grants_to(key, self.copy_role(to), name).await?.into_iter();
        let grant = |id| KeyGrant {
            key: key.clone(),
            to,
            id,
        };
        Ok(found.map(grant).collect())
    }

    /// All grants on a key that were made for anybody's copies, however many others it has.
    pub(super) async fn all_copy_grants(&self, key: &KmsKeyRef) -> Result<BTreeSet<CopyGrant>, Problem> {
        let keep = |grant: &GrantListEntry| {
            let name = grant.name().filter(|name| name.starts_with(COPY_ROLE))?.to_owned();
            let grantee = grant.grantee_principal()?.to_owned();
            let id = grant.grant_id()?.to_owned();
            Some(CopyGrant { name, grantee, id })
        };
        self.grants_on(key, None, keep).await
    }

    /// Those of a key's grants that were made for a release's copies of these accounts.
    pub(super) fn grants_among(
        &self,
        all: &BTreeSet<CopyGrant>,
        key: &KmsKeyRef,
        release: ReleaseId,
        accounts: &BTreeSet<AccountId>,
    ) -> BTreeSet<KeyGrant> {
        let of = accounts.iter().copied();
        let named: BTreeMap<String, AccountId> = of.map(|to| (key_grant_name(release, to), to)).collect();
        let found = all.iter().filter_map(|CopyGrant { name, grantee, id }| {
            let to = *named.get(name)?;
            (*grantee == self.copy_role(to)).then(|| KeyGrant {
                key: key.clone(),
                to,
                id: id.clone(),
            })
        });
        found.collect()
    }

    /// Lets the role of a member use a key. By the same name it is done once.
    pub(super) async fn lend_key(
        &self,
        (key, to): (&KmsKeyRef, AccountId),
        name: &str,
        retired_by: Option<&str>,
        doing: &str,
    ) -> Result<(), Problem> {
        let request = self.keys.create_grant().key_id(key.to_string()).name(name);
        let request = request.grantee_principal(self.copy_role(to));
        let request = request.set_retiring_principal(retired_by.map(str::to_owned));
        let call = request.set_operations(Some(OF_A_COPY.to_vec())).send();
        self.answered(doing, call).await.map(drop)
    }

    pub(super) async fn take_back_key(&self, grant: &KeyGrant, doing: &str) -> Result<(), Problem> {
        let KeyGrant { key, to: _, id } = grant;
        let call = self.keys.retire_grant().key_id(key.to_string()).grant_id(id).send();
        absent(self.answered(doing, call).await, &GONE).map(drop)
    }

    fn copy_role(&self, of: AccountId) -> String {
        format!("arn:{}:iam::{of}:role/{COPY_ROLE}", self.target.region().partition())
    }
}

use std::collections::BTreeSet;

use aws_sdk_ec2::types::Tag;
use aws_sdk_kms::types::GrantOperation;
use steward::FamilyName;
use steward::consumers::{ViewStep, auto_scaling_in, grant_name};

use crate::problem::absent;
use crate::tags::tags;
use crate::{AtTarget, Problem};

/// As AWS says what Auto Scaling needs to launch what a key of another account encrypts.
const NEEDED: [GrantOperation; 8] = [
    GrantOperation::CreateGrant,
    GrantOperation::Decrypt,
    GrantOperation::DescribeKey,
    GrantOperation::Encrypt,
    GrantOperation::GenerateDataKey,
    GrantOperation::GenerateDataKeyWithoutPlaintext,
    GrantOperation::ReEncryptFrom,
    GrantOperation::ReEncryptTo,
];
const NO_GRANT: [&str; 1] = ["NotFoundException"];

/// KMS's word where a grant names a role that is not there.
const NOBODY: [&str; 1] = ["InvalidArnException"];

impl Problem {
    /// Whether KMS refused it as there is no role of that name.
    pub fn is_of_nobody(&self) -> bool {
        self.is_refused_as(&NOBODY)
    }
}

impl AtTarget {
    /// Takes a step of a family's, and says what KMS calls the grant that it made: in the consumer's account, but for what is
    /// taken back where the key is. Each may be taken again: it is the same grant, and the same tags. A grant is taken back by
    /// whom it names, `retired_by`.
    pub async fn show(
        &self,
        step: &ViewStep,
        family: &FamilyName,
        retired_by: Option<&str>,
    ) -> Result<Option<String>, Problem> {
        let doing = step.to_string();
        self.writes.wait().await;
        match step {
            ViewStep::Grant { key, release: _ } => {
                let request = self.keys.create_grant().key_id(key.to_string());
                let request = request
                    .name(grant_name(family))
                    .grantee_principal(auto_scaling_in(self.target))
                    .set_retiring_principal(retired_by.map(str::to_owned))
                    .set_operations(Some(NEEDED.to_vec()));
                let made = self.answered(&doing, request.send()).await?;
                let none = || Problem::not_understood(&doing, self.target, "the grant has no id");
                made.grant_id.ok_or_else(none).map(Some)
            }
            ViewStep::Retire { key, grant, release: _ } => {
                let request = self.keys.retire_grant().key_id(key.to_string()).grant_id(grant);
                // Somebody may have revoked it.
                absent(self.answered(&doing, request.send()).await, &NO_GRANT).map(|_| None)
            }
            ViewStep::Tag { ami, release: _, set } => {
                let on = BTreeSet::from([*ami]);
                self.create_tags(&on, tags(set), &doing).await.map(|()| None)
            }
            ViewStep::Untag { ami, release: _, keys } => {
                let named = keys.iter().map(|key| Tag::builder().key(key).build());
                let request = self.ec2.delete_tags().resources(ami.to_string());
                let request = request.set_tags(Some(named.collect()));
                self.answered(&doing, request.send()).await.map(|_| None)
            }
        }
    }
}

//! Keys, as KMS describes them in a target.

use std::collections::BTreeSet;

use aws_sdk_kms::types::{GrantListEntry, KeyManagerType, KeyMetadata, KeyState};
use steward::distribution::{
    COPY_ROLE, DefaultKey, EbsDefaults, Granted, Grantee, KeyAudience, KeyPolicy, KeyProblem, KeySeen, Places,
    judge_key,
};
use steward::publication::Lock;
use steward::{AccountId, KmsKeyRef, Words};

use crate::grants::SomeGrants;
use crate::problem::absent;
use crate::{AtTarget, Cause, Problem};

const NO_KEY: [&str; 1] = ["NotFoundException"];
/// Roles of services, in their ARNs.
const SERVICES: [&str; 2] = [":role/aws-service-role/", ":assumed-role/aws:ec2-infrastructure"];
/// So many pages of grants are read, of a hundred each. A key that encrypts many volumes has one for each of them: who has one
/// among so many is nobody's question.
const MOST_PAGES: usize = 10;

impl AtTarget {
    /// Looks at the key that copies here are to be encrypted by. Why it cannot be used is an answer too.
    pub async fn key(&self, wanted: &KmsKeyRef) -> KeySeen {
        match self.key_metadata(&wanted.arn_in(self.target)).await {
            Ok(None) => KeySeen::Unusable(KeyProblem::NotFound),
            Ok(Some(key)) => seen(&key),
            Err(problem) => KeySeen::Unusable(KeyProblem::Unreadable(Words::from(problem.cause.to_string()))),
        }
    }

    /// What keeps whoever looks, and for all that is known the account, from launching what a key encrypts; none where it is
    /// enabled. One that KMS does not show is as shut as one that it shows to be.
    pub async fn lock_of(&self, key: &KmsKeyRef) -> Option<Lock> {
        let key = match self.key_metadata(key).await {
            Ok(Some(key)) => key,
            Ok(None) => return Some(Lock::Gone),
            Err(problem) => {
                let why = Words::from(problem.cause.to_string());
                return Some(if problem.is_denied() {
                    Lock::Hidden(why)
                } else {
                    Lock::Unseen(why)
                });
            }
        };
        match key.key_state() {
            Some(KeyState::Enabled) => None,
            Some(KeyState::Disabled) => Some(Lock::Disabled),
            Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion) => Some(Lock::PendingDeletion),
            state => Some(Lock::State(Words::from(state.map_or("none", KeyState::as_str)))),
        }
    }

    /// Who of an audience may use a key, by its ARN. That nobody may read that is an answer too; that nobody answered is none.
    pub(crate) async fn key_audience(
        &self,
        key: &KmsKeyRef,
        audience: &BTreeSet<Grantee>,
        places: &Places,
    ) -> Result<KeyAudience, Problem> {
        let owner = key.account().unwrap_or(self.target.account());
        // KMS shows a policy to nobody else.
        if owner != self.target.account() {
            let why = format!("only its own account, {owner}, can read it");
            return Ok(KeyAudience::Unread(Words::from(why)));
        }
        let policy = match self.key_policy(key).await {
            Err(problem) if problem.is_denied() || matches!(problem.cause, Cause::NotUnderstood(_)) => {
                return Ok(KeyAudience::Unread(Words::from(problem.cause.to_string())));
            }
            policy => policy?,
        };
        let region = self.target.region();
        let judged = |granted: &Granted| judge_key(&policy, (owner, region), granted, audience, places);
        let by_policy = judged(&Granted::To(BTreeSet::new()));
        Ok(match &by_policy {
            KeyAudience::Read { shuts_out, .. } if !shuts_out.is_empty() => judged(&self.granted(key).await?),
            KeyAudience::Read { .. } | KeyAudience::Unread(_) => by_policy,
        })
    }

    /// What EBS does here where nobody names a key.
    pub(crate) async fn ebs_defaults(&self) -> Result<EbsDefaults, Problem> {
        let doing = "read what EBS does where no key is named";
        self.reads.wait().await;
        let call = self.ec2.get_ebs_encryption_by_default().send();
        let encryption = self.answered(doing, call).await?;
        let encrypts = encryption.ebs_encryption_by_default().unwrap_or_default();
        self.reads.wait().await;
        let call = self.ec2.get_ebs_default_kms_key_id().send();
        let answer = self.answered(doing, call).await?;
        let named = answer.kms_key_id().unwrap_or_default();
        let wrong = |what: &dyn std::fmt::Display| Problem::not_understood(doing, self.target, what);
        let named: KmsKeyRef = named.parse().map_err(|error| wrong(&error))?;
        if matches!(&named, KmsKeyRef::Alias(alias) if alias.is_aws_managed()) {
            let key = DefaultKey::OfAws;
            return Ok(EbsDefaults { encrypts, key });
        }
        let key = self.key_metadata(&named.arn_in(self.target)).await?;
        let key = key.ok_or_else(|| wrong(&format_args!("there is no key {named}")))?;
        let arn = key.arn().unwrap_or_default();
        let key = match key.key_manager() {
            Some(KeyManagerType::Aws) => DefaultKey::OfAws,
            _ => DefaultKey::Customers(arn.parse().map_err(|error| wrong(&error))?),
        };
        Ok(EbsDefaults { encrypts, key })
    }

    async fn key_policy(&self, key: &KmsKeyRef) -> Result<KeyPolicy, Problem> {
        let doing = format!("read the policy of the key {key}");
        self.key_reads.wait().await;
        let call = self.keys.get_key_policy().key_id(key.to_string()).send();
        let answer = self.answered(&doing, call).await?;
        let policy = KeyPolicy::read(answer.policy().unwrap_or_default());
        policy.map_err(|why| Problem::not_understood(&doing, self.target, why))
    }

    /// The accounts that a key's grants let use it. Asked for only where its policy lets somebody not: of most keys it is asked
    /// never.
    async fn granted(&self, key: &KmsKeyRef) -> Result<Granted, Problem> {
        let doing = format!("list the grants of the key {key}");
        let (mut accounts, mut after) = (BTreeSet::new(), None);
        for _ in 0..MOST_PAGES {
            let SomeGrants { grants, next } = match self.some_grants((key, None), after, &doing).await {
                Err(problem) if problem.is_denied() => return Ok(Granted::Unknown),
                page => page?,
            };
            let Some(some) = grantees(&grants) else {
                return Ok(Granted::Unknown);
            };
            accounts.extend(some);
            if next.is_none() {
                return Ok(Granted::To(accounts));
            }
            after = next;
        }
        Ok(Granted::Unknown)
    }

    /// Whether a key is one that AWS keeps for the account, and that nobody else can be let use. One that is not there any more
    /// is none.
    pub(crate) async fn is_aws_managed(&self, key: &KmsKeyRef) -> Result<bool, Problem> {
        let key = self.key_metadata(key).await?;
        Ok(key.is_some_and(|key| key.key_manager() == Some(&KeyManagerType::Aws)))
    }

    async fn key_metadata(&self, key: &KmsKeyRef) -> Result<Option<KeyMetadata>, Problem> {
        let doing = format!("look at the key {key}");
        self.key_reads.wait().await;
        let call = self.keys.describe_key().key_id(key.to_string()).send();
        let answer = absent(self.answered(&doing, call).await, &NO_KEY)?;
        Ok(answer.and_then(|answer| answer.key_metadata))
    }
}

fn seen(key: &KeyMetadata) -> KeySeen {
    let problem = match (key.key_manager(), key.key_state()) {
        (Some(KeyManagerType::Aws), _) => KeyProblem::Default,
        (_, Some(KeyState::Enabled)) => {
            return match key.arn().unwrap_or_default().parse() {
                Ok(key) => KeySeen::Usable(key),
                Err(error) => KeySeen::Unusable(KeyProblem::Unreadable(Words::from(error.to_string()))),
            };
        }
        (_, Some(KeyState::Disabled)) => KeyProblem::Disabled,
        (_, Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion)) => KeyProblem::PendingDeletion,
        (_, state) => {
            let state = state.map_or("no state", KeyState::as_str);
            KeyProblem::Unreadable(Words::from(format!("its state is {state}")))
        }
    };
    KeySeen::Unusable(problem)
}

/// The accounts of some grantees; none where one of them is nobody we know.
fn grantees(grants: &[GrantListEntry]) -> Option<BTreeSet<AccountId>> {
    let mut accounts = BTreeSet::new();
    for grant in grants {
        let grantee = grant.grantee_principal()?;
        // A service of AWS launches nothing in anybody's name, nor does what a service's own role or a running instance's
        // volumes were granted let anybody else launch: we ourselves grant it to Auto Scaling and to who copies.
        let is_services = grantee.ends_with(".amazonaws.com") || SERVICES.iter().any(|role| grantee.contains(role));
        if is_services || grantee.ends_with(COPY_ROLE) {
            continue;
        }
        let account = grantee.split(':').nth(4)?;
        accounts.insert(account.parse().ok()?);
    }
    Some(accounts)
}

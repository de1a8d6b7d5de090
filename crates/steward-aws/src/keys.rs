//! Keys, as KMS describes them in a target.

use std::collections::BTreeSet;

use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeyState};
use steward::distribution::{KeyProblem, KeySeen};
use steward::{KmsKeyRef, Words};

use crate::problem::absent;
use crate::{AtTarget, Problem};

const NO_KEY: [&str; 1] = ["NotFoundException"];

impl AtTarget {
    /// Looks at the key that copies here are to be encrypted by. Why it cannot be used is an answer too.
    pub async fn key(&self, wanted: &KmsKeyRef) -> KeySeen {
        match self.key_metadata(&wanted.arn_in(self.target)).await {
            Ok(None) => KeySeen::Unusable(KeyProblem::NotFound),
            Ok(Some(key)) => seen(&key),
            Err(problem) => KeySeen::Unusable(KeyProblem::Unreadable(Words::from(problem.cause.to_string()))),
        }
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
                Ok(key) => KeySeen::Usable {
                    key,
                    shuts_out: BTreeSet::new(),
                },
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

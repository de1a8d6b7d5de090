//! Grants: leave to use one key, given to one principal beside all policies.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::ids::AccountId;
use crate::sts::Named;
use crate::time::Time;

/// What grants can allow on a symmetric encryption key.
pub(super) const OPERATIONS: [&str; 11] = [
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
];

/// The pairs of an encryption context.
pub(super) type Context = BTreeMap<String, String>;

/// A grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Grant {
    pub(super) name: Option<String>,
    pub(super) created: Time,
    pub(super) issuer: AccountId,
    pub(super) grantee: Party,
    pub(super) retiring: Option<Party>,
    pub(super) operations: Vec<String>,
    pub(super) constraints: Constraints,
    /// Each of them stands for it, also before it is known everywhere.
    pub(super) tokens: Vec<String>,
    /// From when on it is known without a token.
    pub(super) known_from: Time,
    /// Until when it is still believed, once it was retired or revoked.
    pub(super) ends: Option<Time>,
}

/// A principal of a grant: as it was written, and whom it stood for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Party {
    pub(super) arn: String,
    pub(super) who: Named,
}

/// What the encryption context of a request must be like.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Constraints {
    pub(super) subset: Option<Context>,
    pub(super) equals: Option<Context>,
}

impl Constraints {
    /// Whether a request with this context keeps to them.
    pub(super) fn hold_for(&self, context: &Context) -> bool {
        let subset = self.subset.as_ref().is_none_or(|pairs| contains(context, pairs));
        let equals = self.equals.as_ref().is_none_or(|pairs| context == pairs);
        subset && equals
    }

    /// Whether these are at least as strict as others: what a grant must be that another grant lets somebody make.
    pub(super) fn keep_to(&self, others: &Self) -> bool {
        let subset = others.subset.as_ref().is_none_or(|pairs| {
            let own = [&self.equals, &self.subset];
            own.into_iter().flatten().any(|own| contains(own, pairs))
        });
        let equals = others.equals.is_none() || self.equals == others.equals;
        subset && equals
    }

    fn shown(&self) -> Value {
        let mut shown = Map::new();
        let named = [
            ("EncryptionContextSubset", &self.subset),
            ("EncryptionContextEquals", &self.equals),
        ];
        for (name, pairs) in named {
            if let Some(pairs) = pairs {
                shown.insert(name.to_owned(), json!(pairs));
            }
        }
        if shown.is_empty() {
            Value::Null
        } else {
            Value::Object(shown)
        }
    }
}

fn contains(all: &Context, pairs: &Context) -> bool {
    pairs.iter().all(|(name, value)| all.get(name) == Some(value))
}

impl Grant {
    /// Whether it is known everywhere, and still believed.
    pub(super) fn known(&self, now: Time) -> bool {
        self.known_from <= now && self.ends.is_none_or(|ends| now < ends)
    }

    /// Whether it counts for a request that comes with these tokens.
    pub(super) fn counts(&self, now: Time, tokens: &[String]) -> bool {
        let shown = || self.ends.is_none() && tokens.iter().any(|token| self.tokens.contains(token));
        self.known(now) || shown()
    }

    pub(super) fn allows(&self, operation: &str) -> bool {
        self.operations
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(operation))
    }

    /// Whether another is the same to the last property, so that a retry made it.
    pub(super) fn same(&self, other: &Self) -> bool {
        let properties = |grant: &Self| {
            let retiring = grant.retiring.as_ref().map(|party| party.arn.clone());
            let who = (grant.grantee.arn.clone(), retiring, grant.issuer);
            (
                grant.name.clone(),
                who,
                grant.operations.clone(),
                grant.constraints.clone(),
            )
        };
        properties(self) == properties(other)
    }

    /// As ListGrants shows it.
    pub(super) fn shown(&self, id: &str, key: &str, partition: &str) -> Value {
        json!({
            "KeyId": key,
            "GrantId": id,
            "Name": self.name.as_deref().unwrap_or(""),
            "CreationDate": self.created.epoch_seconds(),
            "GranteePrincipal": self.grantee.arn,
            "RetiringPrincipal": self.retiring.as_ref().map(|party| &party.arn),
            "IssuingAccount": format!("arn:{partition}:iam::{}:root", self.issuer),
            "Operations": self.operations,
            "Constraints": self.constraints.shown(),
        })
    }
}

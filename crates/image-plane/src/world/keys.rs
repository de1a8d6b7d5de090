//! KMS keys, as far as snapshots care: who may use which, and what goes wrong late when nobody may.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Target;
use crate::ids::AccountId;
use crate::random::Random;

/// A key's ARN.
pub type KeyArn = Arc<str>;

/// Whether a key works.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyState {
    /// It does.
    Enabled,
    /// It does not, until somebody enables it.
    Disabled,
    /// It is about to be deleted.
    PendingDeletion,
}

/// A symmetric encryption key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// Who owns it, and where it lives.
    pub home: Target,
    /// Whether it works.
    pub state: KeyState,
    /// `aws/ebs`: the default key of its account, which nobody else can ever use.
    pub managed: bool,
    /// Other accounts its policy lets use it.
    pub usable_by: BTreeSet<AccountId>,
}

/// Every key of the world.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    keys: BTreeMap<KeyArn, Key>,
    aliases: BTreeMap<(Target, String), KeyArn>,
}

impl Keys {
    pub(crate) fn create(
        &mut self,
        home: Target,
        alias: Option<&str>,
        usable_by: BTreeSet<AccountId>,
        random: &mut Random,
    ) -> KeyArn {
        let arn = self.insert(
            Key {
                home,
                state: KeyState::Enabled,
                managed: false,
                usable_by,
            },
            random,
        );
        if let Some(alias) = alias {
            self.aliases.insert((home, alias.to_owned()), arn.clone());
        }
        arn
    }

    /// The default key of EBS in a target; it comes into being when first needed.
    pub(crate) fn default_key(&mut self, home: Target, random: &mut Random) -> KeyArn {
        let alias = (home, String::from("alias/aws/ebs"));
        if let Some(arn) = self.aliases.get(&alias) {
            return arn.clone();
        }
        let arn = self.insert(
            Key {
                home,
                state: KeyState::Enabled,
                managed: true,
                usable_by: BTreeSet::new(),
            },
            random,
        );
        self.aliases.insert(alias, arn.clone());
        arn
    }

    /// The key a caller means by an id, an alias, or the ARN of either; ids and aliases are looked up at home.
    pub(crate) fn resolve(&self, home: Target, text: &str) -> Option<KeyArn> {
        if let Some((arn, _)) = self.keys.get_key_value(text) {
            return Some(arn.clone());
        }
        if text.starts_with("arn:") {
            let (account, region, alias) = alias_parts(text)?;
            let target = Target {
                account: account.parse().ok()?,
                region: region.parse().ok()?,
            };
            return self.aliases.get(&(target, alias.to_owned())).cloned();
        }
        if text.starts_with("alias/") {
            return self.aliases.get(&(home, text.to_owned())).cloned();
        }
        self.keys
            .get_key_value(key_arn(home, text).as_str())
            .map(|(arn, _)| arn.clone())
    }

    pub(crate) fn get(&self, arn: &str) -> Option<&Key> {
        self.keys.get(arn)
    }

    pub(crate) fn get_mut(&mut self, arn: &str) -> Option<&mut Key> {
        self.keys.get_mut(arn)
    }

    /// Whether an account may encrypt and decrypt with this key now.
    pub(crate) fn usable(&self, arn: &str, by: AccountId) -> bool {
        self.get(arn).is_some_and(|key| {
            key.state == KeyState::Enabled && (key.home.account == by || key.usable_by.contains(&by))
        })
    }

    fn insert(&mut self, key: Key, random: &mut Random) -> KeyArn {
        let arn: KeyArn = key_arn(key.home, &random.uuid()).into();
        self.keys.insert(arn.clone(), key);
        arn
    }
}

fn key_arn(home: Target, id: &str) -> String {
    format!(
        "arn:{}:kms:{}:{}:key/{id}",
        home.region.partition(),
        home.region,
        home.account
    )
}

/// Account, Region and `alias/…` of an alias ARN.
fn alias_parts(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    resource.starts_with("alias/").then_some((account, region, resource))
}

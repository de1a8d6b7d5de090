//! Every key of the world, and the aliases that lead to them.

use std::collections::BTreeMap;

use super::key::{Key, KeyArn, key_arn};
use super::policy::{self, KeyPolicy};
use crate::random::Random;
use crate::time::Time;
use crate::world::{Target, World};

/// The alias of an account's default key for EBS.
pub(crate) const DEFAULT_ALIAS: &str = "alias/aws/ebs";

/// Every key of the world.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    keys: BTreeMap<KeyArn, Key>,
    aliases: BTreeMap<Target, BTreeMap<String, Alias>>,
}

/// An alias, and the key it leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Alias {
    pub(super) key: KeyArn,
    pub(super) created: Time,
}

impl Keys {
    pub(super) fn insert(&mut self, key: Key, random: &mut Random) -> KeyArn {
        let arn: KeyArn = key_arn(key.home, &random.uuid()).into();
        self.keys.insert(arn.clone(), key);
        arn
    }

    /// Lets an alias lead to a key, and no longer to another.
    pub(super) fn name(&mut self, home: Target, alias: &str, key: &KeyArn, now: Time) {
        let (to, created) = (key.clone(), now);
        let aliases = self.aliases.entry(home).or_default();
        let before = aliases.insert(alias.to_owned(), Alias { key: to, created });
        if let Some(before) = before.and_then(|before| self.keys.get_mut(&before.key)) {
            before.aliases.remove(alias);
        }
        if let Some(key) = self.keys.get_mut(key) {
            key.aliases.insert(alias.to_owned());
        }
    }

    pub(super) fn alias(&self, home: Target, alias: &str) -> Option<&Alias> {
        self.aliases.get(&home)?.get(alias)
    }

    /// The aliases of an account in a Region, by name. EBS's own is there before it leads to a key.
    pub(super) fn aliases(&self, home: Target) -> BTreeMap<&str, Option<&Alias>> {
        let known = self.aliases.get(&home).into_iter().flatten();
        let mut all = BTreeMap::from([(DEFAULT_ALIAS, None)]);
        all.extend(known.map(|(name, alias)| (name.as_str(), Some(alias))));
        all
    }

    /// The key a caller means by an id, an alias, or the ARN of either; ids and aliases are looked up at home.
    pub(crate) fn resolve(&self, home: Target, text: &str) -> Option<KeyArn> {
        if let Some((arn, _)) = self.keys.get_key_value(text) {
            return Some(arn.clone());
        }
        if text.starts_with("arn:") {
            let (target, alias) = alias_parts(text)?;
            return self.alias(target, alias).map(|alias| alias.key.clone());
        }
        if text.starts_with("alias/") {
            return self.alias(home, text).map(|alias| alias.key.clone());
        }
        self.keys
            .get_key_value(key_arn(home, text).as_str())
            .map(|(arn, _)| arn.clone())
    }

    pub(crate) fn get(&self, arn: &str) -> Option<&Key> {
        self.keys.get(arn)
    }

    pub(super) fn get_mut(&mut self, arn: &str) -> Option<&mut Key> {
        self.keys.get_mut(arn)
    }

    /// Whether it is a default key, under which nothing can be shared.
    pub(crate) fn is_default(&self, arn: &str) -> bool {
        self.get(arn).is_some_and(|key| key.managed)
    }

    /// Forgets a key with its aliases and grants.
    pub(super) fn remove(&mut self, arn: &str) {
        if let Some(Key { home, aliases, .. }) = self.keys.remove(arn)
            && let Some(known) = self.aliases.get_mut(&home)
        {
            known.retain(|name, _| !aliases.contains(name));
        }
    }

    /// The key a grant with this token is on, and the grant's id.
    pub(super) fn grant_of_token(&self, token: &str) -> Option<(KeyArn, String)> {
        self.keys.iter().find_map(|(arn, key)| {
            let mut grants = key.grants.iter();
            let (id, _) = grants.find(|(_, grant)| grant.tokens.iter().any(|known| known == token))?;
            Some((arn.clone(), id.clone()))
        })
    }
}

/// The default key of EBS in a target; it comes into being when first needed.
pub(crate) fn default_key(world: &mut World, home: Target) -> KeyArn {
    if let Some(alias) = world.keys.alias(home, DEFAULT_ALIAS) {
        return alias.key.clone();
    }
    let policy = KeyPolicy::ours(home, &policy::of_default_key(home));
    let key = Key::new(home, true, policy, world.now);
    let arn = world.keys.insert(key, &mut world.random);
    world.keys.name(home, DEFAULT_ALIAS, &arn, world.now);
    arn
}

/// The target and the `alias/…` of an alias's ARN.
fn alias_parts(arn: &str) -> Option<(Target, &str)> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let target = Target {
        account: account.parse().ok()?,
        region: region.parse().ok()?,
    };
    resource.starts_with("alias/").then_some((target, resource))
}

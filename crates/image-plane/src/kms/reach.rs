//! Keys as a test reaches them, past KMS's API.

use super::key::{Key, KeyArn, KeyState};
use super::policy::{self, KeyPolicy};
use super::states::{USUAL_WINDOW, delete_after};
use super::store::default_key;
use crate::ids::AccountId;
use crate::sts::PolicyError;
use crate::world::{Target, World};

impl World {
    /// Creates a customer's key, with an alias (`alias/golden`) and other accounts that may use it, in the words the
    /// console writes into its policy.
    pub fn create_key(
        &mut self,
        home: Target,
        alias: Option<&str>,
        usable_by: impl IntoIterator<Item = AccountId>,
    ) -> KeyArn {
        let mut policy = policy::default(home);
        for account in usable_by {
            policy::share(&mut policy, home, account);
        }
        let key = Key::new(home, false, KeyPolicy::ours(home, &policy), self.now);
        let arn = self.keys.insert(key, &mut self.random);
        if let Some(alias) = alias {
            self.keys.name(home, alias, &arn, self.now);
        }
        arn
    }

    /// The default key of EBS (`alias/aws/ebs`) of an account in a Region; it comes into being when first needed.
    pub fn default_key(&mut self, home: Target) -> KeyArn {
        default_key(self, home)
    }

    /// Lets an alias of the key's account lead to it from now on, whatever it led to before; false where there is no such
    /// key.
    pub fn name_key(&mut self, arn: &str, alias: &str) -> bool {
        let found = self.keys.get(arn).map(|key| key.home);
        let Some((home, key)) = found.and_then(|home| Some((home, self.keys.resolve(home, arn)?))) else {
            return false;
        };
        self.keys.name(home, alias, &key, self.now);
        true
    }

    /// Changes whether a key works; false where there is no such key. One that is to be deleted is so in 30 days.
    pub fn set_key_state(&mut self, arn: &str, state: KeyState) -> bool {
        let arn: KeyArn = arn.into();
        let Some(key) = self.keys.get_mut(&arn) else {
            return false;
        };
        (key.state, key.deleted_at) = (state, None);
        if state == KeyState::PendingDeletion {
            delete_after(self, &arn, USUAL_WINDOW);
        }
        true
    }

    /// Lets another account use a key, in the words the console writes into its policy; false where there is no such key.
    pub fn let_use_key(&mut self, arn: &str, account: AccountId) -> bool {
        let Some(key) = self.keys.get(arn) else { return false };
        let home = key.home;
        let Ok(mut policy) = serde_json::from_str(&key.policy.text) else {
            return false;
        };
        policy::share(&mut policy, home, account);
        self.set_key_policy(arn, &policy.to_string()).is_ok()
    }

    /// Replaces a key's policy, without asking whether anybody could change it again. The roles it names are looked up
    /// now. One with anything in it that the model does not evaluate is refused, and so is one of a key that is not there.
    pub fn set_key_policy(&mut self, arn: &str, policy: &str) -> Result<(), PolicyError> {
        let missing = || PolicyError::malformed("", format!("there is no key {arn}"));
        let home = self.keys.get(arn).map(|key| key.home).ok_or_else(missing)?;
        let policy = KeyPolicy::read(&self.roles, home, policy)?;
        if let Some(key) = self.keys.get_mut(arn) {
            key.policy = policy;
        }
        Ok(())
    }

    /// A key's policy as it was written.
    #[must_use]
    pub fn key_policy(&self, arn: &str) -> Option<&str> {
        self.keys.get(arn).map(|key| key.policy.text.as_str())
    }

    /// The grants on a key that are known and believed at this moment: whom each lets use it, and which account made it.
    #[must_use]
    pub fn grants_on(&self, arn: &str) -> Vec<(String, AccountId)> {
        let grants = self.keys.get(arn).into_iter().flat_map(|key| key.grants.values());
        let known = grants.filter(|grant| grant.known(self.now));
        known.map(|grant| (grant.grantee.arn.clone(), grant.issuer)).collect()
    }

    /// Who may retire the grants on a key that are known everywhere.
    #[must_use]
    pub fn retired_by(&self, arn: &str) -> Vec<Option<String>> {
        let grants = self.keys.get(arn).into_iter().flat_map(|key| key.grants.values());
        let known = grants.filter(|grant| grant.known(self.now));
        let retiring = known.map(|grant| grant.retiring.as_ref());
        retiring.map(|party| party.map(|party| party.arn.clone())).collect()
    }

    /// Revokes all grants on a key at once, as whoever manages it may.
    pub fn revoke_grants(&mut self, arn: &str) {
        let now = self.now;
        let grants = self
            .keys
            .get_mut(arn)
            .into_iter()
            .flat_map(|key| key.grants.values_mut());
        grants.for_each(|grant| grant.ends = Some(now));
    }
}

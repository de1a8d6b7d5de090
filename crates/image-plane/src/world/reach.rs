//! The world as its test reaches it, past every API: declare accounts, ask for faults, read the ledger.

use super::Target;
use tokio::sync::mpsc::UnboundedReceiver;

use super::World;
use super::accounts::Account;
use super::events::{Delivery, EventFaults};
use super::faults::Fault;
use super::ledger::Ledger;
use super::settings::Settings;
use crate::ids::AccountId;
use crate::time::Time;

impl World {
    /// The time it is.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// What happened so far.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The knobs, to be turned while it runs.
    pub const fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// An account's standing, to be changed. The account comes into being when first spoken of.
    pub fn account_mut(&mut self, id: AccountId) -> &mut Account {
        self.accounts.entry(id)
    }

    /// An account as it stands; none that nobody spoke of.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// Whether an account may call services in a Region.
    #[must_use]
    pub fn is_enabled(&self, target: Target) -> bool {
        self.accounts.enabled(target.account, target.region)
    }

    /// The parameters of a target that are there to name an image: the ARN and the value of each.
    #[must_use]
    pub fn parameters_of_images(&self, target: Target) -> Vec<(String, String)> {
        let all = self.parameters.of_images(target);
        all.map(|(arn, value)| (arn, value.to_owned())).collect()
    }

    /// Asks for a fault.
    pub fn inject(&mut self, fault: Fault) {
        self.faults.add(fault);
    }

    /// Ends all faults of calls.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// How unreliable events are from now on.
    pub const fn set_event_faults(&mut self, faults: EventFaults) {
        self.outbox.faults = faults;
    }

    /// Delivers a message nobody at AWS sent.
    pub fn forge(&mut self, message: Delivery) {
        self.outbox.forge(message);
    }

    /// The messages that have arrived since this was last asked.
    pub fn take_deliveries(&mut self) -> Vec<Delivery> {
        self.outbox.take()
    }

    /// Listens to every message from now on, each at its own time.
    pub fn subscribe(&mut self) -> UnboundedReceiver<Delivery> {
        self.outbox.subscribe()
    }

    /// Writes an SSM parameter, a plain text, and says which version it became. Nothing tells of it.
    pub fn put_parameter(&mut self, target: Target, name: &str, value: &str) -> usize {
        self.parameters.put(target, name, value, self.now)
    }

    /// The newest value of an SSM parameter, an account's own or a public one.
    pub fn parameter(&self, target: Target, name: &str) -> Option<&str> {
        self.parameters.value(target, name)
    }

    /// Puts a label on a version of an SSM parameter, as LabelParameterVersion would; false where there is no such version.
    pub fn label_parameter(&mut self, target: Target, name: &str, version: usize, label: &str) -> bool {
        self.parameters.label(target, name, version, label)
    }
}

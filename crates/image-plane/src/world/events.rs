//! Events on their way out: EventBridge and SNS deliver at best effort, and a test may make that worse.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::agenda::Agenda;
use crate::ids::AccountId;
use crate::random::Random;
use crate::region::Region;
use crate::time::Time;

/// How a message leaves AWS.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Channel {
    /// On the default event bus of an account and Region.
    EventBridge,
    /// Published to this SNS topic.
    Sns {
        /// The topic's ARN.
        topic: String,
    },
}

/// A message as its listener gets it: an EventBridge event, or the body of an SNS notification.
#[derive(Clone, PartialEq, Debug)]
pub struct Delivery {
    /// When it arrives.
    pub at: Time,
    /// Whose bus, or the publisher of the SNS message.
    pub account: AccountId,
    /// Which Region.
    pub region: Region,
    /// By which way.
    pub channel: Channel,
    /// The whole EventBridge event, or the SNS `Message`: a string that holds JSON, whose numbers a value could not carry.
    pub body: Value,
}

/// How unreliable delivery is. The default delivers everything once, at once, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EventFaults {
    /// So many of a thousand are lost.
    pub lose_per_mille: u16,
    /// So many of a thousand come twice.
    pub double_per_mille: u16,
    /// Each copy is late by up to this; different delays reorder.
    pub delay_up_to: Duration,
}

/// What is under way and what has arrived.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) faults: EventFaults,
    under_way: Agenda<Delivery>,
    arrived: Vec<Delivery>,
    listeners: Vec<UnboundedSender<Delivery>>,
}

impl Outbox {
    /// Sends a message; chance decides how often and when it arrives.
    pub(crate) fn send(&mut self, message: &Delivery, random: &mut Random) {
        let EventFaults {
            lose_per_mille,
            double_per_mille,
            delay_up_to,
        } = self.faults;
        if random.chance(lose_per_mille) {
            return;
        }
        let copies = 1 + u8::from(random.chance(double_per_mille));
        for _ in 0..copies {
            let delay = random.below(
                u64::try_from(delay_up_to.as_millis())
                    .unwrap_or(u64::MAX)
                    .saturating_add(1),
            );
            let at = message.at + Duration::from_millis(delay);
            self.under_way.plan(at, Delivery { at, ..message.clone() });
        }
    }

    /// Sends a message past chance: a forger's arrive for sure.
    pub(crate) fn forge(&mut self, message: Delivery) {
        self.under_way.plan(message.at, message);
    }

    /// Moves what is due to the arrived.
    pub(crate) fn settle(&mut self, now: Time) {
        while let Some((_, message)) = self.under_way.pop_due(now) {
            self.listeners.retain(|listener| listener.send(message.clone()).is_ok());
            self.arrived.push(message);
        }
    }

    pub(crate) fn subscribe(&mut self) -> UnboundedReceiver<Delivery> {
        let (sender, receiver) = unbounded_channel();
        self.listeners.push(sender);
        receiver
    }

    pub(crate) fn next(&self) -> Option<Time> {
        self.under_way.next()
    }

    pub(crate) fn take(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.arrived)
    }
}

//! A queue: how it is set up, and what it holds. Whoever asks, it first forgets what it kept long enough.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::entry::Good;
use super::errors::{expired_handle, invalid, no_handle, no_message, not_in_flight};
use super::message::Message;
use crate::time::Time;
use crate::wire::error::ApiError;

/// How long a deduplication id is remembered, whatever becomes of its message.
const REMEMBERED: Duration = Duration::from_mins(5);

/// How long a received message may stay hidden altogether.
pub(super) const LONGEST_HIDDEN: Duration = Duration::from_hours(12);

/// The first sequence number, and how far the next is from it: large, and not consecutive, is all that AWS says.
const FIRST: u128 = 18_849_496_460_467_696_128;
const STEP: u128 = 256;

/// How a queue is set up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueSettings {
    /// Of a queue that is first in, first out; its name ends in `.fifo`.
    pub fifo: Option<Fifo>,
    /// How long a received message is hidden from others.
    pub visibility_timeout: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// Where messages go that were received in vain.
    pub redrive: Option<Redrive>,
}

/// What makes a queue first in, first out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fifo {
    /// Whether a message without a deduplication id has the hash of its body for one.
    pub content_based_deduplication: bool,
    /// Among which messages an id counts as a repetition.
    pub deduplication_scope: DeduplicationScope,
}

/// Among which messages a deduplication id counts as a repetition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeduplicationScope {
    /// All of the queue's: the default.
    Queue,
    /// Those of its message group.
    MessageGroup,
}

/// Where messages go that were received in vain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redrive {
    /// The ARN of the dead-letter queue: of the same kind, in the same account and Region.
    pub dead_letter_queue: String,
    /// Received so often, a message is moved instead of being received once more.
    pub max_receive_count: u32,
}

impl QueueSettings {
    /// A standard queue with AWS's defaults.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            fifo: None,
            visibility_timeout: Duration::from_secs(30),
            retention: Duration::from_hours(4 * 24),
            redrive: None,
        }
    }

    /// A FIFO queue with AWS's defaults.
    #[must_use]
    pub fn fifo() -> Self {
        Self {
            fifo: Some(Fifo {
                content_based_deduplication: false,
                deduplication_scope: DeduplicationScope::Queue,
            }),
            ..Self::standard()
        }
    }
}

/// A queue with its messages.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) settings: QueueSettings,
    /// Tells its receipt handles from those of other queues.
    mark: u64,
    /// In the order in which they came.
    messages: BTreeMap<u64, Message>,
    came: u64,
    repeated: BTreeMap<(Option<String>, String), Remembered>,
}

/// What a deduplication id was answered with, until when it is answered so again.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Remembered {
    until: Time,
    accepted: Accepted,
}

/// What a sender is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Accepted {
    pub(super) message_id: String,
    pub(super) sequence: Option<u128>,
}

/// A message in the hands of who received it.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) handle: String,
    pub(super) message: Message,
}

impl Queue {
    pub(super) const fn new(settings: QueueSettings, mark: u64) -> Self {
        Self {
            settings,
            mark,
            messages: BTreeMap::new(),
            came: 0,
            repeated: BTreeMap::new(),
        }
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.settings.fifo.is_some()
    }

    /// How many messages it holds, hidden ones too.
    pub(super) fn count(&self, now: Time) -> usize {
        let kept = |message: &&Message| message.sent + self.settings.retention > now;
        self.messages.values().filter(kept).count()
    }

    /// Takes in a message, or answers a repetition as it answered the first.
    pub(super) fn send(&mut self, now: Time, message_id: String, sender: &str, good: Good) -> Accepted {
        self.repeated.retain(|_, remembered| remembered.until > now);
        let repetition = self.settings.fifo.and_then(|fifo| {
            let group = match fifo.deduplication_scope {
                DeduplicationScope::Queue => None,
                DeduplicationScope::MessageGroup => good.group.clone(),
            };
            Some((group, good.deduplication.clone()?))
        });
        if let Some(remembered) = repetition.as_ref().and_then(|key| self.repeated.get(key)) {
            return remembered.accepted.clone();
        }
        let sequence = self.is_fifo().then(|| self.next_sequence());
        let accepted = Accepted {
            message_id: message_id.clone(),
            sequence,
        };
        self.take_in(Message::new(now, message_id, sender, sequence, good));
        if let Some(key) = repetition {
            let remembered = Remembered {
                until: now + REMEMBERED,
                accepted: accepted.clone(),
            };
            self.repeated.insert(key, remembered);
        }
        accepted
    }

    /// Takes in a message that another queue gives up. In a FIFO queue its age begins anew.
    pub(super) fn bury(&mut self, now: Time, mut message: Message, from: &str) {
        message.give_up(now, from);
        if self.is_fifo() {
            message.sent = now;
            message.sequence = Some(self.next_sequence());
        }
        self.take_in(message);
    }

    fn take_in(&mut self, message: Message) {
        self.messages.insert(self.came, message);
        self.came += 1;
    }

    fn next_sequence(&self) -> u128 {
        FIRST + STEP * u128::from(self.came)
    }

    /// Receives up to so many messages, hiding them. Those received too often come second: they are gone from here.
    ///
    /// While one message of a FIFO queue's group is hidden, so are all others of it.
    pub(super) fn receive(&mut self, now: Time, most: usize, hidden: Duration) -> (Vec<Received>, Vec<Message>) {
        let retention = self.settings.retention;
        self.messages.retain(|_, message| message.sent + retention > now);
        let in_flight = self.messages.values().filter(|message| message.in_flight(now));
        let blocked: BTreeSet<Option<String>> = if self.is_fifo() {
            in_flight.map(|message| message.group.clone()).collect()
        } else {
            BTreeSet::new()
        };
        let is_free = |message: &Message| message.visible <= now && !blocked.contains(&message.group);
        let free: Vec<u64> = self
            .messages
            .iter()
            .filter(|(_, message)| is_free(message))
            .map(|(place, _)| *place)
            .collect();
        let limit = self.settings.redrive.as_ref().map(|redrive| redrive.max_receive_count);
        let (mut received, mut given_up) = (Vec::new(), Vec::new());
        for place in free {
            if received.len() == most {
                break;
            }
            let Some(message) = self.messages.get_mut(&place) else {
                continue;
            };
            if limit.is_some_and(|limit| message.receives >= limit) {
                given_up.extend(self.messages.remove(&place));
                continue;
            }
            message.receive(now, hidden);
            received.push(Received {
                handle: handle(self.mark, place, message.receives),
                message: message.clone(),
            });
        }
        (received, given_up)
    }

    /// Deletes a message; whether it is gone from here. An old handle deletes nothing: a FIFO queue says so.
    pub(super) fn delete(&mut self, now: Time, text: &str) -> Result<bool, ApiError> {
        let (place, receive) = self.read_handle(text)?;
        let Some(message) = self.messages.get(&place) else {
            return Ok(true);
        };
        let latest = message.receives == receive;
        if self.is_fifo() && !(latest && message.in_flight(now)) {
            return Err(expired_handle(text));
        }
        if latest {
            self.messages.remove(&place);
        }
        Ok(latest)
    }

    /// Hides a message for so long from now on.
    pub(super) fn hide(&mut self, now: Time, text: &str, hidden: Duration) -> Result<(), ApiError> {
        let (place, receive) = self.read_handle(text)?;
        let message = self.messages.get_mut(&place).ok_or_else(|| no_message(text))?;
        if message.receives != receive || !message.in_flight(now) {
            return Err(not_in_flight());
        }
        if message
            .received
            .is_some_and(|received| now + hidden > received + LONGEST_HIDDEN)
        {
            let most = LONGEST_HIDDEN.as_secs();
            return Err(invalid(format!(
                "Total VisibilityTimeout for the message is beyond the limit [{most} seconds]"
            )));
        }
        message.visible = now + hidden;
        Ok(())
    }

    /// The place of a message, and which of its receives the handle is of.
    fn read_handle(&self, text: &str) -> Result<(u64, u32), ApiError> {
        let read = || {
            let digits = text.strip_prefix(PREFIX)?;
            let place = u64::from_str_radix(digits.get(16..32)?, 16).ok()?;
            let receive = u32::from_str_radix(digits.get(32..)?, 16).ok()?;
            (text == handle(self.mark, place, receive)).then_some((place, receive))
        };
        read().ok_or_else(|| no_handle(text))
    }
}

/// What every receipt handle begins with.
const PREFIX: &str = "AQEB";

fn handle(mark: u64, place: u64, receive: u32) -> String {
    format!("{PREFIX}{mark:016x}{place:016x}{receive:08x}")
}

//! Queues as a test reaches them, past SQS's API.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::address::{Address, is_name};
use super::queue::{LONGEST_HIDDEN, Queue, QueueSettings};
use crate::world::{Target, World};

const RETENTION: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(14 * 24);

/// How a queue is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueAddress {
    /// In requests: `https://sqs.eu-west-1.amazonaws.com/111122223333/work.fifo`.
    pub url: String,
    /// In policies: `arn:aws:sqs:eu-west-1:111122223333:work.fifo`.
    pub arn: String,
}

/// Why a queue was not made, or not found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QueueError {
    /// No queue of this kind can have this name: `.fifo` ends the names of FIFO queues, and of no others.
    Name(String),
    /// There is one of this ARN already.
    Exists(String),
    /// There is no queue of this ARN.
    Unknown(String),
    /// A setting, by AWS's name, is beyond what AWS takes.
    Setting(&'static str),
    /// This is no queue of the same kind, account and Region, so no dead-letter queue either.
    DeadLetterQueue(String),
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "no queue of this kind can be called {name}"),
            Self::Exists(arn) => write!(f, "there is a queue {arn} already"),
            Self::Unknown(arn) => write!(f, "there is no queue {arn}"),
            Self::Setting(name) => write!(f, "{name} is beyond what a queue can have"),
            Self::DeadLetterQueue(arn) => write!(f, "{arn} is no queue of the same kind, account and Region"),
        }
    }
}

impl std::error::Error for QueueError {}

impl World {
    /// Creates a queue. A dead-letter queue is made before the queue whose messages it takes.
    pub fn create_queue(
        &mut self,
        target: Target,
        name: &str,
        settings: QueueSettings,
    ) -> Result<QueueAddress, QueueError> {
        let fits = is_name(name) && name.strip_suffix(".fifo").is_some() == settings.fifo.is_some();
        let name = fits
            .then(|| name.to_owned())
            .ok_or_else(|| QueueError::Name(name.to_owned()))?;
        let address = Address { target, name };
        if self.queues.get(&address).is_some() {
            return Err(QueueError::Exists(address.arn()));
        }
        self.check_settings(target, &settings)?;
        let named = QueueAddress {
            url: address.url(),
            arn: address.arn(),
        };
        let mark = self.random.bits();
        self.queues.put(address, Queue::new(settings, mark));
        Ok(named)
    }

    fn check_settings(&self, target: Target, settings: &QueueSettings) -> Result<(), QueueError> {
        let QueueSettings {
            fifo,
            visibility_timeout,
            retention,
            redrive,
        } = settings;
        if *visibility_timeout > LONGEST_HIDDEN {
            return Err(QueueError::Setting("VisibilityTimeout"));
        }
        if !RETENTION.contains(retention) {
            return Err(QueueError::Setting("MessageRetentionPeriod"));
        }
        let Some(redrive) = redrive else { return Ok(()) };
        if !(1..=1000).contains(&redrive.max_receive_count) {
            return Err(QueueError::Setting("maxReceiveCount"));
        }
        let dead = Address::of_arn(&redrive.dead_letter_queue).filter(|dead| dead.target == target);
        let alike = dead
            .and_then(|dead| self.queues.get(&dead))
            .is_some_and(|dead| dead.is_fifo() == fifo.is_some());
        alike
            .then_some(())
            .ok_or_else(|| QueueError::DeadLetterQueue(redrive.dead_letter_queue.clone()))
    }

    /// How many messages a queue holds, those that somebody is at work on too.
    pub fn queued_messages(&self, queue_arn: &str) -> Result<usize, QueueError> {
        let address = self.queue(queue_arn)?;
        Ok(self.queues.get(&address).map_or(0, |queue| queue.count(self.now)))
    }

    /// The queue of an ARN.
    pub(super) fn queue(&self, arn: &str) -> Result<Address, QueueError> {
        let address = Address::of_arn(arn).filter(|address| self.queues.get(address).is_some());
        address.ok_or_else(|| QueueError::Unknown(arn.to_owned()))
    }
}

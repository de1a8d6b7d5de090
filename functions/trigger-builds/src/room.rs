use steward_aws::{Aws, Bus, FirstValue, Record};
use steward_lambda::Environment;

/// What an invocation works with; made once, when the function starts.
#[derive(Debug)]
pub struct Room {
    pub(crate) aws: Aws,
    pub(crate) record: Record,
    pub(crate) bus: Bus,
    /// The topic whose messages are ours.
    pub(crate) topic: String,
    pub(crate) switch_at_first: FirstValue,
    /// So many builds run at once.
    pub(crate) at_once: usize,
}

impl Room {
    /// The room that the environment describes, in this AWS.
    pub fn new(aws: Aws, environment: &Environment, at_once: usize) -> Self {
        Self {
            record: Record::new(aws.tables(), &environment.table, aws.hub()),
            bus: aws.bus(),
            aws,
            topic: environment.topic.clone(),
            switch_at_first: environment.switch_at_first,
            at_once,
        }
    }
}

use steward_aws::{Aws, Bus, FirstValue, Record, Topic};
use steward_lambda::Environment;

/// What an invocation works with; made once, when the function starts.
#[derive(Debug)]
pub struct Room {
    pub(crate) aws: Aws,
    pub(crate) record: Record,
    pub(crate) bus: Bus,
    /// Where people are told of builds that wait; none where nobody is.
    pub(crate) releases: Option<Topic>,
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
            releases: None,
            aws,
            topic: environment.topic.clone(),
            switch_at_first: environment.switch_at_first,
            at_once,
        }
    }

    /// The same, where people are told of builds that wait by this topic.
    #[must_use]
    pub fn telling_of_waits(self, topic: Option<&str>) -> Self {
        Self {
            releases: topic.map(|topic| self.aws.topic(topic)),
            ..self
        }
    }
}

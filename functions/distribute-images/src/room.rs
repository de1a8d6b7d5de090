use steward_aws::{Aws, Bus, FirstValue, Organizations, Record, WorkQueue};
use steward_lambda::Environment;

/// What an invocation works with; made once, when the function starts.
#[derive(Debug)]
pub struct Room {
    pub(crate) aws: Aws,
    pub(crate) record: Record,
    /// None in observe mode: then nobody is sent.
    pub(crate) queue: Option<WorkQueue>,
    pub(crate) organizations: Organizations,
    pub(crate) bus: Bus,
    /// The topic whose messages are ours.
    pub(crate) topic: String,
    pub(crate) switch_at_first: FirstValue,
}

impl Room {
    /// The room that the environment describes, in this AWS.
    pub fn new(aws: Aws, environment: &Environment, queue: Option<&str>) -> Self {
        Self {
            record: Record::new(aws.tables(), &environment.table, aws.hub()),
            queue: queue.map(|queue| aws.queue(queue)),
            organizations: aws.organizations(),
            bus: aws.bus(),
            aws,
            topic: environment.topic.clone(),
            switch_at_first: environment.switch_at_first,
        }
    }
}

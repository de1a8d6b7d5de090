use steward::consumers::VIEW_ROLE;
use steward_aws::{Aws, Bus, FirstValue, Organizations, Record, Topic, WorkQueue};
use steward_lambda::Environment;

/// What an invocation works with; made once, when the function starts.
#[derive(Debug)]
pub struct Room {
    pub(crate) aws: Aws,
    /// The same, let in where consumers let the hub see and tag.
    pub(crate) consumers: Aws,
    pub(crate) record: Record,
    /// None in observe mode: then nobody is sent.
    pub(crate) queue: Option<WorkQueue>,
    /// Where people are told of releases; none where nobody is: in observe mode nothing becomes usable by us.
    pub(crate) releases: Option<Topic>,
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
            releases: None,
            organizations: aws.organizations(),
            bus: aws.bus(),
            consumers: aws.by_role(VIEW_ROLE),
            aws,
            topic: environment.topic.clone(),
            switch_at_first: environment.switch_at_first,
        }
    }

    /// The same, where people are told of releases by this topic.
    #[must_use]
    pub fn telling_of_releases(self, topic: Option<&str>) -> Self {
        Self {
            releases: topic.map(|topic| self.aws.topic(topic)),
            ..self
        }
    }
}

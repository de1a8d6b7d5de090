use std::sync::Arc;

use steward::Target;
use steward::consumers::VIEW_ROLE;
use steward::distribution::COPY_ROLE;
use steward::publication::PublishUnder;
use steward_aws::{AtTarget, Aws, Bus, FirstValue, Organizations, Record, Topic, WorkQueue};
use steward_lambda::Environment;

/// What an invocation works with; made once, when the function starts.
#[derive(Debug)]
pub struct Room {
    pub(crate) aws: Aws,
    /// The same, let in where consumers let the hub see and tag.
    pub(crate) consumers: Aws,
    /// Members, by the role that makes their own copies.
    pub(crate) members: Aws,
    /// The function's own role, where it is known: what it grants on keys it may take back.
    pub(crate) own_role: Option<String>,
    /// Under what it may write parameters, where that is known.
    pub(crate) publish_under: Option<PublishUnder>,
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
            members: aws.by_role(COPY_ROLE),
            own_role: None,
            publish_under: None,
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

    /// The same where parameters may be written under this path alone.
    #[must_use]
    pub fn publishing_under(self, path: Option<PublishUnder>) -> Self {
        Self {
            publish_under: path,
            ..self
        }
    }

    /// The same of a function whose role is this.
    #[must_use]
    pub fn with_role(self, role: Option<String>) -> Self {
        Self { own_role: role, ..self }
    }

    /// AWS where images are to be: in members by the role that copies.
    pub(crate) async fn at(&self, target: Target) -> Arc<AtTarget> {
        if self.is_hubs(target) {
            self.aws.at(target).await
        } else {
            self.members.at(target).await
        }
    }

    /// Whether a target is the hub's own.
    pub(crate) fn is_hubs(&self, target: Target) -> bool {
        target.account() == self.aws.hub().account()
    }
}

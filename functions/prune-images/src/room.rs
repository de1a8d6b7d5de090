use std::sync::Arc;

use steward::Target;
use steward::pruning::{PRUNE_ROLE, RunMode};
use steward_aws::{AtTarget, Aws, Bucket, FirstValue, Record, Topic, WorkQueue};
use steward_lambda::Environment;

/// What an invocation works with; made once, when the function starts.
#[derive(Debug)]
pub struct Room {
    pub(crate) aws: Aws,
    /// Members, by the role that retires their own copies.
    members: Aws,
    pub(crate) record: Record,
    /// None in observe mode: then nothing is begun, and nobody is sent.
    pub(crate) queue: Option<WorkQueue>,
    /// Where people are told of what goes and of what is in the way; none where nobody is.
    pub(crate) releases: Option<Topic>,
    /// Where the report of each plan is laid; none where nobody plans.
    pub(crate) reports: Option<Bucket>,
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
            reports: None,
            members: aws.by_role(PRUNE_ROLE),
            aws,
            topic: environment.topic.clone(),
            switch_at_first: environment.switch_at_first,
        }
    }

    /// AWS where images are retired: in members by the role for that.
    pub(crate) async fn at(&self, target: Target) -> Arc<AtTarget> {
        if target.account() == self.aws.hub().account() {
            self.aws.at(target).await
        } else {
            self.members.at(target).await
        }
    }

    /// The same, where people are told of images that go by this topic.
    #[must_use]
    pub fn telling_of_images(self, topic: Option<&str>) -> Self {
        Self {
            releases: topic.map(|topic| self.aws.topic(topic)),
            ..self
        }
    }

    /// The same, where the report of each plan is laid into this bucket.
    #[must_use]
    pub fn reporting_to(self, bucket: &str) -> Self {
        Self {
            reports: Some(self.aws.bucket(bucket)),
            ..self
        }
    }

    /// Whether plans are carried out.
    pub(crate) const fn mode(&self) -> RunMode {
        if self.queue.is_some() {
            RunMode::Acts
        } else {
            RunMode::Observes
        }
    }
}

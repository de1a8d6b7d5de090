use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use steward::{OWN_SOURCE, OwnEvent, Target};

use crate::Problem;

/// The hub's bus, where our functions tell what became so.
#[derive(Clone, Debug)]
pub struct Bus {
    client: aws_sdk_eventbridge::Client,
    hub: Target,
}

impl Bus {
    pub(crate) fn new(config: &aws_config::SdkConfig, hub: Target) -> Self {
        Self {
            client: aws_sdk_eventbridge::Client::new(config),
            hub,
        }
    }

    /// Tells it to whoever listens. Nothing depends on that it is heard: a sweep finds the same.
    pub async fn tell(&self, event: &OwnEvent) -> Result<(), Problem> {
        let doing = format!("tell of a {}", event.detail_type());
        let detail = serde_json::to_string(event);
        let detail = detail.map_err(|error| Problem::not_understood(&doing, self.hub, error))?;
        let entry = PutEventsRequestEntry::builder()
            .source(OWN_SOURCE)
            .detail_type(event.detail_type())
            .detail(detail);
        let answer = Box::pin(self.client.put_events().entries(entry.build()).send()).await;
        let answer = answer.map_err(|error| Problem::of(&doing, self.hub, &error))?;
        // Each entry is answered by itself: the call succeeds although its one event was refused.
        match answer.entries().iter().find_map(|entry| entry.error_code()) {
            None => Ok(()),
            Some(code) => Err(Problem::not_understood(
                &doing,
                self.hub,
                format!("it was refused: {code}"),
            )),
        }
    }
}

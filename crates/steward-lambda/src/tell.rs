use steward::OwnEvent;
use steward_aws::Bus;
use tracing::warn;

/// Tells it to whoever listens; that nobody could be told is only logged. For what a sweep finds all the same.
pub async fn tell(bus: &Bus, event: &OwnEvent) {
    if let Err(problem) = bus.tell(event).await {
        warn!(%problem, "nobody was told");
    }
}

//! Builds for what a scan found: once a set and base, for what is on a channel or in use.

use image_plane::{Severity, Time, Vulnerability};
use record_lineage::gather_evidence;

use super::*;

const NEWEST: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-x86-64/1.0.0/1";

fn manifest() -> String {
    let triggers = "triggers: { base: 1h, debounce: 0m, cve: { at_least: high } }";
    let scanned = WEB.replace("triggers: { base: 1h, debounce: 0m }", triggers);
    let scanned = scanned.replace("  infrastructure:", "  scanning: {}\n  infrastructure:");
    format!("{scanned}distribute: {{ regions: {{ eu-west-1: {{}} }} }}\nchannels: {{ candidate: {{ by: hand }} }}\n")
}

fn found(severity: Severity, is_mended: bool) -> Vulnerability {
    // Before any build of these tests.
    let early = Time::parse("2026-01-01T00:00:00Z").unwrap();
    let mut found = Vulnerability::new("CVE-2026-1234", severity, "openssl").published(early);
    if !is_mended {
        found.packages[0].fixed_in = None;
    }
    found
}

impl Yard {
    /// A family whose one release a scan found this in.
    async fn scanned(found: Vulnerability) -> Self {
        let yard = Self::applied_as(Bench::new().await, &manifest()).await;
        let found = vec![found];
        yard.bench
            .world
            .plane
            .with(|world| world.set_vulnerabilities(PIPELINE, found));
        yard.pass(48).await;
        assert_eq!(yard.builds().await.len(), 1);
        yard
    }

    /// Reads who uses images.
    async fn gather(&self) {
        let other = self.bench.world.another_process();
        let environment = environment(FirstValue::Running);
        let aws = Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        let room = record_lineage::Room::new(aws, &environment);
        let run = self.bench.now().to_string();
        let event = json!({ "wake": "sweep" });
        Box::pin(gather_evidence(&room, &event, &run, self.moment()))
            .await
            .unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_bad_enough_and_can_be_mended_builds_once_and_what_that_did_not_mend_is_said_once() {
    let yard = Yard::scanned(found(Severity::High, true)).await;
    yard.point("web", &"candidate".parse().unwrap()).await;
    for event in 0..40 {
        let event = json!({
            "version": "0", "id": format!("e-{event}"), "detail-type": "EC2 Image Builder CVE Detected",
            "source": "aws.imagebuilder", "account": HUB.to_string(), "region": "eu-west-1",
            "time": "2026-11-23T00:00:00Z", "resources": [NEWEST], "detail": { "resource-id": NEWEST },
        });
        let (room, _) = yard.room(5);
        drop(yard.wake_by(&room, &event).await);
    }
    yard.pass(36).await;
    let builds = yard.builds().await;
    assert_eq!(builds.len(), 2, "{builds:#?}");
    assert!(builds[1].1.contains("CVE-2026-1234"), "{builds:#?}");
    yard.point("web", &"candidate".parse().unwrap()).await;
    yard.pass(60).await;
    assert_eq!(yard.builds().await.len(), 2);
    let journal = yard.journal().await;
    let told = journal
        .iter()
        .filter(|said| said.contains("was tried for it, and did not help"));
    assert_eq!(told.count(), 1, "{journal:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_so_bad_or_cannot_be_mended_builds_nothing() {
    for found in [found(Severity::Medium, true), found(Severity::Critical, false)] {
        let yard = Yard::scanned(found).await;
        yard.point("web", &"candidate".parse().unwrap()).await;
        yard.pass(36).await;
        assert_eq!(yard.builds().await.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_on_no_channel_builds_only_where_somebody_uses_it() {
    let yard = Yard::scanned(found(Severity::High, true)).await;
    yard.gather().await;
    yard.pass(36).await;
    assert_eq!(yard.builds().await.len(), 1, "nobody has it");
    let record = yard.bench.run().await.record;
    let newest = *record.members_of(&web()).await.unwrap().last().unwrap();
    let image = record.placements(newest.release).await.unwrap()[0].ami.to_string();
    let run = yard.bench.world.ec2(HUB, IRELAND).run_instances().image_id(image);
    run.min_count(1).max_count(1).send().await.unwrap();
    yard.bench.world.pass(minutes(40)).await;
    yard.gather().await;
    yard.pass(36).await;
    assert_eq!(yard.builds().await.len(), 2);
}

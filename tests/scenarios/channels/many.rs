//! Many parameters at once, and one with a history that AWS writes no further.

use image_plane::{Effect, Fault, Settings};
use stage::aws::{HUB, IRELAND, VIRGINIA, hours, minutes};

use super::publishing::{NAME, an_image, findings, says};
use crate::distribution::Depot;

const CHANNELS: usize = 100;
/// So many versions of a parameter are kept.
const VERSIONS: usize = 100;

fn published(channels: &str) -> String {
    format!(
        "{{ regions: {{ us-east-1: {{}} }}, publish: {{ parameter: \"/golden/{{family}}/{{architecture}}/{{channel}}\", \
         to: [hub] }} }}\nchannels: {{ {channels} }}"
    )
}

/// How many of the parameters in a Region of the hub name this image.
async fn landed(depot: &Depot, region: &'static str, ami: &str) -> usize {
    let ssm = depot.hub.shop.aws.ssm(HUB, region);
    let names: Vec<String> = (0..CHANNELS).map(|n| format!("/golden/web/x86_64/ring-{n}")).collect();
    let mut landed = 0;
    for some in names.chunks(10) {
        let found = ssm
            .get_parameters()
            .set_names(Some(some.to_vec()))
            .send()
            .await
            .unwrap();
        let is_it = |value: Option<&str>| value == Some(ami);
        landed += found.parameters().iter().filter(|found| is_it(found.value())).count();
    }
    landed
}

#[tokio::test(start_paused = true)]
async fn two_hundred_parameters_land_under_throttling_and_none_is_written_again() {
    let depot = Depot::new(Settings::calm()).await;
    let channels: Vec<String> = (0..CHANNELS)
        .map(|n| format!("ring-{n}: {{ from: release }}"))
        .collect();
    depot.hub.want(&published(&channels.join(", "))).await;
    let fault = Fault::new(Effect::Throttle).on("PutParameter").times(40);
    depot.hub.shop.aws.plane.with(|world| world.inject(fault));
    depot.rounds(10).await;
    depot.hub.shop.aws.pass(hours(1)).await;
    depot.rounds(3).await;
    let copy = depot.copies().await[VIRGINIA][0].clone();
    assert_eq!(landed(&depot, IRELAND, &depot.built).await, CHANNELS);
    assert_eq!(landed(&depot, VIRGINIA, &copy).await, CHANNELS);
    let calls = depot.calls("PutParameter");
    depot.hub.shop.aws.pass(hours(2)).await;
    depot.rounds(3).await;
    assert_eq!(depot.calls("PutParameter"), calls);
    for region in [IRELAND, VIRGINIA] {
        assert_eq!(findings(&depot, HUB, region).await, Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_history_whose_oldest_version_somebody_labelled_stops_that_parameter_alone_and_is_said() {
    let depot = Depot::new(Settings::calm()).await;
    let channels = "candidate: { from: release }, edge: { from: release }";
    depot.hub.want(&published(channels)).await;
    depot.rounds(10).await;
    let before = says(&depot, HUB, VIRGINIA).await;
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&depot.built)));
    let ssm = depot.hub.shop.aws.ssm(HUB, IRELAND);
    let label = ssm.label_parameter_version().name(NAME).parameter_version(1);
    label.labels("fleet").send().await.unwrap();
    let other = depot.hub.shop.aws.image(HUB, IRELAND, "other");
    for _ in 1..VERSIONS {
        let put = ssm.put_parameter().name(NAME).value(&other).overwrite(true);
        put.send().await.unwrap();
        depot.hub.shop.aws.pass(minutes(1)).await;
    }
    depot.next_release().await;
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&other)));
    let found = findings(&depot, HUB, IRELAND).await;
    assert!(found.iter().any(|finding| finding.contains("has a label")), "{found:?}");
    // The channel's parameter in the other Region moved on, and so did the other channel's in this one.
    assert_ne!(says(&depot, HUB, VIRGINIA).await, before);
    let edge = ssm
        .get_parameter()
        .name("/golden/web/x86_64/edge")
        .send()
        .await
        .unwrap();
    let edge = edge.parameter().and_then(|edge| edge.value()).unwrap().to_owned();
    assert_ne!(edge, depot.built);
    let unlabel = ssm.unlabel_parameter_version().name(NAME).parameter_version(1);
    unlabel.labels("fleet").send().await.unwrap();
    depot.hub.shop.aws.pass(hours(2)).await;
    depot.rounds(2).await;
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&edge)));
}

//! Many parameters at once, and one with a history that AWS writes no further.

use image_plane::{Effect, Fault, Settings};
use stage::aws::{HUB, IRELAND, VIRGINIA, hours, minutes};

use super::publishing::{NAME, an_image, findings, says};
use crate::distribution::Depot;

/// A family has no more.
const CHANNELS: usize = 20;
const REGIONS: [&str; 10] = [
    IRELAND,
    VIRGINIA,
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-2",
    "eu-west-3",
];
/// So many versions of a parameter are kept.
const VERSIONS: usize = 100;

fn published(regions: &[&str], channels: &str) -> String {
    let regions: Vec<String> = regions.iter().map(|region| format!("{region}: {{}}")).collect();
    format!(
        "{{ regions: {{ {} }}, publish: {{ parameter: \"/golden/{{family}}/{{architecture}}/{{channel}}\", \
         to: [hub] }} }}\nchannels: {{ {channels} }}",
        regions.join(", ")
    )
}

/// How many of the parameters in a Region of the hub name an image of its own that is available there.
async fn landed(depot: &Depot, region: &'static str) -> usize {
    let shown = depot.hub.shop.aws.ec2(HUB, region).describe_images().owners("self");
    let shown = shown.send().await.unwrap();
    let shown: Vec<&str> = shown.images().iter().filter_map(|image| image.image_id()).collect();
    let ssm = depot.hub.shop.aws.ssm(HUB, region);
    let names: Vec<String> = (0..CHANNELS).map(|n| format!("/golden/web/x86_64/ring-{n}")).collect();
    let mut landed = 0;
    for some in names.chunks(10) {
        let found = ssm.get_parameters().set_names(Some(some.to_vec())).send().await;
        let found = found.unwrap();
        let values = found.parameters().iter().filter_map(|found| found.value());
        landed += values.filter(|value| shown.contains(value)).count();
    }
    landed
}

#[tokio::test(start_paused = true)]
async fn two_hundred_parameters_land_under_throttling_and_none_is_written_again() {
    let depot = Depot::new(Settings::calm()).await;
    let channels: Vec<String> = (0..CHANNELS)
        .map(|n| format!("ring-{n}: {{ from: release }}"))
        .collect();
    depot.hub.want(&published(&REGIONS[1..], &channels.join(", "))).await;
    let fault = Fault::new(Effect::Throttle).on("PutParameter").times(3);
    depot.hub.shop.aws.plane.with(|world| world.inject(fault));
    depot.rounds(10).await;
    depot.hub.shop.aws.pass(hours(1)).await;
    depot.rounds(3).await;
    for region in REGIONS {
        assert_eq!(landed(&depot, region).await, CHANNELS, "{region}");
    }
    let calls = depot.calls("PutParameter");
    depot.hub.shop.aws.pass(hours(2)).await;
    depot.rounds(3).await;
    assert_eq!(depot.calls("PutParameter"), calls);
    for region in REGIONS {
        assert_eq!(findings(&depot, HUB, region).await, Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_history_whose_oldest_version_somebody_labelled_stops_that_parameter_alone_and_is_said() {
    let depot = Depot::new(Settings::calm()).await;
    let channels = "candidate: { from: release }, edge: { from: release }";
    depot.hub.want(&published(&[VIRGINIA], channels)).await;
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

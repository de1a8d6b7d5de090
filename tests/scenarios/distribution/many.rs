//! More releases in one target than one message names.

use distribute_images::apply_distribution;
use image_plane::Settings;
use serde_json::json;
use stage::aws::{HUB, IRELAND, hours, minutes};
use stage::shop::{AL2023, amis};
use steward::Target;
use steward::distribution::DistributionWork;

use super::{Depot, describe_grants};

const FAMILIES: [&str; 3] = ["base", "data", "web"];
const OF_EACH: usize = 30;

#[tokio::test(start_paused = true)]
async fn an_account_that_leaves_is_out_of_all_releases_after_one_sweep_however_many_there_are() {
    let depot = Depot::new(Settings::calm()).await;
    let shop = &depot.hub.shop;
    let pipelines = [
        shop.family("base", AL2023).await,
        shop.family("data", AL2023).await,
        shop.pipeline.clone(),
    ];
    let mut builds = Vec::new();
    for _ in 0..OF_EACH {
        for pipeline in &pipelines {
            let start = shop.ib.start_image_pipeline_execution().image_pipeline_arn(pipeline);
            builds.push(start.send().await.unwrap().image_build_version_arn.unwrap());
        }
        shop.aws.pass(hours(2)).await;
    }
    depot.hub.sweep().await;
    let want = async |accounts: &str| {
        for family in FAMILIES {
            let shared = format!("{{ share_with: {{ accounts: [{accounts}] }} }}");
            depot.hub.want_of(family, &shared).await;
        }
    };
    want(r#""222233334444", "333344445555""#).await;
    depot.settle().await;
    want(r#""222233334444""#).await;
    depot.hub.shop.aws.pass(minutes(5)).await;
    let sweep = depot.round().await;
    // With the one that was there before.
    assert_eq!(sweep.due, builds.len() + 1);
    for build in &builds {
        let image = amis(&shop.image(build).await)[0].1.clone();
        assert_eq!(
            describe_grants(&depot, IRELAND, &image).await,
            ["222233334444"],
            "{build}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_is_busy_for_as_long_as_more_of_what_was_sent_to_it_is_on_its_way() {
    let depot = Depot::new(Settings::calm()).await;
    let here: Target = format!("{HUB}/{IRELAND}").parse().unwrap();
    let message = |more| DistributionWork {
        run: String::from("run"),
        target: here,
        families: Vec::new(),
        more,
    };
    let record = depot.hub.record();
    let started = depot.hub.moment().now;
    record.mark_sent([here].into_iter(), started).await.unwrap();
    depot.hub.shop.aws.pass(minutes(20)).await;
    apply(&depot, &message(true)).await;
    depot.hub.shop.aws.pass(minutes(20)).await;
    assert_eq!(record.sent(depot.hub.moment().now).await.unwrap(), [here].into());
    apply(&depot, &message(false)).await;
    assert_eq!(record.sent(depot.hub.moment().now).await.unwrap(), [].into());
    // Whoever could not send the rest has said so: what had gone by then holds nobody up.
    apply(&depot, &message(true)).await;
    assert_eq!(record.sent(depot.hub.moment().now).await.unwrap(), [].into());
}

async fn apply(depot: &Depot, message: &DistributionWork) {
    let body = serde_json::to_string(message).unwrap();
    let batch = json!({ "Records": [{ "messageId": "1", "body": body }] });
    let (room, _) = depot.room();
    let answer = apply_distribution(&room, &batch, depot.hub.moment()).await.unwrap();
    assert!(answer.batch_item_failures.is_empty());
}

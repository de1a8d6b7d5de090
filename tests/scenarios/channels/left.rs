//! What was published and is not in the manifest any more: it stays, is told, and is forgotten once it is gone.

use image_plane::Settings;
use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, hours};
use steward_cli::Spoken;

use super::publishing::{NAME, an_image, says};
use super::{TWO_CHANNELS, web};
use crate::distribution::Depot;

const LEFT: &str = "the parameter /golden/web/x86_64/candidate is not in the manifest any more, and named ami-";

/// A manifest's distribution that publishes to an audience of this account, under this path.
fn published(path: &str, account: &str) -> String {
    format!(
        "{{ regions: {{ us-east-1: {{}} }}, share_with: {{ accounts: [\"{account}\"] }}, publish: {{ parameter: \
         \"{path}/{{family}}/{{architecture}}/{{channel}}\", to: [hub, audience] }} }}{TWO_CHANNELS}"
    )
}

/// How often `doctor` tells of it.
async fn told(depot: &Depot) -> usize {
    let Spoken { out, .. } = depot.hub.steward(&["doctor", "--family", "web"]).await;
    out.lines().filter(|line| line.contains(LEFT)).count()
}

#[tokio::test(start_paused = true)]
async fn a_parameter_whose_name_left_the_manifest_stays_and_is_told_until_somebody_deletes_it() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.admit_to_publish(MEMBER);
    depot.hub.want(&published("/golden", "222233334444")).await;
    depot.rounds(10).await;
    assert_eq!(told(&depot).await, 0);
    depot.hub.want(&published("/golden/new", "222233334444")).await;
    depot.rounds(6).await;
    assert_eq!(says(&depot, HUB, IRELAND).await, Some(an_image(&depot.built)));
    assert_eq!(told(&depot).await, 4);
    // Nothing is in the way of what is published now.
    let said = depot.hub.says(&["channels", "web"]).await;
    assert!(
        said.contains("Published as they should be in 4 of 4 targets.") && said.contains(LEFT),
        "{said}"
    );
    for region in [IRELAND, VIRGINIA] {
        let ssm = depot.hub.shop.aws.ssm(HUB, region);
        ssm.delete_parameter().name(NAME).send().await.unwrap();
    }
    depot.hub.shop.aws.pass(hours(2)).await;
    depot.rounds(2).await;
    // Members are looked at daily.
    assert_eq!(told(&depot).await, 2);
}

#[tokio::test(start_paused = true)]
async fn what_an_account_that_left_the_audience_reads_still_is_told_and_its_row_goes_with_the_parameter() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.admit_to_publish(MEMBER);
    depot.hub.want(&published("/golden", "222233334444")).await;
    depot.rounds(10).await;
    depot.hub.want(&published("/golden", "333344445555")).await;
    depot.rounds(4).await;
    assert_eq!(says(&depot, MEMBER, IRELAND).await, Some(an_image(&depot.built)));
    assert_eq!(told(&depot).await, 2);
    let said = depot.hub.says(&["channels", "web"]).await;
    assert!(
        said.contains("Not published any more in 2 targets, where what was written stays."),
        "{said}"
    );
    for region in [IRELAND, VIRGINIA] {
        let ssm = depot.hub.shop.aws.ssm(MEMBER, region);
        ssm.delete_parameter().name(NAME).send().await.unwrap();
    }
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.rounds(3).await;
    assert_eq!(told(&depot).await, 0);
    for region in [IRELAND, VIRGINIA] {
        let there = format!("{MEMBER}/{region}").parse().unwrap();
        assert_eq!(depot.hub.record().published_in(&web(), there).await.unwrap(), None);
    }
}

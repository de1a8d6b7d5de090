//! Whole organizations, as they are found: what is gathered is what the description of the organization says.

use std::collections::BTreeSet;
use std::time::Duration;

use image_plane::{Organization, OrganizationSettings, Settings};
use record_lineage::gather_evidence;
use serde_json::json;
use stage::aws::IRELAND;
use stage::shop::distribution;
use steward::evidence::Source;
use steward_lambda::{Deadline, Moment};

use crate::hub::Hub;
use crate::placed::placement;

/// An organization, with every image of its own in the record and a manifest that reaches all of its accounts.
async fn found(seed: u64) -> (Hub, Organization) {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    let settings = OrganizationSettings::tiny(seed);
    let plane = &hub.shop.aws.plane;
    let organization = plane.with(|world| world.found_organization(&settings));
    let record = hub.record();
    for placed in ours(&organization) {
        let placement = placement(placed, hub.moment().now);
        record.place(&placement).await.unwrap();
    }
    let members = organization
        .accounts
        .iter()
        .filter(|account| account.id != organization.hub.account);
    let members: Vec<image_plane::AccountId> = members.map(|account| account.id).collect();
    for account in &members {
        hub.admit_to_look(*account);
    }
    hub.share_by_manifest(&members).await;
    (hub, organization)
}

/// The images that lie in accounts of the organization.
fn ours(organization: &Organization) -> impl Iterator<Item = &image_plane::organization::Placement> {
    let is_ours = |account| organization.account(account).is_some();
    organization
        .placements
        .iter()
        .filter(move |placed| placed.is_there() && is_ours(placed.home.account))
}

#[tokio::test(start_paused = true)]
async fn of_every_organization_exactly_those_images_are_used_that_its_description_says() {
    // More by IMAGE_STEWARD_ORGANIZATIONS.
    let more = std::env::var("IMAGE_STEWARD_ORGANIZATIONS").ok();
    let seeds: u64 = more.map_or(6, |more| more.parse().unwrap());
    let (mut compared, mut used_at_all, mut asked) = (0, 0, 0);
    for seed in 0..seeds {
        let (hub, organization) = found(seed).await;
        let (room, _) = hub.room();
        let moment = Moment {
            now: hub.moment().now,
            deadline: Deadline::after(Duration::from_hours(10)),
        };
        // Suspended accounts and Regions that are switched off let nobody look, and are said.
        drop(gather_evidence(&room, &json!({ "wake": "sweep" }), "run", moment).await);
        let plane = &hub.shop.aws.plane;
        asked += plane.with(|world| world.ledger().of("DescribeImageReferences").done);
        let answers = |user: &&image_plane::organization::User| {
            let account = organization.account(user.home.account);
            account.is_some_and(|account| account.answers(user.home.region))
        };
        let truth: BTreeSet<_> = organization
            .uses()
            .filter(answers)
            .filter_map(|user| user.image)
            .collect();
        let record = hub.record();
        for placed in ours(&organization) {
            let (ami, home) = (placed.ami.to_string(), placed.home.to_string());
            let held = record
                .uses_of(ami.parse().unwrap(), home.parse().unwrap())
                .await
                .unwrap();
            let users = held.iter().filter(|held| held.source != Source::Images);
            let ways: Vec<String> = users
                .flat_map(|held| &held.usage.as_ref().unwrap().references)
                .filter(|reference| reference.keeps())
                .map(ToString::to_string)
                .collect();
            let said: Vec<_> = organization
                .users
                .iter()
                .filter(|user| user.image == Some(placed.ami))
                .collect();
            assert_eq!(
                !ways.is_empty(),
                truth.contains(&placed.ami),
                "seed {seed}, {ami} in {home}: gathered {ways:?}, described {said:#?}"
            );
            compared += 1;
            used_at_all += usize::from(!ways.is_empty());
        }
    }
    assert!(compared > 250 && used_at_all > 50, "{used_at_all} of {compared}");
    assert!(asked > 5, "{asked}");
}

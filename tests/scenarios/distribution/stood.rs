//! How releases stand, as workers read it: however many members there are, nobody reads more of that than it goes by.

use image_plane::Settings;
use stage::aws::{IRELAND, MEMBER, VIRGINIA, hours};
use steward::{Duration, ReleaseId, Target};

use super::{Depot, TOKYO};
use crate::channels::web;
use crate::settled::settled;

/// So many members, of which a Region's are one page of the table and those of three are more.
const MEMBERS: u64 = 600;

/// Writes how a release stands with many members in three Regions, none of which is due.
pub(super) async fn with_many_members(depot: &Depot, release: ReleaseId, members: u64) {
    let later = depot.hub.moment().now.checked_add(Duration::hours(72)).unwrap();
    let stood = settled("it stands as it should ".repeat(40), None, later);
    for region in [IRELAND, VIRGINIA, TOKYO] {
        for n in 0..members {
            let there: Target = format!("{}/{region}", 444_400_000_000 + n).parse().unwrap();
            let written = depot.hub.record().write_stood(&web(), release, there, &stood).await;
            written.unwrap();
        }
    }
}

/// How many queries there were.
fn queries(depot: &Depot) -> u64 {
    let plane = &depot.hub.shop.aws.plane;
    plane.with_tables(|tables| tables.ledger().of("Query").done)
}

#[tokio::test(start_paused = true)]
async fn the_hubs_standings_in_a_region_are_one_read_and_so_are_members_of_a_release_there() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let release = depot.release().await.parse().unwrap();
    with_many_members(&depot, release, MEMBERS).await;
    let (record, virginia) = (depot.hub.record(), VIRGINIA.parse().unwrap());
    let before = queries(&depot);
    let with_hub = record.stood_with_hub(&web(), virginia).await.unwrap();
    assert_eq!(with_hub.keys().collect::<Vec<_>>(), [&release]);
    let members = record.stood_with_members(&web(), release, virginia).await.unwrap();
    assert_eq!(members.len(), 600);
    assert_eq!(queries(&depot) - before, 2);
    // The hub's two and all members'.
    assert_eq!(record.stood(&web()).await.unwrap().len(), 1_802);
    assert!(queries(&depot) - before > 4);
}

#[tokio::test(start_paused = true)]
async fn what_a_consumer_sees_is_looked_at_by_as_many_reads_however_many_members_own_copies() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.admit_to_view(MEMBER);
    let shared = r#"{ regions: { us-east-1: {} }, share_with: { accounts: ["222233334444"] } }"#;
    depot.hub.want(shared).await;
    depot.settle().await;
    let mut reads = Vec::new();
    for many in [false, true] {
        if many {
            let release = depot.release().await.parse().unwrap();
            with_many_members(&depot, release, MEMBERS).await;
        }
        depot.hub.shop.aws.pass(hours(24)).await;
        depot.hub.sweep().await;
        assert_eq!(depot.dispatch().await.unwrap().views, 2);
        let before = queries(&depot);
        while let Some(worked) = depot.work().await {
            worked.unwrap();
        }
        reads.push(queries(&depot) - before);
    }
    assert_eq!(reads[0], reads[1]);
}

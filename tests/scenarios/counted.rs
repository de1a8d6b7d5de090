//! What the record costs: calls of the table, counted.

use image_plane::Settings;
use serde_json::Value;
use stage::aws::{HUB, IRELAND, hours, target};
use stage::shop::distribution;
use steward::CanonicalName;
use steward_aws::{Span, families_of};

use crate::hub::Hub;
use crate::lineage::{Families, id};

pub(crate) const TEN: [&str; 10] = [
    IRELAND,
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ap-south-1",
];

/// Calls of the table so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Calls {
    gets: u64,
    batches: u64,
    queries: u64,
    writes: u64,
}

fn calls(hub: &Hub) -> Calls {
    hub.shop.aws.plane.with_tables(|tables| {
        let of = |action: &str| {
            let counts = tables.ledger().of(action);
            counts.done + counts.refused
        };
        Calls {
            gets: of("GetItem"),
            batches: of("BatchGetItem"),
            queries: of("Query"),
            writes: of("UpdateItem") + of("DeleteItem"),
        }
    })
}

async fn counted(hub: &Hub, work: impl AsyncFnOnce()) -> Calls {
    let before = calls(hub);
    work().await;
    let after = calls(hub);
    Calls {
        gets: after.gets - before.gets,
        batches: after.batches - before.batches,
        queries: after.queries - before.queries,
        writes: after.writes - before.writes,
    }
}

pub(crate) fn ending(hub: &Hub) -> Value {
    let events = hub.events().into_iter();
    let mut ended = events.filter(|event| event["detail"]["state"]["status"] == "AVAILABLE");
    ended.next_back().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_release_with_ten_placements_costs_a_write_for_each_thing_that_is_found_by_it() {
    let hub = Hub::new(Settings::calm(), TEN.map(distribution).to_vec()).await;
    hub.shop.built().await;
    let event = ending(&hub);
    let first = counted(&hub, async || drop(hub.wake(&event).await.unwrap())).await;
    assert_eq!(
        first,
        Calls {
            // What is known of the release, whose placement its parent is, whether the edge is closed, and whether anybody met
            // one of its ten images before.
            gets: 3 + 10,
            batches: 0,
            // Ancestors and descendants, before the writes and after.
            queries: 4,
            // Each placement five times (itself, by target, by id, its target and when that was compared, which are new here);
            // the release, its place in the family and among its builds, the stub of its parent, the edge, its pair on both
            // sides, the edge closed, the lineage whole; the journal; two workflows, the packages, and that this is all there is
            // to tell.
            writes: 10 * 5 + 10 + 4,
        }
    );
    let again = counted(&hub, async || drop(hub.wake(&event).await.unwrap())).await;
    assert_eq!(
        again,
        Calls {
            gets: 1,
            batches: 0,
            queries: 0,
            writes: 1
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_look_at_a_release_whose_scan_goes_on_writes_none_of_its_placements_again() {
    let hub = Hub::new(Settings::calm(), TEN.map(distribution).to_vec()).await;
    let pipeline = hub.shop.pipeline.clone();
    hub.shop.scan(&pipeline).await;
    let build = hub.shop.built_by(&pipeline).await;
    let plane = &hub.shop.aws.plane;
    let until = plane.now() + hours(12);
    assert!(plane.with(|world| world.hold_up_scan(target(HUB, IRELAND), &build, until)));
    let event = ending(&hub);
    hub.wake(&event).await.unwrap();
    let again = counted(&hub, async || drop(hub.wake(&event).await.unwrap())).await;
    assert_eq!(
        again,
        Calls {
            gets: 1,
            batches: 0,
            queries: 0,
            // The journal's, which is rejected.
            writes: 1
        }
    );
    let looked_at = hub.sweep().await.looked_at;
    let swept = counted(&hub, async || assert_eq!(hub.sweep().await.looked_at, looked_at)).await;
    assert_eq!((looked_at, swept.writes), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_finds_nothing_new_reads_a_little_and_writes_nothing() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let quiet = counted(&families.hub, async || drop(families.hub.sweep().await)).await;
    assert_eq!(
        quiet,
        Calls {
            // The switch, each of three builds, when the one target was compared, where the round of builds goes on, and when they
            // were listed.
            gets: 1 + 3 + 1 + 1 + 1,
            batches: 0,
            // Doubts, scans, targets, and repositories.
            queries: 4,
            writes: 0,
        }
    );
}

#[tokio::test(start_paused = true)]
async fn all_ancestors_are_one_query_and_a_lineage_is_a_few_reads_for_each_release_that_is_drawn() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let record = families.hub.record();
    let shop = id(&families.shop);
    let one = counted(&families.hub, async || drop(record.ancestors(shop).await.unwrap())).await;
    assert_eq!((one.gets, one.queries), (0, 1));
    let now = families.hub.moment().now;
    let asked = [shop].into();
    let drawn = counted(&families.hub, async || {
        let graph = record.lineage(&asked, Span { up: 9, down: 9 }, now).await.unwrap();
        assert_eq!(graph.releases.len(), 4);
    })
    .await;
    // A card each; the asked one's two sides; the parents of each; of each and each of its ancestors the parents and what was
    // said; the channels of three families; and the images of each, with the container images of the one that has none.
    assert_eq!(
        (drawn.gets, drawn.queries),
        (4, 2 + 4 + 2 * (1 + 2 + 3 + 4) + 3 + 4 + 1)
    );
    let name: CanonicalName = families.site.parse().unwrap();
    let known = counted(&families.hub, async || assert!(record.knows(&name).await.unwrap())).await;
    assert_eq!((known.gets, known.queries), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn the_channels_that_releases_are_on_cost_a_query_for_each_family_however_many_releases_there_are() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let record = families.hub.record();
    let all = [&families.base, &families.site, &families.shop].map(|build| id(build));
    let cards = record.cards(&all.into()).await.unwrap();
    let twice = cards.values().chain(cards.values());
    let pointers = counted(&families.hub, async || {
        drop(record.pointers(families_of(twice)).await.unwrap());
    })
    .await;
    assert_eq!((pointers.gets, pointers.queries), (0, 3));
    let impact = counted(&families.hub, async || {
        drop(families.hub.says(&["impact", "base"]).await);
    })
    .await;
    // The card of the family's one release; its releases, built and adopted, what came from it, the channels of three families;
    // targets, what the one of them has, repositories, and when anybody was asked. What all are called is one batch.
    assert_eq!((impact.gets, impact.batches, impact.queries), (1, 1, 2 + 1 + 3 + 4));
}

#[tokio::test(start_paused = true)]
async fn asking_a_target_who_uses_images_costs_a_call_for_each_list_however_many_images_there_are() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    hub.shop.built().await;
    hub.shop.built().await;
    hub.sweep().await;
    let gather = async |hub: &Hub| {
        let (room, _) = hub.room();
        let event = serde_json::json!({ "wake": "sweep" });
        record_lineage::gather_evidence(&room, &event, "run", hub.moment())
            .await
            .unwrap()
    };
    gather(&hub).await;
    hub.shop.aws.pass(stage::aws::minutes(40)).await;
    let before = hub.calls();
    let of_table = counted(&hub, async || drop(gather(&hub).await)).await;
    // Eleven lists, usage reports among them as the hub owns images, and the recipe of the one pipeline. Nothing is being
    // retired, so of no image EC2 is asked what names it.
    assert_eq!(hub.calls() - before, 12);
    assert_eq!(
        of_table,
        Calls {
            // Which accounts are gone, and when the rules of the Recycle Bin were asked for.
            gets: 1 + 1,
            batches: 0,
            // Targets, manifests, what is due, the images there; twelve sources' runs, what was accepted, templates,
            // parameters twice, and what was used before.
            queries: 4 + 12 + 1 + 1 + 2 + 1,
            // The right to ask, twelve runs, and the end.
            writes: 14,
        }
    );
}

#[tokio::test(start_paused = true)]
async fn images_that_are_being_retired_cost_a_call_for_each_ten_of_them() {
    for (images, calls) in [(1, 1), (10, 1), (11, 2), (95, 10)] {
        let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
        hub.retired(HUB, images).await;
        let (room, _) = hub.room();
        let event = serde_json::json!({ "wake": "sweep" });
        record_lineage::gather_evidence(&room, &event, "run", hub.moment())
            .await
            .unwrap();
        let plane = &hub.shop.aws.plane;
        let asked = plane.with(|world| world.ledger().of("DescribeImageReferences").all());
        assert_eq!(asked, calls, "{images}");
    }
}

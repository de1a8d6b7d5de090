//! The index of all lineages, set right from the edges.

use std::time::Duration;

use image_plane::{Effect, Fault};
use stage::aws::{HUB, IRELAND};
use steward::lineage::{Edge, EdgeKind, Link, compare};
use steward_aws::Linked;

use crate::hub::{Hub, TABLE};
use crate::lineage::{Families, id};

#[tokio::test(start_paused = true)]
async fn an_index_that_somebody_broke_is_found_and_set_right_from_the_edges() {
    let families = Families::new().await;
    families.hub.sweep().await;
    let record = families.hub.record();
    let whole = record.whole_lineage().await.unwrap();
    assert_eq!((whole.edges.len(), whole.at_descendants.len()), (3, 6));
    assert_eq!(compare(&whole).count(), 0);
    let good = families.hub.essence();
    let tables = aws_sdk_dynamodb::Client::new(&families.hub.shop.aws.config(HUB, IRELAND));
    let (base, shop) = (id(&families.base), id(&families.shop));
    let delete = tables.delete_item().table_name(TABLE);
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let delete = delete
        .key("pk", text(format!("R#{base}")))
        .key("sk", text(format!("D#0002#{shop}")));
    delete.send().await.unwrap();
    let put = tables.put_item().table_name(TABLE);
    let put = put
        .item("pk", text(format!("R#{base}")))
        .item("sk", text(format!("A#0001#{shop}")));
    put.send().await.unwrap();
    let differences = compare(&record.whole_lineage().await.unwrap());
    assert_eq!(
        (
            differences.missing_at_ancestors.len(),
            differences.wrong_at_descendants.len()
        ),
        (1, 1)
    );
    assert_eq!(differences.count(), 2);
    record.set_right(&differences).await.unwrap();
    assert_eq!(families.hub.essence(), good);
}

#[tokio::test(start_paused = true)]
async fn an_edge_that_is_linked_while_the_index_is_set_right_keeps_its_pairs() {
    // During the first look, or after the second and before anything is deleted.
    for (looks, says) in [(0, "The index is right"), (2, "Set right: 8 items")] {
        let families = Families::new().await;
        families.hub.sweep().await;
        let good = families.hub.essence();
        let edge = Edge {
            parent: id(&families.base),
            child: id(&families.site),
        };
        // As a look finds it that saw the child before the edge was written, and the ancestors afterwards.
        let child = format!("R#{}", edge.child);
        families.hub.take_away(&child, &format!("E#{}", edge.parent)).await;
        let aws = &families.hub.shop.aws;
        let freeze = Fault::new(Effect::FreezeAfter(Duration::from_secs(20)));
        let freeze = freeze.on("Scan").after(looks);
        aws.plane.with_tables(|tables| tables.inject(freeze));
        let link = Link {
            edge,
            kind: EdgeKind::Build,
        };
        let writer = Hub::record_of(&aws.another_process().config(HUB, IRELAND));
        let linked = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            writer.link(&link, || true).await.unwrap()
        };
        let rebuild = families.hub.says(&["lineage", "rebuild", "--write"]);
        let (said, linked) = tokio::join!(Box::pin(rebuild), Box::pin(linked));
        assert_eq!(linked, Linked::Closed);
        assert!(said.starts_with(says), "{said}");
        assert_eq!(families.hub.essence(), good, "{looks}");
    }
}

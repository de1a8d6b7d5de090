//! A lineage as a page, with what the record knows of each release besides.

use std::collections::{BTreeMap, BTreeSet};

use steward::lineage::Graph;
use steward::lineage::page::{Facts, Page, PlacedImage};
use steward::{ReleaseId, Timestamp};
use steward_aws::{HeldPlacement, Record};

use crate::failure::Failure;

/// The page of a graph that was read at this time.
pub(crate) async fn page(record: &Record, title: &str, graph: &Graph, made: Timestamp) -> Result<String, Failure> {
    let releases: BTreeSet<ReleaseId> = graph.releases.keys().copied().collect();
    let mut used: BTreeMap<ReleaseId, usize> = BTreeMap::new();
    for image in record.whereabouts(&releases).await?.used {
        let ways = image.uses.iter().filter_map(|held| held.usage.as_ref());
        *used.entry(image.release).or_default() += ways.map(|usage| usage.count).sum::<usize>();
    }
    let mut facts = BTreeMap::new();
    for release in graph.releases.keys() {
        let placements = record.placements(*release).await?;
        let known = Facts {
            placements: placements.iter().map(placed).collect(),
            findings: record.findings(*release).await?,
            used: used.get(release).copied().unwrap_or_default(),
        };
        facts.insert(*release, known);
    }
    let page = Page {
        title,
        graph,
        facts: &facts,
        made,
    };
    Ok(page.html())
}

fn placed(held: &HeldPlacement) -> PlacedImage {
    PlacedImage {
        target: held.target,
        ami: held.ami,
        state: held.state,
        deprecated: held.deprecated.is_some(),
        managed: held.managed,
    }
}

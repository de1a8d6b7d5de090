//! What holds of every page.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::testing::{elsewhere, graph, placed};
use super::{Facts, Page};
use crate::lineage::Graph;
use crate::{AmiState, BuildState, Words};

fn page(title: &str, graph: &Graph, facts: &BTreeMap<crate::ReleaseId, Facts>) -> String {
    let page = Page {
        title,
        graph,
        facts,
        made: "2026-11-21T14:05:00Z".parse().unwrap(),
    };
    page.html()
}

/// 0 and 1 → 2 → 3 to 20, with words of others wherever there is room for them.
fn with(words: &str) -> String {
    let edges: Vec<(usize, usize)> = [(0, 2), (1, 2)].into_iter().chain((3..21).map(|n| (2, n))).collect();
    let mut graph = graph(21, &edges, &[2]);
    for card in graph.releases.values_mut() {
        card.alias = Some(words.to_owned());
        card.reason = Some(Words::from(words));
        card.fingerprint = Some(words.to_owned());
        card.above = Some(words.to_owned());
    }
    let vendor = elsewhere(7);
    let vendor_id = vendor.name.id();
    let vendor = crate::lineage::Card {
        kind: words.to_owned(),
        alias: Some(words.to_owned()),
        state: Some(BuildState::Failed),
        ..vendor
    };
    graph.releases.insert(vendor_id, vendor);
    graph.edges.push(crate::lineage::Drawn {
        parent: vendor_id,
        ..graph.edges[0]
    });
    page(words, &graph, &BTreeMap::new())
}

#[test]
fn a_release_that_was_adopted_and_has_no_image_left_says_so_and_not_that_it_is_from_elsewhere() {
    let mut adopted = elsewhere(7);
    adopted.family = Some("web".parse().unwrap());
    adopted.alias = None;
    let id = adopted.name.id();
    let facts = Facts {
        placements: vec![placed(7, "111122223333", AmiState::Deregistered)],
        ..Facts::default()
    };
    let facts = BTreeMap::from([(id, facts)]);
    // As cards, and as a table.
    for others in [1, 301] {
        let mut graph = graph(others, &[], &[0]);
        graph.releases.insert(id, adopted.clone());
        graph.asked.insert(id);
        let page = page("web", &graph, &facts);
        assert!(
            page.contains("adopted") && page.contains("1 image, deregistered"),
            "{page}"
        );
        assert!(!page.contains("from elsewhere"), "{page}");
    }
}

/// The tags of a page, with all their attributes.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap();
        tags.push(tag);
        rest = match tag {
            // What is in these is no markup: browsers read on to their ends.
            "style" | "script" => &after[after.find("</").unwrap()..],
            _ => after,
        };
    }
    tags
}

fn words() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "<",
        ">",
        "\"",
        "'",
        "&",
        "&lt;",
        "<script>",
        "</style>",
        "]]>",
        "<!--",
        "-->",
        "javascript:",
        "x",
        " ",
        "é",
        "\u{202e}",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(marks, 0..40).prop_map(|marks| marks.concat())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_people_wrote_becomes_markup(words in words()) {
        // Their length moves cards. Otherwise the page is that of words without any mark.
        let words = Words::from(words).to_string();
        prop_assume!(words.trim() == words);
        let plain: String = words.chars().map(|c| if c.is_ascii() { 'x' } else { 'é' }).collect();
        let (theirs, harmless) = (with(&words), with(&plain));
        prop_assert_eq!(tags(&theirs), tags(&harmless));
    }

    #[test]
    fn the_page_is_the_same_whatever_the_order_of_edges(
        edges in prop::collection::btree_set((0_usize..20, 0_usize..20), 0..40).prop_map(Vec::from_iter).prop_shuffle(),
        asked in prop::collection::btree_set(0_usize..20, 1..3),
    ) {
        let mut sorted = edges.clone();
        sorted.sort_unstable();
        let asked: Vec<usize> = asked.into_iter().collect();
        let (one, other) = (graph(20, &edges, &asked), graph(20, &sorted, &asked));
        let facts = one.releases.keys().take(3).map(|id| {
            let facts = Facts { placements: vec![placed(1, "111122223333", AmiState::Available)], ..Facts::default() };
            (*id, facts)
        }).collect();
        let made = page("x", &one, &facts);
        prop_assert_eq!(&made, &page("x", &other, &facts));
        // Each release is there once, as a card or as a row.
        for n in 1..=20 {
            prop_assert_eq!(made.matches(&format!("id=\"r{n}\"")).count(), 1);
        }
    }
}

#[test]
fn what_was_asked_for_and_is_not_in_the_record_is_said() {
    let mut graph = graph(1, &[], &[0]);
    graph.releases.clear();
    let page = page("web", &graph, &BTreeMap::new());
    assert!(page.contains("Nothing that was asked for is in the record."));
}

#[test]
fn a_circle_is_a_page_too() {
    let graph = graph(4, &[(0, 1), (1, 2), (2, 0), (2, 3)], &[1]);
    assert!(page("x", &graph, &BTreeMap::new()).contains("id=\"r4\""));
}

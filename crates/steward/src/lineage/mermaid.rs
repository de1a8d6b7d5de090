//! A lineage as Mermaid draws it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::edge::EdgeKind;
use super::graph::{Drawn, Graph, LeftOff};
use crate::{ReleaseId, steers};

/// With those to what is left off a picture stays below 400; Mermaid draws none of more than 500.
const MOST_EDGES: usize = 397;

impl Graph {
    /// A picture as Mermaid draws it.
    pub fn mermaid(&self) -> String {
        let (shown, left_off) = self.picture();
        let mut text = String::from("flowchart LR\n");
        let number: BTreeMap<ReleaseId, usize> = shown.iter().copied().zip(1..).collect();
        for id in self.sorted(shown.iter().copied()) {
            let (Some(card), Some(n)) = (self.releases.get(&id), number.get(&id)) else {
                continue;
            };
            let label = format!("{}<br/>{}", plain(&card.title()), plain(&self.details(id, card)));
            let shape = if self.asked.contains(&id) {
                ("([\"", "\"])")
            } else {
                ("[\"", "\"]")
            };
            let _ = writeln!(text, "  r{n}{}{label}{}", shape.0, shape.1);
        }
        for Drawn { parent, child, kind } in &self.edges {
            if let (Some(parent), Some(child)) = (number.get(parent), number.get(child)) {
                let arrow = match kind {
                    EdgeKind::Build => String::from("-->"),
                    other => format!("-. {other} .->"),
                };
                let _ = writeln!(text, "  r{parent} {arrow} r{child}");
            }
        }
        let asked = self.asked.iter().find_map(|id| number.get(id));
        let asked = asked.map(|n| format!("r{n}"));
        let LeftOff { above, below } = left_off;
        for (count, name, what) in [(above, "above", "ancestors"), (below, "below", "descendants")] {
            if count == 0 {
                continue;
            }
            let _ = writeln!(text, "  {name}[\"… and {count} more {what}\"]");
            if let Some(asked) = &asked {
                let (from, to) = if what == "ancestors" {
                    (name, asked.as_str())
                } else {
                    (asked.as_str(), name)
                };
                let _ = writeln!(text, "  {from} -.-> {to}");
            }
        }
        text.trim_end().to_owned()
    }

    /// What of it a picture shows, the nearest to what was asked for and ancestors first, and how many are left off.
    fn picture(&self) -> (BTreeSet<ReleaseId>, LeftOff) {
        let (above, below) = (self.nearest(true), self.nearest(false));
        let mut nearest: Vec<ReleaseId> = self.sorted(self.asked.iter().copied());
        nearest.extend(&above);
        nearest.extend(&below);
        nearest.extend(self.sorted(self.releases.keys().copied()));
        let (mut shown, mut edges, mut left_off) = (BTreeSet::new(), 0, self.left_off);
        let (mut met, mut is_full) = (BTreeSet::new(), false);
        for id in nearest {
            if !self.releases.contains_key(&id) || !met.insert(id) {
                continue;
            }
            let more = self.edges.iter().filter(|edge| {
                edge.parent == id && shown.contains(&edge.child) || edge.child == id && shown.contains(&edge.parent)
            });
            let more = more.count();
            is_full |= edges + more > MOST_EDGES;
            if !is_full {
                edges += more;
                shown.insert(id);
            } else if above.contains(&id) {
                left_off.above += 1;
            } else {
                left_off.below += 1;
            }
        }
        (shown, left_off)
    }

    /// All above what was asked for, or below it, the nearest first.
    fn nearest(&self, is_up: bool) -> Vec<ReleaseId> {
        let mut next: BTreeMap<ReleaseId, Vec<ReleaseId>> = BTreeMap::new();
        for Drawn { parent, child, .. } in &self.edges {
            let (from, to) = if is_up { (child, parent) } else { (parent, child) };
            next.entry(*from).or_default().push(*to);
        }
        let (mut met, mut ring) = (self.asked.clone(), self.asked.clone());
        let mut nearest = Vec::new();
        while !ring.is_empty() {
            let further = ring.iter().flat_map(|id| next.get(id).into_iter().flatten());
            ring = further.copied().filter(|id| !met.contains(id)).collect();
            met.extend(&ring);
            nearest.extend(self.sorted(ring.iter().copied()));
        }
        nearest
    }
}

/// Nothing that Mermaid would read as its own.
fn plain(text: &str) -> String {
    let plain = |c: char| {
        if c == '"' || c == '<' || c == '>' || steers(c) {
            ' '
        } else {
            c
        }
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::Card;
    use crate::lineage::graph::tests::{card, graph};

    #[test]
    fn a_picture_names_every_release_once_and_says_what_was_cut() {
        let text = graph().mermaid();
        assert_eq!(text.matches("[\"").count(), 6);
        assert_eq!(
            (text.matches("-->").count(), text.matches("-. copy .->").count()),
            (4, 1)
        );
        let asked = text.lines().find(|line| line.contains("([")).unwrap().trim_start();
        let (asked, _) = asked.split_once('(').unwrap();
        let cut = format!("  below[\"… and 12 more descendants\"]\n  {asked} -.-> below");
        assert!(text.ends_with(&cut), "{text}");
        assert!(text.contains("([\"web/1.0.0/2<br/>x86_64 AVAILABLE\"])"), "{text}");
        assert!(
            text.contains("[\"web/1.0.0/1<br/>x86_64 AVAILABLE [candidate, stable]\"]"),
            "{text}"
        );
    }

    /// 20 layers of 20 releases, each of which came from all of the layer above; one in the middle was asked for.
    fn dense() -> Graph {
        let arn = |layer, n| format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/l{layer:02}/1.0.{n}/1");
        let cards = (0..400).map(|n| card(&arn(n / 20, n % 20), Some("web")));
        let cards: Vec<(ReleaseId, Card)> = cards.collect();
        let edge = |parent: usize, child: usize| Drawn {
            parent: cards[parent].0,
            child: cards[child].0,
            kind: EdgeKind::Build,
        };
        let edges = (20..400).flat_map(|child| (0..20).map(move |n| (child / 20 * 20 - 20 + n, child)));
        Graph {
            asked: BTreeSet::from([cards[200].0]),
            edges: edges.map(|(parent, child)| edge(parent, child)).collect(),
            releases: cards.iter().cloned().collect(),
            revoked: BTreeSet::new(),
            tombstones: BTreeSet::new(),
            channels: BTreeMap::new(),
            left_off: LeftOff { above: 0, below: 5 },
        }
    }

    #[test]
    fn a_picture_has_fewer_than_400_edges_and_all_that_is_cut_is_counted_in_it() {
        let graph = dense();
        let text = graph.mermaid();
        let edges = text.lines().filter(|line| line.contains("->")).count();
        assert!((300..400).contains(&edges), "{edges}");
        let cut = |name: &str| {
            let line = text
                .lines()
                .find(|line| line.starts_with(&format!("  {name}[")))
                .unwrap();
            let count = line.split(' ').find_map(|word| word.parse::<usize>().ok());
            count.unwrap()
        };
        let shown = text
            .lines()
            .filter(|line| line.starts_with("  r") && line.contains("[\""))
            .count();
        // What else is of its layer is neither above nor below it, and told with what is below.
        assert_eq!(shown + cut("above") + cut("below"), 400 + 5);
        assert!(cut("above") < 200 && shown > 20, "{text}");
    }
}

//! The closure in a table, judged by its edges alone: every path is walked, as nothing of ours does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Who is above, how many steps, and who is below.
type Pair = (String, usize, String);

/// Why the closure of these items is not that of their edges; how many edges there are where it is.
pub(crate) fn judge(items: &BTreeMap<(String, String), Value>) -> Result<usize, String> {
    let (mut edges, mut above, mut below) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for ((pk, sk), item) in items {
        let Some(this) = pk.strip_prefix("R#") else { continue };
        let pair = |rest: &str| {
            let (depth, other) = rest.split_once('#').unwrap();
            (depth.parse().unwrap(), other.to_owned())
        };
        if let Some(parent) = sk.strip_prefix("E#") {
            edges.insert((parent.to_owned(), this.to_owned()));
            if item["closed"]["BOOL"] != true {
                return Err(format!("the edge from {parent} to {this} is open"));
            }
        } else if let Some(rest) = sk.strip_prefix("A#") {
            let (depth, other) = pair(rest);
            above.insert((other, depth, this.to_owned()));
        } else if let Some(rest) = sk.strip_prefix("D#") {
            let (depth, other) = pair(rest);
            below.insert((this.to_owned(), depth, other));
        }
    }
    let paths = paths(&edges);
    for (side, held) in [("descendants", &above), ("ancestors", &below)] {
        if *held != paths {
            let missing: Vec<&Pair> = paths.difference(held).collect();
            let wrong: Vec<&Pair> = held.difference(&paths).collect();
            return Err(format!(
                "at {side} the closure of {edges:?} lacks {missing:?}, and has {wrong:?}"
            ));
        }
    }
    Ok(edges.len())
}

fn paths(edges: &BTreeSet<(String, String)>) -> BTreeSet<Pair> {
    let mut paths = BTreeSet::new();
    let mut longest: Vec<Pair> = edges
        .iter()
        .map(|(parent, child)| (parent.clone(), 1, child.clone()))
        .collect();
    while let Some((from, depth, at)) = longest.pop() {
        let on = edges.iter().filter(|(parent, _)| *parent == at);
        longest.extend(on.map(|(_, child)| (from.clone(), depth + 1, child.clone())));
        paths.insert((from, depth, at));
    }
    paths
}

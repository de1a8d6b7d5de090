//! The protocol in a world of its own: several at once, cut off anywhere, one write at a time.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use proptest::prelude::*;

use super::*;
use crate::testing::{how_many, release};

/// How many histories the tests play; more by IMAGE_STEWARD_HISTORIES.
fn histories() -> u64 {
    how_many("IMAGE_STEWARD_HISTORIES", 12_000)
}

fn edge(parent: usize, child: usize) -> Edge {
    Edge {
        parent: release(parent),
        child: release(child),
    }
}

/// The table, item by item: the two mirrors of a pair are written one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Table {
    edges: BTreeMap<Edge, bool>,
    ancestors: BTreeMap<ReleaseId, BTreeSet<Reach>>,
    descendants: BTreeMap<ReleaseId, BTreeSet<Reach>>,
}

#[derive(Clone, Copy, Debug)]
enum Write {
    Edge(Edge),
    AtDescendant(Pair),
    AtAncestor(Pair),
    Close(Edge),
}

impl Table {
    fn write(&mut self, write: Write) {
        match write {
            Write::Edge(edge) => {
                self.edges.entry(edge).or_insert(false);
            }
            Write::AtDescendant(Pair {
                ancestor: release,
                depth,
                descendant,
            }) => {
                self.ancestors
                    .entry(descendant)
                    .or_default()
                    .insert(Reach { depth, release });
            }
            Write::AtAncestor(Pair {
                ancestor,
                depth,
                descendant: release,
            }) => {
                self.descendants
                    .entry(ancestor)
                    .or_default()
                    .insert(Reach { depth, release });
            }
            Write::Close(edge) => {
                self.edges.insert(edge, true);
            }
        }
    }
}

/// Who brings an edge in: reads at once, writes one item at a time, may be cut off between any two.
struct Worker {
    edge: Edge,
    closing: Closing,
    writes: Vec<Write>,
    /// A mutant that does not read what is there now.
    reads: Option<Table>,
    done: bool,
}

impl Worker {
    fn new(edge: Edge) -> Self {
        Self {
            edge,
            closing: Closing::new(edge),
            writes: Vec::new(),
            reads: None,
            done: false,
        }
    }

    fn step(&mut self, table: &mut Table) {
        if let Some(write) = self.writes.pop() {
            table.write(write);
            if self.writes.is_empty() {
                self.closing.tell(Answer::Done);
            }
            return;
        }
        let seen = self.reads.as_ref().unwrap_or(table);
        match self.closing.ask() {
            Ask::Read {
                ancestors_of,
                descendants_of,
            } => self.closing.tell(Answer::Read {
                ancestors: seen.ancestors.get(&ancestors_of).cloned().unwrap_or_default(),
                descendants: seen.descendants.get(&descendants_of).cloned().unwrap_or_default(),
            }),
            Ask::Compare(mut pairs) => {
                pairs.retain(|pair| {
                    let reach = Reach {
                        depth: pair.depth,
                        release: pair.descendant,
                    };
                    seen.descendants
                        .get(&pair.ancestor)
                        .is_some_and(|known| known.contains(&reach))
                });
                self.closing.tell(Answer::There(pairs));
            }
            Ask::Open(pairs) => {
                self.writes = written(&pairs);
                self.writes.push(Write::Edge(self.edge));
            }
            Ask::Put(pairs) => self.writes = written(&pairs),
            Ask::Close => self.writes = vec![Write::Close(self.edge)],
            Ask::Done | Ask::Cycle => self.done = true,
        }
    }
}

/// The last first: all mirrors at descendants before any at ancestors.
fn written(pairs: &BTreeSet<Pair>) -> Vec<Write> {
    let above = pairs.iter().map(|pair| Write::AtAncestor(*pair));
    above
        .chain(pairs.iter().map(|pair| Write::AtDescendant(*pair)))
        .collect()
}

/// Every path, by walking each one: another way than that of the closure we ship.
fn naive(edges: &BTreeSet<Edge>) -> BTreeSet<Pair> {
    fn walk(edges: &BTreeSet<Edge>, from: ReleaseId, at: ReleaseId, depth: u16, pairs: &mut BTreeSet<Pair>) {
        for edge in edges.iter().filter(|edge| edge.parent == at) {
            pairs.insert(Pair {
                ancestor: from,
                depth: depth + 1,
                descendant: edge.child,
            });
            walk(edges, from, edge.child, depth + 1, pairs);
        }
    }
    let mut pairs = BTreeSet::new();
    for edge in edges {
        walk(edges, edge.parent, edge.parent, 0, &mut pairs);
    }
    pairs
}

/// What the closure must be: every path there is, by its length.
fn paths(edges: &BTreeSet<Edge>) -> Table {
    let mut table = Table::default();
    let pairs = naive(edges);
    for write in written(&pairs) {
        table.write(write);
    }
    table.edges = edges.iter().map(|edge| (*edge, true)).collect();
    table
}

/// A random tree, chain or graph: each release has parents among those before it.
fn random_edges(random: &mut Rng) -> BTreeSet<Edge> {
    let count = random.usize(2..8);
    let most_parents = random.usize(1..3);
    let is_chain = random.f32() < 0.25;
    let mut edges = BTreeSet::new();
    for child in 1..count {
        for _ in 0..random.usize(1..=most_parents) {
            let parent = if is_chain { child - 1 } else { random.usize(0..child) };
            edges.insert(edge(parent, child));
        }
    }
    edges
}

/// Plays one history: the edges come doubled, at once, in any order, and who brings them in dies now and then. Then the
/// sweep closes what is open.
fn play(random: &mut Rng, stale: bool) -> (Table, BTreeSet<Edge>) {
    let edges = random_edges(random);
    let mut table = Table::default();
    let mut arriving: Vec<Edge> = edges.iter().chain(edges.iter()).copied().collect();
    for at in (1..arriving.len()).rev() {
        arriving.swap(at, random.usize(0..=at));
    }
    let crash = if random.bool() { 0.05 } else { 0.0 };
    let mut workers: Vec<Worker> = Vec::new();
    let mut past = table.clone();
    while !(workers.is_empty() && arriving.is_empty()) {
        if random.f32() < 0.2 {
            past = table.clone();
        }
        let full = workers.len() >= 4;
        if !full
            && (workers.is_empty() || random.f32() < 0.3)
            && let Some(edge) = arriving.pop()
        {
            // A duplicate stops early only at a closed edge.
            if table.edges.get(&edge) != Some(&true) {
                workers.push(Worker::new(edge));
            }
            continue;
        }
        if workers.is_empty() {
            continue;
        }
        let at = random.usize(0..workers.len());
        if random.f32() < crash {
            workers.swap_remove(at);
            continue;
        }
        workers[at].reads = stale.then(|| past.clone());
        workers[at].step(&mut table);
        if workers[at].done {
            workers.swap_remove(at);
        }
    }
    // Edges whose worker died before it wrote them come again with the sweep, like those left open.
    for edge in &edges {
        if table.edges.get(edge) != Some(&true) {
            let mut worker = Worker::new(*edge);
            while !worker.done {
                worker.step(&mut table);
            }
        }
    }
    (table, edges)
}

#[test]
fn whatever_the_order_and_whoever_dies_the_closure_is_every_path_of_the_edges() {
    for seed in 0..histories() {
        let (table, edges) = play(&mut Rng::with_seed(seed), false);
        assert_eq!(table, paths(&edges), "seed {seed}");
        assert_eq!(crate::lineage::closure(&edges), naive(&edges), "seed {seed}");
    }
}

#[test]
fn one_that_reads_what_was_there_a_while_ago_is_caught() {
    let caught = (0..histories()).find(|seed| {
        let (table, edges) = play(&mut Rng::with_seed(*seed), true);
        table != paths(&edges)
    });
    assert!(caught.is_some());
}

/// Performs all that is asked; how many reads and how many writes of items that took.
fn bring_in(table: &mut Table, edge: Edge) -> (usize, usize) {
    let mut worker = Worker::new(edge);
    let (mut reads, mut writes) = (0, 0);
    while !worker.done {
        if !worker.writes.is_empty() {
            writes += 1;
        } else if matches!(worker.closing.ask(), Ask::Read { .. } | Ask::Compare(_)) {
            reads += 1;
        }
        worker.step(table);
    }
    (reads, writes)
}

#[test]
fn a_child_of_a_parent_that_is_there_takes_two_reads_and_no_second_round_of_writes() {
    let mut table = Table::default();
    for n in 1..4 {
        bring_in(&mut table, edge(n - 1, n));
    }
    // The edge, a pair for each of four ancestors in both mirrors, and the mark that it is closed.
    let counted = bring_in(&mut table, edge(3, 4));
    assert_eq!(counted, (2, 1 + 2 * 4 + 1));
}

#[test]
fn a_circle_is_refused_before_anything_is_written() {
    let mut table = Table::default();
    for n in 1..4 {
        bring_in(&mut table, edge(n - 1, n));
    }
    let before = table.clone();
    for (parent, child) in [(3, 0), (2, 1), (2, 2)] {
        let mut closing = Closing::new(edge(parent, child));
        let reach = |side: &BTreeMap<ReleaseId, BTreeSet<Reach>>, n| side.get(&release(n)).cloned().unwrap_or_default();
        closing.tell(Answer::Read {
            ancestors: reach(&table.ancestors, parent),
            descendants: reach(&table.descendants, child),
        });
        assert_eq!(closing.ask(), Ask::Cycle);
    }
    assert_eq!(table, before);
}

#[test]
fn a_late_parent_of_a_large_subtree_is_written_in_runs_that_each_go_on_from_the_last() {
    let mut table = Table::default();
    for n in 2..600 {
        bring_in(&mut table, edge(1, n));
    }
    let edge = edge(0, 1);
    let mut runs = 0;
    while table.edges.get(&edge) != Some(&true) {
        runs += 1;
        let mut worker = Worker::new(edge);
        // Cut off after 500 steps.
        for _ in 0..500 {
            worker.step(&mut table);
        }
        assert!(runs < 10, "no run goes on from the last");
    }
    assert_eq!(table.descendants[&release(0)].len(), 599);
    assert!(runs > 2, "{runs}");
}

#[test]
fn two_halves_of_a_circle_that_are_made_at_once_come_to_an_end() {
    let mut table = Table::default();
    let edges = [(0, 1), (1, 0)].map(|(parent, child)| edge(parent, child));
    let mut workers = edges.map(Worker::new);
    // Both have looked before either has written.
    for worker in &mut workers {
        worker.step(&mut table);
    }
    for steps in 0.. {
        assert!(steps < 10_000);
        let open = workers.iter_mut().filter(|worker| !worker.done);
        if open.map(|worker| worker.step(&mut table)).count() == 0 {
            break;
        }
    }
}

proptest! {
    #[test]
    fn an_answer_that_fits_nothing_asked_changes_nothing(depth in 0_u16..3) {
        let edge = edge(0, 1);
        let mut closing = Closing::new(edge);
        closing.tell(Answer::Done);
        closing.tell(Answer::There(BTreeSet::from([Pair { ancestor: release(0), depth, descendant: release(1) }])));
        let still_reads = matches!(closing.ask(), Ask::Read { .. });
        prop_assert!(still_reads);
    }
}

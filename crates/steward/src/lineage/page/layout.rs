use super::layers::layers;

/// Between columns, for the lines.
pub(super) const BETWEEN_COLUMNS: i64 = 84;
/// Between what stands one below the other.
pub(super) const BETWEEN_CARDS: i64 = 24;
/// Above the first card, for the heading of its column.
const HEADING: i64 = 48;
/// What keeps a long line's place between cards.
const WAYPOINT: Size = Size {
    width: 0,
    height: 8,
    port: 4,
};
/// Past so many, lines go straight through: nobody could follow them anyhow.
const MOST_WAYPOINTS: usize = 1_000;
const SWEEPS: usize = 8;

/// How much room a card needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: i64,
    pub(super) height: i64,
    /// How far below its top lines meet it.
    pub(super) port: i64,
}

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) column: usize,
    pub(super) left: i64,
    pub(super) top: i64,
    pub(super) size: Size,
}

impl Place {
    pub(super) const fn right(&self) -> i64 {
        self.left + self.size.width
    }

    pub(super) const fn bottom(&self) -> i64 {
        self.top + self.size.height
    }

    /// Where lines meet it.
    pub(super) const fn port(&self) -> i64 {
        self.top + self.size.port
    }
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Each card's, in the order they were given.
    pub(super) places: Vec<Place>,
    /// Each edge's stations between its ends, in the order they were given.
    pub(super) stations: Vec<Vec<Place>>,
    /// Where each column begins.
    pub(super) columns: Vec<i64>,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// Places cards in columns from left to right: each below and beside its kin, the first of them along the top.
///
/// `is_above` says of each whether it is above what was asked for, or that itself. The order in which cards are given is
/// the one they keep where their edges say nothing.
pub(super) fn lay_out(sizes: &[Size], is_above: &[bool], edges: &[(usize, usize)]) -> Layout {
    let mut sketch = Sketch::new(sizes, layers(is_above, edges), edges);
    for sweep in 0..SWEEPS {
        sketch.sort(sweep % 2 == 1);
    }
    for backwards in [false, true, false] {
        sketch.drop_down(backwards);
    }
    sketch.finish()
}

/// Cards and stations of long lines alike.
struct Sketch {
    cards: usize,
    sizes: Vec<Size>,
    column: Vec<usize>,
    rank: Vec<usize>,
    top: Vec<i64>,
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
    columns: Vec<Vec<usize>>,
    stations: Vec<Vec<usize>>,
}

impl Sketch {
    fn new(sizes: &[Size], column: Vec<usize>, edges: &[(usize, usize)]) -> Self {
        let mut sketch = Self {
            cards: sizes.len(),
            sizes: sizes.to_vec(),
            rank: Vec::new(),
            top: Vec::new(),
            before: vec![Vec::new(); sizes.len()],
            after: vec![Vec::new(); sizes.len()],
            columns: vec![Vec::new(); column.iter().map(|column| column + 1).max().unwrap_or_default()],
            stations: Vec::new(),
            column,
        };
        for (parent, child) in edges {
            let stations = sketch.stations_between(*parent, *child);
            let mut last = *parent;
            for next in stations.iter().copied().chain([*child]) {
                sketch.after[last].push(next);
                sketch.before[next].push(last);
                last = next;
            }
            sketch.stations.push(stations);
        }
        for (node, column) in sketch.column.iter().enumerate() {
            sketch.columns[*column].push(node);
        }
        sketch.rank = vec![0; sketch.sizes.len()];
        sketch.top = vec![0; sketch.sizes.len()];
        sketch.rank_all();
        sketch
    }

    fn stations_between(&mut self, parent: usize, child: usize) -> Vec<usize> {
        let passed = self.column[parent] + 1..self.column[child];
        if self.sizes.len() + passed.len() > self.cards + MOST_WAYPOINTS {
            return Vec::new();
        }
        passed
            .map(|column| {
                self.sizes.push(WAYPOINT);
                self.column.push(column);
                self.before.push(Vec::new());
                self.after.push(Vec::new());
                self.sizes.len() - 1
            })
            .collect()
    }

    fn rank_all(&mut self) {
        for column in &self.columns {
            for (rank, node) in column.iter().enumerate() {
                self.rank[*node] = rank;
            }
        }
    }

    /// One sweep of the barycentre method: each column in the order of the middle of its neighbours on one side.
    fn sort(&mut self, backwards: bool) {
        let neighbours = if backwards { &self.after } else { &self.before };
        for at in self.walk(backwards) {
            let middle = |node: &usize| {
                let ranks = neighbours[*node].iter().map(|next| self.rank[*next]);
                let count = neighbours[*node].len();
                // In thousandths: whole numbers compare the same on every machine.
                let middle = (ranks.sum::<usize>() * 1_000).checked_div(count);
                middle.unwrap_or(self.rank[*node] * 1_000)
            };
            let mut column = std::mem::take(&mut self.columns[at]);
            column.sort_by_key(|node| (middle(node), self.rank[*node]));
            for (rank, node) in column.iter().enumerate() {
                self.rank[*node] = rank;
            }
            self.columns[at] = column;
        }
    }

    /// Each card down to the first of its neighbours on one side, and below what stands above it: so the first ones make a
    /// straight line along the top.
    fn drop_down(&mut self, backwards: bool) {
        let neighbours = if backwards { &self.after } else { &self.before };
        for at in self.walk(backwards) {
            let mut free = 0;
            for node in &self.columns[at] {
                let ports = neighbours[*node]
                    .iter()
                    .map(|next| self.top[*next] + self.sizes[*next].port);
                let wanted = ports.min().map_or(0, |port| port - self.sizes[*node].port);
                self.top[*node] = wanted.max(self.top[*node]).max(free);
                free = self.top[*node] + self.sizes[*node].height + BETWEEN_CARDS;
            }
        }
    }

    fn walk(&self, backwards: bool) -> Vec<usize> {
        let mut columns: Vec<usize> = (0..self.columns.len()).collect();
        if backwards {
            columns.reverse();
        }
        columns
    }

    fn finish(self) -> Layout {
        let mut columns = Vec::new();
        let mut left = 0;
        for column in &self.columns {
            columns.push(left);
            left += self.widest(column) + BETWEEN_COLUMNS;
        }
        let highest = self.top.iter().copied().min().unwrap_or_default();
        let place = |node: usize| {
            let column = self.column[node];
            let mut size = self.sizes[node];
            if node >= self.cards {
                size.width = self.widest(&self.columns[column]);
            }
            Place {
                column,
                left: columns[column],
                top: self.top[node] - highest + HEADING,
                size,
            }
        };
        let places: Vec<Place> = (0..self.cards).map(place).collect();
        Layout {
            stations: (self.stations.iter())
                .map(|nodes| nodes.iter().copied().map(place).collect())
                .collect(),
            width: (left - BETWEEN_COLUMNS).max(0),
            height: places.iter().map(Place::bottom).max().unwrap_or_default(),
            columns,
            places,
        }
    }

    fn widest(&self, column: &[usize]) -> i64 {
        column
            .iter()
            .map(|node| self.sizes[*node].width)
            .max()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lineage::page::route::routes;

    /// Cards of any height, edges from earlier ones to later ones, and who stands above.
    fn graphs() -> impl Strategy<Value = (Vec<Size>, Vec<bool>, Vec<(usize, usize)>)> {
        let height = prop_oneof![Just(40_i64), 90..400_i64];
        prop::collection::vec(height, 1..40).prop_flat_map(|heights| {
            let count = heights.len();
            let edges = prop::collection::btree_set((0..count, 0..count), 0..80);
            (Just(heights), edges, 0..count).prop_map(move |(heights, edges, asked)| {
                let size = |height| Size {
                    width: if height == 40 { 120 } else { 232 },
                    height,
                    port: if height == 40 { 20 } else { 42 },
                };
                let edges = edges.into_iter().filter(|(parent, child)| parent < child).collect();
                let is_above = (0..count).map(|node| node <= asked).collect();
                (heights.into_iter().map(size).collect(), is_above, edges)
            })
        })
    }

    fn lies_over(one: &Place, other: &Place) -> bool {
        one.left < other.right() && other.left < one.right() && one.top < other.bottom() && other.top < one.bottom()
    }

    proptest! {
        #[test]
        fn no_card_lies_over_another_nor_a_line_over_a_card((sizes, is_above, edges) in graphs()) {
            let layout = lay_out(&sizes, &is_above, &edges);
            let stations: Vec<&Place> = layout.stations.iter().flatten().collect();
            for (n, place) in layout.places.iter().enumerate() {
                prop_assert!(place.left >= 0 && place.right() <= layout.width);
                prop_assert!(place.top >= HEADING && place.bottom() <= layout.height);
                for other in layout.places[n + 1..].iter().chain(stations.iter().copied()) {
                    prop_assert!(!lies_over(place, other), "{place:?} {other:?}");
                }
            }
        }

        #[test]
        fn every_edge_goes_from_left_to_right_through_every_column_between((sizes, is_above, edges) in graphs()) {
            let layout = lay_out(&sizes, &is_above, &edges);
            for ((parent, child), stations) in edges.iter().zip(&layout.stations) {
                let (from, to) = (&layout.places[*parent], &layout.places[*child]);
                prop_assert!(from.right() + BETWEEN_COLUMNS <= to.left);
                let passed: Vec<usize> = stations.iter().map(|station| station.column).collect();
                prop_assert_eq!(passed, (from.column + 1..to.column).collect::<Vec<_>>());
            }
        }

        #[test]
        fn a_line_meets_both_of_its_cards_and_never_turns_back((sizes, is_above, edges) in graphs()) {
            let layout = lay_out(&sizes, &is_above, &edges);
            let kinds = vec![None; edges.len()];
            for ((_, child), route) in edges.iter().zip(routes(&layout, &edges, &kinds)) {
                let to = &layout.places[*child];
                prop_assert_eq!(route.end.0, to.left);
                prop_assert!((to.top..=to.bottom()).contains(&route.end.1), "{route:?} {to:?}");
                prop_assert!(route.goes_right(), "{route:?}");
            }
        }

        #[test]
        fn the_same_is_placed_the_same_and_no_order_of_edges_moves_a_card_to_another_column((sizes, is_above, mut edges) in graphs()) {
            let places = lay_out(&sizes, &is_above, &edges).places;
            let again = lay_out(&sizes, &is_above, &edges).places;
            prop_assert_eq!(&places, &again);
            edges.reverse();
            let turned = lay_out(&sizes, &is_above, &edges).places;
            let columns = |places: &[Place]| places.iter().map(|place| place.column).collect::<Vec<_>>();
            prop_assert_eq!(columns(&places), columns(&turned));
        }
    }

    #[test]
    fn what_a_chain_ends_in_stands_on_one_line_with_where_it_begins() {
        let size = Size {
            width: 232,
            height: 90,
            port: 42,
        };
        // 0 → 1 → 2 → 3, 4, 5.
        let edges = [(0, 1), (1, 2), (2, 3), (2, 4), (2, 5)];
        let layout = lay_out(&[size; 6], &[true, true, true, false, false, false], &edges);
        let tops: Vec<i64> = layout.places.iter().map(|place| place.top - HEADING).collect();
        assert_eq!(tops, [0, 0, 0, 0, 114, 228]);
    }

    #[test]
    fn past_what_anybody_could_follow_lines_go_straight_through() {
        let size = Size {
            width: 232,
            height: 90,
            port: 42,
        };
        let edges: Vec<(usize, usize)> = (0..100).flat_map(|n| (n + 1..100).map(move |m| (n, m))).collect();
        let layout = lay_out(&[size; 100], &[true; 100], &edges);
        assert!(layout.stations.iter().flatten().count() <= MOST_WAYPOINTS);
        assert_eq!(layout.columns.len(), 100);
    }
}

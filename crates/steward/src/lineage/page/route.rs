use super::html::Html;
use super::layout::{BETWEEN_COLUMNS, Layout, Place};

/// Between lines that end at the same card, where there is room: enough for a word on each.
const BETWEEN_ENDS: i64 = 15;
/// Ends stay so near to the middle.
const MOST_APART: i64 = 45;
/// The arrow's.
const TIP: i64 = 7;

/// How a line goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Where it ends.
    pub(super) end: (i64, i64),
    /// Whether there is room for a word before its end.
    pub(super) has_room: bool,
    from: (i64, i64),
    through: Vec<(i64, i64, i64)>,
}

impl Route {
    /// As an SVG path: curves between columns, straight along the stations that keep it clear of cards.
    pub(super) fn path(&self) -> Html {
        let mut path = Html::default();
        let mut at = self.from;
        path.markup("M").text(at.0).markup(" ").text(at.1);
        for (left, right, y) in &self.through {
            curve(at, (*left, *y), &mut path);
            path.markup("H").text(right);
            at = (*right, *y);
        }
        curve(at, (self.end.0 - TIP, self.end.1), &mut path);
        path.markup("h").text(TIP);
        path
    }
}

fn curve(from: (i64, i64), to: (i64, i64), path: &mut Html) {
    if from.1 == to.1 {
        path.markup("H").text(to.0);
        return;
    }
    // However far it goes it bends between two columns, where there are no cards.
    let bend = (to.0 - from.0).min(BETWEEN_COLUMNS) / 2;
    let points = [(from.0 + bend, from.1), (to.0 - bend, to.1), to];
    path.markup("C");
    for (n, (x, y)) in points.into_iter().enumerate() {
        path.markup(if n > 0 { " " } else { "" }).text(x).markup(" ").text(y);
    }
}

/// The lines of a layout. Those that end at one card end one below the other, in the order in which they come.
pub(super) fn routes(layout: &Layout, edges: &[(usize, usize)]) -> Vec<Route> {
    let last_before = |edge: usize| {
        let stations = layout.stations[edge].last();
        stations.unwrap_or(&layout.places[edges[edge].0]).port()
    };
    let mut ends: Vec<(i64, bool)> = vec![(0, true); edges.len()];
    for (node, place) in layout.places.iter().enumerate() {
        let mut arriving: Vec<usize> = (0..edges.len()).filter(|edge| edges[*edge].1 == node).collect();
        arriving.sort_by_key(|edge| (last_before(*edge), edges[*edge].0));
        let count = i64::try_from(arriving.len()).unwrap_or(i64::MAX);
        let room = place.size.port.min(place.size.height - place.size.port).min(MOST_APART);
        let step = BETWEEN_ENDS.min(2 * room / count.max(1));
        for (n, edge) in (0..).zip(arriving) {
            let y = place.port() + (2 * n - (count - 1)) * step / 2;
            ends[edge] = (y, step == BETWEEN_ENDS);
        }
    }
    let route = |(edge, (parent, child)): (usize, &(usize, usize))| {
        let (from, to): (&Place, &Place) = (&layout.places[*parent], &layout.places[*child]);
        Route {
            end: (to.left, ends[edge].0),
            has_room: ends[edge].1,
            from: (from.right(), from.port()),
            through: (layout.stations[edge].iter())
                .map(|station| (station.left, station.right(), station.port()))
                .collect(),
        }
    };
    edges.iter().enumerate().map(route).collect()
}

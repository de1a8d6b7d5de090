use std::collections::BTreeMap;

use super::html::Html;
use super::layout::{BETWEEN_COLUMNS, Layout, Place};
use crate::lineage::EdgeKind;

/// Between lines that end at the same card, where there is room: enough for a word on each.
const BETWEEN_ENDS: i64 = 15;
/// Ends stay so near to the middle.
const MOST_APART: i64 = 45;
/// Of the space between two columns, where lines go up and down; behind it there is room for a word.
const LANES: (i64, i64) = (12, 34);
const BETWEEN_LANES: i64 = 8;
/// Of corners.
const RADIUS: i64 = 9;

/// How a line goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Where it ends.
    pub(super) end: (i64, i64),
    /// Whether there is room for a word before its end.
    pub(super) has_room: bool,
    start: (i64, i64),
    legs: Vec<Leg>,
}

/// From one column to the next: along, up or down its lane, along, and then straight on through the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leg {
    from: (i64, i64),
    lane: i64,
    to: (i64, i64),
    through: i64,
}

impl Route {
    /// Whether it goes from left to right all the way, and turns only between columns.
    #[cfg(test)]
    pub(super) fn goes_right(&self) -> bool {
        let mut at = self.start.0;
        self.legs.iter().all(|leg| {
            let lane = leg.to.0 - BETWEEN_COLUMNS + LANES.0..=leg.to.0 - BETWEEN_COLUMNS + LANES.1;
            let is_right = leg.from.0 == at && lane.contains(&leg.lane) && leg.lane <= leg.to.0;
            at = leg.through;
            is_right && leg.to.0 <= leg.through
        })
    }

    /// As an SVG path.
    pub(super) fn path(&self) -> Html {
        let mut path = Html::default();
        path.markup("M").text(self.start.0).markup(" ").text(self.start.1);
        for Leg {
            from,
            lane,
            to,
            through,
            ..
        } in &self.legs
        {
            if from.1 != to.1 {
                let radius = RADIUS.min((to.1 - from.1).abs() / 2);
                let down = (to.1 - from.1).signum() * radius;
                path.markup("H").text(lane - radius);
                corner((radius, 0), (radius, down), &mut path);
                path.markup("V").text(to.1 - down);
                corner((0, down), (radius, down), &mut path);
            }
            path.markup("H").text(through);
        }
        path
    }
}

fn corner(over: (i64, i64), to: (i64, i64), path: &mut Html) {
    path.markup("q").text(over.0).markup(" ").text(over.1);
    path.markup(" ").text(to.0).markup(" ").text(to.1);
}

/// The lines of a layout. Those that end at one card end one below the other, in the order in which they come; those that
/// leave one card in the same way share a lane, others have their own.
pub(super) fn routes(layout: &Layout, edges: &[(usize, usize)], kinds: &[Option<EdgeKind>]) -> Vec<Route> {
    let ends = ends(layout, edges);
    let mut routes: Vec<Route> = Vec::new();
    for (edge, (parent, child)) in edges.iter().enumerate() {
        let (from, to): (&Place, &Place) = (&layout.places[*parent], &layout.places[*child]);
        let (y, has_room) = ends[edge];
        let start = (from.right(), from.port());
        let mut legs = Vec::new();
        let mut at = start;
        for station in &layout.stations[edge] {
            legs.push(Leg {
                from: at,
                lane: 0,
                to: (station.left, station.port()),
                through: station.right(),
            });
            at = (station.right(), station.port());
        }
        legs.push(Leg {
            from: at,
            lane: 0,
            to: (to.left, y),
            through: to.left,
        });
        routes.push(Route {
            end: (to.left, y),
            has_room,
            start,
            legs,
        });
    }
    take_lanes(&mut routes, kinds);
    routes
}

/// Where each line ends, and whether there is room for a word.
fn ends(layout: &Layout, edges: &[(usize, usize)]) -> Vec<(i64, bool)> {
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
        // The first one straight, as long as the last one still meets the card.
        let first = place.port() - ((count - 1) * step - room).max(0);
        for (n, edge) in (0..).zip(arriving) {
            ends[edge] = (first + n * step, step == BETWEEN_ENDS);
        }
    }
    ends
}

/// Who leaves a column, which way, where and how.
type Lane = (i64, bool, i64, Option<EdgeKind>);

fn take_lanes(routes: &mut [Route], kinds: &[Option<EdgeKind>]) {
    let lane = |leg: &Leg, kind: Option<EdgeKind>| -> Lane { (leg.to.0, leg.to.1 > leg.from.1, leg.from.1, kind) };
    let mut taken: BTreeMap<i64, Vec<Lane>> = BTreeMap::new();
    for (route, kind) in routes.iter().zip(kinds) {
        for leg in route.legs.iter().filter(|leg| leg.from.1 != leg.to.1) {
            taken.entry(leg.to.0).or_default().push(lane(leg, *kind));
        }
    }
    for lanes in taken.values_mut() {
        lanes.sort_unstable();
        lanes.dedup();
        // Who comes from furthest turns last, so that nobody's way out is crossed.
        let first_down = lanes.partition_point(|(_, is_down, ..)| !is_down);
        lanes[first_down..].reverse();
    }
    for (route, kind) in routes.iter_mut().zip(kinds) {
        for leg in &mut route.legs {
            let lane = lane(leg, *kind);
            let lanes = taken.get(&leg.to.0).map_or(&[][..], Vec::as_slice);
            let at = lanes.iter().position(|taken| *taken == lane).unwrap_or_default();
            let (at, count) = (whole(at), whole(lanes.len()));
            let step = BETWEEN_LANES * 100;
            let step = step.min(100 * (LANES.1 - LANES.0) / (count - 1).max(1));
            leg.lane = leg.to.0 - BETWEEN_COLUMNS + LANES.1 - (count - 1 - at).max(0) * step / 100;
        }
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

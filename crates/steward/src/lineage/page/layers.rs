use std::collections::BTreeSet;

/// In which column each node stands: by the longest path, so that every edge goes from left to right.
///
/// Those above come first. They stand as far to the right as what came from them allows: next to it, with what was asked
/// for in one column wherever none of it came from another.
pub(super) fn layers(is_above: &[bool], edges: &[(usize, usize)]) -> Vec<usize> {
    let above = |node: usize| is_above.get(node).copied().unwrap_or_default();
    let upwards: Vec<(usize, usize)> = edges
        .iter()
        .filter(|(parent, child)| above(*parent) && above(*child))
        .map(|(parent, child)| (*child, *parent))
        .collect();
    let heights = longest(vec![0; is_above.len()], &upwards);
    let highest = heights.iter().copied().max().unwrap_or_default();
    let start = heights
        .into_iter()
        .enumerate()
        .map(|(node, height)| if above(node) { highest - height } else { 0 })
        .collect();
    longest(start, edges)
}

/// How many edges the longest path to each node has, each path beginning with what its first node starts from.
///
/// The record has no circle. Were there one, it would be cut at its first node: a page is drawn all the same.
fn longest(start: Vec<usize>, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut depths = start;
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); depths.len()];
    let mut waits_for = vec![0_usize; depths.len()];
    for (from, to) in edges {
        next[*from].push(*to);
        waits_for[*to] += 1;
    }
    let mut left: BTreeSet<usize> = (0..depths.len()).collect();
    let mut ready: BTreeSet<usize> = left.iter().copied().filter(|node| waits_for[*node] == 0).collect();
    while let Some(node) = ready.pop_first().or_else(|| left.first().copied()) {
        left.remove(&node);
        for to in &next[node] {
            if !left.contains(to) {
                continue;
            }
            depths[*to] = depths[*to].max(depths[node] + 1);
            waits_for[*to] = waits_for[*to].saturating_sub(1);
            if waits_for[*to] == 0 {
                ready.insert(*to);
            }
        }
    }
    depths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ancestors_stand_next_to_what_came_from_them_and_what_was_asked_for_in_one_column() {
        // 0 → 1 → 2, 3 → 2, 3 → 4: asked for 2 and 4; 5 came from 2.
        let above = [true, true, true, true, true, false];
        let edges = [(0, 1), (1, 2), (3, 2), (3, 4), (2, 5)];
        assert_eq!(layers(&above, &edges), [0, 1, 2, 1, 2, 3]);
    }

    #[test]
    fn a_child_of_two_stands_behind_both() {
        let above = [true, false, false, false];
        assert_eq!(layers(&above, &[(0, 1), (0, 2), (1, 2), (0, 3)]), [0, 1, 2, 1]);
    }

    #[test]
    fn a_circle_is_cut_and_drawn() {
        let above = [true, true, true];
        let layers = layers(&above, &[(0, 1), (1, 2), (2, 0)]);
        assert_eq!(layers.iter().collect::<BTreeSet<_>>().len(), 3);
    }
}

//! What happens to families.

use super::world::{Ran, Repair, World};
use crate::Duration;
use crate::building::{BuildRequest, Ending, Line, Look};

impl World {
    /// One thing, to one of them or to several.
    pub(super) fn happens(&mut self) {
        self.happened += 1;
        let lines: Vec<Line> = self.yard.plots.keys().cloned().collect();
        let line = lines[self.dice.usize(..lines.len())].clone();
        let of_family: Vec<Line> = lines
            .iter()
            .filter(|other| other.family == line.family)
            .cloned()
            .collect();
        let now = self.yard.now;
        let after = |hours: u32| now.saturating_add(Duration::hours(u16::try_from(hours).unwrap()));
        let mended = after(self.dice.u32(1..12));
        let number = self.dice.u32(1..6);
        match self.dice.u32(0..16) {
            0 if self.dice.u32(0..4) == 0 => {
                for base in lines.iter().filter(|line| !self.parents.contains_key(line)) {
                    self.yard.plots.get_mut(base).unwrap().of.parent = number;
                }
            }
            1 => {
                let (few, all) = (self.dice.usize(1..6), lines.len());
                for _ in 0..few {
                    let line = &lines[self.dice.usize(..all)];
                    self.yard.plots.get_mut(line).unwrap().of.component = number;
                }
            }
            2 | 3 => {
                for line in of_family {
                    let plot = self.yard.plots.get_mut(&line).unwrap();
                    (plot.of.recipe, plot.number) = (plot.of.recipe + 1, plot.number + 1);
                }
            }
            4 | 5 => {
                let only = self.dice.bool().then_some(line.architecture);
                for line in of_family
                    .iter()
                    .filter(|of| only.is_none_or(|only| only == of.architecture))
                {
                    self.yard.plots.get_mut(line).unwrap().requests.push(BuildRequest {
                        who: String::from("ann"),
                        why: "because".into(),
                        at: now,
                        architecture: only,
                    });
                }
            }
            6 | 7 => {
                let found = (0..self.dice.u32(1..4)).map(|_| self.dice.u32(0..40));
                let found = found.map(|n| format!("CVE-2026-{n}").parse().unwrap()).collect();
                let plot = self.yard.plots.get_mut(&line).unwrap();
                plot.found = if plot.newest.is_some() {
                    found
                } else {
                    plot.found.clone()
                };
            }
            8 | 9 => {
                let ending = match self.dice.u32(0..3) {
                    0 => Ending::Failed("a component".into()),
                    1 => Ending::Passing("capacity".into()),
                    _ => Ending::Cancelled,
                };
                self.yard.plots.get_mut(&line).unwrap().ending = ending;
                self.repairs.push((mended, line, Repair::Ending));
            }
            10 | 11 => {
                let obstacle = match self.dice.u32(0..4) {
                    0 => Look::NoPipeline,
                    1 => Look::Disabled(Some(3)),
                    _ => Look::Unreadable("throttled".into()),
                };
                self.yard.plots.get_mut(&line).unwrap().obstacle = Some(obstacle);
                self.repairs.push((mended, line, Repair::Obstacle));
            }
            12 => {
                let plot = &self.yard.plots[&line];
                let is_free = plot.state.attempt.as_ref().is_none_or(|attempt| !attempt.goes_on());
                if plot.running.is_empty() && is_free && plot.of.parent > 0 {
                    self.start(&line, None);
                }
            }
            13 if self.dice.u32(0..4) == 0 => self.breaks_a_parent(after(30)),
            14 if self.dice.u32(0..4) == 0 => self.goes_back(),
            15 if self.dice.u32(0..8) == 0 => self.blind_until = Some(mended),
            _ => {}
        }
    }

    /// The newest release of a parent is one on which nothing can be built. Its channel moves to it, and back a day later.
    fn breaks_a_parent(&mut self, mended: crate::Timestamp) {
        let Some((parent, newest)) = self.some_parent().and_then(|parent| {
            let newest = self.ran.get(&parent)?.iter().rfind(|ran| is_made(ran))?.number;
            Some((parent, newest))
        }) else {
            return;
        };
        self.bad.insert((parent.clone(), newest));
        self.move_channel(&parent, newest);
        self.repairs.push((mended, parent, Repair::Bad(newest)));
    }

    /// A person rolls a parent's channel back.
    fn goes_back(&mut self) {
        let Some(parent) = self.some_parent() else { return };
        let made: Vec<u32> = self.ran.get(&parent).map_or_else(Vec::new, |ran| {
            let good = |ran: &&Ran| is_made(ran) && !self.bad.contains(&(parent.clone(), ran.number));
            ran.iter().filter(good).map(|ran| ran.number).collect()
        });
        if let Some(before) = made.iter().rev().nth(1) {
            self.move_channel(&parent, *before);
        }
    }

    fn some_parent(&mut self) -> Option<Line> {
        let parents: Vec<Line> = self.parents.values().cloned().collect();
        self.dice.choice(parents)
    }
}

fn is_made(ran: &Ran) -> bool {
    matches!(ran.ended, Some((_, Ending::Made)))
}

use std::sync::Arc;

use super::blocked::Blocker;
use super::containers::{ContainerVerdict, JudgedContainer};
use super::due::Dues;
use super::facts::{Makes, PruningFacts, Switch};
use super::keeps::Keeps;
use super::ladder::{Descent, Move};
use super::left_behind::LeftBehind;
use super::looked::Looked;
use super::orphans::{Left, OrphanFate};
use super::placement::PlacementSeen;
use super::plan::{Blocked, Expendable, Kept, OverShare, PruningPlan, Spent, accepting, is_accepted};
use super::ranks::{Ranked, ranks};
use super::release::{ExpendableSince, ReleaseFacts};
use super::rules::{LetGo, Stays, judge};
use super::rung::Rung;
use super::step::{Effect, PruningStep};
use super::troubles::troubles;
use crate::manifest::Retain;
use crate::{ReleaseId, Timestamp};

/// Decides what pruning does to a family now.
///
/// While the switch is thrown, or anything is wrong with the evidence of a target that its releases can reach, nothing is
/// taken away, and no wait begins or ends. What a person holds climbs back and waits anew all the same, unless the switch is
/// thrown: a hold needs no evidence.
pub fn decide_pruning(facts: &PruningFacts, now: Timestamp) -> PruningPlan {
    let mut deciding = Deciding::new(facts, now);
    deciding.leave_others_alone();
    match (facts.makes, &facts.retain) {
        (Makes::Containers, retain) => deciding.judge_containers(retain.as_ref()),
        (Makes::Images, None) => deciding.keep_all(),
        (Makes::Images, Some(_)) if facts.switch != Switch::On => deciding.block_all(&Blocker::Paused),
        (Makes::Images, Some(retain)) => match deciding.plan.troubles.first().cloned() {
            Some(worst) => deciding.block_all(&Blocker::Evidence(Arc::new(worst))),
            None => deciding.judge_all(retain),
        },
    }
    deciding.plan
}

struct Deciding<'a> {
    facts: &'a PruningFacts,
    now: Timestamp,
    plan: PruningPlan,
    /// The releases, the oldest first.
    oldest: Vec<&'a ReleaseFacts>,
    /// Where who uses them was asked.
    looked: Looked,
}

/// A release on its way out.
enum Leaving<'a> {
    /// Every rule lets its images go.
    Images(Going<'a>),
    /// They are gone, and Image Builder still has something of it.
    Output(Left<'a>),
}

/// A release that every rule lets go.
struct Going<'a> {
    release: &'a ReleaseFacts,
    spent: Spent,
    since: Timestamp,
    /// Whether it was not on its way before.
    newly: bool,
}

impl<'a> Deciding<'a> {
    fn new(facts: &'a PruningFacts, now: Timestamp) -> Self {
        let mut oldest: Vec<&ReleaseFacts> = facts.releases.iter().collect();
        oldest.sort_by_cached_key(|release| (release.built_at(), release.release));
        let waived = facts.evidence.iter().filter_map(|evidence| {
            let waiver = evidence.waiver.as_ref().filter(|waiver| waiver.holds(now))?;
            Some((evidence.target, waiver.clone()))
        });
        let mut waived: Vec<_> = waived.collect();
        waived.sort_by_key(|(target, _)| *target);
        Self {
            facts,
            now,
            plan: PruningPlan {
                family: facts.family.clone(),
                steps: Vec::new(),
                expendable: Vec::new(),
                kept: Vec::new(),
                blocked: Vec::new(),
                orphans: Vec::new(),
                left_behind: Vec::new(),
                containers: Vec::new(),
                newly: Vec::new(),
                cleared: Vec::new(),
                to_announce: Vec::new(),
                orphans_to_announce: Vec::new(),
                troubles: match facts.makes {
                    Makes::Images => troubles(facts, now),
                    // Nothing is done by evidence.
                    Makes::Containers => Vec::new(),
                },
                waived,
                over_share: None,
            },
            oldest,
            looked: Looked::of(&facts.evidence, now),
        }
    }

    /// What is not ours is not pruning's, whatever it does with the rest of its release.
    fn leave_others_alone(&mut self) {
        for release in self.oldest.clone() {
            for placement in release.in_order() {
                if let Some(why) = &placement.unmanaged {
                    self.keep(release, placement, Keeps::Unmanaged(why.clone()));
                    self.plan.left_behind.extend(LeftBehind::of(release, placement));
                }
            }
        }
    }

    fn keep_all(&mut self) {
        for release in self.oldest.clone() {
            self.stays(release, &Keeps::NothingGoes, true);
            if let Some(left) = Left::of(release) {
                self.plan
                    .orphans
                    .push(left.orphan(OrphanFate::Kept(Keeps::NothingGoes)));
            }
        }
    }

    fn block_all(&mut self, by: &Blocker) {
        for release in self.oldest.clone() {
            let held = release.held(self.now).filter(|_| self.facts.switch == Switch::On);
            match held {
                Some(held) if release.is_taken_down() => {
                    self.keep_whole(release, &Keeps::Hold(held.clone()));
                    self.climbs_back(release);
                }
                Some(_) | None => self.is_blocked(release, by),
            }
            if held.is_some() && release.managed().next().is_some() {
                self.is_expendable_no_more(release);
            }
            if let Some(left) = Left::of(release) {
                self.plan.orphans.push(left.orphan(OrphanFate::Blocked(by.clone())));
            }
        }
    }

    /// A family that makes container images: by the same rules, and whatever they say, nothing is done.
    fn judge_containers(&mut self, retain: Option<&Retain>) {
        let ranked = ranks(&self.oldest, retain.map_or(0, stay), self.now);
        for (release, ranked) in self.oldest.clone().into_iter().zip(ranked) {
            // What it made before it made container images.
            for placement in release.managed_in_order() {
                self.keep(release, placement, Keeps::OfContainers);
            }
            if let Some(left) = Left::of(release) {
                self.plan
                    .orphans
                    .push(left.orphan(OrphanFate::Kept(Keeps::OfContainers)));
            }
            let said = retain.map(|retain| judge(release, ranked, (retain, &self.looked), self.now));
            let verdict = match said {
                None => ContainerVerdict::Kept(Keeps::NothingGoes),
                Some(Err(Stays { why, needed: _ })) => ContainerVerdict::Kept(why),
                Some(Ok(LetGo {
                    built,
                    old: _,
                    at,
                    launched: _,
                })) => ContainerVerdict::WouldGo {
                    rank: ranked.map(|ranked| ranked.rank),
                    built,
                    since: at,
                },
            };
            self.plan
                .containers
                .extend(release.containers.iter().map(|container| JudgedContainer {
                    container: container.clone(),
                    release: release.release,
                    verdict: verdict.clone(),
                }));
        }
    }

    fn judge_all(&mut self, retain: &Retain) {
        let ranked = ranks(&self.oldest, stay(retain), self.now);
        let mut leaving = Vec::new();
        for (release, ranked) in self.oldest.clone().into_iter().zip(ranked) {
            if let Some(left) = Left::of(release) {
                leaving.push(Leaving::Output(left));
            } else if release.managed().next().is_some() {
                match judge(release, ranked, (retain, &self.looked), self.now) {
                    Err(Stays { why, needed }) => self.stays(release, &why, needed),
                    Ok(let_go) => leaving.push(Leaving::Images(Going::new(release, ranked, let_go, self.now))),
                }
            }
        }
        self.plan.over_share = self.over_share(&leaving, retain);
        let mut due = Dues::new(retain, self.now);
        for leaving in leaving {
            match leaving {
                Leaving::Output(left) => self.is_left(left, retain, &mut due),
                Leaving::Images(going) => match &self.plan.over_share {
                    Some(over) if going.newly => {
                        let by = over.blocker();
                        self.is_blocked(going.release, &by);
                    }
                    Some(_) | None => self.goes(&going, retain, &mut due),
                },
            }
        }
        self.plan.steps.extend(due.into_steps());
    }

    /// What newly becomes expendable, where that is more than may at once. One release always may.
    fn over_share(&self, leaving: &[Leaving<'_>], retain: &Retain) -> Option<OverShare> {
        let is_there = |release: &&&ReleaseFacts| release.managed().next().is_some();
        let of = self.oldest.iter().filter(is_there).count();
        let allowed = (of * usize::from(retain.limits.share.percent()) / 100).max(1);
        let newly = leaving.iter().filter_map(|leaving| match leaving {
            Leaving::Images(going) if going.newly => Some(going.release.release),
            Leaving::Images(_) | Leaving::Output(_) => None,
        });
        let mut releases: Vec<ReleaseId> = newly.collect();
        releases.sort_unstable();
        let accepted = self.facts.accepted.as_deref();
        let is_over = releases.len() > allowed && !is_accepted(&accepting(&self.facts.family, &releases), accepted);
        is_over.then_some(OverShare { releases, allowed, of })
    }

    /// A release stays: what pruning took down climbs back, if somebody needs it.
    fn stays(&mut self, release: &ReleaseFacts, why: &Keeps, needed: bool) {
        self.keep_whole(release, why);
        if needed && self.facts.switch == Switch::On {
            self.climbs_back(release);
            self.is_expendable_no_more(release);
        }
    }

    /// Its waits begin anew, should it ever go again.
    fn is_expendable_no_more(&mut self, release: &ReleaseFacts) {
        if matches!(release.since, ExpendableSince::Recorded(_)) {
            self.plan.cleared.push(release.release);
        }
    }

    fn keep_whole(&mut self, release: &ReleaseFacts, why: &Keeps) {
        for placement in release.managed_in_order() {
            self.keep(release, placement, why.clone());
        }
    }

    fn climbs_back(&mut self, release: &ReleaseFacts) {
        for placement in release.managed_in_order() {
            if let Some(from) = placement.climbs_from() {
                let (ami, target) = (placement.ami, placement.target);
                self.step(release, Effect::Restore { ami, target, from });
            }
        }
    }

    fn is_blocked(&mut self, release: &ReleaseFacts, by: &Blocker) {
        for placement in release.managed_in_order() {
            self.block(release, placement, by.clone());
        }
    }

    /// A release has no image left: what Image Builder still has of it goes by the same ladder and limits.
    fn is_left(&mut self, left: Left<'a>, retain: &Retain, due: &mut Dues<'a>) {
        let fate = left.fate(&retain.ladder, self.now);
        if left.is_to_be_announced(&fate, self.now) {
            self.plan.orphans_to_announce.push(left.output.arn.clone());
        }
        if fate.is_due(self.now) {
            due.output(left);
        }
        self.plan.orphans.push(left.orphan(fate));
    }

    fn goes(&mut self, going: &Going<'a>, retain: &Retain, due: &mut Dues<'a>) {
        let Self { now, facts, .. } = *self;
        let release = going.release;
        if release.since == ExpendableSince::NotYet {
            self.plan.newly.push(release.release);
        }
        for placement in release.managed_in_order() {
            // What is not settled keeps its release.
            let Some(descent) = Descent::of(placement, going.since, &retain.ladder, facts.shared) else {
                continue;
            };
            if descent.is_to_be_announced(facts.shared, now) {
                self.plan.to_announce.push(placement.ami);
            }
            match descent.now(facts.shared, now) {
                Err(by) => self.block(release, placement, by),
                Ok(moves) => {
                    self.expend(going, placement, &descent);
                    if let Move::Goes(rung) = moves
                        && descent.is_asked_since(&self.looked)
                    {
                        due.image(release, placement, rung);
                    }
                }
            }
        }
    }

    fn step(&mut self, release: &ReleaseFacts, effect: Effect) {
        let release = release.release;
        self.plan.steps.push(PruningStep { release, effect });
    }

    fn expend(&mut self, going: &Going<'_>, placement: &PlacementSeen, descent: &Descent) {
        self.plan.expendable.push(Expendable {
            ami: placement.ami,
            target: placement.target,
            release: going.release.release,
            rung: descent.rung,
            next: descent.next,
            snapshots: placement.snapshots_in_order(),
            gib: placement.gib,
            since: going.since,
            refused: placement.refused,
            reason: going.spent,
        });
    }

    fn keep(&mut self, release: &ReleaseFacts, placement: &PlacementSeen, why: Keeps) {
        self.plan.kept.push(Kept {
            ami: placement.ami,
            target: placement.target,
            release: release.release,
            why,
        });
    }

    fn block(&mut self, release: &ReleaseFacts, placement: &PlacementSeen, by: Blocker) {
        self.plan.blocked.push(Blocked {
            ami: placement.ami,
            target: placement.target,
            release: release.release,
            by,
        });
    }
}

/// So many of each line stay.
fn stay(retain: &Retain) -> usize {
    usize::try_from(retain.releases.get()).unwrap_or(usize::MAX)
}

impl<'a> Going<'a> {
    fn new(release: &'a ReleaseFacts, ranked: Option<Ranked>, let_go: LetGo, now: Timestamp) -> Self {
        let LetGo {
            built,
            old,
            at,
            launched,
        } = let_go;
        let (since, newly) = match release.since {
            ExpendableSince::NotYet => (now, true),
            // What was held and let go between two runs waits anew; and what is old enough later than by the manifest before, from
            // when it was by this one.
            ExpendableSince::Recorded(since) => {
                (release.released().map_or(since, |end| since.max(end)).max(old), false)
            }
            // Nobody wrote down what was on its way before: what is on the ladder was.
            ExpendableSince::Reckoned => {
                let is_new = |placement: &PlacementSeen| placement.standing.rung() == Some(Rung::Available);
                (at, release.managed().all(is_new))
            }
        };
        Self {
            release,
            spent: Spent {
                rank: ranked.map(|ranked| ranked.rank),
                built,
                launched,
            },
            since,
            newly,
        }
    }
}

//! Of which kinds the families are that the decision was held against the reference with.

use std::collections::BTreeMap;

use super::super::*;
use super::reference::{Expected, Fate};
use super::stage::World;
use crate::evidence::Hop;
use crate::{Architecture, Timestamp};

/// How often each kind was among them.
#[derive(Debug, Default)]
pub(super) struct Coverage(BTreeMap<String, u64>);

/// So many milliseconds after that.
fn after(at: Timestamp, milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond() + milliseconds).unwrap()
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn any_goes(world: &World, expected: &Expected, is: &dyn Fn(&ReleaseFacts, &PlacementSeen) -> bool) -> bool {
    let goes = |it: &PlacementSeen| matches!(expected.fates.get(&it.ami), Some(Fate::Goes { .. }));
    let mut releases = world.facts.releases.iter();
    releases.any(|of| of.placements.iter().any(|it| goes(it) && is(of, it)))
}

impl Coverage {
    pub(super) fn assert_each_at_least(&self, least: u64) {
        let rare: Vec<_> = self.0.iter().filter(|(_, count)| **count < least).collect();
        assert!(rare.is_empty(), "fewer than {least}: {rare:#?} of {:#?}", self.0);
    }

    pub(super) fn see(&mut self, world: &World, plan: &PruningPlan, expected: &Expected) {
        self.lists(plan);
        self.ladders(world, plan);
        self.limits(world, plan, expected);
        self.evidence(world, plan);
        self.edges_of_staying(world, plan);
        self.edges_of_going(world, expected);
        self.edges_of_ladders(world, plan);
        self.mixtures(world, plan, expected);
    }

    fn hit(&mut self, kind: &str, is_so: bool) {
        *self.0.entry(kind.to_owned()).or_default() += u64::from(is_so);
    }

    fn lists(&mut self, plan: &PruningPlan) {
        const RULES: [Rule; 13] = [
            Rule::Rank,
            Rule::Age,
            Rule::Launched,
            Rule::Referenced,
            Rule::Channel,
            Rule::Parent,
            Rule::Tag,
            Rule::Hold,
            Rule::Protected,
            Rule::Pending,
            Rule::Undated,
            Rule::Ungrouped,
            Rule::Unmanaged,
        ];
        const CAUSES: [Cause; 6] = [
            Cause::EvidenceIncomplete,
            Cause::EvidenceStale,
            Cause::EvidenceImplausible,
            Cause::ShareLimit,
            Cause::NotAnnounced,
            Cause::Paused,
        ];
        for rule in RULES {
            let is_so = plan.kept.iter().any(|kept| kept.why.rule() == rule);
            self.hit(&format!("kept: {rule}"), is_so);
        }
        for cause in CAUSES {
            let is_so = plan.blocked.iter().any(|blocked| blocked.by.cause() == cause);
            self.hit(&format!("blocked: {cause}"), is_so);
        }
        let by = |is: fn(&Blocker) -> bool| plan.blocked.iter().any(|blocked| is(&blocked.by));
        self.hit("blocked: no report", by(|by| matches!(by, Blocker::NotReported { .. })));
        let told_late = by(|by| matches!(by, Blocker::NotAnnounced { since: Some(_) }));
        self.hit("blocked: announced too late", told_late);
        let launches = |is: fn(&Keeps) -> bool| plan.kept.iter().any(|kept| is(&kept.why));
        self.hit(
            "kept: launched",
            launches(|why| matches!(why, Keeps::Launched { at: Some(_), .. })),
        );
        self.hit(
            "kept: no launch known",
            launches(|why| matches!(why, Keeps::Launched { at: None, .. })),
        );
        self.hit(
            "kept: launches unread",
            launches(|why| matches!(why, Keeps::LaunchUnread(_))),
        );
        self.hit("kept: being built", launches(|why| matches!(why, Keeps::Building(_))));
        let a_millisecond_late =
            launches(|why| matches!(why, Keeps::NotAskedOf { since, as_of, .. } if *since == after(*as_of, 1)));
        self.hit("kept: known a millisecond after somebody was asked", a_millisecond_late);
        self.hit("kept: nothing goes", launches(|why| *why == Keeps::NothingGoes));
        self.hit("newly", !plan.newly.is_empty());
        self.hit("cleared", !plan.cleared.is_empty());
        let is_blocked = !plan.troubles.is_empty();
        self.hit("held in a blocked family", is_blocked && !plan.steps.is_empty());
        self.hit("to announce", !plan.to_announce.is_empty());
    }

    fn ladders(&mut self, world: &World, plan: &PruningPlan) {
        for rung in [Rung::Available, Rung::Deprecated, Rung::Disabled] {
            let mut on = plan.expendable.iter().filter(|going| going.rung == rung);
            self.hit(
                &format!("{rung}: waits"),
                on.any(|going| going.next.is_some_and(|next| next.at > world.now)),
            );
            let mut on = plan.expendable.iter().filter(|going| going.rung == rung);
            self.hit(&format!("{rung}: ends there"), on.any(|going| going.next.is_none()));
        }
        let step = |is: fn(&Effect) -> bool| plan.steps.iter().any(|step| is(&step.effect));
        self.hit("step: restore", step(|effect| matches!(effect, Effect::Restore { .. })));
        self.hit(
            "step: deprecate",
            step(|effect| matches!(effect, Effect::Deprecate { .. })),
        );
        self.hit("step: disable", step(|effect| matches!(effect, Effect::Disable { .. })));
        self.hit(
            "step: deregister",
            step(|effect| matches!(effect, Effect::Deregister { .. })),
        );
        self.hit(
            "step: deprecate output",
            step(|effect| matches!(effect, Effect::DeprecateOutput(_))),
        );
        self.hit(
            "step: delete output",
            step(|effect| matches!(effect, Effect::DeleteOutput(_))),
        );
        for shared in [Shared::WithNobody, Shared::WithRoles, Shared::WithoutRoles] {
            let is_so = world.facts.shared == shared && step(|effect| matches!(effect, Effect::Deregister { .. }));
            self.hit(&format!("step: deregister, shared {shared:?}"), is_so);
        }
        let gone = world
            .facts
            .releases
            .iter()
            .filter(|release| release.placements.is_empty());
        let mut gone = gone.map(|release| release.release);
        let is_so = gone.any(|gone| plan.steps.iter().any(|step| step.release == gone));
        self.hit("step: delete the output of what went before", is_so);
        self.orphans(world, plan);
        self.refusals(world, plan);
    }

    fn orphans(&mut self, world: &World, plan: &PruningPlan) {
        let fate = |is: &dyn Fn(&OrphanFate) -> bool| plan.orphans.iter().any(|orphan| is(&orphan.fate));
        self.hit("orphan: kept", fate(&|fate| matches!(fate, OrphanFate::Kept(_))));
        self.hit(
            "orphan: its ladder ends",
            fate(&|fate| matches!(fate, OrphanFate::Goes { at: None })),
        );
        let goes = |at: Timestamp| fate(&|fate| *fate == OrphanFate::Goes { at: Some(at) });
        self.hit("orphan: goes exactly now", goes(world.now));
        self.hit("orphan: goes in a millisecond", goes(after(world.now, 1)));
        let untold = OrphanFate::Blocked(Blocker::NotAnnounced { since: None });
        self.hit("orphan: nobody was told", fate(&|fate| *fate == untold));
        let since = Some(after(world.now, 1 - DAY));
        let late = OrphanFate::Blocked(Blocker::NotAnnounced { since });
        self.hit("orphan: told a millisecond too late", fate(&|fate| *fate == late));
        self.hit("orphan: to be announced", !plan.orphans_to_announce.is_empty());
        self.hit(
            "orphan: paused",
            fate(&|fate| *fate == OrphanFate::Blocked(Blocker::Paused)),
        );
    }

    fn refusals(&mut self, world: &World, plan: &PruningPlan) {
        let done = |going: &Expendable| plan.steps.iter().any(|step| step.release == going.release);
        let mut refused = plan
            .expendable
            .iter()
            .filter_map(|going| Some((going.refused?, done(going))));
        let is_done = |at: Timestamp| refused.clone().any(|(refused, done)| refused.at == at && done);
        self.hit("refused: exactly a day ago, and done", is_done(after(world.now, -DAY)));
        self.hit(
            "refused: a millisecond less than a day ago, and done",
            is_done(after(world.now, 1 - DAY)),
        );
        let is_put_off = refused.any(|(_, done)| !done) && !plan.steps.is_empty();
        self.hit("refused: others go before it", is_put_off);
    }

    fn limits(&mut self, world: &World, plan: &PruningPlan, expected: &Expected) {
        let Some(retain) = &world.facts.retain else { return };
        let most = usize::try_from(retain.limits.per_run.get()).unwrap();
        self.hit("limits: more is due than a run does", expected.down.len() > most);
        self.hit("limits: as much is due as a run does", expected.down.len() == most);
        self.hit("limits: over share", plan.over_share.is_some());
        let ours = world
            .facts
            .releases
            .iter()
            .filter(|release| release.managed().next().is_some());
        let allowed = ours.count() * usize::from(retain.limits.share.percent()) / 100;
        self.hit("limits: one always may", plan.newly.len() == 1 && allowed == 0);
        self.hit(
            "limits: as many as may",
            plan.newly.len() > 1 && plan.newly.len() == allowed,
        );
        let is_accepted = world.facts.accepted.is_some() && plan.newly.len() > allowed.max(1);
        self.hit("limits: accepted", is_accepted);
        let is_refused = world.facts.accepted.is_some() && plan.over_share.is_some();
        self.hit("limits: another is accepted", is_refused);
    }

    fn evidence(&mut self, world: &World, plan: &PruningPlan) {
        let doubts = |is: fn(&Doubt) -> bool| plan.troubles.iter().any(|trouble| is(&trouble.doubt));
        self.hit("evidence: never", doubts(|doubt| matches!(doubt, Doubt::Never)));
        self.hit("evidence: unread", doubts(|doubt| matches!(doubt, Doubt::Unread(_))));
        self.hit("evidence: stale", doubts(|doubt| matches!(doubt, Doubt::Stale(_))));
        self.hit("evidence: ahead", doubts(|doubt| matches!(doubt, Doubt::Ahead(_))));
        self.hit(
            "evidence: implausible",
            doubts(|doubt| matches!(doubt, Doubt::Implausible { .. })),
        );
        let mut evidence = world.facts.evidence.iter();
        let nothing = evidence.any(|it| it.sources.iter().all(|it| it.last.is_none()));
        self.hit(
            "evidence: waived, and nothing was read",
            nothing && !plan.waived.is_empty() && plan.troubles.is_empty(),
        );
        let as_of = |at: Timestamp| {
            let mut last = world
                .facts
                .evidence
                .iter()
                .flat_map(|it| &it.sources)
                .filter_map(|it| it.last.as_ref());
            last.any(|last| last.as_of == at)
        };
        self.hit(
            "edge: read an hour ago",
            as_of(after(world.now, -HOUR)) && plan.troubles.is_empty(),
        );
        self.hit(
            "edge: read an hour and a millisecond ago",
            as_of(after(world.now, -HOUR - 1)),
        );
        self.hit("edge: read a millisecond ahead", as_of(after(world.now, 1)));
        let until = |at: Timestamp| {
            let mut waivers = world.facts.evidence.iter().filter_map(|it| it.waiver.as_ref());
            waivers.any(|waiver| waiver.until == at)
        };
        self.hit("edge: a waiver ends now", until(world.now));
        self.hit("edge: a waiver ends in a millisecond", until(after(world.now, 1)));
    }

    fn edges_of_staying(&mut self, world: &World, plan: &PruningPlan) {
        let now = world.now;
        let next_millisecond = after(now, 1);
        let kept = |is: &dyn Fn(&Keeps) -> bool| plan.kept.iter().any(|kept| is(&kept.why));
        self.hit(
            "edge: too young by a millisecond",
            kept(&|why| {
                *why == Keeps::Age {
                    until: next_millisecond,
                }
            }),
        );
        let launched =
            kept(&|why| matches!(why, Keeps::Launched { until, at: Some(_), .. } if *until == next_millisecond));
        self.hit("edge: launched a millisecond too late", launched);
        let never = kept(&|why| matches!(why, Keeps::Launched { until, at: None, .. } if *until == next_millisecond));
        self.hit("edge: launches are known in a millisecond", never);
        self.hit(
            "edge: held for a millisecond",
            kept(&|why| matches!(why, Keeps::Hold(held) if held.until == next_millisecond)),
        );
        let cools = Protection::CoolsDown(next_millisecond);
        self.hit(
            "edge: protected for a millisecond",
            kept(&|why| matches!(why, Keeps::Protected(_, it) if *it == cools)),
        );
        let ahead = kept(&|why| *why == Keeps::Undated(Undated::Ahead(next_millisecond)));
        self.hit("edge: built in a millisecond", ahead);
    }

    fn edges_of_going(&mut self, world: &World, expected: &Expected) {
        let now = world.now;
        let goes = |is: &dyn Fn(&ReleaseFacts, &PlacementSeen) -> bool| any_goes(world, expected, is);
        if let Some(retain) = &world.facts.retain {
            let old = |of: &ReleaseFacts, _: &PlacementSeen| match of.built {
                BuildTime::At(built) => built.saturating_add(retain.young) == now,
                _ => false,
            };
            self.hit("edge: exactly as old", goes(&old));
            if let Some(unused_for) = retain.unused_for {
                let until = |from: Timestamp| after(from, DAY).saturating_add(unused_for);
                let launched = |_: &ReleaseFacts, it: &PlacementSeen| match it.launched {
                    LastLaunch::At(at) => until(at) == now,
                    _ => false,
                };
                self.hit("edge: launched exactly as long ago", goes(&launched));
                let built = |of: &ReleaseFacts, it: &PlacementSeen| match of.built {
                    BuildTime::At(built) => it.launched == LastLaunch::Never && until(built) == now,
                    _ => false,
                };
                self.hit("edge: launches are known exactly now", goes(&built));
            }
        }
        self.hit(
            "edge: held until now",
            goes(&|of, _| of.holds.iter().any(|held| held.until == now)),
        );
        let cooled = Some(Protection::CoolsDown(now));
        self.hit("edge: protected until now", goes(&|_, it| it.protection == cooled));

        let on_now = |_: &ReleaseFacts, it: &PlacementSeen| match it.standing {
            PlacementStanding::Deprecated(since) | PlacementStanding::Disabled(since) => since.at == Some(now),
            _ => false,
        };
        self.hit("edge: came to its rung just now", goes(&on_now));
        let unwritten = |_: &ReleaseFacts, it: &PlacementSeen| match it.standing {
            PlacementStanding::Deprecated(since) | PlacementStanding::Disabled(since) => since.at.is_none(),
            _ => false,
        };
        self.hit("edge: nobody wrote down when it came to its rung", goes(&unwritten));
        let read = world.facts.evidence.iter().flat_map(|it| &it.sources);
        let oldest = read.filter_map(|it| it.last.as_ref()).map(|last| last.as_of).min();
        let known = |_: &ReleaseFacts, it: &PlacementSeen| {
            it.found.is_some() && it.found.map(|found| after(found, HOUR / 4)) == oldest
        };
        self.hit("edge: known just when somebody was asked", goes(&known));
        for milliseconds in [-1, 0] {
            let reached = oldest.map(|oldest| after(oldest, milliseconds - HOUR / 4));
            let on = |_: &ReleaseFacts, it: &PlacementSeen| match it.standing {
                PlacementStanding::Deprecated(since) | PlacementStanding::Disabled(since) => {
                    since.at.is_some() && since.at == reached
                }
                _ => false,
            };
            let says = format!("edge: surely came to its rung {milliseconds} ms after somebody was asked");
            self.hit(&says, goes(&on));
        }
        let reported = |_: &ReleaseFacts, it: &PlacementSeen| {
            it.uses.iter().any(|seen| match &seen.by {
                UsedBy::Way(way) => matches!(way.path.first(), Some(Hop::Reported { .. })),
                UsedBy::Said(_) => false,
            })
        };
        self.hit("goes: reported of who was asked", goes(&reported));
    }

    fn edges_of_ladders(&mut self, world: &World, plan: &PruningPlan) {
        let now = world.now;
        let next_millisecond = after(now, 1);
        let next = |at: Timestamp, rung: Rung| {
            let mut due = plan.expendable.iter().filter_map(|going| going.next);
            due.any(|next| next == Next { rung, at })
        };
        for rung in [Rung::Deprecated, Rung::Disabled, Rung::Deregistered] {
            self.hit(&format!("edge: {rung} exactly now"), next(now, rung));
            self.hit(&format!("edge: {rung} in a millisecond"), next(next_millisecond, rung));
        }
        let tomorrow = |at: i64| {
            let next = Next {
                rung: Rung::Deregistered,
                at: after(now, DAY + at),
            };
            plan.expendable.iter().find(|going| going.next == Some(next))
        };
        let is_told = tomorrow(0).is_some_and(|going| plan.to_announce.contains(&going.ami));
        self.hit("edge: announced exactly a day ahead", is_told);
        let is_untold = tomorrow(1).is_some_and(|going| !plan.to_announce.contains(&going.ami));
        self.hit("edge: not announced a millisecond too soon", is_untold);
        let deregistered = |is: &dyn Fn(&PlacementSeen) -> bool| {
            let mut images = world.facts.releases.iter().flat_map(|release| &release.placements);
            images.any(|it| {
                let is_it = |step: &PruningStep| matches!(step.effect, Effect::Deregister { ami, .. } if ami == it.ami);
                plan.steps.iter().any(is_it) && is(it)
            })
        };
        let told = Some(after(now, -DAY));
        self.hit("edge: told exactly a day ago", deregistered(&|it| it.announced == told));
        let since = Some(after(now, 1 - DAY));
        let late = plan
            .blocked
            .iter()
            .any(|blocked| blocked.by == Blocker::NotAnnounced { since });
        self.hit("edge: told a millisecond too late", late);
        let days = |it: &PlacementSeen, more: i64| match (it.standing, it.reported) {
            (PlacementStanding::Disabled(Since { at: Some(at), .. }), Some(asked)) => {
                asked == after(at, 4 * DAY + more)
            }
            _ => false,
        };
        let without = world.facts.shared == Shared::WithoutRoles;
        self.hit(
            "edge: reported exactly four days later",
            without && deregistered(&|it| days(it, 0)),
        );
        let mut images = world.facts.releases.iter().flat_map(|release| &release.placements);
        let early = images.any(|it| {
            let is_it = |blocked: &Blocked| blocked.ami == it.ami && matches!(blocked.by, Blocker::NotReported { .. });
            days(it, -1) && plan.blocked.iter().any(is_it)
        });
        self.hit("edge: reported a millisecond too early", early);
    }

    fn mixtures(&mut self, world: &World, plan: &PruningPlan, expected: &Expected) {
        let releases = &world.facts.releases;
        let goes = |release: &ReleaseFacts| plan.expendable.iter().any(|going| going.release == release.release);
        for architecture in Architecture::ALL {
            let is_so = releases.iter().any(|release| {
                goes(release) && matches!(release.place, Place::Built { architecture: its, .. } if its == architecture)
            });
            self.hit(&format!("goes: built for {architecture}"), is_so);
        }
        let adopted = |release: &&ReleaseFacts| matches!(release.place, Place::Adopted { .. });
        self.hit("goes: adopted", releases.iter().filter(adopted).any(goes));
        let twins = releases.iter().filter(adopted).any(|one| {
            let is_twin = |other: &&ReleaseFacts| match (&one.place, &other.place) {
                (Place::Adopted { line, ami, .. }, Place::Adopted { line: its, ami: id, .. }) => {
                    line == its && ami != id && one.built == other.built
                }
                _ => false,
            };
            goes(one) && releases.iter().filter(is_twin).any(|twin| !goes(twin))
        });
        self.hit("goes: adopted, its twin of the same time stays", twins);
        let below = releases.iter().any(|one| match &one.place {
            Place::Adopted { line, .. } if line.group.is_empty() => releases.iter().any(|other| {
                matches!(other.place, Place::Built { architecture, .. } if architecture == line.architecture)
                    && goes(one)
            }),
            _ => false,
        });
        self.hit("goes: adopted, below builds", below);
        let left = |release: &ReleaseFacts| release.place == Place::LeftByFailedBuild && goes(release);
        self.hit("goes: left by a failed build", releases.iter().any(left));
        let reckoned = |release: &ReleaseFacts| release.since == ExpendableSince::Reckoned && goes(release);
        self.hit("goes: reckoned", releases.iter().any(reckoned));
        let partly = releases.iter().any(|release| {
            let images = || plan.expendable.iter().filter(|going| going.release == release.release);
            images().any(|going| Some(going.rung) != images().next().map(|first| first.rung))
        });
        self.hit("goes: its images on several rungs", partly);
        let beside = releases
            .iter()
            .any(|release| goes(release) && release.placements.iter().any(|it| it.unmanaged.is_some()));
        self.hit("goes: beside an image that is not ours", beside);
        let several = expected
            .fates
            .values()
            .any(|fate| matches!(fate, Fate::Stays(all) if all.len() > 2));
        self.hit("kept: by several rules", several);
    }
}

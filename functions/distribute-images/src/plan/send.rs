//! What is due where, of all families: a message to the worker of each target, or a few.

use std::collections::BTreeMap;

use steward::Target;
use steward::distribution::{DistributionWork, FamilyWork};
use steward::sweep::LastLooked;
use steward_aws::{Problem, Work, WorkQueue};
use steward_lambda::Moment;

use super::Dispatched;
use super::due::Due;
use super::handler::ONE_MOMENT;
use crate::Room;

/// So many releases one message names: a worker is done with them in minutes.
const IN_ONE_MESSAGE: usize = 50;
/// So many messages a target gets of one run: what is urgent by the next waits for no more than these.
const PARTS: usize = 20;
/// So many messages are sent at a time, and their targets written down as sent: whoever dies leaves no more than these to wait for.
const AT_A_TIME: usize = 400;

/// What is due of families, by its target.
#[derive(Default)]
pub(crate) struct Outgoing(BTreeMap<Target, Bundle>);

/// What goes to one target.
#[derive(Default)]
struct Bundle {
    /// What of each family cannot wait: what channels point to, and then how they are published and what consumers see.
    first: Vec<FamilyWork>,
    /// The families' other releases.
    others: Vec<FamilyWork>,
    /// When it was looked longest ago how channels are published there.
    published: Option<LastLooked>,
    /// The same of what its account sees.
    viewed: Option<LastLooked>,
}

impl Outgoing {
    /// Takes in what is due of a family.
    pub(crate) fn add(&mut self, due: Due) {
        let Due {
            target,
            family,
            pointed,
            others,
            publish,
            view,
        } = due;
        let bundle = self.0.entry(target).or_default();
        bundle.published = [bundle.published, publish].into_iter().flatten().min();
        bundle.viewed = [bundle.viewed, view].into_iter().flatten().min();
        let work = |releases, publish, view| FamilyWork {
            family: family.clone(),
            releases,
            publish,
            view,
        };
        if !pointed.is_empty() || publish.is_some() || view.is_some() {
            bundle.first.push(work(pointed, publish.is_some(), view.is_some()));
        }
        if !others.is_empty() {
            bundle.others.push(work(others, false, false));
        }
    }

    /// The most urgent first: releases, then what is to be published, then what consumers see; of these, targets that nobody has
    /// looked at, then those that wait longest.
    fn in_order(self) -> Vec<(Target, Bundle)> {
        let mut bundles: Vec<(Target, Bundle)> = self.0.into_iter().collect();
        bundles.sort_by_key(|(target, bundle)| urgency(*target, bundle));
        bundles
    }
}

fn urgency(target: Target, bundle: &Bundle) -> impl Ord + use<> {
    let Bundle {
        first,
        others,
        published,
        viewed,
    } = bundle;
    let is_of_none = first.iter().chain(others).all(|work| work.releases.is_empty());
    (is_of_none, published.is_none(), *published, *viewed, target)
}

impl Bundle {
    /// What each message names, in the order in which they are sent.
    fn in_parts(self) -> Vec<Vec<FamilyWork>> {
        let mut parts = Parts::default();
        let Self {
            first,
            others,
            published: _,
            viewed: _,
        } = self;
        first.into_iter().chain(others).for_each(|work| parts.add(work));
        parts.end();
        parts.ended.truncate(PARTS);
        parts.ended
    }
}

/// What goes to one target, in pieces for which a message has room each.
#[derive(Default)]
struct Parts {
    ended: Vec<Vec<FamilyWork>>,
    open: Vec<FamilyWork>,
    /// So many releases the open one names.
    releases: usize,
}

impl Parts {
    fn add(&mut self, mut work: FamilyWork) {
        let room = IN_ONE_MESSAGE - self.releases;
        if work.releases.len() <= room {
            self.push(work);
            return;
        }
        let later = FamilyWork {
            family: work.family.clone(),
            releases: work.releases.split_off(room),
            ..work
        };
        // Nothing is published before the last release that a channel points to was looked at.
        let now = FamilyWork {
            publish: false,
            view: false,
            ..work
        };
        if room > 0 {
            self.push(now);
        }
        self.end();
        self.add(later);
    }

    /// A family is named once in a message: what holds for all its releases is read once then.
    fn push(&mut self, work: FamilyWork) {
        self.releases += work.releases.len();
        match self.open.iter_mut().find(|there| there.family == work.family) {
            Some(there) => there.releases.extend(work.releases),
            None => self.open.push(work),
        }
    }

    fn end(&mut self) {
        self.releases = 0;
        if !self.open.is_empty() {
            self.ended.push(std::mem::take(&mut self.open));
        }
    }
}

/// What is sent to a target: one message after the other.
type Parted = (Target, Vec<Work<DistributionWork>>);

/// Sends it, but where a worker is at it still.
pub(crate) async fn send(room: &Room, run: &str, outgoing: Outgoing, moment: Moment) -> Result<Dispatched, Problem> {
    let mut outcome = Dispatched::default();
    let Some(queue) = &room.queue else {
        return Ok(outcome);
    };
    let busy = room.record.sent(moment.now).await?;
    let (busy, free): (Vec<_>, Vec<_>) = outgoing
        .in_order()
        .into_iter()
        .partition(|(target, _)| busy.contains(target));
    outcome.busy = busy.len();
    let parted: Vec<Parted> = free
        .into_iter()
        .map(|(target, bundle)| (target, work(run, target, bundle)))
        .collect();
    for some in at_a_time(parted) {
        if !moment.deadline.leaves(ONE_MOMENT) {
            outcome.unfinished = true;
            break;
        }
        hand_over(room, queue, &some, moment).await?;
        outcome.messages += some.iter().map(|(_, parts)| parts.len()).sum::<usize>();
    }
    Ok(outcome)
}

/// The same, as much of it as is sent at a time. All messages of a target go together.
fn at_a_time(parted: Vec<Parted>) -> Vec<Vec<Parted>> {
    let mut all: Vec<Vec<Parted>> = Vec::new();
    let mut messages = 0;
    for (target, parts) in parted {
        messages += parts.len();
        match all.last_mut() {
            Some(some) if messages <= AT_A_TIME => some.push((target, parts)),
            Some(_) | None => {
                messages = parts.len();
                all.push(vec![(target, parts)]);
            }
        }
    }
    all
}

fn work(run: &str, target: Target, bundle: Bundle) -> Vec<Work<DistributionWork>> {
    let parts = bundle.in_parts();
    let last = parts.len();
    let message = |(n, families)| {
        let body = DistributionWork {
            run: run.to_owned(),
            target,
            families,
            more: n < last,
        };
        let once = body.once();
        Work { target, once, body }
    };
    (1..).zip(parts).map(message).collect()
}

/// Written down first: work that nobody knows of would be sent twice.
async fn hand_over(room: &Room, queue: &WorkQueue, parted: &[Parted], moment: Moment) -> Result<(), Problem> {
    let targets = || parted.iter().map(|(target, _)| *target);
    room.record.mark_sent(targets(), moment.now).await?;
    if let Err(problem) = send_in_turn(queue, parted).await {
        // Some may have gone: a worker that is sent twice finds nothing to do.
        for target in targets() {
            room.record.mark_done(target).await?;
        }
        return Err(problem);
    }
    Ok(())
}

/// Of each target one message, then its next: calls are made at once, and a target's last is to come last.
async fn send_in_turn(queue: &WorkQueue, parted: &[Parted]) -> Result<(), Problem> {
    let most = parted.iter().map(|(_, parts)| parts.len()).max().unwrap_or_default();
    for turn in 0..most {
        let of_turn = parted.iter().filter_map(|(_, parts)| parts.get(turn));
        let of_turn: Vec<Work<DistributionWork>> = of_turn.cloned().collect();
        queue.send(&of_turn).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use steward::{FamilyName, ReleaseId};

    use super::*;

    fn release(n: u16) -> ReleaseId {
        format!("{n:04x}").repeat(8).parse().unwrap()
    }

    fn due(target: &str, family: &str, releases: u16, publish: Option<LastLooked>) -> Due {
        let family: FamilyName = family.parse().unwrap();
        Due {
            target: target.parse().unwrap(),
            family,
            pointed: Vec::new(),
            others: (0..releases).map(release).collect(),
            publish,
            view: None,
        }
    }

    fn viewed(target: &str, view: LastLooked) -> Due {
        Due {
            view: Some(view),
            ..due(target, "web", 0, None)
        }
    }

    fn at(moment: &str) -> LastLooked {
        LastLooked::At(moment.parse().unwrap())
    }

    fn sent(due: impl IntoIterator<Item = Due>) -> Vec<String> {
        let mut outgoing = Outgoing::default();
        due.into_iter().for_each(|due| outgoing.add(due));
        let said = |FamilyWork {
                        family,
                        releases,
                        publish,
                        view,
                    }: &FamilyWork| {
            let publish = if *publish { " publish" } else { "" };
            let view = if *view { " view" } else { "" };
            format!(" {family} {}{publish}{view}", releases.len())
        };
        let all = outgoing.in_order().into_iter();
        let parts = all.flat_map(|(target, bundle)| bundle.in_parts().into_iter().map(move |part| (target, part)));
        parts
            .map(|(target, part)| format!("{target}:{}", part.iter().map(said).collect::<Vec<_>>().join(",")))
            .collect()
    }

    #[test]
    fn a_target_gets_one_message_for_all_families_and_more_where_a_worker_has_no_time_for_all_releases() {
        let here = "111122223333/eu-west-1";
        let due = [
            due(here, "base", 30, None),
            due(here, "web", 75, Some(LastLooked::Never)),
            due(here, "db", 3, None),
            due(here, "app", 0, Some(LastLooked::Never)),
        ];
        assert_eq!(
            sent(due),
            [
                "111122223333/eu-west-1: web 20 publish, app 0 publish, base 30",
                "111122223333/eu-west-1: web 50",
                "111122223333/eu-west-1: web 5, db 3",
            ]
        );
    }

    #[test]
    fn what_channels_point_to_goes_first_and_is_published_once_all_of_it_was_looked_at() {
        let here = "111122223333/eu-west-1";
        let with = |pointed: u16, others, family, publish| Due {
            pointed: (50..50 + pointed).map(release).collect(),
            ..due(here, family, others, publish)
        };
        let never = Some(LastLooked::Never);
        assert_eq!(
            sent([
                with(0, 60, "base", None),
                with(2, 3, "web", never),
                with(49, 0, "db", never)
            ]),
            [
                "111122223333/eu-west-1: web 2 publish, db 48",
                "111122223333/eu-west-1: db 1 publish, base 49",
                "111122223333/eu-west-1: base 11, web 3",
            ]
        );
    }

    #[test]
    fn each_message_but_a_targets_last_says_that_there_is_more() {
        let mut outgoing = Outgoing::default();
        outgoing.add(due("111122223333/eu-west-1", "web", 120, None));
        outgoing.add(due("111122223333/us-east-1", "web", 50, None));
        let bundles = outgoing.in_order().into_iter();
        let sent = bundles.flat_map(|(target, bundle)| work("run", target, bundle));
        let sent: Vec<(Target, bool)> = sent.map(|work| (work.target, work.body.more)).collect();
        let of = |target: &str, more| (target.parse().unwrap(), more);
        assert_eq!(
            sent,
            [
                of("111122223333/eu-west-1", true),
                of("111122223333/eu-west-1", true),
                of("111122223333/eu-west-1", false),
                of("111122223333/us-east-1", false),
            ]
        );
    }

    #[test]
    fn a_run_sends_a_target_twenty_messages_at_most_and_the_last_says_that_no_more_come() {
        let mut outgoing = Outgoing::default();
        outgoing.add(due("111122223333/eu-west-1", "web", 1_001, None));
        let bundles = outgoing.in_order().into_iter();
        let sent = bundles.flat_map(|(target, bundle)| work("run", target, bundle));
        let more: Vec<bool> = sent.map(|work| work.body.more).collect();
        let mut expected = [true; PARTS];
        expected[PARTS - 1] = false;
        assert_eq!(more, expected);
    }

    #[test]
    fn no_more_messages_go_at_a_time_than_one_may_leave_behind_and_all_of_a_target_together() {
        let mut outgoing = Outgoing::default();
        for account in 111_122_223_333_u64..111_122_223_334 + 200 {
            outgoing.add(due(&format!("{account}/eu-west-1"), "web", 150, None));
        }
        let bundles = outgoing.in_order().into_iter();
        let parted = bundles.map(|(target, bundle)| (target, work("run", target, bundle)));
        let all = at_a_time(parted.collect());
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [133, 68]);
    }

    #[test]
    fn releases_go_before_what_is_only_to_be_published_and_that_by_who_waits_longest() {
        let of = |region: &str, releases, publish| due(&format!("111122223333/{region}"), "web", releases, publish);
        let due = [
            of("ap-northeast-1", 0, Some(at("2026-01-19T00:00:00Z"))),
            of("eu-west-1", 0, Some(at("2026-01-18T00:00:00Z"))),
            of("us-east-1", 0, Some(LastLooked::Never)),
            of("us-west-2", 1, None),
        ];
        let regions: Vec<String> = sent(due)
            .iter()
            .map(|line| line[13..].split(':').next().unwrap().to_owned())
            .collect();
        assert_eq!(regions, ["us-west-2", "us-east-1", "eu-west-1", "ap-northeast-1"]);
    }

    #[test]
    fn what_consumers_see_goes_last_by_who_waits_longest_and_with_what_goes_there_anyhow() {
        let publishing = |account: &str| {
            due(
                &format!("{account}/eu-west-1"),
                "web",
                0,
                Some(at("2026-01-19T00:00:00Z")),
            )
        };
        let due = [
            viewed("222233334444/eu-west-1", at("2026-01-18T00:00:00Z")),
            viewed("333344445555/eu-west-1", LastLooked::Never),
            publishing("444455556666"),
            Due {
                view: Some(LastLooked::Never),
                ..publishing("555566667777")
            },
        ];
        assert_eq!(
            sent(due),
            [
                "444455556666/eu-west-1: web 0 publish",
                "555566667777/eu-west-1: web 0 publish view",
                "333344445555/eu-west-1: web 0 view",
                "222233334444/eu-west-1: web 0 view",
            ]
        );
    }
}

//! What is due where, of all families: one message to the worker of each target.

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
/// So many targets are written down as sent, and sent, at a time: whoever dies leaves no more than these to wait for.
const AT_A_TIME: usize = 400;

/// What is due of families, by its target.
#[derive(Default)]
pub(crate) struct Outgoing(BTreeMap<Target, Bundle>);

/// What goes to one target.
#[derive(Default)]
struct Bundle {
    families: Vec<FamilyWork>,
    releases: usize,
    /// When it was looked longest ago how channels are published there.
    published: Option<LastLooked>,
    /// The same of what its account sees.
    viewed: Option<LastLooked>,
}

impl Outgoing {
    /// Takes in what is due of a family. What a message has no room for is due with the next sweep.
    pub(crate) fn add(&mut self, due: Due) {
        let Due {
            target,
            family,
            mut releases,
            publish,
            view,
        } = due;
        let bundle = self.0.entry(target).or_default();
        releases.truncate(IN_ONE_MESSAGE - bundle.releases);
        if releases.is_empty() && publish.is_none() && view.is_none() {
            return;
        }
        bundle.releases += releases.len();
        bundle.published = [bundle.published, publish].into_iter().flatten().min();
        bundle.viewed = [bundle.viewed, view].into_iter().flatten().min();
        bundle.families.push(FamilyWork {
            family,
            releases,
            publish: publish.is_some(),
            view: view.is_some(),
        });
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
        families: _,
        releases,
        published,
        viewed,
    } = bundle;
    (*releases == 0, published.is_none(), *published, *viewed, target)
}

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
    let work: Vec<Work<DistributionWork>> = free
        .into_iter()
        .map(|(target, bundle)| work(run, target, bundle))
        .collect();
    for some in work.chunks(AT_A_TIME) {
        if !moment.deadline.leaves(ONE_MOMENT) {
            outcome.unfinished = true;
            break;
        }
        hand_over(room, queue, some, moment).await?;
        outcome.messages += some.len();
    }
    Ok(outcome)
}

fn work(run: &str, target: Target, bundle: Bundle) -> Work<DistributionWork> {
    let Bundle {
        families,
        releases: _,
        published: _,
        viewed: _,
    } = bundle;
    Work {
        target,
        once: format!("{run}-{target}"),
        body: DistributionWork {
            run: run.to_owned(),
            target,
            families,
        },
    }
}

/// Written down first: work that nobody knows of would be sent twice.
async fn hand_over(
    room: &Room,
    queue: &WorkQueue,
    work: &[Work<DistributionWork>],
    moment: Moment,
) -> Result<(), Problem> {
    let targets = || work.iter().map(|work| work.target);
    room.record.mark_sent(targets(), moment.now).await?;
    if let Err(problem) = queue.send(work).await {
        // Some may have gone: a worker that is sent twice finds nothing to do.
        for target in targets() {
            room.record.mark_done(target).await?;
        }
        return Err(problem);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use steward::{FamilyName, ReleaseId};

    use super::*;

    fn release(n: u8) -> ReleaseId {
        format!("{n:0>2}").repeat(16).parse().unwrap()
    }

    fn due(target: &str, family: &str, releases: u8, publish: Option<LastLooked>) -> Due {
        let family: FamilyName = family.parse().unwrap();
        Due {
            target: target.parse().unwrap(),
            family,
            releases: (0..releases).map(release).collect(),
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
        all.map(|(target, bundle)| {
            format!(
                "{target}:{}",
                bundle.families.iter().map(said).collect::<Vec<_>>().join(",")
            )
        })
        .collect()
    }

    #[test]
    fn a_target_gets_one_message_for_all_families_and_no_more_releases_than_a_worker_has_time_for() {
        let here = "111122223333/eu-west-1";
        let due = [
            due(here, "base", 30, None),
            due(here, "web", 30, Some(LastLooked::Never)),
            due(here, "db", 3, None),
            due(here, "app", 3, Some(LastLooked::Never)),
        ];
        assert_eq!(
            sent(due),
            ["111122223333/eu-west-1: base 30, web 20 publish, app 0 publish"]
        );
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

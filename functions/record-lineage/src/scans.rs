//! Scans that go on longer than a day: looked at once a day, until one ends or nobody expects it to any more.

use steward::{BuildFacts, CanonicalName, Duration, Heard, Scan, Words};
use steward_aws::{LateScan, Problem};
use steward_lambda::Moment;

use crate::look::write_details;
use crate::{ONE_LOOK, Outcome, Room};

/// A scan that goes on is looked at again after so long.
const DAILY: Duration = Duration::hours(24);
/// One that has said nothing so long after its build began will say nothing.
const LONGEST_SCAN: Duration = Duration::days(14);

/// Writes down that a build's scan goes on, and is to be looked at again; or, where it has for too long, that nobody waits for
/// it any more: what it would find is unknown.
pub(crate) async fn wait_for_scan(room: &Room, build: &BuildFacts, moment: Moment) -> Result<(), Problem> {
    let release = CanonicalName::Build(build.build.clone()).id();
    let until = build.created.and_then(|created| created.checked_add(LONGEST_SCAN));
    let next = moment.now.checked_add(DAILY);
    if let (Some(until), Some(next)) = (until, next)
        && moment.now < until
    {
        let scan = LateScan {
            build: build.build.clone(),
            next,
            until,
        };
        return room.record.wait_for_scan(release, &scan).await;
    }
    let given_up = Heard {
        event: format!("{release}-scan"),
        at: moment.now,
        says: Words::from("its scan has not ended for 14 days: what it would find is unknown"),
    };
    room.record.hear(release, &given_up, moment.now).await.map(drop)?;
    room.record.end_scan(release).await
}

/// Looks again at each scan whose day has come.
pub(crate) async fn settle_scans(room: &Room, moment: Moment) -> Result<Outcome, Problem> {
    let mut total = Outcome::default();
    for scan in room.record.late_scans().await? {
        if moment.now < scan.next {
            continue;
        }
        if !moment.deadline.leaves(ONE_LOOK) {
            total.unfinished = true;
            return Ok(total);
        }
        total.looked_at += 1;
        match Box::pin(settle(room, &scan, moment)).await {
            Ok(()) => {}
            // One that cannot be read must not hide the others.
            Err(problem) => total.problems.push(problem.to_string()),
        }
    }
    Ok(total)
}

async fn settle(room: &Room, scan: &LateScan, moment: Moment) -> Result<(), Problem> {
    let release = CanonicalName::Build(scan.build.clone()).id();
    let is_scanned = async || {
        let card = room.record.card(release).await?;
        Ok::<_, Problem>(card.is_some_and(|card| card.scanned.is_some()))
    };
    // Its event may have come.
    if is_scanned().await? {
        return room.record.end_scan(release).await;
    }
    let Some(build) = room.aws.at(room.aws.hub()).await.build(&scan.build).await? else {
        return room.record.end_scan(release).await;
    };
    match build.scan {
        Scan::None => room.record.end_scan(release).await,
        // Nothing is listed while there is nothing new.
        Scan::UnderWay => wait_for_scan(room, &build, moment).await,
        Scan::Done => {
            write_details(room, &build, moment).await?;
            if is_scanned().await? {
                room.record.end_scan(release).await?;
            }
            Ok(())
        }
    }
}

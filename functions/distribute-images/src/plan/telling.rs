//! Who is told of releases that became usable: by what the record has once their families' channels were decided.

use steward::Timestamp;
use steward::telling::{Telling, decide_telling};
use steward_aws::{Cause, Member, Problem, Topic};
use steward_lambda::Moment;
use tracing::{error, info, warn};

use super::Dispatched;
use super::family::Family;
use super::handler::ONE_MOMENT;
use crate::Room;

/// Tells of each release that became usable and that nobody was told of. What fails is tried again by the next sweep, and keeps
/// nothing else from being done.
pub(crate) async fn tell_people(room: &Room, news: &[Family<'_>], moment: Moment) -> Dispatched {
    let mut outcome = Dispatched::default();
    let Some(topic) = &room.releases else {
        return outcome;
    };
    let untold = news.iter().flat_map(|family| {
        let untold = family.untold();
        untold.map(move |(member, usable)| (family, member, usable))
    });
    for (family, member, usable) in untold {
        if !moment.deadline.leaves(ONE_MOMENT) {
            outcome.unfinished = true;
            break;
        }
        let title = format!("{}/{} ({})", family.manifest.family, member.order, member.architecture);
        match Box::pin(tell_of(room, topic, family, (member, usable), moment)).await {
            Ok(Told::Sent) => outcome.told.push(title),
            Ok(Told::GivenUp) => {
                error!(release = title, "a message was given up");
                outcome.untold.push(format!("{title}: given up"));
            }
            Ok(Told::Nothing) => info!(release = title, "there is nothing to tell now"),
            Err(problem) => {
                warn!(release = title, %problem, "a message was not sent");
                outcome.untold.push(format!("{title}: {problem}"));
                // A topic that does not even refuse would take all the time there is.
                if !matches!(problem.cause, Cause::Refused { .. }) {
                    break;
                }
            }
        }
    }
    outcome
}

/// What came of a message.
enum Told {
    Sent,
    GivenUp,
    /// It is revoked, or no news, or somebody else is at it.
    Nothing,
}

async fn tell_of(
    room: &Room,
    topic: &Topic,
    family: &Family<'_>,
    (member, usable): (&Member, Timestamp),
    moment: Moment,
) -> Result<Told, Problem> {
    let name = &family.manifest.family;
    let facts = room
        .record
        .telling_facts((name, &family.held), (member, usable), moment.now);
    match decide_telling(facts.await?) {
        Telling::Wait => return Ok(Told::Nothing),
        Telling::Never => {
            room.record.end_telling(name, member, None).await?;
            return Ok(Told::Nothing);
        }
        Telling::GiveUp => {
            room.record.end_telling(name, member, None).await?;
            return Ok(Told::GivenUp);
        }
        Telling::Now => {}
    }
    let message = room.record.release_message(
        (family.manifest, Some(&family.audience)),
        &family.held,
        (member, usable),
    );
    let message = message.await?;
    if !room.record.claim_telling(name, member, moment.now).await? {
        return Ok(Told::Nothing);
    }
    if let Err(problem) = topic.publish(&message).await {
        room.record.free_telling(name, member, moment.now).await?;
        return Err(problem);
    }
    room.record.end_telling(name, member, Some(moment.now)).await?;
    Ok(Told::Sent)
}

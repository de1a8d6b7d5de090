//! A family's channels: moved where that is due, by what the record has of its releases.

use std::collections::BTreeSet;

use steward::channels::{Answer, Moved, ReleaseSeen, ReleaseStanding, decide_request};
use steward::{ChannelName, OwnEvent, Words};
use steward_aws::{Problem, SwitchState};
use steward_lambda::{Moment, tell};
use tracing::{error, info};

use super::Dispatched;
use super::family::Family;
use crate::Room;

/// Moves the channels of a family that are to move, writes down which releases became usable, and tells both.
pub(crate) async fn move_channels(room: &Room, family: &mut Family<'_>, moment: Moment) -> Result<Dispatched, Problem> {
    let mut outcome = Dispatched::default();
    let manifest = (&family.manifest.distribute, family.number);
    let read = room
        .record
        .releases_seen(&family.held, manifest, Some(&family.audience));
    let mut releases = read.await?;
    mark_usable(room, &mut *family, &releases, moment).await?;
    answer_requests(room, family, &mut releases, &mut outcome, moment).await?;
    let plan = room
        .record
        .plan_channels(family.manifest, &family.held, &mut releases, moment.now);
    let plan = plan.await?;
    let name = &family.manifest.family;
    for (channel, waits) in &plan.waits {
        for wait in waits {
            if wait.is_alarm() {
                error!(family = %name, %channel, why = %wait, "a channel holds");
                outcome.holds.push(format!("{channel} of {name}: {wait}"));
            } else {
                info!(family = %name, %channel, why = %wait, "a channel waits");
            }
        }
    }
    let moving: BTreeSet<ChannelName> = plan.moves.keys().cloned().collect();
    for (channel, moved) in plan.moves {
        // What follows another channel follows once that one's move is written: somebody may move it meanwhile.
        let source = family.source(&channel);
        if source.is_some_and(|source| moving.contains(source)) {
            continue;
        }
        if let SwitchState::Paused(why) = room.record.may_act(room.switch_at_first).await {
            outcome.paused = Some(why);
            break;
        }
        move_one(room, family, channel, source, moved, &mut outcome).await?;
    }
    Ok(outcome)
}

/// Writes a move, and tells it. Where somebody moved the channel, or what it follows, a moment ago, the next sweep decides by
/// that.
async fn move_one(
    room: &Room,
    family: &mut Family<'_>,
    channel: ChannelName,
    source: Option<&ChannelName>,
    moved: Moved,
    outcome: &mut Dispatched,
) -> Result<(), Problem> {
    let name = &family.manifest.family;
    let before = family.held.channels.get(&channel);
    let source = source.map(|source| (source, family.held.channels.get(source)));
    let written = room.record.move_channel(name, (&channel, before), source, &moved);
    if !written.await? {
        return Ok(());
    }
    outcome.moved.push(format!("{channel} of {name}: {}", moved.why));
    let event = OwnEvent::ChannelMoved {
        family: name.clone(),
        channel: channel.clone(),
        releases: moved.to.clone(),
        number: moved.number,
    };
    tell(&room.bus, &event).await;
    family.held.channels.entry(channel).or_default().history.push(moved);
    Ok(())
}

/// Does what persons asked of channels where that can be done by now, and ends what comes to nothing.
async fn answer_requests(
    room: &Room,
    family: &mut Family<'_>,
    releases: &mut [ReleaseSeen],
    outcome: &mut Dispatched,
    moment: Moment,
) -> Result<(), Problem> {
    let manifest = family.manifest;
    let name = &manifest.family;
    for (channel, request) in family.held.open_requests(manifest, moment.now) {
        room.record.mark_revoked(releases, &request.wanted, moment.now).await?;
        let facts = family.held.facts(manifest, releases, moment.now);
        let over = match decide_request(facts, &channel, &request) {
            Answer::Moves(moved) => {
                if let SwitchState::Paused(why) = room.record.may_act(room.switch_at_first).await {
                    outcome.paused = Some(why);
                    break;
                }
                move_one(room, family, channel, None, moved, outcome).await?;
                continue;
            }
            Answer::Waits(why) => {
                info!(family = %name, %channel, %why, "what somebody asked of a channel waits");
                continue;
            }
            Answer::Met => Words::from(format!("{channel} points there, and it is restored")),
            Answer::Refused(refusal) => Words::from(refusal.to_string()),
        };
        info!(family = %name, %channel, why = %over, "what somebody asked of a channel is over");
        let of = (&channel, &request);
        room.record.end_request(name, of, &over, moment.now).await?;
        family.held.requests.remove(&channel);
    }
    Ok(())
}

/// Writes down which releases are usable everywhere for the first time, and tells it.
async fn mark_usable(
    room: &Room,
    family: &mut Family<'_>,
    releases: &[ReleaseSeen],
    moment: Moment,
) -> Result<(), Problem> {
    let name = &family.manifest.family;
    for (member, seen) in family.held.members.iter_mut().zip(releases) {
        if member.usable.is_some() || seen.standing != ReleaseStanding::Usable {
            continue;
        }
        if room.record.mark_usable(name, member, moment.now).await? {
            let event = OwnEvent::ReleaseUsable {
                release: member.release,
                family: name.clone(),
                architecture: member.architecture,
                version: member.order,
            };
            tell(&room.bus, &event).await;
            (member.usable, member.untold) = (Some(moment.now), true);
        }
    }
    Ok(())
}

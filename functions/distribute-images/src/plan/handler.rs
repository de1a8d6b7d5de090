use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use steward::distribution::{audience_notes, owner_notes};
use steward::manifest::Manifest;
use steward::organization::OrganizationSeen;
use steward::{AccountId, Wake};
use steward_aws::{HeldAudience, Holding, Problem};
use steward_lambda::{Failure, Moment, end};

use super::Dispatched;
use super::audience::{audience, organization, unknown};
use super::channels::move_channels;
use super::due::due;
use super::family::Family;
use super::gone::{note_gone, owners_elsewhere};
use super::send::{Outgoing, send};
use super::telling::tell_people;
use crate::Room;

/// Less time than this is too little to send more.
pub(crate) const ONE_MOMENT: Duration = Duration::from_mins(1);
/// Less than this is too little to read another family: what is due of the others is still to be sent.
const ONE_FAMILY: Duration = Duration::from_mins(2);

/// Milliseconds from one sweep to the next.
const SWEEP: i64 = 300_000;

/// Wake → facts → decision → work. Whatever wakes it, it goes through all families: a few reads each, where nothing is due.
pub async fn plan_distribution(room: &Room, event: &Value, run: &str, moment: Moment) -> Result<Dispatched, Failure> {
    let outcome = match Wake::read(event, &room.topic) {
        Ok(Wake::Sweep | Wake::Ami { .. } | Wake::Told) => Box::pin(dispatch(room, run, None, moment)).await?,
        Ok(Wake::Organization { account, .. }) => Box::pin(dispatch(room, run, Some(account), moment)).await?,
        Ok(
            Wake::Build { .. }
            | Wake::Scan { .. }
            | Wake::Pipeline { .. }
            | Wake::Container { .. }
            | Wake::Inputs { .. }
            | Wake::Vendor { .. }
            | Wake::Snapshot { .. },
        ) => Dispatched::refused("distribution is woken by images, accounts, our own events and the sweep"),
        Err(refusal) => Dispatched::refused(refusal),
    };
    end(&room.record, event, outcome, moment).await
}

/// Every family whose manifest makes images. What an account tells of its organization, only the one that manages it can know;
/// where that cannot be read, the wake is a sweep like another.
async fn dispatch(room: &Room, run: &str, told_by: Option<AccountId>, moment: Moment) -> Result<Dispatched, Problem> {
    let mut total = Dispatched::default();
    let mut manifests = manifests(room, &mut total).await?;
    let mut owners = owners_elsewhere(room).await?;
    let organization = organization(room, &manifests, !owners.is_empty(), moment).await;
    if let (Some(account), Ok(seen)) = (told_by, &organization)
        && account != seen.arn().management_account()
    {
        let manages = seen.arn().management_account();
        return Ok(Dispatched::refused(format!(
            "it is of the account {account}, and {manages} manages the organization"
        )));
    }
    // Where time runs out, it is not always the same families that go without.
    let turn = usize::try_from(moment.now.as_millisecond() / SWEEP).unwrap_or_default();
    let count = manifests.len().max(1);
    manifests.rotate_left(turn % count);
    let (mut outgoing, mut news) = (Outgoing::default(), Vec::new());
    for (manifest, number) in &manifests {
        if !moment.deadline.leaves(ONE_FAMILY) {
            total.unfinished = true;
            break;
        }
        let held = match audience(room, (manifest, *number), organization.as_ref(), moment).await {
            Ok(held) => held,
            Err(problem) => {
                total.problems.push(problem.to_string());
                continue;
            }
        };
        let mut notes = owner_notes(&manifest.distribute, room.aws.hub().account(), organization.as_ref());
        if let Ok(seen) = &organization {
            notes.extend(audience_notes(&manifest.distribute.share_with, seen));
        }
        let notes = notes.iter().map(|note| format!("{}: {note}", manifest.family));
        total.notes.extend(notes);
        if let Some(why) = unknown(&held) {
            total
                .problems
                .push(format!("who may copy {} is not known: {why}", manifest.family));
        }
        let known = (held, organization.as_ref().ok());
        let gathered = (&mut outgoing, &mut news, &mut owners);
        let one = one_family(room, (manifest, *number), known, gathered, moment);
        match Box::pin(one).await {
            Ok(part) => total.add(part),
            // One family must not hold up the others.
            Err(problem) => total.problems.push(problem.to_string()),
        }
    }
    if let Ok(seen) = &organization
        && let Err(problem) = note_gone(room, owners, seen).await
    {
        total.problems.push(problem.to_string());
    }
    match Box::pin(send(room, run, outgoing, moment)).await {
        Ok(part) => total.add(part),
        // Nobody hears of a release the later for it.
        Err(problem) => total.problems.push(problem.to_string()),
    }
    total.add(Box::pin(tell_people(room, &news, moment)).await);
    Ok(total)
}

/// Channels first: where they point to is published by the work that is sent then, and told of last. In observe mode nobody brings
/// anything to where it must be, no channel moves, and there is no news.
async fn one_family<'a>(
    room: &Room,
    manifest: (&'a Manifest, u32),
    (held, organization): (HeldAudience, Option<&'a OrganizationSeen>),
    (outgoing, news, owners): (&mut Outgoing, &mut Vec<Family<'a>>, &mut BTreeSet<AccountId>),
    moment: Moment,
) -> Result<Dispatched, Problem> {
    let mut family = Box::pin(Family::read(room, manifest, held, organization, moment.now)).await?;
    owners.extend(family.accounts());
    let mut outcome = Dispatched {
        families: 1,
        ..Dispatched::default()
    };
    let mut decided = false;
    if room.queue.is_some() {
        // What is revoked or was read in vain must not hold up who may use what.
        match Box::pin(move_channels(room, &mut family, moment)).await {
            Ok(moved) => {
                decided = true;
                outcome.add(moved);
            }
            Err(problem) => outcome.problems.push(problem.to_string()),
        }
    }
    // Where a channel points to by now is to be published with members.
    Box::pin(family.read_members_if_due(room, moment.now)).await?;
    for due in Box::pin(due(room, &family, moment)).await? {
        outcome.due += due.releases();
        outcome.publications += usize::from(due.publish.is_some());
        outcome.views += usize::from(due.view.is_some());
        outgoing.add(due);
    }
    if decided && family.untold().next().is_some() {
        if family.held.rest.is_some() {
            // People are told how it stands with each member.
            Box::pin(family.read_stood(room)).await?;
        }
        news.push(family);
    }
    Ok(outcome)
}

/// Every manifest of images that holds, with its number.
async fn manifests(room: &Room, total: &mut Dispatched) -> Result<Vec<(Manifest, u32)>, Problem> {
    let mut manifests = Vec::new();
    for Holding { version, manifest, .. } in room.record.all_holding().await? {
        match manifest {
            Ok(manifest) if manifest.makes_images() => manifests.push((manifest, version)),
            Ok(_) => {}
            Err(unreadable) => total.problems.push(unreadable.to_string()),
        }
    }
    Ok(manifests)
}

//! Who may use each family, looked up by each sweep, so that no worker need read the whole organization.

use std::collections::BTreeSet;

use steward::distribution::{
    Places, SnapshotAudience, audience_accounts, audience_places, resolve_audience, resolve_owners,
};
use steward::manifest::{Audience, Manifest};
use steward::organization::OrganizationSeen;
use steward::{Duration, Words};
use steward_aws::{HeldAudience, Problem};
use steward_lambda::Moment;

use crate::Room;

/// Workers take what is younger than an hour: it is written again well before.
const AGAIN: Duration = Duration::minutes(25);

/// The organization, read once for all families; an error where none of them asks for it, nor any account beside the hub owns
/// images (`owned_elsewhere`): manifests may name that one no more, and it may be closed all the same.
pub(crate) async fn organization(
    room: &Room,
    manifests: &[(Manifest, u32)],
    owned_elsewhere: bool,
    moment: Moment,
) -> Result<OrganizationSeen, Words> {
    let audiences = || manifests.iter().map(|(manifest, _)| &manifest.distribute.share_with);
    let mut units = BTreeSet::new();
    for audience in audiences() {
        units.extend(audience.units.iter().map(|unit| unit.unit().clone()));
    }
    let names = |audience: &Audience| !audience.accounts.is_empty() || !audience.organizations.is_empty();
    let owns = |(manifest, _): &(Manifest, u32)| !manifest.distribute.copy_to.is_empty();
    let asks = owned_elsewhere || audiences().any(names) || manifests.iter().any(owns);
    if !asks && units.is_empty() {
        return Err(Words::from("no family names an account, a unit or an organization"));
    }
    let read = room.organizations.read(&units, moment.now).await;
    read.map_err(|problem| Words::from(problem.to_string()))
}

/// Who may use a family, written down where it changed or workers would soon find it too old.
pub(crate) async fn audience(
    room: &Room,
    (manifest, number): (&Manifest, u32),
    organization: Result<&OrganizationSeen, &Words>,
    moment: Moment,
) -> Result<HeldAudience, Problem> {
    let before = room.record.audience(&manifest.family).await?;
    let audience = resolve_audience(&manifest.distribute.share_with, room.aws.hub().account(), organization);
    let last = before.as_ref().filter(|before| before.manifest == number);
    let (audience, digest) = match last {
        Some(last) if organization.is_err() => audience.unread((&last.audience, &last.digest)),
        Some(_) | None => {
            let digest = audience.digest();
            (audience, digest)
        }
    };
    let readers = audience_accounts(&manifest.distribute.share_with, room.aws.hub().account(), organization);
    let (readers, unread_since) = match (readers, last) {
        (Ok(readers), _) => (Some(readers), None),
        (Err(_), Some(last)) if organization.is_err() => {
            (last.readers.clone(), Some(last.unread_since.unwrap_or(last.as_of)))
        }
        (Err(_), Some(_) | None) => (None, None),
    };
    // Who is known to be closed stays out as well while nobody knows.
    let owners = match last {
        Some(last) if organization.is_err() => last.owners.clone(),
        Some(_) | None => resolve_owners(&manifest.distribute, room.aws.hub().account(), organization),
    };
    let places = match organization {
        Ok(seen) => audience_places(&manifest.distribute.share_with, seen),
        // Accounts move seldom.
        Err(_) => last.map_or_else(Places::new, |last| last.places.clone()),
    };
    let held = HeldAudience {
        readers,
        unread_since,
        owners,
        places,
        publish_under: room.publish_under.clone(),
        audience,
        manifest: number,
        digest,
        as_of: moment.now,
    };
    let serves = |before: &HeldAudience| {
        let until = before.as_of.checked_add(AGAIN);
        let same = before.manifest == number
            && before.digest == held.digest
            && before.readers == held.readers
            && before.unread_since == held.unread_since
            && before.owners == held.owners
            && before.places == held.places
            && before.publish_under == held.publish_under;
        same && until.is_none_or(|until| moment.now < until)
    };
    match before {
        Some(before) if serves(&before) => Ok(before),
        _ => {
            room.record.write_audience(&manifest.family, &held).await?;
            Ok(held)
        }
    }
}

/// Why it is not known who may copy a family's images.
pub(crate) fn unknown(held: &HeldAudience) -> Option<&Words> {
    match &held.audience.snapshots {
        SnapshotAudience::Known(_) => None,
        SnapshotAudience::Unknown(why) => Some(why),
    }
}

//! Snapshots: made, copied, described, deleted.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::Duration;

use super::copy::{KeyWish, SnapshotOrder, check_copies, copied_snapshot};
use super::filters::Filters;
use super::page::{Page, collect};
use super::snapshot::{Snapshot, SnapshotState};
use super::visibility::may_read_snapshot;
use super::{Ctx, Due, access, errors, events, lookup, make, recycle_bin, tag_api};
use crate::ids::{AccountId, SnapshotId, VolumeId};
use crate::region::Region;
use crate::sts::{Access, authorize_on};
use crate::time::Time;
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{self, Caller, Target, World};

const FILTERS: &[&str] = &[
    "description",
    "encrypted",
    "owner-id",
    "progress",
    "snapshot-id",
    "start-time",
    "status",
    "storage-tier",
    "tag-key",
    "volume-id",
    "volume-size",
];
const FILTERS_OF_AWS: &[&str] = &["owner-alias", "transfer-type"];

/// Whether a request asks for every snapshot at once.
pub(super) fn unbounded(params: &Params) -> bool {
    ![
        "MaxResults",
        "NextToken",
        "Filter",
        "SnapshotId",
        "Owner",
        "RestorableBy",
    ]
    .iter()
    .any(|name| params.has(name))
}

pub(crate) fn create(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let text = params.required("VolumeId")?;
    let volume: VolumeId = text.parse().map_err(|_| {
        ApiError::client(
            "InvalidParameterValue",
            format!("Value ({text}) for parameter volumeId is invalid. Expected: 'vol-...'."),
        )
    })?;
    let description = params.text("Description")?.unwrap_or_default();
    let tags = tag_api::read_specifications(&mut params, &["snapshot"])?;
    tag_api::check_policy(world, ctx, &tags)?;
    params.finish()?;
    let record = world
        .ec2
        .plane(target.region)
        .volumes
        .get(&volume)
        .filter(|record| record.owner == target.account)
        .cloned();
    let record = record.ok_or_else(|| {
        ApiError::client(
            "InvalidVolume.NotFound",
            format!("The volume '{volume}' does not exist."),
        )
    })?;
    ctx.commit()?;
    let takes = world.settings.image_pending;
    let snapshot = Snapshot {
        owner: target.account,
        description: description.into(),
        volume,
        size_gib: record.size_gib,
        state: SnapshotState::Pending,
        started: world.now,
        completes: world.now + takes,
        copied: false,
        key: record.key,
        tags: tags.snapshot,
        permissions: None,
        images: Vec::new(),
        locked_until: None,
        backup: false,
    };
    let id = make::start_snapshot(world, target, snapshot.clone(), events::SnapshotOrigin::Created);
    write(xml, id, &snapshot, world.now, true);
    Ok(())
}

pub(crate) fn copy(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let source = lookup::snapshot_id(&params.required("SourceSnapshotId")?)?;
    let source_region = params.required("SourceRegion")?;
    let source_region: Region = source_region
        .parse()
        .map_err(|_| errors::invalid("sourceRegion", &source_region))?;
    let description = params.text("Description")?.unwrap_or_default();
    let encrypted = params.flag("Encrypted")?;
    let key = params.text("KmsKeyId")?;
    // Old clients sign the source's request themselves; nothing is signed here.
    params.text("PresignedUrl")?;
    let destination = params.text("DestinationRegion")?;
    let tags = tag_api::read_specifications(&mut params, &["snapshot"])?;
    tag_api::check_policy(world, ctx, &tags)?;
    params.finish()?;
    if destination.is_some_and(|region| region != target.region.name()) {
        return Err(errors::combination(
            "DestinationRegion must be the Region the request is sent to",
        ));
    }
    if !world.accounts.enabled(target.account, source_region) {
        let message = format!("The account is not enabled for the Region {source_region}");
        return Err(ApiError::client("AuthFailure", message));
    }
    let found = world.ec2.get(source_region).and_then(|plane| plane.snapshot(source));
    let from = found
        .filter(|snapshot| may_read_snapshot(snapshot, target.account))
        .cloned()
        .ok_or_else(|| errors::no_snapshot(&source.to_string()))?;
    if from.state != SnapshotState::Completed {
        return Err(ApiError::client(
            "IncorrectState",
            format!("The snapshot {source} is {} and can't be copied yet", from.state),
        ));
    }
    check_copies(world, target, 1)?;
    if key.is_some() && !encrypted {
        return Err(errors::combination("KmsKeyId parameter needs Encrypted to be set"));
    }
    ctx.commit()?;
    let order = SnapshotOrder {
        destination: target,
        source,
        source_region,
        description,
        key: KeyWish::read(encrypted, key),
        tags: tags.snapshot,
        within: None,
        by: ctx.caller.clone(),
    };
    let (snapshot, fault) = copied_snapshot(world, order, &from);
    let origin = events::SnapshotOrigin::Copied {
        from: source,
        region: source_region,
    };
    let id = make::start_snapshot(world, target, snapshot, origin.clone());
    if let Some(reason) = fault {
        world.plan(
            world.settings.key_check,
            world::Due::Ec2(Due::SnapshotFails {
                target,
                id,
                origin,
                reason,
            }),
        );
    }
    xml.text("snapshotId", id);
    Ok(())
}

pub(crate) fn describe(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let ids = params
        .texts("SnapshotId")?
        .iter()
        .map(|id| lookup::snapshot_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let owners = params
        .texts("Owner")?
        .iter()
        .map(|owner| read_account(target, owner))
        .collect::<Result<BTreeSet<_>, _>>()?;
    let restorable = params.texts("RestorableBy")?;
    let filters = Filters::read(&mut params, FILTERS, FILTERS_OF_AWS)?;
    let scope = format!("DescribeSnapshots {owners:?} {restorable:?} {filters:?}");
    let page = Page::read(world, target, &mut params, (5, 1000), &scope)?;
    params.finish()?;
    if page.most.is_some() && !ids.is_empty() {
        return Err(errors::combination(
            "The parameter snapshotSet cannot be used with the parameter maxResults",
        ));
    }
    let restorable = restorable
        .iter()
        .map(|by| read_restorable(target, by))
        .collect::<Result<Vec<_>, _>>()?;
    ctx.commit()?;
    let as_of = world.read_as_of();
    let sparse = world.settings.sparse_pages;
    let plane = &*world.ec2.plane(target.region);
    let wanted = |id: SnapshotId, snapshot: &Snapshot| {
        let mine = snapshot.owner == target.account;
        let tags: Vec<_> = if mine {
            snapshot.tags.iter().collect()
        } else {
            Vec::new()
        };
        may_read_snapshot(snapshot, target.account)
            && (owners.is_empty() || owners.contains(&snapshot.owner))
            && (restorable.is_empty() || restorable.iter().any(|by| by.matches(snapshot, target.account)))
            && (filters.is_empty() || filters.match_all(&tags, |name| values(id, snapshot, name, as_of)))
    };
    let (found, last) = if ids.is_empty() {
        let owners = Some(&owners).filter(|owners| !owners.is_empty());
        collect(
            &page,
            sparse,
            page.after(),
            |after, most| plane.snapshot_ids(owners, after, most),
            |id| {
                plane
                    .snapshot_seen(id, as_of)
                    .filter(|snapshot| wanted(id, snapshot))
                    .map(|snapshot| (id, snapshot))
            },
        )
    } else {
        let mut found = Vec::new();
        for id in ids {
            let snapshot = plane
                .snapshot_seen(id, as_of)
                .ok_or_else(|| errors::no_snapshot(&id.to_string()))?;
            found.extend(wanted(id, snapshot).then_some((id, snapshot)));
        }
        (found, None)
    };
    xml.items("snapshotSet", found, |xml, (id, snapshot)| {
        write(xml, id, snapshot, as_of, snapshot.owner == target.account);
    });
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

fn read_account(target: Target, text: &str) -> Result<AccountId, ApiError> {
    match text {
        "self" => Ok(target.account),
        "amazon" => Err(ApiError::not_modelled("snapshots of the owner amazon")),
        id => id
            .parse()
            .map_err(|_| ApiError::client("InvalidUserID.Malformed", format!("Invalid user id: \"{id}\""))),
    }
}

/// `RestorableBy`.
enum Restorable {
    All,
    By(AccountId),
}

impl Restorable {
    fn matches(&self, snapshot: &Snapshot, caller: AccountId) -> bool {
        let permissions = snapshot.permissions.as_deref();
        match self {
            Self::All => permissions.is_some_and(|permissions| permissions.public),
            Self::By(account) if *account == caller => may_read_snapshot(snapshot, caller),
            // Only the owner sees with whom else it shares.
            Self::By(account) => {
                snapshot.owner == caller
                    && permissions.is_some_and(|permissions| permissions.accounts.contains(account))
            }
        }
    }
}

fn read_restorable(target: Target, text: &str) -> Result<Restorable, ApiError> {
    if text == "all" {
        Ok(Restorable::All)
    } else {
        read_account(target, text).map(Restorable::By)
    }
}

fn values<'a>(id: SnapshotId, snapshot: &'a Snapshot, name: &str, now: Time) -> Vec<Cow<'a, str>> {
    let value = match name {
        "description" => return vec![Cow::Borrowed(&*snapshot.description)],
        "encrypted" => snapshot.key.is_some().to_string(),
        "owner-id" => snapshot.owner.to_string(),
        "progress" => snapshot.progress(now),
        "snapshot-id" => id.to_string(),
        "start-time" => snapshot.started.to_string(),
        "status" => snapshot.state.to_string(),
        "storage-tier" => "standard".to_owned(),
        "volume-id" => snapshot.volume.to_string(),
        "volume-size" => snapshot.size_gib.to_string(),
        _ => return Vec::new(),
    };
    vec![Cow::Owned(value)]
}

/// Writes what every answer about a snapshot carries.
pub(super) fn write_short(xml: &mut Xml, id: SnapshotId, snapshot: &Snapshot, now: Time) {
    xml.text("snapshotId", id);
    xml.text("volumeId", snapshot.volume);
    xml.text("status", &snapshot.state);
    xml.text("startTime", snapshot.started);
    xml.text("progress", snapshot.progress(now));
    xml.text("ownerId", snapshot.owner);
    xml.text("description", &snapshot.description);
    xml.text("volumeSize", snapshot.size_gib);
    xml.text("encrypted", snapshot.key.is_some());
}

fn write(xml: &mut Xml, id: SnapshotId, snapshot: &Snapshot, now: Time, mine: bool) {
    write_short(xml, id, snapshot, now);
    xml.text("storageTier", "standard");
    if snapshot.copied {
        xml.text("transferType", "standard");
    }
    xml.optional("kmsKeyId", snapshot.key.as_deref());
    if let SnapshotState::Error(reason) = &snapshot.state {
        xml.text("statusMessage", reason);
    }
    if mine && !snapshot.tags.is_empty() {
        xml.items("tagSet", snapshot.tags.iter(), |xml, (key, value)| {
            xml.text("key", key);
            xml.text("value", value);
        });
    }
}

pub(crate) fn delete(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let id = lookup::snapshot_id(&params.required("SnapshotId")?)?;
    params.finish()?;
    let as_of = world.read_as_of();
    let snapshot = lookup::own_snapshot(world, ctx, id)?.clone();
    check_deletable(world, id, &snapshot)?;
    // The image may be gone and its snapshots in use for a little longer.
    let seen_in_use = world
        .ec2
        .plane(target.region)
        .snapshot_seen(id, as_of)
        .and_then(|snapshot| snapshot.images.first().copied());
    if let Some(image) = snapshot.images.first().copied().or(seen_in_use) {
        return Err(ApiError::client(
            "InvalidSnapshot.InUse",
            format!("The snapshot {id} is currently in use by {image}"),
        ));
    }
    ctx.commit()?;
    bury(world, target, id);
    xml.text("return", true);
    Ok(())
}

fn check_deletable(world: &World, id: SnapshotId, snapshot: &Snapshot) -> Result<(), ApiError> {
    if snapshot.backup {
        return Err(errors::not_permitted(format!(
            "The snapshot {id} is managed by AWS Backup and cannot be deleted here"
        )));
    }
    if let Some(until) = snapshot.locked_until
        && until > world.now
    {
        return Err(errors::not_permitted(format!(
            "The snapshot {id} is locked until {until}"
        )));
    }
    Ok(())
}

/// Deletes a snapshot along with its image, as far as the caller may.
pub(super) fn delete_with_image(world: &mut World, caller: &Caller, id: SnapshotId) -> &'static str {
    let target = caller.target;
    let asked = Access {
        resources: vec![access::resource(world, caller, &id.to_string())],
        ..Access::unknown()
    };
    if authorize_on(world, caller, Service::Ec2, "DeleteSnapshot", &asked).is_err() {
        return "missing-permissions";
    }
    delete_unless_used(world, target, id)
}

/// Deletes a snapshot no other image starts from, and says how that went in DeregisterImage's own codes.
pub(crate) fn delete_unless_used(world: &mut World, target: Target, id: SnapshotId) -> &'static str {
    let plane = world.ec2.plane(target.region);
    if let Some(code) = plane.spoiled_deletions.get(&id) {
        return code;
    }
    let Some(snapshot) = plane.snapshot(id).cloned() else {
        return "client-error";
    };
    if !snapshot.images.is_empty() {
        return "skipped";
    }
    if snapshot.owner != target.account {
        return "missing-permissions";
    }
    if check_deletable(world, id, &snapshot).is_err() {
        return "client-error";
    }
    bury(world, target, id);
    "success"
}

fn bury(world: &mut World, target: Target, id: SnapshotId) {
    let (now, lag) = (world.now, world.settings.read_lag);
    if let Some(snapshot) = world.ec2.plane(target.region).remove_snapshot(id, now, lag) {
        recycle_bin::take_snapshot(world, target, id, snapshot);
        world.plan(lag, world::Due::Ec2(Due::ForgetSnapshot { target, id }));
    }
}

/// The next ids of a map beyond this one.
pub(super) fn ids_after<I: Ord + Copy, T>(map: &BTreeMap<I, T>, after: Option<I>, most: usize) -> Vec<I> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    map.range((from, Bound::Unbounded))
        .map(|(id, _)| *id)
        .take(most)
        .collect()
}

impl World {
    /// Locks a snapshot of this Region against deletion until then, as LockSnapshot would; false where there is none.
    pub fn lock_snapshot(&mut self, region: Region, id: SnapshotId, until: Time) -> bool {
        let now = self.now;
        self.ec2
            .plane(region)
            .edit_snapshot(id, now, Duration::ZERO)
            .map(|snapshot| snapshot.locked_until = Some(until))
            .is_some()
    }

    /// Makes DeregisterImage fail to delete this snapshot, with this return code.
    pub fn spoil_snapshot_deletion(&mut self, region: Region, id: SnapshotId, code: &'static str) {
        self.ec2.plane(region).spoiled_deletions.insert(id, code);
    }
}

#[cfg(test)]
mod tests;

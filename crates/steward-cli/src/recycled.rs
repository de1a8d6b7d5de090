//! What is gone for good comes back as long as a Recycle Bin holds it: by the person's own credentials, as no function may.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use steward::lineage::Card;
use steward::pruning::ImageNow;
use steward::{AmiId, AmiState, Intent, Output, Region, ReleaseId, SnapshotId, Target, Timestamp, Words, Worker};
use steward_aws::{AtTarget, Caller, Carried, FirstValue, Problem, Record, Recycled};

use crate::failure::Failure;

/// An image that is gone and can come back.
#[derive(Debug)]
pub(crate) struct Binned {
    pub(crate) release: ReleaseId,
    pub(crate) title: String,
    pub(crate) image: Output,
    /// Those of its snapshots that have to come back first.
    snapshots: BTreeSet<SnapshotId>,
    /// Until when the bin holds it; none: it is there again already, and the record does not have that yet.
    pub(crate) until: Option<Timestamp>,
}

/// What of the meant is gone.
#[derive(Debug, Default)]
pub(crate) struct Away {
    pub(crate) binned: Vec<Binned>,
    /// What there is to say of what does not come back.
    pub(crate) said: Vec<String>,
}

/// Finds out what of these releases is gone, and what of that a Recycle Bin of the hub holds. A bin that cannot be read is said: what is
/// not gone comes back all the same.
pub(crate) async fn away(
    caller: &Caller,
    record: &Record,
    cards: &BTreeMap<ReleaseId, Card>,
    only: Option<AmiId>,
) -> Result<Away, Failure> {
    let mut away = Away::default();
    let mut bins: BTreeMap<Region, (AtTarget, Result<Recycled, Problem>)> = BTreeMap::new();
    for (release, card) in cards {
        for (image, snapshots) in record.gone_images(*release).await? {
            let Output { target, ami } = image;
            if only.is_some_and(|only| only != ami) {
                continue;
            }
            if target.account() != caller.hub.account() {
                away.said.push(format!(
                    "{ami} of {target} is gone: whether a Recycle Bin holds it is to be asked there, with `aws ec2 list-images-in-recycle-bin`."
                ));
                continue;
            }
            let region = target.region();
            let (at, recycled) = match bins.entry(region) {
                Entry::Occupied(there) => there.into_mut(),
                Entry::Vacant(new) => {
                    let at = caller.at(region);
                    let recycled = at.recycled().await;
                    new.insert((at, recycled))
                }
            };
            let recycled = match recycled {
                Ok(recycled) => &*recycled,
                Err(problem) => {
                    away.said.push(format!(
                        "{ami} of {target} is gone, and whether a Recycle Bin holds it is not known: {problem}."
                    ));
                    continue;
                }
            };
            let until = recycled.images.get(&ami).copied();
            if until.is_none() && at.image_now(ami).await?.is_none_or(|image| !image.is_there()) {
                away.said
                    .push(format!("{ami} of {target} is gone for good: no Recycle Bin holds it."));
                continue;
            }
            away.binned.push(Binned {
                release: *release,
                title: card.title(),
                image,
                snapshots: snapshots
                    .into_iter()
                    .filter(|id| recycled.snapshots.contains_key(id))
                    .collect(),
                until,
            });
        }
    }
    Ok(away)
}

/// What came of bringing them back.
#[derive(Debug, Default)]
pub(crate) struct Back {
    pub(crate) images: usize,
    pub(crate) said: Vec<String>,
}

/// Brings them back, the snapshots first. Whoever dies between runs it again.
pub(crate) async fn bring_back(
    caller: &Caller,
    record: &Record,
    binned: &[Binned],
    (why, now): (&str, Timestamp),
) -> Result<Back, Failure> {
    let mut back = Back::default();
    // What an earlier run died of: EC2 says whether it was made.
    for target in binned
        .iter()
        .map(|binned| binned.image.target)
        .collect::<BTreeSet<Target>>()
    {
        let open = record.open_steps(Worker::Restore, target).await?;
        record.close_unwanted(&open, &BTreeSet::new(), now).await?;
    }
    for binned in binned {
        let Output { target, ami } = binned.image;
        let at = caller.at(target.region());
        let intent = Intent {
            worker: Worker::Restore,
            target,
            step: ami.to_string(),
            release: binned.release,
            says: Words::from(format!(
                "bring {ami} back from the Recycle Bin, for {}: {why}",
                caller.arn
            )),
        };
        let call = async |_| {
            for snapshot in &binned.snapshots {
                at.bring_back_snapshot(*snapshot).await?;
            }
            at.bring_back_image(ami).await?;
            at.image_now(ami).await
        };
        match Box::pin(record.carry_out(intent, FirstValue::Running, now, call)).await? {
            Carried::Made(Some(ImageNow {
                state: state @ (AmiState::Available | AmiState::Disabled),
                ..
            })) => {
                record.put_in_state(binned.release, binned.image, state, now).await?;
                back.images += 1;
            }
            Carried::Made(_) => back.said.push(format!(
                "EC2 does not show {ami} in {target} yet: the sweeps find it within two hours, or run this \
                 again in a minute."
            )),
            Carried::Failed(problem) | Carried::Waits(problem) => back.said.push(format!("{problem}.")),
            Carried::Paused(why) => back
                .said
                .push(format!("{ami} was not brought back: {why}. Run this again then.")),
            Carried::ByAnother => back
                .said
                .push(format!("{ami} is brought back by somebody else at this moment.")),
        }
    }
    Ok(back)
}

//! What there is to look at: which releases in which targets, and nothing that stands as it should.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Reach;
use super::audience::stands_for;
use super::lending::Lent;
use super::made::MadeCopy;
use super::pace::{Looked, NEXT_SWEEP};
use crate::{AmiId, Duration, FamilyName, KmsKeyRef, ReleaseId, Target, Timestamp, Words};

/// What stands as it should is looked at again after so long: launch permissions can be read one image at a time only.
pub(super) const DAILY: Duration = Duration::hours(24);

/// How a release stood in a target when a worker last looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    /// As people read it.
    pub says: Words,
    /// The same, as far as channels ask.
    #[serde(default)]
    pub reach: Reach,
    /// Its image there.
    pub ami: Option<AmiId>,
    /// The keys that who launches it must be able to use; none where that is not known.
    #[serde(default)]
    pub keys: Option<BTreeSet<KmsKeyRef>>,
    /// Whether an image is to come that is not there yet.
    #[serde(default)]
    pub lacks: bool,
    /// Whether there was nothing left to do.
    pub settled: bool,
    /// Whether something goes on there that only takes its time, or was done and is to be read back.
    pub under_way: bool,
    /// What is not as it should be, and what would put it right.
    pub findings: Vec<Words>,
    /// By which of the family's manifests.
    pub manifest: u32,
    /// For which audience.
    pub audience: String,
    /// When.
    pub looked: Timestamp,
    /// Whether a copy that a member lacks waits for something there: then nothing that is lent would be of use.
    #[serde(default)]
    pub stuck: bool,
    /// How often in a row the account let nobody in.
    #[serde(default)]
    pub refused: u32,
    /// How often in a row it was neither settled nor under way.
    pub tries: u32,
    /// Copies of it there that failed or that somebody took away: the next one is another attempt.
    #[serde(default)]
    pub failed: BTreeSet<AmiId>,
    /// The copy that there is, or that EC2 said it makes.
    #[serde(default)]
    pub made: Option<MadeCopy>,
    /// Which members that own copies it is lent to.
    #[serde(default)]
    pub lent: Lent,
}

impl Stood {
    /// Whether it was looked at by this manifest, and for this audience.
    pub fn is_by(&self, manifest: u32, audience: &str) -> bool {
        self.manifest == manifest && stands_for(&self.audience, audience)
    }
}

/// A message to a worker: what to look at in a target. It says where to look, and nothing of what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistributionWork {
    /// The run that sent it.
    pub run: String,
    /// Where.
    pub target: Target,
    /// What.
    pub families: Vec<FamilyWork>,
}

/// What of a family to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyWork {
    /// Which.
    pub family: FamilyName,
    /// Its releases, the newest first.
    pub releases: Vec<ReleaseId>,
    /// Whether to look at how its channels are published too.
    pub publish: bool,
    /// Whether to look at what the target's account sees of the family.
    #[serde(default)]
    pub view: bool,
}

/// Whether a release is to be looked at in a target now. One that a channel points to is compared by each sweep.
pub fn is_due(stood: Option<&Stood>, manifest: u32, audience: &str, is_pointed_to: bool, now: Timestamp) -> bool {
    let Some(stood) = stood else { return true };
    if !stood.is_by(manifest, audience) {
        return true;
    }
    let looked = Looked {
        at: stood.looked,
        settled: stood.settled,
        under_way: stood.under_way,
        tries: stood.tries,
    };
    looked.is_due(if is_pointed_to { NEXT_SWEEP } else { DAILY }, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millisecond(1_770_000_000_000 + minutes * 60_000).unwrap()
    }

    fn stood(settled: bool, under_way: bool, tries: u32) -> Stood {
        Stood {
            settled,
            under_way,
            tries,
            ..testing::stood()
        }
    }

    /// After how many minutes it is due first.
    fn due_after(stood: &Stood) -> i64 {
        let due = |minutes: &i64| is_due(Some(stood), 3, "a", false, at(*minutes));
        (0..10_000).find(due).unwrap()
    }

    #[test]
    fn what_nobody_looked_at_is_due_and_so_is_what_another_manifest_or_audience_decided() {
        let stood = stood(true, false, 0);
        assert!(is_due(None, 3, "a", false, at(0)));
        assert!(!is_due(Some(&stood), 3, "a", false, at(0)));
        assert!(is_due(Some(&stood), 4, "a", false, at(0)));
        assert!(is_due(Some(&stood), 3, "b", false, at(0)));
    }

    #[test]
    fn what_a_channel_points_to_is_compared_by_each_sweep() {
        let stood = stood(true, false, 0);
        assert!(!is_due(Some(&stood), 3, "a", true, at(3)));
        assert!(is_due(Some(&stood), 3, "a", true, at(4)));
    }

    #[test]
    fn what_stands_as_it_should_is_looked_at_daily() {
        assert_eq!(due_after(&stood(true, false, 0)), 24 * 60);
        // Whatever it was before.
        assert_eq!(due_after(&stood(true, true, 9)), 24 * 60);
    }

    #[test]
    fn what_is_under_way_is_looked_at_by_each_sweep_and_what_is_stuck_ever_less_often() {
        assert_eq!(due_after(&stood(false, true, 9)), 4);
        let waits: Vec<i64> = (0..9).map(|tries| due_after(&stood(false, false, tries))).collect();
        assert_eq!(waits, [4, 4, 10, 30, 60, 180, 360, 360, 360]);
    }
}

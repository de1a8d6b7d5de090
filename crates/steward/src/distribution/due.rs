//! What there is to look at: which releases in which targets, and nothing that stands as it should.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Reach;
use super::audience::stands_for;
use super::encrypted::Encrypted;
use super::lending::Lent;
use super::made::MadeCopy;
use super::pace::{Looked, Pace, When};
use super::shared::Shared;
use crate::text::digest;
use crate::{AmiId, FamilyName, KmsKeyRef, ReleaseId, Target, Timestamp, Words};

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
    /// What of it was last seen encrypted by none of these, and when; none where nobody has seen that.
    #[serde(default)]
    pub encrypted: Option<Encrypted>,
    /// Whom it was last seen shared with; none where nobody has read that.
    #[serde(default)]
    pub shared: Option<Shared>,
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

    /// When it is to be looked at again, by itself.
    pub(crate) fn again(&self, pace: Pace) -> When {
        let looked = Looked {
            at: self.looked,
            settled: self.settled,
            under_way: self.under_way,
            tries: self.tries,
        };
        looked.again(pace)
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
    /// Whether the run sent more there, which comes after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

impl DistributionWork {
    /// What tells it from all other work: the same that is sent twice is one, and a run that is made again may send another.
    pub fn once(&self) -> String {
        digest(self)
    }
}

/// What of a family to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyWork {
    /// Which.
    pub family: FamilyName,
    /// Its releases, in the order in which they are looked at.
    pub releases: Vec<ReleaseId>,
    /// Whether to look at how its channels are published too.
    pub publish: bool,
    /// Whether to look at what the target's account sees of the family.
    #[serde(default)]
    pub view: bool,
}

/// When a release is to be looked at in a target.
pub fn when_due(stood: Option<&Stood>, manifest: u32, audience: &str, pace: Pace) -> When {
    match stood {
        Some(stood) if stood.is_by(manifest, audience) => stood.again(pace),
        Some(_) | None => When::Now,
    }
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
    fn due_after(stood: &Stood, pace: Pace) -> i64 {
        let due = |minutes: &i64| when_due(Some(stood), 3, "a", pace).has_come(at(*minutes));
        (0..10_000).find(due).unwrap()
    }

    #[test]
    fn what_nobody_looked_at_is_due_and_so_is_what_another_manifest_or_audience_decided() {
        let stood = stood(true, false, 0);
        let is_due = |stood, manifest, audience| when_due(stood, manifest, audience, Pace::Daily).has_come(at(0));
        assert!(is_due(None, 3, "a"));
        assert!(!is_due(Some(&stood), 3, "a"));
        assert!(is_due(Some(&stood), 4, "a"));
        assert!(is_due(Some(&stood), 3, "b"));
    }

    #[test]
    fn what_a_channel_points_to_is_compared_by_each_sweep() {
        assert_eq!(due_after(&stood(true, false, 0), Pace::EachSweep), 4);
    }

    #[test]
    fn what_stands_as_it_should_is_looked_at_daily() {
        assert_eq!(due_after(&stood(true, false, 0), Pace::Daily), 24 * 60);
        // Whatever it was before.
        assert_eq!(due_after(&stood(true, true, 9), Pace::Daily), 24 * 60);
    }

    #[test]
    fn what_is_under_way_is_looked_at_by_each_sweep_and_what_is_stuck_ever_less_often() {
        for pace in [Pace::EachSweep, Pace::Daily, Pace::DailyTogether] {
            assert_eq!(due_after(&stood(false, true, 9), pace), 4);
        }
        let waits = |pace| {
            (0..9)
                .map(|tries| due_after(&stood(false, false, tries), pace))
                .collect::<Vec<_>>()
        };
        assert_eq!(waits(Pace::Daily), [4, 4, 10, 30, 60, 180, 360, 360, 360]);
    }

    #[test]
    fn what_is_on_a_channel_and_does_not_come_right_is_looked_at_hourly_at_least() {
        let waits: Vec<i64> = (0..9)
            .map(|tries| due_after(&stood(false, false, tries), Pace::EachSweep))
            .collect();
        assert_eq!(waits, [4, 4, 10, 30, 60, 60, 60, 60, 60]);
    }

    #[test]
    fn what_members_have_is_due_with_all_that_is_due_in_the_same_hour() {
        // Twenty minutes before an hour is full.
        let due_after = |settled, tries| due_after(&stood(settled, false, tries), Pace::DailyTogether);
        assert_eq!(due_after(true, 0), 23 * 60 + 20);
        assert_eq!((due_after(false, 6), due_after(false, 5)), (5 * 60 + 20, 2 * 60 + 20));
        // What has just gone wrong waits for nothing.
        assert_eq!((due_after(false, 4), due_after(false, 3)), (60, 30));
    }
}

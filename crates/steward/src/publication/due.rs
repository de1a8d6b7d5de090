//! When a target is to be published in again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::known::TemplateStood;
use crate::channels::ChannelHeld;
use crate::distribution::{LastLook, Pace, Reach, Stood, When, look_again};
use crate::manifest::LaunchTemplateId;
use crate::text::digest;
use crate::{AccountId, AmiId, Architecture, ChannelName, KmsKeyRef, ReleaseId, Target, Timestamp, Words};

/// How a family was published in a target when a worker last looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// What was to be published, as [`publication_of`] tells one state from another.
    pub what: String,
    /// What each parameter said.
    pub parameters: BTreeMap<String, Option<AmiId>>,
    /// What was written last into each parameter: Systems Manager refuses an image late, and silently.
    #[serde(default)]
    pub wrote: BTreeMap<String, AmiId>,
    /// The versions of each launch template that were made: what says so of itself, anybody may have written.
    #[serde(default)]
    pub made: BTreeMap<LaunchTemplateId, BTreeSet<u64>>,
    /// How each launch template stands, and since when.
    #[serde(default)]
    pub stood: BTreeMap<LaunchTemplateId, TemplateStood>,
    /// Whether there was nothing left to do.
    pub settled: bool,
    /// Whether something was written that is to be read back.
    pub under_way: bool,
    /// What is not as it should be, and what would put it right.
    pub findings: Vec<Words>,
    /// What is only said, such as which old versions stay and why.
    #[serde(default)]
    pub notes: Vec<Words>,
    /// When.
    pub looked: Timestamp,
    /// How often in a row it was neither settled nor under way.
    pub tries: u32,
}

impl Published {
    /// What of it says when to look again.
    pub fn last_look(&self) -> LastLook {
        LastLook {
            what: self.what.clone(),
            settled: self.settled,
            under_way: self.under_way,
            looked: self.looked,
            tries: self.tries,
        }
    }
}

/// What a channel points to in a Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointedImage<'a> {
    /// The channel.
    pub channel: ChannelName,
    /// What it runs on.
    pub architecture: Architecture,
    /// The release.
    pub release: ReleaseId,
    /// Its image there, as it last stood.
    pub image: Option<StoodImage<'a>>,
}

/// An image as it last stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StoodImage<'a> {
    /// Which.
    pub ami: AmiId,
    /// How far it was.
    pub reach: Reach,
    /// The keys that who launches it must be able to use; none where that is not known.
    #[serde(skip)]
    pub keys: Option<&'a BTreeSet<KmsKeyRef>>,
}

/// What a family's channels point to in a Region, where its releases stand so.
pub fn pointed_images<'a>(
    channels: &BTreeMap<ChannelName, ChannelHeld>,
    stands: impl Fn(ReleaseId) -> Option<StoodImage<'a>>,
) -> Vec<PointedImage<'a>> {
    let pointed = channels.iter().filter_map(|(name, held)| Some((name, &held.now()?.to)));
    let images = pointed.flat_map(|(name, to)| to.iter().map(move |of| (name, of)));
    images
        .map(|(channel, (architecture, release))| PointedImage {
            channel: channel.clone(),
            architecture: *architecture,
            release: *release,
            image: stands(*release),
        })
        .collect()
}

/// The image of a release that is published in a target, as it last stood: its own where it owns one, else the hub's in its
/// Region, which is shared with it.
pub fn owned_image<'a>(
    target: Target,
    hub: AccountId,
    stood: impl Fn(Target) -> Option<&'a Stood>,
) -> Option<StoodImage<'a>> {
    let image = |stood: &'a Stood| {
        Some(StoodImage {
            ami: stood.ami?,
            reach: stood.reach,
            keys: stood.keys.as_ref(),
        })
    };
    let is_there = |own: &&Stood| match own.reach {
        Reach::Coming | Reach::Usable => !own.lacks,
        Reach::Disabled | Reach::Retired => false,
    };
    let own = stood(target).filter(is_there);
    let of_hub = || stood(Target::new(hub, target.region())).and_then(image);
    own.and_then(image).or_else(of_hub)
}

/// What of a family is to be published, by which manifest: the same for the same images, and for nothing else.
pub fn publication_of(manifest: u32, images: &[PointedImage<'_>]) -> String {
    digest(&(manifest, images))
}

/// When a family is to be published in a target again: what stands as it should hourly in the hub's account, as people edit
/// parameters by hand, and daily in members, of which there may be thousands.
pub fn when_publication_due(published: Option<&LastLook>, what: &str, is_member: bool) -> When {
    let pace = if is_member { Pace::DailyTogether } else { Pace::Hourly };
    look_again(published, what, pace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::{Moved, Mover, Pointed};
    use crate::testing::{self, release};

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millisecond(1_770_000_000_000 + minutes * 60_000).unwrap()
    }

    fn published(settled: bool, under_way: bool) -> Published {
        Published {
            what: String::from("a"),
            parameters: BTreeMap::new(),
            wrote: BTreeMap::new(),
            made: BTreeMap::new(),
            stood: BTreeMap::new(),
            settled,
            under_way,
            findings: Vec::new(),
            notes: Vec::new(),
            looked: at(0),
            tries: 1,
        }
    }

    /// After how many minutes it is due first, in the hub or in a member.
    fn due_after(published: &Published, is_member: bool) -> i64 {
        let last = published.last_look();
        let due = |minutes: &i64| when_publication_due(Some(&last), "a", is_member).has_come(at(*minutes));
        (0..10_000).find(due).unwrap()
    }

    fn channels(number: u32, to: ReleaseId) -> BTreeMap<ChannelName, ChannelHeld> {
        let moved = Moved {
            number,
            to: Pointed::from([(Architecture::Arm64, to)]),
            at: at(0),
            by: Mover::Itself,
            why: Words::from("tested"),
            backward: false,
        };
        let history = vec![moved];
        BTreeMap::from([(ChannelName::stable(), ChannelHeld { history })])
    }

    fn what(manifest: u32, number: u32, to: ReleaseId, image: Option<(AmiId, Reach)>) -> String {
        let image = image.map(|(ami, reach)| StoodImage { ami, reach, keys: None });
        publication_of(manifest, &pointed_images(&channels(number, to), |_| image))
    }

    #[test]
    fn what_nobody_published_is_due_and_so_is_what_is_another_thing_by_now() {
        let rests = published(true, false).last_look();
        assert_eq!(when_publication_due(None, "a", true), When::Now);
        assert!(!when_publication_due(Some(&rests), "a", true).has_come(at(0)));
        assert_eq!(when_publication_due(Some(&rests), "b", true), When::Now);
    }

    #[test]
    fn what_was_written_is_read_back_by_the_next_sweep_and_what_rests_is_compared_hourly_or_daily_in_members() {
        for is_member in [false, true] {
            assert_eq!(due_after(&published(false, true), is_member), 4);
        }
        assert_eq!(due_after(&published(true, false), false), 60);
        // As the hour begins in which the day is over: it is twenty minutes to.
        assert_eq!(due_after(&published(true, false), true), 23 * 60 + 20);
    }

    #[test]
    fn what_does_not_come_right_in_the_hubs_account_is_looked_at_hourly_at_least() {
        let after = |tries, is_member| {
            let published = Published {
                tries,
                ..published(false, false)
            };
            due_after(&published, is_member)
        };
        assert_eq!([1, 2, 3, 4, 9].map(|tries| after(tries, false)), [4, 10, 30, 60, 60]);
        assert_eq!(after(9, true), 5 * 60 + 20);
    }

    #[test]
    fn another_release_image_or_manifest_is_another_thing_to_publish_and_another_move_to_the_same_is_not() {
        let usual = || what(1, 1, release(1), None);
        assert_eq!(usual(), what(1, 2, release(1), None));
        assert_ne!(usual(), what(1, 1, release(2), None));
        assert_ne!(usual(), what(2, 1, release(1), None));
        assert_ne!(publication_of(1, &[]), usual());
        // A copy that comes late, that is shared at last, or that is made anew is published by the next sweep.
        let image = |id: &str, reach| what(1, 1, release(1), Some((id.parse().unwrap(), reach)));
        let coming = image("ami-00000000000000001", Reach::Coming);
        let usable = image("ami-00000000000000001", Reach::Usable);
        let anew = image("ami-00000000000000002", Reach::Usable);
        let all = BTreeSet::from([usual(), coming, usable, anew]);
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn who_owns_a_copy_reads_that_and_the_hubs_until_it_stands_or_once_it_is_retired() {
        let hub: AccountId = "111122223333".parse().unwrap();
        let member: Target = "222233334444/us-east-1".parse().unwrap();
        let (own, of_hub): (AmiId, AmiId) = (
            "ami-00000000000000001".parse().unwrap(),
            "ami-00000000000000002".parse().unwrap(),
        );
        let (own_key, hubs_key): (KmsKeyRef, KmsKeyRef) = ("alias/own".parse().unwrap(), "alias/hub".parse().unwrap());
        let stood = |ami, reach, lacks| Stood {
            reach,
            ami: Some(ami),
            keys: Some([if ami == own { own_key.clone() } else { hubs_key.clone() }].into()),
            lacks,
            ..testing::stood()
        };
        let hubs = stood(of_hub, Reach::Usable, false);
        let image = |theirs: Option<&Stood>, target: Target| {
            let image = owned_image(target, hub, |at| {
                let of_hub = Some(&hubs).filter(|_| at.region() == member.region());
                if at.account() == hub { of_hub } else { theirs }
            })?;
            // Its keys are its own, whoever else has an image of the release.
            let key = if image.ami == own { &own_key } else { &hubs_key };
            assert_eq!(image.keys, Some(&[key.clone()].into()));
            Some((image.ami, image.reach))
        };
        let theirs = |reach, lacks| image(Some(&stood(own, reach, lacks)), member).map(|(ami, _)| ami);
        assert_eq!(theirs(Reach::Usable, false), Some(own));
        assert_eq!(theirs(Reach::Coming, false), Some(own));
        // It is only being made, or going.
        assert_eq!(theirs(Reach::Coming, true), Some(of_hub));
        assert_eq!(theirs(Reach::Disabled, false), Some(of_hub));
        assert_eq!(theirs(Reach::Retired, false), Some(of_hub));
        assert_eq!(image(None, member), Some((of_hub, Reach::Usable)));
        let elsewhere = Target::new(member.account(), "eu-west-1".parse().unwrap());
        assert_eq!(image(None, elsewhere), None);
    }
}

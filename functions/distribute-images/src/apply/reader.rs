//! What those who read a family's channels in a target find: the image that each points to, and its keys.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use steward::distribution::Reach;
use steward::publication::{Lock, PointedImage, Pointer, PointerImage, StoodImage};
use steward::{AmiState, Architecture, CanonicalName, ChannelName, KmsKeyRef, ReleaseId, Words};
use steward_aws::{AtTarget, Problem};
use steward_lambda::Moment;

use crate::Room;

/// What keys are like to those who read in a target: each is asked for once, whatever families, releases and channels it is of.
pub(crate) type Locks = BTreeMap<KmsKeyRef, Option<Lock>>;
type Pointers = BTreeMap<(ChannelName, Architecture), Pointer>;

/// Whoever looks at images as they are seen by those who read in a target: with the role that writes there.
pub(super) struct Reader<'a> {
    pub(super) room: &'a Room,
    pub(super) at: &'a AtTarget,
    pub(super) locks: &'a mut Locks,
    pub(super) moment: Moment,
}

impl Reader<'_> {
    /// What the channels point to: each release is looked at once, however many it is on.
    pub(super) async fn pointers(mut self, images: Vec<PointedImage<'_>>) -> Result<Pointers, Problem> {
        let mut seen: BTreeMap<ReleaseId, Pointer> = BTreeMap::new();
        let mut pointers = Pointers::new();
        for image in images {
            let PointedImage {
                channel,
                architecture,
                release,
                image,
            } = image;
            let pointer = match seen.entry(release) {
                Entry::Occupied(seen) => seen.into_mut(),
                Entry::Vacant(unseen) => unseen.insert(Box::pin(self.pointer(release, image)).await?),
            };
            pointers.insert((channel, architecture), pointer.clone());
        }
        Ok(pointers)
    }

    async fn pointer(&mut self, release: ReleaseId, image: Option<StoodImage<'_>>) -> Result<Pointer, Problem> {
        let version = match self.room.record.card(release).await?.map(|card| card.name) {
            Some(CanonicalName::Build(build)) => build.version().to_string(),
            Some(CanonicalName::Ami { id, .. }) => id.to_string(),
            None => release.to_string(),
        };
        Ok(Pointer {
            release,
            version: Words::from(version),
            image: match image {
                None => PointerImage::NoneHere,
                Some(image) => self.image(release, image).await?,
            },
        })
    }

    async fn image(&mut self, release: ReleaseId, image: StoodImage<'_>) -> Result<PointerImage, Problem> {
        let StoodImage { ami, reach: _, keys } = image;
        let not_seen = |why: String| PointerImage::NotSeen {
            ami,
            why: Words::from(why),
        };
        if let Some(why) = self.unseen(release, image).await? {
            return Ok(not_seen(why));
        }
        let Some(keys) = keys else {
            return Ok(not_seen(String::from(
                "unverified, as its keys are looked at by the next sweep",
            )));
        };
        for key in keys {
            let lock = match self.locks.entry(key.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(self.at.lock_of(key).await),
            };
            if let Some(lock) = lock {
                let (key, lock) = (key.clone(), lock.clone());
                return Ok(PointerImage::Locked { ami, key, lock });
            }
        }
        Ok(PointerImage::Seen(ami))
    }

    /// Why an image is not to be named to anybody in the target; none: its readers see it.
    async fn unseen(&self, release: ReleaseId, image: StoodImage<'_>) -> Result<Option<String>, Problem> {
        if !self.room.record.causes(release, self.moment.now).await?.is_empty() {
            return Ok(Some(String::from("it is revoked")));
        }
        Ok(match image.reach {
            Reach::Coming | Reach::Disabled | Reach::Retired => {
                Some(String::from("it is not usable there by all who are declared"))
            }
            Reach::Usable => match self.at.see_image(image.ami).await {
                Ok(Some(image)) if image.state == AmiState::Available => None,
                Ok(Some(image)) => Some(format!("it is {}", image.state)),
                Ok(None) => Some(format!("EC2 does not show it to {}", self.at.target().account())),
                Err(problem) => Some(format!("unverified, as nobody could look: {problem}")),
            },
        })
    }
}

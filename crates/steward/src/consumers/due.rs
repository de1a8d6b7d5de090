//! When it is to be looked at again what a consumer sees.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::shown::shown;
use crate::distribution::{LastLook, Pace, Reach, Stood, When, look_again};
use crate::manifest::Manifest;
use crate::text::digest;
use crate::{AmiId, Duration, KmsKeyRef, ReleaseId, Timestamp, Words};

/// Whether Auto Scaling has a role is asked again after so long.
const DAILY: Duration = Duration::hours(24);
/// What those are to see who are consumers no more.
pub const LEFT: &str = "left";

/// What a consumer saw of a family in a Region when a worker last looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewed {
    /// What was to be seen, as [`view_of`] tells one state from another; [`LEFT`] where nothing is any more.
    pub what: String,
    /// Whether there was nothing left to do.
    pub settled: bool,
    /// Whether something was put there that is to be read back.
    pub under_way: bool,
    /// What is not as it should be, and what would put it right.
    pub findings: Vec<Words>,
    /// When.
    pub looked: Timestamp,
    /// How often in a row it was neither settled nor under way.
    pub tries: u32,
}

impl Viewed {
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

/// What was put into a consumer's account, so that it is known from what is the consumer's own. Beside [`Viewed`], which every
/// sweep reads of all consumers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutThere {
    /// The keys of the tags in its view of each image. All others there are its own.
    pub tags: BTreeMap<AmiId, BTreeSet<String>>,
    /// The keys that Auto Scaling there was granted, or was about to be.
    pub grants: BTreeMap<KmsKeyRef, HeldGrant>,
    /// When KMS last said that Auto Scaling has no role there.
    #[serde(default)]
    pub no_auto_scaling: Option<Timestamp>,
}

impl PutThere {
    /// Whether it is too early to ask again whether Auto Scaling has a role there.
    pub fn lacks_auto_scaling(&self, now: Timestamp) -> bool {
        let again = self.no_auto_scaling.and_then(|asked| asked.checked_add(DAILY));
        again.is_some_and(|again| now < again)
    }
}

/// A key that Auto Scaling was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldGrant {
    /// The grants, as KMS calls them; none where nobody knows yet what came of making one.
    #[serde(default)]
    pub grants: BTreeSet<String>,
    /// The release that it was made for.
    pub release: ReleaseId,
}

/// Whether a release that stands so where its owner has it is for its consumers to see: usable, by this manifest and for this
/// audience. One that is being tagged or shared anew is looked at once that is done.
pub fn is_shared(stood: &Stood, manifest: u32, audience: &str) -> bool {
    stood.reach == Reach::Usable && stood.is_by(manifest, audience)
}

/// What consumers are to see in a Region where these images are shared: the same for the same, and for nothing else.
pub fn view_of(manifest: &Manifest, images: &BTreeMap<AmiId, ReleaseId>) -> String {
    let shown = shown(manifest);
    let tags = manifest
        .distribute
        .tags
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    let tags: Vec<(&str, &str)> = tags.filter(|(key, _)| shown.contains(key)).collect();
    digest(&(tags, images))
}

/// When it is to be looked at again what a consumer sees.
pub fn when_view_due(viewed: Option<&LastLook>, what: &str) -> When {
    look_again(viewed, what, Pace::DailyTogether)
}

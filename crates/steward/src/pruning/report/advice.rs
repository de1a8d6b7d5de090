//! What is in the way, and what would put it right.

use std::collections::BTreeMap;

use super::PruningReport;
use crate::distribution::FAMILY;
use crate::pruning::{BinAhead, BinCover, Blocker, Cause, Doubt, OrphanFate, Trouble};

/// So many of the images are named.
const FIRST: usize = 3;

/// What a person may do about what Image Builder still has.
pub(super) const ADVICE_ON_OUTPUTS_LEFT: &str = "Nobody knows whether these are wanted back, so nothing of ours takes them away. They cost nothing; but a recipe whose parent is a \
     wildcard picks what is AVAILABLE, whether or not it has an image. Whoever knows that nobody wants one back deletes it, in the hub: \
     `aws imagebuilder delete-image --image-build-version-arn …`. That takes away no AMI and no snapshot.";

/// What a person may do about those snapshots.
pub(super) const ADVICE_ON_SNAPSHOTS_LEFT: &str = "They cost money. Another hand took their images away, so that nobody was told a day ahead, and nothing of ours deletes them. An \
     image that lies in a Recycle Bin needs them to come back. Whoever knows that nobody wants it back deletes them, in the account \
     that owns them: `aws ec2 delete-snapshot --region … --snapshot-id …`.";

/// Images that one thing keeps from going.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stuck {
    /// How many, and which the first of them are.
    pub(super) images: String,
    pub(super) count: usize,
    pub(super) cause: Cause,
    /// What it is, in words.
    pub(super) says: String,
    /// What to do.
    pub(super) advice: String,
}

impl PruningReport<'_> {
    /// All that is in the way, what keeps the most images first.
    pub(super) fn stuck(&self) -> Vec<Stuck> {
        let mut stuck: BTreeMap<(Cause, String), (Vec<String>, usize, &Blocker)> = BTreeMap::new();
        let of_images = self.plan.blocked.iter();
        let of_images = of_images.map(|blocked| (&blocked.by, blocked.ami.to_string()));
        let of_orphans = self.plan.orphans.iter().filter_map(|orphan| match &orphan.fate {
            OrphanFate::Blocked(by) => Some((by, orphan.output.to_string())),
            OrphanFate::Goes { .. } | OrphanFate::Kept(_) => None,
        });
        for (by, which) in of_images.chain(of_orphans) {
            let entry = stuck.entry((by.cause(), by.to_string()));
            let (first, count, _) = entry.or_insert((Vec::new(), 0, by));
            if first.len() < FIRST {
                first.push(which);
            }
            *count += 1;
        }
        let stuck = stuck.into_iter().map(|((cause, says), (first, count, by))| {
            let more = count - first.len();
            let more = if more > 0 {
                format!(", +{more} more")
            } else {
                String::new()
            };
            Stuck {
                images: format!("{count}: {}{more}", first.join(", ")),
                count,
                cause,
                says,
                advice: self.advice(by),
            }
        });
        let mut stuck: Vec<Stuck> = stuck.collect();
        stuck.sort_by_key(|stuck| std::cmp::Reverse(stuck.count));
        stuck
    }

    /// Where no Recycle Bin gives back whole what goes.
    pub(super) fn short_bins(&self) -> impl Iterator<Item = &BinAhead> {
        self.bins.iter().filter(|ahead| ahead.cover.is_short())
    }

    /// What would change that.
    pub(super) fn advice_on_bin(&self, ahead: &BinAhead) -> String {
        match ahead.cover {
            BinCover::Unknown { .. } => {
                String::from("nothing is decided by it; `rbin:ListRules` and `rbin:GetRule` let us know")
            }
            BinCover::Nothing
            | BinCover::ImageOnly { .. }
            | BinCover::SnapshotsOnly { .. }
            | BinCover::ShorterSnapshots { .. }
            | BinCover::Caught { .. } => format!(
                "rules there for `EC2_IMAGE` and `EBS_SNAPSHOT` by the tag `{FAMILY}={}`, snapshots kept no shorter than images",
                self.plan.family
            ),
        }
    }

    fn advice(&self, by: &Blocker) -> String {
        match by {
            Blocker::Evidence(trouble) => of_trouble(trouble),
            Blocker::NotReported { from: _ } => {
                String::from("nothing: a report is asked for by itself, and tells days later")
            }
            Blocker::ShareLimit { .. } => match self.plan.acceptance() {
                None => String::from("the next run tells what to accept"),
                Some(digest) => format!("`{}`", self.accept(&digest)),
            },
            Blocker::NotAnnounced { since: None } => String::from("nothing: it is announced, and goes a day later"),
            Blocker::NotAnnounced { since: Some(_) } => String::from("nothing: it goes a day after it was announced"),
            Blocker::Paused => String::from("`steward resume --because …`"),
        }
    }

    /// What lets through what is more than `share` allows.
    pub(super) fn accept(&self, digest: &str) -> String {
        format!("steward prune --family {} --accept {digest}", self.plan.family)
    }
}

fn of_trouble(trouble: &Trouble) -> String {
    let Trouble { doubt, target, source } = trouble;
    match (doubt, source) {
        (Doubt::Implausible { count, usual: _ }, Some(source)) => {
            let accept = format!("steward evidence accept {target} {source} --count {count} --because …");
            format!("`steward evidence {target}`; if it is right: `{accept}`")
        }
        (Doubt::Ahead(_), _) => format!("`steward evidence {target}`: a clock is wrong there"),
        (Doubt::Never | Doubt::Unread(_) | Doubt::Stale(_) | Doubt::Implausible { .. }, _) => {
            format!("`steward evidence {target}` says what is in the way")
        }
    }
}

use std::collections::BTreeSet;

use super::PruningReport;
use super::next::minute;
use crate::pruning::{
    ContainerSeen, ContainerVerdict, Effect, JudgedContainer, Kept, LeftBehind, Orphan, OutputLeft, SnapshotsLeft,
    StillThere, Waiver,
};

/// What the page and the terminal show alike, row by row.
impl PruningReport<'_> {
    /// Images that climb back: which, of what release, where, from which rung.
    pub(super) fn climbs(&self) -> impl Iterator<Item = [String; 4]> {
        self.plan.steps.iter().filter_map(|step| match &step.effect {
            Effect::Restore { ami, target, from } => Some([
                ami.to_string(),
                self.title(step.release),
                target.to_string(),
                from.to_string(),
            ]),
            _ => None,
        })
    }

    /// Images that stay: which, of what release, where, by which rule and why.
    pub(super) fn stay(&self) -> impl Iterator<Item = [String; 5]> {
        self.plan.kept.iter().map(|kept| {
            let Kept {
                ami,
                target,
                release,
                why,
            } = kept;
            [
                ami.to_string(),
                self.title(*release),
                target.to_string(),
                why.rule().to_string(),
                why.to_string(),
            ]
        })
    }

    /// What has no image any more in Image Builder, of what release, and what becomes of it.
    pub(super) fn orphans(&self) -> impl Iterator<Item = [String; 3]> {
        self.plan.orphans.iter().map(|orphan| {
            let Orphan { output, release, fate } = orphan;
            [output.to_string(), self.title(*release), fate.to_string()]
        })
    }

    /// Snapshots that did not go with their images: which, of what image and release, where, why, and when they are tried again.
    pub(super) fn still_there(&self) -> impl Iterator<Item = [String; 6]> {
        self.still_there.iter().map(|left| {
            let StillThere {
                snapshot,
                of,
                release,
                target,
                why,
                since: _,
                again,
            } = left;
            [
                snapshot.to_string(),
                of.to_string(),
                self.title(*release),
                target.to_string(),
                why.to_string(),
                minute(*again),
            ]
        })
    }

    /// What failed builds left behind that is not ours: which, of what build, where, its snapshots, how large, and why it is not.
    pub(super) fn left_behind(&self) -> impl Iterator<Item = [String; 6]> {
        self.plan.left_behind.iter().map(|left| {
            let LeftBehind {
                ami,
                target,
                release,
                build,
                snapshots,
                gib,
                why,
            } = left;
            let build = build.as_ref().map_or_else(|| self.title(*release), ToString::to_string);
            let snapshots: Vec<String> = snapshots.iter().map(ToString::to_string).collect();
            [
                ami.to_string(),
                build,
                target.to_string(),
                snapshots.join(", "),
                format!("{gib} GiB"),
                why.to_string(),
            ]
        })
    }

    /// What a person may do about that.
    pub(super) fn advice_on_left(&self) -> String {
        let family = &self.plan.family;
        format!(
            "Nothing of ours touches what lacks our tag. Whoever knows that nobody needs it takes it away with its snapshots, in the account \
             that owns it: `aws ec2 deregister-image --region … --image-id … --delete-associated-snapshots`. Or tags it \
             `image-steward:family={family}`: then it goes down the ladder."
        )
    }

    /// What Image Builder has without an image: which, of what release, in which state, since when and why.
    pub(super) fn outputs_left(&self) -> impl Iterator<Item = [String; 5]> {
        self.leftovers.outputs.iter().map(|left| {
            let OutputLeft {
                output,
                release: _,
                title,
                state,
                why: _,
                since,
                seen: _,
            } = left;
            [
                output.to_string(),
                title.to_string(),
                state.to_string(),
                since.map_or_else(|| String::from("nobody knows"), minute),
                left.reason(),
            ]
        })
    }

    /// What is left of images that others took away: which snapshots, of what image and release, where, how large, and since when.
    pub(super) fn snapshots_left(&self) -> impl Iterator<Item = [String; 6]> {
        self.leftovers.snapshots.iter().map(|left| {
            let SnapshotsLeft {
                of,
                target,
                release: _,
                title,
                snapshots,
                gib,
                since,
                seen: _,
            } = left;
            let snapshots: Vec<String> = snapshots.iter().map(ToString::to_string).collect();
            [
                snapshots.join(", "),
                of.to_string(),
                title.to_string(),
                target.to_string(),
                format!("{gib} GiB"),
                since.map_or_else(|| String::from("nobody knows"), minute),
            ]
        })
    }

    /// Container images that no rule keeps: which, how it is called, of what release, where and why.
    pub(super) fn containers_that_would_go(&self) -> impl Iterator<Item = [String; 5]> {
        self.plan.containers.iter().filter_map(|judged| {
            let JudgedContainer {
                container: ContainerSeen { image, tags, bytes: _ },
                release,
                verdict,
            } = judged;
            judged.would_go().then(|| {
                [
                    image.to_string(),
                    called(tags),
                    self.title(*release),
                    image.target.to_string(),
                    verdict.to_string(),
                ]
            })
        })
    }

    /// Container images that stay: the same, with the rule.
    pub(super) fn containers_that_stay(&self) -> impl Iterator<Item = [String; 6]> {
        self.plan.containers.iter().filter_map(|judged| {
            let JudgedContainer {
                container: ContainerSeen { image, tags, bytes: _ },
                release,
                verdict,
            } = judged;
            let ContainerVerdict::Kept(why) = verdict else {
                return None;
            };
            Some([
                image.to_string(),
                called(tags),
                self.title(*release),
                image.target.to_string(),
                why.rule().to_string(),
                why.to_string(),
            ])
        })
    }

    /// Whose evidence is done without: where, until when, by whom and why.
    pub(super) fn waivers(&self) -> impl Iterator<Item = [String; 4]> {
        self.plan.waived.iter().map(|(target, waiver)| {
            let Waiver { until, who, why } = waiver;
            [target.to_string(), minute(*until), who.clone(), why.to_string()]
        })
    }
}

fn called(tags: &BTreeSet<String>) -> String {
    if tags.is_empty() {
        return String::from("nothing");
    }
    tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

use std::fmt::Write as _;

use super::advice::{ADVICE_ON_OUTPUTS_LEFT, ADVICE_ON_SNAPSHOTS_LEFT, Stuck};
use super::changes::Changes;
use super::next::{GoesOn, comes_to, minute};
use super::said::{cell, counted};
use super::totals::{ContainerTotals, LeftTotals, LeftoverTotals, StepCounts, Totals};
use super::{PruningReport, RunMode};
use crate::plural;
use crate::pruning::{BinAhead, OverShare};
use crate::telling::Listed;

/// So many rows a table has at most.
const ROWS: usize = 100;

impl PruningReport<'_> {
    /// It for people, as a page in Markdown; of long lists the first rows.
    pub fn page(&self) -> String {
        let mut page = format!("# Pruning of {}, {}\n\n", self.plan.family, minute(self.at));
        let _ = writeln!(page, "{}", self.paragraph());
        let parts = [
            self.what_climbs(),
            self.what_goes(),
            self.what_no_bin_gives_back(),
            self.what_is_blocked(),
            self.what_is_kept(),
            self.what_is_left(),
            self.which_snapshots_are_left(),
            self.what_failed_builds_left(),
            self.what_others_left_in_image_builder(),
            self.which_snapshots_others_left(),
            self.which_containers_would_go(),
            self.which_containers_stay(),
            self.what_changed(),
            self.what_is_waived(),
        ];
        for (head, body) in parts.into_iter().flatten() {
            let _ = write!(page, "\n## {head}\n\n{body}");
        }
        let _ = writeln!(page, "\n## What nobody can see\n\n{}", self.holes());
        page
    }

    /// What it comes to, in sentences.
    pub(super) fn paragraph(&self) -> String {
        let Totals {
            images,
            expendable: _,
            kept: _,
            blocked: _,
            steps,
            gib,
            left_behind,
            leftovers,
            containers,
        } = self.totals();
        let of_containers = containers.map(|containers| containers.paragraph());
        let left = leftovers.map(LeftoverTotals::paragraph);
        if images == 0 && self.plan.orphans.is_empty() {
            let all = of_containers.unwrap_or_else(|| String::from("The family has no image."));
            return std::iter::once(all).chain(left).collect::<Vec<_>>().join(" ");
        }
        let (going, kept, blocked) = (
            self.plan.expendable.len(),
            self.plan.kept.len(),
            self.plan.blocked.len(),
        );
        let mut said = vec![format!(
            "Of {images} image{} {going} would go sooner or later, {kept} {} and {blocked} {} blocked.",
            plural(images),
            if kept == 1 { "stays" } else { "stay" },
            if blocked == 1 { "is" } else { "are" }
        )];
        let done = counted(&step_words(&steps));
        said.push(match (done, self.mode) {
            (None, _) => String::from("In this run nothing is done."),
            (Some(done), RunMode::Acts) => format!("In this run: {done}."),
            (Some(done), RunMode::Observes) => format!("This run only looks: else there would be {done}."),
        });
        if gib.next_step > 0 {
            said.push(format!(
                "What goes for good next holds {} GiB at most, {} of it in this run: that is an upper bound, as snapshots share what did \
                 not change.",
                gib.next_step,
                if gib.this_run == 0 { String::from("none") } else { format!("{} GiB", gib.this_run) }
            ));
        }
        if let Some(OverShare { releases, allowed, of }) = &self.plan.over_share {
            said.push(format!(
                "{} releases would become expendable at once, and `share` lets {allowed} of {of}: none does until a person accepts it.",
                releases.len()
            ));
        }
        said.extend(left_behind.map(|left| {
            let LeftTotals { images, gib } = left;
            format!(
                "Failed builds left {images} image{} behind that {} not ours, of {gib} GiB at most: a person may take them away.",
                plural(images),
                if images == 1 { "is" } else { "are" }
            )
        }));
        said.extend(left);
        said.extend(of_containers);
        said.join(" ")
    }

    fn what_climbs(&self) -> Option<(&'static str, String)> {
        let body = table(["Image", "Release", "Where", "From"], self.climbs(), escaped)?;
        Some(("What climbs back, as somebody needs it", body))
    }

    fn what_goes(&self) -> Option<(&'static str, String)> {
        let (goes_on, ends) = self.goes_on();
        let show = |goes: &GoesOn<'_>| {
            [
                goes.when.to_string(),
                comes_to(goes.to).to_owned(),
                goes.image.ami.to_string(),
                cell(&self.title(goes.image.release)),
                goes.image.target.to_string(),
                goes.image.gib.to_string(),
                cell(&goes.why()),
            ]
        };
        let head = [
            "When",
            "Becomes",
            "Image",
            "Release",
            "Where",
            "GiB at most",
            "Why nothing keeps it",
        ];
        let mut body = table(head, &goes_on, show).unwrap_or_default();
        if ends > 0 {
            let gap = if body.is_empty() { "" } else { "\n" };
            let _ = writeln!(body, "{gap}{ends} stay on their rung: their ladder ends there.");
        }
        (!body.is_empty()).then_some(("What goes next, and when", body))
    }

    fn what_no_bin_gives_back(&self) -> Option<(&'static str, String)> {
        let show = |ahead: &BinAhead| {
            [
                ahead.images.to_string(),
                cell(&ahead.to_string()),
                self.advice_on_bin(ahead),
            ]
        };
        let body = table(
            ["Images", "What becomes of them", "What would change that"],
            self.short_bins(),
            show,
        )?;
        Some(("What no Recycle Bin gives back", body))
    }

    fn what_is_blocked(&self) -> Option<(&'static str, String)> {
        let stuck = self.stuck();
        let show = |stuck: &Stuck| {
            let Stuck {
                images,
                count: _,
                cause,
                says,
                advice,
            } = stuck;
            [images.clone(), cause.to_string(), cell(says), advice.clone()]
        };
        let mut body = table(["Images", "Cause", "By what", "What to do"], &stuck, show)?;
        let told: Vec<String> = stuck.iter().take(ROWS).map(|stuck| stuck.says.clone()).collect();
        // The worst trouble is what every image is blocked by: the others are told here.
        let others = self.plan.troubles.iter().map(ToString::to_string);
        let others: Vec<String> = others.filter(|trouble| !told.contains(trouble)).collect();
        if !others.is_empty() {
            body.push_str("\nIn the way as well:\n\n");
            listed(&mut body, others.iter().map(|trouble| cell(trouble)));
        }
        Some(("What is blocked, by what, and what to do", body))
    }

    fn what_is_kept(&self) -> Option<(&'static str, String)> {
        let mut rules: Vec<_> = self.totals().kept.into_iter().collect();
        rules.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let mut body = table(["Rule", "Images"], rules, |(rule, count)| {
            [rule.to_string(), count.to_string()]
        })?;
        let head = ["Image", "Release", "Where", "Rule", "Why it stays"];
        let list = table(head, self.stay(), escaped)?;
        let _ = write!(body, "\n{list}");
        Some(("What is kept, and by which rule", body))
    }

    fn what_is_left(&self) -> Option<(&'static str, String)> {
        let head = ["Image Builder's image", "Release", "What becomes of it"];
        let body = table(head, self.orphans(), escaped)?;
        Some(("What is left in Image Builder, with no image any more", body))
    }

    fn which_snapshots_are_left(&self) -> Option<(&'static str, String)> {
        let head = ["Snapshot", "Of the image", "Release", "Where", "Why", "Tried again"];
        let body = table(head, self.still_there(), escaped)?;
        Some(("Which snapshots did not go with their images", body))
    }

    fn what_failed_builds_left(&self) -> Option<(&'static str, String)> {
        let head = ["Image", "By the build", "Where", "Snapshots", "At most", "Why it stays"];
        let list = table(head, self.left_behind(), escaped)?;
        let body = format!("{list}\n{}\n", self.advice_on_left());
        Some(("What failed builds left behind, and is not ours", body))
    }

    fn what_others_left_in_image_builder(&self) -> Option<(&'static str, String)> {
        let head = ["Image Builder's image", "Release", "State", "Since", "Why it is left"];
        let list = table(head, self.outputs_left(), escaped)?;
        let body = format!("{list}\n{ADVICE_ON_OUTPUTS_LEFT}\n");
        Some((
            "What is in Image Builder without an image, and nothing takes away",
            body,
        ))
    }

    fn which_snapshots_others_left(&self) -> Option<(&'static str, String)> {
        let head = ["Snapshots", "Of the image", "Release", "Where", "At most", "Gone since"];
        let list = table(head, self.snapshots_left(), escaped)?;
        let body = format!("{list}\n{ADVICE_ON_SNAPSHOTS_LEFT}\n");
        Some(("Which snapshots are left of images that others took away", body))
    }

    fn which_containers_would_go(&self) -> Option<(&'static str, String)> {
        let head = ["Container image", "Called", "Release", "Where", "Why nothing keeps it"];
        let body = table(head, self.containers_that_would_go(), escaped)?;
        Some(("Which container images would go, if anybody knew who uses them", body))
    }

    fn which_containers_stay(&self) -> Option<(&'static str, String)> {
        let head = ["Container image", "Called", "Release", "Where", "Rule", "Why it stays"];
        let body = table(head, self.containers_that_stay(), escaped)?;
        Some(("Which container images stay, and by which rule", body))
    }

    fn what_changed(&self) -> Option<(&'static str, String)> {
        let Changes {
            since,
            counts,
            new_troubles,
            gone_troubles,
        } = self.changes()?;
        let counts = counts.iter().map(ToString::to_string);
        let new = new_troubles
            .iter()
            .map(|trouble| format!("new: {}", cell(trouble.as_str())));
        let gone = gone_troubles
            .iter()
            .map(|trouble| format!("gone: {}", cell(trouble.as_str())));
        let mut all: Vec<String> = counts.chain(new).chain(gone).collect();
        if all.is_empty() {
            all.push(String::from("nothing that is counted"));
        }
        let mut body = format!("Against the run of {}:\n\n", minute(since));
        listed(&mut body, all.into_iter());
        Some(("What changed since the last run", body))
    }

    fn what_is_waived(&self) -> Option<(&'static str, String)> {
        let body = table(["Where", "Until", "By", "Why"], self.waivers(), escaped)?;
        Some(("What is done without evidence, as a person said", body))
    }
}

impl LeftoverTotals {
    /// What it comes to, in sentences.
    fn paragraph(self) -> String {
        let Self {
            images_gone,
            never_made,
            snapshots,
            gib,
            outputs_unknown,
            snapshots_unknown,
        } = self;
        let of_releases = format!("{images_gone} of releases whose images others took away");
        let of_builds = format!("{never_made} of builds that made none");
        let in_image_builder = match (images_gone, never_made) {
            (0, 0) => None,
            (0, _) => Some(of_builds),
            (_, 0) => Some(of_releases),
            (_, _) => Some(format!("{of_releases}, and {of_builds}")),
        };
        let in_image_builder = in_image_builder.map(|what| format!("Image Builder still has {what}."));
        let snapshots = (snapshots > 0).then(|| {
            format!(
                "Of images that others took away {snapshots} snapshot{} {} left, of {gib} GiB at most.",
                plural(snapshots),
                if snapshots == 1 { "is" } else { "are" }
            )
        });
        let mut said: Vec<String> = in_image_builder.into_iter().chain(snapshots).collect();
        if !said.is_empty() {
            said.push(String::from("Nothing of ours takes that away: a person may."));
        }
        let unknown = match (outputs_unknown, snapshots_unknown) {
            (false, false) => None,
            (true, false) => Some("what Image Builder still has"),
            (false, true) => Some("which snapshots are left everywhere"),
            (true, true) => Some("what Image Builder still has, and which snapshots are left everywhere"),
        };
        said.extend(unknown.map(|what| format!("It is not known {what}.")));
        said.join(" ")
    }
}

impl ContainerTotals {
    /// What it comes to, in sentences.
    fn paragraph(&self) -> String {
        let Self { kept, would_go, bytes } = self;
        let stay: usize = kept.values().sum();
        let all = stay + would_go;
        format!(
            "Of {all} container image{} {stay} {}, and {would_go} would go, with {} MiB at most, if anybody could know that nobody uses them. \
             Nothing is ever done with a container image.",
            plural(all),
            if stay == 1 { "stays" } else { "stay" },
            bytes.div_ceil(1 << 20)
        )
    }
}

/// What a run does, for a sentence.
pub(super) fn step_words(steps: &StepCounts) -> [(usize, &'static str); 5] {
    let StepCounts {
        restored,
        deprecated,
        disabled,
        deregistered,
        deleted_in_image_builder,
    } = *steps;
    [
        (restored, "restored"),
        (deprecated, "deprecated"),
        (disabled, "disabled"),
        (deregistered, "deregistered"),
        (deleted_in_image_builder, "deleted in Image Builder"),
    ]
}

/// A row whose every cell is shown as it reads.
fn escaped<const N: usize>(row: [String; N]) -> [String; N] {
    row.map(|text| cell(&text))
}

/// A table, cut where it is long; none of nothing.
fn table<T, const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = T>,
    show: impl FnMut(T) -> [String; N],
) -> Option<String> {
    // What is left out is counted, and not shown to be counted.
    let Listed { listed, more } = Listed::of(rows, ROWS).map(show);
    if listed.is_empty() {
        return None;
    }
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(N));
    for row in listed {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    if more > 0 {
        let _ = writeln!(text, "\n+{more} more");
    }
    Some(text)
}

/// A list, cut where it is long.
fn listed(text: &mut String, mut items: impl Iterator<Item = String>) {
    for item in items.by_ref().take(ROWS) {
        let _ = writeln!(text, "- {item}");
    }
    let more = items.count();
    if more > 0 {
        let _ = writeln!(text, "- +{more} more");
    }
}

use super::milliseconds::{DAY, at};
use super::outputs::{is_gone, orphan_wait};
use super::reasons::is_held;
use super::waits::{gone_at, has_report, is_begun, told};
use super::{Checking, Invariant, Judged};
use crate::pruning::{ExpendableSince, ReleaseFacts, Switch};
use crate::{AmiId, ReleaseId};

/// Whether what the record is to note, and what people are to be told, is so.
pub(super) fn check_notes(checking: &mut Checking<'_>) {
    let plan = checking.plan;
    let is_paused = checking.facts.switch != Switch::On;
    // That a person holds it is known without evidence, and looked at below.
    let cleared = if is_paused { plan.cleared.len() } else { 0 };
    let noted = [
        (plan.newly.len(), "becomes expendable"),
        (cleared, "is expendable no more"),
        (plan.to_announce.len(), "is announced"),
        (plan.orphans_to_announce.len(), "of Image Builder is announced"),
    ];
    if checking.is_at_rest() {
        let invariant = if is_paused { Invariant::Paused } else { Invariant::Known };
        for (_, what) in noted.into_iter().filter(|(count, _)| *count > 0) {
            checking.says(invariant, None, format!("something {what}, and nothing may be judged"));
        }
        if !is_paused {
            check_cleared(checking, is_held);
        }
        return;
    }
    check_newly(checking);
    check_cleared(checking, |_, _| true);
    for ami in &plan.to_announce {
        check_told(checking, *ami);
    }
    for arn in &plan.orphans_to_announce {
        let is_it = |release: &&ReleaseFacts| {
            release.output.as_ref().is_some_and(|output| output.arn == *arn) && is_gone(release)
        };
        let release = checking.facts.releases.iter().find(is_it);
        let now = at(checking.now);
        let retain = checking.facts.retain.as_ref();
        let wait = release.map(|release| (release, orphan_wait(retain, release, now)));
        let is_near = wait.is_some_and(|(release, wait)| {
            let told = release.output.as_ref().and_then(|output| output.announced);
            let is_new = |since: i128| told.is_none_or(|told| at(told) < since);
            wait.is_ok_and(|(since, time)| since <= now && time <= now + DAY && is_new(since))
        });
        if !is_near {
            checking.says(
                Invariant::Waited,
                None,
                format!("{arn} is announced, and does not go so soon"),
            );
        }
    }
}

fn check_newly(checking: &mut Checking<'_>) {
    for release in &checking.plan.newly {
        let is_so = checking.releases.get(release).is_some_and(|judged| {
            let is_free = judged.reasons.as_ref().is_some_and(Vec::is_empty);
            is_free && has_ours(judged) && judged.release.since == ExpendableSince::NotYet
        });
        if !is_so {
            checking.says(Invariant::Once, None, format!("{release} is not newly expendable"));
        }
    }
}

/// What somebody needs, and is known to, is expendable no more, and nothing else.
fn check_cleared(checking: &mut Checking<'_>, is_known: impl Fn(&ReleaseFacts, i128) -> bool) {
    let mut should: Vec<ReleaseId> = Vec::new();
    for (id, judged) in &checking.releases {
        let was = matches!(judged.release.since, ExpendableSince::Recorded(_));
        let is_needed = judged.is_needed() && is_known(judged.release, at(checking.now));
        if was && is_needed && (has_ours(judged) || checking.facts.retain.is_none()) {
            should.push(*id);
        }
    }
    should.sort_unstable();
    for release in &checking.plan.cleared {
        if should.binary_search(release).is_err() {
            let says = format!("{release} was not expendable, or still is");
            checking.says(Invariant::Once, None, says);
        }
    }
    let mut cleared = checking.plan.cleared.clone();
    cleared.sort_unstable();
    for release in should {
        if cleared.binary_search(&release).is_err() {
            let says = format!("{release} is needed, and stays expendable");
            checking.says(Invariant::Once, None, says);
        }
    }
}

fn has_ours(judged: &Judged<'_>) -> bool {
    let mut images = judged.release.placements.iter();
    images.any(|image| image.unmanaged.is_none())
}

/// People are told of what goes within a day, and once.
fn check_told(checking: &mut Checking<'_>, ami: AmiId) {
    let images = checking.facts.releases.iter().flat_map(|release| {
        let placements = release.placements.iter();
        placements.map(move |image| (release, image))
    });
    let mut ours = images.filter(|(_, image)| image.ami == ami && image.unmanaged.is_none());
    let Some((release, image)) = ours.next() else {
        checking.says(Invariant::Once, Some(ami), "is told to go, and nobody knows it");
        return;
    };
    let judged = checking.releases.get(&release.release);
    if !judged.is_some_and(|judged| judged.reasons.as_ref().is_some_and(Vec::is_empty)) {
        checking.says(Invariant::Once, Some(ami), "is told to go, and does not");
        return;
    }
    let Some(retain) = &checking.facts.retain else { return };
    match gone_at(release, image, retain, checking) {
        Err(says) => checking.says(Invariant::Waited, Some(ami), format!("is told to go, and {says}")),
        Ok(time) if time > at(checking.now) + DAY || !is_begun(release, image, checking) => {
            checking.says(Invariant::Waited, Some(ami), "is told to go too soon");
        }
        Ok(_) => {}
    }
    // Since when it is reckoned to be expendable is known there as a bound alone.
    let is_noted = release.since != ExpendableSince::Reckoned;
    if is_noted && told(release, image, retain, checking).is_some() {
        checking.says(Invariant::Waited, Some(ami), "is told to go, and was before");
    }
    if let Err(says) = has_report(image, checking) {
        checking.says(Invariant::Waited, Some(ami), format!("is told to go, and {says}"));
    }
}

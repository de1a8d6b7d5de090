//! Which usage reports to ask for: of images that may be used where nobody can look.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest as _, Sha256};

use super::reach::Reaching;
use super::report::{REPORT_LAG, ReportSeen, ReportState};
use super::targets::Reached;
use crate::text::hexadecimal;
use crate::{AccountId, AmiId, Duration, Target, Timestamp, Words};

/// Who could not be read for so long is asked about by reports.
const UNREAD: Duration = Duration::hours(24);
/// A report of this age is asked for again.
const OLD: Duration = Duration::days(7);
/// After one that ended in an error.
const AGAIN: Duration = Duration::hours(1);
/// So many of a target in one run: two fifths of what EC2 lets an account change at once.
const MOST_ASKED: usize = 20;
/// Within so much time the same question is the same request, however often it is sent.
const SAME: Duration = Duration::hours(24);

/// When a target's lists were tried last, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// As of when all of them were last read and believed; none where they never were.
    pub gathered: Option<Timestamp>,
    /// When they are to be read again; none before the first time has ended.
    pub next: Option<Timestamp>,
    /// As of when anything of it could last be read; none: nobody was ever let in.
    pub read: Option<Timestamp>,
    /// Whether they show an image of ours in use, or may.
    pub uses: bool,
}

/// The accounts that manifests reach and that were tried and not read lately, in every target.
///
/// One that nobody has tried yet is none of them: the run that is about to try it tells.
pub fn unread_accounts(
    reached: &BTreeMap<Target, Reached>,
    asked: &BTreeMap<Target, Asked>,
    now: Timestamp,
) -> BTreeSet<AccountId> {
    let since = now.checked_sub(UNREAD);
    let lately = |at: Timestamp| since.is_none_or(|since| at >= since);
    let is_unread = |target: &&Target| {
        let asked = asked.get(*target);
        asked.is_some_and(|asked| !asked.gathered.is_some_and(lately))
    };
    reached
        .keys()
        .filter(is_unread)
        .map(|target| target.account())
        .collect()
}

/// Whether somebody may use a family's images in an account that is not read, or whose name nobody knows.
pub fn reaches_beyond(family: &Reaching<'_>, unread: &BTreeSet<AccountId>) -> bool {
    let Reaching { manifest, reach, known } = family;
    let public = manifest.is_none_or(|manifest| manifest.distribute.share_with.public);
    public || !known || reach.everybody().any(|account| unread.contains(&account))
}

/// An image that may be used where nobody can look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reportable {
    /// Which.
    pub ami: AmiId,
    /// Since when it is known to be disabled.
    pub disabled: Option<Timestamp>,
}

/// A report that is to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Of which image.
    pub ami: AmiId,
    /// Why.
    pub cause: AskCause,
    /// The newest one that is known.
    after: Option<Words>,
    /// Since when it is due; none: ever since there is the image.
    due: Option<Timestamp>,
}

/// Why a report is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskCause {
    /// There is none.
    First,
    /// The newest is old.
    Old,
    /// The newest ended in an error.
    Failed,
    /// Only one from now on tells of all that came before the image was disabled.
    Disabled,
}

/// Decides which reports to ask for: of each image one at a time, of a target no more than EC2 bears, the one that waits
/// longest first.
pub fn decide_reports(images: &[Reportable], reports: &[ReportSeen], now: Timestamp) -> Vec<Asking> {
    let mut of: BTreeMap<AmiId, Vec<&ReportSeen>> = BTreeMap::new();
    for report in reports {
        of.entry(report.ami).or_default().push(report);
    }
    let asking = |image: &Reportable| decide_one(*image, of.get(&image.ami).map_or(&[], Vec::as_slice), now);
    let mut asking: Vec<Asking> = images.iter().filter_map(asking).collect();
    asking.sort_by_key(|asking| (asking.due, asking.ami));
    asking.truncate(MOST_ASKED);
    asking
}

fn decide_one(image: Reportable, reports: &[&ReportSeen], now: Timestamp) -> Option<Asking> {
    let Reportable { ami, disabled } = image;
    // EC2 makes one at a time of an image, whoever asked for it.
    if reports.iter().any(|report| report.state == ReportState::Pending) {
        return None;
    }
    let after = reports.iter().max_by_key(|report| (report.requested, &report.id));
    let after = after.map(|report| report.id.clone());
    let asking = |cause, due| Asking {
        ami,
        cause,
        after: after.clone(),
        due,
    };
    let whole = reports.iter().filter(|report| report.whole);
    let Some(newest) = whole.max_by_key(|report| report.requested) else {
        return Some(asking(AskCause::First, None));
    };
    let later = |at: Timestamp, wait: Duration| at.checked_add(wait);
    let (cause, due) = match newest.state {
        ReportState::Error => (AskCause::Failed, later(newest.requested, AGAIN)),
        ReportState::Available | ReportState::Pending => {
            let old = later(newest.requested, OLD).map(|due| (due, AskCause::Old));
            let all_told = disabled.and_then(|at| later(at, REPORT_LAG));
            let all_told = all_told.filter(|due| newest.requested < *due);
            let all_told = all_told.map(|due| (due, AskCause::Disabled));
            let (due, cause) = old.into_iter().chain(all_told).min_by_key(|(due, _)| *due)?;
            (cause, Some(due))
        }
    };
    (due? <= now).then(|| asking(cause, due))
}

impl Asking {
    /// The token of its call. Asked again before EC2 lists what was asked for, as after a crash, it is answered with that; once
    /// that is listed, the next question is another one.
    pub fn token(&self, target: Target, now: Timestamp) -> String {
        let Self {
            ami,
            cause: _,
            after,
            due: _,
        } = self;
        let after = after.as_ref().map_or("none", Words::as_str);
        // Where none is left that a question could come after, an answer of long ago would be none.
        let day = u128::try_from(now.as_millisecond()).unwrap_or_default() / SAME.length().as_millis();
        let digest = Sha256::digest(format!("usage report of {ami} in {target} after {after} on {day}"));
        hexadecimal(&digest)
    }
}

impl fmt::Display for AskCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "there is none yet",
            Self::Old => "the last one is a week old",
            Self::Failed => "the last one ended in an error",
            Self::Disabled => "the last one says too little of the time before the image was disabled",
        })
    }
}

#[cfg(test)]
mod tests;

use super::Checking;
use super::milliseconds::{DAY, at, ms};
use super::steps::To;
use crate::Timestamp;
use crate::manifest::{Retain, Wait};
use crate::pruning::{BuildTime, ExpendableSince, PlacementSeen, PlacementStanding, ReleaseFacts, Shared, Since};

/// Whether an image stood on the rung before for its full wait, and what a deregistration needs was there in time.
pub(super) fn has_waited(
    release: &ReleaseFacts,
    image: &PlacementSeen,
    to: To,
    retain: &Retain,
    checking: &Checking<'_>,
) -> Result<(), &'static str> {
    let now = at(checking.now);
    let (deprecate, disable) = (retain.ladder.deprecate, retain.ladder.disable);
    // What nobody wrote down cannot be shown to be too short.
    let shortens = |reached: Option<Timestamp>, wait: i128| reached.is_some_and(|reached| now - at(reached) < wait);
    let early = |wait: i128| since(release, retain, checking).is_some_and(|since| now - since < wait);
    match (image.standing, to) {
        (PlacementStanding::Available, To::Deprecated) => {
            if early(entry(deprecate)?) {
                return Err("is deprecated before its time");
            }
        }
        (PlacementStanding::Deprecated(since), To::Disabled) => {
            let wait = entry(disable)?;
            if early(wait) || shortens(since.at, wait - entry(deprecate)?) || since.at == Some(checking.now) {
                return Err("is disabled before its time");
            }
        }
        (PlacementStanding::Disabled(reached), To::Gone) => {
            let time = gone_at(release, image, retain, checking)?;
            if now < time || reached.at == Some(checking.now) {
                return Err("is deregistered before its time");
            }
            image.announced.ok_or("goes, and nobody was told")?;
            if told(release, image, retain, checking).is_none_or(|told| now - told < DAY) {
                return Err("goes, and nobody was told of it a day ago");
            }
            has_report(image, checking)?;
        }
        (_, _) => return Err("leaves out a rung"),
    }
    Ok(())
}

/// When an image that is disabled may go at the earliest.
pub(super) fn gone_at(
    release: &ReleaseFacts,
    image: &PlacementSeen,
    retain: &Retain,
    checking: &Checking<'_>,
) -> Result<i128, &'static str> {
    let PlacementStanding::Disabled(Since { at: reached, by_us: _ }) = image.standing else {
        return Err("leaves out a rung");
    };
    let reached = at(reached.ok_or("goes, and nobody knows since when it is disabled")?);
    let wait = entry(retain.ladder.delete)?;
    let least = if checking.facts.shared == Shared::WithNobody {
        0
    } else {
        7 * DAY
    };
    let by_its_rung = reached + (wait - entry(retain.ladder.disable)?).max(least);
    let by_its_release = since(release, retain, checking).map(|since| since + wait);
    Ok(by_its_release.map_or(by_its_rung, |time| time.max(by_its_rung)))
}

/// Whether the way down of an image that is disabled has begun, and not in this very moment.
pub(super) fn is_begun(release: &ReleaseFacts, image: &PlacementSeen, checking: &Checking<'_>) -> bool {
    let is_past = |time: Timestamp| at(time) < at(checking.now);
    let is_recorded = match release.since {
        ExpendableSince::Recorded(since) => at(since) <= at(checking.now),
        ExpendableSince::NotYet | ExpendableSince::Reckoned => true,
    };
    let is_settled = match image.standing {
        PlacementStanding::Disabled(Since { at, by_us: _ }) => at.is_some_and(is_past),
        PlacementStanding::Available | PlacementStanding::Deprecated(_) | PlacementStanding::Unsettled(_) => false,
    };
    is_recorded && is_settled
}

/// When people were told that an image goes, on its present way down.
pub(super) fn told(
    release: &ReleaseFacts,
    image: &PlacementSeen,
    retain: &Retain,
    checking: &Checking<'_>,
) -> Option<i128> {
    let told = at(image.announced?);
    let is_before = match image.standing {
        PlacementStanding::Deprecated(Since { at: reached, .. })
        | PlacementStanding::Disabled(Since { at: reached, .. }) => reached.is_none_or(|reached| told < at(reached)),
        PlacementStanding::Available | PlacementStanding::Unsettled(_) => true,
    };
    let is_of_another = since(release, retain, checking).is_some_and(|since| told < since);
    (!is_before && !is_of_another).then_some(told)
}

/// Whether a usage report tells of those who let nobody look.
pub(super) fn has_report(image: &PlacementSeen, checking: &Checking<'_>) -> Result<(), &'static str> {
    if checking.facts.shared != Shared::WithoutRoles {
        return Ok(());
    }
    let reported = image.reported.map(at).ok_or("goes without a usage report")?;
    match image.standing {
        PlacementStanding::Disabled(Since { at: Some(reached), .. }) if reported >= at(reached) + 4 * DAY => Ok(()),
        _ => Err("goes by a usage report that tells too little"),
    }
}

/// Since when a release is expendable, or no earlier than when it is.
fn since(release: &ReleaseFacts, retain: &Retain, checking: &Checking<'_>) -> Option<i128> {
    match release.since {
        ExpendableSince::Recorded(since) => {
            let old = old(release, retain).into_iter();
            let_go(release, checking).chain(old).chain([at(since)]).max()
        }
        ExpendableSince::NotYet => Some(at(checking.now)),
        // Whatever else let go.
        ExpendableSince::Reckoned => old(release, retain),
    }
}

/// When it was old enough.
fn old(release: &ReleaseFacts, retain: &Retain) -> Option<i128> {
    match release.built {
        BuildTime::At(built) => Some(at(built) + ms(retain.young)),
        BuildTime::Absent | BuildTime::Unparseable(_) => None,
    }
}

/// When the holds on it ended that are past.
fn let_go<'a>(release: &'a ReleaseFacts, checking: &'a Checking<'_>) -> impl Iterator<Item = i128> + use<'a> {
    let ends = release.holds.iter().map(|held| at(held.until));
    ends.filter(|end| *end <= at(checking.now))
}

pub(super) fn entry(wait: Wait) -> Result<i128, &'static str> {
    match wait {
        Wait::After(wait) => Ok(ms(wait)),
        Wait::Never => Err("is never to come there"),
    }
}

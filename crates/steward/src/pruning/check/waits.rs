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
    let entry = |wait: Wait| match wait {
        Wait::After(wait) => Ok(ms(wait)),
        Wait::Never => Err("is never to come there"),
    };
    let (deprecate, disable, delete) = (retain.ladder.deprecate, retain.ladder.disable, retain.ladder.delete);
    let recorded = match release.since {
        ExpendableSince::Recorded(since) => Some(at(since)),
        ExpendableSince::NotYet => Some(now),
        // It is no earlier than this, whatever else let go.
        ExpendableSince::Reckoned => match release.built {
            BuildTime::At(built) => Some(at(built) + ms(retain.young)),
            BuildTime::Absent | BuildTime::Unparseable(_) => None,
        },
    };
    // What nobody wrote down cannot be shown to be too short.
    let shortens = |reached: Option<Timestamp>, wait: i128| reached.is_some_and(|reached| now - at(reached) < wait);
    let early = |wait: i128| recorded.is_some_and(|since| now - since < wait);
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
        (PlacementStanding::Disabled(Since { at: None, by_us: _ }), To::Gone) => {
            return Err("goes, and nobody knows since when it is disabled");
        }
        (PlacementStanding::Disabled(since), To::Gone) => {
            let wait = entry(delete)?;
            let least = if checking.facts.shared == Shared::WithNobody {
                0
            } else {
                7 * DAY
            };
            let rests = (wait - entry(disable)?).max(least);
            if early(wait) || shortens(since.at, rests) || since.at == Some(checking.now) {
                return Err("is deregistered before its time");
            }
            let told = image.announced.map(at).ok_or("goes, and nobody was told")?;
            if now - told < DAY
                || since.at.is_some_and(|disabled| told < at(disabled))
                || recorded.is_some_and(|since| told < since)
            {
                return Err("goes, and nobody was told of it a day ago");
            }
            if checking.facts.shared == Shared::WithoutRoles {
                let reported = image.reported.map(at).ok_or("goes without a usage report")?;
                if since.at.is_none_or(|disabled| reported < at(disabled) + 4 * DAY) {
                    return Err("goes by a usage report that tells too little");
                }
            }
        }
        (_, _) => return Err("leaves out a rung"),
    }
    Ok(())
}

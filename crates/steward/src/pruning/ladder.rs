use super::blocked::Blocker;
use super::facts::Shared;
use super::looked::Looked;
use super::placement::{PlacementSeen, PlacementStanding};
use super::plan::Next;
use super::rung::Rung;
use crate::evidence::REPORT_LAG;
use crate::manifest::{Ladder, Wait};
use crate::{Duration, Timestamp};

/// Who uses what others may use is known only days later.
const SHARED_DISABLED: Duration = Duration::days(7);
/// So long before an image goes for good people are told.
pub const NOTICE: Duration = Duration::hours(24);

/// Where an image of an expendable release is on its way down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Descent {
    /// On which rung.
    pub(super) rung: Rung,
    /// Since when, as far as its wait is concerned.
    from: Timestamp,
    /// Since when its release is expendable.
    since: Timestamp,
    /// When it came to its rung, where somebody wrote it down.
    reached: Option<Timestamp>,
    /// What comes next; none: its ladder ends there.
    pub(super) next: Option<Next>,
    /// When its coming deregistration was announced, on this way down.
    announced: Option<Timestamp>,
    /// When the newest usage report of it was asked for.
    reported: Option<Timestamp>,
}

/// What an image of an expendable release does in this run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Move {
    /// It waits for its time.
    Waits,
    /// It goes on to the next rung.
    Goes(Rung),
}

impl Descent {
    /// Where an image is whose release is expendable since then; none: on no rung.
    pub(super) fn of(placement: &PlacementSeen, since: Timestamp, ladder: &Ladder, shared: Shared) -> Option<Self> {
        let rung = placement.standing.rung()?;
        let entered = entry(ladder, rung).map_or(since, |wait| since.saturating_add(wait));
        let reached = match placement.standing {
            PlacementStanding::Unsettled(_) | PlacementStanding::Available => None,
            PlacementStanding::Deprecated(since) | PlacementStanding::Disabled(since) => since.at,
        };
        let from = reached.unwrap_or(entered);
        let next = rung.next().and_then(|next| {
            let least = entry(ladder, next)?;
            let mut wait = least
                .length()
                .saturating_sub(entry(ladder, rung).map_or_else(Default::default, Duration::length));
            if next == Rung::Deregistered && shared != Shared::WithNobody {
                wait = wait.max(SHARED_DISABLED.length());
            }
            // Whoever put it on its rung before it was expendable shortens nothing.
            let at = since.saturating_add(least).max(from.saturating_add(wait));
            Some(Next { rung: next, at })
        });
        Some(Self {
            rung,
            from,
            since,
            reached,
            next,
            // Where nobody knows since when it is on its rung, nobody knows that it was told since.
            announced: placement
                .announced
                .filter(|told| reached.is_some() && *told >= from.max(since)),
            reported: placement.reported,
        })
    }

    /// What it does now; and what is in the way, where it is time.
    pub(super) fn now(&self, shared: Shared, now: Timestamp) -> Result<Move, Blocker> {
        let Some(Next { rung, at }) = self.next else {
            return Ok(Move::Waits);
        };
        if now < at || self.is_new(now) {
            return Ok(Move::Waits);
        }
        if rung == Rung::Deregistered {
            if let Some(from) = self.lacks_report(shared) {
                return Err(Blocker::NotReported { from });
            }
            if self.announced.is_none_or(|told| now < told.saturating_add(NOTICE)) {
                return Err(Blocker::NotAnnounced { since: self.announced });
            }
        }
        Ok(Move::Goes(rung))
    }

    /// Whether everybody was asked since it came to its rung: some ask EC2 itself about an image only from then on.
    pub(super) fn is_asked_since(&self, looked: &Looked) -> bool {
        self.reached.is_none_or(|reached| looked.is_since(reached))
    }

    /// Whether people are to be told now that it goes for good.
    pub(super) fn is_to_be_announced(&self, shared: Shared, now: Timestamp) -> bool {
        let is_near = |next: Next| next.rung == Rung::Deregistered && next.at <= now.saturating_add(NOTICE);
        let is_near =
            self.next.is_some_and(is_near) && self.since <= now && self.reached.is_some() && !self.is_new(now);
        is_near && self.announced.is_none() && self.lacks_report(shared).is_none()
    }

    /// Whether it came to its rung in this very run: it is one rung a run.
    fn is_new(&self, now: Timestamp) -> bool {
        self.rung > Rung::Available && now <= self.from
    }

    /// From when on a usage report must be asked for that it lacks. Of what came to its rung nobody knows when, none tells.
    fn lacks_report(&self, shared: Shared) -> Option<Timestamp> {
        let from = self.from.saturating_add(REPORT_LAG);
        let is_told = self.reached.is_some() && self.reported.is_some_and(|asked| asked >= from);
        (shared == Shared::WithoutRoles && !is_told).then_some(from)
    }
}

/// When a rung is reached, from when a release became expendable; none: never.
pub(super) fn entry(ladder: &Ladder, rung: Rung) -> Option<Duration> {
    let Ladder {
        deprecate,
        disable,
        delete,
    } = ladder;
    let wait = match rung {
        Rung::Available => return Some(Duration::seconds(0)),
        Rung::Deprecated => deprecate,
        Rung::Disabled => disable,
        Rung::Deregistered => delete,
    };
    match wait {
        Wait::After(wait) => Some(*wait),
        Wait::Never => None,
    }
}

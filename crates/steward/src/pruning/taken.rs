use super::placement::{PlacementStanding, Since};
use crate::{AmiState, Duration, Timestamp};

/// An image is deprecated from a moment on that is a little ahead, as EC2 takes no moment that has passed.
pub const DEPRECATED_FROM: Duration = Duration::minutes(1);
/// What is deprecated from a moment on that is no further ahead counts as deprecated: EC2 rounds it to a minute.
const AS_GOOD_AS_NOW: Duration = Duration::minutes(2);

/// What pruning did to an image on its way down, as the record keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenDown {
    /// When it deprecated it; none: it did not, or took that back.
    pub deprecated: Option<Timestamp>,
    /// When it disabled it; none: it did not, or took that back.
    pub disabled: Option<Timestamp>,
}

/// What is known of how an image stands: by EC2, and by the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownStanding {
    /// Its state.
    pub state: AmiState,
    /// Since when it is known to be in that state.
    pub since: Option<Timestamp>,
    /// From when on EC2 shows it as deprecated.
    pub deprecated: Option<Timestamp>,
    /// What pruning did to it.
    pub taken: TakenDown,
}

impl KnownStanding {
    /// On which rung it stands, since when, and whether pruning put it there; none: it is gone.
    pub fn standing(self, now: Timestamp) -> Option<PlacementStanding> {
        let Self {
            state,
            since,
            deprecated,
            taken,
        } = self;
        Some(match state {
            AmiState::Deregistered | AmiState::Invalid => return None,
            AmiState::Pending | AmiState::Transient | AmiState::Failed | AmiState::Error => {
                PlacementStanding::Unsettled(state)
            }
            // One that came to this state again after we put it there was put there by another hand.
            AmiState::Disabled => PlacementStanding::Disabled(match taken.disabled {
                Some(at) if since.is_none_or(|since| since <= at) => by_us(at),
                Some(_) | None => by_another(since),
            }),
            AmiState::Available => match deprecated.filter(|from| is_deprecated(*from, now)) {
                None => PlacementStanding::Available,
                Some(from) => PlacementStanding::Deprecated(match taken.deprecated {
                    // We disabled it since, and another hand enabled it: whoever needs it is given the whole wait again.
                    Some(at) if taken.is_own_deprecation(from) => {
                        let enabled = taken
                            .disabled
                            .map(|disabled| since.map_or(disabled, |since| since.max(disabled)));
                        by_us(enabled.map_or(at, |enabled| enabled.max(at)))
                    }
                    Some(_) | None => by_another(Some(from)),
                }),
            },
        })
    }
}

impl TakenDown {
    /// Whether it is by pruning that EC2 shows an image as deprecated from then on.
    pub(super) fn is_own_deprecation(self, from: Timestamp) -> bool {
        self.deprecated.is_some_and(|at| {
            let (from, at) = (from.as_millisecond(), at.as_millisecond());
            let most = AS_GOOD_AS_NOW.length().as_millis();
            u128::from(from.abs_diff(at)) <= most
        })
    }
}

/// Whether an image counts as deprecated that EC2 shows as deprecated from then on.
pub(super) fn is_deprecated(from: Timestamp, now: Timestamp) -> bool {
    from <= now.saturating_add(AS_GOOD_AS_NOW)
}

const fn by_us(at: Timestamp) -> Since {
    Since {
        at: Some(at),
        by_us: true,
    }
}

const fn by_another(at: Option<Timestamp>) -> Since {
    Since { at, by_us: false }
}

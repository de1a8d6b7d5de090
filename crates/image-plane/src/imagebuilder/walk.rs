//! When a build came into each of its states.

use super::image::Status;
use crate::time::Time;
use crate::world::settings::BuildTimes;

/// The states of a build in their order, from PENDING to where it ended.
#[derive(Clone, Debug)]
pub(crate) struct Walk(Vec<(Status, Time)>);

/// How a state was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Left {
    pub(crate) to: Status,
    pub(crate) at: Time,
}

impl Walk {
    /// A build that is PENDING from now on.
    pub(crate) fn from(now: Time) -> Self {
        Self(vec![(Status::Pending, now)])
    }

    /// A build that began then, took no longer than it had to, and came through every state to AVAILABLE.
    pub(crate) fn to_the_end(began: Time, times: &BuildTimes) -> Self {
        let mut walk = Self::from(began);
        let mut at = began;
        let stays = [
            (times.starting, Status::Creating),
            (times.starting, Status::Building),
            (times.building, Status::Testing),
            (times.testing, Status::Distributing),
            (times.distributing, Status::Integrating),
            (times.integrating, Status::Available),
        ];
        for (stay, next) in stays {
            at = at + stay;
            walk.enter(next, at);
        }
        walk
    }

    pub(crate) fn enter(&mut self, status: Status, now: Time) {
        self.0.push((status, now));
    }

    /// When the build came into a state; `None` where it never did.
    pub(crate) fn entered(&self, status: Status) -> Option<Time> {
        self.0.iter().find(|(known, _)| *known == status).map(|(_, at)| *at)
    }

    /// Where the build went from a state, once it has.
    pub(crate) fn left(&self, status: Status) -> Option<Left> {
        let at = self.0.iter().position(|(known, _)| *known == status)?;
        self.0.get(at + 1).map(|&(to, at)| Left { to, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_left_for_the_next_one_and_the_last_for_none() {
        let at = Time::from_millis;
        let mut walk = Walk::from(at(1));
        walk.enter(Status::Creating, at(2));
        walk.enter(Status::Failed, at(3));
        assert_eq!(walk.entered(Status::Creating), Some(at(2)));
        assert_eq!(walk.entered(Status::Building), None);
        let left = Left {
            to: Status::Failed,
            at: at(3),
        };
        assert_eq!(walk.left(Status::Creating), Some(left));
        assert_eq!((walk.left(Status::Failed), walk.left(Status::Building)), (None, None));
    }
}

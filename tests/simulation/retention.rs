//! What a family's manifest says of what stays and how the rest goes, as the simulation knows it.

use std::time::Duration;

use stage::aws::hours;

use crate::dice::Dice;

/// What others may use stays disabled for so many hours.
const SHARED_DISABLED: u64 = 7 * 24;

/// How a family's images go, in hours where it is about time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Retention {
    /// So many of the newest stay.
    pub(crate) releases: usize,
    /// And what is younger.
    young: u64,
    /// And what was launched within this.
    unused_for: Option<u64>,
    /// From when a release became expendable until each rung.
    deprecate: u64,
    disable: u64,
    /// From disabling until the end; none: disabled is the end.
    delete_after: Option<u64>,
    /// Of a hundred releases so many may begin to go at once.
    share: usize,
    per_run: usize,
}

impl Retention {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        Self {
            releases: dice.between(1, 2),
            young: *dice.pick(&[1, 24]),
            unused_for: *dice.pick(&[None, None, Some(24)]),
            deprecate: *dice.pick(&[0, 0, 12]),
            disable: *dice.pick(&[12, 24]),
            delete_after: *dice.pick(&[Some(0), Some(0), Some(0), Some(24), Some(24), Some(24), Some(24), None]),
            share: *dice.pick(&[25, 50, 100, 100]),
            per_run: *dice.pick(&[1, 3, 50]),
        }
    }

    /// Changes something of it, as people do; says what.
    pub(crate) fn change(&mut self, dice: &mut Dice) -> String {
        match dice.below(4) {
            0 => self.releases = 3 - self.releases,
            1 => self.young = *dice.pick(&[1, 24, 72]),
            2 => self.delete_after = *dice.pick(&[Some(0), Some(24), None]),
            _ => self.disable = *dice.pick(&[12, 24, 48]),
        }
        format!("{self:?}")
    }

    /// Lets a run do all that is due.
    pub(crate) const fn hurry(&mut self) {
        self.per_run = 50;
    }

    /// As a manifest says it, of a family that others may use or nobody.
    pub(crate) fn says(&self, is_shared: bool) -> String {
        let Self {
            releases,
            young,
            unused_for,
            deprecate,
            disable,
            delete_after: _,
            share,
            per_run,
        } = self;
        let unused = unused_for.map_or_else(String::new, |hours| format!(", unused_for: {hours}h"));
        let wait = |hours: Option<u64>| hours.map_or_else(|| String::from("never"), |hours| format!("{hours}h"));
        let delete = wait(self.delete(is_shared));
        format!(
            "retain: {{ releases: {releases}, for: {young}h{unused}, keep_tags: {{ keep: \"true\" }}, limits: {{ share: {share}%, \
             per_run: {per_run} }}, ladder: {{ deprecate: {deprecate}h, disable: {}h, delete: {delete} }} }}\n",
            disable + deprecate
        )
    }

    fn delete(&self, is_shared: bool) -> Option<u64> {
        let Self {
            deprecate,
            disable,
            delete_after,
            ..
        } = self;
        let least = if is_shared { SHARED_DISABLED } else { 0 };
        delete_after.map(|after| deprecate + disable + after.max(least))
    }

    /// What is younger stays.
    pub(crate) fn young(&self) -> Duration {
        hours(self.young)
    }

    /// What was launched within this stays.
    pub(crate) fn unused_for(&self) -> Option<Duration> {
        self.unused_for.map(hours)
    }

    /// So long after it began to go an image is deprecated.
    pub(crate) fn until_deprecated(&self) -> Duration {
        hours(self.deprecate)
    }

    /// So long after it is disabled.
    pub(crate) fn until_disabled(&self) -> Duration {
        hours(self.deprecate + self.disable)
    }

    /// So long after it goes; none: it never does.
    pub(crate) fn until_gone(&self, is_shared: bool) -> Option<Duration> {
        self.delete(is_shared).map(hours)
    }
}

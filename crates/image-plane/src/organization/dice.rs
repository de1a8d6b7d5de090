//! Chance for whoever founds an organization: a stream of its own for each part, so that more of one changes no other.

use crate::random::Random;

/// A stream of chance.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    seed: u64,
    pub(super) random: Random,
}

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            seed,
            random: Random::new(seed),
        }
    }

    /// The stream of a part: it depends on the seed and the part's name, not on what was drawn before.
    pub(super) fn of(&self, part: &str) -> Self {
        let start = self.seed ^ 0xcbf2_9ce4_8422_2325;
        let digest = part.bytes().fold(start, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self::new(digest)
    }

    /// A number from 0 up to and without this bound.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(self.random.below(bound)).unwrap_or(0)
    }

    /// A number from the one to the other, both included.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.random.below(most.saturating_sub(least) + 1)
    }

    pub(super) fn chance(&mut self, per_mille: u16) -> bool {
        self.random.chance(per_mille)
    }

    /// One of these; none of nothing.
    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// All of these in another order.
    pub(super) fn shuffled<T: Clone>(&mut self, all: &[T]) -> Vec<T> {
        let mut all = all.to_vec();
        for place in (1..all.len()).rev() {
            all.swap(place, self.below(place + 1));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_its_own_stream_whatever_was_drawn_before() {
        let mut dice = Dice::new(7);
        let first = dice.of("web").below(1 << 40);
        dice.below(3);
        assert_eq!(dice.of("web").below(1 << 40), first);
        assert_ne!(dice.of("base").below(1 << 40), first);
        assert_ne!(Dice::new(8).of("web").below(1 << 40), first);
    }

    #[test]
    fn shuffling_loses_nothing() {
        let mut shuffled = Dice::new(3).shuffled(&[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_ne!(shuffled, [1, 2, 3, 4, 5, 6, 7, 8]);
        shuffled.sort_unstable();
        assert_eq!(shuffled, [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}

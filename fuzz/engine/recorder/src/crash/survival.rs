//! The choice of what survives.
//!
//! A choice is a function of the seed and of what it is about, never of the choices before it. So a
//! call more or less leaves the fate of the others alone.

use crate::journal::Time;

/// What a choice is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum About {
    /// The names that moved together, by the first time that they were changed.
    Names(Time),
    /// The size of a file.
    Size(usize),
    /// A sector of a file.
    Sector(usize, u64),
    /// A new block of a file.
    Block(usize, u64),
    /// The time up to which new blocks of a file were written.
    Extent(usize),
    /// The time up to which the journal was written.
    Journal,
}

/// How much survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Amount {
    Nothing,
    Everything,
    /// What was done up to a time. Of what was done at that time, about a half.
    Prefix(Time),
    Little,
    Most,
    Half,
}

/// Chooses what survives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Survival {
    amount: Amount,
    seed: u64,
}

impl Survival {
    /// `events` is the number of events before the crash.
    pub(super) fn new(seed: u64, events: Time) -> Self {
        let amount = match seed % 6 {
            0 => Amount::Nothing,
            1 => Amount::Everything,
            2 => {
                // The distance is log-uniform, up to 255 events.
                let random = mixed(seed);
                let distance = (random >> 8) % (1 << (1 + random % 8));
                Amount::Prefix(events.saturating_sub(distance as usize))
            }
            3 => Amount::Little,
            4 => Amount::Most,
            _ => Amount::Half,
        };
        Survival { amount, seed }
    }

    /// Chooses `lower` or one of `times`, which are above it and ascending.
    pub(super) fn choose(&self, about: About, lower: Time, times: &[Time]) -> Time {
        let Some(last) = times.last().copied() else { return lower };
        let random = self.random(about);
        let any = || match (random >> 32) as usize % (times.len() + 1) {
            0 => lower,
            place => times[place - 1],
        };
        match self.amount {
            Amount::Nothing => lower,
            Amount::Everything => last,
            Amount::Prefix(time) => {
                let time = if random.is_multiple_of(2) { time } else { time.saturating_sub(1) };
                times.iter().rev().find(|one| **one <= time).copied().unwrap_or(lower)
            }
            Amount::Little if !random.is_multiple_of(8) => lower,
            Amount::Most if !random.is_multiple_of(8) => last,
            _ => any(),
        }
    }

    fn random(&self, about: About) -> u64 {
        let (kind, one, other) = match about {
            About::Names(time) => (1, time as u64, 0),
            About::Size(file) => (2, file as u64, 0),
            About::Sector(file, sector) => (3, file as u64, sector),
            About::Block(file, block) => (4, file as u64, block),
            About::Extent(file) => (5, file as u64, 0),
            About::Journal => (6, 0, 0),
        };
        mixed(mixed(mixed(self.seed ^ kind << 56) ^ one) ^ other)
    }
}

/// Splitmix64.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_one_of_those_allowed() {
        for seed in 0..600 {
            let survival = Survival::new(seed, 10);
            let chosen = survival.choose(About::Size(1), 3, &[5, 7, 9]);
            assert!([3, 5, 7, 9].contains(&chosen), "{chosen}");
            assert_eq!(survival.choose(About::Size(1), 3, &[]), 3);
        }
    }

    #[test]
    fn the_first_seeds_choose_nothing_and_everything() {
        assert_eq!(Survival::new(0, 10).choose(About::Journal, 3, &[5, 7, 9]), 3);
        assert_eq!(Survival::new(1, 10).choose(About::Journal, 3, &[5, 7, 9]), 9);
    }

    #[test]
    fn each_time_is_chosen_sometimes() {
        let chosen = |seed| Survival::new(seed, 10).choose(About::Sector(2, 8), 3, &[5, 9]);
        for time in [3, 5, 9] {
            assert!((0..100).any(|seed| chosen(seed) == time), "{time}");
        }
    }
}

//! The share of mutations that draw a whole history instead of changing an input of the corpus.
//!
//! The share follows what brought new coverage: of every history drawn and every input changed, the
//! driver says whether it did. Old results count less and less, so the share follows a corpus that
//! grows up.

use crate::generator::Random;
use crate::input::dice::Dice;
use crate::protocol::Part;

/// After this many results of one way, its counts are halved.
const MEMORY: u32 = 512;

/// The share is at least 1 and at most 7 in `PARTS`.
const PARTS: u64 = 8;

/// A way to make the next input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Draw a whole history.
    Draw,
    /// Change an input of the corpus.
    Change,
}

/// Decides in which way each input is made.
#[derive(Clone, Debug)]
pub struct Share {
    drawn: Results,
    changed: Results,
    /// Whether histories are drawn at all.
    draws: bool,
}

impl Share {
    /// Creates a share without results: it draws half of the inputs.
    #[must_use]
    pub const fn new() -> Self {
        const NOTHING: Results = Results { inputs: 0, gains: 0 };
        Share { drawn: NOTHING, changed: NOTHING, draws: true }
    }

    /// Creates a share without results. It draws nothing if the environment leaves whole histories
    /// out.
    #[must_use]
    pub fn of_environment() -> Self {
        Share { draws: Part::Histories.is_in(), ..Share::new() }
    }

    /// Chooses the way of the next input, or of the next sequence of inputs. The choice depends
    /// only on the results so far and on `seed`.
    #[must_use]
    pub fn choose(&self, seed: u64) -> Way {
        let (drawn, changed) = (self.drawn.rate(), self.changed.rate());
        const UNIT: u64 = 1 << 16;
        let share = UNIT * drawn / (drawn + changed);
        let share = share.clamp(UNIT / PARTS, UNIT - UNIT / PARTS);
        let draws = self.draws && Random::new(seed, 2).below(UNIT) < share;
        if draws { Way::Draw } else { Way::Change }
    }

    /// Learns that an input that was made in this way was run, and whether it brought new coverage.
    pub fn learn(&mut self, way: Way, gained: bool) {
        let results = match way {
            Way::Draw => &mut self.drawn,
            Way::Change => &mut self.changed,
        };
        if results.inputs == MEMORY {
            *results = Results { inputs: MEMORY / 2, gains: results.gains / 2 };
        }
        results.inputs += 1;
        results.gains += u32::from(gained);
    }
}

impl Default for Share {
    fn default() -> Self {
        Share::new()
    }
}

/// The results of one way.
#[derive(Clone, Copy, Debug)]
struct Results {
    inputs: u32,
    /// The inputs that brought new coverage.
    gains: u32,
}

impl Results {
    /// Returns the rate of gains, as if one more input had brought new coverage. It is above 0.
    fn rate(self) -> u64 {
        const UNIT: u64 = 1 << 16;
        UNIT * (u64::from(self.gains) + 1) / (u64::from(self.inputs) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how many of 1,000 choices draw.
    fn draws(share: &Share) -> usize {
        (0..1000).filter(|seed| share.choose(*seed) == Way::Draw).count()
    }

    #[test]
    fn the_share_follows_what_brings_new_coverage() {
        let mut share = Share::new();
        assert!((450..550).contains(&draws(&share)), "{}", draws(&share));
        for number in 0..4 * MEMORY {
            share.learn(Way::Draw, number % 32 == 0);
            share.learn(Way::Change, number % 8 == 0);
        }
        assert!((150..250).contains(&draws(&share)), "{}", draws(&share));
        for number in 0..4 * MEMORY {
            share.learn(Way::Draw, number % 8 == 0);
            share.learn(Way::Change, number % 32 == 0);
        }
        assert!((750..850).contains(&draws(&share)), "{}", draws(&share));
    }

    #[test]
    fn neither_way_ends() {
        let mut share = Share::new();
        for gained in [Way::Draw, Way::Change] {
            for way in [Way::Draw, Way::Change] {
                (0..10 * MEMORY).for_each(|_| share.learn(way, way == gained));
            }
            assert!((100..900).contains(&draws(&share)), "{}", draws(&share));
        }
    }
}

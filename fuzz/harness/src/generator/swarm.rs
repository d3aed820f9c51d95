//! Swarm testing: each stream leaves some kinds of operations out, and weights the rest very
//! differently (Groce, Zhang, Eide, Chen and Regehr: "Swarm Testing", 2012).
//!
//! Invariant: kind 0, which builds state, is never left out, because reads of an empty system test
//! little.

use crate::input::dice::{Dice, KeyProfile};
use crate::input::encoding::{Kind, SLOTS_EXACT};

/// The weights of a stream.
#[derive(Clone, Debug)]
pub struct Swarm {
    /// For each kind, the sum of its weight and the weights of the kinds before it.
    sums: [u32; SLOTS_EXACT],
    kinds: usize,
    keys: KeyProfile,
}

impl Swarm {
    /// Draws weights for `kinds`.
    #[must_use]
    pub fn draw<D: Dice>(kinds: &[Kind], dice: &mut D) -> Self {
        // The number of kinds that stay is drawn first, so that streams of few kinds are as likely
        // as streams of many.
        let stay = 1 + dice.below(kinds.len() as u64);
        let mut left = stay;
        let mut sums = [0; SLOTS_EXACT];
        let mut sum = 0;
        for (index, kind) in kinds.iter().enumerate() {
            let rest = (kinds.len() - index) as u64;
            let stays = dice.below(rest) < left;
            left -= u64::from(stays);
            if stays || index == 0 {
                // A quarter to four times the weight that the kind has in an even mix.
                let factor = 1 << dice.below(5);
                sum += u32::from(kind.weight) * factor;
            }
            sums[index] = sum;
        }
        Swarm { sums, kinds: kinds.len(), keys: Self::draw_keys(dice) }
    }

    fn draw_keys<D: Dice>(dice: &mut D) -> KeyProfile {
        let mut weight = || (dice.below(4) * dice.below(6)) as u8;
        let (hot, gap, cold, near, extreme) =
            (1 + weight(), weight(), weight(), weight(), weight());
        let hot_keys = 1 << dice.below(6);
        // Streams with many neighbours also have many ends of tables, because both are bounds of
        // ranges.
        KeyProfile { hot, hot_keys, gap, cold, near, extreme: extreme / 4, landmark: near / 2 }
    }

    /// Draws the number of a kind.
    ///
    /// # Panics
    ///
    /// Never, because kind 0 has a weight.
    #[inline]
    #[must_use]
    pub fn pick<D: Dice>(&self, dice: &mut D) -> usize {
        let sums = &self.sums[..self.kinds];
        let point = dice.below(u64::from(sums[sums.len() - 1])) as u32;
        sums.iter().position(|sum| point < *sum).expect("a point below the last sum")
    }

    /// Returns the key profile of the stream.
    #[must_use]
    pub fn keys(&self) -> &KeyProfile {
        &self.keys
    }
}

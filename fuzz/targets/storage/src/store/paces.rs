//! The paces of a store's beats, for targets of a store that runs its own beats.

use downbeat_lsm::compaction::CompactionPace;

/// Decides the pace of each beat, and other questions that a beat raises.
///
/// Decisions depend on the number of the beat and not on earlier decisions, so that inputs with
/// other operations between the beats get the same ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paces {
    setting: usize,
    seed: u64,
}

impl Paces {
    /// The paces of a run. `setting` is a value of the header's setting `pace`: 0 even, 1 late, 2
    /// early, 3 chance.
    #[must_use]
    pub fn new(setting: usize, seed: u64) -> Self {
        Self { setting, seed }
    }

    /// The pace of the beat with this number.
    #[must_use]
    pub fn of_beat(self, beat: u64) -> CompactionPace {
        let shares = match self.setting {
            0 => 1,
            1 => 0,
            2 => u32::MAX,
            _ => [1, 0, 2, u32::MAX][(self.luck(beat) >> 62) as usize],
        };
        CompactionPace { shares }
    }

    /// A hash of the seed and a number. The high bits are the best.
    #[must_use]
    pub fn luck(self, number: u64) -> u64 {
        let word = self.seed ^ number;
        (word ^ word >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

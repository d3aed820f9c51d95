//! The content of a checkpoint. Its numbers differ from those of every other checkpoint of the run.
//!
//! A state is well-formed: an empty part has no references, and every other part has all of its
//! references.

use super::numbers::Numbers;
use crate::store::Reference;

/// A chain of blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// The last block.
    pub last: Reference,
    /// Bytes of all blocks together.
    pub size: u64,
}

/// The content of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The beat of the checkpoint.
    pub beat: u64,
    /// The acquired blocks.
    pub acquired: Chain,
    /// The released blocks.
    pub released: Chain,
    /// The first block of the manifest.
    pub oldest: Reference,
    /// The last block of the manifest.
    pub newest: Reference,
    /// The number of blocks of the manifest.
    pub block_count: u32,
    /// The options that the checkpoint names: the blocks of the store, and the interval.
    pub options: (u64, u32),
}

impl State {
    /// The state with this stamp and beat. `shape` is the sum of its parts: 1 for acquired blocks,
    /// 2 for released blocks, 4 for a manifest of one block, 8 for a manifest of several blocks. 8
    /// overrides 4.
    #[must_use]
    pub fn stamped(stamp: u64, beat: u64, shape: u32) -> Self {
        let mut numbers = Numbers(stamp << 8);
        // The superblock does not interpret the options.
        let options = (!stamp, stamp as u32 + 1);
        let mut state = State { beat, options, ..State::default() };
        if shape & 1 != 0 {
            state.acquired = numbers.chain();
        }
        if shape & 2 != 0 {
            state.released = numbers.chain();
        }
        if shape & 8 != 0 {
            state.oldest = numbers.reference();
            state.newest = numbers.reference();
            state.block_count = (numbers.next() as u32 >> 1) + 2;
        } else if shape & 4 != 0 {
            state.oldest = numbers.reference();
            state.newest = state.oldest;
            state.block_count = 1;
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_differ_in_each_of_their_parts() {
        let (one, other) = (State::stamped(1, 5, 11), State::stamped(2, 6, 11));
        assert_ne!(one.acquired, other.acquired);
        assert_ne!(one.released, other.released);
        assert_ne!((one.oldest, one.newest), (other.oldest, other.newest));
        assert_ne!(one.acquired, one.released);
        assert_ne!(one.block_count, other.block_count);
    }

    #[test]
    fn a_state_has_the_parts_of_its_shape() {
        for shape in 0..16 {
            let state = State::stamped(3, 9, shape);
            assert_eq!(state.acquired != Chain::default(), shape & 1 != 0);
            assert_eq!(state.released != Chain::default(), shape & 2 != 0);
            assert_eq!(state.block_count == 0, shape & 12 == 0);
            assert_eq!(state.oldest == state.newest, shape & 8 == 0);
        }
    }
}

//! The checkpoints at which a store may open: the last acknowledged checkpoint of this store, or
//! the one under way.
//!
//! - Two checkpoints can have the same number: one from before the disk was formatted and one from
//!   after, or a checkpoint that failed and the one that replaced it. Therefore the number of the
//!   store and the whole state of the checkpoint are compared.
//! - Each formatting gives the store a new number, even if the formatting fails.
//!
//! The model of the blocks, not this file, says which blocks belong to a checkpoint.

use downbeat_lsm::superblock::{CheckpointState, SuperblockHeader};

/// The checkpoints at which a store may be opened; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Root {
    /// How many times the disk was formatted in this run.
    number: u128,
    acknowledged: CheckpointState,
    under_way: Option<CheckpointState>,
}

impl Root {
    /// Must be called before the disk is formatted, with the checkpoint that formatting writes.
    /// Returns the number of the new store.
    pub(super) fn format(&mut self, state: &CheckpointState) -> u128 {
        self.number += 1;
        self.acknowledged = *state;
        self.under_way = None;
        self.number
    }

    /// Allows the store to open at this checkpoint, which is about to be written.
    pub(super) fn checkpoint_prepared(&mut self, state: &CheckpointState) {
        self.under_way = Some(*state);
    }

    /// Makes the checkpoint under way the acknowledged one.
    pub(super) fn checkpoint_written(&mut self) {
        self.acknowledged = self.under_way.take().expect("a checkpoint is prepared, then written");
    }

    /// Returns whether the store may open with this header of the superblock.
    pub(super) fn may_open(&self, header: &SuperblockHeader) -> bool {
        let state = header.state();
        header.store() == self.number
            && (state == self.acknowledged || self.under_way == Some(state))
    }

    /// Makes the checkpoint at which the store opened the acknowledged one.
    pub(super) fn opened(&mut self, state: &CheckpointState) {
        self.acknowledged = *state;
        self.under_way = None;
    }
}

impl std::fmt::Display for Root {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { number, acknowledged, under_way } = self;
        write!(formatter, "store {number} at {acknowledged:?}")?;
        match under_way {
            Some(state) => write!(formatter, ", or at {state:?}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use downbeat_lsm::storage::{Layout, LayoutOptions};
    use downbeat_lsm::superblock::Superblock;

    use super::*;
    use downbeat::disk::SimulatedDisk;

    fn header(store: u128, state: &CheckpointState) -> SuperblockHeader {
        let options = LayoutOptions {
            sector_size: Layout::SECTOR_SIZE_MIN,
            block_size: Layout::BLOCK_SIZE_MIN,
            superblock_copies: 2,
            block_count: 1,
        };
        let layout = Layout::new(options).expect("the sizes are valid");
        let mut superblock = Superblock::new(&layout);
        let formatted = superblock.format(&mut SimulatedDisk::new(layout), store, state);
        formatted.expect("nothing fails");
        *superblock.working()
    }

    fn at(beat: u64) -> CheckpointState {
        CheckpointState { beat, ..CheckpointState::default() }
    }

    #[test]
    fn a_store_opens_at_the_last_checkpoint_or_the_checkpoint_under_way() {
        let mut root = Root::default();
        let number = root.format(&at(0));
        let opens = |root: &Root| [0, 1, 2].map(|beat| root.may_open(&header(number, &at(beat))));
        assert_eq!(opens(&root), [true, false, false]);
        root.checkpoint_prepared(&at(1));
        assert_eq!(opens(&root), [true, true, false]);
        root.checkpoint_written();
        assert_eq!(opens(&root), [false, true, false]);
        root.checkpoint_prepared(&at(2));
        root.opened(&at(1));
        assert_eq!(opens(&root), [false, true, false], "the one under way was lost");
    }

    #[test]
    fn a_checkpoint_with_the_same_number_but_another_state_is_a_different_checkpoint() {
        let mut other = at(1);
        other.acquired.size = 16;
        other.acquired.last.address = 1;
        let mut root = Root::default();
        let number = root.format(&at(0));
        // The checkpoint failed, the store was opened again, and another checkpoint replaced it.
        root.checkpoint_prepared(&other);
        root.opened(&at(0));
        root.checkpoint_prepared(&at(1));
        assert!(root.may_open(&header(number, &at(1))));
        assert!(!root.may_open(&header(number, &other)));
    }

    #[test]
    fn a_store_is_a_different_store_after_it_is_formatted_again() {
        let mut root = Root::default();
        let numbers = [root.format(&at(0)), root.format(&at(0))];
        assert_eq!(numbers.map(|number| root.may_open(&header(number, &at(0)))), [false, true]);
    }
}

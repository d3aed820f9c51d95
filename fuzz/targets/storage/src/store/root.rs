//! The checkpoints at which a store may open: the last acknowledged checkpoint of this store, or
//! the one under way.
//!
//! - Two checkpoints can have the same number: one from before the disk was formatted and one from
//!   after, or a checkpoint that failed and the one that replaced it. Therefore the number of the
//!   store and the whole state of the checkpoint are compared.
//! - Each formatting gives the store a new number, even if the formatting fails.
//! - If the world runs the checkpoint, it knows the whole state before the state is written. If the
//!   store runs the checkpoint, the world knows the free set of the state only after the checkpoint
//!   is acknowledged.
//!
//! The model of the blocks, not this file, says which blocks belong to a checkpoint.

use downbeat_lsm::superblock::{
    ChangingOptions, CheckpointState, ManifestReferences, SuperblockHeader,
};

/// The checkpoints at which a store may be opened; see the [module](self).
#[derive(Debug, Default)]
pub struct Root {
    /// The identity that the last formatting gave the store.
    store: u128,
    acknowledged: CheckpointState,
    under_way: Option<UnderWay>,
}

/// A checkpoint that may be on the disk, and that is not acknowledged.
#[derive(Clone, Copy, Debug)]
enum UnderWay {
    /// This checkpoint.
    Whole(CheckpointState),
    /// The checkpoint with this last beat, this log and these options, and any free set.
    WithoutFreeSet(u64, ManifestReferences, ChangingOptions),
}

impl UnderWay {
    fn is(&self, state: &CheckpointState) -> bool {
        match self {
            Self::Whole(own) => own == state,
            Self::WithoutFreeSet(beat, log, options) => {
                (*beat, *log, *options) == (state.beat, state.manifest, state.options)
            }
        }
    }
}

impl Root {
    /// Makes the checkpoint that formatting writes the only one, and sets the identity of the new
    /// store. Must be called whenever the disk is formatted, before the store opens.
    pub fn format(&mut self, store: u128, state: &CheckpointState) {
        *self = Self { store, acknowledged: *state, under_way: None };
    }

    /// Allows the store to open at this checkpoint, which is about to be written.
    pub fn checkpoint_prepared(&mut self, state: &CheckpointState) {
        self.under_way = Some(UnderWay::Whole(*state));
    }

    /// Allows the store to open at the checkpoint with this last beat, this log and these options,
    /// which may have been written.
    pub fn checkpoint_begun(
        &mut self,
        beat: u64,
        log: ManifestReferences,
        options: ChangingOptions,
    ) {
        self.under_way = Some(UnderWay::WithoutFreeSet(beat, log, options));
    }

    /// The options that the acknowledged checkpoint names.
    pub fn options(&self) -> ChangingOptions {
        self.acknowledged.options
    }

    /// Makes the checkpoint that was prepared the only one, because the store acknowledged it.
    ///
    /// # Panics
    ///
    /// If no checkpoint was prepared.
    pub fn checkpoint_written(&mut self) {
        match self.under_way {
            Some(UnderWay::Whole(state)) => self.acknowledge(&state),
            other => panic!("root: a checkpoint is prepared, then written ({other:?})"),
        }
    }

    /// Makes this checkpoint the only one, because the store acknowledged it or opened at it.
    pub fn acknowledge(&mut self, state: &CheckpointState) {
        self.acknowledged = *state;
        self.under_way = None;
    }

    /// The last beat of the acknowledged checkpoint.
    pub fn acknowledged_beat(&self) -> u64 {
        self.acknowledged.beat
    }

    /// Returns whether a checkpoint that is not acknowledged may be on the disk.
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Makes the checkpoint in this header, at which the store opened, the only one. Returns
    /// whether it was the checkpoint under way. Returns `None`, and changes nothing, if the store
    /// may not open at this checkpoint.
    pub fn open(&mut self, header: &SuperblockHeader) -> Option<bool> {
        let state = header.state();
        let under_way = self.under_way.is_some_and(|way| way.is(&state));
        let may_open = header.store() == self.store && (under_way || state == self.acknowledged);
        may_open.then(|| {
            self.acknowledge(&state);
            under_way
        })
    }
}

impl std::fmt::Display for Root {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { store, acknowledged, under_way } = self;
        write!(formatter, "store {store} at {acknowledged:?}")?;
        match under_way {
            Some(UnderWay::Whole(state)) => write!(formatter, ", or at {state:?}"),
            Some(UnderWay::WithoutFreeSet(beat, log, options)) => {
                write!(formatter, ", or at beat {beat} with {log:?} and {options:?}")
            }
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

    fn opens(root: &Root, store: u128, beat: u64) -> Option<bool> {
        let Root { store: own, acknowledged, under_way } = *root;
        Root { store: own, acknowledged, under_way }.open(&header(store, &at(beat)))
    }

    #[test]
    fn a_store_opens_at_the_last_checkpoint_or_the_checkpoint_under_way() {
        let mut root = Root::default();
        root.format(1, &at(0));
        let all = |root: &Root| [0, 1, 2].map(|beat| opens(root, 1, beat));
        assert_eq!(all(&root), [Some(false), None, None]);
        root.checkpoint_prepared(&at(1));
        assert_eq!(all(&root), [Some(false), Some(true), None]);
        root.checkpoint_written();
        assert_eq!(all(&root), [None, Some(false), None]);
        root.checkpoint_begun(2, ManifestReferences::default(), ChangingOptions::default());
        assert_eq!(all(&root), [None, Some(false), Some(true)]);
        assert_eq!(root.open(&header(1, &at(1))), Some(false));
        assert_eq!(all(&root), [None, Some(false), None], "the one under way was lost");
    }

    #[test]
    fn a_checkpoint_with_the_same_number_but_another_state_is_a_different_checkpoint() {
        let mut other = at(1);
        other.acquired.size = 16;
        other.acquired.last.address = 1;
        let mut root = Root::default();
        root.format(1, &at(0));
        // The checkpoint failed, the store was opened again, and another checkpoint replaced it.
        root.checkpoint_prepared(&other);
        assert_eq!(root.open(&header(1, &at(0))), Some(false));
        root.checkpoint_prepared(&at(1));
        assert_eq!(root.open(&header(1, &other)), None);
        assert_eq!(root.open(&header(1, &at(1))), Some(true));
    }

    #[test]
    fn a_store_is_a_different_store_after_it_is_formatted_again() {
        let mut root = Root::default();
        root.format(1, &at(0));
        root.format(2, &at(0));
        assert_eq!([1, 2].map(|store| opens(&root, store, 0)), [None, Some(false)]);
    }
}

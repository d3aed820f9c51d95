//! Whether the error of a query comes in its turn: after all objects before the one that cannot be
//! read.

use downbeat_lsm::block::BlockKind;
use downbeat_lsm::forest::StoreError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::groove::Object;
use downbeat_lsm::tree::Tree;

use super::kept::Kept;
use super::tested::Tested;
use downbeat::Checked;
use downbeat::check::holds;

/// The size of the header of a block.
const HEADER: usize = 64;

/// A block of the disk.
struct Block(Vec<u8>);

impl Block {
    fn number(&self, at: usize, size: usize) -> u64 {
        self.0[at..at + size].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    fn address(&self) -> u64 {
        self.number(16, 8)
    }

    fn kind(&self) -> Option<BlockKind> {
        BlockKind::find(self.0[36])
    }

    fn tree(&self) -> u64 {
        self.number(38, 2)
    }

    /// The smallest and the largest timestamp of the records, if this is a value block of objects.
    fn timestamps<O: Object>(&self) -> Option<(u64, u64)> {
        let records = self.0.get(HEADER..self.number(32, 4) as usize)?;
        let key = |bytes: &[u8]| O::read_from_bytes(bytes).ok().map(|object| object.key());
        let (first, last) =
            (records.get(..size_of::<O>())?, records.rchunks(size_of::<O>()).next()?);
        Some((key(first)?, key(last)?))
    }

    /// Whether a lookup of this timestamp may read the block.
    fn is_read_for<O: Object>(&self, timestamp: u64, objects: &Tree<O>) -> bool {
        if self.tree() != u64::from(objects.id()) {
            return true;
        }
        if objects.lookup_memory(timestamp).is_some() {
            return false;
        }
        match self.kind() {
            Some(BlockKind::Index) => {
                let mut levels = 0..objects.manifest().levels().len() as u32;
                let table = |level| objects.manifest().table_for(level, timestamp);
                levels.any(|level| {
                    table(level).is_some_and(|table| table.reference().address == self.address())
                })
            }
            _ => self
                .timestamps::<O>()
                .is_none_or(|(first, last)| (first..=last).contains(&timestamp)),
        }
    }
}

impl Tested {
    /// Checks that a query did not fail too early: if a read of the object tree failed, it was a
    /// read for the object that the query must return next. A failed read of an index is always in
    /// turn, because the next object is not known without it.
    pub(super) fn check_turn<O: Kept>(&mut self, error: &StoreError, next: Option<u64>) -> Checked {
        let StoreError::Grid(GridError::Fault(fault)) = error else { return Ok(()) };
        let Some(next) = next else { return Ok(()) };
        let mut bytes = vec![0; self.store.disk().layout().block_size()];
        self.store.disk().image().read_undamaged(fault.offset, &mut bytes);
        let objects = O::groove(self.store.forest.trees_and_grid().0).objects();
        holds("query-fails-in-turn", Block(bytes).is_read_for(next, objects))
            .show(|| (format!("object {next:#x}"), error))
            .or("a query fails for another object than the next one")
    }
}

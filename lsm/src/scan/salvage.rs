//! A salvage: a scan that goes on behind blocks that cannot be read.
//!
//! ```text
//! stream 1   level 0     [ c . f . . . n . . ]
//! stream 2   level 1     [ a . d ][ ? ? ? ? ? ][ . s ]     the lost block has keys from e to q
//! stream 3   level 2     [ b . . e . h . . n . q . r ]
//!
//! items                  a b c d  lost e to q  f n  r s
//! ```
//!
//! - The stream of a level passes over a block that it cannot read. The block is lost.
//! - A record is certain if no newer stream has lost its key. Others are not returned: the lost
//!   block may have a newer version, or a tombstone.
//! - A loss is returned before the records whose keys are behind its first key.
//! - A merge needs the heads of all streams. So when it returns a key, all lost blocks are known
//!   that may have this key or keys before it.

use super::{MEMORY_STREAMS, Scan, ScanProgress, TreeStreams};
use crate::collections::Direction;
use crate::grid::{Grid, GridError};
use crate::manifest::KeyRange;
use crate::merge::Popped;
use crate::record::Record;
use crate::storage::Storage;
use crate::tree::Tree;

/// What a salvage could not read.
#[derive(Debug)]
pub(super) struct Losses<R: Record> {
    /// The lost blocks that may have keys that the scan has not passed.
    blocks: Vec<Loss<R::Key>>,
    /// The next record, tombstones included, and its stream. It waits until the losses before it
    /// are returned.
    next: Option<(R, usize)>,
}

/// A block that could not be read.
#[derive(Clone, Copy, Debug)]
struct Loss<K> {
    stream: usize,
    /// The keys of the scan's range that the block may have.
    keys: KeyRange<K>,
    error: GridError,
    is_returned: bool,
}

/// The progress of a salvage.
#[derive(Debug)]
pub(crate) enum SalvageProgress<R: Record> {
    /// The next record that is certain.
    Record(R),
    /// A block that may have these keys cannot be read.
    Lost(KeyRange<R::Key>, GridError),
    /// The salvage waits for the device.
    Pending,
    Ended,
}

impl<R: Record> Default for Losses<R> {
    fn default() -> Self {
        Self { blocks: Vec::new(), next: None }
    }
}

impl<R: Record> Losses<R> {
    /// The first loss, in the direction, that was not returned and begins at this key or before it;
    /// without a key, the first of all.
    fn take_until(
        &mut self,
        key: Option<R::Key>,
        direction: Direction,
    ) -> Option<(KeyRange<R::Key>, GridError)> {
        let first = |loss: &Loss<R::Key>| match direction {
            Direction::Ascending => loss.keys.min,
            Direction::Descending => loss.keys.max,
        };
        let is_due = |loss: &&mut Loss<R::Key>| {
            !loss.is_returned && key.is_none_or(|key| !direction.is_before(&key, &first(loss)))
        };
        let due = self.blocks.iter_mut().filter(is_due);
        let loss =
            due.reduce(
                |one, other| {
                    if direction.is_before(&first(other), &first(one)) { other } else { one }
                },
            )?;
        loss.is_returned = true;
        Some((loss.keys, loss.error))
    }

    /// Whether no stream that is newer than this one has lost a key.
    fn is_certain(&self, key: R::Key, stream: usize) -> bool {
        !self.blocks.iter().any(|loss| loss.stream < stream && loss.keys.contains(key))
    }

    /// Forgets losses that have only keys before this one.
    fn forget_before(&mut self, key: R::Key, direction: Direction) {
        self.blocks.retain(|loss| match direction {
            Direction::Ascending => loss.keys.max >= key,
            Direction::Descending => loss.keys.min <= key,
        });
    }
}

impl<R: Record> Scan<R> {
    /// Starts a salvage of a range of keys, both ends included. The tree must not change until it
    /// has ended.
    pub(crate) fn start_salvage<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        range: KeyRange<R::Key>,
        direction: Direction,
        grid: &mut Grid<S>,
    ) {
        self.start(tree, range, direction, grid);
        self.losses = Losses::default();
    }

    /// The next item of a salvage, if it is in memory. If the salvage is waiting, call again after
    /// a step of the grid.
    ///
    /// # Errors
    ///
    /// If the device is gone. The error ends the salvage.
    pub(crate) fn next_salvaged<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Result<SalvageProgress<R>, GridError> {
        loop {
            if self.losses.next.is_none() && !self.has_ended() {
                match self.merge_salvaged(tree, grid) {
                    Popped::Record(next) => self.losses.next = Some(next),
                    Popped::Ended => self.abandon(grid),
                    Popped::NotReady => match self.wait(grid)? {
                        ScanProgress::Pending => return Ok(SalvageProgress::Pending),
                        _ => unreachable!("scan: a wait has no record"),
                    },
                }
            }
            let (direction, losses) = (self.direction, &mut self.losses);
            let key = losses.next.map(|(record, _)| record.key());
            if let Some((keys, error)) = losses.take_until(key, direction) {
                return Ok(SalvageProgress::Lost(keys, error));
            }
            let Some((record, stream)) = losses.next.take() else {
                return Ok(SalvageProgress::Ended);
            };
            losses.forget_before(record.key(), direction);
            if !record.is_tombstone() && losses.is_certain(record.key(), stream) {
                return Ok(SalvageProgress::Record(record));
            }
        }
    }

    /// The newest version of the next key, and its stream. Passes over blocks that cannot be read.
    fn merge_salvaged<S: Storage>(
        &mut self,
        tree: &Tree<R>,
        grid: &mut Grid<S>,
    ) -> Popped<(R, usize)> {
        loop {
            self.ask_levels(tree, grid);
            let Self { merge, mutable, immutable, levels, may_be_dry, .. } = self;
            let mut streams =
                TreeStreams { tree, grid, mutable, immutable, levels, may_be_dry, popped: 0 };
            match merge.pop(&mut streams) {
                Popped::Record(record) => return Popped::Record((record, streams.popped)),
                Popped::Ended => return Popped::Ended,
                Popped::NotReady if self.pass_over_lost() => {}
                Popped::NotReady => return Popped::NotReady,
            }
        }
    }

    /// Passes over the blocks that could not be read. Returns whether there are any.
    fn pass_over_lost(&mut self) -> bool {
        let Some(range) = self.range else { return false };
        let mut passes = false;
        for (number, level) in self.levels.iter_mut().enumerate() {
            let Some((error, keys)) = level.failed() else { continue };
            if error == GridError::Gone {
                continue;
            }
            level.pass_over_lost();
            let keys = KeyRange::new(keys.min.max(range.min), keys.max.min(range.max));
            let stream = MEMORY_STREAMS + number;
            self.losses.blocks.push(Loss { stream, keys, error, is_returned: false });
            passes = true;
        }
        self.may_be_dry |= passes;
        passes
    }
}

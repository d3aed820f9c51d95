//! The newest version of a key, in what lies on the device.
//!
//! ```text
//! candidates     level 0    level 2    level 5
//!                index      index      ..           a gap, or no such key: the next one
//!                value block ------- found: the end
//! ```
//!
//! - Levels are asked one after the other, the newest first: the first version found is the newest, and the others
//!   are not read.
//! - Many lookups may be under way at once. None of them depends on another.
//! - What is damaged is an error, and never an answer.
//!
//! What it does not do: it does not look into memory. No half of a bar may end while it is under way.

use super::candidates::Candidates;
use crate::block::{BlockReference, Corruption, Place, Reason};
use crate::grid::{BlockHandle, Caching, Grid, GridError, ReadOutcome, ReadTicket};
use crate::manifest::Manifest;
use crate::record::Record;
use crate::storage::Storage;
use crate::table::{IndexEntry, TableLayout, TableLookup};

/// A lookup under way: level after level, until one has the key.
#[derive(Debug)]
pub struct Lookup<R: Record> {
    key: R::Key,
    layout: TableLayout,
    tree: u16,
    candidates: Candidates,
    waits: Option<(Step<R::Key>, ReadTicket)>,
    reads: u32,
    last_read: Option<BlockReference>,
}

/// What is read.
#[derive(Clone, Copy, Debug)]
enum Step<K> {
    Index(BlockReference),
    Values(IndexEntry<K>),
}

impl<K> Step<K> {
    fn reference(&self) -> BlockReference {
        match self {
            Self::Index(reference) => *reference,
            Self::Values(entry) => entry.reference,
        }
    }
}

/// What a lookup found in the levels.
pub type Found<R> = Result<Option<R>, GridError>;

impl<R: Record> Lookup<R> {
    /// Looks from a level on.
    pub(super) fn new(
        manifest: &Manifest<R::Key>,
        layout: TableLayout,
        tree: u16,
        key: R::Key,
        level_min: u32,
    ) -> Self {
        let candidates = Candidates::find(manifest, key, level_min);
        Self { key, layout, tree, candidates, waits: None, reads: 0, last_read: None }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> R::Key {
        self.key
    }

    /// The blocks that were asked for.
    #[must_use]
    pub fn reads(&self) -> u32 {
        self.reads
    }

    /// The block that was asked for last.
    #[must_use]
    pub fn last_read(&self) -> Option<BlockReference> {
        self.last_read
    }

    /// Goes on as far as can be without waiting. Returns the newest version, which may be a tombstone, or that there
    /// is none, once it is known; it must not be called again then.
    ///
    /// # Errors
    ///
    /// A block that cannot be had.
    pub fn advance<S: Storage>(&mut self, grid: &mut Grid<S>) -> Option<Found<R>> {
        let mut used = match self.waits.take() {
            None => Ok(self.next_candidate()),
            Some((step, ticket)) => match grid.take_read(ticket) {
                Err(ticket) => {
                    self.waits = Some((step, ticket));
                    return None;
                }
                Ok(answer) => answer.and_then(|block| self.use_block(&step, &block)),
            },
        };
        loop {
            let step = match used {
                Ok(Used::Next(step)) => step,
                Ok(Used::Found(record)) => return Some(Ok(Some(record))),
                Ok(Used::Absent) => return Some(Ok(None)),
                Err(error) => return Some(Err(error)),
            };
            let reference = step.reference();
            if !grid.is_readable(reference.address) {
                return Some(Err(unreadable(reference)));
            }
            self.reads += 1;
            self.last_read = Some(reference);
            used = match grid.read(reference, Caching::Use) {
                ReadOutcome::Ready(block) => self.use_block(&step, &block),
                ReadOutcome::Pending(ticket) => {
                    self.waits = Some((step, ticket));
                    return None;
                }
                ReadOutcome::Refused(error) => Err(error),
            };
        }
    }

    /// Gives up.
    pub fn abandon<S: Storage>(self, grid: &mut Grid<S>) {
        if let Some((_, ticket)) = self.waits {
            grid.forget_read(ticket);
        }
    }

    fn next_candidate(&mut self) -> Used<R> {
        self.candidates.next().map_or(Used::Absent, |index| Used::Next(Step::Index(index)))
    }

    fn use_block(
        &mut self,
        step: &Step<R::Key>,
        block: &BlockHandle,
    ) -> Result<Used<R>, GridError> {
        let lookup = TableLookup::new(&self.layout, self.tree, self.key);
        let (contents, body) = (block.contents(), block.body());
        let corruption = |reason| {
            let place = Place::Block(block.reference().address);
            GridError::Corruption(Corruption { place, reason })
        };
        match step {
            Step::Index(_) => {
                if let Some(entry) = lookup.index_block(contents, body).map_err(corruption)? {
                    return Ok(Used::Next(Step::Values(entry)));
                }
            }
            Step::Values(entry) => {
                let record = lookup.value_block::<R>(entry, contents, body).map_err(corruption)?;
                if let Some(record) = record {
                    return Ok(Used::Found(*record));
                }
            }
        }
        Ok(self.next_candidate())
    }
}

/// What a block led to.
enum Used<R: Record> {
    Found(R),
    Next(Step<R::Key>),
    Absent,
}

fn unreadable(BlockReference { address, .. }: BlockReference) -> GridError {
    let reason = Reason::Meaning("a block of a table is free, or beyond the last block");
    GridError::Corruption(Corruption { place: Place::Block(address), reason })
}

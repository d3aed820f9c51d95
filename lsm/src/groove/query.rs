//! Queries: the objects for which a condition holds, in the order of their timestamps.
//!
//! ```text
//! [ scan of a tree ] .. --> [ join ] --> timestamps --> [ lookups in the object tree ] --> objects
//! ```
//!
//! - For each `field = value` of the condition, a scan reads the entries of this value from the
//!   field's tree. They are in the order of their timestamps.
//! - The scans read concurrently. Several objects are looked up ahead of the caller.
//! - An error is returned after all objects before it.
//! - If a tree has an entry whose object does not exist, or if the condition does not hold for an
//!   object that was found, the store is corrupt.

use super::condition::Node;
use super::contradiction::with_other_values;
use super::index::{Index, Index64, Index128, IndexRecord, IndexTree, Unique64, Unique128};
use super::join::{Head, Join, Sources};
use super::{Condition, Groove, GrooveOptions, InvalidCondition, Object, TIMESTAMP_MAX};
use crate::collections::Direction;
use crate::forest::{ForestSizes, InvalidStore, Reader, StoreError};
use crate::grid::{Grid, GridError};
use crate::manifest::KeyRange;
use crate::record::Record;
use crate::scan::{Scan, ScanProgress};
use crate::storage::Storage;
use crate::tree::{Tree, TreeOptions};

/// The memory of the scans of a query.
#[derive(Debug)]
pub(super) struct Scans {
    pub(super) slots: Vec<Slot>,
}

/// A scan for each kind of trees that the groove has. Only one of them is in use at a time.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) unique64: SlotScan<Unique64>,
    pub(super) unique128: SlotScan<Unique128>,
    pub(super) index64: SlotScan<Index64>,
    pub(super) index128: SlotScan<Index128>,
}

/// A scan of one kind of trees; `None` if the groove has no tree of this kind.
#[derive(Debug)]
pub(super) struct SlotScan<R: Record>(Option<Box<Scan<R>>>);

impl<R: Record> SlotScan<R> {
    fn new(is_needed: bool, tree: &TreeOptions) -> Result<Self, InvalidStore> {
        let scan = is_needed.then(|| Scan::new(tree)).transpose();
        Ok(Self(scan.map_err(InvalidStore::Memory)?.map(Box::new)))
    }

    #[inline]
    pub(super) fn scan(&mut self) -> &mut Scan<R> {
        match &mut self.0 {
            Some(scan) => scan,
            None => unreachable!("groove: there is a scan for each kind of tree"),
        }
    }

    fn abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        // A scan that has ended has released its blocks.
        if let Some(scan) = &mut self.0
            && !scan.has_ended()
        {
            scan.abandon(grid);
        }
    }
}

impl Scans {
    /// Allocates the scans of a groove with these trees.
    pub(super) fn new(
        options: &GrooveOptions,
        sizes: &ForestSizes,
        indexes: &[Index],
    ) -> Result<Self, InvalidStore> {
        let tree = options.index(0, "");
        let has = |is: fn(&IndexTree) -> bool| indexes.iter().any(|index| is(&index.tree));
        let slot = || {
            Ok(Slot {
                unique64: SlotScan::new(has(|it| matches!(it, IndexTree::Unique64(_))), &tree)?,
                unique128: SlotScan::new(has(|it| matches!(it, IndexTree::Unique128(_))), &tree)?,
                index64: SlotScan::new(has(|it| matches!(it, IndexTree::Index64(_))), &tree)?,
                index128: SlotScan::new(has(|it| matches!(it, IndexTree::Index128(_))), &tree)?,
            })
        };
        let slots: Result<_, _> = (0..sizes.scans_max()).map(|_| slot()).collect();
        Ok(Self { slots: slots? })
    }

    /// Ends all scans.
    pub(super) fn abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        for Slot { unique64, unique128, index64, index128 } in &mut self.slots {
            unique64.abandon(grid);
            unique128.abandon(grid);
            index64.abandon(grid);
            index128.abandon(grid);
        }
    }
}

/// A scan of the entries of one value: the number of the index, and the value.
#[derive(Clone, Copy, Debug)]
struct Source {
    index: usize,
    value: u128,
}

/// The objects for which a condition holds; see [`Groove::query`].
///
/// The query borrows the groove, so nothing is written while it is under way.
#[derive(Debug)]
#[must_use = "a query is lazy: it reads nothing until its first object is requested"]
pub struct Query<'a, 'r, O: Object, S: Storage> {
    groove: &'a mut Groove<O>,
    reader: &'a mut Reader<'r, S>,
    join: Join,
    sources: Vec<Source>,
    direction: Direction,
    /// The timestamp that the join returned last.
    last: Option<u64>,
    /// Whether the join has ended. Objects before its end may still be looked up.
    has_ended: bool,
    /// The error that ended the join.
    failed: Option<StoreError>,
}

impl<O: Object> Groove<O> {
    /// Begins a query for the objects for which `condition` holds, in the order of their
    /// timestamps.
    ///
    /// # Errors
    ///
    /// If a field of the condition has no index, if the condition names the value 0 of an
    /// [optional](super::FieldKind::Optional) field, if it needs more scans than the forest's
    /// [`scans_max`](crate::forest::ForestOptions::scans_max), or if it is nested more than
    /// [`Condition::DEPTH_MAX`] deep.
    pub fn query<'a, 'r, S: Storage>(
        &'a mut self,
        condition: &Condition<O>,
        direction: Direction,
        reader: &'a mut Reader<'r, S>,
    ) -> Result<Query<'a, 'r, O, S>, InvalidCondition> {
        condition.validate(self.scans.slots.len() as u32)?;
        // Ends a query that was leaked instead of dropped.
        self.query_abandon(reader.grid());
        let mut sources = Vec::new();
        let join = self.join(&condition.node, &mut sources);
        self.fetches.start(reader.lookups_max());
        let mut query = Query {
            groove: self,
            reader,
            join,
            sources,
            direction,
            last: None,
            has_ended: false,
            failed: None,
        };
        for number in 0..query.sources.len() {
            query.start(number);
        }
        Ok(query)
    }

    /// Ends the query that is under way, and releases its blocks.
    pub(super) fn query_abandon<S: Storage>(&mut self, grid: &mut Grid<S>) {
        self.fetches.abandon(grid);
        self.scans.abandon(grid);
    }

    /// Adds the scans of a condition to `sources`, and returns their join.
    fn join(&self, node: &Node, sources: &mut Vec<Source>) -> Join {
        let all = |nodes: &[Node], sources: &mut Vec<Source>| {
            nodes.iter().map(|node| self.join(node, sources)).collect()
        };
        match node {
            Node::Equals { field, value } => self.source(*field, *value, sources),
            Node::Within { field, min, max } => {
                let values = *min..=*max;
                Join::Union(values.map(|value| self.source(*field, value, sources)).collect())
            }
            Node::Union(nodes) => Join::Union(all(nodes, sources)),
            Node::Intersection(nodes) => Join::Intersection(all(nodes, sources)),
            Node::Difference(node, other) => {
                Join::Difference(Box::new([self.join(node, sources), self.join(other, sources)]))
            }
            Node::TooDeep => unreachable!("groove: the condition was checked"),
        }
    }

    fn source(&self, field: usize, value: u128, sources: &mut Vec<Source>) -> Join {
        let index = self.indexes.iter().position(|index| index.field() == field);
        let Some(index) = index else { unreachable!("groove: the condition was checked") };
        sources.push(Source { index, value });
        Join::source(sources.len() - 1)
    }
}

impl<O: Object, S: Storage> Query<'_, '_, O, S> {
    /// Returns the next object; `None` if there are no more. Waits for the device.
    ///
    /// # Errors
    ///
    /// If a block cannot be read. All objects before the one that needs the block were returned,
    /// and the query has then ended.
    #[expect(clippy::should_implement_trait, reason = "the error is the result, not an item")]
    pub fn next(&mut self) -> Result<Option<O>, StoreError> {
        let next = self.advance();
        if next.is_err() {
            self.abandon();
        }
        next
    }

    /// Skips the objects before this timestamp in the query's direction. Does nothing if the query
    /// has already passed this timestamp.
    pub fn seek(&mut self, timestamp: u64) {
        self.groove.fetches.skip(timestamp, self.direction, self.reader.grid());
        if self.has_ended {
            return;
        }
        let Self { join, direction, .. } = self;
        let mut sources = Streams {
            indexes: &mut self.groove.indexes,
            slots: &mut self.groove.scans.slots,
            sources: &self.sources,
            grid: self.reader.grid(),
        };
        join.seek(timestamp, *direction, &mut sources);
    }

    /// Appends up to `count` objects to `page`. A page that gets fewer objects is the last.
    ///
    /// # Errors
    ///
    /// The same as [`Query::next`].
    pub fn page(&mut self, count: usize, page: &mut Vec<O>) -> Result<(), StoreError> {
        for _ in 0..count {
            match self.next()? {
                Some(object) => page.push(object),
                None => break,
            }
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<Option<O>, StoreError> {
        loop {
            if let Err(error) = self.look_ahead() {
                (self.has_ended, self.failed) = (true, Some(error.into()));
            }
            let Groove { fetches, objects, .. } = &mut *self.groove;
            fetches.advance(objects, self.reader.grid());
            if let Some(taken) = fetches.take() {
                return self.matching(taken?).map(Some);
            }
            if self.has_ended && fetches.is_empty() {
                return self.failed.take().map_or(Ok(None), Err);
            }
            self.reader.step()?;
        }
    }

    /// Returns an object that was found. The condition must hold for it.
    fn matching(&self, object: O) -> Result<O, StoreError> {
        let is_in = |source: usize| {
            let Source { index, value } = self.sources[source];
            object.indexed(self.groove.indexes[index].field()) == Some(value)
        };
        if self.join.has(&is_in) {
            Ok(object)
        } else {
            Err(with_other_values(&self.groove.objects))
        }
    }

    /// Begins to look up the next objects of the join.
    fn look_ahead(&mut self) -> Result<(), GridError> {
        while !self.has_ended && self.groove.fetches.has_room() {
            let Self { join, direction, groove, sources, reader, .. } = self;
            let mut streams = Streams {
                indexes: &mut groove.indexes,
                slots: &mut groove.scans.slots,
                sources,
                grid: reader.grid(),
            };
            match join.peek(*direction, &mut streams)? {
                Head::Waiting => break,
                Head::Ended => self.has_ended = true,
                Head::Timestamp(timestamp) => {
                    assert!(
                        self.last.is_none_or(|last| direction.is_before(&last, &timestamp)),
                        "groove: a query must return timestamps in order ({timestamp})"
                    );
                    join.pop(timestamp);
                    self.last = Some(timestamp);
                    groove.fetches.begin(&groove.objects, timestamp);
                }
            }
        }
        Ok(())
    }

    /// Starts the scan of a source.
    fn start(&mut self, number: usize) {
        fn start<R: IndexRecord, S: Storage>(
            scan: &mut Scan<R>,
            tree: &Tree<R>,
            value: u128,
            direction: Direction,
            grid: &mut Grid<S>,
        ) {
            let (min, max) = (R::key_of(value, 0), R::key_of(value, TIMESTAMP_MAX));
            scan.start(tree, KeyRange::new(min, max), direction, grid);
        }
        let Source { index, value } = self.sources[number];
        let (slot, grid) = (&mut self.groove.scans.slots[number], self.reader.grid());
        let direction = self.direction;
        match &self.groove.indexes[index].tree {
            IndexTree::Unique64(tree) => start(slot.unique64.scan(), tree, value, direction, grid),
            IndexTree::Unique128(tree) => {
                start(slot.unique128.scan(), tree, value, direction, grid);
            }
            IndexTree::Index64(tree) => start(slot.index64.scan(), tree, value, direction, grid),
            IndexTree::Index128(tree) => start(slot.index128.scan(), tree, value, direction, grid),
        }
    }

    /// Ends the query, and releases its blocks.
    fn abandon(&mut self) {
        (self.has_ended, self.failed) = (true, None);
        self.groove.query_abandon(self.reader.grid());
    }
}

impl<O: Object, S: Storage> Drop for Query<'_, '_, O, S> {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// The scans of a query during a call of the join.
struct Streams<'a, S: Storage> {
    indexes: &'a mut Vec<Index>,
    slots: &'a mut Vec<Slot>,
    sources: &'a [Source],
    grid: &'a mut Grid<S>,
}

impl<S: Storage> Sources for Streams<'_, S> {
    type Error = GridError;

    fn next(&mut self, source: usize) -> Result<Head, GridError> {
        fn next<R: IndexRecord, S: Storage>(
            scan: &mut Scan<R>,
            tree: &Tree<R>,
            grid: &mut Grid<S>,
        ) -> Result<Head, GridError> {
            Ok(match scan.next(tree, grid)? {
                ScanProgress::Record(entry) => Head::Timestamp(entry.timestamp()),
                ScanProgress::Pending => Head::Waiting,
                ScanProgress::Ended => Head::Ended,
            })
        }
        let slot = &mut self.slots[source];
        match &self.indexes[self.sources[source].index].tree {
            IndexTree::Unique64(tree) => next(slot.unique64.scan(), tree, self.grid),
            IndexTree::Unique128(tree) => next(slot.unique128.scan(), tree, self.grid),
            IndexTree::Index64(tree) => next(slot.index64.scan(), tree, self.grid),
            IndexTree::Index128(tree) => next(slot.index128.scan(), tree, self.grid),
        }
    }

    fn seek(&mut self, source: usize, timestamp: u64) {
        // Larger timestamps do not fit in a key, and no entry has one.
        let timestamp = timestamp.min(TIMESTAMP_MAX);
        let Source { index, value } = self.sources[source];
        let slot = &mut self.slots[source];
        match &self.indexes[index].tree {
            // The value has at most one entry.
            IndexTree::Unique64(_) | IndexTree::Unique128(_) => {}
            IndexTree::Index64(tree) => {
                slot.index64.scan().seek(Index64::key_of(value, timestamp), tree, self.grid);
            }
            IndexTree::Index128(tree) => {
                slot.index128.scan().seek(Index128::key_of(value, timestamp), tree, self.grid);
            }
        }
    }
}

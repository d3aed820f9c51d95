//! The rules that a store must follow on its device. A violation is a bug of the store, and panics.
//!
//! - Two writes in flight never overlap. A read and a write may overlap.
//! - A write lies within one copy of the superblock or one block.
//! - A write never hits a block that the last durable superblock refers to, or a block that is not
//!   allocated. The world reports these blocks. A report costs O(1), and clearing all reports costs
//!   O(reports).
//! - The superblock is written only when no write in the grid is in flight or not durable.
//! - A read in the grid starts at a sector that was written. The exception is a block of which a
//!   crash lost a write although a flush of the write had been reported.
//! - At most as many reads and writes of blocks are in flight as the world allows.

use downbeat_lsm::storage::{Access, Layout, Operation, Span, Zone};

use super::addresses::Addresses;
use super::image::Image;
use super::limits::Unit;
use super::mishaps::Mishaps;
use super::queue::Queue;

/// A write that was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The span that is written.
    pub span: Span,
    /// The unit that contains the span.
    pub unit: Unit,
}

/// The optional checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleOptions {
    /// Whether a block must be marked as allocated by the world before it is written.
    pub allocation: bool,
    /// Whether a read in the grid must start at a sector that was written.
    pub unwritten_reads: bool,
    /// Whether the grid must be durable before the superblock is written.
    pub superblock_last: bool,
    /// Whether submitted writes are recorded for the world.
    pub journal: bool,
    /// The maximum number of reads of blocks in flight.
    pub reads_max: usize,
    /// The maximum number of writes of blocks in flight.
    pub writes_max: usize,
}

impl Default for RuleOptions {
    /// Enables the checks that need no help from the world.
    fn default() -> Self {
        Self {
            allocation: false,
            unwritten_reads: true,
            superblock_last: true,
            journal: false,
            reads_max: usize::MAX,
            writes_max: usize::MAX,
        }
    }
}

/// The rules, and the blocks that the world reported; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) options: RuleOptions,
    pub(super) protected: Addresses,
    pub(super) allowed: Addresses,
    pub(super) journal: Vec<Submitted>,
}

impl Rules {
    pub(super) fn reset(&mut self) {
        let Self { options, protected, allowed, journal } = self;
        *options = RuleOptions::default();
        protected.clear();
        allowed.clear();
        journal.clear();
    }

    /// Checks the number of operations in flight at the submission of another one.
    #[inline]
    pub(super) fn check_in_flight(&self, operation: &Operation, layout: &Layout, queue: &Queue) {
        let RuleOptions { reads_max, writes_max, .. } = self.options;
        if queue.operations.len() < reads_max.min(writes_max) {
            return;
        }
        let Some(access) = block_access(operation, layout) else { return };
        let most = if access == Access::Read { reads_max } else { writes_max };
        let others = queue.operations.iter().filter(|other| !other.late);
        let count = others.filter(|it| block_access(&it.operation, layout) == Some(access)).count();
        assert!(
            count < most,
            "disk: reads and writes in flight must be within the options \
             ({access:?}, more than {most})",
        );
    }

    /// Checks a write at its submission. Returns the unit that it writes.
    #[inline]
    pub(super) fn check_write(
        &mut self,
        span: Span,
        layout: &Layout,
        queue: &Queue,
        image: &Image,
    ) -> Unit {
        let Span { offset, length } = span;
        let unit = Unit::at(layout, offset).filter(|unit| {
            let whole = unit.span(layout);
            whole.offset <= offset && span.end() <= whole.end()
        });
        let Some(unit) = unit else {
            panic!(
                "disk: a write must lie in one copy of the superblock or in one block \
                 (offset {offset}, length {length})"
            );
        };
        if let Some((other, _)) = queue.writes().find(|(other, _)| other.overlaps(&span)) {
            panic!(
                "disk: two writes in flight must not overlap ({}, offsets {} and {offset})",
                unit.describe(),
                other.offset,
            );
        }
        match unit {
            Unit::Block(address) => {
                assert!(
                    !self.protected.contains(address),
                    "disk: what the durable superblock refers to must not be written \
                     (block {address})",
                );
                assert!(
                    !self.options.allocation || self.allowed.contains(address),
                    "disk: a block that is written must be allocated (block {address})",
                );
            }
            Unit::Copy(copy) if self.options.superblock_last => {
                if let Some(unit) = not_durable(Zone::Grid, layout, queue, image) {
                    panic!(
                        "disk: the superblock must not be written before its blocks are durable \
                         (copy {copy}; {unit} is not)"
                    );
                }
            }
            Unit::Copy(_) => {}
        }
        if self.options.journal {
            self.journal.push(Submitted { span, unit });
        }
        unit
    }

    /// Checks a read at its completion.
    #[inline]
    pub(super) fn check_read(&self, span: Span, layout: &Layout, image: &Image, mishaps: &Mishaps) {
        let Span { offset, length } = span;
        assert!(
            !self.options.unwritten_reads
                || image.is_written(image.sector_of(offset))
                || layout.zone(offset) == Zone::Superblock
                || Unit::at(layout, offset).is_some_and(|unit| mishaps.is_forgotten(|| unit)),
            "disk: what was never written must not be read (offset {offset}, length {length})",
        );
    }

    /// Whether no copy of the superblock is in flight or not durable.
    pub(super) fn superblock_is_durable(layout: &Layout, queue: &Queue, image: &Image) -> bool {
        not_durable(Zone::Superblock, layout, queue, image).is_none()
    }

    /// Checks that the superblock is durable when the store acknowledges it.
    pub(super) fn check_settled(&self, layout: &Layout, queue: &Queue, image: &Image) {
        if let Some(unit) = not_durable(Zone::Superblock, layout, queue, image) {
            panic!("disk: a superblock that is acknowledged must be durable ({unit} is not)");
        }
    }
}

/// Whether an operation reads or writes a block; `None` if it does neither.
fn block_access(operation: &Operation, layout: &Layout) -> Option<Access> {
    let (span, access) = match operation {
        Operation::Read { span, .. } => (span, Access::Read),
        Operation::Write { span, .. } => (span, Access::Write),
        Operation::Flush => return None,
    };
    (layout.zone(span.offset) == Zone::Grid).then_some(access)
}

/// Describes a unit of a zone that this process wrote and that is not durable, if there is one.
fn not_durable(zone: Zone, layout: &Layout, queue: &Queue, image: &Image) -> Option<String> {
    let in_flight = queue.writes().map(|(other, _)| other.offset);
    let owed = image.owed().map(|sector| image.offset_of(sector));
    let offset = in_flight.chain(owed).find(|other| layout.zone(*other) == zone)?;
    Some(Unit::at(layout, offset).map_or_else(|| "padding".to_owned(), Unit::describe))
}

//! What a store must never ask of its device. A broken rule is a bug of the store, and panics.
//!
//! - Two writes in flight never overlap. A read and a write may.
//! - A write lies in one copy of the superblock, or in one block.
//! - A block to which the last durable superblock refers is not written; nor one that is not allocated.
//!   The world says which these are; both in O(1), and forgotten in O(what was said).
//! - The superblock is written only when nothing in the grid is in flight or not durable.
//! - A read in the grid starts at a sector that was written.
//!
//! What this does not do: it does not know what a superblock refers to, or what is allocated.

use downbeat_lsm::storage::{Layout, Span, Zone};

use super::addresses::Addresses;
use super::image::Image;
use super::limits::Unit;
use super::queue::Queue;

/// A write as it was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// Where to.
    pub span: Span,
    /// What it writes, or part of.
    pub unit: Unit,
}

/// What is checked beside what always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleOptions {
    /// Whether only blocks are written that the world allows.
    pub allocation: bool,
    /// Whether reads in the grid start at sectors that were written.
    pub unwritten_reads: bool,
    /// Whether the superblock waits until the grid is durable.
    pub superblock_last: bool,
    /// Whether writes that are submitted are kept for the world.
    pub journal: bool,
}

impl Default for RuleOptions {
    /// All but what needs the world's help.
    fn default() -> Self {
        Self { allocation: false, unwritten_reads: true, superblock_last: true, journal: false }
    }
}

/// The rules; see the [module](self).
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

    /// A write is submitted. Returns what it writes.
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
                let in_flight = queue.writes().map(|(other, _)| other.offset);
                let owed = image.owed().map(|sector| image.offset_of(sector));
                let grid = in_flight.chain(owed).find(|other| layout.zone(*other) == Zone::Grid);
                if let Some(grid) = grid {
                    let unit = describe(layout, grid);
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

    /// A read completes.
    #[inline]
    pub(super) fn check_read(&self, span: Span, layout: &Layout, image: &Image) {
        let Span { offset, length } = span;
        assert!(
            !self.options.unwritten_reads
                || layout.zone(offset) == Zone::Superblock
                || image.is_written(image.sector_of(offset)),
            "disk: what was never written must not be read (offset {offset}, length {length})",
        );
    }

    /// What is on the device is acknowledged as durable.
    pub(super) fn check_settled(&self, layout: &Layout, queue: &Queue, image: &Image) {
        let in_flight = queue.writes().map(|(other, _)| other.offset);
        let owed = image.owed().map(|sector| image.offset_of(sector));
        let superblock =
            in_flight.chain(owed).find(|other| layout.zone(*other) == Zone::Superblock);
        if let Some(offset) = superblock {
            let unit = describe(layout, offset);
            panic!("disk: a superblock that is acknowledged must be durable ({unit} is not)");
        }
    }
}

/// The unit in which a byte lies, in words.
pub(super) fn describe(layout: &Layout, offset: u64) -> String {
    Unit::at(layout, offset).map_or_else(|| "padding".to_owned(), Unit::describe)
}

//! The size of the disk, which can grow.
//!
//! - A growth is visible at once, and durable after a flush. The queue is empty when the disk
//!   grows, so every later flush covers the growth. A flush that is reported but not done makes the
//!   size durable nevertheless.
//! - A crash may undo a growth that is not durable, unless a write of this process lies beyond the
//!   old end.

use std::io;

use downbeat_lsm::storage::{Access, Fault, Layout, Span};

use super::chance::Site;
use super::faults::FaultKind;
use super::mishaps::Mishap;
use super::{SimulatedDisk, Unit};

impl SimulatedDisk {
    /// Makes the disk larger, durably and without an I/O, so that it has at least as many blocks as
    /// this layout. The sizes of both layouts agree in everything else.
    pub fn enlarge(&mut self, layout: &Layout) {
        self.grown_from = None;
        if layout.block_count() > self.layout.block_count() {
            self.set_layout(*layout);
        }
    }

    pub(super) fn grow_to(&mut self, size: u64) -> Result<(), Fault> {
        assert!(self.queue.operations.is_empty(), "disk: no I/O may be in flight while it grows");
        let fault = Fault::new(Access::Grow, size, &io::ErrorKind::Other.into());
        if self.is_down() {
            return Err(fault);
        }
        self.completed += 1;
        if self.faults.strike(Access::Grow) == Some(FaultKind::Fails) {
            self.mishaps.list.push(Mishap {
                io: self.completed,
                access: Access::Grow,
                offset: size,
                length: 0,
                failed: true,
            });
            return Err(fault);
        }
        let Span { offset, length } = self.layout.block(1);
        let block_count = (size - offset) / length as u64;
        self.grown_from.get_or_insert(self.layout);
        self.set_layout(self.layout.with_block_count(block_count));
        if self.faults.power_goes(Access::Grow) {
            self.lose_power();
        }
        Ok(())
    }

    /// Undoes a growth that is not durable, or not.
    pub(super) fn crash_size(&mut self) {
        let Some(before) = self.grown_from.take() else { return };
        let end = before.size();
        let is_beyond = |sector| self.image.offset_of(sector) >= end;
        if self.chance.at(Site::Growth, end).is_multiple_of(2)
            && !self.image.log.sectors().any(is_beyond)
        {
            for address in before.block_count() + 1..=self.layout.block_count() {
                let block = Unit::Block(address).span(&self.layout);
                if self.image.is_written(self.image.sector_of(block.offset)) {
                    return;
                }
            }
            self.set_layout(before);
        }
    }

    fn set_layout(&mut self, layout: Layout) {
        self.layout = layout;
        self.image.resize(layout.size());
    }
}

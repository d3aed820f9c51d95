//! What a caller tells the disk about the store: what is durable, and which blocks it may write.

use downbeat_lsm::storage::{Span, Zone};

use super::{SimulatedDisk, Submitted, Unit};

impl SimulatedDisk {
    /// Marks the present content as settled: the store has acknowledged it as durable, because a
    /// checkpoint ended or the store opened. A settled unit is unsound
    /// ([`FaultLimits`](super::FaultLimits)) only if it is damaged.
    ///
    /// # Panics
    ///
    /// If a write of a superblock copy is in flight, or if this process wrote a copy that is not
    /// durable.
    pub fn settle(&mut self) {
        let Self { layout, image, queue, unsettled, rules, .. } = self;
        rules.check_settled(layout, queue, image);
        unsettled.clear();
        // An earlier process may have left copies that a crash can still lose.
        let left = image.log.sectors().map(|sector| image.offset_of(sector));
        for offset in left.filter(|offset| layout.zone(*offset) == Zone::Superblock) {
            unsettled
                .insert(Unit::at(layout, offset).expect("disk: a zone of copies has no padding"));
        }
    }

    /// Announces a write that will be submitted later. Its unit is unsound
    /// ([`FaultLimits`](super::FaultLimits)) from now on, as if the write had been submitted.
    ///
    /// # Panics
    ///
    /// If the span lies neither in a copy of the superblock nor in a block.
    pub fn announce(&mut self, span: Span) {
        let unit = self.unit_of(span);
        self.unsettled.insert(unit);
    }

    /// Protects a block that the durable superblock refers to: a write to the block panics.
    ///
    /// # Panics
    ///
    /// If the space of the block was given back.
    pub fn protect(&mut self, address: u64) {
        assert!(
            !self.is_given_back(Unit::Block(address)),
            "disk: a checkpoint must not refer to what was given back (block {address})",
        );
        self.rules.protected.insert(address);
    }

    /// Removes the protection from all blocks.
    pub fn unprotect_all(&mut self) {
        self.rules.protected.clear();
    }

    /// Marks a block as allocated: it may be written.
    pub fn allow(&mut self, address: u64) {
        self.rules.allowed.insert(address);
    }

    /// Marks a block as not allocated.
    pub fn forbid(&mut self, address: u64) {
        self.rules.allowed.remove(address);
    }

    /// Removes and returns the writes that were submitted since the last call. They are recorded
    /// only if [`RuleOptions::journal`](super::RuleOptions::journal) is set.
    pub fn take_journal(&mut self) -> impl Iterator<Item = Submitted> + '_ {
        self.rules.journal.drain(..)
    }
}

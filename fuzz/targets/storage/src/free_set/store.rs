//! A free set, its model, and the content of its checkpoints.

use downbeat_lsm::grid::free_set::{FreeSet, FreeSetOptions, Reservation};

use super::compare;
use super::encoded::Encoded;
use super::states;
use crate::store::block_state;
use downbeat::check::{equal, same};
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::{Checked, Run};
use downbeat_model::free_set::{BLOCKS, Blocks, Operation, RESERVATIONS, SHARD};
use downbeat_model::store::Use;

/// The free set of a store, and another one that is opened from its encoded sets.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) set: FreeSet,
    pub(super) other: FreeSet,
}

impl Pair {
    fn new(options: FreeSetOptions) -> Self {
        let set = || FreeSet::new(options).expect("the settings describe only valid geometries");
        Pair { set: set(), other: set() }
    }
}

/// A store that consists only of a free set.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) pair: Pair,
    pub(super) model: Blocks,
    /// In the order of the model's reservations.
    pub(super) reservations: Vec<Reservation>,
    /// The checkpoint that is opened next.
    pub(super) newest: Encoded,
    /// The checkpoint before the newest one, as long as the newest may be lost.
    pub(super) before: Option<Encoded>,
    /// The number of bytes of an encoded set that fit into a block.
    pub(super) body: usize,
}

impl Store {
    pub(super) fn new(geometry: &Header) -> Self {
        let number = |setting| geometry.number(Operation::SETTINGS, setting);
        let pair = Pair::new(FreeSetOptions {
            block_count: u64::from(number(BLOCKS)),
            shard_size: number(SHARD),
            reservation_count_max: number(RESERVATIONS),
        });
        let (model, newest) = (Blocks::default(), Encoded::default());
        let (reservations, before) = (Vec::new(), None);
        Store { pair, model, reservations, newest, before, body: 0 }
    }

    /// Starts an empty store of the present size.
    pub(super) fn start(&mut self) {
        self.reservations.clear();
        self.newest = Encoded::default();
        self.before = None;
        let set = &mut self.pair.set;
        set.reset();
        let opened = self.newest.open(set, self.body);
        opened.expect("free_set: a store without a checkpoint can be opened");
        set.mark_checkpoint_durable();
        self.model.open(set.block_count());
    }

    /// Resets both free sets, or replaces them if the number of blocks changes. Neither is then
    /// open.
    pub(super) fn change_size(&mut self, block_count: u64) {
        if self.pair.set.block_count() == block_count {
            self.pair.set.reset();
            self.pair.other.reset();
        } else {
            self.pair = Pair::new(FreeSetOptions { block_count, ..*self.pair.set.options() });
        }
    }

    /// The number of blocks that can still be reserved.
    pub(super) fn available(&self) -> u64 {
        let counts = self.model.counts();
        counts.free - counts.reserved
    }

    /// Checks the totals of the set.
    #[inline]
    pub(super) fn figures_are(&self, run: &mut Run) -> Checked {
        run.step();
        let (set, model) = (&self.pair.set, &self.model);
        let counts = compare::counts(set, model.counts())?;
        let (expected, got) = (model.highest(), set.highest_address_acquired());
        compare::option("highest-address-equals-model", expected, got)
            .or("the highest acquired address is not the model's")?;
        let (expected, got) = (model.reservations() as u64, u64::from(set.reservation_count()));
        equal("reservations-equal-model", expected, got)
            .or("the set counts more or fewer reservations than it has granted")?;
        equal("durability-equals-model", model.is_durable(), set.is_durable())
            .or("the set and the model disagree on whether the checkpoint is durable")?;
        equal("phase-equals-model", self.is_reserving(), set.is_reserving())
            .or("the set and the model disagree on whether reservations are accepted")?;
        run.result(counts.acquired);
        run.result(counts.released ^ counts.staged.rotate_left(32));
        Ok(())
    }

    /// Whether the set grants reservations if enough blocks are free.
    pub(super) fn is_reserving(&self) -> bool {
        let most = self.pair.set.options().reservation_count_max as usize;
        !self.model.is_forfeiting() && self.model.reservations() < most
    }

    /// Checks the state of every block, and the iterator over the blocks in use.
    pub(super) fn blocks_are(&self, run: &mut Run) -> Checked {
        let set = &self.pair.set;
        for (address, block) in (1..).zip(self.model.blocks()) {
            compare::block("block-equals-model", address, *block, set.state(address))
                .or("the state of a block differs from the model's")?;
        }
        let model = (1..).zip(self.model.blocks()).filter(|(_, block)| **block != Use::Free);
        let mut model = model.map(|(address, block)| (address, block_state(*block)));
        let mut in_use = set.in_use();
        loop {
            let (expected, got) = (model.next(), in_use.next());
            same("in-use-equals-model", expected, got)
                .or("the blocks in use are not the model's")?;
            if got.is_none() {
                break;
            }
        }
        run.step();
        states::blocks(&self.model, run);
        Ok(())
    }
}

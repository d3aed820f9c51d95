//! The model of a free set: a list with the use of each block. Each answer searches the list.
//!
//! What it expects of a free set:
//!
//! * A reservation takes the lowest free blocks that are not reserved. The lowest block of a
//!   reservation is acquired first.
//! * A block that a checkpoint refers to is not acquired while that checkpoint may be opened.
//!
//! The model has no words and no shards.

use super::Counts;
use crate::mutation::{Mutation, is_on};
use crate::store::Use;

/// The blocks of a store. Block number n has address n + 1.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    blocks: Vec<Use>,
    /// How many blocks are in each state, by [`Use`].
    counts: [u64; 4],
    /// How many blocks there are up to the last one that is not free.
    used: usize,
    /// Whether a reservation still holds each block.
    reserved: Vec<bool>,
    /// The addresses that each reservation still holds, the lowest last.
    reservations: Vec<Vec<u64>>,
    forfeiting: bool,
    durable: bool,
    /// The blocks after an opening at the newest checkpoint.
    newest: Vec<Use>,
    /// The blocks after an opening at the previous checkpoint, while the newest may be lost.
    before: Option<Vec<Use>>,
}

impl Blocks {
    /// Opens a new store of `count` free blocks, whose newest checkpoint is durable.
    pub fn open(&mut self, count: u64) {
        let Blocks {
            blocks,
            counts,
            used,
            reserved,
            reservations,
            forfeiting,
            durable,
            newest,
            before,
        } = self;
        for kept in [blocks, newest] {
            kept.clear();
            kept.resize(count as usize, Use::Free);
        }
        *counts = [count, 0, 0, 0];
        *used = 0;
        reserved.clear();
        reserved.resize(count as usize, false);
        reservations.clear();
        *forfeiting = false;
        *durable = true;
        *before = None;
    }

    /// Sets the only checkpoint, for the next reopening.
    pub fn load(&mut self, blocks: Vec<Use>) {
        self.newest = blocks;
        self.before = None;
    }

    /// Loses the newest checkpoint if it is not durable: the one before becomes the newest.
    pub fn lose(&mut self) {
        if let Some(before) = self.before.take() {
            self.newest = before;
        }
    }

    /// Whether a store of `count` blocks has room for the newest checkpoint, and for the one before
    /// it if that may be opened instead.
    #[must_use]
    pub fn fits(&self, count: u64) -> (bool, bool) {
        let count = count as usize;
        let does = |kept: &Vec<Use>| kept.iter().skip(count).all(|block| *block == Use::Free);
        (does(&self.newest), self.before.as_ref().is_none_or(does))
    }

    /// Resizes the checkpoints to a store of `count` blocks, which must have room for them. The
    /// next reopening has this size.
    pub fn resize(&mut self, count: u64) {
        self.newest.resize(count as usize, Use::Free);
        if let Some(before) = &mut self.before {
            before.resize(count as usize, Use::Free);
        }
    }

    /// Loses the state in memory and opens the store from its newest checkpoint.
    pub fn reopen(&mut self) {
        self.blocks.clone_from(&self.newest);
        self.counts = [0; 4];
        self.blocks.iter().for_each(|block| self.counts[*block as usize] += 1);
        self.find_used(self.blocks.len());
        self.reserved.clear();
        self.reserved.resize(self.blocks.len(), false);
        self.reservations.clear();
        self.forfeiting = false;
        self.durable = false;
        if is_on(Mutation::FreeSetForgetsTrailers) {
            self.put_all(Use::Staged, Use::Acquired);
        }
    }

    /// The use of each block, by address.
    #[inline]
    #[must_use]
    pub fn blocks(&self) -> &[Use] {
        &self.blocks
    }

    /// The blocks after an opening at the newest checkpoint.
    #[must_use]
    pub fn newest(&self) -> &[Use] {
        &self.newest
    }

    /// The use of the block at an address.
    ///
    /// # Panics
    ///
    /// If there is no such block.
    #[inline]
    #[must_use]
    pub fn block(&self, address: u64) -> Use {
        self.blocks[(address - 1) as usize]
    }

    /// How many reservations there are.
    #[inline]
    #[must_use]
    pub fn reservations(&self) -> usize {
        self.reservations.len()
    }

    /// How many blocks a reservation still holds.
    ///
    /// # Panics
    ///
    /// If there is no such reservation.
    #[must_use]
    pub fn remaining(&self, reservation: usize) -> u64 {
        self.reservations[reservation].len() as u64
    }

    /// Whether a reservation was forfeited while others remain.
    #[inline]
    #[must_use]
    pub fn is_forfeiting(&self) -> bool {
        self.forfeiting
    }

    /// Whether the newest checkpoint is durable.
    #[inline]
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.durable
    }

    /// How many blocks are in each state.
    #[inline]
    #[must_use]
    pub fn counts(&self) -> Counts {
        let [free, acquired, released, staged] = self.counts;
        Counts {
            free,
            reserved: self.reservations.iter().map(|left| left.len() as u64).sum(),
            acquired: acquired + released + staged,
            released,
            staged,
        }
    }

    /// Changes the use of block number `block`.
    #[inline]
    fn put(&mut self, block: usize, after: Use) {
        let before = std::mem::replace(&mut self.blocks[block], after);
        self.counts[before as usize] -= 1;
        self.counts[after as usize] += 1;
        self.used = self.used.max(block + 1);
    }

    /// Changes all blocks in one state to another.
    fn put_all(&mut self, before: Use, after: Use) {
        if self.counts[before as usize] == 0 {
            return;
        }
        let used = self.blocks[..self.used].iter_mut();
        used.filter(|block| **block == before).for_each(|block| *block = after);
        self.counts[after as usize] += std::mem::take(&mut self.counts[before as usize]);
        self.find_used(self.used);
    }

    /// Finds the last used block. All blocks from index `end` on must be free.
    fn find_used(&mut self, end: usize) {
        let last = self.blocks[..end].iter().rposition(|block| *block != Use::Free);
        self.used = last.map_or(0, |last| last + 1);
    }

    /// The highest address that is not free.
    #[inline]
    #[must_use]
    pub fn highest(&self) -> Option<u64> {
        (self.used > 0).then_some(self.used as u64)
    }

    /// The addresses of acquired blocks, without released and staged ones, ascending.
    pub fn live(&self) -> impl Iterator<Item = u64> + '_ {
        let blocks = (1..).zip(&self.blocks[..self.used]);
        blocks.filter(|(_, block)| **block == Use::Acquired).map(|(address, _)| address)
    }

    /// Reserves `count` blocks. Returns whether that many are free and not reserved.
    pub fn reserve(&mut self, count: u64) -> bool {
        let is_mine = |block: usize| {
            let is_reserved = self.reserved[block] && !is_on(Mutation::FreeSetReservesTwice);
            self.blocks[block] == Use::Free && !is_reserved
        };
        let mut chosen: Vec<u64> = Vec::new();
        for block in (0..self.blocks.len()).filter(|block| is_mine(*block)) {
            if chosen.len() as u64 == count {
                break;
            }
            chosen.push(block as u64 + 1);
        }
        let found = chosen.len() as u64 == count;
        if found {
            chosen.iter().for_each(|address| self.reserved[(address - 1) as usize] = true);
            chosen.reverse();
            self.reservations.push(chosen);
        }
        found
    }

    /// Acquires the lowest block of a reservation; `None` if it holds none.
    ///
    /// # Panics
    ///
    /// If there is no such reservation.
    #[inline]
    pub fn acquire(&mut self, reservation: usize) -> Option<u64> {
        let address = self.reservations[reservation].pop()?;
        self.reserved[(address - 1) as usize] = false;
        self.put((address - 1) as usize, Use::Acquired);
        Some(address)
    }

    /// Whether a checkpoint that may be opened refers to a block, which must then not be written.
    #[inline]
    #[must_use]
    pub fn is_referred_to(&self, address: u64) -> bool {
        let refers = |kept: &Vec<Use>| {
            let block = kept.get((address - 1) as usize);
            matches!(block, Some(Use::Acquired | Use::Staged))
        };
        refers(&self.newest) || self.before.as_ref().is_some_and(refers)
    }

    /// Forfeits a reservation. The later ones move up.
    ///
    /// # Panics
    ///
    /// If there is no such reservation.
    pub fn forfeit(&mut self, reservation: usize) {
        for address in self.reservations.remove(reservation) {
            self.reserved[(address - 1) as usize] = false;
        }
        self.forfeiting = !self.reservations.is_empty();
    }

    /// Releases a block.
    ///
    /// # Panics
    ///
    /// If the block is not acquired.
    pub fn release(&mut self, address: u64) {
        let staged = !self.durable && !is_on(Mutation::FreeSetForgetsStaging);
        assert!(self.block(address) == Use::Acquired, "model: a released block must be acquired");
        self.put((address - 1) as usize, if staged { Use::Staged } else { Use::Released });
    }

    /// Writes a checkpoint, which may be lost. The blocks that hold it, `trailers`, are released
    /// immediately.
    pub fn checkpoint(&mut self, trailers: &[u64]) {
        self.durable = false;
        trailers.iter().for_each(|address| self.release(*address));
        self.before = Some(std::mem::replace(&mut self.newest, self.blocks.clone()));
        if is_on(Mutation::FreeSetFreesTooEarly) {
            self.put_all(Use::Released, Use::Free);
        }
    }

    /// Makes the newest checkpoint durable.
    pub fn make_durable(&mut self) {
        self.put_all(Use::Released, Use::Free);
        self.put_all(Use::Staged, Use::Released);
        self.durable = true;
        self.before = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(count: u64) -> Blocks {
        let mut blocks = Blocks::default();
        blocks.open(count);
        blocks
    }

    #[test]
    fn reservations_have_no_block_in_common() {
        let mut blocks = opened(6);
        assert!(blocks.reserve(2) && blocks.reserve(3) && !blocks.reserve(2));
        assert_eq!([1, 0, 0, 0].map(|n| blocks.acquire(n)), [Some(3), Some(1), Some(2), None]);
        blocks.forfeit(0);
        assert!(blocks.is_forfeiting());
        assert_eq!(blocks.counts().reserved, 2);
        blocks.forfeit(0);
        assert!(!blocks.is_forfeiting());
    }

    #[test]
    fn the_last_two_checkpoints_keep_their_blocks_until_the_newest_is_durable() {
        let mut blocks = opened(6);
        assert!(blocks.reserve(3));
        (0..3).for_each(|_| assert!(blocks.acquire(0).is_some()));
        blocks.forfeit(0);
        blocks.checkpoint(&[]);
        blocks.make_durable();
        blocks.release(1);
        blocks.checkpoint(&[]);
        assert!(blocks.is_referred_to(1));
        blocks.make_durable();
        assert!(!blocks.is_referred_to(1) && blocks.is_referred_to(2));
        assert_eq!(blocks.block(1), Use::Free);
    }

    #[test]
    fn losing_a_checkpoint_returns_to_the_one_before() {
        let mut blocks = opened(6);
        assert!(blocks.reserve(1));
        assert_eq!(blocks.acquire(0), Some(1));
        blocks.forfeit(0);
        blocks.checkpoint(&[]);
        blocks.reopen();
        assert_eq!(blocks.counts().free, 5);
        blocks.lose();
        blocks.reopen();
        assert_eq!(blocks.counts().free, 6);
    }
}

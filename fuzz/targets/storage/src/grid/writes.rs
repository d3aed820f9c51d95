//! Operations that acquire, write, flush and release blocks.

use downbeat_lsm::block::BODY_OFFSET;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::grid::free_set::Reservation;

use super::events::Event;
use super::states;
use super::tested::{Tested, byte, contents, name};
use crate::store;
use downbeat::check::{fail, holds, same};
use downbeat::failure::Divergence;
use downbeat::model::store::Block;
use downbeat::run::Run;
use downbeat::states::octave;

impl Tested {
    pub(super) fn write(&mut self, count: u32, size: u32, run: &mut Run) -> Result<(), Divergence> {
        if self.cannot_write(run)? {
            return Ok(());
        }
        if !self.reserve(u64::from(count), run)? {
            return self.make_room(run);
        }
        let mut last = 0;
        for _ in 0..count {
            if !self.write_one(0, &mut last, size as usize, run)? {
                break;
            }
        }
        self.forfeit();
        Ok(())
    }

    pub(super) fn write_in_turn(
        &mut self,
        first: u32,
        second: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        if self.cannot_write(run)? {
            return Ok(());
        }
        if !self.reserve(u64::from(first), run)? {
            return self.make_room(run);
        }
        if !self.reserve(u64::from(second), run)? {
            self.forfeit();
            return self.make_room(run);
        }
        // The blocks of the second reservation come after those of the first.
        let mut lasts = [0, 0];
        for _ in 0..first {
            lasts[1] = self.store.model.next_free(lasts[1]).unwrap_or(u64::MAX - 1);
        }
        for turn in 0..first.max(second) {
            for (number, count) in [first, second].into_iter().enumerate() {
                if turn < count && !self.write_one(number, &mut lasts[number], 60, run)? {
                    self.forfeit();
                    return Ok(());
                }
            }
        }
        self.forfeit();
        Ok(())
    }

    /// Acquires the next block of a reservation and begins to write it. Returns whether the caller
    /// may continue.
    fn write_one(
        &mut self,
        reservation: usize,
        last: &mut u64,
        size: usize,
        run: &mut Run,
    ) -> Result<bool, Divergence> {
        run.state(
            states::FreeAtWrite,
            octave(self.store.grid.free_set().free_count()).saturating_sub(2),
        );
        run.step();
        let got = self.store.grid.acquire(&mut self.reservations[reservation]);
        let expected = self.store.model.next_free(*last);
        same("acquired-is-lowest-free", expected, got)
            .or("an acquired block is not the lowest free one of its reservation")?;
        let Some(address) = got else { return Ok(false) };
        *last = address;
        self.store.model.acquire(address);
        if self.store.model.old().iter().any(|old| old.name.address == address) {
            Event::Reused.count(run);
        }
        let waited = |run: &mut Run| Event::MemoryAwaited.count(run);
        let buffer = store::take_buffer(self, waited, run)?;
        let Some(mut buffer) = buffer else { return Ok(false) };
        let size = size.min(self.store.layout.block_size() - BODY_OFFSET);
        self.stamp += 1;
        let stamp = self.stamp;
        let body = &mut buffer.bytes_mut()[BODY_OFFSET..BODY_OFFSET + size];
        for (place, to) in body.iter_mut().enumerate() {
            *to = byte(stamp, place);
        }
        run.step();
        let written = self.store.grid.write(address, &contents(stamp, size), buffer);
        match written {
            Ok(reference) => {
                let block = Block { name: name(reference), stamp, size, sure: true };
                run.result(block.name.checksum as u64);
                self.store.model.write(block);
                self.store.write_begun(address);
                store::after_io(self, run)?;
                Ok(true)
            }
            Err(GridError::Failed(_)) if self.store.is_failure_noted() => {
                Event::WriteRefused.count(run);
                Ok(false)
            }
            Err(error) => Err(fail("write-is-accepted", "the name of the block", error)
                .saying("a write is refused without a reason")),
        }
    }

    /// Reserves blocks, and keeps the reservation. Returns whether it was granted.
    fn reserve(&mut self, count: u64, run: &mut Run) -> Result<bool, Divergence> {
        run.step();
        let reserved: u64 = self.reservations.iter().map(Reservation::remaining).sum();
        let free = self.store.model.count(downbeat::model::store::Use::Free) - reserved;
        let got = self.store.grid.reserve(count);
        let kept_free = self.store.kept_free;
        let expected = count + kept_free <= free;
        let reason = || format!("{expected}, as {free} are free and {kept_free} are kept");
        holds("reservation-is-of-free-blocks", got.is_some() == expected)
            .show(|| (reason(), format!("{}, for {count}", got.is_some())))
            .or("a reservation is granted with too few free blocks, or refused with enough")?;
        self.reservations.extend(got);
        Ok(expected)
    }

    /// Forfeits all reservations.
    fn forfeit(&mut self) {
        while let Some(reservation) = self.reservations.pop() {
            self.store.grid.forfeit(reservation);
        }
    }

    /// Returns whether a failure forbids writes. If so, the store is opened again.
    pub(super) fn cannot_write(&mut self, run: &mut Run) -> Result<bool, Divergence> {
        if self.store.grid.failed().is_none() {
            return Ok(false);
        }
        run.redirected(|| "reopen".to_owned());
        store::recover(self, run)?;
        Ok(true)
    }

    /// Makes room when no block is free.
    fn make_room(&mut self, run: &mut Run) -> Result<(), Divergence> {
        run.redirected(|| "release 0 count=8\ncheckpoint\ndurable".to_owned());
        self.release_from(0, 8, 1, run);
        store::checkpoint(self, run)?;
        if !self.store.is_down() && self.store.grid.failed().is_none() {
            store::durable(self, run)?;
        }
        Ok(())
    }

    pub(super) fn fill(&mut self, left: u32, run: &mut Run) -> Result<(), Divergence> {
        if self.cannot_write(run)? {
            return Ok(());
        }
        let free = self.store.grid.free_set().free_count();
        let room = free.saturating_sub(self.store.kept_free + u64::from(left));
        // To release one block at a time would cost more than it finds.
        let count = room.min(64);
        if count == 0 {
            return self.make_room(run);
        }
        if !self.reserve(count, run)? {
            return self.make_room(run);
        }
        let mut last = 0;
        for _ in 0..count {
            if !self.write_one(0, &mut last, 8, run)? {
                break;
            }
        }
        self.forfeit();
        Ok(())
    }

    pub(super) fn release(
        &mut self,
        block: u32,
        count: u32,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        if self.release_from(block, count, 1, run) == 0 {
            run.redirected(|| "write".to_owned());
            return self.write(1, 100, run);
        }
        store::after_io(self, run)
    }

    pub(super) fn release_each(&mut self, step: u32, run: &mut Run) -> Result<(), Divergence> {
        if self.release_from(0, u32::MAX, step, run) == 0 {
            run.redirected(|| "write".to_owned());
            return self.write(1, 100, run);
        }
        store::after_io(self, run)
    }

    /// Releases up to `count` blocks from number `block` on, every `step`-th. Returns how many.
    fn release_from(&mut self, block: u32, count: u32, step: u32, run: &mut Run) -> u64 {
        let live = self.store.model.live().count();
        if live == 0 {
            return 0;
        }
        let mut released = 0;
        let mut place = block as usize % live;
        // From the highest place down, so that the other places stay valid.
        let mut addresses = [0; 512];
        while released < (count as usize).min(addresses.len()) && place < live {
            let block =
                self.store.model.live().nth(place).expect("a place below the number of blocks");
            addresses[released] = block.name.address;
            released += 1;
            place += step as usize;
        }
        for address in &addresses[..released] {
            run.step();
            self.store.grid.release(*address);
            self.store.model.release(*address);
        }
        run.remark(|| format!("released {:?}", &addresses[..released]));
        released as u64
    }

    pub(super) fn flush(&mut self, run: &mut Run) -> Result<(), Divergence> {
        if self.cannot_write(run)? {
            return Ok(());
        }
        if self.store.grid.is_flushing() {
            run.redirected(|| "settle".to_owned());
            return store::settle(self, run);
        }
        run.step();
        self.store.grid.flush().map_err(|error| {
            fail("flush-is-accepted", "a flush", error)
                .saying("a flush is refused without a reason")
        })
    }
}

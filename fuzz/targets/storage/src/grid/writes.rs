//! Operations that acquire, write, flush and release blocks.

use downbeat_lsm::block::BODY_OFFSET;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::grid::free_set::Reservation;

use super::events::Event;
use super::states;
use super::tested::{Tested, byte, contents};
use crate::store;
use downbeat::check::{fail, holds, same};
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::store::Block;

/// The maximum number of blocks that an operation releases.
const RELEASED_MAX: usize = 512;

impl Tested {
    /// Writes blocks of one reservation, or of two alternately.
    pub(super) fn write(&mut self, counts: &[u32], size: u32, run: &mut Run) -> Checked {
        for count in counts {
            if !self.reserve(u64::from(*count), run)? {
                self.forfeit();
                return self.make_room(run);
            }
        }
        // The blocks of the second reservation come after those of the first.
        let mut lasts = [0, 0];
        if let [first, _] = counts {
            for _ in 0..*first {
                lasts[1] = self.store.model.next_free(lasts[1]).unwrap_or(u64::MAX - 1);
            }
        }
        let most = counts.iter().max().copied().unwrap_or(0);
        'writing: for turn in 0..most {
            for (number, count) in counts.iter().enumerate() {
                if turn < *count
                    && !self.write_one(number, &mut lasts[number], size as usize, run)?
                {
                    break 'writing;
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
    ) -> Checked<bool> {
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
        Event::Reused
            .count_if(self.store.model.old().iter().any(|old| old.name.address == address), run);
        if !store::wait_for_write_room(self, run)? {
            return Ok(false);
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
                let block = Block { name: store::name(reference), stamp, size, sure: true };
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
    fn reserve(&mut self, count: u64, run: &mut Run) -> Checked<bool> {
        run.step();
        let reserved: u64 = self.reservations.iter().map(Reservation::remaining).sum();
        let free = self.store.model.count(downbeat_model::store::Use::Free) - reserved;
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
    pub(super) fn cannot_write(&mut self, run: &mut Run) -> Checked<bool> {
        if self.store.grid.failed().is_none() {
            return Ok(false);
        }
        run.redirected(|| "reopen".to_owned());
        store::recover(self, run)?;
        Ok(true)
    }

    /// Frees blocks when too few are free for an operation.
    fn make_room(&mut self, run: &mut Run) -> Checked {
        run.redirected(|| "release 0 count=8\ncheckpoint\ndurable".to_owned());
        self.release_from(0, 8, 1, run);
        store::checkpoint(self, run)?;
        if !self.store.is_down() && self.store.grid.failed().is_none() {
            store::durable(self, run)?;
        }
        Ok(())
    }

    pub(super) fn fill(&mut self, left: u32, run: &mut Run) -> Checked {
        let free = self.store.grid.free_set().free_count();
        let room = free.saturating_sub(self.store.kept_free + u64::from(left));
        // `make_room` releases several blocks: a checkpoint for each single block is too slow.
        match room.min(64) as u32 {
            0 => self.make_room(run),
            count => self.write(&[count], 8, run),
        }
    }

    /// Writes a block, in place of an operation that needs a block and finds none.
    pub(super) fn write_instead(&mut self, run: &mut Run) -> Checked {
        run.redirected(|| "write".to_owned());
        if self.cannot_write(run)? { Ok(()) } else { self.write(&[1], 100, run) }
    }

    pub(super) fn release(&mut self, block: u32, count: u32, step: u32, run: &mut Run) -> Checked {
        if self.release_from(block, count, step, run) == 0 {
            return self.write_instead(run);
        }
        store::after_io(self, run)
    }

    /// Releases up to `count` blocks: every `step`-th live block from number `block` on. Returns
    /// how many.
    fn release_from(&mut self, block: u32, count: u32, step: u32, run: &mut Run) -> usize {
        let live = self.store.model.live();
        let first = (block as usize).checked_rem(live.clone().count()).unwrap_or(0);
        let victims =
            live.skip(first).step_by(step as usize).take((count as usize).min(RELEASED_MAX));
        let addresses: Vec<u64> = victims.map(|block| block.name.address).collect();
        for address in &addresses {
            run.step();
            self.store.grid.release(*address);
            self.store.model.release(*address);
        }
        if !addresses.is_empty() {
            run.remark(|| format!("released {addresses:?}"));
        }
        addresses.len()
    }

    pub(super) fn flush(&mut self, run: &mut Run) -> Checked {
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

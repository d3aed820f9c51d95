//! Operations that reserve, acquire, forfeit and release blocks.

use super::compare;
use super::events::Event;
use super::states;
use super::store::Store;
use downbeat::check::{equal, holds};
use downbeat::input::encoding::Place;
use downbeat::{Checked, Run};
use downbeat_model::free_set::Left;

impl Store {
    /// Reserves and acquires `count` blocks, or all available ones if these are fewer, and forfeits
    /// the reservation.
    pub(super) fn take(&mut self, count: u64, run: &mut Run) -> Checked {
        if !self.is_reserving() {
            self.forfeit_all_out(run);
        }
        let count = count.min(self.available());
        if count == 0 {
            return self.make_room(run);
        }
        self.reserve_one(count, run)?;
        let last = self.reservations.len() - 1;
        self.acquire_from(last, count, run)?;
        self.forfeit_one(last, run);
        Ok(())
    }

    pub(super) fn fill(&mut self, left: Left, run: &mut Run) -> Checked {
        if !self.is_reserving() {
            self.forfeit_all_out(run);
        }
        let left = left.get().max(0) as u64;
        self.take(self.available().saturating_sub(left), run)
    }

    pub(super) fn reserve(&mut self, count: u64, run: &mut Run) -> Checked {
        if self.is_reserving() {
            return self.reserve_one(count, run);
        }
        run.redirected(|| "forfeit_all".to_owned());
        self.forfeit_all_out(run);
        Ok(())
    }

    pub(super) fn reserve_rest(&mut self, left: Left, run: &mut Run) -> Checked {
        let count = self.available().saturating_add_signed(-left.get());
        if count == 0 && self.is_reserving() {
            run.idle();
            return Ok(());
        }
        self.reserve(count, run)
    }

    /// Requests a reservation of `count` blocks. Checks that the set grants it exactly if the model
    /// does.
    fn reserve_one(&mut self, count: u64, run: &mut Run) -> Checked {
        let available = self.available();
        run.step();
        let reservation = self.pair.set.reserve(count);
        let is_granted = self.model.reserve(count);
        equal("reservation-equals-model", is_granted, reservation.is_some())
            .or("the set and the model disagree on whether a reservation is granted")?;
        states::reserved(count, available, self.reservations.len(), run);
        run.remark(|| {
            if is_granted { format!("{count} of {available}") } else { "refused".to_owned() }
        });
        self.reservations.extend(reservation);
        Ok(())
    }

    pub(super) fn acquire(&mut self, from: Place, count: u64, run: &mut Run) -> Checked {
        if self.reservations.is_empty() {
            let wanted = (2 * count).min(self.available());
            if wanted == 0 {
                return self.make_room(run);
            }
            self.reserve_one(wanted, run)?;
        }
        let out = self.reservations.len() as u32;
        self.acquire_from(from.of(out) as usize, count, run)
    }

    /// Acquires up to `count` blocks of a reservation.
    fn acquire_from(&mut self, reservation: usize, count: u64, run: &mut Run) -> Checked {
        for _ in 0..count {
            run.step();
            let expected = self.model.acquire(reservation);
            let got = self.pair.set.acquire(&mut self.reservations[reservation]);
            compare::option("acquired-block-equals-model", expected, got)
                .or("an acquired block is not the lowest one of its reservation")?;
            run.result(got.unwrap_or(0));
            let Some(address) = got else {
                Event::Exhausted.count(run);
                break;
            };
            self.is_nobodys(address)?;
            states::acquired(address, run);
        }
        let expected = self.model.remaining(reservation);
        equal("remaining-equals-model", expected, self.reservations[reservation].remaining())
            .or("a reservation has more or fewer blocks left than the model's")
    }

    /// Checks that no checkpoint that may be opened refers to the block just acquired.
    pub(super) fn is_nobodys(&self, address: u64) -> Checked {
        holds("acquired-block-is-nobodys", !self.model.is_referred_to(address))
            .show(|| ("another block", address))
            .or("a block is acquired while a checkpoint that may be opened refers to it")
    }

    pub(super) fn forfeit(&mut self, from: Place, run: &mut Run) -> Checked {
        let out = self.reservations.len() as u32;
        if out == 0 {
            run.idle();
            return Ok(());
        }
        self.forfeit_one(from.of(out) as usize, run);
        Ok(())
    }

    pub(super) fn forfeit_all(&mut self, run: &mut Run) -> Checked {
        run.idle_if(self.reservations.is_empty());
        self.forfeit_all_out(run);
        Ok(())
    }

    pub(super) fn forfeit_all_out(&mut self, run: &mut Run) {
        while let Some(last) = self.reservations.len().checked_sub(1) {
            self.forfeit_one(last, run);
        }
    }

    fn forfeit_one(&mut self, number: usize, run: &mut Run) {
        let reservation = self.reservations.remove(number);
        let (is_left, is_last) = (reservation.remaining() > 0, self.reservations.is_empty());
        run.state(states::Forfeiting, 2 * usize::from(is_left) + usize::from(!is_last));
        run.step();
        self.pair.set.forfeit(reservation);
        self.model.forfeit(number);
    }

    pub(super) fn release(&mut self, at: Place, count: u64, step: u32, run: &mut Run) -> Checked {
        let live = self.model.live().count() as u32;
        if live == 0 {
            run.redirected(|| format!("take count={count}"));
            return self.take(count, run);
        }
        let victims = self.model.live().skip(at.of(live) as usize);
        let victims: Vec<u64> = victims.step_by(step as usize).take(count as usize).collect();
        self.release_each(&victims, run)
    }

    pub(super) fn release_all(&mut self, step: u32, run: &mut Run) -> Checked {
        let victims: Vec<u64> = self.model.live().step_by(step as usize).collect();
        if victims.is_empty() {
            run.redirected(|| "take count=1".to_owned());
            return self.take(1, run);
        }
        self.release_each(&victims, run)
    }

    pub(super) fn release_each(&mut self, victims: &[u64], run: &mut Run) -> Checked {
        for address in victims.iter().copied() {
            run.step();
            self.pair.set.release(address);
            self.model.release(address);
            let (expected, got) = (self.model.block(address), self.pair.set.state(address));
            compare::block("released-block-equals-model", address, expected, got)
                .or("the state of a released block differs from the model's")?;
        }
        run.remark(|| format!("{} blocks, from {} on", victims.len(), victims[0]));
        Ok(())
    }

    /// Runs in place of an operation that needs a free block when there is none: frees blocks.
    #[cold]
    fn make_room(&mut self, run: &mut Run) -> Checked {
        if !self.reservations.is_empty() {
            run.redirected(|| "forfeit_all".to_owned());
            self.forfeit_all_out(run);
            return Ok(());
        }
        let counts = self.model.counts();
        if counts.released + counts.staged > 0 {
            Event::CycleForRoom.count(run);
            run.redirected(|| "cycle".to_owned());
            return self.cycle(run);
        }
        Event::ReleasedForRoom.count(run);
        run.redirected(|| "release_all step=3".to_owned());
        self.release_all(3, run)
    }
}

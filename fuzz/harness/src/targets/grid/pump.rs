//! Waiting for the disk, with a bound.

use downbeat_lsm::grid::Stepped;

use super::events::Event;
use super::tested::Tested;
use crate::disk::Unit;
use crate::failure::Divergence;
use crate::model::grid::Use;
use crate::run::Run;

/// More I/Os than anything that is waited for can take.
const BOUND: u64 = 4096;

impl Tested {
    /// Lets up to `count` I/Os complete. Returns how many did: fewer if there are no more, or the power went.
    pub(super) fn step(&mut self, count: u64, run: &mut Run) -> Result<u64, Divergence> {
        let mut done = 0;
        while done < count {
            run.step();
            match self.grid.step() {
                Stepped::Progress => done += 1,
                Stepped::Nothing => break,
                Stepped::Foreign(completion) => {
                    return Err(hang("nobody waits for it", format!("{completion:?}")));
                }
            }
            self.after_grid(run)?;
        }
        Ok(done)
    }

    /// Lets all I/Os complete, unless the power goes.
    pub(super) fn settle(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.step(BOUND, run)?;
        if self.is_down() {
            return Ok(());
        }
        if !self.grid.is_idle() {
            // Reads wait for memory that blocks which are kept have.
            self.held.clear();
            self.step(BOUND, run)?;
        }
        if !self.is_down() && !self.grid.is_idle() {
            return Err(hang("the grid waits, and nothing completes", self.under_way()));
        }
        if self.is_down() || self.waiting.is_empty() {
            return Ok(());
        }
        Err(hang("a read is not answered", format!("{:?}", self.waiting)))
    }

    /// After every call that may have begun or ended I/O: what was written is checked, who waits is answered.
    pub(super) fn after_grid(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.check_journal()?;
        let mut place = 0;
        while place < self.waiting.len() {
            let waiting = self.waiting.swap_remove(place);
            match self.grid.take_read(waiting.ticket) {
                Ok(answer) => self.check_answer(&waiting.block, &answer, run)?,
                Err(ticket) => {
                    self.waiting.push(super::tested::Waiting { ticket, ..waiting });
                    let last = self.waiting.len() - 1;
                    self.waiting.swap(place, last);
                    place += 1;
                }
            }
        }
        if self.grid.pending_writes() == 0 && self.grid.failed().is_none() {
            self.unwritten.clear();
        }
        if self.grid.failed().is_some() && !self.failure_noted {
            self.failure_noted = true;
            // Which of them are on the device, nobody knows.
            for address in self.unwritten.drain(..) {
                self.model.doubt(address);
            }
        }
        Ok(())
    }

    /// Nothing is written but to blocks that are in use.
    fn check_journal(&mut self) -> Result<(), Divergence> {
        let Self { grid, model, trailers, .. } = self;
        trailers.clear();
        trailers.extend_from_slice(grid.trailer_blocks());
        for write in grid.storage_mut().take_journal() {
            let Unit::Block(address) = write.unit else { continue };
            let used = model.slots()[address as usize - 1].used;
            // One that waited may have been released since.
            if used == Use::Free && !trailers.contains(&address) {
                return Err(Divergence {
                    check: "free-blocks-are-not-written",
                    what: "a free block is written",
                    expected: "a block that is in use".to_owned(),
                    got: format!("block {address}, {used:?}"),
                    state: Vec::new(),
                });
            }
        }
        Ok(())
    }

    /// A buffer for a block, waited for if need be. `None` if the power goes meanwhile.
    pub(super) fn take_buffer(
        &mut self,
        run: &mut Run,
    ) -> Result<Option<downbeat_lsm::storage::Buffer>, Divergence> {
        for _ in 0..BOUND {
            if let Some(buffer) = self.grid.take_buffer() {
                return Ok(Some(buffer));
            }
            Event::MemoryAwaited.count(run);
            if self.step(1, run)? == 0 {
                if self.is_down() {
                    return Ok(None);
                }
                if self.held.pop().is_none() {
                    break;
                }
            }
        }
        Err(hang("there is no memory for a block", self.under_way()))
    }

    /// What is under way, in words.
    pub(super) fn under_way(&self) -> String {
        let Self { grid, waiting, held, .. } = self;
        format!(
            "{} pending writes, {} waiting reads, {} blocks kept, {} of {} buffers unused",
            grid.pending_writes(),
            waiting.len(),
            held.len(),
            grid.unused_buffers(),
            grid.buffers(),
        )
    }
}

/// Something that must end does not.
pub(super) fn hang(what: &'static str, got: String) -> Divergence {
    Divergence {
        check: "waiting-ends",
        what,
        expected: "an end within the bound".to_owned(),
        got,
        state: Vec::new(),
    }
}

//! Operations that read, await and hold blocks.

use downbeat_lsm::grid::{BlockHandle, Caching, GridError, ReadOutcome, ReadTicket};

use super::events::Event;
use super::states;
use super::tested::{HELD_MAX, Tested, WAITING_MAX, Waiting};
use crate::store::{self, Tenant};
use downbeat::{Checked, Run, pick};
use downbeat_model::store::{Block, Use};

/// How often a failed read is repeated.
const RETRIES: usize = 8;

/// The answer to a read, or a ticket for it.
type Begun = Result<Result<BlockHandle, GridError>, ReadTicket>;

impl Tested {
    /// Block number `index`, modulo the number of blocks, among the blocks that must exist.
    fn choose(&self, index: u32) -> Option<Block> {
        pick(self.store.model.blocks().filter(|block| block.sure), u64::from(index))
    }

    pub(super) fn read(&mut self, index: u32, caching: Caching, run: &mut Run) -> Checked {
        let Some(block) = self.choose(index) else {
            return self.write_instead(run);
        };
        self.read_block(&block, caching, run).map(drop)
    }

    /// Asks for a block. Returns the answer, or a ticket for it.
    fn begin_read(&mut self, block: &Block, caching: Caching, run: &mut Run) -> Begun {
        run.step();
        run.state(states::PendingAtRead, self.store.grid.pending_writes());
        match self.store.grid.read(store::reference(block.name), caching) {
            ReadOutcome::Ready(handle) => Ok(Ok(handle)),
            ReadOutcome::Pending(ticket) => Err(ticket),
            ReadOutcome::Refused(error) => Ok(Err(error)),
        }
    }

    /// Reads a block, waits for it, and checks it. Reads again if the disk failed. Returns `None`
    /// if power is lost, or if the disk's faults explain the error.
    pub(super) fn read_block(
        &mut self,
        block: &Block,
        caching: Caching,
        run: &mut Run,
    ) -> Checked<Option<BlockHandle>> {
        for _ in 0..RETRIES {
            let since = self.store.grid.storage().completed();
            let mut begun = self.begin_read(block, caching, run);
            let answer = loop {
                match begun {
                    Ok(answer) => break answer,
                    Err(ticket) => {
                        if store::step(self, 1, run)? == 0 {
                            if self.store.is_down() {
                                return Ok(None);
                            }
                            if !self.give_memory() {
                                let hang = store::hang(self.under_way());
                                return Err(hang.saying("a read does not end"));
                            }
                        }
                        begun = self.store.grid.take_read(ticket);
                    }
                }
            };
            self.check_answer(block, &answer, since, run)?;
            match answer {
                Ok(handle) => return Ok(Some(handle)),
                Err(GridError::Fault(_)) => Event::RetriedRead.count(run),
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    pub(super) fn ask(
        &mut self,
        index: u32,
        count: u32,
        caching: Caching,
        run: &mut Run,
    ) -> Checked {
        if self.waiting.len() == WAITING_MAX {
            run.redirected(|| "settle".to_owned());
            return store::settle(self, run);
        }
        for number in 0..count {
            if self.waiting.len() == WAITING_MAX {
                break;
            }
            let Some(block) = self.choose(index + number) else {
                return self.write_instead(run);
            };
            let since = self.store.grid.storage().completed();
            match self.begin_read(&block, caching, run) {
                Ok(answer) => self.check_answer(&block, &answer, since, run)?,
                Err(ticket) => self.waiting.push(Waiting { ticket, block, since }),
            }
        }
        store::after_io(self, run)
    }

    pub(super) fn forget(&mut self, index: u32, run: &mut Run) -> Checked {
        let Some(place) = (index as usize).checked_rem(self.waiting.len()) else {
            run.redirected(|| format!("ask {index} caching=1"));
            return self.ask(index, 1, Caching::Bypass, run);
        };
        let Waiting { ticket, .. } = self.waiting.swap_remove(place);
        Event::Forgotten.count(run);
        run.step();
        self.store.grid.forget_read(ticket);
        store::after_io(self, run)
    }

    pub(super) fn hold(&mut self, index: u32, run: &mut Run) -> Checked {
        if self.held.len() == HELD_MAX {
            run.redirected(|| "let_go 0".to_owned());
            self.held.swap_remove(0);
            return Ok(());
        }
        let Some(block) = self.choose(index) else {
            return self.write_instead(run);
        };
        if let Some(handle) = self.read_block(&block, Caching::Use, run)? {
            self.held.push((handle, block));
        }
        Ok(())
    }

    pub(super) fn let_go(&mut self, index: u32, run: &mut Run) -> Checked {
        let Some(place) = (index as usize).checked_rem(self.held.len()) else {
            run.redirected(|| format!("hold {index}"));
            return self.hold(index, run);
        };
        self.check_held(run)?;
        self.held.swap_remove(place);
        Ok(())
    }

    /// Reads a block by a reference whose address now holds another block.
    pub(super) fn read_old(&mut self, index: u32, run: &mut Run) -> Checked {
        let used = |block: &&Block| {
            let slot = &self.store.model.slots()[block.name.address as usize - 1];
            slot.used != Use::Free
                && slot.block.is_some_and(|now| now.name != block.name && now.sure)
        };
        let old = pick(self.store.model.old().iter().filter(used), u64::from(index));
        let Some(old) = old.copied() else {
            run.redirected(|| format!("read {index}"));
            return self.read(index, Caching::Use, run);
        };
        let old = Block { sure: false, ..old };
        let found = self.read_block(&old, Caching::Use, run)?;
        let event = if found.is_some() { Event::OldFound } else { Event::OldRefused };
        event.count(run);
        Ok(())
    }
}

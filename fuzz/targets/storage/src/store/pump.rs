//! Waits for the disk, up to a maximum number of I/Os.

use downbeat_lsm::grid::Stepped;
use downbeat_lsm::storage::Buffer;

use super::{BlockStore, Tenant, check_queue};
use downbeat::check::{Failed, fail, holds};
use downbeat::disk::Unit;
use downbeat::{Checked, Run};
use downbeat_model::store::Use;

/// A wait of this many I/Os is a finding.
pub(super) const BOUND: u64 = 4096;

/// Completes up to `count` I/Os. Returns how many completed: fewer if there are no more, or if
/// power is lost.
pub fn step(tenant: &mut impl Tenant, count: u64, run: &mut Run) -> Checked<u64> {
    let mut done = 0;
    while done < count {
        run.step();
        match tenant.store_mut().grid.step() {
            Stepped::Progress => done += 1,
            Stepped::Nothing => break,
            Stepped::Foreign(completion) => {
                let hang = hang(format!("{completion:?}"));
                return Err(hang.saying("an I/O completes that nothing waits for"));
            }
        }
        after_io(tenant, run)?;
    }
    Ok(done)
}

/// Completes all I/Os, unless power is lost.
pub fn settle(tenant: &mut impl Tenant, run: &mut Run) -> Checked {
    step(tenant, BOUND, run)?;
    if !tenant.store().is_down() && !tenant.store().grid.is_idle() {
        // Reads may wait for memory that the tenant holds.
        while tenant.give_memory() {}
        step(tenant, BOUND, run)?;
    }
    if tenant.store().is_down() {
        return Ok(());
    }
    if !tenant.store().grid.is_idle() {
        return Err(hang(tenant.under_way()).saying("the grid waits, and nothing completes"));
    }
    match tenant.waits() {
        None => Ok(()),
        Some(waiting) => Err(hang(waiting).saying("a read does not end")),
    }
}

/// Checks the writes since the last call, and lets the tenant take its answers. Must be called
/// after every call that may have begun or ended I/O.
pub fn after_io(tenant: &mut impl Tenant, run: &mut Run) -> Checked {
    let grid = &tenant.store().grid;
    check_queue(grid, grid.pending_writes())?;
    tenant.store_mut().check_journal()?;
    tenant.after_io(run)?;
    tenant.store_mut().note_failure();
    Ok(())
}

/// Returns a buffer for a block. If none is unused, waits for I/O, and calls `waited` before each
/// wait. Returns `None` if power is lost during a wait.
pub fn take_buffer(
    tenant: &mut impl Tenant,
    waited: impl Fn(&mut Run),
    run: &mut Run,
) -> Checked<Option<Buffer>> {
    for _ in 0..BOUND {
        if let Some(buffer) = tenant.store_mut().grid.take_buffer() {
            return Ok(Some(buffer));
        }
        waited(run);
        if step(tenant, 1, run)? == 0 {
            if tenant.store().is_down() {
                return Ok(None);
            }
            if !tenant.give_memory() {
                break;
            }
        }
    }
    Err(hang(tenant.under_way()).saying("no buffer for a block becomes free"))
}

/// Waits until the queue of writes has room for a write. Returns false if power is lost.
pub fn wait_for_write_room(tenant: &mut impl Tenant, run: &mut Run) -> Checked<bool> {
    while !tenant.store().grid.has_write_room(1) {
        if step(tenant, 1, run)? == 0 {
            if tenant.store().is_down() {
                return Ok(false);
            }
            return Err(hang(tenant.under_way()).saying("the queue of writes stays full"));
        }
    }
    Ok(true)
}

impl BlockStore {
    /// Checks that only blocks in use were written.
    fn check_journal(&mut self) -> Checked {
        let Self { grid, model, trailers, .. } = self;
        trailers.clear();
        trailers.extend_from_slice(grid.trailer_blocks());
        for write in grid.storage_mut().take_journal() {
            let Unit::Block(address) = write.unit else { continue };
            let used = model.slots()[address as usize - 1].used;
            // The block of a queued write may have been released, but it is not free yet.
            holds("free-blocks-are-not-written", used != Use::Free || trailers.contains(&address))
                .show(|| ("a block that is in use", format!("block {address}, {used:?}")))
                .or("a free block is written")?;
        }
        Ok(())
    }

    fn note_failure(&mut self) {
        if self.grid.pending_writes() == 0 && self.grid.failed().is_none() {
            self.unwritten.clear();
        }
        if self.grid.failed().is_some() && !self.failure_noted {
            self.failure_noted = true;
            // It is unknown which of these blocks reached the device.
            for address in self.unwritten.drain(..) {
                self.model.doubt(address);
            }
        }
    }

    /// Describes the pending writes and the buffers in use.
    pub fn under_way(&self) -> String {
        let grid = &self.grid;
        format!(
            "{} pending writes, {} of {} buffers unused",
            grid.pending_writes(),
            grid.unused_buffers(),
            grid.buffers(),
        )
    }
}

/// The failed check for a wait that does not end.
#[cold]
pub fn hang(got: String) -> Failed {
    fail("waiting-ends", "an end within the bound", got)
}

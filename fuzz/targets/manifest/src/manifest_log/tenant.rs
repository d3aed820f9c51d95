//! The log under test as a tenant of the store, and what it counts.

use downbeat_lsm::block::Reason;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::manifest_log::LogEntry;
use downbeat_lsm::record::Key256;
use downbeat_lsm::superblock::{CheckpointState, ManifestReferences};

use super::events::Event;
use super::half_bars::refused;
use super::states;
use super::tested::Tested;
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_storage_targets::store::{self, BlockStore, Moment, Tenant};

impl Tenant for Tested {
    fn store(&self) -> &BlockStore {
        &self.store
    }

    fn store_mut(&mut self) -> &mut BlockStore {
        &mut self.store
    }

    fn after_io(&mut self, _run: &mut Run) -> Checked {
        Ok(())
    }

    fn give_memory(&mut self) -> bool {
        let buffer = self.held.pop();
        let gave = buffer.is_some();
        buffer.into_iter().for_each(|buffer| self.store.grid.give_buffer(buffer));
        gave
    }

    fn under_way(&self) -> String {
        let Self { store, log, held, .. } = self;
        let phase = match (self.is_begun, log.is_ready()) {
            (false, _) => "between half-bars",
            (true, false) => "compacting",
            (true, true) => "ready",
        };
        format!("{}, {phase}, {} buffers held back", store.under_way(), held.len())
    }

    fn references(&mut self, run: &mut Run) -> Checked<Option<ManifestReferences>> {
        run.step();
        run.state(states::OpenAtCheckpoint, self.log.open_entry_count());
        if !store::wait_for_write_room(self, run)? {
            return Ok(None);
        }
        let closed = self.log.close(&mut self.store.grid);
        let closed = closed.expect("the queue of writes has room");
        match closed {
            Ok(()) => {
                self.model.close();
                Ok(Some(self.log.references()))
            }
            Err(GridError::Failed(_)) if self.store.grid.failed().is_some() => Ok(None),
            Err(error) => Err(refused("a checkpoint", &error)),
        }
    }

    fn before_recovery(&mut self, run: &mut Run) -> Checked {
        if self.store.is_down() {
            let phase = usize::from(self.is_begun) + usize::from(self.log.is_ready());
            run.state(states::PhaseAtCrash, phase);
            if self.is_begun {
                let completed = self.store.grid.storage().completed() - self.completed_before;
                run.state(states::HalfBarAtCrash, completed as usize);
            }
        }
        Ok(())
    }

    fn process_ends(&mut self, run: &mut Run) {
        self.harvest(run);
        self.log.reset();
        self.held.clear();
        self.tables = None;
        (self.is_begun, self.may_append) = (false, false);
    }

    fn grid_opened(
        &mut self,
        state: &CheckpointState,
        run: &mut Run,
    ) -> Checked<Result<(), GridError>> {
        run.step();
        let mut reported = Vec::with_capacity(self.model.live().len());
        let Self { log, store, .. } = self;
        let opened = log.open(&mut store.grid, &state.manifest, |entry: &LogEntry| {
            reported.push(*entry);
            entry.table::<Key256>().map(drop).map_err(|_| Reason::Meaning("keys fit"))
        });
        if let Err(error) = opened {
            return Ok(Err(error));
        }
        self.check_reported(&reported, run)?;
        self.check_log()?;
        Ok(Ok(()))
    }

    fn happens(&mut self, moment: Moment, run: &mut Run) {
        let less_one = |count: u64| count.saturating_sub(1) as usize;
        match moment {
            Moment::Formatted => self.model.format(),
            Moment::CheckpointBegins(_) => {
                self.model.begin_checkpoint();
                Event::CheckpointEmpty.count_if(self.model.closed().is_empty(), run);
            }
            // A checkpoint is never full, because reservations leave enough free blocks for it.
            Moment::CheckpointPrepared(_) | Moment::CheckpointFull | Moment::Durable => {}
            Moment::CheckpointWritten => {
                self.model.checkpoint_written();
                run.state(states::BlocksAtCheckpoint, octave(self.model.closed().len() as u64));
            }
            Moment::CheckpointFailed => Event::CheckpointFailed.count(run),
            Moment::CheckpointCrashed(completed) => {
                Event::CheckpointCrashed.count(run);
                run.state(states::CheckpointAtCrash, less_one(completed));
            }
            Moment::Opened { beat: _, under_way, again, lost: _, back: _ } => {
                self.model.opened(under_way);
                let (event, opened) = if under_way {
                    (Event::OpenedUnderWay, 1)
                } else {
                    (Event::OpenedAcknowledged, usize::from(again) * 2)
                };
                event.count(run);
                run.state(states::Opened, opened);
            }
            Moment::OpeningCrashed(completed) => {
                Event::OpeningCrashed.count(run);
                run.state(states::OpeningAtCrash, less_one(completed));
            }
            Moment::OpeningFailed => Event::OpeningFailed.count(run),
            Moment::FormattedAnew => Event::FormattedAnew.count(run),
        }
    }
}

//! The grid under test as a tenant of the store, and what it counts.

use super::events::{self, Event};
use super::states;
use super::tested::{Tested, Waiting};
use crate::store::{BlockStore, Moment, Tenant};
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::store::Use;

impl Tenant for Tested {
    fn store(&self) -> &BlockStore {
        &self.store
    }

    fn store_mut(&mut self) -> &mut BlockStore {
        &mut self.store
    }

    /// Takes the answers of waiting reads.
    fn after_io(&mut self, run: &mut Run) -> Checked {
        let mut place = 0;
        while place < self.waiting.len() {
            let waiting = self.waiting.swap_remove(place);
            match self.store.grid.take_read(waiting.ticket) {
                Ok(answer) => self.check_answer(&waiting.block, &answer, waiting.since, run)?,
                Err(ticket) => {
                    self.waiting.push(Waiting { ticket, ..waiting });
                    let last = self.waiting.len() - 1;
                    self.waiting.swap(place, last);
                    place += 1;
                }
            }
        }
        Ok(())
    }

    fn give_memory(&mut self) -> bool {
        self.held.pop().is_some()
    }

    fn waits(&self) -> Option<String> {
        (!self.waiting.is_empty()).then(|| format!("{:?}", self.waiting))
    }

    fn under_way(&self) -> String {
        let Self { store, waiting, held, .. } = self;
        let (waiting, held) = (waiting.len(), held.len());
        format!("{}, {waiting} waiting reads, {held} blocks kept", store.under_way())
    }

    fn before_recovery(&mut self, run: &mut Run) -> Checked {
        self.check_held(run)?;
        if self.store.is_down() {
            run.state(states::WaitingAtCrash, self.waiting.len());
            run.state(states::PendingAtCrash, self.store.grid.pending_writes());
        }
        Ok(())
    }

    fn process_ends(&mut self, run: &mut Run) {
        self.harvest(run);
        self.waiting.clear();
        self.held.clear();
        self.reservations.clear();
    }

    fn happens(&mut self, moment: Moment, run: &mut Run) {
        let less_one = |count: u64| count.saturating_sub(1) as usize;
        match moment {
            Moment::Formatted | Moment::CheckpointWritten => {}
            Moment::CheckpointBegins(_) => {
                run.state(states::WaitingAtCheckpoint, self.waiting.len());
            }
            Moment::CheckpointPrepared(trailers) => {
                run.state(states::TrailersAtCheckpoint, trailers);
            }
            Moment::CheckpointFull => Event::CheckpointFull.count(run),
            Moment::CheckpointFailed => Event::CheckpointFailed.count(run),
            Moment::CheckpointCrashed(completed) => {
                Event::CheckpointCrashed.count(run);
                run.state(states::CheckpointAtCrash, less_one(completed));
            }
            Moment::Durable => {
                let model = &self.store.model;
                run.state(states::ReleasedAtDurable, octave(model.count(Use::Released)));
                run.state(states::StagedAtDurable, octave(model.count(Use::Staged)));
            }
            Moment::Opened { beat: _, under_way, again, lost, back } => {
                let (event, opened) = if under_way {
                    (Event::OpenedUnderWay, 1)
                } else {
                    (Event::OpenedAcknowledged, usize::from(again) * 2)
                };
                event.count(run);
                run.state(states::Opened, opened);
                run.state(states::LostAtCrash, octave(lost));
                run.state(states::BackAtCrash, octave(back));
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

impl Tested {
    /// Counts the statistics of the grid and the superblock since the last opening as events of
    /// the run.
    pub(super) fn harvest(&self, run: &mut Run) {
        events::grid(self.store.grid.statistics()).count(run);
        events::superblock(self.store.superblock.statistics()).count(run);
    }
}

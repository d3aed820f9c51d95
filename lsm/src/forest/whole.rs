//! Beats and checkpoints that one call runs, waiting for the device.
//!
//! A forest and a store of one tree run them alike. The steps differ: a store also advances its
//! lookups.

use super::StoreError;
use crate::beat::BeatProgress;

/// The steps of a beat, and what runs them.
pub(crate) trait Whole {
    /// Begins a beat that does an even share of the work.
    fn begin(&mut self) -> Result<(), StoreError>;

    /// Continues the beat until it must wait for the device.
    fn advance(&mut self) -> BeatProgress;

    /// Completes one operation of the device.
    fn wait(&mut self) -> BeatProgress;

    /// Requests a checkpoint. Returns the beat that takes it.
    fn want(&mut self) -> u64;

    /// The number of the last beat.
    fn number(&self) -> u64;

    /// Continues the beat that is under way to its end. If a checkpoint was taken, returns the last
    /// beat that is durable.
    fn end_whole(&mut self) -> Result<Option<u64>, StoreError> {
        loop {
            let mut progress = self.advance();
            if progress == BeatProgress::Waiting {
                progress = self.wait();
            }
            match progress {
                BeatProgress::Waiting => {}
                BeatProgress::Ended { checkpoint } => return Ok(checkpoint),
                BeatProgress::Failed(error) => return Err(StoreError::ReadOnly(error)),
            }
        }
    }

    /// Runs a beat.
    fn beat_whole(&mut self) -> Result<Option<u64>, StoreError> {
        self.begin()?;
        self.end_whole()
    }

    /// Runs beats until all writes so far are durable. Returns the last beat that is durable.
    fn checkpoint_whole(&mut self) -> Result<u64, StoreError> {
        let trigger = self.want();
        loop {
            if let Some(held) = self.beat_whole()?
                && self.number() == trigger
            {
                return Ok(held);
            }
        }
    }
}

//! The world: a store, opened for a run and compared as a whole. At the end the sets are encoded
//! and opened, and all blocks are released.

use downbeat_lsm::grid::free_set::FreeSetStatistics;

use super::events;
use super::store::Store;
use downbeat::check::equal;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::{Checked, Run, World};
use downbeat_model::free_set::{BLOCKS, BLOCKS_LARGE, BODY, Counts, LARGE, Operation, SIZE};
use downbeat_model::store::Use;

impl World for Store {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Checked {
        let number = |setting| header.number(Operation::SETTINGS, setting);
        self.body = number(BODY) as usize;
        let is_large = header.index(SIZE) == LARGE;
        self.change_size(if is_large { BLOCKS_LARGE } else { u64::from(number(BLOCKS)) });
        self.start();
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)?;
        self.figures_are(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.pair.set.verify();
        self.blocks_are(run)
    }

    /// Opens the encoded sets again, then releases every block and compares once more.
    fn finish(&mut self, run: &mut Run) -> Checked {
        self.cycle(run)?;
        self.encode(self.body, run)?;
        let live: Vec<u64> = self.model.live().collect();
        if !live.is_empty() {
            self.release_each(&live, run)?;
        }
        self.all_comes_back(run)?;
        self.sweep(run)?;
        events::set(self.pair.set.statistics()).count(run);
        self.pair.set.reset();
        self.pair.set.verify();
        let is_new = *self.pair.set.statistics() == FreeSetStatistics::default();
        equal("reset-is-as-new", true, is_new).or("a set has a count other than zero after a reset")
    }

    /// Describes the state of the model.
    fn describe(&self) -> Vec<String> {
        let model = &self.model;
        let Counts { free, reserved, acquired, released, staged } = model.counts();
        let durable = if model.is_durable() { "durable" } else { "not durable" };
        let mut lines = vec![
            format!(
                "model: {free} free ({reserved} reserved), {acquired} acquired ({released} released, {staged} staged)"
            ),
            format!(
                "{} outstanding reservations; the newest checkpoint is {durable}",
                model.reservations()
            ),
        ];
        for block in [Use::Acquired, Use::Released, Use::Staged] {
            let addresses = (1u64..).zip(model.blocks()).filter(|(_, other)| **other == block);
            let addresses: Vec<u64> = addresses.map(|(address, _)| address).collect();
            if !addresses.is_empty() {
                lines.push(format!("{block:?}: {}", ranges(&addresses)).to_lowercase());
            }
        }
        lines
    }
}

impl Store {
    /// Writes two checkpoints after all blocks were released. Checks that only the blocks of the
    /// second are then not free.
    fn all_comes_back(&mut self, run: &mut Run) -> Checked {
        self.cycle(run)?;
        self.cycle(run)?;
        let set = &self.pair.set;
        equal("blocks-balance", set.acquired_count(), set.released_count())
            .or("blocks are not free two checkpoints after all were released")
    }
}

/// Lists ascending addresses as ranges.
fn ranges(addresses: &[u64]) -> String {
    const SHOWN: usize = 12;
    let say = |range: &[u64]| match range {
        [one] => one.to_string(),
        _ => format!("{}..{}", range[0], range[range.len() - 1]),
    };
    let mut shown: Vec<String> = addresses.chunk_by(|a, b| a + 1 == *b).map(say).collect();
    let more = shown.len().saturating_sub(SHOWN);
    if more > 0 {
        shown.truncate(SHOWN);
        shown.push(format!("and {more} more ranges"));
    }
    shown.join(", ")
}

//! Compares the whole store: every block and the structure. At the end the sets are encoded and
//! opened, and all blocks are released.

use downbeat_lsm::grid::free_set::FreeSetStatistics;

use super::events;
use super::store::Store;
use downbeat::check::equal;
use downbeat::failure::Divergence;
use downbeat::model::free_set::Counts;
use downbeat::model::store::Use;
use downbeat::run::Run;

impl Store {
    pub(super) fn sweep_all(&self, run: &mut Run) -> Result<(), Divergence> {
        self.pair.set.verify();
        self.blocks_are(run)
    }

    /// Opens the encoded sets again, then releases every block and compares once more.
    pub(super) fn finish_run(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.cycle(run)?;
        self.encode(self.body, run)?;
        let live: Vec<u64> = self.model.live().collect();
        if !live.is_empty() {
            self.release_each(&live, run)?;
        }
        self.all_comes_back(run)?;
        self.sweep_all(run)?;
        events::set(self.pair.set.statistics()).count(run);
        self.pair.set.reset();
        self.pair.set.verify();
        let is_new = *self.pair.set.statistics() == FreeSetStatistics::default();
        equal("reset-is-as-new", true, is_new).or("a set has a count other than zero after a reset")
    }

    /// Checks that two checkpoints, once nothing is acquired, free all blocks except those of the
    /// second checkpoint.
    fn all_comes_back(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.cycle(run)?;
        self.cycle(run)?;
        let set = &self.pair.set;
        equal("blocks-balance", set.acquired_count(), set.released_count())
            .or("blocks are not free two checkpoints after all were released")
    }

    /// Describes what the store holds according to the model.
    pub(super) fn lines(&self) -> Vec<String> {
        let model = &self.model;
        let Counts { free, reserved, acquired, released, staged } = model.counts();
        let durable = if model.is_durable() { "durable" } else { "not durable" };
        let mut lines = vec![
            format!(
                "by the model: {free} free ({reserved} reserved), {acquired} not ({released} released, {staged} staged)"
            ),
            format!(
                "{} reservations out; the newest checkpoint is {durable}",
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

/// Ascending addresses, as ranges.
fn ranges(addresses: &[u64]) -> String {
    const SHOWN: usize = 12;
    let ranges: Vec<&[u64]> = addresses.chunk_by(|a, b| a + 1 == *b).collect();
    let say = |range: &&[u64]| match range {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}..{last}"),
        [] => String::new(),
    };
    let mut shown: Vec<String> = ranges.iter().take(SHOWN).map(say).collect();
    if ranges.len() > SHOWN {
        shown.push(format!("and {} more ranges", ranges.len() - SHOWN));
    }
    shown.join(", ")
}

//! What is compared: the log with its model, and what is reported when it is opened.

use downbeat_lsm::manifest_log::{LogEntry, ManifestLogStatistics, TableExtent};

use super::events::{self, Event};
use super::states;
use super::tested::{Tested, is_same};
use downbeat::failure::Divergence;
use downbeat::model::manifest_log::{Counts, Live};
use downbeat::run::Run;
use downbeat::states::octave;

impl Tested {
    /// The pace is the model's.
    pub(super) fn check_pace(&self) -> Result<(), Divergence> {
        let (pace, wanted) = (self.log.pace(), self.model.pace());
        let got = [
            pace.entries_max(),
            pace.append_blocks(),
            pace.compact_blocks_max(),
            pace.full_blocks(),
            pace.cycle_blocks(),
            pace.blocks_max(),
            pace.buffers(),
        ];
        let expected = [
            wanted.entries,
            wanted.append,
            wanted.compact,
            wanted.full,
            wanted.cycle,
            wanted.cycle + wanted.burst,
            1 + wanted.compact + wanted.append,
        ];
        if got == expected && pace.blocks_limit() >= wanted.limit {
            return Ok(());
        }
        Err(Divergence::new(
            "pace-is-by-the-book",
            "the pace of a log is another than that of its sizes",
            format!("{expected:?}, {} at most", wanted.limit),
            format!("{got:?}, {} at most", pace.blocks_limit()),
        ))
    }

    /// What a half-bar has done so far: as many blocks compacted, entries kept and dropped as by the book.
    pub(super) fn check_half_bar(&self, run: &mut Run) -> Result<(), Divergence> {
        let ManifestLogStatistics {
            blocks_compacted,
            entries_kept,
            versions_dropped,
            removes_dropped,
            blocks_closed_full,
            blocks_closed_partly,
            ..
        } = *self.log.statistics();
        let got = Counts {
            compacted: blocks_compacted,
            kept: entries_kept,
            versions_dropped,
            removes_dropped,
            closed_full: blocks_closed_full,
            closed_partly: blocks_closed_partly,
        };
        run.result(entries_kept);
        if got == *self.model.counts() {
            return Ok(());
        }
        Err(Divergence::new(
            "half-bar-compacts-by-the-book",
            "a half-bar has compacted, kept or dropped something else than it must",
            format!("{:?}", self.model.counts()),
            format!("{got:?}"),
        ))
    }

    /// The log has the model's blocks, and the newest entry of each table where the model has it.
    pub(super) fn check_log(&self) -> Result<(), Divergence> {
        let model = &self.model;
        let blocks = model.closed().iter().copied().chain(model.open());
        if !self.log.block_addresses().eq(blocks.clone().map(|block| block.address)) {
            return Err(Divergence::new(
                "log-has-its-blocks",
                "the log has other blocks than it must",
                format!("{:?}", blocks.map(|block| block.address).collect::<Vec<_>>()),
                format!("{:?}", self.log.block_addresses().collect::<Vec<_>>()),
            ));
        }
        let limit = model.pace().limit;
        if self.log.block_count() as u64 > limit {
            return Err(Divergence::new(
                "log-is-within-its-bound",
                "the log is longer than its pace allows",
                format!("{limit} blocks or fewer"),
                format!("{}", self.log.block_count()),
            ));
        }
        let differs = |live: &&Live| {
            let Live { entry, block, place } = **live;
            let table = entry.table.address;
            self.log.extent(table) != Some(&TableExtent { table, block, entry: place })
        };
        let wrong = model.live().iter().find(differs);
        if wrong.is_none() && self.log.table_count() == model.live().len() {
            return Ok(());
        }
        let got = wrong.map(|live| self.log.extent(live.entry.table.address));
        Err(Divergence::new(
            "newest-entries-are-where-they-are",
            "the newest entry of a table is not where the log looks for it",
            format!("{} tables, {wrong:?}", model.live().len()),
            format!("{} tables, {got:?}", self.log.table_count()),
        ))
    }

    /// Between half-bars, blocks that are not released are the log's or for tables. Which they are is checked when
    /// a checkpoint is durable, and when the store is opened.
    pub(super) fn check_blocks(&self) -> Result<(), Divergence> {
        let free_set = self.store.grid.free_set();
        let released = free_set.released_count() + free_set.staged_count();
        let got = free_set.acquired_count() - released;
        let of_tables = (self.model.live().len() + self.model.spare().len()) as u64;
        let of_log = self.log.block_addresses().count() as u64;
        if got == of_tables + of_log {
            return Ok(());
        }
        Err(Divergence::new(
            "blocks-are-of-the-log-or-of-tables",
            "more or fewer blocks are in use than the log and its tables have",
            format!("{of_log} of the log and {of_tables} of tables"),
            format!("{got}"),
        ))
    }

    /// What was reported when the log was opened is what the model holds.
    pub(super) fn check_reported(
        &self,
        reported: &[LogEntry],
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let live = self.model.live();
        for wanted in live {
            let table = wanted.entry.table.address;
            let mut said = reported.iter().filter(|entry| entry.address() == table);
            let first = said.next();
            if !first.is_some_and(|said| is_same(&wanted.entry, said)) || said.next().is_some() {
                return Err(Divergence::new(
                    "opened-tables-are-those-of-the-checkpoint",
                    "a table is not reported, or more than once, or as it was before",
                    format!("{:?}", wanted.entry),
                    format!("{first:?}"),
                ));
            }
        }
        if reported.len() != live.len() {
            let strange = reported
                .iter()
                .find(|entry| live.iter().all(|live| live.entry.table.address != entry.address()));
            return Err(Divergence::new(
                "opened-tables-are-those-of-the-checkpoint",
                "a table is reported that is not there",
                format!("{} tables", live.len()),
                format!("{strange:?}"),
            ));
        }
        let ManifestLogStatistics {
            blocks_opened,
            tables_opened,
            versions_passed,
            incarnations_cancelled,
            removes_passed,
            ..
        } = *self.log.statistics();
        let (entries, removes) = self.model.entry_counts();
        let passed = versions_passed + incarnations_cancelled + removes_passed;
        let expected = [self.model.closed().len() as u64, live.len() as u64, entries, removes];
        let got = [blocks_opened, tables_opened, tables_opened + passed, removes_passed];
        run.state(states::BlocksAtOpening, octave(blocks_opened));
        run.state(states::TablesAtOpening, octave(tables_opened));
        run.state(states::RemovesAtOpening, octave(removes_passed));
        run.state(states::CancelledAtOpening, octave(incarnations_cancelled));
        if got == expected {
            return Ok(());
        }
        Err(Divergence::new(
            "opening-counts-every-entry",
            "entries were passed over when the log was opened, or taken twice",
            format!("{expected:?}"),
            format!("{got:?}"),
        ))
    }

    /// Counts what the log has done since it was opened.
    pub(super) fn harvest(&mut self, run: &mut Run) {
        events::log(self.log.statistics()).count(run);
        if self.log.failed().is_some() {
            Event::Failed.count(run);
        }
    }
}

//! Compares the log with its model, and checks what it reports when it is opened.

use downbeat_lsm::manifest_log::{LogEntry, ManifestLogStatistics, TableExtent};

use super::events::{self, Event};
use super::states;
use super::tested::{Tested, is_same};
use downbeat::check::{fail, holds, same};
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::manifest_log::{Counts, Live};

impl Tested {
    /// Checks that the pace is the model's.
    pub(super) fn check_pace(&self) -> Checked {
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
        let (least, limit) = (wanted.limit, pace.blocks_limit());
        holds("pace-is-by-the-book", got == expected && limit >= least)
            .show(|| {
                (format!("{expected:?}, {least} at most"), format!("{got:?}, {limit} at most"))
            })
            .or("the pace of a log does not follow from its sizes")
    }

    /// Checks the work of half-bars so far: blocks compacted, entries kept and dropped.
    pub(super) fn check_half_bar(&self, run: &mut Run) -> Checked {
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
        same("half-bar-compacts-by-the-book", *self.model.counts(), got)
            .or("a half-bar compacts, keeps or drops more or less than it must")
    }

    /// Checks that the log has the model's blocks, not more than its bound, and that it knows where
    /// the newest entry of each table is.
    pub(super) fn check_log(&self) -> Checked {
        let model = &self.model;
        let blocks = model.closed().iter().copied().chain(model.open());
        let expected = blocks.map(|block| block.address);
        let got = || self.log.block_addresses();
        holds("log-has-its-blocks", got().eq(expected.clone()))
            .show(|| {
                let (expected, got): (Vec<_>, Vec<_>) = (expected.collect(), got().collect());
                (format!("{expected:?}"), format!("{got:?}"))
            })
            .or("the log has other blocks than the model")?;
        let (count, limit) = (self.log.block_count() as u64, model.pace().limit);
        holds("log-is-within-its-bound", count <= limit)
            .show(|| (format!("{limit} blocks or fewer"), count))
            .or("the log is longer than its pace allows")?;
        let differs = |live: &&Live| {
            let Live { entry, block, place } = **live;
            let table = entry.table.address;
            self.log.extent(table) != Some(&TableExtent { table, block, entry: place })
        };
        let wrong = model.live().iter().find(differs);
        let (expected, got) = (model.live().len(), self.log.table_count());
        holds("newest-entries-are-where-they-are", wrong.is_none() && got == expected)
            .show(|| {
                let extent = wrong.map(|live| self.log.extent(live.entry.table.address));
                (format!("{expected} tables, {wrong:?}"), format!("{got} tables, {extent:?}"))
            })
            .or("the newest entry of a table is not where the log looks for it")
    }

    /// Checks between half-bars that the number of blocks in use is the number of the log's blocks
    /// and of its tables. Which blocks these are is checked when a checkpoint is durable, and when
    /// the store is opened.
    pub(super) fn check_blocks(&self) -> Checked {
        let free_set = self.store.grid.free_set();
        let released = free_set.released_count() + free_set.staged_count();
        let got = free_set.acquired_count() - released;
        let of_tables = (self.model.live().len() + self.model.spare().len()) as u64;
        let of_log = self.log.block_addresses().count() as u64;
        holds("blocks-are-of-the-log-or-of-tables", got == of_tables + of_log)
            .show(|| (format!("{of_log} of the log and {of_tables} of tables"), got))
            .or("more or fewer blocks are in use than the log and its tables have")
    }

    /// Checks that the log, when it was opened, reported exactly the tables of the model.
    pub(super) fn check_reported(&self, reported: &[LogEntry], run: &mut Run) -> Checked {
        const CHECK: &str = "opened-tables-are-those-of-the-checkpoint";
        let live = self.model.live();
        for wanted in live {
            let table = wanted.entry.table.address;
            let mut said = reported.iter().filter(|entry| entry.address() == table);
            let first = said.next();
            let is_newest = first.is_some_and(|said| is_same(&wanted.entry, said));
            holds(CHECK, is_newest && said.next().is_none())
                .show(|| (format!("{:?}", wanted.entry), format!("{first:?}")))
                .or("a table is not reported exactly once with its newest entry")?;
        }
        if reported.len() != live.len() {
            let is_strange =
                |entry: &&LogEntry| live.iter().all(|it| it.entry.table.address != entry.address());
            let strange = reported.iter().find(is_strange);
            let failed = fail(CHECK, format!("{} tables", live.len()), format!("{strange:?}"));
            return Err(failed.saying("a table is reported that does not exist"));
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
        same("opening-counts-every-entry", expected, got)
            .or("an opening of the log skips entries, or reads some of them twice")
    }

    /// Counts the statistics of the log since it was opened as events of the run.
    pub(super) fn harvest(&mut self, run: &mut Run) {
        events::log(self.log.statistics()).count(run);
        Event::Failed.count_if(self.log.failed().is_some(), run);
    }
}

//! The world: two tables, and what each operation does.
//!
//! Rules that define what an input means:
//!
//! * A put into a full table ends the bar first.
//! * The last beat of a bar ends the bar. The end of a bar ends the beat.
//! * At the end of a bar, an immutable table that is not flushed absorbs the mutable table if the
//!   values of both fit in one table. Otherwise it is flushed, if it is not flushed yet, and the
//!   tables are swapped.
//! * The end of a beat first closes an open scope. The setting `forced` of the header decides
//!   whether the scope is persisted or discarded.
//! * In an index, a put of a present key becomes a removal, and a removal of an absent key a put.
//! * If the table has changed, a scan continues in the changed table after the last key that it
//!   returned, and a compaction starts again. A scan that has ended begins again.
//!
//! Impossible operations become others: `persist` and `discard` outside a scope open one; `open`
//! inside a scope closes that scope first, and opens another.

use super::scans::Range;
use super::tested::Tested;
use super::{events, states};
use downbeat::input::encoding::{Count, Header, Key};
use downbeat::records::Versioned;
use downbeat::{Checked, Run, World, run_of_keys};
use downbeat_model::table_memory::{FORCED, Operation, Operation::*, Side};

impl<R: Versioned> World for Tested<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Checked {
        self.keeps_forced = header.index(FORCED) == 0;
        self.stamps = 0;
        self.renew();
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        let keys =
            |key: Key, count: Count, stride: i64| run_of_keys(key.literal(), count.get(), stride);
        match *operation {
            Put { key } => self.put_or_other(key.literal(), false, run),
            Remove { key } => self.put_or_other(key.literal(), true, run),
            PutRun { key, count, stride } => {
                self.put_run(keys(key, count, stride.get()), false, run)
            }
            PutEqual { key, count } => self.put_run(keys(key, count, 0), false, run),
            RemoveRun { key, count, stride } => {
                self.put_run(keys(key, count, stride.get()), true, run)
            }
            Fill { key, stride, left } => self.fill(key.literal(), stride.get(), left.get(), run),
            EndBeat => self.end_beat(run),
            EndBar => self.end_bar(run),
            Flush => self.flush(run),
            Compact { count } => self.compact(count.get(), run),
            Open => self.open_scope(run),
            Persist => self.close_scope_as_told(true, run),
            Discard => self.close_scope_as_told(false, run),
            Get { key } => self.get_both(key.literal(), run),
            ReadBack { count } => self.read_back(count.get(), run),
            Scan { key, width, table, way, count } => {
                let (side, descending) = (Side::BOTH[table.get() as usize], way.get() == 1);
                let (first, last) = (key.literal(), key.literal().saturating_add(width.get()));
                self.start_scan(Range { side, first, last, descending }, run);
                self.scan_on(count.get(), run)
            }
            Next { count } => self.scan_on(count.get(), run),
            Seek { key } => self.seek(key.literal(), run),
            Reset => self.reset(run),
        }
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.close_forced(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        self.sweep_all(run)
    }

    /// Compares everything once more after a reset. An incomplete reset is thus noticed in the run
    /// that causes it, not in the next one.
    fn finish(&mut self, run: &mut Run) -> Checked {
        events::tables(&self.mutable.statistics(), &self.model.counts).count(run);
        states::whole(&self.model, run);
        self.renew();
        self.sweep_all(run)
    }

    /// Describes the runs and the tail of both tables.
    fn describe(&self) -> Vec<String> {
        Side::BOTH
            .into_iter()
            .map(|side| {
                let view = self.view(side);
                let runs = view.runs().iter().map(|run| (run.start, run.end));
                let tail = view.len() - view.tail_len().min(view.len());
                let parts = runs.chain([(tail, view.len())]).map(|(start, end)| {
                    const SHOWN: u32 = 20;
                    let shown = &view.values()[start as usize..end.min(start + SHOWN) as usize];
                    let mut texts: Vec<String> = shown.iter().map(Versioned::text).collect();
                    if end - start > SHOWN {
                        texts.push(format!("... {}", end - start));
                    }
                    format!("[{}]", texts.join(", "))
                });
                format!("{side:?}, runs and tail: {}", parts.collect::<Vec<_>>().join(" "))
            })
            .collect()
    }
}

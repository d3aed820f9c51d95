//! The world: streams and merges of one type of records, and what each operation does.
//!
//! Rules that define what an input means:
//!
//! * A stream has each key at most once: a record replaces the one with the same key.
//! * A merge that has ended is started again, by the same rule, when an operation needs a merge.
//! * Before a merge of an index by the rule oldest first, the records are changed so that puts and
//!   removals of each key alternate, from the first stream on.
//! * Only a merge by the rule newest first can seek. From any other, the records before the key are
//!   taken instead.
//!
//! Impossible operations become others: without streams, a put becomes a peek. A merge by the rule
//! oldest first cannot be reset, so a reset becomes a peek.

use super::merges::{Merges, Rule};
use super::merging::Merging;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::records::Versioned;
use downbeat::{Checked, Run, World, run_of_keys};
use downbeat_model::merge::{
    LARGE, Operation, Operation::*, SIZE, STREAMS, STREAMS_LARGE, STREAMS_MAX,
};

impl<R: Versioned> World for Merging<R> {
    type Operation = Operation;

    /// Resets everything. The streams are empty.
    fn open(&mut self, header: &Header, _run: &mut Run) -> Checked {
        let streams = match header.index(SIZE) {
            LARGE => STREAMS_LARGE,
            _ => header.number(Operation::SETTINGS, STREAMS) as usize,
        };
        self.stamps = 0;
        self.sweeping = false;
        if self.streams.count() != streams {
            self.merges = Merges::new(streams);
        }
        self.streams.reset(streams);
        self.restart(Rule::Newest, false);
        Ok(())
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        match *operation {
            Put { stream, key } => self.put(stream.get(), key.literal(), false, run),
            Remove { stream, key } => self.put(stream.get(), key.literal(), true, run),
            PutFar { stream, key } => self.put(stream.get(), key.literal(), false, run),
            PutBeyond { row, stream, key } => {
                let stream = row.get() * STREAMS_MAX as u32 + stream.get();
                self.put(stream, key.literal(), false, run)
            }
            PutAll { key } => {
                let count = self.streams.count().max(1) as u32;
                (0..count).try_for_each(|stream| self.put(stream, key.literal(), false, run))
            }
            PutEach { key, count } => {
                let count = count.get().min(self.streams.count().max(1) as u32);
                (0..count).try_for_each(|stream| self.put(stream, key.literal(), false, run))
            }
            PutRun { stream, key, count, stride } => {
                run_of_keys(key.literal(), self.puts(count.get()), stride.get())
                    .try_for_each(|key| self.put(stream.get(), key, false, run))
            }
            PutRound { key, count, stride } => {
                run_of_keys(key.literal(), self.puts(count.get()), stride.get())
                    .zip(0..)
                    .try_for_each(|(key, stream)| self.put(stream, key, false, run))
            }
            Empty { stream } => self.empty(stream, run),
            Start { rule, way } => self.start(Rule::ALL[rule.get() as usize], way.get() == 1, run),
            Late { stream, count } => self.delay(stream, count.get(), run),
            Pop { count } => self.pops(count.get(), run),
            Peek => self.peek(run),
            Seek { key } => self.seek(key.literal(), run),
            Reset => self.reset(run),
            Drain => self.drain(run),
        }
    }

    fn close(&mut self, run: &mut Run) -> Checked {
        self.sweeping = true;
        self.drain(run)
    }

    /// Merges all records of the streams, by each rule and in each direction.
    fn sweep(&mut self, run: &mut Run) -> Checked {
        for rule in Rule::ALL {
            for descending in [false, true] {
                self.restart(rule, descending);
                self.drain(run)?;
            }
        }
        Ok(())
    }

    /// Describes the merge and the streams.
    fn describe(&self) -> Vec<String> {
        let rule = match self.merges.rule {
            Rule::Newest => "newest first",
            Rule::Oldest => "oldest first",
            Rule::Tournament => "by the tournament",
        };
        let way = if self.descending { "descending" } else { "ascending" };
        let head = format!("{way}, {rule}, {} taken", self.expected.taken());
        std::iter::once(head).chain(self.lists.describe()).collect()
    }
}

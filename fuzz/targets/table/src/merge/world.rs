//! The worlds: streams and merges for each type of records, and what each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * A stream has each key at most once: a record replaces the one with the same key.
//! * A merge that has ended is started again, by the same rule, when an operation needs it.
//! * Before a merge folds the versions of an index, puts and removals of each key alternate, from
//!   the first stream on.
//! * A merge that folds, and the tournament, have no seek: the records before the key are taken
//!   instead.
//!
//! Impossible operations become others: without streams, a put asks the merge instead; a merge that
//! folds cannot ask its streams again, so it is asked for its next record.

use super::Merge;
use super::merges::Rule;
use super::merging::Merging;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::merge::{Operation, RECORD, USAGE};
use downbeat::model::version::Usage;
use downbeat::records::{self, OfRecords, Versioned};
use downbeat::run::Run;
use downbeat::target::World;
use downbeat::worlds::{AnyWorld, Worlds};

impl Worlds for Merge {
    type Operation = Operation;
    const GEOMETRY: &'static [usize] = &[USAGE, RECORD];

    fn make(geometry: &Header) -> AnyWorld<Operation> {
        let usage = Usage::ALL[geometry.index(USAGE)];
        let size = geometry.number(Operation::SETTINGS, RECORD);
        records::of_usage::<Self>(usage, size, geometry)
    }
}

impl OfRecords for Merge {
    type Made = AnyWorld<Operation>;

    fn make<R: Versioned>(geometry: &Header) -> Self::Made {
        Box::new(Merging::<R>::new(geometry))
    }
}

impl<R: Versioned> World for Merging<R> {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        self.open_run(header);
        Ok(())
    }

    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Put { stream, key } => self.put(stream.get(), key.literal(), false, run),
            Operation::Remove { stream, key } => self.put(stream.get(), key.literal(), true, run),
            Operation::PutEach { key, count } => {
                let count = count.get().min(self.streams.count().max(1) as u32);
                (0..count).try_for_each(|stream| self.put(stream, key.literal(), false, run))
            }
            Operation::PutRun { stream, key, count, stride } => {
                let mut next = key.literal();
                (0..self.puts(count.get())).try_for_each(|_| {
                    self.put(stream.get(), next, false, run)?;
                    next = next.wrapping_add_signed(stride.get());
                    Ok(())
                })
            }
            Operation::PutRound { key, count, stride } => {
                let mut next = key.literal();
                (0..self.puts(count.get())).try_for_each(|place| {
                    self.put(place, next, false, run)?;
                    next = next.wrapping_add_signed(stride.get());
                    Ok(())
                })
            }
            Operation::Empty { stream } => self.empty(stream, run),
            Operation::Start { rule, way } => {
                let rule = Rule::ALL[rule.get() as usize];
                self.start(rule, way.get() == 1, run)
            }
            Operation::Late { stream, count } => self.delay(stream, count.get(), run),
            Operation::Pop { count } => self.pops(count.get(), run),
            Operation::Peek => self.peek(run),
            Operation::Seek { key } => self.seek(key.literal(), run),
            Operation::Reset => self.reset(run),
            Operation::Drain => self.drain(run),
        }
    }

    fn close(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.sweeping = true;
        self.drain(run)
    }

    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.sweep_all(run)
    }

    fn describe(&self) -> Vec<String> {
        self.lines()
    }
}

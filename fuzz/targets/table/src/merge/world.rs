//! The world: streams that grow, and a merge of what they held when it was started.
//!
//! Rules, each part of what an input means:
//!
//! * A stream has a key once: a record replaces the one of its key.
//! * A merge that has ended is started again, by the same rule, when something is asked of it.
//! * Before versions of an index are folded, those of each key take turns, from the first stream on.
//! * A merge that folds, and the tournament, cannot be moved: what comes before the key is taken.
//!
//! An operation that cannot be: without streams, nothing can be put, and the merge is asked instead; a merge that
//! folds cannot ask again, and is asked for what comes next.

use downbeat_lsm::collections::Direction;

use super::events::Event;
use super::merges::{Merges, Rule};
use super::states;
use super::streams::Lists;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::merge::{Expected, Index, Operation, RECORD, STREAMS, Streams, USAGE};
use downbeat::model::version::{Usage, Version};
use downbeat::records::{General16, General32, General128, Index16, Index32, Index128, Versioned};
use downbeat::run::Run;
use downbeat::target::World;

/// A merge for each sort of records, of which one is at hand.
#[derive(Debug)]
pub struct MergeWorld {
    at_hand: usize,
    small: Merging<General16>,
    middle: Merging<General32>,
    large: Merging<General128>,
    small_index: Merging<Index16>,
    middle_index: Merging<Index32>,
    large_index: Merging<Index128>,
}

/// The same call on the merge of the records at hand.
macro_rules! at_hand {
    ($world:ident => $call:ident($($argument:expr),*)) => {
        match $world.at_hand {
            0 => $world.small.$call($($argument),*),
            1 => $world.middle.$call($($argument),*),
            2 => $world.large.$call($($argument),*),
            3 => $world.small_index.$call($($argument),*),
            4 => $world.middle_index.$call($($argument),*),
            _ => $world.large_index.$call($($argument),*),
        }
    };
}

impl World for MergeWorld {
    type Operation = Operation;

    fn new() -> Self {
        MergeWorld {
            at_hand: 0,
            small: Merging::new(),
            middle: Merging::new(),
            large: Merging::new(),
            small_index: Merging::new(),
            middle_index: Merging::new(),
            large_index: Merging::new(),
        }
    }

    fn open(&mut self, header: &Header, _run: &mut Run) {
        self.at_hand = 3 * header.index(USAGE) + header.index(RECORD);
        let streams = header.number(Operation::SETTINGS, STREAMS) as usize;
        at_hand!(self => open(Usage::ALL[header.index(USAGE)], streams));
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        at_hand!(self => apply(operation, run))
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        at_hand!(self => finish(run))
    }

    fn describe(&self) -> Vec<String> {
        at_hand!(self => describe())
    }
}

/// Streams, and a merge of what they held.
#[derive(Debug)]
pub(super) struct Merging<R: Versioned> {
    usage: Usage,
    pub(super) streams: Streams,
    pub(super) lists: Lists<R>,
    pub(super) merges: Merges<R>,
    pub(super) expected: Expected,
    pub(super) descending: bool,
    /// What comes next was shown.
    pub(super) shown: bool,
    /// The streams were moved.
    pub(super) sought: bool,
    /// All was given.
    pub(super) ended: bool,
    /// The run is over, and everything is merged once more: that is nothing that this input does.
    pub(super) sweeping: bool,
    stamps: u64,
}

impl<R: Versioned> Merging<R> {
    fn new() -> Self {
        Merging {
            usage: Usage::General,
            streams: Streams::new(0),
            lists: Lists::new(),
            merges: Merges::new(0),
            expected: Expected::default(),
            descending: false,
            shown: false,
            sought: false,
            ended: false,
            sweeping: false,
            stamps: 0,
        }
    }

    fn open(&mut self, usage: Usage, streams: usize) {
        self.usage = usage;
        self.stamps = 0;
        self.sweeping = false;
        if self.streams.count() != streams {
            self.merges = Merges::new(streams);
        }
        self.streams.reset(streams);
        self.restart(Rule::Newest, false);
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

    /// So many puts; one, that becomes something else, without a stream to put into.
    fn puts(&self, count: u32) -> u32 {
        if self.streams.count() == 0 { 1 } else { count }
    }

    /// Puts a record into a stream, `stream` going round.
    fn put(
        &mut self,
        stream: u32,
        key: u64,
        removed: bool,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let count = self.streams.count();
        if count == 0 {
            run.redirected(|| "peek".to_owned());
            return self.peek(run);
        }
        let stream = stream as usize % count;
        let word = if removed { "remove" } else { "put" };
        run.did(|| format!("{word}{} stream={stream}", Self::print_key(key)));
        run.step();
        run.keys.wrote(key);
        self.stamps += 1;
        self.streams.put(stream, Version { key, stamp: self.stamps, removed });
        Ok(())
    }

    fn empty(&mut self, stream: Index, run: &mut Run) -> Result<(), Divergence> {
        let count = self.streams.count();
        if count == 0 || !self.streams.empty(stream.get() as usize % count) {
            run.idle();
        }
        Ok(())
    }

    fn delay(&mut self, stream: Index, count: u32, run: &mut Run) -> Result<(), Divergence> {
        let streams = self.streams.count();
        if streams == 0 || self.ended {
            run.idle();
        } else {
            self.lists.delay(stream.get() as usize % streams, count);
        }
        Ok(())
    }

    /// Starts a merge of what the streams hold.
    pub(super) fn start(
        &mut self,
        rule: Rule,
        descending: bool,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        if !self.ended {
            Event::StartedAnew.count(run);
        }
        states::left(&self.expected, run);
        // What is not settled is so, too.
        self.counts(false)?;
        run.step();
        self.restart(rule, descending);
        self.note_start(run);
        Ok(())
    }

    fn restart(&mut self, rule: Rule, descending: bool) {
        if rule == Rule::Oldest && self.usage == Usage::Index {
            self.streams.alternate();
        }
        match rule {
            Rule::Newest => self.expected.newest_first(&self.streams, descending),
            Rule::Oldest => self.expected.oldest_first(&self.streams, descending, self.usage),
            Rule::Tournament => self.expected.tournament(&self.streams, descending),
        }
        self.lists.fill(&self.streams, descending);
        let direction = if descending { Direction::Descending } else { Direction::Ascending };
        self.merges.start(rule, direction, self.expected.input());
        self.descending = descending;
        (self.shown, self.sought, self.ended) = (false, false, false);
    }

    fn note_start(&self, run: &mut Run) {
        states::started(&self.streams, self.merges.rule, self.descending, run);
        if self.streams.count() == 0 {
            Event::NoStreams.count(run);
        }
        let count = self.streams.count();
        if count > 1 && self.streams.by_key().any(|records| records.len() == count) {
            Event::InEveryStream.count(run);
        }
    }

    /// Takes what is left, then all that the streams hold, by each rule and way.
    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.sweeping = true;
        self.drain(run)?;
        for rule in Rule::ALL {
            for descending in [false, true] {
                self.restart(rule, descending);
                self.drain(run)?;
            }
        }
        Ok(())
    }

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

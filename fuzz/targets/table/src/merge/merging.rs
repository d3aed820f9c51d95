//! Streams that grow, and a merge of the records that were in them when the merge was started.

use downbeat_lsm::collections::Direction;

use super::events::Event;
use super::merges::{Merges, Rule};
use super::states;
use super::streams::Lists;
use downbeat::input::encoding::Header;
use downbeat::input::version::{Usage, Version};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::merge::{Expected, Index, STREAMS_MAX, Streams, USAGE};

/// Streams, and a merge of the records that were in them when the merge was started.
#[derive(Debug)]
pub(super) struct Merging<R: Versioned> {
    usage: Usage,
    pub(super) streams: Streams,
    pub(super) lists: Lists<R>,
    pub(super) merges: Merges<R>,
    pub(super) expected: Expected,
    pub(super) descending: bool,
    /// Whether a peek has returned the key of the next record, or reached the end.
    pub(super) shown: bool,
    /// Whether a seek has moved the streams.
    pub(super) sought: bool,
    /// Whether the merge has returned all records.
    pub(super) ended: bool,
    /// Whether the input has ended and everything is merged once more. These merges are not counted
    /// as events.
    pub(super) sweeping: bool,
    pub(super) stamps: u64,
}

impl<R: Versioned> Merging<R> {
    pub(super) fn new(geometry: &Header) -> Self {
        Merging {
            usage: Usage::ALL[geometry.index(USAGE)],
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

    /// Returns `count`, or 1 if there is no stream. `put` then does a peek instead, so one call is
    /// enough.
    pub(super) fn puts(&self, count: u32) -> u32 {
        if self.streams.count() == 0 { 1 } else { count }
    }

    /// Puts a record into stream number `stream`, modulo the number of streams.
    pub(super) fn put(&mut self, stream: u32, key: u64, removed: bool, run: &mut Run) -> Checked {
        let count = self.streams.count();
        if count == 0 {
            run.redirected(|| "peek".to_owned());
            return self.peek(run);
        }
        let stream = stream as usize % count;
        run.did(|| {
            let key = Self::print_key(key);
            match stream {
                _ if removed => format!("remove{key} stream={stream}"),
                0..16 => format!("put{key} stream={stream}"),
                16..STREAMS_MAX => format!("put_far{key} stream={stream}"),
                _ => {
                    let (row, stream) = (stream / STREAMS_MAX, stream % STREAMS_MAX);
                    format!("put_beyond{key} row={row} stream={stream}")
                }
            }
        });
        run.step();
        run.keys.wrote(key);
        self.stamps += 1;
        self.streams.put(stream, Version { key, stamp: self.stamps, removed });
        Ok(())
    }

    pub(super) fn empty(&mut self, stream: Index, run: &mut Run) -> Checked {
        let count = self.streams.count();
        run.idle_if(count == 0 || !self.streams.empty(stream.get() as usize % count));
        Ok(())
    }

    pub(super) fn delay(&mut self, stream: Index, count: u32, run: &mut Run) -> Checked {
        let streams = self.streams.count();
        if streams == 0 || self.ended {
            run.idle();
        } else {
            self.lists.delay(stream.get() as usize % streams, count);
        }
        Ok(())
    }

    /// Starts a merge of the records in the streams.
    pub(super) fn start(&mut self, rule: Rule, descending: bool, run: &mut Run) -> Checked {
        Event::StartedAnew.count_if(!self.ended, run);
        states::left(&self.expected, run);
        // The merge may be waiting for a stream. Its counts must be right even then.
        self.counts(false)?;
        run.step();
        self.restart(rule, descending);
        self.note_start(run);
        Ok(())
    }

    pub(super) fn restart(&mut self, rule: Rule, descending: bool) {
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
        Event::NoStreams.count_if(self.streams.count() == 0, run);
        let count = self.streams.count();
        let is_in_each = count > 1 && self.streams.by_key().any(|records| records.len() == count);
        Event::InEveryStream.count_if(is_in_each, run);
    }
}

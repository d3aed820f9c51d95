//! The streams of a merge: lists that can be made not ready, and that record how the merge uses
//! them.

use downbeat_lsm::merge::{StreamHead, Streams};

use downbeat::input::version::rank;
use downbeat::records::Versioned;
use downbeat_model::merge::{self, Record};

/// The streams of a merge.
#[derive(Debug)]
pub(super) struct Lists<R> {
    lists: Vec<List<R>>,
    /// Whether a stream answered since [`Lists::begin`] that it is not ready.
    pub(super) said_late: bool,
    /// Whether a record was taken off a stream that had not shown it.
    pub(super) popped_unseen: bool,
    /// The number of records taken off.
    pub(super) pops: u64,
}

#[derive(Debug)]
struct List<R> {
    /// In the order of the merge, with their keys.
    records: Vec<(u64, R)>,
    next: usize,
    /// How many more peeks find the stream not ready.
    late: u32,
    /// Whether a peek has shown the next record, or the end of the stream.
    shown: bool,
}

impl<R: Versioned> Lists<R> {
    pub(super) fn new() -> Self {
        Lists { lists: Vec::new(), said_late: false, popped_unseen: false, pops: 0 }
    }

    /// Replaces the content of the streams by the present records of the model's streams.
    pub(super) fn fill(&mut self, streams: &merge::Streams, descending: bool) {
        let Lists { lists, said_late, popped_unseen, pops } = self;
        lists.truncate(streams.count());
        for list in &mut *lists {
            let List { records, next, late, shown } = list;
            records.clear();
            (*next, *late, *shown) = (0, 0, false);
        }
        lists.resize_with(streams.count(), || List {
            records: Vec::new(),
            next: 0,
            late: 0,
            shown: false,
        });
        let mut put = |record: &Record| {
            let Record { version, stream } = *record;
            lists[stream].records.push((version.key, R::of(version)));
        };
        if descending {
            streams.records().iter().rev().for_each(&mut put);
        } else {
            streams.records().iter().for_each(&mut put);
        }
        (*said_late, *popped_unseen, *pops) = (false, false, 0);
    }

    /// Called when a call on the merge begins.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.said_late = false;
    }

    /// Makes a stream not ready for the next `count` peeks.
    pub(super) fn delay(&mut self, stream: usize, count: u32) {
        self.lists[stream].late = count;
    }

    /// The total number of peeks that will find a stream not ready.
    pub(super) fn lateness(&self) -> u64 {
        self.lists.iter().map(|list| u64::from(list.late)).sum()
    }

    /// Moves all streams past the keys before `key`.
    pub(super) fn seek(&mut self, key: u64, descending: bool) {
        for list in &mut self.lists {
            let rest = &list.records[list.next..];
            list.next +=
                rest.partition_point(|(other, _)| rank(*other, descending) < rank(key, descending));
            list.shown = false;
        }
    }

    /// Called when the merge asks all streams again.
    pub(super) fn forget_shown(&mut self) {
        self.lists.iter_mut().for_each(|list| list.shown = false);
    }

    /// The number of records that were not taken yet.
    pub(super) fn left(&self) -> usize {
        self.lists.iter().map(|list| list.records.len() - list.next).sum()
    }

    /// Describes the next records of each stream.
    pub(super) fn describe(&self) -> impl Iterator<Item = String> {
        self.lists.iter().enumerate().map(|(stream, list)| {
            const SHOWN: usize = 12;
            let rest = &list.records[list.next..];
            let mut records: Vec<String> =
                rest.iter().take(SHOWN).map(|(_, record)| record.text()).collect();
            if rest.len() > SHOWN {
                records.push(format!("... {}", rest.len()));
            }
            let late = if list.late > 0 { " (late)" } else { "" };
            format!("stream {stream}{late}: {}", records.join(", "))
        })
    }
}

impl<R: Versioned> Streams for Lists<R> {
    type Record = R;

    #[inline]
    fn count(&self) -> usize {
        self.lists.len()
    }

    #[inline]
    fn peek(&mut self, stream: usize) -> StreamHead<R::Key> {
        let list = &mut self.lists[stream];
        if list.late > 0 {
            list.late -= 1;
            list.shown = false;
            self.said_late = true;
            return StreamHead::NotReady;
        }
        list.shown = true;
        list.records
            .get(list.next)
            .map_or(StreamHead::Ended, |(_, record)| StreamHead::Key(record.key()))
    }

    #[inline]
    fn pop(&mut self, stream: usize) -> R {
        let list = &mut self.lists[stream];
        self.popped_unseen |= !list.shown;
        list.shown = false;
        assert!(
            list.next < list.records.len(),
            "merge: a stream that has ended has nothing to pop"
        );
        let (_, record) = list.records[list.next];
        list.next += 1;
        self.pops += 1;
        record
    }
}

//! Streams for tests: lists that are not ready for some calls.

use std::collections::VecDeque;

use downbeat_lsm::merge::{StreamHead, Streams};
use downbeat_lsm::record::Record;

/// Lists of records, each of which may be not ready for some calls.
pub(crate) struct Lists<R> {
    pub(crate) lists: Vec<VecDeque<R>>,
    /// How many more times each list is not ready.
    pub(crate) delays: Vec<u32>,
    /// How often each list is not ready before each of its records and before its end.
    pub(crate) delay: u32,
}

impl<R: Record> Lists<R> {
    pub(crate) fn new(lists: &[Vec<R>]) -> Self {
        let lists: Vec<VecDeque<R>> = lists.iter().map(|list| list.clone().into()).collect();
        Self { delays: vec![0; lists.len()], delay: 0, lists }
    }

    pub(crate) fn late(lists: &[Vec<R>], delay: u32) -> Self {
        let lists = Self::new(lists);
        Self { delays: vec![delay; lists.lists.len()], delay, ..lists }
    }
}

impl<R: Record> Streams for Lists<R> {
    type Record = R;

    fn count(&self) -> usize {
        self.lists.len()
    }

    fn peek(&mut self, stream: usize) -> StreamHead<R::Key> {
        if self.delays[stream] > 0 {
            self.delays[stream] -= 1;
            return StreamHead::NotReady;
        }
        self.lists[stream].front().map_or(StreamHead::Ended, |record| StreamHead::Key(record.key()))
    }

    fn pop(&mut self, stream: usize) -> R {
        self.delays[stream] = self.delay;
        self.lists[stream].pop_front().expect("its key was shown")
    }
}

//! The copies of a superblock in memory: a buffer for each, what was read from it, and which of them are at
//! hand.
//!
//! - A buffer is here, or with the storage. One that a crash took away is made anew.
//!
//! What this does not do: it submits nothing.

use std::ops::Range;

use super::SuperblockHeader;
use crate::storage::{Buffer, Layout, SharedBuffer};

/// The first and the second half of the copies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Halves {
    copies: usize,
}

impl Halves {
    pub(super) fn of(layout: &Layout) -> Self {
        Self { copies: layout.superblock_copies() }
    }

    pub(super) fn first(self) -> Range<usize> {
        0..self.copies / 2
    }

    pub(super) fn second(self) -> Range<usize> {
        self.copies / 2..self.copies
    }
}

/// The copies in memory; see the [module](self).
#[derive(Debug)]
pub(super) struct Copies {
    copy_size: usize,
    buffers: Vec<Option<SharedBuffer>>,
    headers: Vec<Option<SuperblockHeader>>,
    marks: Vec<bool>,
}

impl Copies {
    pub(super) fn new(layout: &Layout) -> Self {
        let (copies, copy_size) = (layout.superblock_copies(), layout.superblock_copy_size());
        Self {
            copy_size,
            buffers: (0..copies).map(|_| Some(Buffer::new(copy_size).share())).collect(),
            headers: vec![None; copies],
            marks: vec![false; copies],
        }
    }

    pub(super) fn reset(&mut self) {
        self.headers.fill(None);
        self.marks.fill(false);
    }

    /// The buffer of a copy, to be written: a new one if somebody else still has the old one.
    fn take(&mut self, copy: usize) -> Buffer {
        let buffer = self.buffers[copy].take().and_then(|buffer| buffer.try_take().ok());
        buffer.unwrap_or_else(|| Buffer::new(self.copy_size))
    }

    pub(super) fn write_begins(&mut self, copy: usize, header: &SuperblockHeader) -> SharedBuffer {
        let mut buffer = self.take(copy);
        header.write(copy, buffer.bytes_mut());
        self.buffers[copy].insert(buffer.share()).clone()
    }

    pub(super) fn read_begins(&mut self, copy: usize) -> Buffer {
        self.headers[copy] = None;
        self.take(copy)
    }

    pub(super) fn read_ended(&mut self, copy: usize, buffer: Buffer, readable: bool) {
        if readable {
            self.headers[copy] = SuperblockHeader::read(copy, buffer.bytes());
        }
        self.buffers[copy] = Some(buffer.share());
    }

    pub(super) fn headers(&self) -> &[Option<SuperblockHeader>] {
        &self.headers
    }

    pub(super) fn header(&self, copy: usize) -> SuperblockHeader {
        let Some(header) = self.headers[copy] else {
            unreachable!("superblock: a copy that was chosen was read")
        };
        header
    }

    /// Marks the copies for which `choose` says so; it is told whether a copy is marked, and what was read
    /// from it.
    pub(super) fn mark(&mut self, choose: impl Fn(bool, Option<&SuperblockHeader>) -> bool) {
        for (mark, header) in self.marks.iter_mut().zip(&self.headers) {
            *mark = choose(*mark, header.as_ref());
        }
    }

    pub(super) fn mark_range(&mut self, range: Range<usize>) {
        self.marks.fill(false);
        self.marks[range].fill(true);
    }

    pub(super) fn is_marked(&self, copy: usize) -> bool {
        self.marks[copy]
    }

    pub(super) fn marked(&self) -> usize {
        self.marks.iter().filter(|mark| **mark).count()
    }

    /// From the first to the last copy that is marked.
    pub(super) fn marked_range(&self) -> Range<usize> {
        let first = self.marks.iter().position(|mark| *mark).unwrap_or(0);
        let end = self.marks.iter().rposition(|mark| *mark).map_or(0, |last| last + 1);
        first..end
    }
}

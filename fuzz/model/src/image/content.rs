//! What a store must answer: the content of the image that was opened, changed by all later writes.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::Reading;
use crate::format::bytes::Key;
use crate::format::wrong::Wrong;
use downbeat_input::version::Usage;

/// A record that is due, and the record that was read in its place.
pub type Difference<'a> = (Option<(Key, &'a [u8])>, Option<(Key, &'a [u8])>);

/// What a store must answer.
#[derive(Clone, Debug)]
pub struct Content {
    /// The image that was opened; `None` if the store was formatted.
    pub reading: Option<Reading>,
    /// The newest write of each key since the opening or formatting: the record, or `None` if the
    /// key was removed.
    pub writes: BTreeMap<Key, Option<Vec<u8>>>,
    /// Whether a beat may have merged tables since the opening or formatting.
    pub merged: bool,
    /// Whether all tables of the image can be read and merged.
    pub sound: bool,
}

impl Content {
    /// The content of a store that was just formatted.
    pub const EMPTY: Self =
        Content { reading: None, writes: BTreeMap::new(), merged: false, sound: true };

    /// The content of an image that was just opened.
    #[must_use]
    pub fn new(reading: Reading) -> Self {
        let sound = reading.unmergeable.is_empty() && reading.wrong.is_empty();
        Content { reading: Some(reading), sound, ..Self::EMPTY }
    }

    /// The record of a key.
    ///
    /// # Errors
    ///
    /// If a block that a get needs is invalid.
    pub fn get(&self, key: Key) -> Result<Option<&[u8]>, Wrong> {
        if let Some(written) = self.writes.get(&key) {
            return Ok(written.as_deref());
        }
        let Some(reading) = &self.reading else { return Ok(None) };
        reading.get(key)
    }

    /// Whether a read of `key` may return the record `got` instead of the record `due`. `None` is
    /// an absent key.
    ///
    /// The records of a key of an index differ only in a forged image. A merge then keeps any of
    /// them: a put cancels the removal before it, and the put before the removal remains.
    #[must_use]
    pub fn allows(&self, usage: Usage, key: Key, due: Option<&[u8]>, got: Option<&[u8]>) -> bool {
        let (Some(_), Some(got), Some(reading)) = (due, got, &self.reading) else {
            return due == got;
        };
        due == Some(got)
            || (usage == Usage::Index && self.merged && reading.puts(key).any(|put| put == got))
    }

    /// The faults of the image that a read of all records meets. If there are any, the read fails.
    #[must_use]
    pub fn wrong(&self) -> BTreeSet<Wrong> {
        self.reading.as_ref().map_or_else(BTreeSet::new, |reading| reading.wrong.clone())
    }

    /// The records from `min` to `max` (inclusive) in the order of their keys. Records in blocks
    /// that cannot be read are left out.
    #[must_use]
    pub fn range(&self, min: Key, max: Key) -> Vec<(Key, &[u8])> {
        let read = self.reading.iter().flat_map(Reading::newest);
        let unwritten = read.filter(|(key, _)| !self.writes.contains_key(key));
        let mut all: Vec<_> = unwritten.filter(|(key, _)| (min..=max).contains(key)).collect();
        let written = self.writes.range(min..=max);
        all.extend(written.filter_map(|(key, record)| Some((*key, record.as_deref()?))));
        all.sort_unstable_by_key(|(key, _)| *key);
        all
    }

    /// Compares the records of a read from `min` to `max` (inclusive) with what it may return.
    /// Returns the first record that is due and the record that was read in its place, if they
    /// differ.
    #[must_use]
    pub fn first_difference<'a>(
        &'a self,
        usage: Usage,
        (min, max): (Key, Key),
        read: impl IntoIterator<Item = (Key, &'a [u8])>,
    ) -> Option<Difference<'a>> {
        let mut due = self.range(min, max).into_iter();
        let mut read = read.into_iter();
        loop {
            match (due.next(), read.next()) {
                (None, None) => return None,
                (Some((key, due)), Some((read_key, read)))
                    if key == read_key && self.allows(usage, key, Some(due), Some(read)) => {}
                difference => return Some(difference),
            }
        }
    }

    /// A sample of the keys that occur in the image or were written: at most `most` keys, evenly
    /// chosen, in ascending order.
    #[must_use]
    pub fn keys(&self, most: usize) -> Vec<Key> {
        let mut keys: Vec<Key> = self.writes.keys().copied().collect();
        keys.extend(self.reading.iter().flat_map(Reading::keys));
        keys.sort_unstable();
        keys.dedup();
        let nth = keys.len().div_ceil(most).max(1);
        keys.into_iter().step_by(nth).collect()
    }
}

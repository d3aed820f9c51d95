//! The model: an ordered map for each key space, and the state that was kept.

use std::collections::BTreeMap;

use crate::Scan;
use crate::values::Value;

/// The number of key spaces.
pub(crate) const SPACES: usize = 3;

/// The pairs of a key space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Map(BTreeMap<Vec<u8>, Value>);

impl Map {
    pub(crate) fn get(&self, key: &[u8]) -> Option<Value> {
        self.0.get(key).copied()
    }

    /// Writes a value, or removes the key.
    pub(crate) fn write(&mut self, key: &[u8], value: Option<Value>) {
        match value {
            Some(value) => drop(self.0.insert(key.to_vec(), value)),
            None => drop(self.0.remove(key)),
        }
    }

    /// The keys, in their order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.0.keys().map(|key| &**key)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn remove_range(&mut self, range: &Scan<'_>) {
        self.0.retain(|key, _| !range.contains(key));
    }

    /// The pairs that a scan reads, in its order.
    pub(crate) fn scan<'m>(&'m self, scan: &Scan<'_>) -> Vec<(&'m [u8], Value)> {
        if scan.is_inverted() {
            return Vec::new();
        }
        let pairs = self.0.range::<[u8], _>(scan.bounds());
        scan.in_turns(pairs.map(|(key, value)| (&**key, *value))).collect()
    }

    /// The pairs with a prefix, in the order of a scan.
    pub(crate) fn prefix<'m>(&'m self, prefix: &[u8], scan: &Scan<'_>) -> Vec<(&'m [u8], Value)> {
        let above = self
            .0
            .range::<[u8], _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        let with = above.take_while(|(key, _)| key.starts_with(prefix));
        let pairs: Vec<(&[u8], Value)> = with.map(|(key, value)| (&**key, *value)).collect();
        scan.in_turns(pairs.into_iter()).collect()
    }

    /// The pairs that a cursor stands at, from a seek to `key` and over `steps`.
    pub(crate) fn walk<'m>(&'m self, key: &[u8], steps: &[bool]) -> Vec<(&'m [u8], Value)> {
        let pairs: Vec<(&[u8], Value)> =
            self.0.iter().map(|(key, value)| (&**key, *value)).collect();
        let mut place = pairs.partition_point(|(other, _)| *other < key);
        let mut visited = Vec::new();
        let mut steps = steps.iter();
        while let Some(pair) = pairs.get(place) {
            visited.push(*pair);
            place = match steps.next() {
                None => break,
                Some(false) => place + 1,
                // Before the first pair is nothing.
                Some(true) => place.wrapping_sub(1),
            };
        }
        visited
    }
}

/// What the engine must hold.
#[derive(Debug)]
pub(crate) struct Model {
    spaces: [Map; SPACES],
    selected: usize,
    /// The state that was kept.
    kept: Option<[Map; SPACES]>,
}

impl Model {
    pub(crate) fn new() -> Self {
        Model { spaces: Default::default(), selected: 0, kept: None }
    }

    /// The selected key space.
    pub(crate) fn map(&self) -> &Map {
        &self.spaces[self.selected]
    }

    pub(crate) fn map_mut(&mut self) -> &mut Map {
        &mut self.spaces[self.selected]
    }

    pub(crate) fn space(&self, number: usize) -> &Map {
        &self.spaces[number]
    }

    pub(crate) fn selected(&self) -> usize {
        self.selected
    }

    pub(crate) fn select(&mut self, number: usize) {
        self.selected = number;
    }

    pub(crate) fn delete(&mut self, number: usize) {
        self.spaces[number].clear();
    }

    /// Forgets what does not outlive a close.
    pub(crate) fn reopen(&mut self) {
        (self.selected, self.kept) = (0, None);
    }

    /// Replaces everything by what a crash left.
    pub(crate) fn crash(&mut self, spaces: [Map; SPACES]) {
        self.spaces = spaces;
        self.reopen();
    }

    pub(crate) fn keep(&mut self) {
        self.kept = Some(self.spaces.clone());
    }

    pub(crate) fn has_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// Every key space in the kept state.
    pub(crate) fn kept_spaces(&self) -> &[Map; SPACES] {
        self.kept.as_ref().expect("a state was kept")
    }

    /// The selected key space in the kept state.
    pub(crate) fn kept(&self) -> &Map {
        &self.kept_spaces()[self.selected]
    }

    pub(crate) fn restore(&mut self) {
        self.spaces.clone_from(self.kept.as_ref().expect("a state was kept"));
    }
}

//! The writes of a run in their order, and which of them a crash may lose.
//!
//! A crash is at a number of recorded calls. A write that began before it may be there afterwards.
//! A write is there for certain if a call that makes it durable returned before the crash.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Pair;
use crate::keys;
use crate::model::{Map, SPACES};
use crate::values::{self, Value};

/// What a write changed.
#[derive(Debug)]
pub(crate) enum Changed {
    /// The values of keys in a key space; `None` for those that were removed.
    Keys(usize, Vec<(Vec<u8>, Option<Value>)>),
    /// The whole of some key spaces.
    Spaces(Vec<(usize, Map)>),
}

/// A write.
#[derive(Debug)]
struct Commit {
    /// The number of calls before it began; 0 for what an earlier crash left.
    began: u64,
    changed: Changed,
}

/// The writes that a crash may lose.
#[derive(Debug)]
pub(crate) struct Commits {
    /// The state without the commits.
    oldest: [Map; SPACES],
    commits: Vec<Commit>,
    /// When commits became durable: the number of calls, and how many commits are durable since.
    durable: Vec<(u64, usize)>,
}

/// What an engine holds after a crash.
pub(crate) type Held = [Vec<Pair>; SPACES];

/// The state that no crash could leave, compared with the nearest one that it could.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) expected: String,
    pub(crate) got: String,
    /// How many states are allowed.
    pub(crate) allowed: usize,
}

impl Commits {
    pub(crate) fn new() -> Self {
        Commits { oldest: Default::default(), commits: Vec::new(), durable: Vec::new() }
    }

    /// Notes a write that began after `calls` calls.
    pub(crate) fn began(&mut self, calls: u64, changed: Changed) {
        self.commits.push(Commit { began: calls, changed });
    }

    /// Forgets the write that began last: it was not made.
    pub(crate) fn never_began(&mut self) {
        self.commits.pop();
    }

    /// Whether a crash that left `count` commits lost some.
    pub(crate) fn loses(&self, count: usize) -> bool {
        count < self.commits.len()
    }

    /// Notes that all writes so far are durable after `calls` calls. Forgets what a crash after
    /// `keep_from` calls or later cannot lose.
    pub(crate) fn became_durable(&mut self, calls: u64, keep_from: u64) {
        self.durable.push((calls, self.commits.len()));
        let certain = self.durable.partition_point(|(calls, _)| *calls <= keep_from);
        let Some((_, certain)) = certain.checked_sub(1).map(|place| self.durable[place]) else {
            return;
        };
        for commit in self.commits.drain(..certain) {
            commit.changed.apply(&mut self.oldest);
        }
        self.durable.retain(|(_, count)| *count > certain);
        self.durable.iter_mut().for_each(|(_, count)| *count -= certain);
    }

    /// The fewest and the most commits that may be there after a crash at `calls`.
    fn allowed(&self, calls: u64) -> (usize, usize) {
        let durable = self.durable.iter().filter(|(when, _)| *when <= calls);
        let most = self.commits.partition_point(|commit| commit.began < calls.max(1));
        let fewest = durable.map(|(_, count)| *count).max().unwrap_or(0);
        (fewest, most.max(fewest))
    }

    /// Finds how many of the commits are in what the engine holds after a crash at `calls`.
    pub(crate) fn find(&self, calls: u64, held: &Held) -> Result<usize, Box<Difference>> {
        let (fewest, most) = self.allowed(calls);
        let held: Vec<BTreeMap<&[u8], &[u8]>> = held
            .iter()
            .map(|pairs| pairs.iter().map(|(key, value)| (&**key, &**value)).collect())
            .collect();
        let mut state = self.oldest.clone();
        // The keys that differ.
        let mut wrong: [BTreeSet<Vec<u8>>; SPACES] = Default::default();
        for space in 0..SPACES {
            wrong[space] = differing(&state[space], &held[space]);
        }
        let mut nearest: Option<(usize, Difference)> = None;
        for count in 0..=most {
            if count > 0 {
                let changed = &self.commits[count - 1].changed;
                changed.apply(&mut state);
                changed.compare_again(&state, &held, &mut wrong);
            }
            if count < fewest {
                continue;
            }
            let number: usize = wrong.iter().map(BTreeSet::len).sum();
            if number == 0 {
                return Ok(count);
            }
            if nearest.as_ref().is_none_or(|(least, _)| number < *least) {
                let allowed = most - fewest + 1;
                let (expected, got) = shown(&state, &held, &wrong);
                nearest = Some((number, Difference { expected, got, allowed }));
            }
        }
        Err(Box::new(nearest.expect("some state is allowed").1))
    }

    /// Goes on after a crash at `calls` that left `count` commits. Returns the state. A second
    /// crash may lose what the first one might have lost.
    pub(crate) fn crashed(&mut self, calls: u64, count: usize) -> [Map; SPACES] {
        let (fewest, _) = self.allowed(calls);
        self.commits.truncate(count);
        for commit in self.commits.drain(..fewest) {
            commit.changed.apply(&mut self.oldest);
        }
        self.durable.clear();
        let mut state = self.oldest.clone();
        for commit in &mut self.commits {
            commit.began = 0;
            commit.changed.apply(&mut state);
        }
        state
    }
}

impl Changed {
    fn apply(&self, state: &mut [Map; SPACES]) {
        match self {
            Changed::Keys(space, keys) => {
                keys.iter().for_each(|(key, value)| state[*space].write(key, *value));
            }
            Changed::Spaces(spaces) => {
                spaces.iter().for_each(|(space, map)| state[*space].clone_from(map));
            }
        }
    }

    /// Compares what was changed with what the engine holds.
    fn compare_again(
        &self,
        state: &[Map; SPACES],
        held: &[BTreeMap<&[u8], &[u8]>],
        wrong: &mut [BTreeSet<Vec<u8>>; SPACES],
    ) {
        match self {
            Changed::Keys(space, keys) => {
                for (key, _) in keys {
                    if equal(state[*space].get(key), held[*space].get(&**key).copied()) {
                        wrong[*space].remove(key);
                    } else {
                        wrong[*space].insert(key.clone());
                    }
                }
            }
            Changed::Spaces(spaces) => {
                for (space, _) in spaces {
                    wrong[*space] = differing(&state[*space], &held[*space]);
                }
            }
        }
    }
}

fn equal(expected: Option<Value>, got: Option<&[u8]>) -> bool {
    match (expected, got) {
        (Some(value), Some(bytes)) => value.is(bytes),
        (None, None) => true,
        _ => false,
    }
}

/// The keys whose values differ.
fn differing(map: &Map, held: &BTreeMap<&[u8], &[u8]>) -> BTreeSet<Vec<u8>> {
    let expected = map.keys().filter(|key| !equal(map.get(key), held.get(*key).copied()));
    let surplus = held.keys().copied().filter(|key| map.get(key).is_none());
    expected.chain(surplus).map(<[u8]>::to_vec).collect()
}

/// The first key that differs, with its value in the state and in the engine.
fn shown(
    state: &[Map; SPACES],
    held: &[BTreeMap<&[u8], &[u8]>],
    wrong: &[BTreeSet<Vec<u8>>; SPACES],
) -> (String, String) {
    let first = wrong.iter().enumerate().find_map(|(space, keys)| Some((space, keys.first()?)));
    let (space, key) = first.expect("some key differs");
    let name = match space {
        0 => keys::show(key),
        _ => format!("{} in key space {space}", keys::show(key)),
    };
    let expected =
        state[space].get(key).map_or_else(|| "nothing".into(), |value| value.to_string());
    let got = held[space].get(&**key).map_or_else(|| "nothing".into(), |bytes| values::show(bytes));
    (format!("{name} = {expected}"), format!("{name} = {got}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(stamp: u64) -> Value {
        Value { stamp, length: 8 }
    }

    fn put(key: u8, stamp: u64) -> Changed {
        Changed::Keys(0, vec![(vec![key], Some(value(stamp)))])
    }

    fn held(pairs: &[(u8, u64)]) -> Held {
        let pairs = pairs.iter().map(|(key, stamp)| (vec![*key], value(*stamp).bytes()));
        [pairs.collect(), Vec::new(), Vec::new()]
    }

    /// Three puts; the first is durable after the calls that the second begins with.
    fn three() -> Commits {
        let mut commits = Commits::new();
        commits.began(0, put(1, 1));
        commits.became_durable(10, 0);
        commits.began(10, put(2, 2));
        commits.began(20, put(1, 3));
        commits
    }

    #[test]
    fn a_crash_loses_the_newest_commits_up_to_the_last_durable_one() {
        let commits = three();
        let found = |calls, pairs: &[(u8, u64)]| commits.find(calls, &held(pairs)).ok();
        assert_eq!(found(30, &[(1, 3), (2, 2)]), Some(3));
        assert_eq!(found(30, &[(1, 1), (2, 2)]), Some(2));
        assert_eq!(found(30, &[(1, 1)]), Some(1));
        assert_eq!(found(30, &[]), None, "the first put is durable");
        assert_eq!(found(30, &[(1, 3)]), None, "the second put is before the third one");
        assert_eq!(found(20, &[(1, 3), (2, 2)]), None, "the third put has not begun");
        assert_eq!(found(9, &[]), Some(0));
        assert_eq!(found(30, &[(1, 1), (3, 9)]), None, "the key was never written");
    }

    #[test]
    fn what_cannot_be_lost_is_forgotten_and_stays_true() {
        let mut commits = three();
        commits.became_durable(30, 15);
        assert_eq!(commits.commits.len(), 2);
        assert_eq!(commits.find(25, &held(&[(1, 1), (2, 2)])).ok(), Some(1));
        assert!(commits.find(30, &held(&[(1, 1), (2, 2)])).is_err());
        assert_eq!(commits.find(30, &held(&[(1, 3), (2, 2)])).ok(), Some(2));
    }

    #[test]
    fn after_a_crash_the_commits_that_are_left_may_be_lost_again() {
        let mut commits = three();
        let state = commits.crashed(30, 2);
        assert_eq!((state[0].get(&[1]), state[0].get(&[2])), (Some(value(1)), Some(value(2))));
        commits.began(0, put(4, 4));
        assert_eq!(commits.find(1, &held(&[(1, 1)])).ok(), Some(0));
        assert_eq!(commits.find(1, &held(&[(1, 1), (2, 2), (4, 4)])).ok(), Some(2));
        assert!(commits.find(1, &held(&[])).is_err());
    }

    #[test]
    fn a_cleared_key_space_is_one_change() {
        let mut commits = three();
        commits.began(30, Changed::Spaces(vec![(0, Map::default())]));
        assert_eq!(commits.find(31, &held(&[])).ok(), Some(4));
        let error = commits.find(31, &held(&[(2, 2)])).expect_err("no such state");
        assert_eq!((&*error.expected, error.allowed), ("\"\\x01\" = #1 (8 bytes)", 4));
    }
}

//! Reads of the plain trees: lookups of several keys at once, and scans.

use std::collections::VecDeque;

use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::{Reader, StoreError};
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::Record;
use downbeat_lsm::scan::ScanProgress;
use downbeat_lsm::tree::{Tree, TreeLookup};

use super::changes::record_of;
use super::events::Event;
use super::states;
use super::tested::Tested;
use super::trees::{Narrow, Plain, Wide};
use crate::store::read_failed;
use downbeat::check::{fail, holds, same};
use downbeat::disk::SimulatedDisk;
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::forest::Entry;

/// The records of a scan in the order of its direction.
fn ordered<'a>(
    entries: impl DoubleEndedIterator<Item = &'a Entry>,
    direction: Direction,
    count: usize,
) -> Vec<Entry> {
    match direction {
        Direction::Ascending => entries.take(count).copied().collect(),
        Direction::Descending => entries.rev().take(count).copied().collect(),
    }
}

/// The record that was found, unless it is a tombstone.
fn present<R: Record>(found: Option<R>) -> Option<R> {
    found.filter(|record| !record.is_tombstone())
}

/// Looks up keys, as many at once as the store allows.
fn look_up<R: Plain>(
    tree: &Tree<R>,
    keys: &[u64],
    reader: &mut Reader<'_, SimulatedDisk>,
) -> Result<Vec<Option<R>>, StoreError> {
    let mut answers = Vec::new();
    let mut lookups: VecDeque<TreeLookup<R>> = VecDeque::new();
    let mut left = keys.iter();
    loop {
        while lookups.len() < reader.lookups_max()
            && let Some(key) = left.next()
        {
            lookups.push_back(tree.lookup(R::wide(*key), 0));
        }
        let Some(first) = lookups.front_mut() else { return Ok(answers) };
        let in_memory = tree.lookup_memory(first.key()).copied();
        let found = match in_memory {
            Some(record) => Some(Ok(Some(record))),
            None => first.advance(tree, reader.grid()),
        };
        let failed = match found {
            Some(Ok(record)) => {
                answers.push(present(record));
                lookups.pop_front();
                continue;
            }
            Some(Err(error)) => {
                lookups.pop_front();
                Some(error)
            }
            None => reader.step().err(),
        };
        if let Some(error) = failed {
            for lookup in lookups {
                lookup.abandon(reader.grid());
            }
            return Err(error.into());
        }
    }
}

impl Tested {
    /// Checks that the memtables of a plain tree have the newest version of a key that was just
    /// written.
    pub(super) fn check_memory(&mut self, tree: usize, key: u64) -> Checked {
        if tree == Narrow::NUMBER {
            self.check_memory_of::<Narrow>(key)
        } else {
            self.check_memory_of::<Wide>(key)
        }
    }

    fn check_memory_of<R: Plain>(&mut self, key: u64) -> Checked {
        let expected = self.sides.plain[R::NUMBER].entries.at(key);
        let expected = expected.map(|entry| record_of::<R>(key, entry.stamp));
        let found = R::tree(self.store.forest.trees_and_grid().0).lookup_memory(R::wide(key));
        let got = present(found.copied());
        same("get-equals-model", expected, got)
            .or("a record that was just written is another one in memory, or none")
    }

    /// Gets the records of keys from a plain tree.
    pub(super) fn get(&mut self, tree: usize, keys: &[u64], run: &mut Run) -> Checked {
        if tree == Narrow::NUMBER {
            self.get_from::<Narrow>(keys, run)
        } else {
            self.get_from::<Wide>(keys, run)
        }
    }

    fn get_from<R: Plain>(&mut self, keys: &[u64], run: &mut Run) -> Checked {
        let since = self.store.now();
        let read = match self.store.forest.read() {
            Ok((set, mut reader)) => look_up::<R>(R::tree(set), keys, &mut reader),
            Err(error) => Err(error),
        };
        Event::GetWithIo.count_if(self.store.now() > since, run);
        let answers = match read {
            Ok(answers) => answers,
            Err(error) => {
                run.step();
                let divergence = || {
                    fail("get-equals-model", "records", error)
                        .saying("a lookup fails, and the disk does not explain it")
                };
                return read_failed(self, &error, since, divergence, run);
            }
        };
        for (key, got) in keys.iter().zip(answers) {
            run.step();
            let expected = self.sides.plain[R::NUMBER].entries.at(*key);
            let expected = expected.map(|entry| record_of::<R>(*key, entry.stamp));
            run.read(expected.is_some());
            run.remark(|| format!("{key:#x}: {}", got.map_or("none".to_owned(), |it| it.text())));
            same("get-equals-model", expected, got)
                .or("a lookup finds another record than the model, or none")?;
        }
        Ok(())
    }

    /// Scans the records of a plain tree whose keys are from one to another, at most `count` of
    /// them.
    pub(super) fn scan(
        &mut self,
        tree: usize,
        keys: (u64, u64),
        direction: Direction,
        count: usize,
        run: &mut Run,
    ) -> Checked {
        if tree == Narrow::NUMBER {
            self.scan_of::<Narrow>(keys, direction, count, run)
        } else {
            self.scan_of::<Wide>(keys, direction, count, run)
        }
    }

    fn scan_of<R: Plain>(
        &mut self,
        (min, max): (u64, u64),
        direction: Direction,
        count: usize,
        run: &mut Run,
    ) -> Checked {
        run.step();
        let since = self.store.now();
        let entries = &self.sides.plain[R::NUMBER].entries;
        let expected = ordered(entries.range(min, max), direction, count);
        let mut got: Vec<R> = Vec::new();
        let Self { store, scans, .. } = self;
        let scan = R::scan(scans);
        let read = store.forest.read().and_then(|(set, mut reader)| {
            let tree = R::tree(set);
            let range = KeyRange::new(R::wide(min), R::wide(max));
            scan.start(tree, range, direction, reader.grid());
            while got.len() < count {
                match scan.next(tree, reader.grid())? {
                    ScanProgress::Record(record) => got.push(record),
                    ScanProgress::Pending => {
                        if let Err(error) = reader.step() {
                            scan.abandon(reader.grid());
                            return Err(error.into());
                        }
                    }
                    ScanProgress::Ended => break,
                }
            }
            scan.abandon(reader.grid());
            Ok(())
        });
        Event::ScanWithIo.count_if(self.store.now() > since, run);
        run.state(states::Scanned, octave(got.len() as u64));
        got.iter().for_each(|_| run.step());
        run.result(got.len() as u64);
        let failed = read.err();
        let mut wanted = expected.iter().map(|entry| record_of::<R>(entry.key, entry.stamp));
        for record in &got {
            same("scan-equals-model", wanted.next(), Some(*record))
                .or("a scan returns another record than the model")?;
        }
        if let Some(error) = failed {
            let divergence = || {
                fail("scan-equals-model", "records", error)
                    .saying("a scan fails, and the disk does not explain it")
            };
            return read_failed(self, &error, since, divergence, run);
        }
        let left = wanted.next();
        holds("scan-equals-model", left.is_none())
            .show(|| (format!("{left:x?}"), "the end"))
            .or("a scan ends before its last record")
    }
}

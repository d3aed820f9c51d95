//! The memtables compared with a list of all puts, over many short random runs on small sizes.

use std::collections::BTreeMap;

use downbeat_lsm::collections::{Direction, ScopeOutcome};
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::{Record, Usage};
use downbeat_lsm::table::memory::{ImmutableTable, MutableTable};

use crate::random::Random;
use crate::records::{Entry, Numbered, Object};
use crate::tables::{OPTIONS, compacted, immutable, mutable, scanned};

struct Run<R: Record> {
    mutable: MutableTable<R>,
    immutable: ImmutableTable<R>,
    /// The puts since the latest swap, and those between the last two swaps, the oldest first.
    young: Vec<R>,
    old: Vec<R>,
    /// The length of `young` at the start of the scope.
    saved: Option<usize>,
    /// The beats of this bar that have ended.
    beats: u32,
    stamp: u64,
}

impl<R: Numbered> Run<R> {
    fn new() -> Self {
        Self {
            mutable: mutable(),
            immutable: immutable(),
            young: Vec::new(),
            old: Vec::new(),
            saved: None,
            beats: 0,
            stamp: 0,
        }
    }

    fn step(&mut self, random: &mut Random) {
        match random.below_u32(40) {
            0..24 if self.mutable.len() < OPTIONS.value_count_max / 2 => {
                // In a secondary index a key is put and removed alternately. In general usage puts
                // and removes are in any order.
                let number = random.below(30);
                let is_there = self.newest(R::key_of(number)).is_some_and(|it| !it.is_tombstone());
                let remove = match R::USAGE {
                    Usage::General => random.below(4) == 0,
                    Usage::SecondaryIndex => is_there,
                };
                let key = R::key_of(number);
                let record = if remove { R::tombstone(key) } else { R::put(number, self.stamp) };
                self.stamp += 1;
                self.mutable.put(&record);
                self.young.push(record);
            }
            24..30 => self.read(random),
            30..33 if self.saved.is_none() => {
                self.mutable.scope_open();
                self.saved = Some(self.young.len());
            }
            33..36 => self.scope_close(random),
            36..39 if self.saved.is_none() && self.beats < OPTIONS.beats_per_bar => {
                self.mutable.end_beat();
                self.beats += 1;
            }
            39 if self.saved.is_none() && self.mutable.is_in_runs() => self.end_bar(random),
            _ => {}
        }
        self.mutable.verify();
    }

    fn scope_close(&mut self, random: &mut Random) {
        let Some(saved) = self.saved.take() else { return };
        if random.below(2) == 0 {
            self.mutable.scope_close(ScopeOutcome::Persist);
        } else {
            self.mutable.scope_close(ScopeOutcome::Discard);
            self.young.truncate(saved);
        }
    }

    fn end_bar(&mut self, random: &mut Random) {
        let fits = self.immutable.len() + self.mutable.len() <= OPTIONS.value_count_max;
        if !self.immutable.is_flushed() && (!fits || random.below(2) == 0) {
            assert_eq!(compacted(&self.immutable), folded(&self.old));
            self.immutable.mark_flushed();
        }
        if self.immutable.is_flushed() {
            self.immutable.swap(&mut self.mutable, self.stamp);
            self.old.clear();
        } else {
            self.immutable.absorb(&mut self.mutable, self.stamp);
        }
        self.old.append(&mut self.young);
        self.beats = 0;
        self.immutable.verify();
    }

    /// The newest version of a key in both lists. In a secondary index, the oldest version in `old`
    /// may be a tombstone, because the lists do not hold the puts that were flushed earlier.
    fn newest(&self, key: R::Key) -> Option<&R> {
        self.old.iter().chain(&self.young).rfind(|record| record.key() == key)
    }

    fn read(&self, random: &mut Random) {
        let key = R::key_of(random.below(31));
        let folded_away = |table: Option<&R>, listed: Option<&R>| match R::USAGE {
            Usage::General => table == listed,
            // Cancelled pairs are gone, whatever their last version was.
            Usage::SecondaryIndex => table.is_none() || table == listed,
        };
        let newest = |list: &[R]| list.iter().rfind(|record| record.key() == key).copied();
        assert!(folded_away(self.mutable.get(key), newest(&self.young).as_ref()));
        assert!(folded_away(self.immutable.get(key), newest(&self.old).as_ref()));

        let (lower, upper) = (random.below(31), random.below(31));
        let range = KeyRange::new(R::key_of(lower.min(upper)), R::key_of(lower.max(upper)));
        for (view, list) in [(self.mutable.view(), &self.young), (self.immutable.view(), &self.old)]
        {
            let newest: BTreeMap<R::Key, R> =
                list.iter().map(|record| (record.key(), *record)).collect();
            let expected: Vec<R> =
                newest.range(range.min..=range.max).map(|(_, record)| *record).collect();
            let mut ascending = scanned(&view, &range, Direction::Ascending);
            for record in &ascending {
                assert_eq!(view.get(record.key()), Some(record));
            }
            match R::USAGE {
                Usage::General => assert_eq!(ascending, expected),
                Usage::SecondaryIndex => assert!(ascending.iter().all(|it| expected.contains(it))),
            }
            ascending.reverse();
            assert_eq!(scanned(&view, &range, Direction::Descending), ascending);
        }
    }
}

/// The records that remain after the records of each key are folded.
fn folded<R: Record>(list: &[R]) -> Vec<R> {
    let mut sorted = list.to_vec();
    sorted.sort_by_key(Record::key);
    sorted
        .chunk_by(|first, second| first.key() == second.key())
        .filter(|versions| R::USAGE == Usage::General || versions.len() % 2 == 1)
        .map(|versions| versions[versions.len() - 1])
        .collect()
}

fn run_all<R: Numbered>() {
    for seed in 0..60 {
        let mut run = Run::<R>::new();
        let mut random = Random(seed);
        for _ in 0..600 {
            run.step(&mut random);
        }
    }
}

#[test]
fn the_tables_equal_a_list_of_all_puts_in_general_usage() {
    run_all::<Object>();
}

#[test]
fn the_tables_equal_a_list_of_all_puts_in_a_secondary_index() {
    run_all::<Entry>();
}

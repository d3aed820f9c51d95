//! Gives up tables that cannot be read, right after the store was opened.
//!
//! - The store says which tables it gave up. The manifest must then have exactly the others.
//! - Which records are left is read from the tables on the disk, without the core. So the model
//!   knows the older versions that come to light again.

use std::collections::BTreeMap;

use downbeat_lsm::collections::Direction;
use downbeat_lsm::forest::BeatError;
use downbeat_lsm::grid::GridError;
use downbeat_lsm::manifest::{KeyRange, TableInfo, Visibility};
use downbeat_lsm::record::Usage;
use downbeat_lsm::store::{GivenUp, StoreError};

use super::events::FaultEvent;
use super::reads::record_of;
use super::scans::Way;
use super::states;
use super::tested::Tested;
use downbeat::check::{equal, fail, holds, same};
use downbeat::records::{Versioned, narrow};
use downbeat::{Checked, Run};
use downbeat_model::tree::Stamp;
use downbeat_storage_targets::store::trailers_max;

const CHECK: &str = "gives-up-what-cannot-be-read";

/// A table, and its level.
type Placed<K> = (u32, TableInfo<K>);

impl<R: Versioned> Tested<R> {
    /// The smaller half of the keys of the model.
    pub(super) fn smaller_half(&self) -> Way {
        let middle = self.model.range(0, u64::MAX).nth(self.model.len() / 2);
        Way::new(0, middle.map_or(u64::MAX / 2, |(key, _)| key))
    }

    /// Gives up the tables of a range that cannot be read. The store was just opened.
    pub(super) fn give_up(&mut self, way: Way, run: &mut Run) -> Checked {
        if self.is_down() {
            return Ok(());
        }
        run.step();
        let since = self.now();
        let before = self.placed_tables();
        let got = self.store.give_up(way.range::<R>().0);
        let after = self.placed_tables();
        if R::USAGE == Usage::SecondaryIndex {
            FaultEvent::IndexNotGivenUp.count(run);
            same("index-gives-up-nothing", Some(StoreError::IndexIsNotGivenUp), got.err())
                .or("an index gives up a table, or says otherwise why it does not")?;
            return same_tables(&before, &after);
        }
        match got {
            Ok(lost) => self.check_given_up(way, since, &before, &after, &lost, run)?,
            Err(StoreError::ReadOnly(error)) => self.giving_up_failed(error, since, run)?,
            Err(StoreError::Grid(GridError::Full)) => {
                self.check_room_of_log()?;
                same_tables(&before, &after)?;
            }
            Err(error) => {
                let diverged = || fail("nothing-fails", "success", error).saying("a give-up fails");
                self.read_failed(&error, since, diverged, run)?;
                FaultEvent::GivingUpFailed.count(run);
                same_tables(&before, &after)?;
            }
        }
        if before == after || self.is_down() {
            return Ok(());
        }
        self.gave_up = true;
        let lost: Vec<Placed<R::Key>> =
            before.into_iter().filter(|table| !after.contains(table)).collect();
        self.take_loss(&lost, run)
    }

    /// The tables of the manifest.
    fn placed_tables(&self) -> Vec<Placed<R::Key>> {
        let levels = (0..).zip(self.store.tree().manifest().levels());
        let of_level = |(number, level): (u32, _)| -> Vec<_> {
            let level: &downbeat_lsm::manifest::ManifestLevel<R::Key> = level;
            let tables = level.tables(Visibility::Any, Direction::Ascending, None);
            tables.map(|found| (number, *found.table)).collect()
        };
        levels.flat_map(of_level).collect()
    }

    /// Checks that exactly the tables of the range that cannot be read were given up.
    fn check_given_up(
        &mut self,
        way: Way,
        since: u64,
        before: &[Placed<R::Key>],
        after: &[Placed<R::Key>],
        lost: &[GivenUp<R::Key>],
        run: &mut Run,
    ) -> Checked {
        let of = |(level, table): &Placed<R::Key>| (*level, table.key_range(), table.value_count);
        let gone: Vec<_> = before.iter().filter(|it| !after.contains(it)).map(of).collect();
        let named: Vec<_> = lost.iter().map(|it| (it.level, it.keys, it.records)).collect();
        let kept = before.iter().filter(|table| after.contains(table)).count();
        holds(CHECK, gone == named && kept == after.len())
            .show(|| (format!("{named:x?}"), format!("{gone:x?}")))
            .or("other tables are gone than those that were given up")?;
        let range = way.keys::<R>();
        let overlaps = |keys: KeyRange<R::Key>| keys.min <= range.max && range.min <= keys.max;
        for GivenUp { level, keys, error, .. } in lost {
            holds(CHECK, overlaps(*keys))
                .show(|| (format!("{range:x?}"), format!("{keys:x?}")))
                .or("a table outside of the range is given up")?;
            let diverged = || fail(CHECK, "a table", error).saying("a table is given up");
            self.read_failed(error, since, diverged, run)?;
            let table = self.block_of(error).and_then(|block| self.tables.table_of_block(block));
            holds(CHECK, table.is_none_or(|table| table == *keys))
                .show(|| (format!("{table:x?}"), format!("{keys:x?}: {error}")))
                .or("a table is given up because of a block of another table")?;
            FaultEvent::GivenUp.count(run);
            run.state(states::GivenUpAt, *level as usize);
        }
        FaultEvent::NothingGivenUp.count_if(lost.is_empty(), run);
        self.check_readable(range, run)
    }

    /// Checks that the tables of a range can be read, unless the disk fails once more.
    fn check_readable(&mut self, range: KeyRange<R::Key>, run: &mut Run) -> Checked {
        let overlaps = |keys: KeyRange<R::Key>| keys.min <= range.max && range.min <= keys.max;
        let (since, may_fail) = (self.now(), !self.store.grid().storage().armed().is_empty());
        let refused =
            |error| fail("nothing-fails", "success", error).saying("a verification fails");
        let verification = self.store.verify().map_err(refused)?;
        for error in verification.errors {
            let error = StoreError::Grid(error);
            let diverged = || fail(CHECK, "a table", error).saying("a verification fails");
            self.read_failed(&error, since, diverged, run)?;
            let table = self.block_of(&error).and_then(|block| self.tables.table_of_block(block));
            holds(CHECK, may_fail || !table.is_some_and(overlaps))
                .show(|| ("a table".to_owned(), error.to_string()))
                .or("a table that cannot be read is not given up")?;
        }
        Ok(())
    }

    /// The store became read-only while it gave up tables.
    fn giving_up_failed(&mut self, error: BeatError, since: u64, run: &mut Run) -> Checked {
        FaultEvent::GivingUpFailed.count(run);
        let BeatError::Grid(error_of_grid) = &error else {
            return Err(fail("nothing-fails", "success", error).saying("a give-up fails"));
        };
        let is_explained = self.explains_read(error_of_grid, since);
        holds("nothing-fails", is_explained)
            .show(|| ("success".to_owned(), error.to_string()))
            .or("a give-up fails, but the device does not")?;
        self.faults.failed = Some(error);
        self.check_failed()
    }

    /// Checks that the log lacks blocks for the tables that would be given up.
    fn check_room_of_log(&self) -> Checked {
        let (free_set, pace) = (self.store.grid().free_set(), self.store.manifest_log().pace());
        let bound = pace.append_blocks() + pace.compact_blocks_max() + 1;
        let bound = bound + trailers_max(self.store.grid().layout());
        holds("full-is-full", free_set.free_count() <= bound)
            .show(|| (format!("{bound} free blocks or fewer"), free_set.free_count()))
            .or("a store is too full to give up a table, but has free blocks")
    }

    /// Changes the model to the records that are left, which are those of the tables on the disk.
    fn take_loss(&mut self, lost: &[Placed<R::Key>], run: &mut Run) -> Checked {
        const OF_KEYS: &str = "loses-keys-of-given-up-tables";
        let Some(left) = self.newest_on_disk(run)? else {
            // A crash lost blocks of other tables. What is left of their keys is unknown.
            return self.reopen(run);
        };
        let beat = self.root.acknowledged_beat();
        let keys = self.model.range(0, u64::MAX).map(|(key, _)| key);
        let keys: std::collections::BTreeSet<u64> = keys.chain(left.keys().copied()).collect();
        let is_lost = |key: u64| lost.iter().any(|(_, it)| it.key_range().contains(R::wide(key)));
        for key in keys {
            let (before, after) = (self.model.get(key), left.get(&key).copied().flatten());
            let is_older = match (before, after) {
                (Some(before), Some(after)) => after <= before,
                (_, Some(after)) => after < self.model.next_stamp(),
                (_, None) => true,
            };
            holds(OF_KEYS, before == after || (is_lost(key) && is_older))
                .show(|| (format!("{key:#x}: {before:?}"), format!("{after:?}")))
                .or("a key has another record than before, and none that is older")?;
            if is_lost(key) {
                let what = match (before, after) {
                    _ if before == after => 0,
                    (Some(_), Some(_)) => 1,
                    (_, None) => 2,
                    (None, Some(_)) => 3,
                };
                run.state(states::KeyLost, what);
            }
            if before != after {
                self.model.lose_newest(key, after, beat);
            }
        }
        Ok(())
    }

    /// The newest version of each key in the tables on the disk, `None` if it is a tombstone.
    /// Returns `None` if not all tables could be read.
    fn newest_on_disk(&mut self, run: &mut Run) -> Checked<Option<BTreeMap<u64, Option<Stamp>>>> {
        let Some(versions) = self.read_all_versions(run)? else { return Ok(None) };
        let mut newest = BTreeMap::new();
        for (level, record) in versions {
            let Some(key) = narrow::<R>(record.key()) else {
                return Err(fail("tables-equal-model", "a key of the model", record.text())
                    .saying("a table has a key that was never written"));
            };
            let stamp = (!record.is_tombstone()).then(|| record.stamp());
            if let Some(stamp) = stamp {
                let expected: R = record_of(key, stamp);
                equal("tables-equal-model", expected.text(), record.text())
                    .or("a table has a record that was never written")?;
            }
            let known = newest.entry(key).or_insert((level, stamp));
            if level < known.0 {
                *known = (level, stamp);
            }
        }
        Ok(Some(newest.into_iter().map(|(key, (_, stamp))| (key, stamp)).collect()))
    }
}

/// Checks that a call that gave up nothing has left all tables.
fn same_tables<K: PartialEq + std::fmt::Debug + Copy>(
    before: &[Placed<K>],
    after: &[Placed<K>],
) -> Checked {
    holds(CHECK, before == after)
        .show(|| (format!("{} tables", before.len()), format!("{} tables", after.len())))
        .or("a call that gives up no table changes the tables")
}

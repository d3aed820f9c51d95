//! Gets: one at a time, and many at the same time.

use std::fmt::Display;

use downbeat_lsm::store::{LookupProgress, LookupTicket, StoreError};
use downbeat_lsm::tree::CachedLookup;

use super::events::Event;
use super::states;
use super::tested::Tested;
use downbeat::check::{Failed, fail, holds, same};
use downbeat::input::version::Version;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

/// Lookups that need this many I/Os are a finding.
const BOUND: u64 = 1 << 12;

/// The record that write number `stamp` put for a key.
pub(crate) fn record_of<R: Versioned>(key: u64, stamp: u64) -> R {
    R::of(Version { key, stamp, removed: false })
}

impl<R: Versioned> Tested<R> {
    fn expected(&self, key: u64) -> Option<R> {
        self.model.get(key).map(|version| record_of(key, version))
    }

    pub(super) fn get(&mut self, key: u64, run: &mut Run) -> Checked {
        run.step();
        self.look(key, run)?;
        self.get_plainly(key, run)
    }

    /// Gets a key without checking which part of the store answers.
    pub(super) fn get_plainly(&mut self, key: u64, run: &mut Run) -> Checked {
        run.step();
        let (since, began) = (self.now(), self.reading_begins());
        let got = self.store.get(R::wide(key));
        run.state(states::Reads, self.reads_since(began) as usize);
        self.check(key, got, since, run)?;
        self.check_reads_of_get(key, began)
    }

    /// Checks a lookup that begins at `level`, and that the block that it read last is in the
    /// cache.
    fn ask_device(&mut self, key: u64, level: u32, run: &mut Run) -> Checked {
        let since = self.now();
        let mut lookup = self.store.tree().lookup(R::wide(key), level);
        for _ in 0..BOUND {
            let (tree, grid) = self.store.by_hand().tree_and_grid();
            let Some(found) = lookup.advance(tree, grid) else {
                if !self.store.by_hand().step() {
                    break;
                }
                continue;
            };
            let found = match found {
                Ok(found) => found,
                Err(error) => {
                    let diverged = || no_answer(error).saying("a lookup fails");
                    return self.read_failed(&StoreError::Grid(error), since, diverged, run);
                }
            };
            let got = found.filter(|record| !record.is_tombstone());
            newest("levels-equal-model", self.expected(key), got)?;
            let reads = u64::from(lookup.reads());
            let bound = if reads == 0 { 0 } else { 2 * self.tables_that_may_hold(key, level) };
            holds("get-reads-two-blocks-a-table", reads <= bound)
                .show(|| (format!("{bound} or fewer"), reads))
                .or("a lookup reads more than two blocks of each table that may have its key")?;
            // An earlier block may have been evicted by a later one, but the last block was not.
            let is_cached = |block| self.store.grid().is_readable_from_memory(block);
            return holds("what-was-read-is-cached", lookup.last_read().is_none_or(is_cached))
                .show(|| ("it is", "it is not"))
                .or("a block that was just read is not in the cache");
        }
        if self.is_down() {
            return Ok(());
        }
        Err(fail("waiting-ends", "an answer", "none").saying("a lookup does not end"))
    }

    /// Checks the answers of memory, the cache and the device for a key.
    pub(super) fn look(&mut self, key: u64, run: &mut Run) -> Checked {
        let expected = self.expected(key);
        let wide = R::wide(key);
        let tree = self.store.tree();
        holds("key-range-holds-all-keys", expected.is_none() || tree.key_range_contains(wide))
            .show(|| ("a key", "none"))
            .or("a key is outside of the key range of the tree")?;
        let view = tree.mutable().view();
        run.state(states::Runs, view.runs().len());
        run.state(states::Tail, states::size(view.tail_len() as usize));
        let (mutable, immutable) = (tree.mutable().get(wide), tree.immutable().get(wide));
        if let Some(record) = mutable.or(immutable).copied() {
            Event::FromMemory.count(run);
            let got = found_at(usize::from(mutable.is_none()), record, run);
            return newest("memory-equals-model", expected, got);
        }
        let cached = self.store.by_hand().lookup_cached(wide);
        match cached {
            Ok(CachedLookup::Found { record, level }) => {
                Event::FromCache.count(run);
                run.state(states::CachedAt, level as usize);
                let got = found_at(2 + level as usize, record, run);
                newest("cached-equals-model", expected, got)
            }
            Ok(CachedLookup::Absent) => {
                run.state(states::CachedAt, 7);
                newest("cached-equals-model", expected, None)
            }
            Ok(CachedLookup::Possible { level }) => {
                Event::FromDevice.count(run);
                run.state(states::PossibleAt, level as usize);
                self.ask_device(key, level, run)
            }
            Err(error) => {
                let diverged = || no_answer(error).saying("a lookup fails");
                self.read_failed(&error, self.now(), diverged, run)
            }
        }
    }

    /// Checks the answer of a get that began at `since`.
    fn check(
        &self,
        key: u64,
        got: Result<Option<R>, StoreError>,
        since: u64,
        run: &mut Run,
    ) -> Checked {
        let expected = self.expected(key);
        run.read(expected.is_some());
        let got = match got {
            Ok(got) => got,
            Err(error) => {
                let diverged = || no_answer(error).saying("a get fails");
                return self.read_failed(&error, since, diverged, run);
            }
        };
        run.result(u64::from(got.is_some()));
        run.remark(|| match self.model.get(key) {
            Some(version) => format!("#{version}"),
            None => "absent".to_owned(),
        });
        newest("get-equals-model", expected, got)
    }

    /// Gets many keys, with as many lookups at once as the store allows.
    pub(super) fn gets(&mut self, keys: impl Iterator<Item = u64>, run: &mut Run) -> Checked {
        self.make_room_for_lookups(1, run)?;
        let mut keys = keys.peekable();
        let since = self.now();
        let most = self.store.options().lookups_max as usize;
        let mut waiting: Vec<(u64, LookupTicket)> = Vec::with_capacity(most);
        for _ in 0..BOUND {
            while let Some(key) = keys.peek().copied() {
                let Some(ticket) = self.store.by_hand().lookup_begin(R::wide(key)) else { break };
                run.step();
                waiting.push((key, ticket));
                keys.next();
            }
            if waiting.is_empty() {
                return Ok(());
            }
            let mut place = 0;
            while place < waiting.len() {
                let (key, ticket) = waiting.swap_remove(place);
                match self.store.by_hand().lookup_take(ticket) {
                    LookupProgress::Ended(got) => self.check(key, got, since, run)?,
                    LookupProgress::Pending(ticket) => {
                        waiting.push((key, ticket));
                        let last = waiting.len() - 1;
                        waiting.swap(place, last);
                        place += 1;
                    }
                }
            }
            Event::GetsAtOnce.count_if(waiting.len() > 1, run);
            if !waiting.is_empty() && !self.store.by_hand().step() {
                break;
            }
        }
        if self.is_down() {
            waiting.into_iter().for_each(|(_, ticket)| self.store.by_hand().lookup_forget(ticket));
            return Ok(());
        }
        Err(fail("waiting-ends", "answers", format!("{} wait", waiting.len()))
            .saying("lookups do not end"))
    }

    /// Begins as many lookups as the store allows, and abandons them. If their number is odd, drops
    /// their tickets, and checks that the store then allows as many lookups as before.
    pub(super) fn forget(&mut self, keys: impl Iterator<Item = u64>, run: &mut Run) -> Checked {
        let most = self.store.options().lookups_max as usize;
        self.make_room_for_lookups(most, run)?;
        let mut under_way = Vec::with_capacity(most);
        for key in keys.take(most) {
            run.step();
            let ticket = self.store.by_hand().lookup_begin(R::wide(key));
            under_way.push(ticket.ok_or_else(|| {
                fail("gets-have-room", "as many lookups as the store allows", "fewer")
                    .saying("a lookup is refused")
            })?);
        }
        Event::GetsForgotten.count(run);
        // After this I/O, some lookups may wait for the device, and others may not have used their
        // completed read yet.
        self.store.by_hand().step();
        if under_way.len() % 2 == 1 {
            Event::LookupsDropped.count(run);
            drop(std::mem::take(&mut under_way));
            for _ in 0..most {
                let ticket = self.store.by_hand().lookup_begin(R::wide(0));
                under_way.push(ticket.ok_or_else(|| {
                    fail("gets-have-room", "as many lookups as the store allows", "fewer")
                        .saying("a lookup whose ticket was dropped keeps its slot")
                })?);
            }
        }
        for ticket in under_way {
            self.store.by_hand().lookup_forget(ticket);
        }
        Ok(())
    }
}

/// Marks where a get found a record. Returns the record, unless it is a tombstone.
fn found_at<R: Versioned>(place: usize, record: R, run: &mut Run) -> Option<R> {
    let state = if record.is_tombstone() { states::RemovedAt } else { states::FoundAt };
    run.state(state, place);
    Some(record).filter(|record| !record.is_tombstone())
}

/// Checks that an answer is the newest record of a key, or none.
pub(super) fn newest<R: Versioned>(
    name: &'static str,
    expected: Option<R>,
    got: Option<R>,
) -> Checked {
    same(name, expected, got).or("a record is not the newest one of its key")
}

/// The failed check for a read that failed although the device did not.
#[cold]
pub(super) fn no_answer(error: impl Display) -> Failed {
    fail("nothing-fails", "an answer", error)
}

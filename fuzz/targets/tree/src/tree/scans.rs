//! Scans: whole, by pages, ended early, with seeks.

use std::ops::Bound;

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::record::Key as _;
use downbeat_lsm::store::{Range, Store, StoreError};

use super::events::Event;
use super::reads::{newest, record_of};
use super::states;
use super::tested::Tested;
use downbeat::check::fail;
use downbeat::disk::SimulatedDisk;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

/// The bounds of a range of keys.
pub(super) type Bounds<K> = (Bound<K>, Bound<K>);

/// A range in a direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    min: u64,
    max: u64,
    direction: Direction,
}

impl Way {
    /// A range from one key to another, both included.
    pub(super) fn new(from: u64, to: u64) -> Self {
        if from <= to {
            Self { min: from, max: to, direction: Direction::Ascending }
        } else {
            Self { min: to, max: from, direction: Direction::Descending }
        }
    }

    /// The range as bounds of keys of a store, and the direction. The keys decide which of the
    /// equivalent bounds are used.
    pub(super) fn range<R: Versioned>(self) -> (Bounds<R::Key>, Direction) {
        let (min, max) = (R::wide(self.min), R::wide(self.max));
        let form = self.min.wrapping_mul(5) ^ self.max ^ self.max >> 1;
        let from = match form & 3 {
            0 => min.predecessor().map_or(Bound::Unbounded, Bound::Excluded),
            1 if self.min == 0 => Bound::Unbounded,
            _ => Bound::Included(min),
        };
        let to = match form >> 2 & 3 {
            0 => max.successor().map_or(Bound::Unbounded, Bound::Excluded),
            1 if self.max == u64::MAX => Bound::Unbounded,
            _ => Bound::Included(max),
        };
        ((from, to), self.direction)
    }

    /// The range as a scan of a store.
    fn of<R: Versioned>(self, store: &mut Store<R, SimulatedDisk>) -> Range<'_, R, SimulatedDisk> {
        let (keys, direction) = self.range::<R>();
        let range = store.range(keys);
        match direction {
            Direction::Ascending => range,
            Direction::Descending => range.rev(),
        }
    }

    /// All keys, upwards.
    pub(super) const UP: Self = Self { min: 0, max: u64::MAX, direction: Direction::Ascending };

    /// All keys, downwards.
    pub(super) const DOWN: Self = Self { direction: Direction::Descending, ..Self::UP };

    /// The part of the range from a key on, in its direction; `None` if it is empty.
    pub(super) fn from(self, key: u64) -> Option<Self> {
        let Self { min, max, direction } = self;
        match direction {
            Direction::Ascending => (key <= max).then_some(Self { min: min.max(key), ..self }),
            Direction::Descending => (key >= min).then_some(Self { max: max.min(key), ..self }),
        }
    }

    /// Whether the range contains a key.
    pub(super) fn contains(self, key: u64) -> bool {
        (self.min..=self.max).contains(&key)
    }

    /// The part of the range up to a key, in its direction. The range includes the key.
    fn until(self, key: u64) -> Self {
        match self.direction {
            Direction::Ascending => Self { max: key, ..self },
            Direction::Descending => Self { min: key, ..self },
        }
    }

    /// The same range, as keys of records.
    pub(super) fn keys<R: Versioned>(self) -> KeyRange<R::Key> {
        KeyRange::new(R::wide(self.min), R::wide(self.max))
    }

    /// Whether a key is after the beginning of the range, in its direction.
    pub(super) fn is_ahead(self, key: u64) -> bool {
        match self.direction {
            Direction::Ascending => key > self.min,
            Direction::Descending => key < self.max,
        }
    }

    /// The part of the range after a key, in its direction; `None` if it is empty.
    pub(super) fn after(self, key: u64) -> Option<Self> {
        let next = match self.direction {
            Direction::Ascending => key.checked_add(1),
            Direction::Descending => key.checked_sub(1),
        };
        self.from(next?)
    }
}

impl<R: Versioned> Tested<R> {
    /// The first `count` records of a range in its direction, or fewer.
    pub(super) fn expect(&self, way: Way, count: usize) -> Vec<(u64, R)> {
        let record = |(key, version)| (key, record_of(key, version));
        let range = self.model.range(way.min, way.max);
        match way.direction {
            Direction::Ascending => range.map(record).take(count).collect(),
            Direction::Descending => range.rev().map(record).take(count).collect(),
        }
    }

    /// The first record of a range in its direction.
    pub(super) fn first(&self, way: Way) -> Option<(u64, R)> {
        let mut range = self.model.range(way.min, way.max);
        let first = match way.direction {
            Direction::Ascending => range.next(),
            Direction::Descending => range.next_back(),
        };
        first.map(|(key, version)| (key, record_of(key, version)))
    }

    /// Checks up to `records` records of a range, in scans of `page` records.
    pub(super) fn scan(&mut self, way: Way, records: usize, page: usize, run: &mut Run) -> Checked {
        let before = self.store.grid().statistics().read_from_device;
        let mut rest = Some(way);
        let mut left = records;
        let mut seen = 0;
        while left > 0
            && let Some(way) = rest
        {
            let count = page.min(left);
            let Some((got, last)) = self.scan_page(way, count, run)? else { break };
            seen += got;
            left -= got;
            if got < count {
                break;
            }
            rest = way.after(last);
            Event::ScanResumed.count_if(left > 0 && rest.is_some(), run);
        }
        run.state(states::Scanned, states::size(seen));
        Event::ScanAsked.count_if(self.store.grid().statistics().read_from_device > before, run);
        Ok(())
    }

    /// Checks a scan of up to `count` records. Returns their number, and the key of the last one.
    fn scan_page(
        &mut self,
        way: Way,
        count: usize,
        run: &mut Run,
    ) -> Checked<Option<(usize, u64)>> {
        let expected = self.expect(way, count);
        let (since, began) = (self.now(), self.reading_begins());
        let mut scan = way.of(&mut self.store);
        let mut failed = steps(&mut scan, &expected, run)?;
        run.result(expected.len() as u64);
        if failed.is_none() {
            run.remark(|| list(&expected));
        }
        // If the range has fewer than `count` records, the scan must end after them.
        if failed.is_none() && expected.len() < count {
            run.step();
            failed = step(&mut scan, None)?;
        } else {
            Event::ScanEndedEarly.count_if(failed.is_none(), run);
        }
        drop(scan);
        if let Some(error) = failed {
            self.scan_failed(&error, since, run)?;
            return Ok(None);
        }
        let ended = expected.len() < count;
        let last = expected.last().map(|(key, _)| *key).filter(|_| !ended);
        let passed = last.map_or(way, |last| way.until(last));
        self.check_reads_of_scan(passed, ended, began)?;
        Ok(expected.last().map(|(key, _)| (expected.len(), *key)))
    }

    /// Checks a scan of `records` records, a seek to a key, and the rest of the range. A seek to a
    /// key at or before the last returned record has no effect.
    pub(super) fn scan_seek(
        &mut self,
        way: Way,
        records: usize,
        seek: u64,
        run: &mut Run,
    ) -> Checked {
        let first = self.expect(way, records);
        let last = first.last().map(|(key, _)| *key);
        let is_ahead = last.is_none_or(|last| way.direction.is_before(&last, &seek));
        let rest = match (is_ahead, last) {
            (true, _) => way.from(seek),
            (false, Some(last)) => way.after(last),
            (false, None) => None,
        };
        if is_ahead { Event::SeekForwards } else { Event::SeekWithoutEffect }.count(run);
        let rest = rest.map(|way| self.expect(way, usize::MAX)).unwrap_or_default();
        let since = self.now();
        let mut scan = way.of(&mut self.store);
        let mut failed = steps(&mut scan, &first, run)?;
        if failed.is_none() {
            run.remark(|| list(&first));
            run.step();
            scan.seek(R::wide(seek));
            failed = steps(&mut scan, &rest, run)?;
        }
        if failed.is_none() {
            run.remark(|| format!("sought {seek:#x}: {}", list(&rest)));
            failed = step(&mut scan, None)?;
        }
        drop(scan);
        match failed {
            Some(error) => self.scan_failed(&error, since, run),
            None => Ok(()),
        }
    }

    /// Checks that the disk explains the error of a scan that began at `since`.
    #[cold]
    pub(super) fn scan_failed(&self, error: &StoreError, since: u64, run: &mut Run) -> Checked {
        let diverged = || fail("nothing-fails", "a record", error).saying("a scan fails");
        self.read_failed(error, since, diverged, run)
    }
}

/// Describes the records that a scan returned.
pub(super) fn list<R: Versioned>(records: &[(u64, R)]) -> String {
    const SHOWN: usize = 8;
    if records.is_empty() {
        return "no record".to_owned();
    }
    let mut words: Vec<String> =
        records.iter().take(SHOWN).map(|(_, record)| record.text()).collect();
    if records.len() > SHOWN {
        words.push(format!("... ({} in all)", records.len()));
    }
    words.join(", ")
}

/// Checks the next records of a scan. Returns the error if the scan fails.
fn steps<R: Versioned>(
    scan: &mut impl Iterator<Item = Result<R, StoreError>>,
    expected: &[(u64, R)],
    run: &mut Run,
) -> Checked<Option<StoreError>> {
    for (_, record) in expected {
        run.step();
        let failed = step(scan, Some(*record))?;
        if failed.is_some() {
            return Ok(failed);
        }
    }
    Ok(None)
}

/// Checks the next record of a scan, or its end. Returns the error if the scan fails.
fn step<R: Versioned>(
    scan: &mut impl Iterator<Item = Result<R, StoreError>>,
    expected: Option<R>,
) -> Checked<Option<StoreError>> {
    match scan.next().transpose() {
        Ok(got) => newest("scan-equals-model", expected, got).map(|()| None),
        Err(error) => Ok(Some(error)),
    }
}

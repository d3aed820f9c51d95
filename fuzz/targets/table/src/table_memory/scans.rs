//! Scans of a table, a few keys at a time.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;
use downbeat_lsm::table::memory::MemoryScan;

use super::events::Event;
use super::states;
use super::tested::{Tested, view};
use downbeat::input::version::{Version, rank};
use downbeat::records::{Versioned, same_key, same_record};
use downbeat::{Checked, Run};
use downbeat_model::table_memory::Side;

/// The position of a scan.
#[derive(Debug)]
pub(super) struct Scan<R: Versioned> {
    scan: MemoryScan<R>,
    /// The requested range.
    asked: Range,
    /// The records that the scan must return from its last start on.
    expected: Vec<Version>,
    /// The index of the next expected record.
    next: usize,
    /// The last key that was returned for the requested range.
    last: Option<u64>,
    /// The last key that was returned since the scan was last started.
    given: Option<u64>,
    /// The number of changes of the table when the scan started; `None` if none is under way.
    started_at: Option<u64>,
}

/// The range of a scan, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) side: Side,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) descending: bool,
}

const ALL: Range = Range { side: Side::Mutable, first: 0, last: u64::MAX, descending: false };

impl<R: Versioned> Scan<R> {
    pub(super) fn new(scan: MemoryScan<R>) -> Self {
        Scan {
            scan,
            asked: ALL,
            expected: Vec::new(),
            next: 0,
            last: None,
            given: None,
            started_at: None,
        }
    }

    /// Forgets the scan, so that the next call scans the whole mutable table.
    pub(super) fn forget(&mut self) {
        self.asked = ALL;
        self.last = None;
        self.started_at = None;
    }
}

impl<R: Versioned> Tested<R> {
    pub(super) fn start_scan(&mut self, asked: Range, run: &mut Run) {
        self.scan.asked = asked;
        self.scan.last = None;
        self.begin_scan(asked, run);
    }

    /// Checks the next `count` records, or the remaining ones and the end.
    pub(super) fn scan_on(&mut self, count: u32, run: &mut Run) -> Checked {
        self.scan_underway(run);
        for _ in 0..count {
            run.step();
            run.step();
            let side = self.scan.asked.side;
            let next = self.scan.expected.get(self.scan.next).copied();
            let view = view(&self.mutable, &self.immutable, side);
            let shown = self.scan.scan.peek(&view);
            same_key::<R>("scan-shows-what-comes", next.map(|version| version.key), shown)
                .or("a peek of a scan shows another key than the model")?;
            let got = self.scan.scan.pop(&view);
            same_record("scan-equals-model", next, got.as_ref())
                .or("a scan returns another record than the model")?;
            let Some(version) = next else {
                Event::ScanEnds.count(run);
                self.scan.started_at = None;
                self.scan.last = None;
                return Ok(());
            };
            run.result(version.stamp);
            run.remark(|| R::of(version).text());
            self.scan.next += 1;
            self.scan.last = Some(version.key);
            self.scan.given = Some(version.key);
        }
        Ok(())
    }

    /// Makes the scan skip the keys before `key`.
    pub(super) fn seek(&mut self, key: u64, run: &mut Run) -> Checked {
        self.scan_underway(run);
        run.step();
        let Scan { scan, asked, expected, next, given, .. } = &mut self.scan;
        let view = view(&self.mutable, &self.immutable, asked.side);
        scan.seek(&view, R::wide(key));
        let rank = |key| rank(key, asked.descending);
        if given.is_some_and(|given| rank(given) >= rank(key)) {
            Event::SeekBack.count(run);
        } else {
            let rest = &expected[*next..];
            let passed = rest.partition_point(|version| rank(version.key) < rank(key));
            states::sought(asked.descending, passed, run);
            Event::SeekPastAll.count_if(passed > 0 && passed == rest.len(), run);
            *next += passed;
        }
        run.step();
        let shown = scan.peek(&view);
        let next = expected.get(*next).map(|version| version.key);
        same_key::<R>("seek-equals-model", next, shown)
            .or("a seek leads to another key than the model's")
    }

    /// Starts a scan of the present table if none is under way. If the table changed during a scan,
    /// starts another after the last key that the scan returned. If the range has no more keys,
    /// starts again with the whole requested range.
    fn scan_underway(&mut self, run: &mut Run) {
        let Scan { asked, last, started_at, .. } = self.scan;
        if started_at == Some(self.changes(asked.side)) {
            Event::ScanGoesOn.count(run);
            return;
        }
        let Range { first, last: end, descending, .. } = asked;
        let behind = match last {
            None => Some(asked),
            Some(key) if descending => key
                .checked_sub(1)
                .filter(|before| first <= *before)
                .map(|before| Range { last: before, ..asked }),
            Some(key) => key
                .checked_add(1)
                .filter(|after| *after <= end)
                .map(|after| Range { first: after, ..asked }),
        };
        Event::ScanResumes.count_if(last.is_some(), run);
        if behind.is_none() {
            self.scan.last = None;
        }
        self.begin_scan(behind.unwrap_or(asked), run);
    }

    fn begin_scan(&mut self, range: Range, run: &mut Run) {
        let Range { side, first, last, descending } = range;
        run.step();
        let direction = if descending { Direction::Descending } else { Direction::Ascending };
        let changes = self.changes(side);
        let view = view(&self.mutable, &self.immutable, side);
        let Scan { scan, asked: _, expected, next, last: _, given, started_at } = &mut self.scan;
        scan.start(&view, &KeyRange::new(R::wide(first), R::wide(last)), direction);
        *expected = self.model.table(side).newest(first, last, descending);
        *next = 0;
        *given = None;
        *started_at = Some(changes);
        states::scan_started(view.runs().len() as u32 + view.piece_count(), descending, run);
    }
}

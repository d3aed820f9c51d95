//! Scans that stay open while the store changes, several at once.
//!
//! - Each call returns a record, or that the scan waits for the device. The record is the next that
//!   the store has at the time of the call: after the last returned key, and not before the last
//!   sought key.
//! - A scan that waits can be left open. It may already have passed keys that had no record. If a
//!   record is put at such a key, the scan may return it or not.
//! - A scan that has ended or failed stays ended.
//! - How many records a poll returns depends on how many I/Os have completed. So from the first
//!   poll of a scan on, each call on the scan counts as one step, however many records it returns.
//!   The same operations then take the same number of steps in every order of I/O.
//! - A scan that began before the store was opened again is refused. If a new store object replaces
//!   the old one, the tickets of the old one are dropped.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{ManifestLevel, SNAPSHOT_LATEST};
use downbeat_lsm::store::{ScanProgress, ScanTicket, StoreError};

use super::events::Event;
use super::moment::Moment;
use super::reads::newest;
use super::scans::{Way, list};
use super::states;
use super::tested::{SCANS, Tested};
use downbeat::check::{fail, holds, same};
use downbeat::records::{Versioned, narrow};
use downbeat::{Checked, Run};

/// A record of a scan that needs this many I/Os is a finding.
const BOUND: u64 = 1 << 12;

/// An open scan.
#[derive(Debug)]
pub(super) struct OpenScan {
    ticket: ScanTicket,
    /// The part of the range that is left; `None` if it is empty.
    rest: Option<Way>,
    /// The part of `rest` that the scan has not passed while it waited; `None` if it is empty.
    ahead: Option<Way>,
    direction: Direction,
    /// When the scan was last used.
    used: Moment,
    /// How many I/Os had completed when the scan began.
    since: u64,
    /// What the last call did.
    last: Last,
    /// Whether the last call returned that the scan waits for the device.
    waits: bool,
    /// Whether the scan was ever polled.
    polled: bool,
}

/// What to do if a scan waits for the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    /// Wait for the device as well.
    Wait,
    /// Leave the scan as it is.
    Return,
}

/// What the last call on a scan did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Began,
    Gave,
    Sought,
    Ended,
}

impl<R: Versioned> Tested<R> {
    /// The index of scan `which`: `which` modulo the number of scans that the store allows.
    fn scan_number(&self, which: u32) -> usize {
        (which % self.store.options().scans_max) as usize
    }

    /// Begins scan number `which`. Ends the scan that is open under this number first.
    pub(super) fn scan_begin(&mut self, way: Way, which: u32, run: &mut Run) -> Checked {
        run.step();
        let number = self.scan_number(which);
        let (range, direction) = way.range::<R>();
        let open = self.scans.iter().flatten().filter(|it| !self.is_stale(it.used)).count();
        if open == self.store.options().scans_max as usize {
            let refused = self.store.by_hand().scan_begin(range, direction).is_none();
            holds("scans-have-bounds", refused)
                .show(|| (format!("{open} scans or fewer"), "one more"))
                .or("a store begins more scans than its options allow")?;
            Event::ScanRefused.count(run);
        }
        if let Some(before) = self.scans[number].take() {
            // If all scans are open, the next one gets the slot of a ticket that is dropped.
            if open == self.store.options().scans_max as usize && number.is_multiple_of(2) {
                Event::ScanDropped.count(run);
                drop(before.ticket);
            } else {
                self.store.by_hand().scan_end(before.ticket);
            }
        }
        let ticket = self.store.by_hand().scan_begin(range, direction);
        let Some(ticket) = ticket else {
            return holds("scans-have-bounds", false)
                .show(|| ("a scan", "none"))
                .or("a store refuses a scan although its options allow it");
        };
        let (used, since) = (self.moment(), self.now());
        let last = Last::Began;
        let scan = OpenScan {
            ticket,
            rest: Some(way),
            ahead: Some(way),
            direction,
            used,
            since,
            last,
            waits: false,
            polled: false,
        };
        self.scans[number] = Some(scan);
        run.state(states::ScansOpen, self.scans.iter().flatten().count() - 1);
        Ok(())
    }

    /// Begins a scan of all keys in place of an operation on scan `which`, which is not open. Scans
    /// with an odd number go down.
    fn scan_instead(&mut self, which: u32, run: &mut Run) -> Checked {
        let (way, ends) = if which.is_multiple_of(2) {
            (Way::UP, "0x0 0xffffffffffffffff")
        } else {
            (Way::DOWN, "0xffffffffffffffff 0x0")
        };
        run.redirected(|| format!("scan_begin {ends} scan={which}"));
        self.scan_begin(way, which, run)
    }

    /// Continues a scan for `count` records, or to its end, or until it waits for the device and
    /// `waiting` says to return.
    pub(super) fn scan_next(
        &mut self,
        count: u32,
        which: u32,
        waiting: Waiting,
        run: &mut Run,
    ) -> Checked {
        let number = self.scan_number(which);
        let Some(mut scan) = self.scans[number].take() else {
            return self.scan_instead(which, run);
        };
        let happened = self.since(scan.used);
        if scan.rest.is_some() {
            run.state(states::ScanCrossed, happened);
            if scan.waits {
                run.state(states::WaitingScanCrossed, happened);
            }
            Event::ScanWentOn.count(run);
        }
        if self.is_stale(scan.used) {
            let result = self.check_stale_scan(&scan.ticket, run);
            self.scans[number] = Some(scan);
            return result;
        }
        scan.waits = false;
        scan.polled |= waiting == Waiting::Return;
        if scan.polled {
            run.step();
        }
        for _ in 0..count {
            if !scan.polled {
                run.step();
            }
            let got = match self.scan_advance(&scan.ticket, waiting)? {
                Ok(ScanProgress::Record(record)) => Some(record),
                Ok(ScanProgress::Ended) => None,
                Ok(ScanProgress::Pending) => {
                    Event::ScanWaits.count(run);
                    run.remark(|| "waits".to_owned());
                    scan.waits = true;
                    // The scan may have passed keys, but none with a record.
                    let first = scan.ahead.and_then(|way| self.first(way));
                    scan.ahead = first.and_then(|(key, _)| scan.ahead?.from(key));
                    break;
                }
                Err(error) => {
                    self.scan_failed(&error, scan.since, run)?;
                    (scan.rest, scan.ahead, scan.last) = (None, None, Last::Ended);
                    break;
                }
            };
            let expected = self.expected_of_scan(&scan, got);
            newest("scan-equals-model", expected.map(|(_, it)| it), got)?;
            run.result(u64::from(expected.is_some()));
            run.remark(|| expected.map_or("the end".to_owned(), |(_, record)| record.text()));
            (scan.rest, scan.last) = match (scan.rest, expected) {
                (Some(way), Some((key, _))) => (way.after(key), Last::Gave),
                _ => (None, Last::Ended),
            };
            scan.ahead = scan.rest;
            if expected.is_none() {
                break;
            }
        }
        scan.used = self.moment();
        self.scans[number] = Some(scan);
        Ok(())
    }

    /// Continues a scan to its next record, or until it waits for the device and `waiting` says to
    /// return. If power is lost, returns that the scan waits: it becomes stale at the next opening.
    fn scan_advance(
        &mut self,
        ticket: &ScanTicket,
        waiting: Waiting,
    ) -> Checked<Result<ScanProgress<R>, StoreError>> {
        for _ in 0..BOUND {
            let progress = self.store.by_hand().scan_next(ticket);
            if progress != Ok(ScanProgress::Pending) {
                return Ok(progress);
            }
            holds("waits-only-for-the-device", self.store.grid().pending_reads() > 0)
                .show(|| ("a read", "none"))
                .or("a scan waits, but the store reads nothing")?;
            if waiting == Waiting::Return {
                return Ok(progress);
            }
            if !self.store.by_hand().step() {
                if self.is_down() {
                    return Ok(progress);
                }
                break;
            }
        }
        Err(fail("waiting-ends", "a record", "none").saying("a scan does not continue"))
    }

    /// The record that a scan must return: the first that it has not passed. The scan may also
    /// return a record that was put while it waited, at a key that it may have passed. If `got` is
    /// such a record, returns `got`.
    fn expected_of_scan(&self, scan: &OpenScan, got: Option<R>) -> Option<(u64, R)> {
        let first = scan.ahead.and_then(|way| self.first(way));
        if got == first.map(|(_, record)| record) {
            return first;
        }
        let rest = scan.rest.map(|way| self.expect(way, usize::MAX)).unwrap_or_default();
        let is_ahead = |key: u64| scan.ahead.is_some_and(|way| way.contains(key));
        let mut put = rest.into_iter().take_while(|(key, _)| !is_ahead(*key));
        put.find(|(_, record)| got == Some(*record)).or(first)
    }

    #[cold]
    fn check_stale_scan(&mut self, ticket: &ScanTicket, run: &mut Run) -> Checked {
        run.step();
        Event::StaleScan.count(run);
        run.remark(|| "refused".to_owned());
        let got = self.store.by_hand().scan_next(ticket);
        same("stale-ticket-is-refused", Err(StoreError::Reopened), got)
            .or("a scan from before an opening returns a record or another error")
    }

    /// Seeks a key in a scan.
    pub(super) fn seek(&mut self, key: u64, which: u32, run: &mut Run) -> Checked {
        let number = self.scan_number(which);
        let Some(mut scan) = self.scans[number].take() else {
            return self.scan_instead(which, run);
        };
        run.step();
        let mut key = key;
        if !self.is_stale(scan.used) {
            if let Some(end) = self.end_ahead(&scan, key) {
                run.redirected(|| format!("seek {end:#x} scan={which}"));
                key = end;
            }
            let happened = self.since(scan.used);
            let rest = scan.rest.and_then(|way| way.from(key));
            let is_ahead = scan.rest.is_some_and(|way| way.is_ahead(key));
            let place = match scan.last {
                Last::Ended => 0,
                _ if !is_ahead => 1,
                _ if rest.is_none() => 2,
                Last::Began if happened == 0 => 3,
                Last::Gave if happened == 0 => 4,
                Last::Sought if happened == 0 => 5,
                Last::Began => 6,
                Last::Gave => 7,
                Last::Sought => 8,
            };
            run.state(
                states::SeekAt,
                2 * place + usize::from(scan.direction == Direction::Descending),
            );
            run.remark(|| match rest.and_then(|way| self.first(way)) {
                Some(record) => format!("next is {}", list(&[record])),
                None => "nothing is left".to_owned(),
            });
            scan.rest = rest;
            scan.ahead = scan.ahead.and_then(|way| way.from(key));
            scan.last = if rest.is_some() { Last::Sought } else { Last::Ended };
        }
        self.store.by_hand().scan_seek(&scan.ticket, R::wide(key));
        self.scans[number] = Some(scan);
        Ok(())
    }

    /// The key that a scan seeks in place of every second key while it waits for the device: the
    /// last key, in its direction, of the next table of a level. The scan may be about to read this
    /// table.
    fn end_ahead(&self, scan: &OpenScan, key: u64) -> Option<u64> {
        let keys = scan.rest.filter(|_| scan.waits)?.keys::<R>();
        let end = |level: &ManifestLevel<R::Key>| {
            let next = level.next_table(SNAPSHOT_LATEST, keys, None, scan.direction)?.table;
            narrow::<R>(match scan.direction {
                Direction::Ascending => next.key_max,
                Direction::Descending => next.key_min,
            })
        };
        let levels = self.store.tree().manifest().levels().iter();
        let ends: Vec<u64> = levels.filter_map(end).collect();
        if ends.is_empty() || ends.contains(&key) || !key.is_multiple_of(2) {
            return None;
        }
        Some(ends[(key / 2) as usize % ends.len()])
    }

    /// Ends a scan.
    pub(super) fn scan_end(&mut self, which: u32, run: &mut Run) -> Checked {
        let number = self.scan_number(which);
        run.step();
        match self.scans[number].take() {
            Some(scan) => self.store.by_hand().scan_end(scan.ticket),
            None => run.idle(),
        }
        if self.nothing_is_open() { self.check_buffers("after the last scan") } else { Ok(()) }
    }

    /// Whether no lookup and no scan is open.
    pub(super) fn nothing_is_open(&self) -> bool {
        self.lookups.is_empty() && self.scans.iter().all(Option::is_none)
    }

    /// Ends all scans, and forgets all lookups.
    pub(super) fn forget_all(&mut self) {
        for scan in &mut self.scans {
            if let Some(scan) = scan.take() {
                self.store.by_hand().scan_end(scan.ticket);
            }
        }
        self.forget_lookups();
    }

    /// Drops all tickets. The caller replaces the store by a new object.
    pub(super) fn drop_tickets(&mut self) {
        self.scans = [const { None }; SCANS as usize];
        self.lookups.clear();
    }
}

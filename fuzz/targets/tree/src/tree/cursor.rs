//! A scan that continues while the store changes.
//!
//! - The scan returns the present records after the key that it returned last.
//! - Any other scan and each reopening of the store end it.
//! - The target never seeks in such a scan.

use super::events::Event;
use super::scans::{Way, step};
use super::tested::Tested;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};

/// The position of a scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    /// The part of the range after the last returned key; `None` if it is empty.
    rest: Option<Way>,
    /// The version of the tree when the scan was last used.
    version: u64,
    /// The beat when the scan was last used.
    beat: u64,
    /// How many I/Os had completed when the scan began.
    since: u64,
}

impl<R: Versioned> Tested<R> {
    pub(super) fn scan_begin(&mut self, way: Way, run: &mut Run) {
        run.step();
        let (range, direction) = way.range::<R>();
        self.store.by_hand().scan_begin(range, direction);
        self.cursor = Some(self.cursor_at(Some(way), self.now()));
    }

    fn cursor_at(&self, rest: Option<Way>, since: u64) -> Cursor {
        let version = self.store.tree().version();
        Cursor { rest, version, beat: self.store.beat_number(), since }
    }

    /// Continues the scan for `count` records, or to its end.
    pub(super) fn scan_next(&mut self, count: u32, run: &mut Run) -> Checked {
        let Some(before) = self.cursor else {
            run.redirected(|| "scan_begin 0x0 0xffffffffffffffff".to_owned());
            self.scan_begin(Way::new(0, u64::MAX), run);
            return Ok(());
        };
        let now = self.cursor_at(before.rest, before.since);
        if before.rest.is_some() {
            Event::ScanWentOn.count(run);
            if now.beat != before.beat {
                Event::WentOnAfterBeat.count(run);
            } else if now.version != before.version {
                Event::WentOnAfterWrite.count(run);
            }
        }
        let mut rest = before.rest;
        for _ in 0..count {
            run.step();
            let expected = rest.and_then(|way| self.expect(way, 1).pop());
            let failed = step(
                &mut std::iter::from_fn(|| self.store.by_hand().scan_next()),
                expected.map(|(_, it)| it),
            )?;
            if let Some(error) = failed {
                self.cursor = None;
                return self.scan_failed(&error, before.since, run);
            }
            run.remark(|| match &expected {
                Some((_, record)) => record.text(),
                None => "the end".to_owned(),
            });
            rest = match (rest, expected) {
                (Some(way), Some((key, _))) => way.behind(key),
                _ => None,
            };
            if expected.is_none() {
                break;
            }
        }
        self.cursor = Some(Cursor { rest, ..now });
        Ok(())
    }

    /// Called when another scan begins.
    pub(super) fn cursor_ends(&mut self) {
        self.cursor = None;
    }
}

//! Gets and scans, compared with the model.
//!
//! What is compared depends on the image and on the beats since the opening:
//!
//! - Before the first beat, a read returns exactly what the image holds. If a read needs an invalid
//!   block, it returns an error that names the block.
//! - If no block is invalid and no tables contradict each other, the same holds after beats.
//! - Otherwise a beat may free blocks that a read needs, so any read may fail after a beat. In a
//!   general tree, a record that a read returns must still be the right one. In an index, records
//!   are no longer compared: a forged tombstone without a put cancels the next put of its key.

use downbeat_lsm::block::{Corruption, Place};
use downbeat_lsm::grid::GridError;
use downbeat_lsm::record::Usage;
use downbeat_lsm::store::StoreError;

use super::events::Event;
use super::states;
use super::tested::{Tested, core_key, model_key};
use downbeat::check::{fail, holds};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::format::bytes::Key;
use downbeat_model::image::{At, Difference, Fault, Wrong};

/// The maximum number of gets of [`Tested::read_whole`].
const SAMPLE: usize = 48;

/// The range of all keys.
pub(super) const ALL: (Key, Key) = ((0, 0), (u128::MAX, u128::MAX));

/// How much the model knows about the answers of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Every answer and every error.
    All,
    /// Every record. Any read may fail.
    Records,
    /// Nothing.
    Nothing,
}

impl<R: Versioned> Tested<R> {
    pub(super) fn known(&self) -> Known {
        if !self.content.merged || self.content.sound {
            Known::All
        } else if R::USAGE == Usage::General {
            Known::Records
        } else {
            Known::Nothing
        }
    }

    /// Gets the record of a key, and checks it. Returns the record, or `None` if the get failed.
    pub(super) fn get(&mut self, key: Key, run: &mut Run) -> Checked<Option<Option<R>>> {
        run.step();
        let most = 2 * u64::from(self.sizes.levels) + self.work_left();
        self.device().allow(most);
        let got = self.store.get(core_key::<R>(key));
        let known = self.known();
        let text = |record: Option<&[u8]>| format!("{:x?}", record.map(<[u8]>::to_vec));
        let bytes = |record: &Option<R>| record.as_ref().map(|record| record.as_bytes().to_vec());
        let got = match got {
            Ok(record) => record,
            Err(error) => {
                Event::GetFailed.count(run);
                let at = place(&error);
                let due = self.content.get(key).err();
                let is_due = match known {
                    Known::All => due.is_some_and(|due| at == Some(due.at)),
                    Known::Records | Known::Nothing => at.is_some(),
                };
                if let Some(due) = due {
                    note(due, run);
                }
                let expected =
                    || due.map_or("a record or nothing".to_owned(), |due| due.to_string());
                holds("get-fails-for-a-reason", is_due)
                    .show(|| (expected(), error))
                    .or("a get fails, and nothing is wrong with the block that it names")?;
                return Ok(None);
            }
        };
        run.result(got.map_or(0, |record| 1 + record.stamp()));
        match self.content.get(key) {
            Err(wrong) if known == Known::All => {
                return Err(fail("get-refuses-what-is-wrong", wrong, text(bytes(&got).as_deref()))
                    .saying("a get uses a block that is wrong"));
            }
            Ok(record) if known != Known::Nothing => {
                let bytes_got = bytes(&got);
                let allowed =
                    self.content.allows(self.sizes.usage, key, record, bytes_got.as_deref());
                holds("get-equals-image", allowed)
                    .show(|| (text(record), text(bytes(&got).as_deref())))
                    .or("a get finds another record than the image has, or none")?;
            }
            Ok(_) | Err(_) => {}
        }
        Ok(Some(got))
    }

    /// Scans the records from `min` to `max` (inclusive) in both directions, and checks them.
    /// Returns the records of the ascending scan, or `None` if this scan failed.
    pub(super) fn scan(&mut self, min: Key, max: Key, run: &mut Run) -> Checked<Option<Vec<R>>> {
        let range = core_key::<R>(min)..=core_key::<R>(max);
        let most = self.scan_bound();
        let mut found = [None, None];
        for (descending, found) in [false, true].into_iter().zip(&mut found) {
            self.device().allow(most);
            let range = self.store.range(range.clone());
            let records: Result<Vec<R>, StoreError> =
                if descending { range.rev().collect() } else { range.collect() };
            run.step();
            match records {
                Err(error) => self.scan_failed(error, (min, max), run)?,
                Ok(mut records) => {
                    if descending {
                        records.reverse();
                    }
                    self.check_scan(&records, (min, max), run)?;
                    *found = Some(records);
                }
            }
        }
        let [ascending, descending] = found;
        if let (Some(ascending), Some(descending)) = (&ascending, &descending) {
            holds("scan-directions-agree", ascending == descending)
                .show(|| (ascending.len(), descending.len()))
                .or("the two directions of a scan give different records")?;
        }
        Ok(ascending)
    }

    fn scan_failed(&self, error: StoreError, (min, max): (Key, Key), run: &mut Run) -> Checked {
        Event::ScanFailed.count(run);
        let at = place(&error);
        let due = self.content.wrong();
        for wrong in &due {
            note(*wrong, run);
        }
        let is_due = match self.known() {
            Known::All => at.is_some_and(|at| due.iter().any(|wrong| wrong.at == at)),
            Known::Records | Known::Nothing => at.is_some(),
        };
        holds("scan-fails-for-a-reason", is_due)
            .show(|| (format!("one of {due:?} from {min:x?} to {max:x?}"), error))
            .or("a scan fails, and nothing is wrong with the block that it names")
    }

    fn check_scan(&self, records: &[R], (min, max): (Key, Key), run: &mut Run) -> Checked {
        let key = |record: &R| model_key(record.key());
        let in_order = records.is_sorted_by(|one, next| one.key() < next.key())
            && records.iter().all(|record| (min..=max).contains(&key(record)))
            && !records.iter().any(R::is_tombstone);
        holds("scan-is-in-order", in_order)
            .show(|| ("ascending keys of the range, of no tombstone", shown(records)))
            .or("a scan gives keys out of order, out of its range, or tombstones")?;
        run.result(records.len() as u64);
        let known = self.known();
        let wrong = self.content.reading.as_ref().and_then(|reading| reading.wrong.first());
        match wrong {
            None if known != Known::Nothing => {
                let read = records.iter().map(|record| (key(record), record.as_bytes()));
                let differs = self.content.first_difference(self.sizes.usage, (min, max), read);
                holds("scan-equals-image", differs.is_none())
                    .show(|| text(differs))
                    .or("a scan gives other records than the image has")
            }
            Some(wrong) if known == Known::All && (min, max) == ALL => {
                Err(fail("scan-refuses-what-is-wrong", wrong, "all records")
                    .saying("a scan of all records uses a block that is wrong"))
            }
            None | Some(_) => Ok(()),
        }
    }

    /// Reads the whole store: scans all records, and gets a sample of the keys.
    pub(super) fn read_whole(&mut self, run: &mut Run) -> Checked {
        let (min, max) = ALL;
        let found = self.scan(min, max, run)?;
        for key in self.content.keys(SAMPLE) {
            let (Some(got), Some(found)) = (self.get(key, run)?, &found) else { continue };
            let scanned = found.binary_search_by_key(&key, |record| model_key(record.key()));
            let scanned = scanned.ok().map(|place| &found[place]);
            holds("get-equals-scan", got.as_ref() == scanned)
                .show(|| (format!("{scanned:?}"), format!("{got:?}")))
                .or("a get and a scan of all records differ")?;
        }
        Ok(())
    }

    /// The maximum number of device operations of a scan.
    fn scan_bound(&self) -> u64 {
        if self.content.merged {
            return self.sizes.blocks + self.work_left();
        }
        let runs = self.content.reading.iter().flat_map(|reading| &reading.runs);
        1 + runs.map(|run| 1 + run.values.iter().flatten().count() as u64).sum::<u64>()
    }

    /// The maximum number of device operations that earlier calls may have left to do.
    pub(super) fn work_left(&self) -> u64 {
        if self.content.merged || self.content.reading.is_none() { self.sizes.blocks } else { 0 }
    }
}

/// The block that an error names as corrupt; `None` if the error names no block.
pub(super) fn place(error: &StoreError) -> Option<At> {
    let StoreError::Grid(GridError::Corruption(Corruption { place, .. })) = error else {
        return None;
    };
    match place {
        Place::Block(address) => Some(At::Block(*address)),
        Place::Superblock | Place::Tree(_) => None,
    }
}

/// Marks the state of a block that was refused.
fn note(wrong: Wrong, run: &mut Run) {
    let fault = wrong.fault as usize;
    run.state(states::Unreadable, fault - (Fault::Size as usize).min(fault));
}

/// A difference as text: the record that is due, and the record that was read.
pub(super) fn text(difference: Option<Difference<'_>>) -> (String, String) {
    let (due, read) = difference.expect("the records differ");
    let text = |record| format!("{record:x?} next");
    (text(due), text(read))
}

/// The keys of these records, as text.
fn shown<R: Versioned>(records: &[R]) -> String {
    format!("{:x?}", records.iter().map(R::key).collect::<Vec<_>>())
}

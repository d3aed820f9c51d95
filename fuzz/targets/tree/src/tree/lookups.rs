//! Lookups that stay open while the store changes.
//!
//! - The answer is the record that the key had when the lookup began.
//! - A lookup that began before the store was opened again is refused. If a new store object
//!   replaces the old one, the tickets of the old one are dropped.
//! - The disk must explain an error by a fault since the lookup began.

use downbeat_lsm::store::{LookupProgress, LookupTicket, StoreError};

use super::events::Event;
use super::moment::Moment;
use super::reads::{newest, no_answer, record_of};
use super::states;
use super::tested::{LOOKUPS, Tested};
use downbeat::check::{fail, holds, same};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::tree::Stamp;

/// A lookup that needs this many I/Os is a finding.
const BOUND: u64 = 1 << 12;

/// The maximum number of open lookups, including stale ones.
const OPEN: usize = 2 * LOOKUPS as usize;

/// A lookup that is open.
#[derive(Debug)]
pub(super) struct OpenLookup {
    key: u64,
    expected: Option<Stamp>,
    ticket: LookupTicket,
    began: Moment,
    /// How many I/Os had completed when the lookup began.
    since: u64,
}

/// What to do with an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answering {
    /// Wait for the answer.
    Wait,
    /// Take the answer if the lookup has ended.
    Poll,
    /// Forget the lookup.
    Forget,
}

impl<R: Versioned> Tested<R> {
    /// The number of open lookups that are not stale.
    fn lookups_in_store(&self) -> usize {
        self.lookups.iter().filter(|it| !self.is_stale(it.began)).count()
    }

    /// Begins lookups of these keys, as many as the store allows.
    pub(super) fn lookup(&mut self, keys: impl Iterator<Item = u64>, run: &mut Run) -> Checked {
        let mut began = false;
        let mut last = None;
        for key in keys {
            run.step();
            if self.lookups.len() == OPEN {
                self.answer_one(0, Answering::Forget, run)?;
            }
            let ticket = self.store.by_hand().lookup_begin(R::wide(key));
            let free = self.store.options().lookups_max as usize - self.lookups_in_store();
            same("lookups-have-room", free > 0, ticket.is_some()).or(
                "a lookup is refused although there is room, or begins although there is none",
            )?;
            let Some(ticket) = ticket else {
                Event::LookupRefused.count(run);
                break;
            };
            Event::LookupsOfOneKey.count_if(last.replace(key) == Some(key), run);
            let (began_at, since) = (self.moment(), self.now());
            let expected = self.model.expected_of_lookup(key);
            self.lookups.push(OpenLookup { key, expected, ticket, began: began_at, since });
            began = true;
        }
        run.state(states::LookupsOpen, self.lookups_in_store().saturating_sub(1));
        run.idle_if(!began);
        Ok(())
    }

    /// Forgets the oldest lookups until at least `count` more can begin.
    pub(super) fn make_room_for_lookups(&mut self, count: usize, run: &mut Run) -> Checked {
        let most = self.store.options().lookups_max as usize;
        while !self.lookups.is_empty() && most < count + self.lookups_in_store() {
            self.answer_one(0, Answering::Forget, run)?;
        }
        Ok(())
    }

    /// Takes the answers of up to `count` open lookups from number `place` on, as `how` says.
    pub(super) fn answer(
        &mut self,
        place: usize,
        count: u32,
        how: Answering,
        run: &mut Run,
    ) -> Checked {
        run.idle_if(self.lookups.is_empty());
        let mut place = place;
        for _ in 0..count {
            if place >= self.lookups.len() || self.is_down() {
                break;
            }
            place += usize::from(self.answer_one(place, how, run)?);
        }
        Ok(())
    }

    /// Waits for the answers of all open lookups.
    pub(super) fn answer_all(&mut self, run: &mut Run) -> Checked {
        while !self.lookups.is_empty() && !self.is_down() {
            self.answer_one(0, Answering::Wait, run)?;
        }
        Ok(())
    }

    /// Forgets all open lookups.
    pub(super) fn forget_lookups(&mut self) {
        for lookup in self.lookups.drain(..) {
            self.store.by_hand().lookup_forget(lookup.ticket);
        }
    }

    /// Takes the answer of open lookup number `place`, as `how` says. Returns whether the lookup
    /// stays open.
    fn answer_one(&mut self, place: usize, how: Answering, run: &mut Run) -> Checked<bool> {
        run.step();
        let OpenLookup { key, expected, mut ticket, began, since } = self.lookups.remove(place);
        if how == Answering::Forget {
            Event::GetsForgotten.count(run);
            run.remark(|| format!("{key:#x} forgotten"));
            self.store.by_hand().lookup_forget(ticket);
            return Ok(false);
        }
        for _ in 0..BOUND {
            match self.store.by_hand().lookup_take(ticket) {
                LookupProgress::Ended(got) => {
                    return self
                        .check_answer(key, expected, got, began, since, run)
                        .map(|()| false);
                }
                LookupProgress::Pending(waiting) => ticket = waiting,
            }
            holds("waits-only-for-the-device", self.store.grid().pending_reads() > 0)
                .show(|| ("a read", "none"))
                .or("a lookup waits, but the store reads nothing")?;
            if how == Answering::Poll || !self.store.by_hand().step() {
                // Without power, the lookup stays open and becomes stale at the next opening.
                if how == Answering::Poll || self.is_down() {
                    run.remark(|| format!("{key:#x} waits"));
                    let lookup = OpenLookup { key, expected, ticket, began, since };
                    self.lookups.insert(place, lookup);
                    return Ok(true);
                }
                break;
            }
        }
        Err(fail("waiting-ends", "an answer", "none").saying("a lookup does not end"))
    }

    fn check_answer(
        &self,
        key: u64,
        expected: Option<Stamp>,
        got: Result<Option<R>, StoreError>,
        began: Moment,
        since: u64,
        run: &mut Run,
    ) -> Checked {
        let happened = self.since(began);
        run.state(states::LookupCrossed, happened);
        if self.is_stale(began) {
            Event::StaleLookup.count(run);
            run.remark(|| format!("{key:#x} refused"));
            return same("stale-ticket-is-refused", Some(StoreError::Reopened), got.err())
                .or("a lookup from before an opening is answered");
        }
        run.read(expected.is_some());
        let got = match got {
            Ok(got) => got,
            Err(error) => {
                let diverged = || no_answer(error).saying("a lookup fails");
                return self.read_failed(&error, since, diverged, run);
            }
        };
        run.result(u64::from(got.is_some()));
        run.remark(|| match expected {
            Some(stamp) => format!("{key:#x} = #{stamp}"),
            None => format!("{key:#x} absent"),
        });
        let has_changed = self.model.get(key) != expected;
        let check =
            if has_changed { "lookup-answers-as-of-its-beginning" } else { "get-equals-model" };
        newest(check, expected.map(|it| record_of(key, it)), got)
    }
}

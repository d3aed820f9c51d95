//! Calls on the merge. Each answer is compared with the model at once.

use downbeat_lsm::merge::{Popped, StreamHead};

use super::answers;
use super::events::Event;
use super::merges::Rule;
use super::merging::Merging;
use super::states;
use downbeat::check::{equal, holds};
use downbeat::input::encoding::{Argument as _, Key};
use downbeat::input::version::rank;
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::merge::{Given, Record};

impl<R: Versioned> Merging<R> {
    /// Takes a record off the merge, if the merge is ready, and checks it.
    #[inline]
    pub(super) fn pop(&mut self, run: &mut Run) -> Checked {
        if !self.sweeping {
            run.did(|| "pop".to_owned());
        }
        run.step();
        self.lists.begin();
        let got = self.merges.pop(&mut self.lists);
        self.used_rightly(matches!(got, Popped::NotReady))?;
        if let Popped::NotReady = got {
            self.late(run);
            return equal("pop-after-peek-is-ready", false, self.shown)
                .or("a merge waits for a record that it has shown");
        }
        self.shown = false;
        let next = self.expected.pop();
        answers::given(next, &got)?;
        if let Some(given) = next {
            run.result(given.record.version.stamp);
            if !self.sweeping {
                self.note_given(given, run);
            }
        } else {
            self.end(run)?;
        }
        self.counts(true)
    }

    fn note_given(&self, given: Given, run: &mut Run) {
        run.remark(|| R::of(given.record.version).text());
        states::given(self.merges.rule, given.record.stream, self.streams.count(), run);
        Event::Smallest.count_if(given.record.version.key == 0, run);
        Event::Largest.count_if(given.record.version.key == u64::MAX, run);
    }

    pub(super) fn peek(&mut self, run: &mut Run) -> Checked {
        run.step();
        self.lists.begin();
        let got = self.merges.peek(&mut self.lists);
        self.used_rightly(matches!(got, StreamHead::NotReady))?;
        if let StreamHead::NotReady = got {
            self.late(run);
            return Ok(());
        }
        self.shown = true;
        let next = self.expected.peek();
        run.result(next.map_or(0, |given| given.record.version.stamp));
        answers::shown::<R>(next, got)?;
        if next.is_none() {
            self.end(run)?;
        }
        self.counts(true)
    }

    /// Takes up to `count` records off a merge. A merge that has ended is started again first.
    pub(super) fn pops(&mut self, count: u32, run: &mut Run) -> Checked {
        self.start_again(run)?;
        for _ in 0..count {
            self.pop(run)?;
            if self.ended {
                break;
            }
        }
        Ok(())
    }

    /// Takes all remaining records.
    pub(super) fn drain(&mut self, run: &mut Run) -> Checked {
        let bound = self.expected.rest().len() as u64 + self.lists.lateness() + 1;
        for _ in 0..bound {
            if self.ended {
                return Ok(());
            }
            self.pop(run)?;
        }
        equal("merge-ends", true, self.ended).or("a merge does not end")
    }

    /// Skips the keys before `key`. A merge by [`Rule::Newest`] seeks; from any other, the records
    /// before the key are taken.
    pub(super) fn seek(&mut self, key: u64, run: &mut Run) -> Checked {
        self.start_again(run)?;
        if self.merges.rule != Rule::Newest {
            return self.take_up_to(key, run);
        }
        run.did(|| format!("seek{}", Self::print_key(key)));
        run.step();
        let before = self.expected.rest().len();
        let moves = self.expected.seek(key);
        let got = self.merges.newest.seek(R::wide(key));
        equal("seek-equals-model", moves, got)
            .or("a merge and the model disagree on whether its streams must seek")?;
        if !moves {
            Event::SeekStays.count(run);
            return Ok(());
        }
        self.shown = false;
        self.sought = true;
        self.lists.seek(key, self.descending);
        Event::SeekMoves.count(run);
        let rest = self.expected.rest();
        states::sought(self.descending, before - rest.len(), run);
        if before > 0 && rest.is_empty() {
            Event::SeekPastAll.count(run);
        } else if rest.first().is_some_and(|given| given.record.version.key == key) {
            Event::SeekToNext.count(run);
        }
        Ok(())
    }

    fn take_up_to(&mut self, key: u64, run: &mut Run) -> Checked {
        let rank = |key| rank(key, self.descending);
        let limit = rank(key);
        let rest = self.expected.rest();
        let count = rest.iter().take_while(|given| rank(given.record.version.key) < limit).count();
        if count == 0 {
            run.did(|| "peek".to_owned());
            return self.peek(run);
        }
        (0..count).try_for_each(|_| self.pop(run))
    }

    /// Resets the merge, so that it asks all streams again. A merge by [`Rule::Oldest`] has no
    /// reset: its next record is shown instead.
    pub(super) fn reset(&mut self, run: &mut Run) -> Checked {
        self.start_again(run)?;
        if self.merges.rule == Rule::Oldest {
            run.redirected(|| "peek".to_owned());
            run.did(|| "peek".to_owned());
            return self.peek(run);
        }
        run.did(|| "reset".to_owned());
        run.step();
        let last = self.expected.last().map(|given| given.record.version.key);
        let of_last = |records: &&[Record]| Some(records[0].version.key) == last;
        if self.merges.rule == Rule::Newest
            && self.streams.by_key().find(of_last).is_some_and(|records| records.len() > 1)
        {
            Event::ResetWithOlderVersions.count(run);
        }
        self.merges.reset();
        self.lists.forget_shown();
        self.shown = false;
        self.peek(run)
    }

    /// If the merge has ended, starts it again with the present records of the streams.
    fn start_again(&mut self, run: &mut Run) -> Checked {
        if !self.ended {
            return Ok(());
        }
        Event::StartedAgain.count(run);
        let (rule, descending) = (self.merges.rule, self.descending);
        run.did(|| format!("start rule={} way={}", rule as usize, u32::from(descending)));
        self.start(rule, descending, run)
    }

    fn late(&mut self, run: &mut Run) {
        run.remark(|| "not ready".to_owned());
        let event = match self.expected.taken() {
            0 => Event::LateAtStart,
            _ => Event::LateInside,
        };
        event.count(run);
        Event::WaitedForEnd.count_if(self.expected.rest().is_empty(), run);
        states::late(self.merges.rule, &self.expected, run);
    }

    /// Checks that the merge ended when its streams did, and that it stays ended.
    fn end(&mut self, run: &mut Run) -> Checked {
        self.ended = true;
        equal("streams-are-taken", 0, self.lists.left())
            .or("a merge ends before its streams do")?;
        if !self.sweeping {
            self.note_end(run);
        }
        run.step();
        self.lists.begin();
        let again = self.merges.pop(&mut self.lists);
        answers::given(None, &again)
    }

    fn note_end(&self, run: &mut Run) {
        run.remark(|| "the end".to_owned());
        let dropped = self.expected.input() - self.expected.taken();
        if !self.sought && self.merges.rule != Rule::Tournament {
            states::dropped(self.merges.rule, dropped, run);
        }
        if self.merges.rule == Rule::Oldest {
            let last = self.expected.last();
            let vanished = self.expected.dropped().0 - last.map_or(0, |given| given.dropped);
            if vanished > 0 && last.is_some() {
                Event::VanishedAtTheEnd.count(run);
            } else if vanished > 0 {
                Event::AllVanished.count(run);
            }
        }
    }

    /// Checks that a merge waits if and only if a stream that it asked is late, and that it takes
    /// only records that it was shown.
    #[inline]
    fn used_rightly(&self, waits: bool) -> Checked {
        equal("waits-for-streams", self.lists.said_late, waits)
            .or("a merge waits while no stream is late, or does not wait while one is")?;
        equal("takes-what-was-shown", false, self.lists.popped_unseen)
            .or("a merge takes a record that it was not shown")
    }

    /// Checks that the merge counts every record once. If `is_settled` is false, the merge may be
    /// waiting for a stream. It may then have dropped records after the last returned record.
    pub(super) fn counts(&self, is_settled: bool) -> Checked {
        match self.merges.rule {
            Rule::Newest => {
                let (taken, newest) = (self.expected.taken(), &self.merges.newest);
                equal("newest-counts-all", self.lists.pops, taken + newest.dropped())
                    .or("records from the streams are neither returned nor counted as dropped")?;
                let last = self.expected.last().map(|given| R::wide(given.record.version.key));
                equal("last-equals-model", true, newest.last() == last)
                    .or("the last key of a merge is not the last one that it returned")
            }
            Rule::Oldest => {
                let counts = self.merges.oldest.counts();
                equal("input-equals-model", self.expected.input(), counts.input)
                    .or("a merge counts more or fewer records than the streams have")?;
                equal("out-equals-model", self.expected.taken(), counts.out)
                    .or("a merge counts more or fewer records than it returned")?;
                let (least, most) = self.expected.dropped();
                let most = if is_settled { least } else { most };
                holds("dropped-equals-model", (least..=most).contains(&counts.dropped))
                    .show(|| (format!("{least} to {most}"), counts.dropped))
                    .or("a merge counts more or fewer dropped records than the model")
            }
            Rule::Tournament => Ok(()),
        }
    }

    /// Prints a key as an argument of an operation.
    pub(super) fn print_key(key: u64) -> String {
        let mut text = String::new();
        Key::Literal(key).print("key", &mut text);
        text
    }
}

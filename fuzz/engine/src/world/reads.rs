//! Operations that read.

use std::ops::Bound;

use downbeat::check::equal;
use downbeat::input::encoding::Key;
use downbeat::{Checked, Run};

use super::{EngineWorld, compare, offered, repeated, required};
use crate::engine::Engine;
use crate::events::Event;
use crate::keys;
use crate::scan::{Scan, Turns};

/// A scan whose keys are owned.
pub(super) struct OwnedScan {
    keys: [Vec<u8>; 2],
    bounds: [u32; 2],
    turns: Turns,
    take: usize,
}

impl OwnedScan {
    pub(super) fn borrow(&self) -> Scan<'_> {
        let bound = |place: usize| {
            let key = &*self.keys[place];
            match self.bounds[place] {
                0 => Bound::Unbounded,
                1 => Bound::Included(key),
                _ => Bound::Excluded(key),
            }
        };
        Scan::new(bound(0), bound(1), self.turns, self.take)
    }

    fn show(&self) -> String {
        let [low, high] = [0, 1].map(|place| match self.bounds[place] {
            0 => "..".to_owned(),
            1 => format!("{} included", keys::show(&self.keys[place])),
            _ => format!("{} excluded", keys::show(&self.keys[place])),
        });
        format!("from {low} to {high}")
    }
}

impl<E: Engine> EngineWorld<E> {
    /// The scan that the arguments of an operation describe.
    pub(super) fn scan_of(
        &self,
        keys: [Key; 2],
        bounds: u32,
        turns: u32,
        take: u32,
        run: &mut Run,
    ) -> OwnedScan {
        let take = if take == 0 { usize::MAX } else { take as usize };
        let as_given = bounds >= 100;
        let bounds = [bounds / 10 % 10, bounds % 10];
        let keys = keys.map(|key| self.key(key));
        let mut scan = OwnedScan { keys, bounds, turns: Turns::ALL[turns as usize], take };
        if scan.keys[0] > scan.keys[1] && !as_given {
            scan.keys.swap(0, 1);
        }
        if scan.borrow().is_inverted() && !E::INVERTED_SCANS {
            // Two equal keys have a range of one key.
            scan.keys.sort();
            scan.bounds = [1, 1];
        }
        run.remark(|| scan.show());
        Event::ScanInverted.count_if(scan.borrow().is_inverted(), run);
        Event::ScanBack.count_if(scan.turns == Turns::Backward, run);
        Event::ScanBoth.count_if(scan.turns == Turns::Alternating, run);
        scan
    }

    pub(super) fn get(&mut self, key: Key, run: &mut Run) -> Checked {
        let key = self.key(key);
        run.step();
        run.remark(|| keys::show(&key));
        let got = required(self.engine().get(&key), "get-succeeds", "a get fails")?;
        let expected = self.model.map().get(&key);
        run.read(expected.is_some());
        Event::Found.count_if(expected.is_some(), run);
        Event::Absent.count_if(expected.is_none(), run);
        if expected.is_none() {
            let what = "get returns a value for an absent key";
            return compare::value("absent-get-equals-model", what, None, got.as_deref(), run);
        }
        let what = "get returns another value than the one written last";
        compare::value("get-equals-model", what, expected, got.as_deref(), run)
    }

    pub(super) fn scan(
        &mut self,
        keys: [Key; 2],
        bounds: u32,
        turns: u32,
        take: u32,
        run: &mut Run,
    ) -> Checked {
        let scan = self.scan_of(keys, bounds, turns, take, run);
        let scan = scan.borrow();
        run.step();
        let got = required(self.engine().scan(&scan), "scan-succeeds", "a scan fails")?;
        let expected = self.model.map().scan(&scan);
        if scan.is_inverted() {
            let what = "a scan whose start is above its end returns pairs";
            return compare::pairs("inverted-scan-equals-model", what, &expected, &got, run);
        }
        let what = "a scan returns other pairs than the range holds";
        compare::pairs("scan-equals-model", what, &expected, &got, run)
    }

    pub(super) fn prefix(&mut self, key: Key, turns: u32, take: u32, run: &mut Run) -> Checked {
        let prefix = self.key(key);
        run.step();
        run.remark(|| keys::show(&prefix));
        let take = if take == 0 { usize::MAX } else { take as usize };
        let scan = Scan::new(Bound::Unbounded, Bound::Unbounded, Turns::ALL[turns as usize], take);
        let answer = self.engine().prefix(&prefix, &scan);
        let Some(got) = offered(answer, "prefix-succeeds", "a scan of a prefix fails", run)? else {
            return Ok(());
        };
        let expected = self.model.map().prefix(&prefix, &scan);
        let what = "a scan of a prefix returns other pairs than those with the prefix";
        compare::pairs("prefix-equals-model", what, &expected, &got, run)
    }

    pub(super) fn walk(&mut self, key: Key, count: u32, steps: u32, run: &mut Run) -> Checked {
        let key = self.key(key);
        run.step();
        run.remark(|| keys::show(&key));
        let steps: Vec<bool> =
            repeated(steps, count as usize).into_iter().map(|step| step == 2).collect();
        let answer = self.engine().walk(&key, &steps);
        let Some(got) = offered(answer, "walk-succeeds", "a cursor fails", run)? else {
            return Ok(());
        };
        let what = "a cursor stands at another pair";
        let expected = self.model.map().walk(&key, &steps);
        compare::pairs("walk-equals-model", what, &expected, &got, run)
    }

    pub(super) fn end(&mut self, last: bool, run: &mut Run) -> Checked {
        run.step();
        let answer = self.engine().end(last);
        let Some(got) =
            offered(answer, "end-succeeds", "reading the first or last pair fails", run)?
        else {
            return Ok(());
        };
        let turns = if last { Turns::Backward } else { Turns::Forward };
        let one = Scan::new(Bound::Unbounded, Bound::Unbounded, turns, 1);
        let got: Vec<_> = got.into_iter().collect();
        let what = "the first or last pair is another one";
        compare::pairs("end-equals-model", what, &self.model.map().scan(&one), &got, run)
    }

    pub(super) fn count(&mut self, run: &mut Run) -> Checked {
        run.step();
        let answer = self.engine().count();
        let Some(got) = offered(answer, "count-succeeds", "counting the keys fails", run)? else {
            return Ok(());
        };
        run.result(got);
        let expected = self.model.map().len() as u64;
        equal("count-equals-model", expected, got).or("the engine counts more or fewer keys")
    }

    /// Compares everything in the selected key space with one scan.
    pub(super) fn scan_all(
        &mut self,
        check: &'static str,
        what: &'static str,
        run: &mut Run,
    ) -> Checked {
        run.step();
        let got = required(self.engine().scan(&Scan::ALL), "scan-succeeds", "a scan fails")?;
        compare::pairs(check, what, &self.model.map().scan(&Scan::ALL), &got, run)
    }

    /// Compares everything in the selected key space, forwards and backwards, and each key alone.
    pub(super) fn whole(&mut self, run: &mut Run) -> Checked {
        for turns in [Turns::Forward, Turns::Backward] {
            let all = Scan::new(Bound::Unbounded, Bound::Unbounded, turns, usize::MAX);
            run.step();
            let got = required(self.engine().scan(&all), "scan-succeeds", "a scan fails")?;
            let what = "a scan of everything returns other pairs";
            compare::pairs("whole-equals-model", what, &self.model.map().scan(&all), &got, run)?;
        }
        let engine = self.engine.as_mut().expect("the engine is open");
        for (key, value) in self.model.map().scan(&Scan::ALL) {
            run.step();
            let got = required(engine.get(key), "get-succeeds", "a get fails")?;
            let what = "get returns another value than the one written last";
            compare::value("get-equals-model", what, Some(value), got.as_deref(), run)?;
        }
        Ok(())
    }
}

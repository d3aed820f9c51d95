//! Reads, compared at once.

use super::compare::{self, Answer, Call};
use super::events::Event;
use super::exact;
use super::maps::{Map, Side};
use super::world::CacheMapWorld;
use downbeat::model::cache_map::Expected;
use downbeat::{Checked, Run};

impl CacheMapWorld {
    #[inline]
    pub(super) fn get(&mut self, key: u64, run: &mut Run) -> Checked {
        run.did(|| format!("get {key:#x}"));
        self.read(Call::Get, key, run, |map| Answer::of_get(map.get(key)))
    }

    #[inline]
    pub(super) fn lookup(&mut self, key: u64, run: &mut Run) -> Checked {
        run.did(|| format!("lookup {key:#x}"));
        self.read(Call::Lookup, key, run, |map| Answer::of_lookup(map.lookup(key)))
    }

    pub(super) fn read_back(&mut self, count: u32, run: &mut Run) -> Checked {
        if run.keys.written(0).is_none() {
            run.idle();
        }
        for gap in 0..u64::from(count) {
            let Some(key) = run.keys.written(gap) else { break };
            self.lookup(key, run)?;
        }
        Ok(())
    }

    #[inline]
    fn read(
        &mut self,
        call: Call,
        key: u64,
        run: &mut Run,
        answer: impl Fn(&mut Map) -> Answer,
    ) -> Checked {
        let expected = self.model.expected(key);
        for side in Side::BOTH {
            let got = answer(self.maps.get_mut(side));
            Self::answered(call, side, key, expected, got, run)?;
            exact::answer(call, side, self.reference(side).read(key), got)?;
        }
        Ok(())
    }

    #[inline]
    fn answered(
        call: Call,
        side: Side,
        key: u64,
        expected: Expected,
        got: Answer,
        run: &mut Run,
    ) -> Checked {
        run.step();
        if side == Side::WithCache {
            run.read(matches!(got, Answer::Value(_)));
        }
        run.result(got.word());
        run.remark(|| format!("{}: {}", side.name(), got.text()));
        if let (Expected::ValueOrAbsent(_), Side::WithCache) = (expected, side) {
            let found = matches!(got, Answer::Value(_));
            if found { Event::OlderFound } else { Event::OlderAbsent }.count(run);
        }
        compare::answer(call, side, key, expected, got)
    }
}

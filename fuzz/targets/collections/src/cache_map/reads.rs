//! Operations that read. Each answer is compared with the model at once.

use super::compare::{self, Answer, Call};
use super::events::Event;
use super::tested::{Map, Side, Tested};
use super::world::CacheMapWorld;
use downbeat::{Checked, Run};
use downbeat_model::cache_map::Expected;

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
        run.idle_if(run.keys.written(0).is_none());
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
        for tested in &mut self.maps {
            let got = answer(&mut tested.map);
            tested.answered(call, key, expected, got, run)?;
            tested.check_exact(call, key, got)?;
        }
        Ok(())
    }
}

impl Tested {
    #[inline]
    fn answered(
        &self,
        call: Call,
        key: u64,
        expected: Expected,
        got: Answer,
        run: &mut Run,
    ) -> Checked {
        run.step();
        if self.side == Side::WithCache {
            let found = matches!(got, Answer::Value(_));
            run.read(found);
            if let Expected::ValueOrAbsent(_) = expected {
                if found { Event::OlderFound } else { Event::OlderAbsent }.count(run);
            }
        }
        run.result(got.word());
        run.remark(|| format!("{}: {}", self.side.name(), got.text()));
        compare::answer(call, self.side, key, expected, got)
    }
}

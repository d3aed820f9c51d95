//! Lookups. Each answer is compared with the model at once.

use super::events::Event;
use super::states;
use super::tested::Tested;
use downbeat::records::{Versioned, same_record};
use downbeat::{Checked, Run};
use downbeat_model::table_memory::Side;

impl<R: Versioned> Tested<R> {
    pub(super) fn get_both(&mut self, key: u64, run: &mut Run) -> Checked {
        let mut found = 0;
        for side in Side::BOTH {
            run.step();
            let expected = self.model.table(side).get(key);
            let got = match side {
                Side::Mutable => self.mutable.get(R::wide(key)),
                Side::Immutable => self.immutable.get(R::wide(key)),
            };
            run.result(expected.map_or(0, |version| version.stamp));
            same_record("get-equals-model", expected, got)
                .or("a lookup finds another record than the model")?;
            if let Some(version) = expected {
                found += 1;
                run.remark(|| R::of(version).text());
                Event::TombstoneFound.count_if(version.removed, run);
            }
            states::looked_up(&self.view(side), self.model.table(side), side, key, run);
        }
        run.read(found > 0);
        Event::InBothTables.count_if(found == 2, run);
        Ok(())
    }

    /// Looks up the keys that were put last.
    pub(super) fn read_back(&mut self, count: u32, run: &mut Run) -> Checked {
        let keys: Vec<u64> = (0..u64::from(count)).map_while(|gap| run.keys.written(gap)).collect();
        run.idle_if(keys.is_empty());
        keys.into_iter().try_for_each(|key| self.get_both(key, run))
    }
}

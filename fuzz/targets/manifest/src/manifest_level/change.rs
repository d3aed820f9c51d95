//! Operations that close tables and take snapshots.

use super::events::Event;
use super::levels::{Levels, info};
use super::states::{self, Going};
use downbeat::failure::Divergence;
use downbeat::model::manifest_level::{Side, Table};
use downbeat::run::Run;

impl Levels {
    pub(super) fn close(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let mut closed = 0;
        while closed < count {
            let model = &self.pairs[side.get() as usize].model;
            let Some(place) = model.first_from(key, Table::is_open) else { break };
            self.close_one(place, side, run)?;
            closed += 1;
        }
        if closed == 0 {
            return self.insert_instead(key, count, side, run);
        }
        Ok(())
    }

    pub(super) fn close_range(
        &mut self,
        key: u64,
        span: u64,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        let last = key.saturating_add(span);
        let meets = |table: &Table| table.is_open() && table.overlaps(key, last);
        let mut closed = 0;
        while let Some(place) = self.pairs[side.get() as usize].model.first_from(key, meets) {
            self.close_one(place, side, run)?;
            closed += 1;
        }
        if closed == 0 {
            run.idle();
        }
        Ok(())
    }

    fn close_one(&mut self, place: usize, side: Side, run: &mut Run) -> Result<(), Divergence> {
        let before = self.pairs[side.get() as usize].model.tables()[place];
        states::going(&self.pairs[side.get() as usize].model, place, Going::Closed, run);
        let reference = self.reference(&before, side, run)?;
        let pair = &mut self.pairs[side.get() as usize];
        run.step();
        pair.level.set_snapshot_max(self.current, reference);
        pair.model.close(place, self.current);
        run.remark(|| format!("table {} closed", before.address));
        let after = pair.model.tables()[place];
        self.check_closed(&after, &info(&before), side, run)
    }

    pub(super) fn take_snapshot(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.current += 1;
        run.remark(|| format!("snapshot {}", self.current));
        for side in Side::both() {
            states::snapshot_taken(&self.pairs[side.get() as usize].model, self.current, run);
            self.shape(side, run)?;
        }
        Ok(())
    }

    /// Inserts a table where there is none to close or to remove.
    pub(super) fn insert_instead(
        &mut self,
        key: u64,
        count: u32,
        side: Side,
        run: &mut Run,
    ) -> Result<(), Divergence> {
        use downbeat::model::manifest_level::{Gap, Tables, Width};
        Event::InsertedForWantOfTables.count(run);
        let least = |value| Tables::find(value).expect("a count of the table");
        let count = if count > 1 { least(2) } else { least(1) };
        let (width, gap) = (Width::find(1), Gap::find(0));
        let (width, gap) = width.zip(gap).expect("the defaults of the tables");
        run.redirected(|| format!("insert {key:#x} count={} level={}", count.get(), side.get()));
        self.insert(key, count, width, gap, side, false, run)
    }
}

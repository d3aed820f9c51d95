//! The world: two levels, and what each operation does.
//!
//! Rules that define what an input means:
//!
//! * An inserted table is seen by the current snapshot and by the latest one. It overlaps no table
//!   that the current snapshot sees: it starts after the tables that are in its way, and ends
//!   before the next table.
//! * A closed table is seen by the current snapshot until the next one is taken.
//! * A table can be removed if both the current and the latest snapshot see it, or if neither does.
//! * Operations choose a table by key: the first that ends at the key or above it, or if there is
//!   none, the first of all.
//! * An insertion inserts at most as many tables as the level's limit allows, and only as many as
//!   are certain to fit into the free nodes of the pool.
//!
//! Impossible operations become others:
//!
//! * An insertion that has no space removes an invisible table; if there is none, a visible one; if
//!   there is none, it takes a snapshot.
//! * `remove_invisible` closes tables if none is invisible.
//! * An operation that closes or removes visible tables inserts tables if none is open.
//! * `move` removes visible tables if no table can move.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{KeyRange, LevelStatistics, Visibility};

use super::insert::Spread;
use super::levels::Levels;
use super::{compare, events, states};
use downbeat::check::holds;
use downbeat::input::encoding::{Header, Key, Operation as _};
use downbeat::{Checked, Run, World};
use downbeat_model::manifest_level::{
    Gap, Operation, Operation::*, SNAPSHOT, SNAPSHOT_LATEST, Side, Width,
};

impl World for Levels {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Checked {
        self.open_run(header, u64::from(header.number(Operation::SETTINGS, SNAPSHOT)));
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        let spread = |key: Key, width: Width, gap: Gap| Spread {
            key: key.literal(),
            width: width.get(),
            gap: gap.get(),
        };
        let range = |key: Key, span: Width| {
            KeyRange::new(key.literal(), key.literal().saturating_add(span.get()))
        };
        match *operation {
            Insert { key, count, width, gap, level } => {
                self.insert(count.get(), spread(key, width, gap), level, false, run)
            }
            InsertDown { key, count, width, gap, level } => {
                self.insert(count.get(), spread(key, width, gap), level, true, run)
            }
            Fill { key, left, width, gap, level } => {
                self.fill(left.get(), spread(key, width, gap), level, run)
            }
            Close { key, count, level } => self.close(key.literal(), count.get(), level, run),
            CloseRange { key, span, level } => self.close_range(range(key, span), level, run),
            Snapshot => self.take_snapshot(run),
            RemoveInvisible { key, count, level } => {
                self.remove_invisible(key.literal(), count.get(), level, run)
            }
            RemoveVisible { key, count, level } => {
                self.remove_visible(key.literal(), count.get(), level, run)
            }
            Move { key, count, level } => self.move_across(key.literal(), count.get(), level, run),
            Purge { key, span, seen, level } => self.purge(range(key, span), seen, level, run),
            Reload { level } => self.reload(level, run),
            Reset { level } => self.reset(level, run),
            Find { key, level } => self.find(key.literal(), level, run),
            NextUp { key, span, seen, level } => {
                let (key, range, snapshot) = (key.literal(), range(key, span), self.snapshot(seen));
                self.next(key, range, snapshot, Direction::Ascending, level, run)
            }
            NextDown { key, span, seen, level } => {
                let (key, range, snapshot) = (key.literal(), range(key, span), self.snapshot(seen));
                self.next(key, range, snapshot, Direction::Descending, level, run)
            }
            Overlapping { key, span, limit, seen, level } => {
                let limit = limit.get() as usize;
                self.overlapping(range(key, span), limit, self.snapshot(seen), level, run)
            }
            LeastOverlap { limit, seen, level } => {
                self.least_overlap(limit.get() as usize, self.snapshot(seen), level, run)
            }
            Iterate { key, span, seen, level } => {
                self.iterate(Some(range(key, span)), self.snapshot(seen), level, run)
            }
        }
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
        for side in Side::both() {
            self.sweep_level(side, run)?;
        }
        self.pool.verify();
        self.nodes_balance()
    }

    /// Makes the comparisons that a sweep leaves out, then resets the levels and checks that every
    /// node returns to the pool. An incomplete reset is thus noticed in the run that causes it, not
    /// in the next one.
    fn finish(&mut self, run: &mut Run) -> Checked {
        for side in Side::both() {
            self.one_after_the_other(self.current, Direction::Ascending, side, run)?;
            self.one_after_the_other(SNAPSHOT_LATEST, Direction::Descending, side, run)?;
            for snapshot in [self.current, self.current.saturating_sub(1)] {
                for direction in [Direction::Ascending, Direction::Descending] {
                    self.iterated(None, Visibility::Visible(snapshot), direction, side, run)?;
                }
            }
            states::whole(&self.pair(side).model, self.current, run);
        }
        for pair in &mut self.pairs {
            events::harvest(&pair.level, run);
            pair.level.reset(&mut self.pool);
            pair.model.reset();
        }
        self.pool.assert_all_free();
        self.sweep(run)?;
        for pair in &self.pairs {
            let statistics = pair.level.statistics();
            holds("reset-is-as-new", *statistics == LevelStatistics::default())
                .show(|| ("zeros", format!("{statistics:?}")))
                .or("a level has a count other than zero after a reset")?;
        }
        Ok(())
    }

    /// Describes the model's tables of both levels.
    fn describe(&self) -> Vec<String> {
        const SHOWN: usize = 16;
        let mut lines = vec![format!("current snapshot {}", self.current)];
        for (number, pair) in self.pairs.iter().enumerate() {
            let tables = pair.model.tables();
            let mut shown: Vec<String> = tables.iter().take(SHOWN).map(compare::text).collect();
            match tables.len() {
                0 => shown.push("empty".to_owned()),
                all if all > SHOWN => shown.push(format!("and {} more", all - SHOWN)),
                _ => {}
            }
            lines.push(format!("level {number} by the model: {}", shown.join(", ")));
        }
        lines
    }
}

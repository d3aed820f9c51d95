//! The worlds: two levels for each geometry, and what each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * An inserted table is seen by the current snapshot and by the latest one. It overlaps no table
//!   that the current one sees: it starts behind those that are in its way, and ends before the
//!   next.
//! * A closed table is seen by the current snapshot until the next one is taken.
//! * Tables that both snapshots see can be removed, and those that neither sees.
//! * Tables are chosen from the first that ends at a key or above, going round.
//! * An insertion is cut to the room: below the level's limit, and of no more tables than the free
//!   nodes of the pool are sure to hold.
//!
//! Operations that are impossible become others: an insertion without room removes (an invisible
//! table, else a visible one, else it takes a snapshot); without an invisible table, a removal of
//! such closes; without an open table, an operation that closes or removes inserts; a table that is
//! unable to move is removed.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::KeyRange;

use super::insert::Spread;
use super::levels::Levels;
use downbeat::model::encoding::{Header, Key, Operation as _};
use downbeat::model::manifest_level::{Gap, Operation, Operation::*, SNAPSHOT, Width};
use downbeat::{Checked, Run, World};

impl World for Levels {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Checked {
        self.open_run(u64::from(header.number(Operation::SETTINGS, SNAPSHOT)));
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
        self.sweep_all(run)
    }

    fn finish(&mut self, run: &mut Run) -> Checked {
        self.finish_run(run)
    }

    fn describe(&self) -> Vec<String> {
        self.lines()
    }
}

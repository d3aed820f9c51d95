//! The world: two levels, and the rules that keep a history legal.
//!
//! Rules, each part of what an input means:
//!
//! * An inserted table is seen by the current snapshot and by the latest one. It overlaps no table
//!   that the current one sees: it starts behind those that are in its way, and ends before the next.
//! * A closed table is seen by the current snapshot until the next one is taken.
//! * Removable are tables that both snapshots see, and those that neither does.
//! * Tables are chosen from the first that ends at a key or above, going round.
//!
//! * What is inserted is cut to the room that there is: below the level's limit, and of so many tables that
//!   the pool's free nodes surely do.
//!
//! An operation that cannot be: an insertion without room removes (an invisible table, else a visible
//! one, else it takes a snapshot); where nothing is invisible, a removal of such closes; where
//! nothing is open, to close or to remove inserts; what cannot be moved is removed.

use super::levels::Levels;
use super::sweep;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::manifest_level::{NODE, Operation, POOL, SNAPSHOT, TABLES};
use downbeat::run::Run;
use downbeat::target::World;

/// Levels by geometry.
#[derive(Debug)]
pub struct ManifestLevelWorld {
    /// One place for each geometry.
    shelf: Vec<Option<Box<Levels>>>,
    current: usize,
}

impl World for ManifestLevelWorld {
    type Operation = Operation;

    fn new() -> Self {
        ManifestLevelWorld { shelf: Vec::new(), current: 0 }
    }

    fn open(&mut self, header: &Header, _run: &mut Run) {
        let choices = |setting: usize| Operation::SETTINGS[setting].choices.count();
        let sizes = header.index(NODE) * choices(TABLES) + header.index(TABLES);
        self.current = sizes * choices(POOL) + header.index(POOL);
        if self.shelf.len() <= self.current {
            self.shelf.resize_with(self.current + 1, || None);
        }
        let levels = self.shelf[self.current].get_or_insert_with(|| Box::new(Levels::new(header)));
        levels.open(u64::from(header.number(Operation::SETTINGS, SNAPSHOT)));
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        let levels = self.levels();
        levels.apply(operation, run)?;
        // The end compares it all; what comes before the eighth is not far from it.
        let operations = run.tally().operations;
        if operations >= 8 && operations.is_power_of_two() {
            levels.sweep(run)?;
        }
        Ok(())
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.levels().finish(run)
    }

    fn describe(&self) -> Vec<String> {
        let levels = self.shelf.get(self.current).and_then(Option::as_deref);
        levels.map(sweep::describe).unwrap_or_default()
    }
}

impl ManifestLevelWorld {
    #[inline]
    fn levels(&mut self) -> &mut Levels {
        self.shelf[self.current].as_deref_mut().expect("a run was opened")
    }
}

impl Levels {
    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Insert { key, count, width, gap, level } => {
                self.insert(key.literal(), count, width, gap, level, false, run)
            }
            Operation::InsertDown { key, count, width, gap, level } => {
                self.insert(key.literal(), count, width, gap, level, true, run)
            }
            Operation::Fill { key, left, width, gap, level } => {
                self.fill(key.literal(), left.get(), width, gap, level, run)
            }
            Operation::Close { key, count, level } => {
                self.close(key.literal(), count.get(), level, run)
            }
            Operation::CloseRange { key, span, level } => {
                self.close_range(key.literal(), span.get(), level, run)
            }
            Operation::Snapshot => self.take_snapshot(run),
            Operation::RemoveInvisible { key, count, level } => {
                self.remove_invisible(key.literal(), count.get(), level, run)
            }
            Operation::RemoveVisible { key, count, level } => {
                self.remove_visible(key.literal(), count.get(), level, run)
            }
            Operation::Move { key, count, level } => {
                self.move_across(key.literal(), count.get(), level, run)
            }
            Operation::Purge { key, span, seen, level } => {
                self.purge(key.literal(), span.get(), seen, level, run)
            }
            Operation::Reload { level } => self.reload(level, run),
            Operation::Reset { level } => self.reset(level, run),
            Operation::Find { key, level } => self.find(key.literal(), level, run),
            Operation::NextUp { key, span, seen, level } => {
                self.next_up(key.literal(), span.get(), seen, level, run)
            }
            Operation::NextDown { key, span, seen, level } => {
                self.next_down(key.literal(), span.get(), seen, level, run)
            }
            Operation::Overlapping { key, span, limit, seen, level } => {
                self.overlapping(key.literal(), span.get(), limit, seen, level, run)
            }
            Operation::LeastOverlap { limit, seen, level } => {
                self.least_overlap(limit, seen, level, run)
            }
            Operation::Iterate { key, span, seen, level } => {
                self.iterate(key.literal(), span.get(), seen, level, run)
            }
        }
    }
}

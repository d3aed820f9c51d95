//! The worlds: two levels for each geometry, and what each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * An inserted table is seen by the current snapshot and by the latest one. It overlaps no table
//!   that the current snapshot sees: it starts after the tables that are in its way, and ends
//!   before the next table.
//! * A closed table is seen by the current snapshot until the next one is taken.
//! * A table can be removed if both snapshots see it, or if neither does.
//! * A table is chosen by key: the first that ends at the key or above it, or the first of all.
//! * An insertion is cut to the room: it stays below the level's limit, and inserts only as many
//!   tables as the free nodes of the pool are sure to hold.
//!
//! Impossible operations become others: an insertion without room removes (an invisible table, else
//! a visible one, else it takes a snapshot); a removal of invisible tables closes tables if none is
//! invisible; an operation that closes or removes inserts if no table is open; a table that cannot
//! move is removed.

use super::ManifestLevel;
use super::levels::Levels;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::manifest_level::{NODE, Operation, POOL, SNAPSHOT, TABLES};
use downbeat::run::Run;
use downbeat::target::World;
use downbeat::worlds::{AnyWorld, Worlds};

impl Worlds for ManifestLevel {
    type Operation = Operation;
    const GEOMETRY: &'static [usize] = &[NODE, TABLES, POOL];

    fn make(geometry: &Header) -> AnyWorld<Operation> {
        Box::new(Levels::new(geometry))
    }
}

impl World for Levels {
    type Operation = Operation;

    fn open(&mut self, header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        self.open_run(u64::from(header.number(Operation::SETTINGS, SNAPSHOT)));
        Ok(())
    }

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

    fn sweep(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.sweep_all(run)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.finish_run(run)
    }

    fn describe(&self) -> Vec<String> {
        self.lines()
    }
}

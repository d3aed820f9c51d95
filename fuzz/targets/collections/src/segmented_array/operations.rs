//! What each operation does.
//!
//! Rules that define what an input means:
//!
//! * An insertion inserts at most as many elements as the array's limit allows, and only as many as
//!   are certain to fit into the free nodes of the pool. If none fits, elements are removed at the
//!   same place instead.
//! * A removal removes only as many elements as there are. A removal from an empty array inserts.

use downbeat_lsm::collections::Direction;

use super::arrays::Arrays;
use downbeat::{Checked, Run};
use downbeat_model::segmented_array::Operation;

impl<const P: usize, const S: usize> Arrays<P, S> {
    #[inline]
    pub(super) fn operation(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        match *operation {
            Operation::Insert { at, count } => self.insert(at, count.get(), run),
            Operation::InsertEach { at, count } => self.insert_each(at, count.get(), run),
            Operation::Remove { at, count } => self.remove(at, count.get(), run),
            Operation::Get { at } => self.get(at, run),
            Operation::Replace { at } => self.replace(at, run),
            Operation::ScanUp { at, count } => {
                self.scan(at, count.get(), Direction::Ascending, run)
            }
            Operation::ScanDown { at, count } => {
                self.scan(at, count.get(), Direction::Descending, run)
            }
            Operation::Fill { at, left } => self.fill(at, left.get(), run),
            Operation::Thin => self.thin(run),
            Operation::Clear => self.clear(run),
            Operation::Add { key } => self.add(key.literal(), run),
            Operation::AddRun { key, count, stride } => {
                self.add_run(key.literal(), count.get(), stride.get(), run)
            }
            Operation::AddEqual { key, count } => self.add_run(key.literal(), count.get(), 0, run),
            Operation::Take { key } => self.take(key.literal(), 1, run),
            Operation::TakeRun { key, count } => self.take(key.literal(), count.get(), run),
            Operation::Search { key } => self.search(key.literal(), run),
            Operation::ScanKey { key, count } => self.scan_key(key.literal(), count.get(), run),
            Operation::Renew { key } => self.renew(key.literal(), run),
            Operation::ClearSorted => self.clear_sorted(run),
        }
    }
}

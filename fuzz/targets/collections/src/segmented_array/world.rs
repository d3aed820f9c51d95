//! The worlds: arrays for each geometry, and what each operation does.
//!
//! Rules, each part of what an input means:
//!
//! * An insertion is cut to the room: it stays below the array's limit, and inserts only as many
//!   elements as the free nodes of the pool are sure to hold. Without room, elements are removed at
//!   the same place instead.
//! * A removal is cut to the elements that exist. A removal from an empty array inserts.

use super::SegmentedArray;
use super::arrays::Arrays;
use downbeat::failure::Divergence;
use downbeat::model::encoding::Header;
use downbeat::model::segmented_array::{ELEMENTS, LIMIT, NODE, Operation, POOL, SLACK};
use downbeat::run::Run;
use downbeat::target::World;
use downbeat::worlds::{AnyWorld, Worlds};

impl Worlds for SegmentedArray {
    type Operation = Operation;
    const GEOMETRY: &'static [usize] = &[ELEMENTS, NODE, SLACK, LIMIT, POOL];
    // Bounds the memory at some 60 MB.
    const KEPT: usize = 192;

    fn make(geometry: &Header) -> AnyWorld<Operation> {
        // In the order of `model::segmented_array::ELEMENT_NAMES`.
        match geometry.index(ELEMENTS) {
            0 => Box::new(Arrays::<1, 2>::new(geometry)),
            1 => Box::new(Arrays::<3, 3>::new(geometry)),
            _ => Box::new(Arrays::<10, 5>::new(geometry)),
        }
    }
}

impl<const P: usize, const S: usize> World for Arrays<P, S> {
    type Operation = Operation;

    fn open(&mut self, _header: &Header, _run: &mut Run) -> Result<(), Divergence> {
        self.reset();
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        match *operation {
            Operation::Insert { at, count } => self.insert(at, count.get(), run),
            Operation::InsertEach { at, count } => self.insert_each(at, count.get(), run),
            Operation::Remove { at, count } => self.remove(at, count.get(), run),
            Operation::Get { at } => self.get(at, run),
            Operation::Replace { at } => self.replace(at, run),
            Operation::ScanUp { at, count } => self.scan_up(at, count.get(), run),
            Operation::ScanDown { at, count } => self.scan_down(at, count.get(), run),
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

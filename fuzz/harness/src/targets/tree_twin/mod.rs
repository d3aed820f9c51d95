//! Target `tree_twin`: two stores with the same history, which differ in what must not matter: the order in which I/O
//! completes, how much is in flight, what is cached and read ahead, and who reads.
//!
//! What is promised, and checked:
//!
//! - Each beat ends alike in both; each checkpoint says the same, with the checksums of all that it refers to.
//! - At the end, every block in use has the same bytes on both disks, and so has the superblock.
//!
//! The first store is that of the target `tree`, with all its checks. The second is told what changes the first, and
//! never reads.

mod pair;

use crate::model::tree::{Operation, SCHEDULE};
use crate::states::StateGroup;
use crate::target::{Budget, Target};
use crate::targets::tree::shelf::Shelf;
use crate::targets::tree::{Tree, events};
use pair::OfTwo;

/// The target.
#[derive(Debug)]
pub struct TreeTwin;

impl Target for TreeTwin {
    const NAME: &'static str = "tree_twin";
    const ABOUT: &'static str =
        "two trees that differ in what must not matter leave the same bytes";
    const EVENTS: &'static [&'static str] = events::NAMES;
    const STATES: &'static [StateGroup] = Tree::STATES;
    const BUDGET: Budget = Budget { steps: 1 << 15, input_bytes: 512 };
    const SCHEDULE: Option<usize> = Some(SCHEDULE);
    type Operation = Operation;
    type World = Shelf<OfTwo>;
}

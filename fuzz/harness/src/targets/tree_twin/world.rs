//! The world: two stores for each geometry.

use super::pair::OfTwo;
use crate::failure::Divergence;
use crate::model::encoding::{Header, Landmark};
use crate::model::tree::Operation;
use crate::run::Run;
use crate::target::World;
use crate::targets::tree::shelf::Shelf;

/// The world: two stores for each geometry.
pub struct TreeTwinWorld(Shelf<OfTwo>);

impl std::fmt::Debug for TreeTwinWorld {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TreeTwinWorld").finish_non_exhaustive()
    }
}

impl World for TreeTwinWorld {
    type Operation = Operation;

    fn new() -> Self {
        TreeTwinWorld(Shelf::new())
    }

    fn open(&mut self, header: &Header, run: &mut Run) {
        self.0.open(header, run);
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        self.0.apply(operation, run)
    }

    fn landmark(&self, landmark: Landmark) -> Option<u64> {
        self.0.landmark(landmark)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        self.0.finish(run)
    }

    fn describe(&self) -> Vec<String> {
        self.0.describe()
    }
}

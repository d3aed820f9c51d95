//! The world: a store and its model for each geometry.

use super::shelf::{Kind, Shelf};
use super::tested::{AnyTested, Tested};
use crate::failure::Divergence;
use crate::model::encoding::{Header, Landmark};
use crate::model::tree::Operation;
use crate::run::Run;
use crate::target::World;
use crate::targets::records::Versioned;

/// One store and its model.
#[derive(Debug)]
struct OfOneStore;

impl Kind for OfOneStore {
    fn make<R: Versioned>(header: &Header) -> Box<dyn AnyTested> {
        Box::new(Tested::<R>::new(header))
    }
}

/// The world: a store and its model for each geometry.
pub struct TreeWorld(Shelf<OfOneStore>);

impl std::fmt::Debug for TreeWorld {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TreeWorld").finish_non_exhaustive()
    }
}

impl World for TreeWorld {
    type Operation = Operation;

    fn new() -> Self {
        TreeWorld(Shelf::new())
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

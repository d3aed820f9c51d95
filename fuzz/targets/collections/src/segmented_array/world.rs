//! The world: arrays of the sizes that the input chose.

use super::shelf::Shelf;
use downbeat::failure::Divergence;
use downbeat::model::encoding::Header;
use downbeat::model::segmented_array::{ELEMENTS, Operation};
use downbeat::run::Run;
use downbeat::target::World;

/// Arrays and their models, for each size of elements.
#[derive(Debug)]
pub struct SegmentedArrayWorld {
    size: Size,
    small: Shelf<1, 2>,
    odd: Shelf<3, 3>,
    wide: Shelf<10, 5>,
}

/// Sizes, in the order of [`downbeat::model::segmented_array::ELEMENT_NAMES`].
#[derive(Clone, Copy, Debug)]
enum Size {
    Small,
    Odd,
    Wide,
}

/// The same call on the arrays of the size at hand.
macro_rules! of_size {
    ($world:ident, $current:ident => $call:ident($($argument:expr),*)) => {
        match $world.size {
            Size::Small => $world.small.$current().$call($($argument),*),
            Size::Odd => $world.odd.$current().$call($($argument),*),
            Size::Wide => $world.wide.$current().$call($($argument),*),
        }
    };
}

impl World for SegmentedArrayWorld {
    type Operation = Operation;

    fn new() -> Self {
        SegmentedArrayWorld {
            size: Size::Small,
            small: Shelf::new(),
            odd: Shelf::new(),
            wide: Shelf::new(),
        }
    }

    fn open(&mut self, header: &Header, _run: &mut Run) {
        self.size = [Size::Small, Size::Odd, Size::Wide][header.index(ELEMENTS)];
        match self.size {
            Size::Small => self.small.open(header),
            Size::Odd => self.odd.open(header),
            Size::Wide => self.wide.open(header),
        }
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        of_size!(self, current_mut => apply(operation, run))
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        of_size!(self, current_mut => finish(run))
    }

    fn describe(&self) -> Vec<String> {
        of_size!(self, current => describe())
    }
}

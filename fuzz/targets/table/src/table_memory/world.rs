//! The world: tables for each sort of records, of the sizes that the input chose.

use super::tested::Tested;
use downbeat::failure::Divergence;
use downbeat::model::encoding::{Header, Operation as _};
use downbeat::model::table_memory::{BEATS, Operation, RECORD, USAGE, VALUES};
use downbeat::model::version::Usage;
use downbeat::records::{General16, General32, General128, Index16, Index32, Index128, Versioned};
use downbeat::run::Run;
use downbeat::target::World;

/// Tables by the sort of their records.
#[derive(Debug)]
pub struct TableMemoryWorld {
    at_hand: usize,
    small: Shelf<General16>,
    middle: Shelf<General32>,
    large: Shelf<General128>,
    small_index: Shelf<Index16>,
    middle_index: Shelf<Index32>,
    large_index: Shelf<Index128>,
}

/// The same call on the tables at hand.
macro_rules! at_hand {
    ($world:ident, $current:ident => $call:ident($($argument:expr),*)) => {
        match $world.at_hand {
            0 => $world.small.$current().$call($($argument),*),
            1 => $world.middle.$current().$call($($argument),*),
            2 => $world.large.$current().$call($($argument),*),
            3 => $world.small_index.$current().$call($($argument),*),
            4 => $world.middle_index.$current().$call($($argument),*),
            _ => $world.large_index.$current().$call($($argument),*),
        }
    };
}

impl World for TableMemoryWorld {
    type Operation = Operation;

    fn new() -> Self {
        TableMemoryWorld {
            at_hand: 0,
            small: Shelf::new(),
            middle: Shelf::new(),
            large: Shelf::new(),
            small_index: Shelf::new(),
            middle_index: Shelf::new(),
            large_index: Shelf::new(),
        }
    }

    fn open(&mut self, header: &Header, _run: &mut Run) {
        self.at_hand = 3 * header.index(USAGE) + header.index(RECORD);
        match self.at_hand {
            0 => self.small.open(header),
            1 => self.middle.open(header),
            2 => self.large.open(header),
            3 => self.small_index.open(header),
            4 => self.middle_index.open(header),
            _ => self.large_index.open(header),
        }
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        at_hand!(self, current_mut => apply(operation, run))
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        at_hand!(self, current_mut => finish(run))
    }

    fn describe(&self) -> Vec<String> {
        at_hand!(self, current => describe())
    }
}

/// Tables of all sizes that were asked for.
#[derive(Debug)]
struct Shelf<R: Versioned> {
    /// One place for each geometry.
    tested: Vec<Option<Box<Tested<R>>>>,
    current: usize,
}

impl<R: Versioned> Shelf<R> {
    fn new() -> Self {
        Shelf { tested: Vec::new(), current: 0 }
    }

    fn open(&mut self, header: &Header) {
        let beats = Operation::SETTINGS[BEATS].choices.count();
        self.current = header.index(VALUES) * beats + header.index(BEATS);
        if self.tested.len() <= self.current {
            self.tested.resize_with(self.current + 1, || None);
        }
        let tested = self.tested[self.current].get_or_insert_with(|| Box::new(Tested::new(header)));
        tested.open(Usage::ALL[header.index(USAGE)], header);
    }

    #[inline]
    fn current(&self) -> &Tested<R> {
        self.tested[self.current].as_deref().expect("a run was opened")
    }

    #[inline]
    fn current_mut(&mut self) -> &mut Tested<R> {
        self.tested[self.current].as_deref_mut().expect("a run was opened")
    }
}

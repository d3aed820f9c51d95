//! The world: tables of the records that the input chose.

use super::tables::Tables;
use downbeat::failure::Divergence;
use downbeat::model::encoding::Header;
use downbeat::model::table::{Operation, RECORD};
use downbeat::records::{General16, General32, General128};
use downbeat::run::Run;
use downbeat::target::World;

/// Tables of each sort of records.
#[derive(Debug)]
pub struct TableWorld {
    sort: Sort,
    small: Tables<General16>,
    middle: Tables<General32>,
    large: Tables<General128>,
}

/// Sorts of records, in the order of [`downbeat::model::table::RECORD_NAMES`].
#[derive(Clone, Copy, Debug)]
enum Sort {
    Small,
    Middle,
    Large,
}

/// The same call on the tables of the sort at hand.
macro_rules! of_sort {
    ($world:ident => $call:ident($($argument:expr),*)) => {
        match $world.sort {
            Sort::Small => $world.small.$call($($argument),*),
            Sort::Middle => $world.middle.$call($($argument),*),
            Sort::Large => $world.large.$call($($argument),*),
        }
    };
}

impl World for TableWorld {
    type Operation = Operation;

    fn new() -> Self {
        TableWorld {
            sort: Sort::Small,
            small: Tables::new(),
            middle: Tables::new(),
            large: Tables::new(),
        }
    }

    fn open(&mut self, header: &Header, _run: &mut Run) {
        self.sort = [Sort::Small, Sort::Middle, Sort::Large][header.index(RECORD)];
        of_sort!(self => open(header));
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Result<(), Divergence> {
        of_sort!(self => apply(operation, run))
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), Divergence> {
        of_sort!(self => finish(run))
    }

    fn describe(&self) -> Vec<String> {
        of_sort!(self => describe())
    }
}

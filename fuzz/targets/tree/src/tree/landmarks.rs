//! Finds the keys that an operation names by a landmark: the ends of tables and blocks, and live
//! keys.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::manifest::{TableInfo, Visibility};

use super::tested::Tested;
use downbeat::input::encoding::{Edge, EdgeKind, TableEnd};
use downbeat::records::{Versioned, narrow};
use downbeat_model::format::index;
use downbeat_storage_targets::book::{self, core_key};

/// A live key is chosen from the first records, at most this many, so that the search is short even
/// in a store of production size.
const LIVE_MAX: usize = 1024;

impl<R: Versioned> Tested<R> {
    /// The smallest or the largest key of a table.
    pub(super) fn table_end(&self, end: TableEnd) -> Option<u64> {
        let level = self.store.tree().manifest().levels().get(usize::from(end.level))?;
        let count = level.table_count() as usize;
        let place = usize::from(end.table).checked_rem(count)?;
        let table = level.tables(Visibility::Any, Direction::Ascending, None).nth(place)?.table;
        narrow::<R>(if end.is_last { table.key_max } else { table.key_min })
    }

    /// A live key or the key at an end of a value block, moved by `edge.distance`.
    pub(super) fn edge(&self, edge: Edge) -> Option<u64> {
        let key = match edge.kind {
            EdgeKind::Live => {
                let place = edge.place(self.model.len().min(LIVE_MAX))?;
                self.model.range(0, u64::MAX).nth(place)?.0
            }
            EdgeKind::BlockFirst | EdgeKind::BlockLast => self.block_end(edge)?,
        };
        Some(key.wrapping_add_signed(edge.distance.into()))
    }

    /// The first or the last key of a value block, which may be in any table.
    fn block_end(&self, edge: Edge) -> Option<u64> {
        let levels = self.store.tree().manifest().levels();
        let count = levels.iter().map(|level| level.table_count() as usize).sum();
        let tables = levels
            .iter()
            .flat_map(|level| level.tables(Visibility::Any, Direction::Ascending, None));
        let table = *tables.map(|found| found.table).nth(edge.place(count)?)?;
        self.end_in_table(&table, edge)
    }

    /// The first or the last key of a value block of this table. Reads the index of the table
    /// as if no sector were damaged. Returns `None` if the index was not written yet.
    fn end_in_table(&self, table: &TableInfo<R::Key>, edge: Edge) -> Option<u64> {
        let mut book = self.book.borrow_mut();
        let sizes = *book.sizes();
        let image = self.store.grid().storage().image();
        // The level is not in the index.
        let table = book::table(0, table);
        let block = book.block(image, table.index).ok()?;
        let elements = index::read(block, &sizes, &table).ok()?;
        let element = elements[usize::from(edge.number) % elements.len()];
        let is_last = edge.kind == EdgeKind::BlockLast;
        narrow::<R>(core_key(if is_last { element.key_max } else { element.key_min }))
    }
}

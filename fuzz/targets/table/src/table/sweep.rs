//! Compares all tables: every record, in both directions, every edge, every block; and the sizes of
//! the layout.

use downbeat_lsm::table::TableLayout;

use super::tables::Tables;
use downbeat::check::same;
use downbeat::failure::Divergence;
use downbeat::model::table::{Geometry, book};
use downbeat::records::Versioned;
use downbeat::run::Run;

impl<R: Versioned> Tables<R> {
    pub(super) fn sweep_all(&mut self, run: &mut Run) -> Result<(), Divergence> {
        layout_is(&self.layout, &self.geometry)?;
        for place in 0..self.shelf.len() {
            self.verify(place, run)?;
            self.ask_index(place, run)?;
            self.scan(place, 0, u64::MAX, run)?;
            self.get_edges(place, run)?;
        }
        Ok(())
    }

    /// Describes the table that is being built and those that were built.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} records in {} value blocks are being built",
            self.building.records().len(),
            self.blocks.len(),
        )];
        for (number, built) in self.shelf.iter().rev().enumerate() {
            let blocks: Vec<String> = (0..built.model.block_count())
                .map(|number| {
                    let block = built.model.block(number);
                    let (first, last) = (block[0], block[block.len() - 1]);
                    format!("[{:#x}..{:#x}] {}", first.key, last.key, block.len())
                })
                .collect();
            lines.push(format!("table {number}: {}", blocks.join("  ")));
        }
        lines
    }
}

/// Checks the sizes of the layout.
fn layout_is(layout: &TableLayout, geometry: &Geometry) -> Result<(), Divergence> {
    let expected = [
        geometry.block_values(),
        geometry.blocks(),
        geometry.values(),
        book::index_size(geometry),
        Geometry::HEADER + book::index_size(geometry),
    ];
    let got = [
        layout.block_value_count_max() as usize,
        layout.value_block_count_max() as usize,
        layout.value_count_max_on_disk() as usize,
        layout.index_body_size(),
        layout.index_block_size(),
    ];
    same("layout-equals-format", expected, got)
        .or("the sizes of the layout differ from the format's")
}

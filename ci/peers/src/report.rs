//! The tables: a row for each figure, a column for each engine.

use comfy_table::{CellAlignment, Table, presets};

use crate::Shape;
use crate::engines::Name;
use crate::phases::{Figure, Sizes};
use crate::rounds::Figures;

/// The table of a shape of records, in Markdown. Times are CPU time for a record.
pub(crate) fn table(shape: Shape, sizes: Sizes, engines: &[Name], figures: &Figures) -> String {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    let title = format!("{} records of {} bytes", sizes.records, shape.bytes());
    let names = engines.iter().map(|engine| engine.name().to_owned());
    table.set_header(std::iter::once(title).chain(names));
    for (figure, _, description) in Figure::ALL {
        let cells = engines.iter().map(|engine| match figures.get(&(*engine, figure)) {
            None => "-".to_owned(),
            Some(value) if *value < 10.0 => format!("{value:.2}"),
            Some(value) => format!("{value:.0}"),
        });
        table.add_row(std::iter::once(description.to_owned()).chain(cells));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

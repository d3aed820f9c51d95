//! Tests that `FORMAT.md`, in these tests "the page", describes the bytes that the code writes.
//!
//! Files: `page` reads the tables of the page; `fields` compares each field, `sizes` the zones and
//! limits, `examples` the bytes shown on the page. `reader` reads a whole file with only the
//! information on the page, and `whole_file` checks that the reader finds all records.

mod examples;
mod fields;
mod page;
mod reader;
mod sizes;
mod whole_file;

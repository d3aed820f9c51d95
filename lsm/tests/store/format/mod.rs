//! `FORMAT.md` says what the code writes.
//!
//! Files: `page` reads the tables of the page; `fields` compares each field, `sizes` zones and
//! limits, `examples` the bytes that the page shows; `reader` reads a whole file by the page alone,
//! and `whole_file` checks that it finds what was put.

mod examples;
mod fields;
mod page;
mod reader;
mod sizes;
mod whole_file;

//! Tests of the manifest, at its public API.

mod level;
mod level_against_a_plain_list;
mod level_refusals;
#[path = "../random/mod.rs"]
mod random;
mod room;
mod table;
mod table_info;

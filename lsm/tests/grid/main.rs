//! Tests of the grid, at its public API.

mod blocks;
mod free_set;
mod free_set_against_a_plain_list;
mod free_set_checkpoint;
mod free_set_refusals;
#[path = "../random/mod.rs"]
mod random;

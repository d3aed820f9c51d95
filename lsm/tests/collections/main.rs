//! Tests of the collections, at their public API.

mod cache_map;
mod cache_map_against_a_plain_map;
mod cache_map_refusals;
mod cache_map_scope;
mod node_pool;
mod number;
mod options;
#[path = "../random/mod.rs"]
mod random;
mod record;
mod segmented_array;
mod segmented_array_against_a_plain_vector;
mod segmented_array_refusals;
mod set_associative_cache;
mod shown;
mod sorted_segmented_array;

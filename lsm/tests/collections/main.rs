//! The behaviour of the collections, at their public API.

mod cache_map;
mod cache_map_against_a_plain_map;
mod cache_map_refusals;
mod cache_map_scope;
mod options;
mod record;
mod set_associative_cache;

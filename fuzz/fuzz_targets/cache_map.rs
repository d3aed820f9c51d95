//! The cache map under libFuzzer.
#![no_main]

downbeat_fuzz::target!("cache_map");

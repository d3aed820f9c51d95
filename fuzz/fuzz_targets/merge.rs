//! Merges of sorted streams under libFuzzer.
#![no_main]

downbeat_fuzz::target!("merge");

//! The tables in memory of a tree under libFuzzer.
#![no_main]

downbeat_fuzz::target!("table_memory");

//! Two trees in stores that differ in what must not matter, under libFuzzer.
#![no_main]

downbeat_fuzz::target!("tree_twin");

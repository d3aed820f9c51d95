//! Blocks of a store under libFuzzer.
#![no_main]

downbeat_fuzz::target!("tree");

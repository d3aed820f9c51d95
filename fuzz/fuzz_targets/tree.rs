//! A tree in a store under libFuzzer.
#![no_main]

downbeat_fuzz::target!("tree");

//! The free set under libFuzzer.
#![no_main]

downbeat_fuzz::target!("free_set");

//! The manifest log of a store under libFuzzer.
#![no_main]

downbeat_fuzz::target!("manifest_log");

//! Tables on disk under libFuzzer.
#![no_main]

downbeat_fuzz::target!("table");

//! The demonstration under libFuzzer.
#![no_main]

downbeat_fuzz::target!("demonstration");

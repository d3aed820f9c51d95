//! Segmented arrays under libFuzzer.
#![no_main]

downbeat_fuzz::target!("segmented_array");

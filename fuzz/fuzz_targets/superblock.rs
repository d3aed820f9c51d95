//! The superblock under libFuzzer.
#![no_main]

downbeat_fuzz::target!("superblock");

//! Levels of the manifest under libFuzzer.
#![no_main]

downbeat_fuzz::target!("manifest_level");

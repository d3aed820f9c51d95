//! Two trees in stores that differ in ways that must not affect the disk.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("tree_twin");

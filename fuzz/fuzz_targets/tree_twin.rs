//! Two trees in stores that differ in what must not matter,.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("tree_twin");

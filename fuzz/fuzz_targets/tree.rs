//! A tree in a store.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("tree");

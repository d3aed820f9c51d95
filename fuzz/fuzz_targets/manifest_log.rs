//! The manifest log of a store.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("manifest_log");

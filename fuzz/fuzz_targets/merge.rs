//! Merges of sorted streams.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("merge");

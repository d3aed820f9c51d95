//! Two grooves in a store: objects with unique keys and indexes.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("groove");

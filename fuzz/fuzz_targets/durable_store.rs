//! A tree with a log: every acknowledged batch is durable.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("durable_store");

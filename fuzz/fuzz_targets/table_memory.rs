//! The memtables of a tree.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("table_memory");

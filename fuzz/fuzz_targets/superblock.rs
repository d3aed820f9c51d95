//! The superblock.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("superblock");

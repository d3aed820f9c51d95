//! The cache map.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("cache_map");

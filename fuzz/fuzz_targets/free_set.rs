//! The free set.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("free_set");

//! Segmented arrays.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("segmented_array");

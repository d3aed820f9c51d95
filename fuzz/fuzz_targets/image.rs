//! A tree in a store with sizes of real use.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("image");

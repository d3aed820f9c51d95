//! A store on a device whose bytes are changed.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("image");

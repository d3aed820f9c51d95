//! Options of every part of the core.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("options");

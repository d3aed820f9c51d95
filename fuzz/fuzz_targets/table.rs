//! Tables on disk.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("table");

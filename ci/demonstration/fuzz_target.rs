//! The program of the target `demonstration`.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("demonstration");

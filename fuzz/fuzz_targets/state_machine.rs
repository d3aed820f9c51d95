//! A service: a state machine and the log of its requests.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("state_machine");

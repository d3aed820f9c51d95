//! Plain trees and grooves in a store, which repeats its history after a crash.
#![cfg_attr(feature = "libfuzzer", no_main)]

downbeat_fuzz::target!("forest");

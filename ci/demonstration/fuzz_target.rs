//! The demonstration under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input| downbeat::drivers::libfuzzer::execute("demonstration", input));

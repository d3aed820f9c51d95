//! The cache map under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|input| downbeat::drivers::libfuzzer::execute("cache_map", input));

#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    downbeat::drivers::libfuzzer::execute("demonstration", bytes);
});

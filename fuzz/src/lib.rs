//! What a libFuzzer target consists of, written once.
//!
//! [`target!`] makes the functions that libFuzzer calls: an execution, a mutation, a crossover.
//! `downbeat::drivers::libfuzzer` does the work.
#![cfg(feature = "libfuzzer")]

#[doc(hidden)]
pub use {downbeat, libfuzzer_sys};

/// Makes the program the libFuzzer target of this name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(|input: &[u8]| {
            $crate::downbeat::drivers::libfuzzer::execute($name, input);
        });

        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8],
                                              size: usize,
                                              max_size: usize,
                                              seed: u32| {
            $crate::downbeat::drivers::libfuzzer::mutate(
                $name,
                data,
                size,
                max_size,
                seed,
                $crate::libfuzzer_sys::fuzzer_mutate,
            )
        });

        $crate::libfuzzer_sys::fuzz_crossover!(|data1: &[u8],
                                                data2: &[u8],
                                                out: &mut [u8],
                                                seed: u32| {
            $crate::downbeat::drivers::libfuzzer::cross($name, data1, data2, out, seed)
        });
    };
}

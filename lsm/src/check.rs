//! The tiers of assertions.
//!
//! | Tier | Use | On when |
//! |---|---|---|
//! | `const { assert!(..) }` | relations of limits and sizes | compile time |
//! | `assert!` | argument, result, state: O(1) | always, in release too |
//! | `verify!` | a whole structure: O(n) | unit tests, and the feature `verify` |
//!
//! A `verify!` follows calls that change a structure as a whole. It does not follow each write,
//! because an O(n) check costs many times as much as the write. The fuzzers check the whole
//! structure at the end of each run. Integration tests need `--features verify`; `cargo test` of
//! the whole workspace turns it on.
//!
//! The message of an assertion starts with the component and a colon, followed by the requirement:
//! `cache_map: the stash is full ..`. The fuzzing suite names its findings by this prefix.
//!
//! A broken assertion is a bug and panics. Corruption and errors of the environment are values, not
//! assertions.

/// Evaluates a whole-structure check in unit tests and with the feature `verify`. Otherwise the
/// check is compiled but never runs.
macro_rules! verify {
    ($check:expr) => {
        if cfg!(any(test, feature = "verify")) {
            $check;
        }
    };
}

pub(crate) use verify;

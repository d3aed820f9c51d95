//! The tiers of assertions.
//!
//! | Tier | Use | On when |
//! |---|---|---|
//! | `const { assert!(..) }` | relations of limits and sizes | compile time |
//! | `assert!` | argument, result, state: O(1) | always, in release too |
//! | `verify!` | a whole structure: O(n) | unit tests, and the feature `verify` |
//!
//! A `verify!` stands behind calls that change the structure as a whole, not behind each write: there,
//! O(n) would cost many times the write itself, and the fuzzers sweep the whole at the end of each run.
//! Integration tests see it with `--features verify`, as `ci/test` runs them.
//!
//! Messages of assertions start with the component and a colon, then the requirement:
//! `cache_map: the stash is full ..`. Whoever collects failures can name them by that prefix.
//!
//! What this does not do: it reports nothing and recovers from nothing. A broken assertion is a bug
//! and panics; damaged data and a failing environment are values, and not for this file.

/// Evaluates a whole-structure check in unit tests and with the feature `verify`; otherwise the
/// check is compiled and dropped.
macro_rules! verify {
    ($check:expr) => {
        if cfg!(any(test, feature = "verify")) {
            $check;
        }
    };
}

pub(crate) use verify;

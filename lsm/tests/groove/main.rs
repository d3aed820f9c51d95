//! Tests of grooves in a forest, at their public API.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod accounts;
mod failing;
mod prefetch;
mod queries;

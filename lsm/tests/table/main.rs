//! Tests of tables on disk, at their public API.

#![allow(non_ascii_idents, reason = "zerocopy's derives make such names from those of fields")]

mod builder;
mod builder_refusals;
mod format;
mod layout;
mod lookup;
mod malformed;
mod records;
mod shelf;
mod verification;

//! Tests that hold for every target.

mod mutator;

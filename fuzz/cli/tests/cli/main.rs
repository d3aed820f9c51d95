//! Tests of the program `downbeat` from its command line.

mod bad_input;
mod commands;
mod corpora;
mod planted;
mod program;

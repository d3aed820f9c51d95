//! The program, as its users meet it.

mod bad_input;
mod commands;
mod corpora;
mod planted;
mod program;

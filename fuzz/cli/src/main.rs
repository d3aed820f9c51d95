//! The program `downbeat`. [`downbeat_cli::main`] says what its exit status means.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    downbeat_cli::main()
}

//! What is printed about a command line that is invalid.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Prints in one line why the command line is invalid. Help goes to standard output.
pub(crate) fn refuse(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // If standard output is closed, the error is ignored.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprintln!("downbeat: no command; try \"cargo downbeat fuzz\", or --help for a list");
            return ExitCode::from(2);
        }
        _ => {}
    }
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) if argument.starts_with('-') => {
            format!("{}: ", argument.split_whitespace().next().unwrap_or(""))
        }
        _ => String::new(),
    };
    match (error.kind(), std::error::Error::source(error)) {
        // These errors already contain a valid example or the known names.
        (ErrorKind::ValueValidation, Some(source)) => eprintln!("downbeat: {argument}{source}"),
        _ => eprintln!("downbeat: {}; try --help", summary(error)),
    }
    ExitCode::from(2)
}

/// The first line of clap's message, with the names of missing arguments from its later lines.
fn summary(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("").trim_start_matches("error: ").to_owned();
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(missing)) if first.ends_with(':') => {
            format!("{first} {}", missing.join(" "))
        }
        _ => first,
    }
}

//! The program `downbeat`: parses the command line, calls the suite and prints.
//!
//! The program links no target. It builds the program of a target when a command needs it.
//!
//! | exit status | meaning |
//! |---|---|
//! | 0 | success |
//! | 1 | a finding, or a check that failed |
//! | 2 | bad input or a missing tool; one line says what to do |
//! | 130 | interrupted |
//!
//! If several of these apply to a campaign, 1 takes precedence over 2, and 2 over 130.

#![forbid(unsafe_code)]

mod arguments;
mod ask;
mod commands;
mod interrupt;
mod live;
mod print;
mod watched_page;

use std::io;
use std::process::ExitCode;

use clap::Parser;
use downbeat_campaign::instrument::become_compiler_if_asked;
use downbeat_campaign::tether::become_command_if_asked;

use arguments::{Arguments, Command, CorpusCommand, EngineCommand};

/// How a command ended without an error.
enum Ended {
    Well,
    WithFinding,
    Interrupted,
}

/// Runs the program on the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    if let Err(error) = become_compiler_if_asked().and_then(|()| become_command_if_asked()) {
        eprintln!("downbeat: {error:#}");
        return ExitCode::from(2);
    }
    let arguments = match Arguments::try_parse_from(arguments::words(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => return arguments::refuse(&error),
    };
    match run(arguments.command) {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::WithFinding) => ExitCode::FAILURE,
        Ok(Ended::Interrupted) => ExitCode::from(130),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("downbeat: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> anyhow::Result<Ended> {
    match command {
        Command::List => commands::list::run(),
        Command::Fuzz(arguments) => commands::fuzz::run(&arguments),
        Command::Soak(arguments) => commands::soak::run(&arguments),
        Command::Sweep(arguments) => commands::sweep::run(&arguments),
        Command::Replay(arguments) => commands::replay::run(&arguments),
        Command::Show { target, input } => commands::show::run(target, &input),
        Command::Encode { target, text } => commands::encode::run(target, &text),
        Command::Seed(arguments) => commands::seed::run(&arguments),
        Command::Shrink(arguments) => commands::shrink::run(&arguments),
        Command::Triage(arguments) => commands::triage::run(&arguments),
        Command::Corpus { command } => match command {
            CorpusCommand::Stats(arguments) => commands::corpus::stats(&arguments),
            CorpusCommand::Merge(arguments) => commands::corpus::merge(&arguments),
            CorpusCommand::Migrate(arguments) => commands::corpus::migrate(&arguments),
            CorpusCommand::Minimize(arguments) => commands::corpus::minimize(&arguments),
        },
        Command::Parts(arguments) => commands::parts::run(&arguments),
        Command::Planted(arguments) => commands::planted::run(&arguments),
        Command::Compare(arguments) => commands::compare::run(&arguments),
        Command::Mutants(arguments) => commands::mutants::run(&arguments),
        Command::Engine { command: EngineCommand::New(arguments) } => {
            commands::engine::new(&arguments)
        }
        Command::Rediscover(arguments) => commands::rediscover::run(&arguments),
        Command::Doctor => commands::doctor::run(),
        Command::Coverage(arguments) => commands::coverage::run(arguments),
        Command::Report(arguments) => commands::report::run(&arguments),
        Command::Dictionary(arguments) => commands::generated::dictionary(&arguments),
        Command::Options(arguments) => commands::generated::options(&arguments),
    }
}

/// Whether the error is that the output is a pipe whose reader has closed it.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

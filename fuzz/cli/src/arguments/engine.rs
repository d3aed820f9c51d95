//! The arguments of `downbeat engine`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum EngineCommand {
    /// Writes a repository with a small engine, its adapter and a README
    New(NewEngineArguments),
}

#[derive(Args)]
pub(crate) struct NewEngineArguments {
    /// The folder of the repository, which is empty or does not exist
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The name of the engine
    #[arg(long, default_value = "toy")]
    pub(crate) name: String,
    /// The address of Downbeat's git repository, to depend on it in place of this checkout
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) git: Option<String>,
}

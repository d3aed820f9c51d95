//! The engines.

mod downbeat;
mod fjall;
mod lmdb;
mod lsm_tree;
mod redb;
#[cfg(feature = "rocksdb")]
mod rocksdb;

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use crate::phases::{self, Load, Sizes};
use crate::records::Shaped;

/// The name of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Name {
    Downbeat,
    Fjall,
    LsmTree,
    Redb,
    Lmdb,
    #[cfg(feature = "rocksdb")]
    Rocksdb,
}

impl Name {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Downbeat => "downbeat",
            Self::Fjall => "fjall",
            Self::LsmTree => "lsm-tree",
            Self::Redb => "redb",
            Self::Lmdb => "lmdb",
            #[cfg(feature = "rocksdb")]
            Self::Rocksdb => "rocksdb",
        }
    }
}

/// Runs the phases on an engine, and prints its figures.
pub(crate) fn run<R: Shaped>(name: Name, directory: &Path, sizes: Sizes, load: Load) -> Result<()> {
    match name {
        Name::Downbeat => phases::run::<R, downbeat::Downbeat<R>>(directory, sizes, load),
        Name::Fjall => phases::run::<R, fjall::Fjall>(directory, sizes, load),
        Name::LsmTree => phases::run::<R, lsm_tree::LsmTree>(directory, sizes, load),
        Name::Redb => phases::run::<R, redb::Redb>(directory, sizes, load),
        Name::Lmdb => phases::run::<R, lmdb::Lmdb>(directory, sizes, load),
        #[cfg(feature = "rocksdb")]
        Name::Rocksdb => phases::run::<R, rocksdb::RocksDb>(directory, sizes, load),
    }
}

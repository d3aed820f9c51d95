//! The swept inputs, stored in `target/sweep/TARGET` with one key per line.
//!
//! A key is a hash of the input and of the program that swept it. A line that is incomplete,
//! because its sweep was killed, matches no input.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::hash::Hasher;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use downbeat_protocol::project::Project;
use twox_hash::XxHash64;

use crate::program::Program;

/// The swept inputs.
#[derive(Debug)]
pub(super) struct Progress {
    path: PathBuf,
    file: File,
    program: u64,
    keys: HashSet<String>,
}

impl Progress {
    pub(super) fn open(project: &Project, program: &Program, fresh: bool) -> Result<Self> {
        let folder = project.build().join("sweep");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let path = folder.join(program.name());
        let reason = || format!("cannot open the progress of the sweep in {}", path.display());
        let mut options = OpenOptions::new();
        options.create(true);
        if fresh {
            options.write(true).truncate(true)
        } else {
            options.append(true)
        };
        let file = options.open(&path).with_context(reason)?;
        let keys = std::fs::read_to_string(&path).with_context(reason)?;
        let keys = keys.lines().map(str::to_owned).collect();
        let program = std::fs::read(program.path());
        let program = hash(&program.context("cannot read the program of the target")?, 0);
        Ok(Progress { path, file, program, keys })
    }

    fn key(&self, bytes: &[u8]) -> String {
        format!("{:016x}", hash(bytes, self.program))
    }

    pub(super) fn is_swept(&self, bytes: &[u8]) -> bool {
        self.keys.contains(&self.key(bytes))
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let key = self.key(bytes);
        writeln!(self.file, "{key}")
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        self.keys.insert(key);
        Ok(())
    }
}

fn hash(bytes: &[u8], seed: u64) -> u64 {
    let mut hasher = XxHash64::with_seed(seed);
    hasher.write(bytes);
    hasher.finish()
}

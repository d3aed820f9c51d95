//! Prints a digest of the runs of each committed corpus. A change that is not meant to change
//! behaviour must not change the digests.
//!
//! ```text
//! cargo run --package downbeat-targets --example digests
//! ```

use std::hash::Hasher;
use std::path::Path;

use downbeat::project::Project;
use downbeat_targets::TARGETS;
use rustc_hash::FxHasher;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::at(here.ancestors().nth(2).expect("fuzz/targets is two folders down"));
    for target in TARGETS {
        let folder = project.corpus(target.name()).read_dir().expect("a target has a corpus");
        let mut files: Vec<_> = folder.map(|file| file.expect("an entry").path()).collect();
        files.sort();
        let mut runner = target.runner();
        let mut digest = FxHasher::default();
        for file in &files {
            let verdict = runner.judge(&std::fs::read(file).expect("an input"), false);
            digest.write_u64(verdict.run.digest());
            digest.write_u64(u64::from(verdict.failure.is_some()));
        }
        println!("{:<16} {:4} inputs  {:016x}", target.name(), files.len(), digest.finish());
    }
}

//! Patches and outcomes for the tests of this folder.

use std::path::Path;

use super::outcome::{Found, Outcome};
use super::patch::Patch;

/// The outcome of a search with ten executions per CPU second. `found` is the check that found the
/// bug and the number of operations that are left.
pub(super) fn outcome(executions: u64, found: Option<(&str, usize)>) -> Outcome {
    let found = found.map(|(check, operations)| Found {
        check: check.to_owned(),
        operations,
        fails_without_patch: None,
    });
    Outcome { cpu_seconds: executions as f64 / 10.0, executions, found }
}

/// A patch of the file `a` that adds this line.
pub(super) fn patch(slug: &str, line: &str) -> Patch {
    patch_of("a", slug, line)
}

/// A patch of a file that adds this line.
pub(super) fn patch_of(file: &str, slug: &str, line: &str) -> Patch {
    let path = format!("fuzz/planted/cache_map/{slug}.patch");
    let text = format!(
        "# {path}\n# what w\n# seen shape: s\n# target cache_map\n\
         # expect check cache_map/expected\n# difficulty e\n\
         --- a/lsm/src/{file}.rs\n+++ b/lsm/src/{file}.rs\n@@ -1 +1 @@\n-a\n+{line}\n"
    );
    Patch::parse(Path::new(&path), &text).expect("well-formed")
}

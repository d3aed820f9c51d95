//! The check that every patch applies and compiles.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use downbeat_protocol::project::Project;

use super::checkout::{Checkout, Verdict};
use super::patch::Patch;
use super::watcher::Watcher;

/// Checks that every patch applies and that the core compiles with it. Returns whether all patches
/// are good, or `None` if interrupted.
///
/// # Errors
///
/// Returns an error if a folder cannot be written, git or cargo cannot be started, or the watcher
/// fails.
pub fn check(
    project: &Project,
    patches: &[Patch],
    watcher: &mut dyn Watcher,
    stop: &AtomicBool,
) -> Result<Option<bool>> {
    let checkout = Checkout::open(project)?;
    let mut good = true;
    for batch in batches(patches) {
        watcher.doing(&format!("compiling the core with {} of the bugs", batch.len()))?;
        let verdicts = match checkout.check(&batch, stop) {
            Err(_) if stop.load(Ordering::Relaxed) => return Ok(None),
            verdicts => verdicts?,
        };
        for (patch, verdict) in batch.iter().zip(&verdicts) {
            good &= *verdict == Verdict::Good;
            watcher.verdict(patch, verdict)?;
        }
    }
    Ok(Some(good))
}

/// Groups patches into batches. No two patches of a batch change the same file.
fn batches(patches: &[Patch]) -> Vec<Vec<&Patch>> {
    let mut batches: Vec<Vec<&Patch>> = Vec::new();
    for patch in patches {
        let fits = |batch: &&mut Vec<&Patch>| {
            let mut taken = batch.iter().flat_map(|other| other.files());
            taken.all(|file| patch.files().all(|own| own != file))
        };
        match batches.iter_mut().find(fits) {
            Some(batch) => batch.push(patch),
            None => batches.push(vec![patch]),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::super::fixture::patch_of;
    use super::*;

    #[test]
    fn patches_that_are_compiled_together_change_different_files() {
        let patches = [
            ("a", "one"),
            ("a", "two"),
            ("b", "three"),
            ("c", "four"),
            ("b", "five"),
            ("b", "six"),
        ]
        .map(|(file, slug)| patch_of(file, slug, "b"));
        let slugs: Vec<Vec<&str>> = batches(&patches)
            .iter()
            .map(|batch| batch.iter().map(|patch| &*patch.slug).collect())
            .collect();
        assert_eq!(slugs, [vec!["one", "three", "four"], vec!["two", "five"], vec!["six"]]);
        assert!(batches(&[]).is_empty());
    }
}

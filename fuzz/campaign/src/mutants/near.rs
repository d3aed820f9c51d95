//! The targets on which a mutant is tried: those whose planted bugs are in the same file, then
//! those whose planted bugs are in the same folder, then `tree`.

use downbeat_protocol::Listing;
use downbeat_protocol::registry::{TARGETS, TREE};

use crate::planted::Patch;

/// The maximum number of targets of a mutant.
const TARGETS_MAX: usize = 6;

/// The targets for a mutant of this file, the nearest first.
pub(super) fn targets(file: &str, patches: &[Patch]) -> Vec<&'static Listing> {
    let folder = folder(file);
    let mut near: Vec<(usize, usize, &'static Listing)> = Vec::new();
    for target in TARGETS {
        let own = || patches.iter().filter(|patch| patch.target == target);
        let in_file = own().filter(|patch| patch.files().any(|it| it == file)).count();
        let in_folder =
            own().filter(|patch| patch.files().any(|it| self::folder(it) == folder)).count();
        if in_folder > 0 || *target == TREE {
            near.push((in_file, in_folder, target));
        }
    }
    // The sort is stable: of equally near targets, the one that is first in the registry is tried
    // first.
    near.sort_by_key(|(in_file, in_folder, _)| std::cmp::Reverse((*in_file, *in_folder)));
    near.into_iter().map(|(_, _, target)| target).take(TARGETS_MAX).collect()
}

/// The folder of a component: the first one below `lsm/src`.
fn folder(file: &str) -> &str {
    file.strip_prefix("lsm/src/")
        .and_then(|file| file.split_once('/'))
        .map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn patch(target: &str, file: &str) -> Patch {
        let path = format!("fuzz/planted/{target}/slug.patch");
        let text = format!(
            "# {path}\n# what w\n# seen shape: s\n# target {target}\n# expect check a/b\n\
             # difficulty e\n--- a/{file}\n+++ b/{file}\n"
        );
        Patch::parse(Path::new(&path), &text).expect("well-formed")
    }

    #[test]
    fn targets_with_bugs_in_the_file_come_before_those_with_bugs_in_the_folder() {
        let patches = [
            patch("grid", "lsm/src/grid/cache.rs"),
            patch("image", "lsm/src/grid/cache.rs"),
            patch("free_set", "lsm/src/grid/free_set/mod.rs"),
            patch("merge", "lsm/src/merge/mod.rs"),
        ];
        let names = |file| -> Vec<&str> {
            targets(file, &patches).iter().map(|target| target.name).collect()
        };
        assert_eq!(names("lsm/src/grid/free_set/mod.rs"), ["free_set", "grid", "image", "tree"]);
        assert_eq!(names("lsm/src/grid/mod.rs"), ["free_set", "grid", "image", "tree"]);
        assert_eq!(names("lsm/src/merge/fold.rs"), ["merge", "tree"]);
        assert_eq!(names("lsm/src/check.rs"), ["tree"]);
    }
}

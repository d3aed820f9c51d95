//! A known bug of a released version of an engine.
//!
//! ```text
//! # fuzz/engine/known/redb-inverted-range.txt
//! # what      a range whose start is above its end is read from its start on
//! # seen      the changelog of redb 3.0.1
//! # engine    redb
//! # version   3.0.0
//! # fixed     3.0.1
//! # expect    check engine/inverted-scan-equals-model or engine/remove-range-equals-model
//! ```
//!
//! Each line occurs once, in this order. `engine` is an adapter. `fixed` is the first version
//! without the bug, or `none`. Two more lines may follow:
//!
//! - `# without transact restore` names operations that are left out of the search, because another
//!   bug in them would hide this one.
//! - `# with smallvec =1.0.0` names a version of a dependency, if the engine does not compile with
//!   the newest one.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;

use crate::adapters;

/// A known bug.
#[derive(Clone, Debug)]
pub struct Known {
    /// The file name without its extension.
    pub slug: String,
    /// What is wrong.
    pub what: String,
    /// Where the bug was reported or described.
    pub seen: String,
    /// The adapter of the engine.
    pub adapter: &'static Listing,
    /// A version with the bug.
    pub version: String,
    /// The first version without the bug, if there is one.
    pub fixed: Option<String>,
    /// The checks that may report the bug.
    pub expect: Vec<String>,
    /// The operations that are left out of the search, with commas between them.
    pub without: String,
    /// A dependency of the engine and the version that it needs.
    pub with: Option<(String, String)>,
}

impl Known {
    /// Parses the text of the file `slug`.
    fn parse(project: &Project, slug: &str, text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let title = format!("# fuzz/engine/known/{slug}.txt");
        ensure!(lines.next() == Some(&title), "the first line must be \"{title}\"");
        let mut field = |name: &str| {
            let line = lines.next().unwrap_or("");
            let rest = line.strip_prefix("# ").and_then(|line| line.strip_prefix(name));
            let value = rest.map(str::trim).filter(|value| !value.is_empty());
            value
                .map(str::to_owned)
                .with_context(|| format!("there must be a line \"# {name} ...\""))
        };
        let (what, seen, engine) = (field("what")?, field("seen")?, field("engine")?);
        let (version, fixed, expect) = (field("version")?, field("fixed")?, field("expect")?);
        let rest: Vec<&str> = lines.collect();
        let optional = |name: &str| {
            let line = rest.iter().find_map(|line| line.strip_prefix("# ")?.strip_prefix(name));
            line.map(str::trim).unwrap_or_default()
        };
        let without = optional("without ").replace(' ', ",");
        let with = optional("with ").split_once(' ');
        let Some(adapter) = adapters::find(project, &engine) else {
            bail!("there is no adapter \"{engine}\"")
        };
        let checks =
            expect.strip_prefix("check ").context("\"expect\" must begin with \"check\"")?;
        Ok(Known {
            slug: slug.to_owned(),
            what,
            seen,
            adapter,
            version,
            fixed: Some(fixed).filter(|fixed| fixed != "none"),
            expect: checks.split(" or ").map(str::to_owned).collect(),
            without,
            with: with.map(|(name, version)| (name.to_owned(), version.trim().to_owned())),
        })
    }
}

/// Reads all known bugs, in the order of their names.
///
/// # Errors
///
/// Returns an error if a file cannot be read or is malformed.
pub fn known(project: &Project) -> Result<Vec<Known>> {
    let folder = project.known_bugs();
    let reason = || format!("cannot read the folder {}", folder.display());
    let mut bugs = Vec::new();
    for entry in folder.read_dir().with_context(reason)? {
        let path = entry.with_context(reason)?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            bugs.push(read(project, &path)?);
        }
    }
    bugs.sort_by(|one, other| one.slug.cmp(&other.slug));
    Ok(bugs)
}

fn read(project: &Project, path: &Path) -> Result<Known> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    let slug = path.file_stem().unwrap_or_default().to_string_lossy();
    Known::parse(project, &slug, &text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_all_lines_in_order_and_an_adapter_that_exists() {
        let root = tempfile::tempdir().expect("a folder");
        let project = Project::at(root.path());
        let adapter = project.adapters().join("redb");
        std::fs::create_dir_all(&adapter).expect("a folder");
        std::fs::write(adapter.join("Cargo.toml"), "").expect("a file");
        let text = |engine: &str| {
            format!(
                "# fuzz/engine/known/a.txt\n# what      w\n# seen      s\n# engine    {engine}\n\
                 # version   1.0.0\n# fixed     none\n# expect    check engine/a or engine/b\n"
            )
        };
        let known = Known::parse(&project, "a", &text("redb")).expect("well-formed");
        assert_eq!((known.adapter.name, known.fixed), ("redb", None));
        assert_eq!(known.expect, ["engine/a", "engine/b"]);
        assert_eq!(known.without, "");
        let known = Known::parse(&project, "a", &format!("{}# without   put get\n", text("redb")));
        assert_eq!(known.expect("well-formed").without, "put,get");
        assert!(Known::parse(&project, "b", &text("redb")).is_err());
        assert!(Known::parse(&project, "a", &text("other")).is_err());
        assert!(Known::parse(&project, "a", &text("redb").replace("# seen      s\n", "")).is_err());
    }
}

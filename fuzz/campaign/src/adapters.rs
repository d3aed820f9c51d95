//! Adapters: targets that are engines of others, behind the trait of `fuzz/engine`.
//!
//! An adapter is a folder in `fuzz/engine/adapters`, which is a workspace of its own. The folder's
//! name is the name of the target, of its program and, with `downbeat-` before it, of its package.
//! The workspace pins the version of each engine. An adapter can also be built with another version
//! of its engine: then a copy of the adapter, with a workspace that pins that version, is in
//! `target/engines/versions`.
//!
//! In a repository outside of Downbeat, the adapters are the programs of its package `fuzz`.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use downbeat_protocol::project::Project;
use downbeat_protocol::{Budget, Listing};

/// The line of the workspace's manifest that lists the crates to instrument.
const INSTRUMENT: &str = "instrument = [";

/// The names of all adapters, in order.
#[must_use]
pub fn names(project: &Project) -> Vec<String> {
    if project.is_outside() {
        return programs(&read(&project.adapters().join("Cargo.toml")).unwrap_or_default());
    }
    let entries = project.adapters().read_dir().into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().join("Cargo.toml").is_file());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The names of the programs in the manifest of a package.
fn programs(manifest: &str) -> Vec<String> {
    let tables = manifest.split("[[bin]]\n").skip(1);
    let names = tables.filter_map(|table| {
        let line = table.lines().find_map(|line| line.strip_prefix("name = \""))?;
        Some(line.strip_suffix('"')?.to_owned())
    });
    names.collect()
}

/// All adapters, in the order of their names.
#[must_use]
pub fn all(project: &Project) -> Vec<&'static Listing> {
    names(project).iter().filter_map(|name| find(project, name)).collect()
}

/// Finds an adapter by its name.
#[must_use]
pub fn find(project: &Project, name: &str) -> Option<&'static Listing> {
    static FOUND: Mutex<Vec<&'static Listing>> = Mutex::new(Vec::new());
    if !names(project).iter().any(|known| known == name) {
        return None;
    }
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(listing) = found.iter().find(|listing| listing.name == name) {
        return Some(listing);
    }
    // A listing is as long-lived as the registry. A process uses few of them.
    let listing: &'static Listing = Box::leak(Box::new(Listing {
        name: name.to_owned().leak(),
        about: format!("the engine {name}, compared with an ordered map").leak(),
        has_device: true,
        is_adapter: true,
        budget: Budget::ENGINE,
    }));
    found.push(listing);
    Some(listing)
}

/// The crates that are instrumented for libFuzzer, with commas between them.
pub(crate) fn instrumented(project: &Project) -> Result<String> {
    let text = read(&project.adapters().join("Cargo.toml"))?;
    let listed = text.lines().find_map(|line| line.strip_prefix(INSTRUMENT)?.strip_suffix(']'));
    let listed =
        listed.with_context(|| format!("the adapters' manifest has no line {INSTRUMENT}"))?;
    Ok(listed.replace(['"', ' '], ""))
}

/// Makes a workspace with one adapter and a version of its engine. `with` pins a dependency of the
/// engine, too. Returns the folder of the workspace.
///
/// # Errors
///
/// Returns an error if the adapters' manifest does not pin the engine, or a file cannot be copied.
pub(crate) fn workspace_of_version(
    project: &Project,
    adapter: &Listing,
    version: &str,
    with: Option<(&str, &str)>,
) -> Result<PathBuf> {
    let from = project.adapters();
    let to = project.build().join("engines/versions").join(format!("{}-{version}", adapter.name));
    let manifest = read(&from.join("Cargo.toml"))?;
    let manifest = pinned(&manifest, adapter.name, version)?
        .replace("path = \"..\"", &format!("path = {:?}", project.adapters().join("..")));
    write_if_new(&to.join("Cargo.toml"), &manifest)?;
    if !to.join("Cargo.lock").is_file() {
        write_if_new(&to.join("Cargo.lock"), &read(&from.join("Cargo.lock"))?)?;
    }
    for file in ["Cargo.toml", "src/lib.rs", "src/main.rs"] {
        let file = Path::new(adapter.name).join(file);
        let mut text = read(&from.join(&file))?;
        if let (Some((name, version)), true) = (with, file.ends_with("Cargo.toml")) {
            // The last table of the file has the dependencies.
            text.push_str(&format!("{name} = {version:?}\n"));
        }
        write_if_new(&to.join(&file), &text)?;
    }
    Ok(to)
}

/// The manifest of a workspace with only this adapter, and this version of its engine.
fn pinned(manifest: &str, adapter: &str, version: &str) -> Result<String> {
    let mut was_pinned = false;
    let mut out = String::new();
    let mut lines = manifest.lines();
    while let Some(line) = lines.next() {
        let mut line = line.to_owned();
        if line == "members = [" {
            // The rest of the list.
            lines.find(|line| *line == "]");
            line = format!("members = [{adapter:?}]");
        }
        if line.starts_with(&format!("{adapter} = "))
            && let Some((before, rest)) = line.split_once("\"=")
            && let Some((_, after)) = rest.split_once('"')
        {
            line = format!("{before}\"={version}\"{after}");
            was_pinned = true;
        }
        out.push_str(&line);
        out.push('\n');
    }
    if !was_pinned {
        bail!("the adapters' manifest has no line {adapter} = \"=VERSION\"");
    }
    Ok(out)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a file unless it has this text already, so that cargo does not build again.
fn write_if_new(path: &Path, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let reason = || format!("cannot write {}", path.display());
    std::fs::create_dir_all(path.parent().expect("a file is in a folder")).with_context(reason)?;
    std::fs::write(path, text).with_context(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_replaces_only_the_version_of_the_engine() {
        let manifest = "members = [\n  \"a\",\n  \"b\",\n]\n[workspace.dependencies]\na = \"=1.0.0\"\n\
                        b = { package = \"bee\", version = \"=2.0.0\", features = [\"c\"] }\n";
        let expected = "members = [\"b\"]\n[workspace.dependencies]\na = \"=1.0.0\"\n\
                        b = { package = \"bee\", version = \"=1.9.9\", features = [\"c\"] }\n";
        assert_eq!(pinned(manifest, "b", "1.9.9").expect("it is pinned"), expected);
        assert!(pinned(manifest, "c", "1.0.0").is_err());
    }
}

//! The registry lists exactly the compiled targets, in their order, and the files of each target
//! exist.

use crate::corpora;
use std::collections::BTreeSet;

use downbeat::registry;
use downbeat_targets::TARGETS;

/// The names of the `[[bin]]`s of `fuzz/Cargo.toml`, in its order.
fn programs(manifest: &str) -> Vec<&str> {
    let tables = manifest.split("[[bin]]\n").skip(1);
    let names = tables.map(|table| table.strip_prefix("name = \"")?.split('"').next());
    names.map(|name| name.expect("a [[bin]] begins with its name")).collect()
}

#[test]
fn the_registry_the_compiled_targets_and_the_programs_are_the_same_in_the_same_order() {
    let listed: Vec<&str> = registry::TARGETS.iter().map(|listing| listing.name).collect();
    let compiled: Vec<&str> = TARGETS.iter().map(|target| target.name()).collect();
    assert_eq!(compiled, listed, "downbeat_targets::TARGETS");
    let fuzz = corpora::project().root().join("fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).expect("fuzz/Cargo.toml");
    assert_eq!(programs(&manifest), listed, "the [[bin]]s of fuzz/Cargo.toml");
    let files = corpora::files(&fuzz.join("fuzz_targets"));
    let files: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    let mut expected: Vec<String> = listed.iter().map(|name| format!("{name}.rs")).collect();
    expected.sort();
    assert_eq!(files, expected, "the files of fuzz_targets");
}

#[test]
fn every_target_has_the_listing_of_its_name_and_a_program_that_names_it() {
    let fuzz = corpora::project().root().join("fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).expect("fuzz/Cargo.toml");
    for target in TARGETS {
        let name = target.name();
        assert_eq!(registry::find(name), Some(target.listing()));
        let source = std::fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs")))
            .unwrap_or_else(|error| panic!("fuzz_targets/{name}.rs: {error}"));
        assert!(source.contains(&format!("\"{name}\"")), "fuzz_targets/{name}.rs names another");
        let path = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
        assert!(manifest.contains(&path), "the [[bin]] {name} has another file");
    }
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name()).collect();
    assert_eq!(names.len(), TARGETS.len());
    for target in TARGETS {
        let facts = target.facts();
        let events: BTreeSet<&String> = facts.events.iter().collect();
        assert_eq!(events.len(), facts.events.len(), "{}", target.name());
        let kinds: BTreeSet<&String> = facts.kinds.iter().collect();
        assert_eq!(kinds.len(), facts.kinds.len(), "{}", target.name());
    }
}

//! From its row in the registry a target gets all that it needs; what lies in files is there.

use crate::corpora;
use std::collections::BTreeSet;

use downbeat::TARGETS;
use downbeat::run::EVENTS_MAX;

#[test]
fn every_target_has_its_fuzz_target_and_its_program() {
    let fuzz = corpora::project().root().join("fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).expect("fuzz/Cargo.toml");
    for target in TARGETS {
        let name = target.name();
        let source = std::fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs")))
            .unwrap_or_else(|error| panic!("fuzz_targets/{name}.rs: {error}"));
        assert!(source.contains(&format!("\"{name}\"")), "fuzz_targets/{name}.rs names another");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "no [[bin]] {name}");
    }
    let bins = manifest.matches("[[bin]]").count();
    assert_eq!(bins, TARGETS.len(), "`cargo fuzz list` lists targets, and all of them");
}

#[test]
fn names_are_unique_and_tables_are_within_their_bounds() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name()).collect();
    assert_eq!(names.len(), TARGETS.len());
    for target in TARGETS {
        assert!(target.events().len() <= EVENTS_MAX);
        let events: BTreeSet<&str> = target.events().iter().copied().collect();
        assert_eq!(events.len(), target.events().len(), "{}", target.name());
        let kinds: BTreeSet<&str> = target.kinds().iter().map(|kind| kind.name).collect();
        assert_eq!(kinds.len(), target.kinds().len(), "{}", target.name());
    }
}

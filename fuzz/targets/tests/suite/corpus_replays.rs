//! The committed corpora pass, stay within their bounds, and are named by their content. Bugs that
//! were found once stay fixed.

use crate::corpora;
use downbeat::statistics::Statistics;
use downbeat::{corpus, gate};
use downbeat_targets::{TARGETS, find_target, replay_text};

#[test]
fn every_committed_input_passes_and_every_corpus_passes_the_gate() {
    for target in TARGETS {
        let mut runner = target.runner();
        let mut statistics = Statistics::new();
        for input in corpora::committed(**target) {
            let verdict = runner.judge(&input, false);
            assert_eq!(verdict.failure, None, "{}", target.show(&input));
            statistics.add(input.len(), verdict.run.tally());
        }
        let faults = gate::corpus(&target.facts(), &statistics);
        assert!(faults.is_empty(), "{}: {faults:#?}; run ci/corpora", target.name());
    }
}

#[test]
fn a_committed_corpus_is_within_its_bounds() {
    for target in TARGETS {
        let inputs = corpora::committed(**target);
        assert!((1..=corpus::FILES_MAX).contains(&inputs.len()), "{}", target.name());
        let bytes: u64 = inputs.iter().map(|input| input.len() as u64).sum();
        assert!(bytes <= corpus::BYTES_MAX, "{}: {bytes} bytes", target.name());
    }
}

#[test]
fn committed_inputs_are_canonical_and_named_by_their_content() {
    for target in TARGETS {
        for file in corpora::files(&corpora::project().corpus(target.name())) {
            let input = std::fs::read(&file).expect("a corpus file");
            assert_eq!(target.canonical(&input), input, "{}", file.display());
            let name = file.file_name().expect("a file has a name").to_string_lossy();
            assert_eq!(corpus::name(&input), name);
        }
    }
}

#[test]
fn the_corpora_name_the_version_of_the_encoding() {
    let path = corpora::project().root().join("corpus/VERSION");
    let version = std::fs::read_to_string(path).expect("corpus/VERSION");
    assert_eq!(version.trim(), downbeat::input::encoding::VERSION.to_string());
}

#[test]
fn inputs_of_fixed_bugs_pass() {
    let folder = corpora::project().bugs();
    if !folder.exists() {
        return;
    }
    for target_folder in corpora::files(&folder).iter().filter(|path| path.is_dir()) {
        let name = target_folder.file_name().expect("a folder has a name").to_string_lossy();
        assert!(find_target(&name).is_some(), "fuzz/bugs/{name} has the name of no target");
        for bug in corpora::files(target_folder) {
            assert!(bug.join("note.md").is_file(), "{} has no note.md", bug.display());
            let text = std::fs::read_to_string(bug.join("ops.txt"))
                .unwrap_or_else(|error| panic!("{}/ops.txt: {error}", bug.display()));
            replay_text(&name, &text);
        }
    }
}

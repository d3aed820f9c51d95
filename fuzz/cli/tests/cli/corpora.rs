//! Corpora from any driver are merged and judged.

use std::fs;
use std::path::Path;

use crate::program::{self, Checkout, Output};
use downbeat::{AnyTarget, corpus};
use downbeat_targets::find_target;

fn target() -> &'static dyn AnyTarget {
    find_target("cache_map").expect("a target")
}

fn encode(text: &str) -> Vec<u8> {
    target().encode(text).expect("well-formed")
}

/// Writes a file and the folders above it.
fn write(checkout: &Checkout, path: &str, bytes: &[u8]) {
    let path = checkout.folder.path().join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A checkout with a corpus from each driver, and files that are not inputs.
fn folders() -> Checkout {
    let checkout = Checkout::new();
    let input = encode("upsert 1\nget 1\n");
    write(&checkout, "libfuzzer/3f8a", &input);
    write(&checkout, "libfuzzer/.hidden", b"hidden");
    // The same input in bytes that are not canonical: with a surplus argument.
    write(&checkout, "hongg/abc.00000200.honggfuzz.cov", &[&input[..], &[0]].concat());
    write(&checkout, "afl/default/fuzzer_stats", b"not an input");
    write(&checkout, "afl/default/queue/id:000000,time:0,orig:x", &encode("remove 1\n"));
    write(&checkout, "afl/default/queue/.state/x", b"not an input");
    write(&checkout, "bolero/corpus/5e1f", &encode("discard\n"));
    write(&checkout, "bolero/crashes/crash-5e1f", b"not an input");
    write(&checkout, "hfuzz/cache_map/input/1.honggfuzz.cov", &encode("open\n"));
    write(&checkout, "hfuzz/cache_map/HONGGFUZZ.REPORT.TXT", b"not an input");
    write(&checkout, "texts/ops.text.txt", b"compact\n");
    write(&checkout, "texts/bad.txt", b"compakt\n");
    write(&checkout, "long/input", &[&[0; 24][..], &[0x84; 4000]].concat());
    write(&checkout, "long/huge", &vec![0x84; 2 << 20]);
    checkout
}

const FOLDERS: [&str; 7] = ["libfuzzer", "hongg", "afl", "bolero", "hfuzz", "texts", "long"];

fn merge(checkout: &Checkout, arguments: &[&str]) -> Output {
    checkout.downbeat(&[&["corpus", "merge", "cache_map"], arguments].concat())
}

#[test]
fn a_merge_reads_inputs_of_any_driver_and_names_files_that_are_not_inputs() {
    let checkout = folders();
    let output = merge(&checkout, &[&FOLDERS[..], &["--all"]].concat());
    assert_eq!(output.status, Some(0), "{output:?}");
    for part in [
        "cache_map: 9 files\n",
        "  left out: texts/bad.txt:1:1: unknown operation \"compakt\"",
        "  left out: long/huge: too long: 2097152 bytes",
        "1  longer than 512 bytes, cut to that length\n",
        "1  equal to another input\n",
        "cache_map: 6 inputs of ",
        " bytes added to fuzz/work/cache_map\n",
    ] {
        assert!(output.stdout.contains(part), "no {part:?} in\n{}", output.stdout);
    }
    let work = checkout.folder.path().join("fuzz/work/cache_map");
    for name in names(&work) {
        let input = fs::read(work.join(&name)).expect("a file");
        assert_eq!(target().canonical(&input), input);
        assert_eq!(corpus::name(&input), name);
        assert!(input.len() <= target().listing().budget.input_bytes);
    }
    let mut expected: Vec<String> =
        ["upsert 1\nget 1\n", "remove 1\n", "compact\n", "discard\n", "open\n"]
            .map(|text| corpus::name(&encode(text)))
            .to_vec();
    expected.push(corpus::name(&[&[0; 24][..], &[0x84; 488]].concat()));
    expected.sort();
    assert_eq!(names(&work), expected);
}

#[test]
fn a_merge_keeps_the_files_of_the_folder_and_adds_no_input_twice() {
    let checkout = folders();
    write(&checkout, "mine/named-by-me", &encode("compact\n"));
    let arguments = ["libfuzzer", "texts", "mine", "--all", "--into", "mine"];
    let first = merge(&checkout, &arguments);
    assert!(first.stdout.contains("1  already in the folder\n"), "{}", first.stdout);
    assert!(first.stdout.contains("cache_map: 1 inputs of "), "{}", first.stdout);
    let mine = checkout.folder.path().join("mine");
    let after = names(&mine);
    assert_eq!(after.len(), 2);
    assert!(after.contains(&"named-by-me".to_owned()));
    let second = merge(&checkout, &arguments);
    assert!(second.stdout.contains("cache_map: 0 inputs of 0 bytes added"), "{}", second.stdout);
    assert_eq!(names(&mine), after);
}

#[test]
fn a_failing_input_is_named_and_not_merged_and_the_others_are_merged() {
    let checkout = folders();
    // With the canary, every input of at least eight effective operations fails.
    write(&checkout, "libfuzzer/fails", &encode(&"upsert 1\n".repeat(8)));
    let arguments = ["corpus", "merge", "cache_map", "libfuzzer", "--all"];
    let mut command = program::command(checkout.folder.path(), &arguments);
    let output = command.env("DOWNBEAT_CANARY", "1").output().expect("the program starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert!(stdout.contains("  left out: libfuzzer/fails FAILS: cache_map: "), "{stdout}");
    assert!(stdout.contains("cache_map: 1 inputs of "), "{stdout}");
    assert!(
        checkout.folder.path().join("libfuzzer/fails").is_file(),
        "the failing input stays in its folder"
    );
}

#[test]
fn the_gate_of_a_corpus_names_unreached_goals() {
    let checkout = Checkout::new();
    write(&checkout, "few/input", &encode("upsert 1\nget 1\nget 2\nget 3\nget 4\n"));
    let output = checkout.downbeat(&["corpus", "stats", "cache_map", "few"]);
    assert_eq!(output.status, Some(1), "{output:?}");
    for part in [
        "  NOT ENOUGH: no operation discard\n",
        "  NOT ENOUGH: no event \"eviction to the stash\"\n",
        "  NOT ENOUGH: no state ",
        "  NOT ENOUGH: 25.0 % of reads hit; at least 30.0 % must\n",
    ] {
        assert!(output.stdout.contains(part), "no {part:?} in\n{}", output.stdout);
    }
    assert!(!output.stdout.contains("no operation upsert\n"), "{}", output.stdout);
}

#[test]
fn random_inputs_need_only_be_dense() {
    let arguments = ["corpus", "stats", "cache_map", "--random", "20", "--bytes"];
    let output = program::downbeat(&[&arguments[..], &["400"]].concat());
    assert_eq!(output.status, Some(0), "{output:?}");
    // Random inputs need not reach every event, and inputs that are only a header need no
    // operations.
    let output = program::downbeat(&[&arguments[..], &["24"]].concat());
    assert_eq!(output.status, Some(0), "{output:?}");
}

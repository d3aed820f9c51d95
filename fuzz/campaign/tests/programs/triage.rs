//! Failing inputs in bulk are filed once for each failure.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use downbeat::project::Project;
use downbeat_campaign::finding::triage::{Options, RUNS, Triaged, triage};

use crate::programs::{program, target};

crate::cases![
    inputs_that_fail_alike_are_one_finding_and_one_that_passes_is_flaky,
    aborts_are_one_finding_if_they_shrink_to_the_same_input,
];

/// All targets have the same operations.
fn encode(text: &str) -> Vec<u8> {
    target("panic").encode(text).expect("well-formed")
}

fn run(root: &Path, fault: &str, folder: &Path) -> (Triaged, usize) {
    let time = Duration::from_secs(20);
    let options = Options { paths: vec![folder.to_owned()], time, canary: false };
    let mut told = 0;
    let mut filed = |_: &_| {
        told += 1;
        Ok(())
    };
    let stop = AtomicBool::new(false);
    let triaged = triage(&Project::at(root), &program(fault), &options, &mut filed, &stop);
    (triaged.expect("the folder is read"), told)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::create_dir_all(folder).expect("a folder");
    std::fs::write(folder.join(name), bytes).expect("a file");
}

fn inputs_that_fail_alike_are_one_finding_and_one_that_passes_is_flaky() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let folder = root.path().join("crashes of a driver");
    let short = encode("put 0x300\nask 0x300\nput 0x1\n");
    write(
        &folder,
        "crash-long",
        &encode(&format!("{}put 0x200\nask 0x200\n", "ask 0x1\n".repeat(9))),
    );
    write(&folder, "crash-short", &short);
    write(&folder, "crash-the-same", &short);
    write(&folder, "crash-that-passes", &encode("put 0x1\n"));
    write(&folder, "bad.txt", b"putt 0x1\n");
    for round in 0..2 {
        let (triaged, told) = run(root.path(), "panic", &folder);
        assert_eq!((triaged.files, triaged.duplicates, triaged.alike, told), (5, 1, 1, 1));
        let [left_out] = &triaged.left_out[..] else { panic!("{:?}", triaged.left_out) };
        assert!(left_out.contains("bad.txt:1:1: unknown operation \"putt\""), "{left_out}");
        let [finding] = &triaged.findings[..] else { panic!("{:?}", triaged.findings) };
        assert_eq!(finding.seen, 2 + 2 * round);
        let read = |name: &str| std::fs::read(finding.folder.join(name)).expect("a file");
        assert_eq!(read("found"), short, "the shortest input is filed");
        assert_eq!(read("input"), encode("put 0x100\nask 0x100\n"));
        assert_eq!(read("seen"), format!("{}\n", finding.seen).into_bytes());
        assert_eq!(read("report.txt"), finding.report.as_bytes());
        assert!(finding.report.contains("FINDING in "), "{}", finding.report);
        let [flaky] = &triaged.flaky[..] else { panic!("{:?}", triaged.flaky) };
        assert!(flaky.file.ends_with("crash-that-passes"), "{flaky:?}");
        assert!(flaky.failed == 0 && flaky.failure.is_none() && RUNS == 100);
        let artifacts = Project::at(root.path()).artifacts("panic");
        assert_eq!(std::fs::read_dir(artifacts).expect("a folder").count(), 1);
    }
}

fn aborts_are_one_finding_if_they_shrink_to_the_same_input() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let folder = root.path().join("main");
    write(&folder.join("crashes"), "id:0", &encode("put 0x300\nask 0x300\n"));
    write(&folder.join("crashes"), "id:1", &encode("put 0x1\nput 0x200\nask 0x200\n"));
    write(&folder.join("queue"), "id:2", &encode("put 0x400\nask 0x400\n"));
    let (triaged, told) = run(root.path(), "abort", &folder);
    assert_eq!((triaged.files, triaged.findings.len(), triaged.alike, told), (2, 1, 1, 1));
    assert_eq!(triaged.findings[0].seen, 2);
    assert!(triaged.flaky.is_empty());
}

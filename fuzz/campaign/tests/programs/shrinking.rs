//! Findings that hang, end their process or take its memory are filed and shrunk.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use downbeat::project::Project;
use downbeat_campaign::SEEDED;
use downbeat_campaign::finding::{
    self, Discovery, FailingInput, FailureKind, Finding, ShrinkOptions, Wanted,
};

use crate::programs::{PROCESSES_VARIABLE, program, target};

crate::cases![
    each_kind_of_failure_shrinks_to_the_two_operations_that_matter,
    shrinking_an_input_twice_gives_the_same_result,
    a_filed_input_fails_in_a_new_world,
    an_input_that_fails_only_after_others_is_reported_as_not_repeated,
    each_input_that_hangs_is_filed_and_an_equal_one_is_counted,
    hangs_that_shrink_to_the_same_input_are_one_finding,
    after_an_interruption_the_smallest_input_so_far_is_filed,
    a_finding_is_on_disk_before_it_is_shrunk_and_no_process_outlives_the_program,
    an_input_that_is_shrunk_again_gets_a_new_folder_unless_the_result_is_already_filed,
    an_input_that_does_not_show_the_bug_that_is_searched_for_is_filed_and_not_shrunk,
];

/// All targets have the same operations.
fn encode(text: &str) -> Vec<u8> {
    target("panic").encode(text).expect("well-formed")
}

/// An input of 83 operations, two of which matter.
fn input() -> Vec<u8> {
    let noise = |count: usize| {
        "put @cold:7
ask @gap:0
ask 0x100
"
        .repeat(count)
    };
    encode(&format!(
        "{}put 0xbeef
{}ask 0xbeef
{}",
        noise(10),
        noise(7),
        noise(10)
    ))
}

fn file(root: &Path, fault: &str, bytes: &[u8], kind: FailureKind, stop: &AtomicBool) -> Finding {
    file_for(None, root, fault, bytes, kind, stop)
}

/// Files a finding of a search for one bug.
fn file_for(
    wanted: Option<Wanted<'_>>,
    root: &Path,
    fault: &str,
    bytes: &[u8],
    kind: FailureKind,
    stop: &AtomicBool,
) -> Finding {
    let input = FailingInput { bytes: bytes.to_owned(), kind, log: String::new() };
    let (driver, after) = (SEEDED, Duration::ZERO);
    let discovery = Discovery { driver, after, executions: 1, canary: false, wanted };
    let program = program(fault);
    finding::file(&Project::at(root), &program, &input, discovery, stop)
        .expect("the finding is filed")
}

fn file_in_new_folder(
    fault: &str,
    bytes: &[u8],
    kind: FailureKind,
) -> (tempfile::TempDir, Finding) {
    let root = tempfile::tempdir().expect("a temporary folder");
    let finding = file(root.path(), fault, bytes, kind, &AtomicBool::new(false));
    (root, finding)
}

fn read(folder: &Path, name: &str) -> String {
    String::from_utf8(read_bytes(folder, name)).expect("text")
}

fn read_bytes(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The lines of a shrunk input, without its title and the settings that every target has.
fn left(finding: &Finding) -> Vec<String> {
    let input = read_bytes(&finding.folder, "input");
    let text = read(&finding.folder, "ops.txt");
    let target = target(&finding.failure.target);
    assert_eq!(target.encode(&text).expect("a printed text is valid"), input);
    // After the title and the settings of every target.
    text.lines().skip(3).map(str::to_owned).collect()
}

fn each_kind_of_failure_shrinks_to_the_two_operations_that_matter() {
    let ways = [
        ("panic", FailureKind::Crash, "toy/assert-it-is-told-to-panic"),
        ("noise", FailureKind::Crash, "toy/assert-it-is-told-to-panic"),
        ("abort", FailureKind::Crash, "abort/run-abort"),
        ("stack", FailureKind::Crash, "stack/run-stack"),
        ("memory", FailureKind::Memory, "memory/run-memory"),
        ("hang", FailureKind::Hang, "hang/run-hang"),
    ];
    for (fault, kind, check) in ways {
        let input = input();
        let (_root, finding) = file_in_new_folder(fault, &input, kind);
        assert_eq!(finding.failure.check, check);
        assert_eq!(left(&finding), ["put 0x100", "ask 0x100"], "{}", finding.report);
        assert_eq!(read_bytes(&finding.folder, "found"), input);
        let report = read(&finding.folder, "report.txt");
        assert_eq!(report, finding.report);
        assert!(report.contains(&format!("  shrunk   {} ops -> 2 ops (", 83)), "{report}");
        let failing = report.lines().find(|line| line.starts_with("    2  ask 0x100"));
        assert!(failing.is_some_and(|line| line.contains(&finding.failure.what)), "{report}");
        assert_eq!(finding.failure.operation, Some((2, "ask 0x100".to_owned())));
        let test = read(&finding.folder, "test.rs");
        assert!(test.contains("found by seeded, shrunk from 83 ops"), "{test}");
        assert!(test.contains("        put 0x100\n        ask 0x100\n"), "{test}");
    }
}

fn shrinking_an_input_twice_gives_the_same_result() {
    for fault in ["panic", "abort"] {
        let shrunk = || {
            let (_root, finding) = file_in_new_folder(fault, &input(), FailureKind::Crash);
            (read_bytes(&finding.folder, "input"), finding.failure)
        };
        assert_eq!(shrunk(), shrunk());
    }
}

fn a_filed_input_fails_in_a_new_world() {
    let puts = encode(&"put 1\n".repeat(25));
    let (_root, finding) = file_in_new_folder("leak", &puts, FailureKind::Crash);
    let operations = target("leak").count_operations(&read_bytes(&finding.folder, "input"));
    assert_eq!(operations, 10, "fewer operations fail only on a used world");
}

fn an_input_that_fails_only_after_others_is_reported_as_not_repeated() {
    let puts = encode(&"put 1\n".repeat(9));
    let (_root, finding) = file_in_new_folder("leak", &puts, FailureKind::Crash);
    assert_eq!(finding.failure.check, "leak/run-not-repeated");
    assert_eq!(read_bytes(&finding.folder, "input"), puts);
    assert!(finding.report.contains("  shrunk   no: 9 ops"), "{}", finding.report);
}

fn each_input_that_hangs_is_filed_and_an_equal_one_is_counted() {
    // These inputs hung in the driver. Here they end at once.
    let root = tempfile::tempdir().expect("a temporary folder");
    let stop = AtomicBool::new(false);
    let filed = |bytes: &[u8]| file(root.path(), "hang", bytes, FailureKind::Hang, &stop);
    let (first, other, again) = (filed(&[1]), filed(&[2]), filed(&[1]));
    assert_eq!(first.failure.check, "hang/run-hang");
    assert_ne!(first.folder, other.folder);
    assert_eq!(read_bytes(&other.folder, "found"), [2]);
    assert_eq!((again.folder, again.seen), (first.folder, 2));
}

fn hangs_that_shrink_to_the_same_input_are_one_finding() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let stop = AtomicBool::new(false);
    let filed = |text: &str| file(root.path(), "hang", &encode(text), FailureKind::Hang, &stop);
    let first = filed("put 0x300\nask 0x300\n");
    let second = filed("put 0x1\nput 0x200\nask 0x200\n");
    assert_eq!((&second.folder, second.seen), (&first.folder, 2));
    let artifacts = Project::at(root.path()).artifacts("hang");
    assert_eq!(std::fs::read_dir(artifacts).expect("a folder").count(), 1);
}

/// The word that makes this program call [`file_slowly`].
pub(crate) const FILE_SLOWLY: &str = "file-slowly";

/// Files a finding whose candidates each take 0.4 s, so that another process can kill this one
/// during the search.
pub(crate) fn file_slowly(root: &str) {
    file(Path::new(root), "slow", &input(), FailureKind::Crash, &AtomicBool::new(false));
}

/// The folder of the only finding below `root`, once it is filed.
fn wait_for_finding(root: &Path) -> PathBuf {
    let artifacts = Project::at(root).artifacts("slow");
    wait_for("a finding", || {
        let folders = artifacts.read_dir().ok()?.filter_map(Result::ok).map(|entry| entry.path());
        let mut folders = folders.filter(|folder| {
            let report = std::fs::read_to_string(folder.join("report.txt"));
            report.is_ok_and(|report| report.contains("  keep  "))
        });
        // The file `unfiled-NAME` is removed once all files of the finding are written.
        folders.next().filter(|_| artifacts.read_dir().is_ok_and(|files| files.count() == 1))
    })
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..3_000 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no {what} in 30 s");
}

fn after_an_interruption_the_smallest_input_so_far_is_filed() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let stop = AtomicBool::new(false);
    let input = input();
    let finding = std::thread::scope(|scope| {
        let filed = scope.spawn(|| file(root.path(), "slow", &input, FailureKind::Crash, &stop));
        wait_for_finding(root.path());
        stop.store(true, Ordering::Relaxed);
        filed.join().expect("the finding is filed")
    });
    assert!(finding.report.contains("; interrupted: "), "{}", finding.report);
    assert_eq!(read(&finding.folder, "report.txt"), finding.report);
    let left = left(&finding);
    assert!(left.len() > 3, "the search was interrupted early: {left:?}");
}

fn a_finding_is_on_disk_before_it_is_shrunk_and_no_process_outlives_the_program() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let processes = tempfile::tempdir().expect("a temporary folder");
    let mut program = Command::new(std::env::current_exe().expect("this program"))
        .args([FILE_SLOWLY.as_ref(), root.path().as_os_str()])
        .env(PROCESSES_VARIABLE, processes.path())
        .stdin(Stdio::null())
        .spawn()
        .expect("the program starts");
    let folder = wait_for_finding(root.path());
    // The program cannot handle this signal.
    program.kill().expect("the program runs");
    program.wait().expect("the program ends");
    let input = input();
    assert_eq!(read_bytes(&folder, "found"), input);
    assert_eq!(read_bytes(&folder, "input"), input);
    let text = target("slow").encode(&read(&folder, "ops.txt")).expect("a printed text is valid");
    assert_eq!(text, target("slow").canonical(&input));
    assert!(read(&folder, "report.txt").contains("  shrunk   not yet: 83 ops"));
    assert!(read(&folder, "test.rs").contains("#[test]"));
    assert!(Path::new("/proc/self").exists(), "this test needs /proc");
    let served = std::fs::read_dir(processes.path()).expect("a folder");
    let served: Vec<_> = served.map(|process| process.expect("an entry").file_name()).collect();
    assert!(served.len() >= 2, "one process answers requests, another judges: {served:?}");
    for process in served {
        let status = Path::new("/proc").join(process);
        wait_for("end of a process", || (!status.exists()).then_some(()));
    }
}

fn an_input_that_is_shrunk_again_gets_a_new_folder_unless_the_result_is_already_filed() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let path = root.path().join("input");
    let out = root.path().join("out");
    std::fs::write(&path, input()).expect("a file");
    let stop = AtomicBool::new(false);
    let shrink = |input: &Path, time| {
        let (input, out, root) = (input.to_owned(), out.clone(), PathBuf::new());
        let options = ShrinkOptions { input, time, out, root, canary: false };
        finding::shrink(&program("panic"), &options, &mut |_| Ok(()), &stop)
            .expect("the input fails")
    };
    let (short, long) = (Duration::from_nanos(1), Duration::from_secs(60));
    let first = shrink(&path, short);
    assert!(first.report.contains("; the time limit was reached: "), "{}", first.report);
    let second = shrink(&first.folder, long);
    assert_ne!(first.folder, second.folder);
    assert_eq!(left(&second), ["put 0x100", "ask 0x100"]);
    let third = shrink(&first.folder, long);
    assert_eq!((third.folder, third.seen), (second.folder, 1));
    assert_eq!(std::fs::read_dir(&out).expect("a folder").count(), 2);
}

fn an_input_that_does_not_show_the_bug_that_is_searched_for_is_filed_and_not_shrunk() {
    let stop = AtomicBool::new(false);
    let searched = |check: &str, without_it: Option<&str>| {
        let root = tempfile::tempdir().expect("a temporary folder");
        let without_it = without_it.map(program);
        let checks = [check.to_owned()];
        let wanted = Wanted { checks: &checks, without_it: without_it.as_ref() };
        let crash = FailureKind::Crash;
        let finding = file_for(Some(wanted), root.path(), "panic", &input(), crash, &stop);
        assert_eq!(finding.is_wanted, left(&finding).len() == 2, "{}", finding.report);
        let line = "  shrunk   no: 83 ops; it is not the bug that is searched for";
        assert_eq!(finding.is_wanted, !finding.report.contains(line), "{}", finding.report);
        finding.is_wanted
    };
    let check = "toy/assert-it-is-told-to-panic";
    assert!(searched(check, None));
    assert!(!searched("toy/another-check", None));
    // The first version fails in the same way, and the second one with another check.
    assert!(!searched(check, Some("panic")));
    assert!(searched(check, Some("leak")));
    assert!(!searched(check, Some("abort")), "a run that dies says nothing about the bug");
}

//! The output, the files and the exit status of each command.

use std::path::Path;

use downbeat_protocol::registry::TARGETS;
use downbeat_targets::find_target;

use crate::program::{self, Checkout};

const TEXT: &str = "upsert 0x11\ncompact\nget 0x11\n";

#[test]
fn list_names_every_target_in_a_line() {
    let output = program::downbeat(&["list"]);
    assert_eq!(output.status, Some(0));
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.len(), TARGETS.len());
    for (line, target) in lines.iter().zip(TARGETS) {
        assert!(line.starts_with(&format!("{} ", target.name)), "{line}");
    }
}

#[test]
fn encode_and_show_are_inverse() {
    let checkout = Checkout::new();
    let text = checkout.write("ops.txt", TEXT.as_bytes());
    let target = find_target("cache_map").expect("a target");
    let bytes = target.encode(TEXT).expect("well-formed");
    let input = checkout.write("input", &bytes);
    let shown = checkout.downbeat(&["show", "cache_map", &input]);
    assert_eq!(shown.status, Some(0));
    assert!(shown.stdout.ends_with(TEXT), "{}", shown.stdout);
    let encoded = program::command(checkout.folder.path(), &["encode", "cache_map", &text]);
    let mut encoded = encoded;
    assert_eq!(encoded.output().expect("the program starts").stdout, bytes);
}

#[test]
fn replay_prints_each_operation_with_its_effect() {
    let checkout = Checkout::new();
    let text = checkout.write("ops.txt", TEXT.as_bytes());
    let output = checkout.downbeat(&["replay", "cache_map", &text]);
    assert_eq!(output.status, Some(0), "{output:?}");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines.iter().any(|line| line.contains("1  upsert 0x11") && line.contains("# = #1")));
    assert!(lines.iter().any(|line| line.contains("3  get 0x11") && line.contains("#1")));
    assert!(lines[lines.len() - 1].ends_with("ok, 3 ops, 6 steps"), "{}", output.stdout);
    let quiet = checkout.downbeat(&["replay", "--quiet", "cache_map", &text]);
    assert_eq!(quiet.stdout.lines().count(), 1, "{}", quiet.stdout);
}

#[test]
fn seed_makes_inputs_that_pass_and_overwrites_nothing() {
    let checkout = Checkout::new();
    let out = checkout.path("seeds");
    let arguments = ["seed", "cache_map", "--seed", "3", "--count", "20", "--out", &out];
    let first = checkout.downbeat(&arguments);
    assert_eq!(first.stdout, format!("20 new inputs of cache_map in {out}\n"));
    let some = std::fs::read_dir(&out).expect("a folder").next().expect("a file").expect("read");
    std::fs::write(some.path(), b"mine").expect("a file");
    let second = checkout.downbeat(&arguments);
    assert_eq!(second.stdout, format!("0 new inputs of cache_map in {out}\n"));
    assert_eq!(std::fs::read(some.path()).expect("a file"), b"mine");
    let replayed = checkout.downbeat(&["replay", "--quiet", "cache_map", &out]);
    assert_eq!(replayed.status, Some(0), "{}", replayed.stdout);
    assert_eq!(replayed.stdout.lines().count(), 20);
}

#[test]
fn seed_makes_inputs_of_any_profile_and_help_lists_them() {
    let checkout = Checkout::new();
    let help = checkout.downbeat(&["seed", "--help"]).stdout;
    for profile in downbeat::generator::Profile::ALL {
        assert!(help.contains(&format!("  {} ", profile.name())), "{help}");
        let out = checkout.path(profile.name());
        let arguments = ["seed", "cache_map", "--profile", profile.name(), "--count", "7"];
        let output = checkout.downbeat(&[&arguments[..], &["--out", &out]].concat());
        assert_eq!(output.stdout, format!("7 new inputs of cache_map in {out}\n"));
    }
}

#[test]
fn a_dictionary_is_printed_or_written_to_its_committed_file() {
    let checkout = Checkout::with_all_programs();
    let printed = checkout.downbeat(&["dictionary", "cache_map"]);
    assert_eq!(printed.status, Some(0), "{printed:?}");
    assert!(printed.stdout.contains("\nupsert=\"\\x80\"\n"), "{}", printed.stdout);
    let written = checkout.downbeat(&["dictionary", "--write"]);
    for target in TARGETS {
        let said = format!("written to dictionaries/{}.dict\n", target.name);
        assert!(written.stdout.contains(&said), "{written:?}");
    }
    let file = checkout.folder.path().join("dictionaries/cache_map.dict");
    assert_eq!(std::fs::read_to_string(file).expect("a file"), printed.stdout);
}

#[test]
fn the_committed_options_of_each_target_are_those_that_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for target in TARGETS {
        let printed = program::downbeat(&["options", target.name]);
        assert_eq!(printed.status, Some(0), "{printed:?}");
        let committed = root.join("ci/oss-fuzz/options").join(format!("{}.options", target.name));
        let committed = std::fs::read_to_string(committed).unwrap_or_default();
        assert_eq!(committed, printed.stdout, "run `cargo downbeat options --write`");
    }
}

#[test]
fn report_makes_a_page_of_campaigns_and_findings() {
    let checkout = Checkout::new();
    let fuzz = ["fuzz", "cache_map", "--driver", "seeded", "--seed", "1"];
    checkout.downbeat(&[&fuzz[..], &["--time", "1s"]].concat());
    checkout.downbeat(&[&fuzz[..], &["--time", "20s", "--canary"]].concat());
    let output = checkout.downbeat(&["report"]);
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.stdout, "2 campaigns and 1 findings in target/report.html\n");
    let page = checkout.folder.path().join("target/report.html");
    let page = std::fs::read_to_string(page).expect("a page");
    for part in ["<td>ok</td>", "<td>FINDING</td>", "check    cache_map/canary"] {
        assert!(page.contains(part), "no {part:?} in {page}");
    }
    for part in [" operations", " events"] {
        assert!(page.contains(part), "no {part:?} in {page}");
    }
    let refused = checkout.downbeat(&["report", "nowhere"]);
    assert_eq!(refused.status, Some(2));
    assert!(refused.stderr.starts_with("downbeat: cannot read nowhere: "), "{}", refused.stderr);
}

#[test]
fn a_watched_campaign_keeps_the_page_up_to_date() {
    let checkout = Checkout::new();
    let fuzz = ["fuzz", "cache_map", "--driver", "seeded", "--time", "1s", "--watch"];
    let output = checkout.downbeat(&fuzz);
    assert_eq!(output.status, Some(0), "{output:?}");
    assert!(output.stdout.starts_with("open target/report.html in a browser"), "{output:?}");
    let page = checkout.folder.path().join("target/report.html");
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(page.contains("<td>ok</td>") && !page.contains("http-equiv"), "{page}");
}

#[test]
fn a_soak_goes_on_until_its_time_is_over() {
    let checkout = Checkout::new();
    let soak = ["soak", "cache_map", "--driver", "seeded", "--slice", "1s", "--time", "2s"];
    let output = checkout.downbeat(&soak);
    assert_eq!(output.status, Some(0), "{output:?}");
    let is_over = "the soak is over; --fresh begins another\n";
    assert!(output.stdout.ends_with(is_over), "{output:?}");
    let journal = checkout.folder.path().join("target/soak/journal.jsonl");
    let slices = |journal: &str| journal.lines().filter(|line| line.contains("Ended")).count();
    let written = std::fs::read_to_string(&journal).expect("a journal");
    assert!(slices(&written) >= 1, "{written}");
    // Nothing is left to do.
    let again = checkout.downbeat(&soak);
    assert!(again.status == Some(0) && again.stdout.ends_with(is_over), "{again:?}");
    assert_eq!(std::fs::read_to_string(&journal).expect("a journal"), written);
}

#[test]
fn corpus_stats_counts_operations_of_random_bytes() {
    let output = program::downbeat(&[
        "corpus",
        "stats",
        "cache_map",
        "--random",
        "50",
        "--bytes",
        "400",
        "--seed",
        "1",
    ]);
    assert_eq!(output.status, Some(0), "{output:?}");
    assert!(output.stdout.starts_with("cache_map: 50 inputs, 20,000 bytes, "), "{}", output.stdout);
    assert!(output.stdout.contains("effective ops per input: mean "));
    assert!(output.stdout.contains("  redirected: "));
}

#[test]
fn a_finding_is_printed_and_filed_once_and_its_files_fail_again() {
    let checkout = Checkout::new();
    let arguments =
        ["fuzz", "cache_map", "--driver", "seeded", "--canary", "--time", "20s", "--seed", "1"];
    let output = checkout.downbeat(&arguments);
    assert_eq!(output.status, Some(1), "{output:?}");
    for part in [
        "cache_map: FINDING after ",
        "  check    cache_map/canary",
        "  shrunk   ",
        "    8  ",
        "  files    fuzz/artifacts/cache_map/",
        "  again    cargo downbeat replay cache_map fuzz/artifacts/cache_map/",
    ] {
        assert!(output.stdout.contains(part), "no {part:?} in\n{}", output.stdout);
    }
    let findings = checkout.folder.path().join("fuzz/artifacts/cache_map");
    let folder =
        std::fs::read_dir(&findings).expect("a folder").next().expect("one").expect("read");
    for file in ["input", "ops.txt", "test.rs", "note.md", "report.txt", "found"] {
        assert!(folder.path().join(file).is_file(), "no {file}");
    }
    let again = checkout.downbeat(&arguments);
    assert_eq!(again.status, Some(1));
    assert!(again.stdout.contains("seen 2 times"), "{}", again.stdout);
    assert_eq!(std::fs::read_dir(&findings).expect("a folder").count(), 1);
    // A finding that was changed stays as it is. The next finding with its identity gets another
    // folder.
    std::fs::write(folder.path().join("input"), b"").expect("a file");
    checkout.downbeat(&arguments);
    assert_eq!(std::fs::read_dir(&findings).expect("a folder").count(), 2);
    // Without the canary the filed input passes, and replay says so.
    let replayed = checkout.downbeat(&["replay", "cache_map", &folder.path().to_string_lossy()]);
    assert_eq!(replayed.status, Some(0), "{}", replayed.stdout);
}

#[test]
fn shrink_prints_and_files_the_smallest_input_with_the_same_failure() {
    let checkout = Checkout::new();
    let text: String = (0..40).map(|key| format!("upsert @cold:{key}\n")).collect();
    let text = checkout.write("long.txt", format!("hash same\n{text}").as_bytes());
    let output = checkout.downbeat(&["shrink", "cache_map", &text, "--canary"]);
    assert_eq!(output.status, Some(1), "{output:?}");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines[0].contains("(check cache_map/canary)") && lines[0].contains("; shrinking it"));
    for part in [
        &format!("cache_map: FINDING in {text}: the canary was found"),
        "  shrunk   40 ops -> 8 ops (",
        "hash mixed; forced persist",
        "    8  upsert 0x0                       # = #8; expected fewer than 8",
        "  again    cargo downbeat replay cache_map fuzz/artifacts/cache_map/",
    ] {
        assert!(output.stdout.contains(part), "no {part:?} in\n{}", output.stdout);
    }
    let findings = checkout.folder.path().join("fuzz/artifacts/cache_map");
    let folders: Vec<_> = std::fs::read_dir(&findings).expect("a folder").collect();
    let folder = folders[0].as_ref().expect("read").path();
    let ops = std::fs::read_to_string(folder.join("ops.txt")).expect("text");
    assert!(ops.ends_with(&format!("forced persist\n{}", "upsert 0x0\n".repeat(8))), "{ops}");
    let target = find_target("cache_map").expect("a target");
    let input = std::fs::read(folder.join("input")).expect("bytes");
    assert_eq!(input, target.encode(&ops).expect("well-formed"));
    let test = std::fs::read_to_string(folder.join("test.rs")).expect("text");
    assert!(
        test.contains("shrunk from 40 ops.") && test.contains("        upsert 0x0\n"),
        "{test}"
    );
    // An input that is already minimal gets no new finding.
    let again = checkout.downbeat(&["shrink", "cache_map", &folder.to_string_lossy(), "--canary"]);
    assert_eq!(again.status, Some(1));
    assert!(again.stdout.contains("  shrunk   8 ops -> 8 ops ("), "{}", again.stdout);
    assert_eq!(std::fs::read_dir(&findings).expect("a folder").count(), 1);
}

#[test]
fn shrink_files_the_finding_in_the_folder_of_out() {
    let checkout = Checkout::new();
    checkout.write("ops.txt", "upsert 1\n".repeat(9).as_bytes());
    let arguments = ["shrink", "cache_map", "ops.txt", "--canary", "--out", "out", "--time", "5s"];
    let output = checkout.downbeat(&arguments);
    assert_eq!(output.status, Some(1), "{output:?}");
    assert!(output.stdout.contains("  files    out/"), "{}", output.stdout);
    assert!(!checkout.folder.path().join("fuzz/artifacts").exists());
    let out = std::fs::read_dir(checkout.folder.path().join("out")).expect("a folder");
    let filed: Vec<_> = out.map(|entry| entry.expect("read").path()).collect();
    assert_eq!(filed.len(), 1);
    let found = std::fs::read(filed[0].join("found")).expect("bytes");
    assert_eq!(find_target("cache_map").expect("a target").count_operations(&found), 9);
}

#[test]
fn a_seeded_campaign_ends_with_a_summary_and_status_0() {
    let checkout = Checkout::with_all_programs();
    let output = checkout.downbeat(&["fuzz", "--driver", "seeded", "--time", "1s", "--jobs", "2"]);
    assert_eq!(output.status, Some(0), "{output:?}");
    assert!(output.stdout.contains("target          driver"), "{}", output.stdout);
    for target in TARGETS {
        let row = format!("{:<15} seeded ", target.name);
        assert!(output.stdout.contains(&row), "{}", output.stdout);
    }
}

#[test]
fn a_closed_output_ends_a_campaign_without_a_panic() {
    let checkout = Checkout::new();
    let arguments = ["fuzz", "cache_map", "--driver", "seeded", "--time", "20s"];
    let mut child = program::command(checkout.folder.path(), &arguments)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_finding_is_filed_with_status_1_if_the_output_is_closed() {
    let checkout = Checkout::new();
    let arguments = ["fuzz", "cache_map", "--driver", "seeded", "--canary", "--jobs", "2"];
    let mut child = program::command(checkout.folder.path(), &arguments)
        .args(["--seed", "1", "--time", "20s"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let findings = checkout.folder.path().join("fuzz/artifacts/cache_map");
    let names: Vec<_> = std::fs::read_dir(&findings)
        .expect("a folder")
        .map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!names.is_empty());
    for name in names {
        assert!(!name.starts_with("unfiled-"), "{name} is not filed");
        for file in ["input", "found", "report.txt"] {
            assert!(findings.join(&name).join(file).is_file(), "{name} has no {file}");
        }
    }
}

#[test]
fn a_folder_without_inputs_is_refused_and_a_folder_of_findings_is_searched() {
    let checkout = Checkout::new();
    let empty = checkout.path("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let output = checkout.downbeat(&["replay", "cache_map", &empty]);
    assert_eq!(output.status, Some(2));
    assert!(output.stderr.contains("no inputs in"), "{}", output.stderr);
    let finding = checkout.folder.path().join("findings/one");
    std::fs::create_dir_all(&finding).expect("a folder");
    std::fs::write(finding.join("ops.txt"), TEXT).expect("a file");
    let findings = checkout.path("findings");
    let output = checkout.downbeat(&["replay", "--quiet", "cache_map", &findings]);
    assert!(output.stdout.contains("one/ops.txt: ok, 3 ops"), "{}", output.stdout);
}

#[test]
fn a_text_is_recognized_by_its_title_whatever_its_file_name() {
    let checkout = Checkout::new();
    let text = format!("# downbeat cache_map, encoding 1\n{TEXT}");
    let path = checkout.write("noname", text.as_bytes());
    let output = checkout.downbeat(&["replay", "--quiet", "cache_map", &path]);
    assert!(output.stdout.contains("ok, 3 ops"), "{}", output.stdout);
}

#[cfg(unix)]
#[test]
fn an_interruption_ends_a_campaign_with_its_summary_and_status_130() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};

    let checkout = Checkout::new();
    let arguments = ["fuzz", "cache_map", "--driver", "seeded", "--time", "60s"];
    let mut child = program::command(checkout.folder.path(), &arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("the pipe was requested"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    let process = child.id().to_string();
    let killed = Command::new("kill").args(["-INT", &process]).status().expect("kill starts");
    assert!(killed.success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("text");
    assert_eq!(child.wait().expect("the command ends").code(), Some(130), "{rest}");
    assert!(rest.contains("interrupted") && rest.contains("executions"), "{rest}");
}

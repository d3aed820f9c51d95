//! Bad input is refused in one clear line with exit status 2, and no file is lost.

use crate::program::{self, Checkout, downbeat};

/// Runs the program with `arguments`, which it must refuse in one line. Returns the line.
fn refused(arguments: &[&str]) -> String {
    let output = downbeat(arguments);
    assert_eq!(output.status, Some(2), "{arguments:?}: {output:?}");
    assert_eq!(output.stderr.trim_end().lines().count(), 1, "{arguments:?}: {}", output.stderr);
    assert!(output.stdout.is_empty(), "{arguments:?}: {}", output.stdout);
    output.stderr.trim_end().to_owned()
}

#[test]
fn an_unknown_target_is_refused_with_a_suggestion() {
    for command in ["fuzz", "replay", "show", "shrink", "encode"] {
        let line = refused(&[command, "cachemap", "input"]);
        if command != "fuzz" {
            assert!(
                line.contains("unknown target \"cachemap\"; did you mean \"cache_map\"?"),
                "{line}"
            );
        }
    }
    assert!(refused(&["fuzz", "lsm"]).contains("unknown target \"lsm\"; targets are cache_map"));
    assert!(refused(&["corpus", "stats", "lsm"]).contains("unknown target \"lsm\""));
}

#[test]
fn an_invalid_time_is_refused_with_a_valid_example() {
    let line = refused(&["fuzz", "cache_map", "--time", "nonsense"]);
    assert!(
        line.starts_with("downbeat: --time: \"nonsense\" is not a time; write 90s, 2m or 1h30m"),
        "{line}"
    );
    refused(&["fuzz", "--time", "0"]);
    refused(&["fuzz", "--time", "99999999999999999999"]);
    refused(&["fuzz", "--time=-5s"]);
}

#[test]
fn other_invalid_arguments_are_refused_in_one_line() {
    refused(&[]);
    refused(&["fuzzz"]);
    refused(&["fuzz", "--driver", "magic"]);
    refused(&["fuzz", "--jobs", "0"]);
    refused(&["fuzz", "--seed", "x"]);
    refused(&["seed", "cache_map"]);
    let line = refused(&["seed", "cache_map", "--out", "x", "--profile", "ping-png"]);
    assert!(line.ends_with("unknown profile \"ping-png\"; did you mean \"ping-pong\"?"), "{line}");
    refused(&["replay", "cache_map"]);
    refused(&["corpus"]);
    refused(&["corpus", "stats", "--bytes", "7"]);
    refused(&["corpus", "merge", "cache_map"]);
}

#[test]
fn a_missing_or_unreadable_file_is_named() {
    let checkout = Checkout::new();
    let missing = checkout.path("missing");
    for command in ["replay", "show", "shrink", "encode"] {
        let line = refused(&[command, "cache_map", &missing]);
        assert!(line.contains(&missing) && line.contains("No such file"), "{line}");
    }
    let line = refused(&["corpus", "merge", "cache_map", &missing, "--all"]);
    assert!(line.contains(&missing) && line.contains("No such file"), "{line}");
    // Even root cannot read a folder as a file.
    let folder = checkout.path("");
    assert!(refused(&["show", "cache_map", &folder]).contains("cannot read"));
    assert!(refused(&["encode", "cache_map", &folder]).contains("cannot read"));
}

#[test]
fn a_malformed_text_is_refused_with_file_line_and_column() {
    let checkout = Checkout::new();
    let text = checkout.write("ops.txt", b"upsert 0x11\n\n   putt 0x12\n");
    for command in ["encode", "replay", "show", "shrink"] {
        let line = refused(&[command, "cache_map", &text]);
        let expected = format!("downbeat: {text}:3:4: unknown operation \"putt\"");
        assert!(line.starts_with(&expected), "{line}");
    }
    let bytes = checkout.write("bytes.txt", &[0xff, 0xfe]);
    assert!(refused(&["encode", "cache_map", &bytes]).contains("not text"));
}

#[test]
fn an_input_that_passes_is_not_shrunk_and_leaves_no_files() {
    let checkout = Checkout::new();
    let text = checkout.write("ops.txt", b"upsert 0x11\n");
    let output = checkout.downbeat(&["shrink", "cache_map", &text]);
    assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""));
    let expected = format!("downbeat: {text} passes; there is nothing to shrink\n");
    assert_eq!(output.stderr, expected);
    let findings = checkout.folder.path().join("fuzz/artifacts/cache_map");
    assert_eq!(std::fs::read_dir(findings).expect("a folder").count(), 0);
    let folder = checkout.path("two");
    std::fs::create_dir(&folder).expect("a folder");
    for name in ["a", "b"] {
        checkout.write(&format!("two/{name}"), b"");
    }
    let line = checkout.downbeat(&["shrink", "cache_map", &folder]).stderr;
    assert_eq!(line, format!("downbeat: {folder} has 2 inputs; name one\n"));
    let line = refused(&["shrink", "cache_map", &text, "--time", "soon"]);
    assert!(line.starts_with("downbeat: --time: \"soon\" is not a time"), "{line}");
}

#[test]
fn a_folder_that_cannot_be_written_is_named_and_nothing_is_lost() {
    let checkout = Checkout::new();
    let file = checkout.write("file", b"precious");
    for out in [file.clone(), format!("{file}/below")] {
        assert!(refused(&["seed", "cache_map", "--out", &out]).contains(&out));
        assert!(refused(&["shrink", "cache_map", &file, "--out", &out]).contains(&out));
    }
    let arguments = ["fuzz", "cache_map", "--corpus", &file];
    let output = checkout.downbeat(&arguments);
    assert_eq!(output.status, Some(2), "{output:?}");
    assert!(output.stderr.contains(&file) && output.stderr.lines().count() == 1, "{output:?}");
    assert_eq!(std::fs::read(&file).expect("the file exists"), b"precious");
}

#[test]
fn outside_of_a_checkout_commands_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("ops.txt"), "upsert 1\n").expect("a file");
    for arguments in [
        &["fuzz", "cache_map"][..],
        &["replay", "cache_map", "ops.txt"],
        &["shrink", "cache_map", "ops.txt", "--out", "out"],
    ] {
        let output = program::downbeat_in(folder.path(), arguments);
        assert_eq!(output.status, Some(2));
        let line = "is not inside a checkout of Downbeat";
        assert!(output.stderr.contains(line), "{}", output.stderr);
        assert_eq!(output.stderr.lines().count(), 1);
    }
}

#[test]
fn without_the_tools_of_llvm_coverage_says_how_to_install_them() {
    let checkout = Checkout::new();
    // A rustc with an LLVM that does not exist yet. No other program is in PATH.
    let rustc = checkout.write("rustc", b"#!/bin/sh\necho 'LLVM version: 999.1'\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(rustc, executable).expect("a file");
    let mut command = program::command(checkout.folder.path(), &["coverage", "cache_map"]);
    let output = command.env("PATH", checkout.path("")).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "downbeat: llvm-cov and llvm-profdata of LLVM 999 or newer are not installed; run \
         \"apt-get install llvm-999\" or \"rustup component add llvm-tools\"\n"
    );
}

#[test]
fn doctor_names_what_each_driver_needs_and_the_command_that_installs_it() {
    let checkout = Checkout::new();
    // A machine with a shell, and without a C++ compiler, rustc and installed tools.
    checkout.add_tool("sh", "#!/bin/sh\nexit 1\n");
    let mut command = program::command(checkout.folder.path(), &["doctor"]);
    let output = command.env("PATH", checkout.path("target/tools/bin")).output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    for line in [
        "libfuzzer  FAILS    g++ not installed; run \"apt-get install g++\" first",
        "seeded     works",
        "afl        FAILS    g++ make not installed; run \"apt-get install g++ make\" first",
        "honggfuzz  FAILS    g++ make binutils-dev libunwind-dev not installed; run ",
        "bolero     FAILS    g++ not installed",
        "coverage   FAILS    cannot run rustc",
    ] {
        assert!(stdout.contains(line), "no {line:?} in\n{stdout}");
    }

    // The same with the packages, but without cargo's tools.
    checkout.add_tool("sh", "#!/bin/sh\n");
    checkout.add_tool("make", "#!/bin/sh\n");
    checkout.add_tool("cc", "#!/bin/sh\n");
    let output = command.output().expect("the program starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    for line in [
        "libfuzzer  works    g++\n",
        "afl        not yet  cargo-afl 0.18.2 is not installed; the first run installs it in ",
        "bolero     not yet  cargo-bolero 0.13.5 is not installed; the first run installs it in ",
    ] {
        assert!(stdout.contains(line), "no {line:?} in\n{stdout}");
    }
}

#[test]
fn a_target_without_a_device_is_neither_swept_nor_crashed() {
    let line = refused(&["sweep", "cache_map"]);
    assert!(line.contains("cache_map has no device to sweep"), "{line}");
    let line = refused(&["replay", "cache_map", "input", "--crash-at", "1"]);
    assert!(line.contains("cache_map has no device; leave out --crash-at"), "{line}");
}

//! `downbeat planted` and `downbeat compare` without a search: their errors, and that they do not
//! change the checkout.

use crate::program::{Checkout, Output};

const GOOD: &str = "\
# fuzz/planted/cache_map/entry-is-lost.patch
# what      an entry is lost
# seen      shape: a loss
# target    cache_map
# expect    check cache_map/get-equals-model
# difficulty e
--- a/lsm/src/lib.rs
+++ b/lsm/src/lib.rs
@@ -1 +1 @@
-sound
+broken
";

fn checkout_with(patch: &str) -> Checkout {
    let checkout = Checkout::bare();
    let folder = checkout.folder.path().join("fuzz/planted/cache_map");
    std::fs::create_dir_all(folder).expect("a folder");
    checkout.write("fuzz/planted/cache_map/entry-is-lost.patch", patch.as_bytes());
    checkout
}

/// Runs `downbeat planted` with `arguments`, which it must refuse in one line. Returns the line.
fn refused(checkout: &Checkout, arguments: &[&str]) -> String {
    refused_by("planted", checkout, arguments)
}

fn refused_by(command: &str, checkout: &Checkout, arguments: &[&str]) -> String {
    let arguments: Vec<&str> = std::iter::once(command).chain(arguments.iter().copied()).collect();
    let Output { status, stdout, stderr } = checkout.downbeat(&arguments);
    assert_eq!(status, Some(2), "{arguments:?}: {stdout}{stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{arguments:?}: {stderr}");
    assert!(stdout.is_empty(), "{arguments:?}: {stdout}");
    stderr.trim_end().to_owned()
}

#[test]
fn invalid_arguments_are_refused_in_one_line() {
    let checkout = checkout_with(GOOD);
    let refused = |arguments: &[&str]| refused(&checkout, arguments);
    assert!(refused(&["cachemap"]).contains("did you mean \"cache_map\"?"));
    assert!(refused(&["--driver", "magic"]).contains("unknown driver \"magic\""));
    assert!(refused(&["--time", "soon"]).contains("\"soon\" is not a time"));
    let meant = refused(&["--patch", "entry-is-last"]);
    assert!(meant.ends_with("unknown bug \"entry-is-last\"; did you mean \"entry-is-lost\"?"));
    assert!(refused(&["--patch", "x"]).ends_with("the patches are in fuzz/planted"));
    refused(&["--seeds", "0"]);
    refused(&["--rotate", "0"]);
    refused(&["--turn", "3"]);
    refused(&["--rotate", "1", "--patch", "entry-is-lost"]);
    for other in [["--seeds", "2"], ["--driver", "seeded"], ["--rotate", "1"]] {
        refused(&["--check", other[0], other[1]]);
    }
}

#[test]
fn searchers_that_cannot_be_compared_are_refused_in_one_line() {
    let checkout = checkout_with(GOOD);
    let refused = |arguments: &[&str]| refused_by("compare", &checkout, arguments);
    assert!(refused(&["--driver", "magic"]).contains("unknown driver \"magic\""));
    assert!(refused(&["--driver", "seeded -a"]).contains("seeded takes no options"));
    assert!(refused(&["--from", "scratch"]).contains("write empty or corpus"));
    let line = refused(&["--driver", "seeded", "--from", "corpus"]);
    assert!(line.ends_with("add --from empty"), "{line}");
    let line = refused(&["--driver", "seeded", "--driver", "seeded"]);
    assert!(line.ends_with("seeded is given twice"), "{line}");
    assert!(refused(&["--patch", "x"]).ends_with("the patches are in fuzz/planted"));
    refused(&["--draw", "3"]);
    refused(&["--sample", "1", "--patch", "entry-is-lost"]);
}

#[test]
fn a_malformed_header_is_refused_with_file_and_line_by_every_command() {
    let checkout = checkout_with(&GOOD.replace("# target    cache_map", "# target    cache"));
    for arguments in [&["--check"][..], &["cache_map"], &["--rotate", "1"]] {
        let line = refused(&checkout, arguments);
        let place = "downbeat: fuzz/planted/cache_map/entry-is-lost.patch:4: expected ";
        assert!(line.starts_with(place), "{line}");
    }
}

#[test]
fn a_file_that_is_not_a_patch_is_named() {
    let checkout = checkout_with(GOOD);
    checkout.write("fuzz/planted/cache_map/notes.md", b"words");
    let line = refused(&checkout, &["--check"]);
    assert!(line.contains("fuzz/planted/cache_map/notes.md: only patches belong here"), "{line}");
}

#[test]
fn a_checkout_without_git_or_without_bugs_is_refused() {
    let line = refused(&Checkout::bare(), &["--check"]);
    assert!(line.contains("cannot read the folder") && line.contains("fuzz/planted"), "{line}");
    let checkout = Checkout::bare();
    std::fs::create_dir_all(checkout.path("fuzz/planted")).expect("a folder");
    let line = refused(&checkout, &["cache_map"]);
    assert!(line.contains("target cache_map has no planted bugs"), "{line}");
    let line = refused(&checkout_with(GOOD), &["--rotate", "1"]);
    assert!(line.contains("git cannot count the commits here; add --turn NUMBER"), "{line}");
}

#[test]
fn a_patch_that_does_not_apply_or_compile_is_named_with_status_1() {
    let checkout = checkout_with(GOOD);
    let init = std::process::Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(checkout.folder.path())
        .status();
    assert!(init.expect("git starts").success());
    std::fs::create_dir_all(checkout.path("lsm/src")).expect("a folder");
    let manifest = "[package]\nname = \"downbeat-lsm\"\nedition = \"2024\"\n\n[lib]\npath = \"lsm/src/lib.rs\"\n";
    checkout.write("Cargo.toml", manifest.as_bytes());
    checkout.write(".gitignore", b"/target\n");
    for (core, status, said) in [
        ("other\n", 1, "entry-is-lost: DOES NOT APPLY: error: patch failed: lsm/src/lib.rs:1"),
        ("sound\n", 1, "entry-is-lost: DOES NOT COMPILE: error: expected "),
    ] {
        checkout.write("lsm/src/lib.rs", core.as_bytes());
        let output = checkout.downbeat(&["planted", "--check"]);
        assert_eq!(output.status, Some(status), "{output:?}");
        assert!(output.stdout.starts_with(&format!("cache_map/{said}")), "{}", output.stdout);
        let after =
            std::fs::read_to_string(checkout.path("lsm/src/lib.rs")).expect("the file exists");
        assert_eq!(after, core);
    }
    let good = GOOD.replace("-sound\n+broken", "-// sound\n+// broken");
    checkout.write("fuzz/planted/cache_map/entry-is-lost.patch", good.as_bytes());
    checkout.write("lsm/src/lib.rs", b"// sound\n");
    let output = checkout.downbeat(&["planted", "--check"]);
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.stdout, "cache_map/entry-is-lost: applies and compiles\n");
}

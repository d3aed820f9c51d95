//! Tests as scripts. A script consists of blocks: commands, a line `----`, and the output of the
//! commands.
//!
//! Empty lines separate blocks. Lines above the `----` that start with `#` are remarks. If the
//! environment variable `REWRITE` is set, the files are rewritten with the present output.

use std::fs;
use std::path::Path;

/// Runs every script of a folder. `start` creates an interpreter for each script. The
/// interpreter maps a command to lines of output.
pub(crate) fn run_all<I: FnMut(&str) -> Vec<String>>(folder: &Path, start: impl Fn() -> I) {
    let rewrite = std::env::var_os("REWRITE").is_some();
    let entries = fs::read_dir(folder).expect("the folder exists");
    let mut paths: Vec<_> =
        entries.map(|entry| entry.expect("the folder is readable").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no scripts in {}", folder.display());
    let mut wrong = String::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a script is text");
        let now = run(&text, start());
        if rewrite {
            fs::write(&path, &now).expect("a script can be written");
        } else if now != text {
            wrong += &difference(&path, &text, &now);
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n(REWRITE=1 rewrites the scripts)");
}

/// Returns the script with the present output of its commands.
fn run(text: &str, mut interpret: impl FnMut(&str) -> Vec<String>) -> String {
    let blocks = text.trim_end().split("\n\n").map(|block| {
        let (commands, _) = block.split_once("\n----").unwrap_or((block, ""));
        let is_command = |line: &&str| !line.starts_with('#') && !line.is_empty();
        let asked: Vec<&str> = commands.lines().filter(is_command).collect();
        if asked.is_empty() {
            return commands.to_owned();
        }
        let said: Vec<String> = asked.into_iter().flat_map(&mut interpret).collect();
        format!("{commands}\n----\n{}", said.join("\n")).trim_end().to_owned()
    });
    blocks.collect::<Vec<_>>().join("\n\n") + "\n"
}

fn difference(path: &Path, expected: &str, got: &str) -> String {
    let blocks = |text: &str| text.trim_end().split("\n\n").map(str::to_owned).collect::<Vec<_>>();
    let mut text = String::new();
    for (expected, got) in blocks(expected).iter().zip(blocks(got)) {
        if *expected != got {
            text += &format!("\n{}: expected\n{expected}\n\ngot\n{got}\n", path.display());
        }
    }
    if text.is_empty() {
        text = format!("\n{}: differs from the output only in empty lines\n", path.display());
    }
    text
}

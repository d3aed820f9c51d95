//! The mutants of the core, as cargo-mutants lists them.

use std::collections::HashMap;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use downbeat_protocol::project::Project;
use nanoserde::DeJson;

use super::mutant::{Mutant, Place};
use crate::{process, tools};

/// Functions that have no mutants. What they print is for people, and no target reads it. The
/// core's own tests do.
const PRINTED: &str = "impl (std::)?fmt::(Display|Debug)|impl Error for";

/// A mutant, in the JSON of cargo-mutants.
#[derive(DeJson)]
struct Listed {
    name: String,
    file: String,
    span: Span,
    replacement: String,
}

#[derive(DeJson)]
struct Span {
    start: LineColumn,
    end: LineColumn,
}

#[derive(DeJson)]
struct LineColumn {
    line: usize,
    column: usize,
}

/// Lists the mutants of the core. cargo-mutants must be installed: [`tools::CARGO_MUTANTS`].
///
/// # Errors
///
/// Returns an error if cargo-mutants cannot be started or fails, or its output is not understood.
pub fn list(project: &Project) -> Result<Vec<Mutant>> {
    let mut command = tools::cargo(project);
    command
        .args(["mutants", "--list", "--json", "--no-config", "--package", "downbeat-lsm"])
        .args(["--exclude-re", PRINTED])
        .stdin(Stdio::null());
    let output = command.output().context("cannot start cargo")?;
    ensure!(
        output.status.success(),
        "cargo mutants failed: {}",
        process::last_line(&String::from_utf8_lossy(&output.stderr))
    );
    parse(&String::from_utf8_lossy(&output.stdout))
}

fn parse(json: &str) -> Result<Vec<Mutant>> {
    let listed: Vec<Listed> =
        DeJson::deserialize_json(json).context("cargo mutants printed an unknown list")?;
    let mut known: HashMap<String, usize> = HashMap::new();
    let mutants = listed.into_iter().map(|Listed { name, file, span, replacement }| {
        // The name is `FILE:LINE:COLUMN: WHAT`.
        let what = name.splitn(4, ':').nth(3).unwrap_or(&name).trim();
        let mut name = format!("{file}: {what}");
        let count = known.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            name = format!("{name} #{count}");
        }
        let piece =
            [span.start, span.end].map(|LineColumn { line, column }| Place { line, column });
        Mutant { name, file, piece, replacement }
    });
    Ok(mutants.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"[
        {"diff": "--- a\n", "file": "lsm/src/a.rs", "function": null, "genre": "BinaryOperator",
         "name": "lsm/src/a.rs:3:9: replace + with - in f", "package": "downbeat-lsm",
         "replacement": "-", "span": {"end": {"column": 10, "line": 3}, "start": {"column": 9, "line": 3}}},
        {"diff": "", "file": "lsm/src/a.rs", "function": {"function_name": "f", "return_type": "",
         "span": {"end": {"column": 2, "line": 4}, "start": {"column": 1, "line": 2}}},
         "genre": "BinaryOperator", "name": "lsm/src/a.rs:3:13: replace + with - in f",
         "package": "downbeat-lsm", "replacement": "-",
         "span": {"end": {"column": 14, "line": 3}, "start": {"column": 13, "line": 3}}}
    ]"#;

    #[test]
    fn mutants_are_named_without_their_places() {
        let mutants = parse(JSON).expect("a list");
        let names: Vec<&str> = mutants.iter().map(|mutant| &*mutant.name).collect();
        let expected =
            ["lsm/src/a.rs: replace + with - in f", "lsm/src/a.rs: replace + with - in f #2"];
        assert_eq!(names, expected);
        let changed = mutants[1].apply("\n\n1 + 2 * a+ b+ c").expect("the piece is there");
        assert_eq!(changed, "\n\n1 + 2 * a+ b- c");
        assert!(parse("[{}]").is_err());
    }
}

//! What is said of a finding: the report that is printed and filed, and the test.

use std::fmt::Write;
use std::path::Path;

use downbeat::{AnyTarget, Failure};

use super::shrink::Shrunk;
use super::{Discovery, FailingInput};

/// Operations that a report shows; the last ones, if there are more.
const OPERATIONS_SHOWN: usize = 40;

/// Column at which remarks start.
const REMARKS_AT: usize = 40;

/// The report, in lines.
pub(super) fn report(
    target: &dyn AnyTarget,
    shrunk: &Shrunk,
    discovery: Discovery,
    input: &FailingInput,
    folder: &Path,
) -> String {
    let Shrunk { failure, operations_before, operations, candidates, time, .. } = shrunk;
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    line(format!(
        "{}: FINDING after {:.1} s, {} executions: {}",
        target.name(),
        discovery.after.as_secs_f64(),
        thousands(discovery.executions),
        failure.what
    ));
    line(format!("  check    {}      identity {}", failure.check, failure.identity));
    line(if shrunk.repeated {
        format!(
            "  shrunk   {operations_before} ops -> {operations} ops ({} candidates, {:.1} s)",
            thousands(*candidates),
            time.as_secs_f64()
        )
    } else {
        format!("  shrunk   no: {operations} ops, not run again here ({:?})", input.kind)
    });
    line(String::new());
    let settings = target.show_settings(&shrunk.bytes);
    line(format!("  {}", settings.lines().collect::<Vec<_>>().join("; ")));
    for text in history(shrunk) {
        line(text);
    }
    if !shrunk.repeated {
        for text in input.log.lines().filter(|text| text.contains("panicked")).take(3) {
            line(format!("  {text}"));
        }
    }
    line(String::new());
    let folder = folder.display();
    line(format!("  files    {folder}/{{input, ops.txt, test.rs, note.md, report.txt, found}}"));
    line(format!("  again    cargo downbeat replay {} {folder}/input", target.name()));
    line(format!(
        "  keep     copy test.rs to fuzz/harness/tests/{}.rs, finish note.md, and move the folder to \
         fuzz/bugs/{}/",
        shrunk.failure.identity.replace('-', "_"),
        target.name()
    ));
    out
}

/// The operations, numbered, with what happened at each.
fn history(shrunk: &Shrunk) -> Vec<String> {
    let mut lines = Vec::new();
    let hidden = shrunk.history.len().saturating_sub(OPERATIONS_SHOWN);
    if hidden > 0 {
        lines.push(format!("        ... {hidden} operations before these; ops.txt has all"));
    }
    for (index, explained) in shrunk.history.iter().enumerate().skip(hidden) {
        lines.push(operation_line(index as u64 + 1, explained));
    }
    let Failure { answers, state, .. } = &shrunk.failure;
    let what = match answers {
        Some((expected, got)) => format!("expected {expected}, got {got}"),
        None => shrunk.failure.what.clone(),
    };
    match lines.last_mut() {
        Some(last) if last.contains('#') => {
            let _ = write!(last, "; {what}");
        }
        Some(last) => {
            let _ = write!(last, "{:<1$} # {what}", "", REMARKS_AT.saturating_sub(last.len() + 1));
        }
        None => lines.push(format!("       # {what}")),
    }
    lines.extend(state.iter().map(|text| format!("       {text}")));
    lines
}

/// A line for one operation of a run: its number, itself, what happened.
#[must_use]
pub fn operation_line(number: u64, explained: &downbeat::run::Explained) -> String {
    let operation = if explained.operation.is_empty() {
        "  end".to_owned()
    } else {
        format!("{number:5}  {}", explained.operation)
    };
    if explained.remarks.is_empty() {
        operation
    } else {
        let width = REMARKS_AT - 1;
        format!("{operation:<width$} # {}", explained.remarks)
    }
}

/// A test that fails on its own.
pub(super) fn test(target: &dyn AnyTarget, shrunk: &Shrunk) -> String {
    let Failure { identity, what, .. } = &shrunk.failure;
    let name: String = format!("{what} {}", identity.split('-').next().unwrap_or(""))
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    let name =
        name.split('_').filter(|word| !word.is_empty()).take(14).collect::<Vec<_>>().join("_");
    let mut out = format!(
        "//! {what} (identity {identity}): shrunk from {} ops.\n\n#[test]\nfn {name}() {{\n",
        shrunk.operations_before
    );
    let _ =
        writeln!(out, "    downbeat::replay_text(\n        \"{}\",\n        r#\"", target.name());
    for line in target.show(&shrunk.bytes).lines() {
        let _ = writeln!(out, "        {line}");
    }
    out.push_str("        \"#,\n    );\n}\n");
    out
}

/// The beginning of a note on the bug, for whoever mends it.
pub(super) fn note(shrunk: &Shrunk) -> String {
    let Failure { what, check, .. } = &shrunk.failure;
    format!("# {what}\n\nCheck `{check}`. What was wrong, since when, and what mended it:\n")
}

/// A number with commas.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

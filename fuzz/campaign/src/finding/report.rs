//! The texts of a finding: the report, the test and the note.

use std::fmt::Write;
use std::path::Path;

use crate::program::Program;
use anyhow::Result;
use downbeat_protocol::Explained;
use downbeat_protocol::Failure;
use downbeat_protocol::project::Project;

use super::rate::RUNS;
use super::shrink::{How, Shrunk};
use super::{Discovery, Origin};
use crate::driver::Driver;

/// The maximum number of operations that a report shows. If there are more, it shows the last ones.
const OPERATIONS_SHOWN: usize = 40;

/// The column at which remarks start.
const REMARKS_AT: usize = 40;

/// The report, as lines.
pub(super) fn report(
    target: &Program,
    shrunk: &Shrunk,
    origin: Origin<'_>,
    folder: &Path,
    project: &Project,
) -> Result<String> {
    let failure = &shrunk.failure;
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(text.trim_end());
        out.push('\n');
    };
    let found = match origin {
        Origin::Driver(Discovery { after, executions, .. }, _) => {
            format!("after {:.1} s, {} executions", after.as_secs_f64(), thousands(executions))
        }
        Origin::File(path) | Origin::OneOfMany(path) => format!("in {}", path.display()),
    };
    line(format!("{}: FINDING {found}: {}", target.name(), failure.what));
    line(format!("  check    {}      identity {}", failure.check, failure.identity));
    line(format!("  shrunk   {}", how_far(shrunk, origin)));
    if let Some(failed) = shrunk.failed_again {
        line(format!("  rate     {failed} of {RUNS} further runs fail"));
    }
    line(String::new());
    let settings = target.show_settings(&shrunk.bytes)?;
    line(format!("  {}", settings.lines().collect::<Vec<_>>().join("; ")));
    for text in history(shrunk) {
        line(text);
    }
    if let (How::NotRepeated, Origin::Driver(_, input)) = (shrunk.how, origin) {
        let said = input.log.lines().skip_while(|text| !says_why(text));
        said.take(3).for_each(|text| line(format!("  {text}")));
    }
    line(String::new());
    let folder = folder.display();
    line(format!("  files    {folder}/{{input, ops.txt, test.rs, note.md, report.txt, found}}"));
    line(format!("  again    cargo downbeat replay {} {folder}/input", target.name()));
    let (file, name) = (shrunk.failure.identity.replace('-', "_"), target.name());
    line(match target.listing().is_adapter {
        true => {
            let tests = project.tests_of_adapter(name);
            format!("  keep     copy test.rs to {}/{file}.rs", tests.display())
        }
        false => format!(
            "  keep     copy test.rs to fuzz/targets/tests/{file}.rs, finish note.md, and move the \
             folder to fuzz/bugs/{name}/"
        ),
    });
    Ok(out)
}

/// Whether a line of a driver's log says why an input failed.
fn says_why(line: &str) -> bool {
    line.contains("panicked") || line.contains(" (check ")
}

/// How far an input was shrunk, in one line.
fn how_far(shrunk: &Shrunk, origin: Origin<'_>) -> String {
    let Shrunk { operations_before, operations, candidates, time, how, .. } = shrunk;
    let unfinished = match how {
        How::NotRepeated => {
            let kind = match origin {
                Origin::Driver(_, input) => format!(" (the driver reported: {:?})", input.kind),
                Origin::File(_) | Origin::OneOfMany(_) => String::new(),
            };
            return format!("no: {operations} ops; the input did not fail again{kind}");
        }
        How::NotYet if !shrunk.is_wanted => {
            return format!("no: {operations} ops; it is not the bug that is searched for");
        }
        How::NotYet => return format!("not yet: {operations} ops"),
        How::ToTheEnd => "",
        How::TimeOver => "; the time limit was reached: `downbeat shrink` continues",
        How::Interrupted => "; interrupted: `downbeat shrink` continues",
    };
    let (candidates, time) = (thousands(*candidates), time.as_secs_f64());
    let plainly = if operations > operations_before { "; written out as plain ops" } else { "" };
    format!(
        "{operations_before} ops -> {operations} ops ({candidates} candidates, {time:.1} s{plainly}{unfinished})"
    )
}

/// The operations as numbered lines, with remarks on what happened.
fn history(shrunk: &Shrunk) -> Vec<String> {
    let mut lines = Vec::new();
    let hidden = shrunk.history.len().saturating_sub(OPERATIONS_SHOWN);
    if hidden > 0 {
        lines.push(format!("        ... {hidden} earlier operations; ops.txt has all"));
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

/// The line for one operation of a run: its number, the operation, and a remark on what happened.
#[must_use]
pub fn operation_line(number: u64, explained: &Explained) -> String {
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

/// The text of a test that replays the input and fails.
pub(super) fn test(
    target: &Program,
    shrunk: &Shrunk,
    driver: Option<&'static dyn Driver>,
) -> Result<String> {
    let Failure { identity, what, .. } = &shrunk.failure;
    let name: String = format!("{what} {}", identity.split('-').next().unwrap_or(""))
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    let name =
        name.split('_').filter(|word| !word.is_empty()).take(14).collect::<Vec<_>>().join("_");
    let found = driver.map_or(String::new(), |driver| format!("found by {}, ", driver.name()));
    let mut out = format!(
        "//! {what} (identity {identity}): {found}shrunk from {} ops.\n\n#[test]\nfn {name}() {{\n",
        shrunk.operations_before
    );
    let _ = match target.listing().is_adapter {
        true => writeln!(
            out,
            "    downbeat_engine::replay_text::<downbeat_{}::Adapter>(\n        r#\"",
            target.name().replace('-', "_")
        ),
        false => writeln!(
            out,
            "    downbeat_targets::replay_text(\n        \"{}\",\n        r#\"",
            target.name()
        ),
    };
    for line in target.show(&shrunk.bytes)?.lines() {
        let _ = writeln!(out, "        {line}");
    }
    out.push_str("        \"#,\n    );\n}\n");
    Ok(out)
}

/// The start of a note on the bug. The developer who fixes the bug completes it.
pub(super) fn note(shrunk: &Shrunk) -> String {
    let Failure { what, check, .. } = &shrunk.failure;
    format!("# {what}\n\nCheck `{check}`. What was wrong, since when, and how it was fixed:\n")
}

/// A number with commas between thousands.
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

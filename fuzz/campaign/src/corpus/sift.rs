//! Inputs that fail, taken out: in a process of its own, which one of them may hang or end.
//!
//! The process keeps a journal: a line before each input, and one for each that fails. One that hangs
//! or ends the process is the last that the journal names; another process goes on behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use downbeat::AnyTarget;
use downbeat::drivers::CANARY_VARIABLE;

use super::gather::Source;
use crate::driver::HANG;
use crate::inputs;
use crate::process;

/// Time between two looks at the process.
const LOOK: Duration = Duration::from_millis(20);

/// An input that fails: a file that holds it, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// As for [`Source`].
    pub source: Source,
    /// What its failure is, in a line.
    pub why: String,
}

/// Takes those that fail out of `inputs`; the others are in `folder`, which is empty, afterwards.
///
/// # Errors
///
/// The process cannot be started, `folder` cannot be written, or `stop` was set.
pub fn sift(
    target: &dyn AnyTarget,
    sources: &mut BTreeMap<String, Source>,
    folder: &Path,
    stop: &AtomicBool,
) -> Result<Vec<Failing>> {
    inputs::write_all(folder, sources.values().map(|source| source.bytes.clone()))?;
    let journal = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    while let Some(why) = run(target, folder, journal.path(), stop)? {
        let Some(name) = Journal::read(journal.path())?.last else {
            bail!("inputs cannot be judged: {why}")
        };
        append(journal.path())?
            .write_all(format!("{FAILS} {name} {why}\n").as_bytes())
            .context("cannot write a temporary file")?;
    }
    let mut failing = Vec::new();
    for (name, why) in Journal::read(journal.path())?.fails {
        let path = folder.join(&name);
        std::fs::remove_file(&path).context("cannot write a temporary folder")?;
        if let Some(source) = sources.remove(&name) {
            failing.push(Failing { source, why });
        }
    }
    Ok(failing)
}

/// Runs the process to its end. Why it did not come to the end of the inputs, if it did not.
fn run(
    target: &dyn AnyTarget,
    folder: &Path,
    journal: &Path,
    stop: &AtomicBool,
) -> Result<Option<String>> {
    let program = std::env::current_exe().context("this program cannot find itself")?;
    let mut command = Command::new(program);
    command.args(["sift", target.name()]).args([folder, journal]);
    let said = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    let stderr = said.reopen().context("cannot make a temporary file")?;
    let mut child = process::spawn(command.stdout(Stdio::null()).stderr(stderr))?;
    let mut progress = (0, Instant::now());
    loop {
        if let Some(status) = child.try_wait().context("cannot ask for a child's status")? {
            let said = std::fs::read(said.path()).context("cannot read a temporary file")?;
            let said = String::from_utf8_lossy(&said);
            let said = process::last_line(&said);
            return match status.code() {
                Some(0) => Ok(None),
                // Its own affair, not an input's.
                Some(2) => bail!("inputs cannot be judged: {said}"),
                _ => Ok(Some(format!("it ends the process ({status}; {said})"))),
            };
        }
        let written = journal.metadata().context("cannot read a temporary file")?.len();
        if written != progress.0 {
            progress = (written, Instant::now());
        }
        let stopped = stop.load(Ordering::Relaxed);
        if stopped || progress.1.elapsed() > HANG {
            process::end(&mut child);
            if stopped {
                bail!("interrupted; nothing was written");
            }
            return Ok(Some(format!("it takes more than {} s", HANG.as_secs())));
        }
        std::thread::sleep(LOOK);
    }
}

/// The process's own part: judges the inputs in `folder` that the journal does not name yet.
///
/// # Errors
///
/// The folder cannot be read, or the journal not written.
pub fn judge_all(target: &dyn AnyTarget, folder: &Path, journal: &Path) -> Result<()> {
    let known = Journal::read(journal)?.judged;
    let mut journal = append(journal)?;
    let mut runner = target.runner();
    runner.set_canary(std::env::var_os(CANARY_VARIABLE).is_some());
    for file in inputs::files(folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if known.contains(&name) {
            continue;
        }
        let bytes = std::fs::read(&file).context("cannot read a temporary file")?;
        let mut note = |line: String| {
            journal.write_all(line.as_bytes()).context("cannot write a temporary file")
        };
        note(format!("{AT} {name}\n"))?;
        if let Some(failure) = runner.judge(&bytes, false).failure {
            note(format!("{FAILS} {name} {}\n", failure.to_string().replace('\n', " ")))?;
        }
    }
    Ok(())
}

const AT: &str = "at";
const FAILS: &str = "fails";

/// What a journal says.
#[derive(Debug, Default)]
struct Journal {
    judged: BTreeSet<String>,
    last: Option<String>,
    fails: BTreeMap<String, String>,
}

impl Journal {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).context("cannot read a temporary file")?;
        let mut journal = Journal::default();
        for line in text.lines() {
            let mut words = line.splitn(3, ' ');
            let (word, name, rest) = (words.next(), words.next(), words.next());
            let name = name.unwrap_or("").to_owned();
            if word == Some(FAILS) {
                journal.fails.insert(name, rest.unwrap_or("").to_owned());
            } else {
                journal.judged.insert(name.clone());
                journal.last = Some(name);
            }
        }
        Ok(journal)
    }
}

fn append(path: &Path) -> Result<File> {
    OpenOptions::new().append(true).open(path).context("cannot write a temporary file")
}

//! Minimizes a corpus: finds a small set of inputs with the same coverage as all inputs.
//!
//! libFuzzer's set cover is repeated until the corpus no longer becomes smaller: once for edges,
//! and once for edges with their counts, for which a corpus may have too little room. Edge coverage
//! does not show all goals of a target (`downbeat_protocol::goals`), so at least one input is also
//! kept for each goal that any input reaches. All of this is repeated with the kept inputs until
//! all of them are kept again.
//!
//! - The kept inputs have all edges and all goals of the inputs, unless these alone exceed the
//!   bounds of a corpus.
//! - The result is a fixpoint: minimizing it again keeps every input.
//! - Each kept input is canonical, passes, and is named by its content. Together the kept inputs
//!   are within the bounds of a committed corpus.
//! - Only [`write()`] changes the committed corpus. It replaces the whole corpus, unless an input
//!   of the committed corpus fails or the gate refuses the new corpus.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail, ensure};
use downbeat_protocol::Tally;
use downbeat_protocol::project::Project;
use downbeat_protocol::{Facts, corpus, gate, goals};

use super::gather::{self, Gathered, Source};
use super::sift::{Failing, sift};
use crate::build::Speed;
use crate::driver::{HANG, LIBFUZZER};
use crate::judge::Judge;
use crate::observer::Observer;
use crate::program::Program;
use crate::{encoding_of, inputs, statistics};

/// The result of minimizing.
#[derive(Debug)]
pub struct Minimized {
    /// The result of reading the folders, without the inputs that fail.
    pub gathered: Gathered,
    /// Inputs that fail. They are not kept.
    pub failing: Vec<Failing>,
    /// The kept inputs, by name.
    pub kept: BTreeMap<String, Vec<u8>>,
    /// The number of covering inputs that are not kept, because of the bounds of a corpus.
    pub over_bounds: usize,
    /// The number of times that the set cover was computed.
    pub rounds: u32,
}

/// Minimizes the inputs in `folders`.
///
/// # Errors
///
/// Returns an error if the driver cannot be built or run, a folder cannot be read, or `stop` is
/// set.
pub fn minimize(
    project: &Project,
    target: &Program,
    folders: &[PathBuf],
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Minimized> {
    let mut gathered = Gathered::from(target, folders)?;
    let fuzzer = LIBFUZZER.build(project, target.listing(), Speed::Soon, observer, stop)?;
    let failing = sift(target, &mut gathered.inputs, stop)?;
    let mut judged = judge(target, &gathered.inputs, stop)?;
    let (mut over_bounds, mut rounds) = (0, 0);
    loop {
        let inputs = judged.keys().map(|name| (name, &gathered.inputs[name]));
        let inputs: BTreeMap<_, _> =
            inputs.map(|(name, source)| (name.clone(), source.clone())).collect();
        let mut cover = |of| cover(&fuzzer, target, &inputs, of, &mut rounds, stop);
        let covers = Covers { edges: cover(Of::Edges)?, counts: cover(Of::Counts)? };
        let names = select(target.facts(), &judged, &covers);
        let covering = covers.edges.union(&covers.counts);
        over_bounds += covering.filter(|name| !names.contains(*name)).count();
        if names.len() == judged.len() {
            break;
        }
        judged.retain(|name, _| names.contains(name));
    }
    let kept = judged.into_keys().map(|name| {
        let bytes = gathered.inputs[&name].bytes.clone();
        (name, bytes)
    });
    Ok(Minimized { kept: kept.collect(), gathered, failing, over_bounds, rounds })
}

/// What inputs cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// Edges.
    Edges,
    /// Edges with their counts, which libFuzzer calls features.
    Counts,
}

/// The names of the inputs that together cover what all inputs cover.
struct Covers {
    edges: BTreeSet<String>,
    counts: BTreeSet<String>,
}

/// Repeats libFuzzer's set cover until it no longer makes `inputs` smaller. Returns the names of
/// the covering inputs, and adds the number of rounds to `rounds`.
fn cover(
    fuzzer: &Program,
    target: &Program,
    inputs: &BTreeMap<String, Source>,
    of: Of,
    rounds: &mut u32,
    stop: &AtomicBool,
) -> Result<BTreeSet<String>> {
    let mut inputs = inputs.clone();
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut folder = scratch.path().join("all");
    gather::write(target, &folder, &inputs)?;
    loop {
        *rounds += 1;
        let next = scratch.path().join(rounds.to_string());
        std::fs::create_dir(&next).context("cannot make a temporary folder")?;
        encoding_of::mark(target, &next)?;
        let mut command = Command::new(fuzzer.path());
        command
            .arg("-set_cover_merge=1")
            .arg(format!("-use_counters={}", u8::from(of == Of::Counts)))
            .arg(format!("-max_len={}", target.budget().input_bytes))
            .args([&next, &folder]);
        super::run_merge(&mut command, scratch.path(), stop)?;
        let covers = Gathered::from(target, std::slice::from_ref(&next))?.inputs;
        if size(&covers) >= size(&inputs) {
            return Ok(inputs.into_keys().collect());
        }
        (inputs, folder) = (covers, next);
    }
}

/// The number of files and the number of bytes. Each round except the last makes this pair smaller.
fn size(inputs: &BTreeMap<String, Source>) -> (usize, usize) {
    (inputs.len(), inputs.values().map(|source| source.bytes.len()).sum())
}

/// An input that may be kept: its length and its tally.
struct Candidate {
    bytes: u64,
    tally: Tally,
}

/// Runs each input and returns its tally. All inputs must pass.
fn judge(
    target: &Program,
    inputs: &BTreeMap<String, Source>,
    stop: &AtomicBool,
) -> Result<BTreeMap<String, Candidate>> {
    let mut judge = Judge::new(target, false);
    let mut judged = BTreeMap::new();
    for (name, source) in inputs {
        let tally = judge.judge(&source.bytes, false, HANG, stop)?.tally;
        let tally = tally.context("interrupted; nothing was written")?;
        judged.insert(name.clone(), Candidate { bytes: source.bytes.len() as u64, tally });
    }
    Ok(judged)
}

/// Selects the inputs to keep and returns their names.
///
/// Keeps, in this order: inputs that reach a new goal; inputs that cover edges; inputs that cover
/// counts, the shortest first; inputs that the corpus needs for its share of hits; and the other
/// covering inputs that still fit.
fn select(facts: &Facts, all: &BTreeMap<String, Candidate>, covers: &Covers) -> BTreeSet<String> {
    let Covers { edges, counts } = covers;
    let mut kept = Kept { names: BTreeSet::new(), bytes: 0, tally: Tally::ZERO };
    // Covering inputs are tried first, so that no other input is kept for a goal that a covering
    // input reaches.
    let mut order: Vec<(&String, &Candidate)> = all.iter().collect();
    order.sort_by_key(|(name, candidate)| {
        (!edges.contains(*name), !counts.contains(*name), candidate.bytes, *name)
    });
    for (name, candidate) in &order {
        let reached = goals::reached(facts, &candidate.tally);
        if reached.iter().any(|goal| !goal.is_reached(facts, &kept.tally)) {
            kept.add(name, candidate, 0);
        }
    }
    for (name, candidate) in order.iter().filter(|(name, _)| edges.contains(*name)) {
        kept.add(name, candidate, 0);
    }
    order.sort_by_key(|(name, candidate)| (candidate.bytes, *name));
    for (name, candidate) in order.iter().filter(|(name, _)| counts.contains(*name)) {
        kept.add(name, candidate, FILES_FOR_HITS);
    }
    order.retain(|(name, _)| !kept.names.contains(*name));
    order.sort_by_key(|(name, candidate)| (-surplus(&candidate.tally), *name));
    for (name, candidate) in order.iter().take(FILES_FOR_HITS) {
        if surplus(&kept.tally) >= 0 || surplus(&candidate.tally) <= 0 {
            break;
        }
        kept.add(name, candidate, 0);
    }
    // The other covering inputs are kept as long as they fit, unless they lower the share of hits
    // too far.
    order.sort_by_key(|(name, candidate)| (candidate.bytes, *name));
    for (name, candidate) in order.iter().filter(|(name, _)| counts.contains(*name)) {
        let surplus_then = surplus(&kept.tally) + surplus(&candidate.tally);
        if surplus_then >= 0 || surplus(&candidate.tally) >= 0 {
            kept.add(name, candidate, 0);
        }
    }
    kept.names
}

/// The number of files that are reserved for inputs that increase the share of hits.
const FILES_FOR_HITS: usize = corpus::FILES_MAX / 8;

/// The number of hits minus the number that a corpus with these reads must have, in thousandths of
/// a hit. Negative if hits are missing.
fn surplus(tally: &Tally) -> i64 {
    let needed = (1e3 * gate::HITS_MIN).ceil() as i64;
    1000 * tally.hits.cast_signed() - needed * tally.reads.cast_signed()
}

/// The inputs kept so far.
struct Kept {
    names: BTreeSet<String>,
    bytes: u64,
    tally: Tally,
}

impl Kept {
    /// Keeps an input if it and `reserved` more files of average size are within the bounds of a
    /// corpus.
    fn add(&mut self, name: &str, candidate: &Candidate, reserved: usize) {
        let share = corpus::BYTES_MAX / corpus::FILES_MAX as u64;
        let fits = self.names.len() + reserved < corpus::FILES_MAX
            && self.bytes + candidate.bytes + share * reserved as u64 <= corpus::BYTES_MAX;
        if fits && self.names.insert(name.to_owned()) {
            self.bytes += candidate.bytes;
            self.tally.add(&candidate.tally);
        }
    }
}

/// Replaces the committed corpus of `target` with the kept inputs.
///
/// If the gate (`downbeat_protocol::gate`) refuses the kept inputs, nothing is written, and the
/// faults are returned, one line each.
///
/// # Errors
///
/// Returns an error if no input is kept, an input of the committed corpus fails, the folder cannot
/// be written, or `stop` is set.
pub fn write(
    project: &Project,
    target: &Program,
    kept: &BTreeMap<String, Vec<u8>>,
    stop: &AtomicBool,
) -> Result<Vec<String>> {
    ensure!(!kept.is_empty(), "no inputs to keep; name a folder that has some");
    let statistics = statistics::gather(target, kept.values().cloned(), stop)?;
    let faults = gate::corpus(target.facts(), &statistics);
    if !faults.is_empty() {
        return Ok(faults);
    }
    let folder = project.corpus(target.name());
    if folder.is_dir() {
        let mut committed = Gathered::from(target, std::slice::from_ref(&folder))?.inputs;
        if let Some(Failing { source, failure }) = sift(target, &mut committed, stop)?.first() {
            bail!(
                "{} fails: {failure}; nothing was written; fix the failure or remove the input first",
                source.file.display()
            );
        }
    }
    inputs::write_all(&folder, kept.values().cloned())?;
    for file in inputs::files(&folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !kept.contains_key(&name) {
            std::fs::remove_file(&file)
                .with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use downbeat_protocol::states::StateGroup;
    use downbeat_protocol::{Elsewhere, Encoding};

    use super::*;

    fn facts() -> Facts {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Facts {
            kinds: names(&["put", "get"]),
            events: names(&["happened"]),
            faults: Vec::new(),
            states: vec![StateGroup::new("state", 8)],
            elsewhere: Elsewhere::NOTHING,
            overflow_checks: true,
            encoding: Encoding::FIRST,
        }
    }

    fn candidate(bytes: u64, change: impl FnOnce(&mut Tally)) -> Candidate {
        let mut tally = Tally::ZERO;
        change(&mut tally);
        Candidate { bytes, tally }
    }

    fn select_of(all: Vec<(&str, Candidate)>, counts: &[&str]) -> Vec<String> {
        select_with(all, &[], counts)
    }

    fn select_with(all: Vec<(&str, Candidate)>, edges: &[&str], counts: &[&str]) -> Vec<String> {
        let all = all.into_iter().map(|(name, candidate)| (name.to_owned(), candidate)).collect();
        let [edges, counts] = [edges, counts].map(|names| names.iter().map(ToString::to_string));
        let covers = Covers { edges: edges.collect(), counts: counts.collect() };
        select(&facts(), &all, &covers).into_iter().collect()
    }

    #[test]
    fn in_a_full_corpus_the_inputs_that_cover_edges_are_kept_though_they_are_long() {
        let names: Vec<String> = (0..600).map(|number| format!("{number:03}")).collect();
        let all = names.iter().map(|name| (name.as_str(), candidate(9, |_| ())));
        let all = all.chain([("long", candidate(400, |_| ()))]).collect();
        let mut counts: Vec<&str> = names.iter().map(String::as_str).collect();
        counts.push("long");
        let kept = select_with(all, &["long"], &counts);
        assert_eq!(kept.len(), corpus::FILES_MAX);
        assert!(kept.contains(&"long".to_owned()));
    }

    #[test]
    fn the_shortest_input_is_kept_for_a_goal_that_no_covering_input_reaches() {
        let all = vec![
            ("covers", candidate(9, |tally| tally.events[0] = 1)),
            ("same", candidate(5, |tally| tally.events[0] = 1)),
            ("long", candidate(7, |tally| tally.kinds[1] = 1)),
            ("short", candidate(6, |tally| tally.kinds[1] = 1)),
            ("state", candidate(8, |tally| tally.states.insert(3))),
        ];
        assert_eq!(select_of(all, &["covers"]), ["covers", "short", "state"]);
    }

    #[test]
    fn a_corpus_with_too_few_hits_gets_the_inputs_with_the_most_hits() {
        let reads = |reads, hits| {
            candidate(5, |tally: &mut Tally| (tally.reads, tally.hits) = (reads, hits))
        };
        let all = vec![("covers", reads(100, 20)), ("some", reads(10, 9)), ("most", reads(20, 19))];
        assert_eq!(select_of(all, &["covers"]), ["covers", "most"]);
        let all = vec![("covers", reads(100, 20)), ("misses", reads(10, 3))];
        assert_eq!(select_of(all, &["covers"]), ["covers"]);
    }

    #[test]
    fn the_kept_inputs_are_within_the_bounds_and_the_longest_are_dropped() {
        let names: Vec<String> = (0..600).map(|number| format!("{number:03}")).collect();
        let all = || {
            names
                .iter()
                .enumerate()
                .map(|(n, name)| (name.as_str(), candidate(600 - n as u64, |_| ())))
        };
        let covering: Vec<&str> = names.iter().map(String::as_str).collect();
        let kept = select_of(all().collect(), &covering);
        assert_eq!(kept.len(), corpus::FILES_MAX);
        assert_eq!(kept.last().map(String::as_str), Some("599"));
        let large = all().map(|(name, _)| (name, candidate(4096, |_| ())));
        let kept = select_of(large.collect(), &covering);
        assert!(kept.len() as u64 * 4096 <= corpus::BYTES_MAX && kept.len() > 100);
    }
}

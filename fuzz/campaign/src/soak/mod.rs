//! A soak: campaigns on several targets for hours, in slices.
//!
//! | module | contents |
//! |---|---|
//! | `shares` | which target gets the next slice |
//! | `journal` | what happened, on disk, so that a soak goes on where it was killed |
//! | `kept` | findings that an earlier session left |
//! | `tidy` | keeps the folders of new inputs small |
//!
//! - A soak that was killed loses at most the news of the slice that was under way: new inputs are
//!   on disk, and its findings are filed by the first slice of the next session, which is on the
//!   same target.
//! - A finding does not end the soak. Neither does a driver that dies.

mod journal;
mod kept;
mod shares;
mod tidy;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use downbeat_protocol::Listing;
use downbeat_protocol::project::Project;

pub use journal::{Entry, Minimized, Slice};
pub use kept::Retried;

use crate::build::{self, Speed};
use crate::campaign::{Campaign, End, Options};
use crate::driver::Driver;
use crate::finding::Finding;
use crate::observer::Observer;
use crate::program::Program;
use journal::Journal;
use shares::Share;

/// A slice may take this many times its CPU time of wall time, because the machine may have other
/// work.
const PATIENCE: u32 = 4;

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The targets, at least one.
    pub targets: Vec<&'static Listing>,
    /// The driver.
    pub driver: &'static dyn Driver,
    /// Wall time of all sessions together.
    pub time: Duration,
    /// The CPU time of a slice, for each job.
    pub slice: Duration,
    /// The number of jobs of a slice.
    pub jobs: u32,
    /// Whether a new soak begins although there is a journal.
    pub fresh: bool,
}

/// Receives the progress of a soak, besides that of its campaigns.
pub trait Watcher: Observer {
    /// A slice ended. It brought these new states and edges. `why` says why its driver died.
    ///
    /// # Errors
    ///
    /// An error ends the soak.
    fn slice(&mut self, slice: &Slice, states: u64, edges: u64, why: &str) -> io::Result<()>;

    /// A finding was filed.
    ///
    /// # Errors
    ///
    /// An error ends the soak.
    fn filed(&mut self, finding: &Finding) -> io::Result<()>;

    /// New inputs were minimized.
    ///
    /// # Errors
    ///
    /// An error ends the soak.
    fn minimized(&mut self, minimized: &Minimized) -> io::Result<()>;
}

/// What a soak did on a target, in all sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The target's name.
    pub target: String,
    /// The number of slices.
    pub slices: usize,
    /// CPU seconds.
    pub cpu_seconds: f64,
    /// Executions.
    pub executions: u64,
    /// The most states that a slice reached.
    pub states: u64,
    /// The most edges that a slice reached.
    pub edges: u64,
    /// CPU seconds on the target since a slice brought something new.
    pub since_news: f64,
    /// The number of inputs in its work folder.
    pub inputs: usize,
}

/// The result of a session.
#[derive(Clone, Debug)]
pub struct Soaked {
    /// A row for each target.
    pub rows: Vec<Row>,
    /// The filed findings of the targets, of any origin.
    pub findings: Vec<Retried>,
    /// Whether the time of the soak is over.
    pub is_over: bool,
}

/// Runs a soak, or goes on with it, until its time is over or `stop` is set.
///
/// # Errors
///
/// Returns an error if the journal or a folder cannot be read or written, another soak is running,
/// a build fails, or the watcher fails.
pub fn soak(
    project: &Project,
    plan: &Plan,
    watcher: &mut dyn Watcher,
    stop: &AtomicBool,
) -> Result<Soaked> {
    ensure!(!plan.targets.is_empty(), "a soak needs a target");
    let journal = Journal::open(project, plan.fresh)?;
    let mut session = Session { project, plan, stop, shares: Vec::new(), journal };
    session.learn();
    session.file_kept(watcher)?;
    session.run(watcher)?;
    session.end(watcher)
}

struct Session<'a> {
    project: &'a Project,
    plan: &'a Plan,
    stop: &'a AtomicBool,
    /// For each target of the plan.
    shares: Vec<Share>,
    journal: Journal,
}

impl Session<'_> {
    /// Learns what the journal says about the targets.
    fn learn(&mut self) {
        self.shares = vec![Share::default(); self.plan.targets.len()];
        for (number, slice) in journal::slices(self.journal.entries()).enumerate() {
            if let Some(index) = index(self.plan, &slice.target) {
                self.shares[index].learn(slice, number + 1);
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn program(&self, target: &'static Listing, watcher: &mut dyn Watcher) -> Result<Program> {
        let speed = Speed::of(self.plan.time);
        build::plain_program(self.project, target, speed, watcher, self.stop)
    }

    /// Files what earlier sessions kept.
    fn file_kept(&mut self, watcher: &mut dyn Watcher) -> Result<()> {
        for target in &self.plan.targets {
            if kept::has_findings(self.project, target.name) && !self.is_stopped() {
                let program = self.program(target, watcher)?;
                for finding in kept::file_kept(self.project, &program, self.stop)? {
                    watcher.filed(&finding)?;
                }
            }
        }
        Ok(())
    }

    fn run(&mut self, watcher: &mut dyn Watcher) -> Result<()> {
        let under_way = self.journal.under_way().and_then(|name| index(self.plan, name));
        let mut under_way = under_way;
        let mut number = journal::slices(self.journal.entries()).count();
        while !self.is_over() && !self.is_stopped() {
            number += 1;
            let index = under_way.take().unwrap_or_else(|| shares::next(&self.shares, number));
            let target = self.plan.targets[index];
            let seed = self.journal.begun() as u64 * u64::from(self.plan.jobs) + 1;
            self.journal.add(Entry::Begun(target.name.to_owned()))?;
            let Some((slice, why)) = self.slice(target, seed, watcher)? else { break };
            self.journal.add(Entry::Ended(slice.clone()))?;
            let (states, edges) = self.shares[index].learn(&slice, number);
            watcher.slice(&slice, states, edges, &why)?;
            self.tidy(target, watcher)?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.journal.seconds() >= self.plan.time.as_secs_f64()
    }

    /// Runs a slice. `None` if it was interrupted before its driver ran. The text says why its
    /// driver died.
    fn slice(
        &self,
        target: &'static Listing,
        seed: u64,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<(Slice, String)>> {
        let start = Instant::now();
        let cpu = self.plan.slice * self.plan.jobs;
        let options = Options {
            driver: self.plan.driver,
            time: self.plan.slice * PATIENCE,
            cpu: Some(cpu),
            speed: Speed::of(self.plan.time),
            jobs: self.plan.jobs,
            seed,
            corpus: None,
            without: Vec::new(),
            extra: Vec::new(),
            canary: false,
        };
        let campaign = Campaign { project: self.project, options, stop: self.stop, wanted: None };
        let program = match campaign.build(target, watcher) {
            Err(_) if self.is_stopped() => return Ok(None),
            built => built?,
        };
        let summary = campaign.run(&program, watcher)?;
        let mut why = String::new();
        let mut findings = Vec::new();
        match &summary.end {
            End::Found(found) => {
                for finding in found {
                    watcher.filed(finding)?;
                    let folder = finding.folder.strip_prefix(self.project.root());
                    let folder = folder.unwrap_or(&finding.folder);
                    findings.push(folder.display().to_string());
                }
            }
            End::Died(reason) => why.clone_from(reason),
            End::Time | End::Interrupted => {}
        }
        if let Some(trouble) = summary.trouble {
            return Err(trouble).context("the slice ended early");
        }
        let cpu = summary.cpu.unwrap_or(summary.last.elapsed * self.plan.jobs);
        let slice = Slice {
            target: target.name.to_owned(),
            seconds: start.elapsed().as_secs_f64(),
            cpu_seconds: cpu.as_secs_f64(),
            executions: summary.last.figures.executions,
            states: summary.last.figures.states.len() as u64,
            edges: summary.last.edges.unwrap_or(0),
            end: summary.end.name().to_owned(),
            findings,
        };
        Ok(Some((slice, why)))
    }

    /// Minimizes the new inputs of a target if they have become many.
    fn tidy(&mut self, target: &'static Listing, watcher: &mut dyn Watcher) -> Result<()> {
        let after_last = self.journal.entries().iter().rev().find_map(|entry| match entry {
            Entry::Minimized(minimized) if minimized.target == target.name => Some(minimized.after),
            _ => None,
        });
        let inputs = tidy::count(self.project, target.name);
        if self.is_stopped() || !tidy::is_due(inputs, after_last.unwrap_or(0)) {
            return Ok(());
        }
        let program = self.program(target, watcher)?;
        match tidy::tidy(self.project, &program, watcher, self.stop) {
            Err(_) if self.is_stopped() => Ok(()),
            Err(error) => Err(error),
            Ok(minimized) => {
                watcher.minimized(&minimized)?;
                self.journal.add(Entry::Minimized(minimized))
            }
        }
    }

    /// Runs the findings again, and sums up.
    fn end(&self, watcher: &mut dyn Watcher) -> Result<Soaked> {
        let mut findings = Vec::new();
        // An interruption ends the session, but its findings are still run again.
        let go_on = AtomicBool::new(false);
        for target in &self.plan.targets {
            if kept::has_findings(self.project, target.name) {
                let speed = Speed::of(self.plan.time);
                let program = build::plain_program(self.project, target, speed, watcher, &go_on)?;
                findings.extend(kept::retry(self.project, &program, &go_on)?);
            }
        }
        let rows = self.plan.targets.iter().zip(&self.shares).map(|(target, share)| {
            let mut row = Row {
                target: target.name.to_owned(),
                states: share.states,
                edges: share.edges,
                since_news: share.since_news,
                inputs: tidy::count(self.project, target.name),
                ..Row::default()
            };
            for slice in journal::slices(self.journal.entries()) {
                if slice.target == target.name {
                    row.slices += 1;
                    row.cpu_seconds += slice.cpu_seconds;
                    row.executions += slice.executions;
                }
            }
            row
        });
        Ok(Soaked { rows: rows.collect(), findings, is_over: self.is_over() })
    }
}

/// The place of a target in the plan.
fn index(plan: &Plan, name: &str) -> Option<usize> {
    plan.targets.iter().position(|target| target.name == name)
}

//! What a campaign leaves: failing inputs, which are kept and filed, and logs of drivers that died.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use downbeat_protocol::Listing;

use super::Campaign;
use super::watch::{Watched, snapshot};
use crate::failing_input::{FailingInput, FailureKind};
use crate::finding::{self, Discovery, Finding};
use crate::job::Job;
use crate::observer::{Observer, Snapshot};
use crate::program::Program;
use crate::{process, running};

impl Campaign<'_> {
    /// Files the findings of earlier campaigns on the target that were killed.
    pub(super) fn recover(
        &self,
        target: &Program,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Finding>> {
        let listing = target.listing();
        let inputs = running::recover(self.project, listing, &mut |input| {
            finding::keep(self.project, listing, input).map(drop)
        })?;
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        let last = snapshot(target, &mut [], Duration::ZERO, self.options.time);
        let (findings, filed) = self.file(target, &inputs, &last, observer);
        filed.map(|()| findings)
    }

    /// Keeps the failing inputs of the processes. If a process that was killed by a signal, or that
    /// hung, left no failing input, keeps its current input, if the driver can make it again.
    pub(super) fn keep(
        &self,
        target: &Program,
        jobs: &[Job],
        watched: Option<&Watched>,
    ) -> Result<Vec<FailingInput>> {
        let mut inputs = Vec::new();
        let mut kept = Ok(());
        for (number, job) in jobs.iter().enumerate() {
            let current = match watched {
                Some(Watched::Killed { job, .. }) if *job == number => Some(FailureKind::Crash),
                Some(Watched::Hangs { job, .. }) if *job == number => Some(FailureKind::Hang),
                _ => None,
            };
            let current = current.and_then(|kind| {
                let start = self.start_of(target, &[], Path::new(""), number as u32);
                let bytes = self.options.driver.input_at_hand(&start, job.executions_at_end())?;
                Some(FailingInput { bytes, kind, log: job.log_tail() })
            });
            let left = job.failing_inputs().unwrap_or_else(|error| {
                // The inputs of the other processes are kept first.
                kept = std::mem::replace(&mut kept, Ok(())).and(Err(error));
                Vec::new()
            });
            let left = if left.is_empty() { current.into_iter().collect() } else { left };
            for input in left {
                match finding::keep(self.project, target.listing(), &input) {
                    Ok(_) => inputs.push(input),
                    Err(error) => kept = kept.and(Err(error)),
                }
            }
        }
        kept.map(|()| inputs)
    }

    /// Files inputs that are kept. If an input cannot be filed, the others are still filed, and the
    /// first error is returned.
    pub(super) fn file(
        &self,
        target: &Program,
        inputs: &[FailingInput],
        last: &Snapshot,
        observer: &mut dyn Observer,
    ) -> (Vec<Finding>, Result<()>) {
        let mut findings = Vec::new();
        let (mut told, mut filed) = (Ok(()), Ok(()));
        let discovery = Discovery {
            driver: self.options.driver,
            after: last.elapsed,
            executions: last.figures.executions,
            canary: self.options.canary,
            wanted: self.wanted,
        };
        for input in inputs {
            let found = observer.found(target.name(), last.elapsed, last.figures.executions);
            told = told.and(found.map_err(anyhow::Error::from));
            match finding::file(self.project, target, input, discovery, self.stop) {
                Ok(finding) => findings.push(finding),
                Err(error) => filed = filed.and(Err(error)),
            }
        }
        (findings, filed.and(told))
    }

    /// Writes the log of a driver that died to the build folder. Returns a line for the user with
    /// the reason and the path of the log.
    pub(super) fn died(&self, target: &Listing, why: &str, log: &str) -> Result<String> {
        let driver = self.options.driver.name();
        let folder = self.project.build().join("logs");
        let path = folder.join(format!("{}-{driver}.log", target.name));
        let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, log));
        kept.with_context(|| format!("{why}; cannot write its log to {}", path.display()))?;
        let path = path.strip_prefix(self.project.root()).unwrap_or(&path).display();
        let last = match process::last_line(log) {
            "" => "nothing".to_owned(),
            line => format!("{line:?}"),
        };
        Ok(format!(
            "{why} and left no input; its last line is {last}; read {path}, and try again or with another \
             --driver"
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use downbeat_protocol::project::Project;

    use super::*;
    use crate::build::Speed;
    use crate::campaign::Options;
    use crate::driver::DRIVERS;

    #[test]
    fn the_message_about_a_dead_driver_has_the_last_line_and_the_path_of_its_log() {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let project = Project::at(scratch.path());
        let options = Options {
            driver: DRIVERS[2],
            time: Duration::from_secs(1),
            cpu: None,
            speed: Speed::Soon,
            jobs: 1,
            seed: 1,
            corpus: None,
            without: Vec::new(),
            canary: false,
            extra: Vec::new(),
        };
        let stop = AtomicBool::new(false);
        let campaign = Campaign { project: &project, options, stop: &stop, wanted: None };
        let target = &downbeat_protocol::registry::CACHE_MAP;
        let log = "a banner\n\nthere is no shared memory\n\n";
        let line = campaign.died(target, "the driver ended", log).expect("the log is kept");
        assert_eq!(line.lines().count(), 1);
        for part in ["the driver ended", "\"there is no shared memory\"", "target/logs/"] {
            assert!(line.contains(part), "no {part:?} in {line}");
        }
        let kept = project.build().join("logs/cache_map-afl.log");
        assert_eq!(std::fs::read_to_string(kept).expect("a log"), log);
    }
}

//! The live line of a campaign.
//!
//! On a terminal, one line is updated each second. To another output, a line is printed after the
//! first second and then every five seconds.

use std::io::{self, IsTerminal};
use std::time::Duration;

use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::soak::{Minimized, Slice, Watcher};
use downbeat_campaign::{Finding, Observer, Snapshot};
use downbeat_protocol::project::Project;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::print;
use crate::watched_page::WatchedPage;

/// Prints the progress of a campaign.
pub(crate) struct Live {
    bar: ProgressBar,
    terminal: bool,
    /// The time of the last line, since the driver started; `None` before the first line.
    printed: Option<Duration>,
    page: Option<WatchedPage>,
}

impl Live {
    pub(crate) fn new() -> Self {
        let terminal = io::stdout().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if terminal {
            bar.set_draw_target(ProgressDrawTarget::stdout());
            bar.set_style(ProgressStyle::with_template("{msg}").expect("the template is valid"));
        }
        Live { bar, terminal, printed: None, page: None }
    }

    /// Also keeps the page of `downbeat report` up to date, until [`Live::end_page`] is called.
    pub(crate) fn keep_page(&mut self, project: &Project) -> anyhow::Result<()> {
        let page = WatchedPage::begin(project)?;
        print::line(&format!("open {} in a browser; it loads itself again", page.path()))?;
        self.page = Some(page);
        Ok(())
    }

    /// Writes the page for the last time, if there is one.
    pub(crate) fn end_page(&mut self) -> anyhow::Result<()> {
        self.page.take().map_or(Ok(()), |mut page| page.end())
    }

    /// Replaces the live line by a permanent line that says how the campaign ended.
    pub(crate) fn end(&mut self, snapshot: &Snapshot, how: &str) -> io::Result<()> {
        self.printed = None;
        self.above(&line(snapshot, how))
    }

    /// Prints a permanent line above the live line.
    fn above(&self, text: &str) -> io::Result<()> {
        self.bar.set_message("");
        self.bar.suspend(|| print::line(text))
    }
}

impl Observer for Live {
    fn waiting(&mut self, what: &str) -> io::Result<()> {
        print::bytes(format!("downbeat: {what} ...").as_bytes())
    }

    fn waited(&mut self, time: Duration, remark: &str) -> io::Result<()> {
        print::line(&format!(" done in {:.0} s{remark}", time.as_secs_f64()))
    }

    fn running(&mut self, snapshot: &Snapshot) -> io::Result<()> {
        if let Some(page) = &mut self.page {
            page.renew()?;
        }
        // The first line is printed after a second, when there are figures.
        let wait = if self.terminal || self.printed.is_none() { 1 } else { 5 };
        let due = self.printed.unwrap_or_default() + Duration::from_secs(wait);
        if snapshot.elapsed < due {
            return Ok(());
        }
        self.printed = Some(snapshot.elapsed);
        let left = snapshot.time.saturating_sub(snapshot.elapsed).as_secs_f64().ceil();
        let line = line(snapshot, &format!("running, {left:.0} s left"));
        if self.terminal {
            self.bar.set_message(line);
            return Ok(());
        }
        print::line(&line)
    }

    fn found(&mut self, target: &str, after: Duration, executions: u64) -> io::Result<()> {
        self.above(&format!(
            "{target}: a finding after {:.1} s, {} executions; shrinking it",
            after.as_secs_f64(),
            thousands(executions)
        ))
    }
}

impl Watcher for Live {
    fn slice(&mut self, slice: &Slice, states: u64, edges: u64, why: &str) -> io::Result<()> {
        self.printed = None;
        let Slice { target, cpu_seconds, end, .. } = slice;
        let mut line = format!(
            "{target:<15} {cpu_seconds:>4.0} CPU s  {states:>4} new states  {edges:>6} new edges   {end}"
        );
        if !why.is_empty() {
            line.push_str(&format!(": {why}"));
        }
        self.above(&line)
    }

    fn filed(&mut self, finding: &Finding) -> io::Result<()> {
        if finding.seen > 1 {
            let folder = finding.folder.file_name().unwrap_or_default().display();
            return self.above(&format!("  {folder}: seen {} times", finding.seen));
        }
        self.above(&finding.report)
    }

    fn minimized(&mut self, minimized: &Minimized) -> io::Result<()> {
        let Minimized { target, before, after } = minimized;
        self.above(&format!(
            "{target:<15} {after} of {before} inputs add coverage; the others are removed"
        ))
    }
}

fn line(snapshot: &Snapshot, how: &str) -> String {
    let mut line = format!(
        "{:<15} {:>4.0} s  {:>8} exec/s  {:>6} steps/s",
        snapshot.target,
        snapshot.elapsed.as_secs_f64(),
        thousands(snapshot.executions_per_second() as u64),
        print::rate(snapshot.steps_per_second()),
    );
    let (seen, all) = (snapshot.figures.states.len(), snapshot.states);
    if all > 0 {
        line.push_str(&format!("   states {seen}/{all}"));
    }
    for (name, figure) in
        [("edges", snapshot.edges), ("features", snapshot.features), ("corpus", snapshot.corpus)]
    {
        if let Some(figure) = figure {
            line.push_str(&format!("   {name} {}", thousands(figure)));
        }
    }
    line.push_str(&format!("   {how}"));
    line
}

/// Prints only waits, and to standard error. For commands that print data to standard output.
pub(crate) struct Aside;

impl Observer for Aside {
    fn waiting(&mut self, what: &str) -> io::Result<()> {
        eprint!("downbeat: {what} ...");
        Ok(())
    }

    fn waited(&mut self, time: Duration, remark: &str) -> io::Result<()> {
        eprintln!(" done in {:.0} s{remark}", time.as_secs_f64());
        Ok(())
    }

    fn running(&mut self, _snapshot: &Snapshot) -> io::Result<()> {
        Ok(())
    }

    fn found(&mut self, _target: &str, _after: Duration, _executions: u64) -> io::Result<()> {
        Ok(())
    }
}

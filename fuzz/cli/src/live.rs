//! The live line: once a second in a terminal, a plain line every five seconds elsewhere.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use downbeat_campaign::finding::report::thousands;
use downbeat_campaign::{Observer, Snapshot};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::print;

/// Prints what happens during a campaign.
pub(crate) struct Live {
    bar: ProgressBar,
    terminal: bool,
    /// Time of the line that was printed last, since its driver started.
    printed: Option<Duration>,
}

impl Live {
    pub(crate) fn new() -> Self {
        let terminal = std::io::stdout().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if terminal {
            bar.set_draw_target(ProgressDrawTarget::stdout());
            bar.set_style(ProgressStyle::with_template("{msg}").expect("a template that is right"));
        }
        Live { bar, terminal, printed: None }
    }

    /// Ends the live line with how its target ended.
    pub(crate) fn end(&mut self, snapshot: &Snapshot, how: &str) {
        self.bar.set_message("");
        self.bar.suspend(|| println!("{}", line(snapshot, how)));
        self.printed = None;
    }
}

impl Observer for Live {
    fn waiting(&mut self, what: &str) {
        print!("downbeat: {what} ...");
        // A line that cannot be shown early is shown late.
        let _ = std::io::stdout().flush();
    }

    fn waited(&mut self, time: Duration) {
        println!(" done in {:.0} s", time.as_secs_f64());
    }

    fn running(&mut self, snapshot: &Snapshot) {
        // The first line after a second, when there is something to say.
        let wait = if self.terminal || self.printed.is_none() { 1 } else { 5 };
        let due = self.printed.unwrap_or_default() + Duration::from_secs(wait);
        if snapshot.elapsed < due {
            return;
        }
        self.printed = Some(snapshot.elapsed);
        let left = snapshot.time.saturating_sub(snapshot.elapsed).as_secs_f64().ceil();
        let line = line(snapshot, &format!("running, {left:.0} s left"));
        if self.terminal {
            self.bar.set_message(line);
            self.bar.tick();
        } else {
            println!("{line}");
        }
    }

    fn found(&mut self, target: &str, after: Duration, executions: u64) {
        self.bar.set_message("");
        self.bar.suspend(|| {
            println!(
                "{target}: a finding after {:.1} s, {} executions; shrinking it",
                after.as_secs_f64(),
                thousands(executions)
            );
        });
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

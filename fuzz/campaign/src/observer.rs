//! The observer of a campaign.

use std::io;
use std::time::Duration;

use downbeat_protocol::Histogram;
use downbeat_protocol::counters::Figures;

/// Receives the progress of a campaign. An error from any method ends the campaign, for example if
/// the output is a pipe that its reader has closed.
#[expect(clippy::missing_errors_doc, reason = "the trait's documentation covers all methods")]
pub trait Observer {
    /// A wait begins. `what` describes it in one line.
    fn waiting(&mut self, what: &str) -> io::Result<()>;

    /// The wait that began last is over, after `time`. `remark` is added to its line.
    fn waited(&mut self, time: Duration, remark: &str) -> io::Result<()>;

    /// A driver is running. Called about ten times a second.
    fn running(&mut self, snapshot: &Snapshot) -> io::Result<()>;

    /// An input failed, and shrinking begins.
    fn found(&mut self, target: &str, after: Duration, executions: u64) -> io::Result<()>;
}

/// An observer that reports nothing. For callers that report on their own what is under way.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {
    fn waiting(&mut self, _what: &str) -> io::Result<()> {
        Ok(())
    }

    fn waited(&mut self, _time: Duration, _remark: &str) -> io::Result<()> {
        Ok(())
    }

    fn running(&mut self, _snapshot: &Snapshot) -> io::Result<()> {
        Ok(())
    }

    fn found(&mut self, _target: &str, _after: Duration, _executions: u64) -> io::Result<()> {
        Ok(())
    }
}

/// The state of a running driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The target's name.
    pub target: &'static str,
    /// Time since the driver started.
    pub elapsed: Duration,
    /// The time limit of the driver.
    pub time: Duration,
    /// The figures that the driver shares.
    pub figures: Figures,
    /// How often each operation was applied and each event happened. The last runs may be missing.
    pub histogram: Histogram,
    /// The number of buckets of states that the target has.
    pub states: usize,
    /// The number of covered edges of the code; `None` for a driver without coverage.
    pub edges: Option<u64>,
    /// The number of features, in libFuzzer's sense: edges with their counts.
    pub features: Option<u64>,
    /// The number of inputs in the driver's corpus.
    pub corpus: Option<u64>,
}

impl Snapshot {
    /// Executions per second of wall time.
    #[must_use]
    pub fn executions_per_second(&self) -> f64 {
        self.figures.executions as f64 / self.elapsed.as_secs_f64().max(1e-3)
    }

    /// Steps per second of wall time.
    #[must_use]
    pub fn steps_per_second(&self) -> f64 {
        self.figures.steps as f64 / self.elapsed.as_secs_f64().max(1e-3)
    }
}

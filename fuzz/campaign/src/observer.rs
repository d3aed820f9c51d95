//! Who is told what happens during a campaign.

use std::io;
use std::time::Duration;

use downbeat_protocol::counters::Figures;

/// Told of each wait, of each moment, and of what is found. An error of any call ends the campaign:
/// nobody is listening.
#[expect(clippy::missing_errors_doc, reason = "the trait says it for all")]
pub trait Observer {
    /// A wait begins. `what` says for what, in a line.
    fn waiting(&mut self, what: &str) -> io::Result<()>;

    /// The wait that began last is over. `remark` is what there is to say of it.
    fn waited(&mut self, time: Duration, remark: &str) -> io::Result<()>;

    /// A driver runs; this is where it stands. Called ten times a second.
    fn running(&mut self, snapshot: &Snapshot) -> io::Result<()>;

    /// A finding is being shrunk.
    fn found(&mut self, target: &str, after: Duration, executions: u64) -> io::Result<()>;
}

/// Where a driver stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The target's name.
    pub target: &'static str,
    /// Time since the driver started.
    pub elapsed: Duration,
    /// Time that it has.
    pub time: Duration,
    /// The figures that it shares.
    pub figures: Figures,
    /// Buckets of states that the target has.
    pub states: usize,
    /// Edges of the code that inputs reached; `None` for a driver that sees none.
    pub edges: Option<u64>,
    /// What the driver calls features: edges and how often each was taken.
    pub features: Option<u64>,
    /// Inputs in its corpus.
    pub corpus: Option<u64>,
}

impl Snapshot {
    /// Executions a second of wall time.
    #[must_use]
    pub fn executions_per_second(&self) -> f64 {
        self.figures.executions as f64 / self.elapsed.as_secs_f64().max(1e-3)
    }

    /// Steps a second of wall time.
    #[must_use]
    pub fn steps_per_second(&self) -> f64 {
        self.figures.steps as f64 / self.elapsed.as_secs_f64().max(1e-3)
    }
}

//! The page of a campaign that runs: the page of `downbeat report`, written again every few
//! seconds. A browser loads it again by itself.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use downbeat_campaign::report::Report;
use downbeat_protocol::project::Project;

/// Time between two versions of the page, in seconds.
const PACE: u32 = 5;

/// A page that is kept up to date.
pub(crate) struct WatchedPage {
    project: Project,
    path: PathBuf,
    written: Instant,
}

impl WatchedPage {
    /// Writes the page for the first time.
    pub(crate) fn begin(project: &Project) -> anyhow::Result<Self> {
        let path = project.build().join("report.html");
        let project = project.clone();
        let mut page = WatchedPage { project, path, written: Instant::now() };
        page.write(Some(PACE))?;
        Ok(page)
    }

    /// The file of the page, relative to the checkout.
    pub(crate) fn path(&self) -> String {
        self.path.strip_prefix(self.project.root()).unwrap_or(&self.path).display().to_string()
    }

    /// Writes the page again if it is time.
    pub(crate) fn renew(&mut self) -> io::Result<()> {
        if self.written.elapsed() < Duration::from_secs(PACE.into()) {
            return Ok(());
        }
        self.write(Some(PACE)).map_err(io::Error::other)
    }

    /// Writes the page for the last time. A browser that has it loads it no more.
    pub(crate) fn end(&mut self) -> anyhow::Result<()> {
        self.write(None)
    }

    /// Replaces the file as a whole, because a browser may read it at any time.
    fn write(&mut self, refresh: Option<u32>) -> anyhow::Result<()> {
        let page = Report::gather(&self.project, &[])?.page(refresh)?;
        let next = self.path.with_extension("next");
        std::fs::create_dir_all(self.project.build())
            .and_then(|()| std::fs::write(&next, page))
            .and_then(|()| std::fs::rename(&next, &self.path))
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        self.written = Instant::now();
        Ok(())
    }
}

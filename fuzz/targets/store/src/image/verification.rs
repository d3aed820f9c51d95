//! Verifications of a store that was just opened, compared with the model's reading of the image.
//!
//! A verification reads each block alone. So it finds every block that a read of all records
//! refuses, and may find a block that only a merge refuses. Blocks that contradict each other, for
//! example two tables that share a block, are not errors of a verification.

use std::collections::BTreeSet;

use super::reads::place;
use super::tested::Tested;
use downbeat::Checked;
use downbeat::check::{equal, fail, holds};
use downbeat::records::Versioned;
use downbeat_model::image::{At, Reading, Wrong};

impl<R: Versioned> Tested<R> {
    /// Verifies the store, whose device has not changed since it was opened as `content`.
    pub(super) fn verify(&mut self) -> Checked {
        let Some(reading) = &self.content.reading else { return Ok(()) };
        let (tables, readable) = (reading.runs.len() as u64, blocks(reading));
        let places = |all: &mut dyn Iterator<Item = &Wrong>| -> BTreeSet<At> {
            all.map(|wrong| wrong.at).collect()
        };
        let due = places(&mut reading.wrong.iter());
        let allowed = places(&mut reading.wrong.iter().chain(&reading.unmergeable));
        // Each block is read for each table that refers to it.
        let most = 2 + self.sizes.blocks + tables * (1 + self.sizes.values_max() as u64);
        self.device().allow(most);
        let verification = self.store.verify().map_err(|error| {
            fail("verification-finds-what-is-wrong", "a result", error)
                .saying("an open store is not verified")
        })?;
        let mut found = BTreeSet::new();
        for error in &verification.errors {
            let at = place(&(*error).into());
            holds("verification-fails-for-a-reason", at.is_some_and(|at| allowed.contains(&at)))
                .show(|| (format!("one of {allowed:?}"), error))
                .or("a verification finds an error, and nothing is wrong with that block")?;
            found.extend(at);
        }
        holds("verification-finds-what-is-wrong", due.is_subset(&found))
            .show(|| (format!("{due:?}"), format!("{found:?}")))
            .or("a verification does not find a block that a read refuses")?;
        equal("verification-reads-every-table", tables, verification.tables)
            .or("a verification has read another number of tables than the image has")?;
        if verification.is_clean() {
            equal("verification-reads-every-block", readable, verification.blocks)
                .or("a verification that finds nothing has not read every block")?;
        }
        Ok(())
    }
}

/// The number of blocks of the tables, of the log, and of the encoded sets.
fn blocks(reading: &Reading) -> u64 {
    let of_run = |values: &Result<Vec<_>, Wrong>| 1 + values.as_ref().map_or(0, Vec::len);
    let tables: usize = reading.runs.iter().map(|run| of_run(&run.values)).sum();
    let sets: usize = reading.opening.sets.iter().map(Vec::len).sum();
    (tables + reading.opening.log.len() + sets) as u64
}

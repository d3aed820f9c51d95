//! Verification of whole tables against their descriptions.

use downbeat_lsm::block::{Corruption, Place};
use downbeat_lsm::manifest::TableInfo;
use downbeat_lsm::record::Key;
use downbeat_lsm::table::TableVerification;

use super::built::Built;
use super::events::Event;
use super::lookups::refused;
use super::tables::Tables;
use downbeat::check::{fail, holds};
use downbeat::records::Versioned;
use downbeat::{Checked, Run};
use downbeat_model::table::Field;

impl<R: Versioned> Tables<R> {
    /// Verifies a table against a description.
    pub(super) fn verified(
        &self,
        built: &Built<R>,
        table: &TableInfo<R::Key>,
    ) -> Result<(), Corruption> {
        TableVerification::new(&self.layout, self.tree, table).run::<R, _, Corruption>(
            |reference| {
                let place = Place::Block(reference.address);
                built.open(reference).map_err(|reason| Corruption { place, reason })
            },
            |block| *block,
        )
    }

    /// Checks that an intact table passes a verification.
    pub(super) fn verify(&self, place: usize, run: &mut Run) -> Checked {
        let built = &self.shelf[place];
        run.step();
        self.index(built)?.check().map_err(refused)?;
        for number in 0..built.index_place() {
            run.step();
            self.values(built, number)?.check().map_err(refused)?;
        }
        run.step();
        self.verified(built, &built.table).map_err(|corruption| {
            let failed = fail("whole-table-is-verified", "a table", corruption);
            failed.saying("a sound table is refused")
        })
    }

    /// Checks that a wrong description of the table is refused.
    pub(super) fn verify_other(&self, place: usize, field: Field, run: &mut Run) -> Checked {
        let built = &self.shelf[place];
        let table = built.table;
        let (key_min, key_max) = ({ table.key_min }, { table.key_max });
        let value_count = { table.value_count };
        let other = match field.get() {
            0 => Some(TableInfo { value_count: value_count + 1, ..table }),
            1 => Some(TableInfo { value_count: value_count - 1, ..table }),
            2 => key_max.predecessor().map(|key_max| TableInfo { key_max, ..table }),
            3 => key_max.successor().map(|key_max| TableInfo { key_max, ..table }),
            4 => key_min.successor().map(|key_min| TableInfo { key_min, ..table }),
            5 => key_min.predecessor().map(|key_min| TableInfo { key_min, ..table }),
            6 => Some(TableInfo { snapshot_min: table.snapshot_min + 1, ..table }),
            7 => Some(TableInfo { checksum: !table.checksum, ..table }),
            8 => Some(TableInfo { address: table.address + 1, ..table }),
            9 => Some(TableInfo { value_count: u32::MAX, ..table }),
            _ => {
                let more = self.geometry.block_values() as u32;
                Some(TableInfo { value_count: value_count + more, ..table })
            }
        };
        let Some(other) = other else {
            run.idle();
            return Ok(());
        };
        run.step();
        holds("other-table-is-refused", self.verified(built, &other).is_err())
            .show(|| ("an error", "none"))
            .or("a table is verified against a wrong description")?;
        Event::OtherRefused.count(run);
        Ok(())
    }
}

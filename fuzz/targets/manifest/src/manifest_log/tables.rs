//! Operations that insert, change and remove tables.

use super::events::Event as Counted;
use super::states;
use super::tested::{Tested, log_entry};
use downbeat::check::same;
use downbeat::states::octave;
use downbeat::{Checked, Run};
use downbeat_model::manifest_log::{Entry, Event, SNAPSHOT_OPEN, Table};
use downbeat_storage_targets::store;

impl Tested {
    /// Waits until `entries` entries may be appended. If the half-bar cannot take them, ends it and
    /// begins the next. Returns false if power is lost or a failure is found.
    fn make_room(&mut self, entries: u64, run: &mut Run) -> Checked<bool> {
        if !self.make_ready(run)? {
            return Ok(false);
        }
        if self.model.left() >= entries {
            return Ok(true);
        }
        Counted::HalfBarFull.count(run);
        self.end(run)?;
        self.make_ready(run)
    }

    fn append(&mut self, event: Event, table: Table, run: &mut Run) -> Checked {
        run.step();
        let entry = Entry { event, table };
        run.remark(|| format!("{event:?} of {} at level {}", table.address, table.level));
        self.log.append(&mut self.store.grid, &log_entry(&entry));
        self.model.append(entry, &mut self.store.model);
        store::after_io(self, run)
    }

    /// Returns an address for a new table; `None` if the half-bar has no reserved address left.
    fn address(&mut self) -> Checked<Option<u64>> {
        if let Some(spare) = self.model.take_spare() {
            return Ok(Some(spare));
        }
        let Some(reservation) = &mut self.tables else { return Ok(None) };
        let got = self.store.grid.acquire(reservation);
        let Some(address) = got else { return Ok(None) };
        let expected = self.store.model.next_free(self.last_table);
        same("tables-have-the-blocks-behind-the-log", expected, got)
            .or("a table's block is not the lowest free block after the log's")?;
        self.last_table = address;
        self.store.model.acquire(address);
        Ok(Some(address))
    }

    /// Inserts a table. Returns false if the half-bar has no reserved address left.
    fn insert_one(&mut self, tree: u32, level: u32, keys: u32, run: &mut Run) -> Checked<bool> {
        let Some(address) = self.address()? else { return Ok(false) };
        let sizes = *self.model.sizes();
        let tree = (tree % u32::from(sizes.trees)) as u16 + 1;
        self.stamp += 1;
        let table = Table {
            address,
            tree,
            level: (level % u32::from(sizes.levels)) as u8,
            stamp: self.stamp,
            keys,
            width: self.width(tree),
            snapshot_max: SNAPSHOT_OPEN,
        };
        self.append(Event::Insert, table, run)?;
        Ok(true)
    }

    pub(super) fn insert(
        &mut self,
        count: u32,
        tree: u32,
        level: u32,
        keys: u32,
        run: &mut Run,
    ) -> Checked {
        for number in 0..count {
            if self.is_full() {
                if number == 0 {
                    run.redirected(|| "remove".to_owned());
                    return self.remove(0, 1, false, run);
                }
                return Ok(());
            }
            if !self.make_room(1, run)? {
                return Ok(());
            }
            if !self.insert_one(tree, level, keys, run)? {
                // The next half-bar reserves more addresses.
                self.end(run)?;
                if !self.make_ready(run)? || !self.insert_one(tree, level, keys, run)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Whether the number of live tables is at its maximum.
    fn is_full(&self) -> bool {
        self.model.live().len() as u64 == self.model.sizes().tables
    }

    /// Live table number `index`, modulo the number of live tables.
    fn table(&self, index: u32) -> Option<Table> {
        let place = (index as usize).checked_rem(self.model.live().len())?;
        Some(self.model.live()[place].entry.table)
    }

    /// Inserts a table, in place of an operation that needs a table and finds none.
    fn insert_instead(&mut self, run: &mut Run) -> Checked {
        run.redirected(|| "insert".to_owned());
        self.insert(1, 0, 0, 0, run)
    }

    /// Returns the table after change 0 (its last snapshot), 1 (its level) or any other (both).
    fn changed(&mut self, table: Table, change: u32) -> Table {
        self.stamp += 1;
        let snapshot_max = if change == 1 { table.snapshot_max } else { self.stamp };
        let next = (table.level + 1) % self.model.sizes().levels;
        let level = if change == 0 { table.level } else { next };
        Table { snapshot_max, level, ..table }
    }

    pub(super) fn update(&mut self, index: u32, count: u32, change: u32, run: &mut Run) -> Checked {
        let live = self.model.live().len() as u32;
        if live == 0 {
            return self.insert_instead(run);
        }
        for number in 0..count.min(live) {
            if !self.make_room(1, run)? {
                return Ok(());
            }
            let Some(table) = self.table(index + number) else { return Ok(()) };
            let changed = self.changed(table, change);
            self.append(Event::Update, changed, run)?;
        }
        Ok(())
    }

    pub(super) fn remove(
        &mut self,
        index: u32,
        count: u32,
        keeps_address: bool,
        run: &mut Run,
    ) -> Checked {
        let live = self.model.live().len() as u32;
        if live == 0 {
            return self.insert_instead(run);
        }
        // A removal shifts the numbers of the later tables, so the same number chooses the next.
        for _ in 0..count.min(live) {
            if !self.make_room(1, run)? {
                return Ok(());
            }
            let Some(table) = self.table(index) else { return Ok(()) };
            self.remove_one(table, keeps_address, run)?;
        }
        Ok(())
    }

    fn remove_one(&mut self, table: Table, keeps_address: bool, run: &mut Run) -> Checked {
        let newest = self.log.extent(table.address).map(|extent| extent.block);
        let behind = self.model.closed().iter().rev();
        let behind = behind.take_while(|block| Some(block.address) != newest).count();
        let is_open = self.model.open().map(|open| open.address) == newest;
        run.state(states::AgeAtRemove, if is_open { 0 } else { octave(behind as u64 + 1) });
        self.append(Event::Remove, table, run)?;
        if keeps_address {
            self.model.keep_spare(table.address);
        } else {
            run.step();
            self.store.grid.release(table.address);
            self.store.model.release(table.address);
        }
        Ok(())
    }

    pub(super) fn replace(&mut self, index: u32, count: u32, keys: u32, run: &mut Run) -> Checked {
        let live = self.model.live().len() as u64;
        let most = (self.model.pace().entries / 3).min(live);
        let count = u64::from(count).min(most);
        if count == 0 {
            return self.insert_instead(run);
        }
        if !self.make_room(3 * count, run)? {
            return Ok(());
        }
        let live = self.model.live();
        if live.is_empty() {
            return Ok(());
        }
        let old: Vec<u64> = (0..count as usize)
            .map(|number| live[(index as usize + number) % live.len()].entry.table.address)
            .collect();
        for address in &old {
            let table = self.find(*address);
            let closed = self.changed(table, 0);
            self.append(Event::Update, closed, run)?;
        }
        let Table { tree, level, .. } = self.find(old[0]);
        let below = u32::from(level) + 1;
        for _ in &old {
            if self.is_full() || !self.insert_one(u32::from(tree) - 1, below, keys, run)? {
                break;
            }
        }
        for address in old {
            let table = self.find(address);
            self.remove_one(table, false, run)?;
        }
        Ok(())
    }

    /// The live table at an address that has one.
    fn find(&self, address: u64) -> Table {
        let live = self.model.live().iter().find(|live| live.entry.table.address == address);
        live.expect("a table that was just there").entry.table
    }

    pub(super) fn again(&mut self, index: u32, count: u32, run: &mut Run) -> Checked {
        if self.model.live().is_empty() {
            return self.insert_instead(run);
        }
        for number in 0..count {
            if !self.make_room(3, run)? {
                return Ok(());
            }
            let Some(table) = self.table(index) else { return Ok(()) };
            if number % 2 == 0 {
                let changed = self.changed(table, number);
                self.append(Event::Update, changed, run)?;
            }
            let table = self.find(table.address);
            self.remove_one(table, true, run)?;
            Counted::Reused.count(run);
            self.insert_one(u32::from(table.tree), u32::from(table.level), table.keys, run)?;
        }
        Ok(())
    }

    /// Changes tables until only `left` more entries may be appended.
    pub(super) fn fill(&mut self, left: u32, run: &mut Run) -> Checked {
        if !self.make_ready(run)? {
            return Ok(());
        }
        if self.model.left() <= u64::from(left) {
            run.idle();
            return Ok(());
        }
        while self.model.left() > u64::from(left) {
            let number = self.model.left() as u32;
            let Some(table) = self.table(number) else {
                if !self.insert_one(0, 0, 0, run)? {
                    return Ok(());
                }
                continue;
            };
            // Tables are also inserted, because the log is longest with the maximum number of them.
            if number.is_multiple_of(2)
                && !self.is_full()
                && self.insert_one(number, number, 0, run)?
            {
                continue;
            }
            let changed = self.changed(table, number % 3);
            self.append(Event::Update, changed, run)?;
            if self.store.is_down() {
                return Ok(());
            }
        }
        Ok(())
    }

    pub(super) fn fill_half_bars(&mut self, count: u32, run: &mut Run) -> Checked {
        for _ in 0..count {
            if !self.make_ready(run)? {
                return Ok(());
            }
            if self.model.left() > 0 {
                self.fill(0, run)?;
            }
            if !self.log.is_ready() || self.store.is_down() {
                return Ok(());
            }
            self.end(run)?;
        }
        Ok(())
    }
}

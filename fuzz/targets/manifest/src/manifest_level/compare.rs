//! Compares answers with the model.

use downbeat_lsm::manifest::{Found, ManifestLevel, Overlap};

use super::levels::table as table_of;
use downbeat::Checked;
use downbeat::check::{Check, holds};
use downbeat_model::manifest_level::{SNAPSHOT_OPEN, Table};

/// Reads a table by the reference that a search returned. Checks that it is the table that the
/// search found.
#[inline]
pub(super) fn found(level: &ManifestLevel<u64>, found: Found<'_, u64>) -> Checked<Table> {
    let by_reference = table_of(level.table(found.reference));
    table("reference-is-the-table", &table_of(found.table), &by_reference)
        .or("the reference that a search returns leads to another table")?;
    Ok(by_reference)
}

/// Describes a table.
pub(super) fn text(table: &Table) -> String {
    let Table { key_min, key_max, address, snapshot_min, snapshot_max, .. } = table;
    let until = match *snapshot_max {
        SNAPSHOT_OPEN => "open".to_owned(),
        last => last.to_string(),
    };
    format!("table {address} [{key_min:#x}..{key_max:#x}] {snapshot_min}..{until}")
}

/// Checks that two tables are equal in all fields.
#[inline]
pub(super) fn table(check: &'static str, expected: &Table, got: &Table) -> Check {
    option(check, Some(expected), Some(got))
}

/// Checks that the answer is the expected table, or none.
#[inline]
pub(super) fn option(check: &'static str, expected: Option<&Table>, got: Option<&Table>) -> Check {
    let say = |table: Option<&Table>| table.map_or("none".to_owned(), text);
    holds(check, expected == got).show(|| (say(expected), say(got))).state(|| {
        let (expected, got) = expected.zip(got)?;
        let is_hidden = text(expected) == text(got);
        is_hidden.then(|| format!("they differ in what is not shown: {expected:?}, {got:?}"))
    })
}

/// Checks that two lists of tables are equal.
pub(super) fn list(check: &'static str, expected: &[Table], got: &[Table]) -> Check {
    let say = |tables: &[Table]| match tables {
        [] => "none".to_owned(),
        tables => tables.iter().map(text).collect::<Vec<_>>().join(", "),
    };
    holds(check, expected == got).show(|| (say(expected), say(got)))
}

/// Checks the key range of the open tables.
#[inline]
pub(super) fn key_range(expected: Option<(u64, u64)>, got: Option<(u64, u64)>) -> Checked {
    let say = |range: Option<(u64, u64)>| {
        range.map_or("none".to_owned(), |(min, max)| format!("{min:#x}..{max:#x}"))
    };
    holds("key-range-equals-model", expected == got)
        .show(|| (say(expected), say(got)))
        .or("the key range of the visible tables differs from the model's")
}

/// Checks that an overlap has these tables, and that its range is exactly that of the tables and
/// `asked` together. If there are more tables than `limit`, checks that no overlap is returned.
pub(super) fn overlap<'a>(
    level: &ManifestLevel<u64>,
    asked: (u64, u64),
    expected: impl Iterator<Item = &'a Table> + Clone,
    limit: usize,
    got: Option<&Overlap<u64>>,
) -> Checked {
    const CHECK: &str = "overlap-equals-model";
    const WHAT: &str = "the tables that overlap a range are not the model's";
    let count = expected.clone().count();
    let say = |got: &Overlap<u64>| format!("{} tables", got.tables.len());
    holds(CHECK, got.is_some() == (count <= limit))
        .show(|| {
            let expected = format!("{count} tables, at most {limit} of which are given");
            (expected, got.map_or("none".to_owned(), say))
        })
        .or("an overlap within the limit is refused, or a larger one is returned")?;
    let Some(got) = got else { return Ok(()) };
    let (mut min, mut max) = asked;
    let mut tables = got.tables.iter().map(|reference| table_of(level.table(*reference)));
    for table in expected {
        (min, max) = (min.min(table.key_min), max.max(table.key_max));
        option(CHECK, Some(table), tables.next().as_ref()).or(WHAT)?;
    }
    option(CHECK, None, tables.next().as_ref()).or(WHAT)?;
    let range = (got.range.min, got.range.max);
    let say = |(min, max): (u64, u64)| format!("{min:#x}..{max:#x}");
    holds("overlap-range-equals-model", (min, max) == range)
        .show(|| (say((min, max)), say(range)))
        .or("the range of an overlap does not span exactly its tables and the range asked for")
}

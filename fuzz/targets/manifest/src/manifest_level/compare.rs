//! Answers against the model.

use downbeat_lsm::manifest::{Found, ManifestLevel, Overlap};

use super::levels::table as table_of;
use downbeat::failure::Divergence;
use downbeat::model::manifest_level::{SNAPSHOT_OPEN, Table};

/// The table that was found, by way of its reference: what was found with it must be the same.
#[inline]
pub(super) fn found(
    level: &ManifestLevel<u64>,
    found: Found<'_, u64>,
) -> Result<Table, Divergence> {
    let by_reference = table_of(level.table(found.reference));
    let what = "the reference of a table that was found leads to another";
    table("reference-is-the-table", what, &table_of(found.table), &by_reference)?;
    Ok(by_reference)
}

/// A table in words.
pub(super) fn text(table: &Table) -> String {
    let Table { key_min, key_max, address, snapshot_min, snapshot_max, .. } = table;
    let until = match *snapshot_max {
        SNAPSHOT_OPEN => "open".to_owned(),
        last => last.to_string(),
    };
    format!("table {address} [{key_min:#x}..{key_max:#x}] {snapshot_min}..{until}")
}

/// Whether two tables are equal, in all fields.
#[inline]
pub(super) fn table(
    check: &'static str,
    what: &'static str,
    expected: &Table,
    got: &Table,
) -> Result<(), Divergence> {
    option(check, what, Some(expected), Some(got))
}

/// Whether there is the table that should be, or none.
#[inline]
pub(super) fn option(
    check: &'static str,
    what: &'static str,
    expected: Option<&Table>,
    got: Option<&Table>,
) -> Result<(), Divergence> {
    if expected == got { Ok(()) } else { Err(other(check, what, expected, got)) }
}

#[cold]
pub(super) fn other(
    check: &'static str,
    what: &'static str,
    expected: Option<&Table>,
    got: Option<&Table>,
) -> Divergence {
    let mut state = Vec::new();
    if let (Some(expected), Some(got)) = (expected, got)
        && text(expected) == text(got)
    {
        state.push(format!("they differ in what is not shown: {expected:?}, {got:?}"));
    }
    let say = |table: Option<&Table>| table.map_or("none".to_owned(), text);
    Divergence { check, what, expected: say(expected), got: say(got), state }
}

/// Whether two lists of tables are equal.
pub(super) fn list(
    check: &'static str,
    what: &'static str,
    expected: &[Table],
    got: &[Table],
) -> Result<(), Divergence> {
    if expected == got {
        return Ok(());
    }
    let say = |tables: &[Table]| match tables {
        [] => "none".to_owned(),
        tables => tables.iter().map(text).collect::<Vec<_>>().join(", "),
    };
    Err(Divergence::new(check, what, say(expected), say(got)))
}

/// Whether the range of the open tables is the model's.
#[inline]
pub(super) fn key_range(
    expected: Option<(u64, u64)>,
    got: Option<(u64, u64)>,
) -> Result<(), Divergence> {
    if expected == got {
        return Ok(());
    }
    let say = |range: Option<(u64, u64)>| {
        range.map_or("none".to_owned(), |(min, max)| format!("{min:#x}..{max:#x}"))
    };
    Err(Divergence::new(
        "key-range-equals-model",
        "the key range of the visible tables is another than the model's",
        say(expected),
        say(got),
    ))
}

/// Whether an overlap holds these tables, none where they are more than `limit`, and the range that
/// holds them and `asked`.
pub(super) fn overlap<'a>(
    level: &ManifestLevel<u64>,
    asked: (u64, u64),
    expected: impl Iterator<Item = &'a Table> + Clone,
    limit: usize,
    got: Option<&Overlap<u64>>,
) -> Result<(), Divergence> {
    let check = "overlap-equals-model";
    let count = expected.clone().count();
    if got.is_some() != (count <= limit) {
        return Err(Divergence::new(
            check,
            "an overlap within its limit is refused, or one over it is given",
            format!("{count} tables, at most {limit} of which are given"),
            got.map_or("none".to_owned(), |got| format!("{} tables", got.tables.len())),
        ));
    }
    let Some(got) = got else { return Ok(()) };
    let what = "other tables overlap a range than the model's";
    let (mut min, mut max) = asked;
    let mut references = got.tables.iter();
    for table in expected {
        (min, max) = (min.min(table.key_min), max.max(table.key_max));
        let found = references.next().map(|reference| table_of(level.table(*reference)));
        option(check, what, Some(table), found.as_ref())?;
    }
    let more = references.next().map(|reference| table_of(level.table(*reference)));
    option(check, what, None, more.as_ref())?;
    if (min, max) == (got.range.min, got.range.max) {
        return Ok(());
    }
    Err(Divergence::new(
        "overlap-range-equals-model",
        "the range of an overlap is not that of its tables and of what was asked",
        format!("{min:#x}..{max:#x}"),
        format!("{:#x}..{:#x}", got.range.min, got.range.max),
    ))
}

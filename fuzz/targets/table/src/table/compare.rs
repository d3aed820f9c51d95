//! Compares answers with the model.

use downbeat_lsm::table::TableLayout;

use downbeat::Checked;
use downbeat::check::{Check, holds, same};
use downbeat::input::version::Version;
use downbeat::records::{Versioned, same_record};
use downbeat_model::table::{Geometry, book};

/// Checks that the answer has all of the expected records, in their order, and no other.
pub(super) fn records<'a, R: Versioned>(
    check: &'static str,
    expected: impl ExactSizeIterator<Item = &'a Version>,
    got: &[R],
) -> Check {
    let count = expected.len();
    let mut differs = expected.zip(got).filter(|(expected, got)| R::of(**expected) != **got);
    match differs.next() {
        Some((expected, got)) => same_record(check, Some(*expected), Some(got)),
        None => holds(check, got.len() == count)
            .show(|| (format!("{count} records"), format!("{} records", got.len()))),
    }
}

/// Checks that the answer has the expected bytes.
#[inline]
pub(super) fn bytes(check: &'static str, expected: &[u8], got: &[u8]) -> Check {
    const SHOWN: usize = 16;
    holds(check, expected == got).show(|| {
        let first = expected.iter().zip(got).position(|(one, other)| one != other);
        let say = |bytes: &[u8]| match first {
            None => format!("{} bytes", bytes.len()),
            Some(first) => {
                let shown = &bytes[first..bytes.len().min(first + SHOWN)];
                let digits: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{digits} from byte {first} on")
            }
        };
        (say(expected), say(got))
    })
}

/// Checks the sizes of the layout.
pub(super) fn layout(layout: &TableLayout, geometry: &Geometry) -> Checked {
    let expected = [
        geometry.block_values(),
        geometry.blocks(),
        geometry.values(),
        book::index_size(geometry),
        Geometry::HEADER + book::index_size(geometry),
    ];
    let got = [
        layout.block_value_count_max() as usize,
        layout.value_block_count_max() as usize,
        layout.value_count_max_on_disk() as usize,
        layout.index_body_size(),
        layout.index_block_size(),
    ];
    same("layout-equals-format", expected, got)
        .or("the sizes of the layout differ from the format's")
}

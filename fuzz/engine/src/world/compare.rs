//! Comparisons of what an engine returns with what the model holds.

use downbeat::check::holds;
use downbeat::{Checked, Run};

use crate::engine::Pair;
use crate::keys;
use crate::values::{self, Value};

/// Compares the value of a key.
pub(super) fn value(
    check: &'static str,
    what: &'static str,
    expected: Option<Value>,
    got: Option<&[u8]>,
    run: &mut Run,
) -> Checked {
    run.result(got.map_or(0, |bytes| bytes.len() as u64 + 1));
    let equal = match (expected, got) {
        (Some(value), Some(bytes)) => value.is(bytes),
        (None, None) => true,
        _ => false,
    };
    let nothing = || "nothing".to_owned();
    let shown = || {
        let expected = expected.map_or_else(nothing, |value| value.to_string());
        (expected, got.map_or_else(nothing, values::show))
    };
    holds(check, equal).show(shown).or(what)
}

/// Compares pairs, in their order. The first difference is reported.
pub(super) fn pairs(
    check: &'static str,
    what: &'static str,
    expected: &[(&[u8], Value)],
    got: &[Pair],
    run: &mut Run,
) -> Checked {
    run.result(got.len() as u64);
    let equal = |place: usize| match (expected.get(place), got.get(place)) {
        (Some((key, value)), Some((other, bytes))) => key == other && value.is(bytes),
        (None, None) => true,
        _ => false,
    };
    let different = (0..expected.len().max(got.len())).find(|place| !equal(*place));
    let shown = || {
        let place = different.unwrap_or(0);
        let counted = |count: usize, pair: Option<String>| {
            let pair = pair.unwrap_or_else(|| "nothing".to_owned());
            format!("{pair} (pair {} of {count})", place + 1)
        };
        let of_model =
            expected.get(place).map(|(key, value)| format!("{} = {value}", keys::show(key)));
        let of_engine = got.get(place);
        let of_engine =
            of_engine.map(|(key, bytes)| format!("{} = {}", keys::show(key), values::show(bytes)));
        (counted(expected.len(), of_model), counted(got.len(), of_engine))
    };
    holds(check, different.is_none()).show(shown).or(what)
}

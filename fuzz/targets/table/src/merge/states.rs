//! States of a merge: the number of its streams, the versions of its keys, and when a stream was
//! not ready.

use super::merges::Rule;
use downbeat::Run;
use downbeat::states::octave;
use downbeat_model::merge::{Expected, Record, Streams};

downbeat::states! {
    StreamsAtStart "streams with records: none, one, two, by octaves to 64, more, more than 256" 10,
    Started "rule of a merge and its direction" 6,
    RecordsAtStart "records of all streams, by octave" 9,
    VersionsAtStart "the most versions of a key, by octave" 6,
    Newest "the stream of a returned record (first, last, between), by rule" 9,
    Late "where a stream is not ready (before the first record, between records, at the end), by rule" 9,
    Dropped "records that a merge drops, newest first and oldest first, by octave" 10,
    Sought "keys that a seek skips, by direction and octave" 10,
    Left "how much of a merge was read: none, some, all but one, all" 4,
}

pub(super) fn started(streams: &Streams, rule: Rule, descending: bool, run: &mut Run) {
    let filled = streams.filled();
    let bucket = match filled {
        0..=2 => filled,
        3..=64 => octave(filled as u64 - 1) + 1,
        65..=256 => 8,
        _ => 9,
    };
    run.state(StreamsAtStart, bucket);
    run.state(Started, 2 * rule as usize + usize::from(descending));
    run.state(RecordsAtStart, octave(streams.records().len() as u64));
    let versions_max = streams.by_key().map(<[Record]>::len).max().unwrap_or(0);
    run.state(VersionsAtStart, octave(versions_max as u64));
}

pub(super) fn given(rule: Rule, stream: usize, streams: usize, run: &mut Run) {
    let place = if stream == 0 { 0 } else { 1 + usize::from(stream + 1 < streams) };
    run.state(Newest, 3 * rule as usize + place);
}

pub(super) fn late(rule: Rule, expected: &Expected, run: &mut Run) {
    let place = if expected.rest().is_empty() { 2 } else { usize::from(expected.taken() > 0) };
    run.state(Late, 3 * rule as usize + place);
}

pub(super) fn dropped(rule: Rule, count: u64, run: &mut Run) {
    run.state(Dropped, 5 * rule as usize + octave(count).min(4));
}

pub(super) fn sought(descending: bool, passed: usize, run: &mut Run) {
    run.state(Sought, 5 * usize::from(descending) + octave(passed as u64).min(4));
}

pub(super) fn left(expected: &Expected, run: &mut Run) {
    let bucket = match (expected.taken(), expected.rest().len()) {
        (_, 0) => 3,
        (0, _) => 0,
        (_, 1) => 2,
        (_, _) => 1,
    };
    run.state(Left, bucket);
}

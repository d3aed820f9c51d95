//! Histories of a tree with known right answers, and what a replay shows for them.
//!
//! Each test runs a kind of history in which a storage engine once gave a wrong answer. The world
//! compares every answer with the model. The tests also compare the answers with results that were
//! worked out by hand.

use downbeat_targets::find_target;

/// Puts forty records, keys 0 to 39 with the stamps 1 to 40, on the disk, and empties the cache.
const FILLED: &str = "put_run 0 count=40 stride=1\ncheckpoint\ndrop_cache\n";

/// Runs a text after [`FILLED`]. Returns what a replay shows for the last `count` operations.
fn shown_of(target: &str, settings: &str, text: &str, count: usize) -> Vec<String> {
    let target = find_target(target).expect("a target");
    let text = format!("{settings}\n{FILLED}{text}");
    let input = target.encode(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut runner = target.runner();
    let verdict = runner.judge(&input, true);
    assert_eq!(verdict.failure, None, "{text}");
    let explained = verdict.run.explanation().iter();
    let remarks = explained.filter(|it| !it.operation.is_empty()).map(|it| it.remarks.clone());
    let remarks: Vec<String> = remarks.collect();
    remarks[remarks.len() - count..].to_vec()
}

fn shown(text: &str, count: usize) -> Vec<String> {
    let settings = "geometry record=16 block=256 batch=16 bar=4 growth=2 levels=4";
    let shown = shown_of("tree", settings, text, count);
    assert_eq!(shown_of("tree_twin", settings, text, count), shown);
    shown
}

/// The records of these keys, as a replay shows them.
fn records(keys: impl IntoIterator<Item = u64>) -> String {
    let records: Vec<String> =
        keys.into_iter().map(|key| format!("{key:#x} #{}", key + 1)).collect();
    records.join("; ")
}

#[test]
fn a_scan_sought_before_its_first_record_begins_there() {
    let up = shown("scan_begin 0 39\nseek 20\nscan_next count=24", 1);
    assert_eq!(up, [format!("{}; the end", records(20..40))]);
    let down = shown("scan_begin 39 0\nseek 20\nscan_next count=24", 1);
    assert_eq!(down, [format!("{}; the end", records((0..=20).rev()))]);
}

#[test]
fn the_second_of_two_seeks_in_a_row_counts() {
    let text = "scan_begin 0 39\nscan_next count=1\nseek 10\nseek 20\nscan_next count=24";
    assert_eq!(shown(text, 1), [format!("{}; the end", records(20..40))]);
}

#[test]
fn a_scan_sought_after_the_store_changed_returns_the_present_records() {
    let text = "scan_begin 0 99\nscan_next count=1\nput 50\nbeats\nseek 20\nscan_next count=24";
    assert_eq!(shown(text, 1), [format!("{}; 0x32 #41; the end", records(20..40))]);
}

#[test]
fn a_put_after_a_seek_does_not_move_the_scan_back() {
    let text = "scan_begin 0 99\nscan_next count=1\nseek 5\nput 50\nscan_next count=1";
    assert_eq!(shown(text, 1), ["0x5 #6"]);
}

#[test]
fn two_lookups_of_one_key_both_find_it() {
    let text = "lookup 7 count=2 stride=0\nanswer count=1\nanswer count=1";
    assert_eq!(shown(text, 2), ["0x7 = #8", "0x7 = #8"]);
}

#[test]
fn a_lookup_answers_as_of_its_beginning() {
    let text = "lookup 7\nlookup 8\nput 7\nremove 8\nbars count=3\nanswer lookup=0 count=2\nget 7";
    assert_eq!(shown(text, 2), ["0x7 = #8; 0x8 = #9", "#41"]);
    let text = "open\nput 7\nlookup 7\ndiscard\nanswer\nget 7";
    assert_eq!(shown(text, 2), ["0x7 = #41", "#8"]);
}

#[test]
fn a_failed_read_is_an_error_and_never_a_missing_record() {
    let settings = "geometry record=16 block=256 batch=16 bar=4 growth=2 levels=4";
    for text in [
        "fault kind=0 io=0\nscan 0 39",
        "fault kind=0 io=0\nget 7",
        "fault kind=0 io=0\nlookup 7\nanswer",
    ] {
        let shown = shown_of("tree", settings, text, 1);
        assert!(shown[0].contains("cannot read"), "{shown:?}");
    }
}

#[test]
fn tickets_from_before_an_opening_are_refused() {
    let text = "lookup 7\nscan_begin 0 39\nreopen\nlookup 8\nanswer lookup=0\nscan_next\nanswer";
    assert_eq!(shown(text, 3), ["0x7 refused", "refused", "0x8 = #9"]);
}

#[test]
fn a_store_whose_flush_failed_refuses_the_next_checkpoint() {
    let settings = "geometry record=16 block=256 batch=16 bar=4 growth=2 levels=4\ncalls whole";
    // The store is opened again before the next write, so the records in memory are lost.
    let mut lost = 0;
    for io in 0..64 {
        let text = format!("put 50\nfault kind=0 io={io}\ncheckpoint\ncheckpoint\nget 50");
        if !(io <= 10 || [12, 14, 16, 20, 24, 28, 32, 40, 48].contains(&io)) {
            continue;
        }
        let shown = shown_of("tree", settings, &text, 1);
        assert!(["absent", "#41"].contains(&shown[0].as_str()), "{shown:?}");
        lost += u32::from(shown[0] == "absent");
    }
    assert!(lost > 0);
}

#[test]
fn keys_on_both_sides_of_a_carry_are_found() {
    // A record of an index has a key of 16 bytes, whatever the setting.
    for (record, usage) in [(16, "general"), (128, "general"), (16, "index")] {
        let settings = format!("geometry record={record} block=1024 batch=16\nusage {usage}");
        for key in [0x1_0000_u64, 0x1_0000_0000, 1 << 48] {
            let (low, high) = (key - 1, key);
            let text = format!(
                "put {low}\nput {high}\ncheckpoint\ndrop_cache\nget {low}\nget {high}\n\
                 scan_begin {low} {high}\nscan_next count=1\nput 3000\nscan_next count=2\n\
                 scan_begin {high} {low}\nscan_next count=1\nput 3001\nscan_next count=2"
            );
            let shown = shown_of("tree", &settings, &text, 12);
            let (low, high) = (format!("{low:#x}"), format!("{high:#x}"));
            let begins = |place: usize, key: &str| shown[place].starts_with(key);
            assert!(begins(5, &low) && begins(7, &high), "{shown:?}");
            assert!(begins(9, &high) && begins(11, &low), "{shown:?}");
            assert!(shown[7].ends_with("; the end") && shown[11].ends_with("; the end"));
        }
    }
}

#[test]
fn a_new_object_with_other_sizes_of_memory_opens_the_same_store() {
    for memory in 0..3 {
        let text =
            format!("reopen store=1 memory={memory}\nget 7\nscan_begin 0 9\nscan_next count=2");
        assert_eq!(shown(&text, 3), ["#8", "", "0x0 #1; 0x1 #2"]);
        let text = format!("reopen store=1 memory={memory} format=1\nget 7\nput 7\nget 7");
        assert_eq!(shown(&text, 3), ["absent", "= #41", "#41"]);
    }
}

#[test]
fn a_store_opens_at_a_checkpoint_that_is_under_way_or_at_the_one_before() {
    let mut answers = std::collections::BTreeMap::new();
    for schedule in 0..=255 {
        let settings = format!(
            "geometry record=16 block=256 batch=16 bar=4 growth=2 levels=4\nschedule {schedule}\n\
             calls chance"
        );
        // Without a checkpoint under way, the last one has the put.
        for last in ["reopen", "crash", "step count=2\ncrash store=1"] {
            let text = format!("put 50\nbars count=2\n{last}\nget 50");
            let answer = shown_of("tree", &settings, &text, 1);
            *answers.entry(answer[0].clone()).or_insert(0) += 1;
        }
    }
    assert_eq!(answers.keys().collect::<Vec<_>>(), ["#41", "absent"]);
    assert!(answers["absent"] > 10, "{answers:?}");
}

//! Symbolic keys that name an end of a table or block, or a live key, in the targets that have
//! tables.

use downbeat_targets::TARGETS;

/// The operations of a run of this text, as they were applied.
fn applied(name: &str, text: &str) -> Vec<String> {
    let target = TARGETS.iter().find(|target| target.name() == name).expect("a target");
    let input = target.encode(text).expect("well-formed");
    let mut runner = target.runner();
    let verdict = runner.judge(&input, true);
    assert_eq!(verdict.failure, None);
    let applied = verdict.run.explanation().iter().map(|explained| explained.operation.clone());
    // The explanation also has lines for the end of a run, which have no operation.
    applied.filter(|operation| !operation.is_empty()).collect()
}

#[test]
fn a_landmark_is_an_end_of_a_table_or_a_hot_key_if_there_is_no_table() {
    // A table has room for eight records, and the run puts eight.
    let text = "keys identity hot=40\nput_run 0x10 count=8 stride=2\nbars count=2\n\
                get @first:level=0,table=0\nget @last:level=0,table=0\nget @near:+1\n\
                get @last:level=0,table=7\nget @last:level=6,table=0\n";
    for target in ["tree", "tree_twin"] {
        let operations = applied(target, text);
        assert_eq!(
            &operations[2..],
            ["get 0x10", "get 0x1e", "get 0x1f", "get 0x1e", "get 0xd"],
            "{target}"
        );
    }
}

#[test]
fn an_edge_is_a_live_key_or_an_end_of_a_block_or_a_key_next_to_it() {
    // A table has room for eight records of an index, of 32 bytes each, in two blocks.
    let text = "keys identity hot=40\ngeometry block=256 batch=2\nusage index\n\
                put_run 0x10 count=8 stride=2\nbars count=2\n\
                get @live:0\nget @live:7\nget @live:13-1\nget @block_first:0\n\
                get @block_last:0\nget @block_last:0+1\nget @block_first:1\nget @block_first:1-1";
    for target in ["tree", "tree_twin"] {
        let operations = applied(target, text);
        assert_eq!(
            &operations[2..],
            [
                "get 0x10", "get 0x18", "get 0x1d", "get 0x10", "get 0x1a", "get 0x1b", "get 0x1c",
                "get 0x1b"
            ],
            "{target}"
        );
    }
}

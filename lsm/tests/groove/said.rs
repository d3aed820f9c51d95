//! Tests of the messages for invalid conditions: each says what to do.

use downbeat_lsm::groove::InvalidCondition;

#[test]
fn invalid_conditions_say_what_to_do() {
    for (error, said) in [
        (
            InvalidCondition::NoIndex { field: "Order.note" },
            "Order.note has no index: declare the field as an index",
        ),
        (
            InvalidCondition::ZeroIsNotIndexed { field: "Order.tag" },
            "the index of Order.tag leaves the value 0 out: declare the field as index, not as \
             optional",
        ),
        (
            InvalidCondition::TooManyScans { scans_max: 4 },
            "the condition needs more than 4 scans, one for each value: make it smaller or raise \
             scans_max",
        ),
        (
            InvalidCondition::TooDeep { depth_max: 64 },
            "the condition is nested more than 64 deep: make it flatter",
        ),
    ] {
        assert_eq!(error.to_string(), said);
    }
}

//! Batches of requests with events and results of 1 to 128 bytes.

use downbeat_lsm::state_machine::{
    Demultiplexer, Echo, Operation, VSR_OPERATIONS_RESERVED, operation_from_vsr,
};

use crate::random::Random;

/// An operation whose result is a function of its event. The sizes are its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Map<const EVENT: usize, const RESULT: usize>;

impl<const EVENT: usize, const RESULT: usize> Operation for Map<EVENT, RESULT> {
    const ALL: &'static [Self] = &[Self];

    fn number(self) -> u8 {
        255
    }
    fn event_size(self) -> usize {
        EVENT
    }
    fn result_size(self) -> usize {
        RESULT
    }
    fn is_batchable(self) -> bool {
        true
    }
}

/// The results of these events.
fn results<const EVENT: usize, const RESULT: usize>(events: &[u8]) -> Vec<u8> {
    let result =
        |event: &[u8]| (0..RESULT).map(|at| event[at % EVENT] ^ at as u8).collect::<Vec<_>>();
    events.chunks(EVENT).flat_map(result).collect()
}

fn check<const EVENT: usize, const RESULT: usize>(random: &mut Random) {
    for _ in 0..50 {
        let requests: Vec<Vec<u8>> = (0..random.below(9))
            .map(|_| {
                (0..random.below(6) as usize * EVENT).map(|_| random.below(256) as u8).collect()
            })
            .collect();
        let reply = results::<EVENT, RESULT>(&requests.concat());
        let mut replies = Demultiplexer::new(Map::<EVENT, RESULT>, &reply);
        for request in &requests {
            assert_eq!(replies.next(request.len() / EVENT), results::<EVENT, RESULT>(request));
        }
        assert!(replies.is_empty());
    }
}

#[test]
fn each_request_of_a_batch_gets_its_own_results() {
    let mut random = Random(1);
    check::<1, 1>(&mut random);
    check::<1, 128>(&mut random);
    check::<128, 1>(&mut random);
    check::<128, 128>(&mut random);
    check::<7, 13>(&mut random);
    check::<64, 16>(&mut random);
}

#[test]
#[should_panic(expected = "demultiplexer: a batch must have a result for each event")]
fn a_reply_has_all_results() {
    let _ = Demultiplexer::new(Map::<1, 2>, &[1, 2]).next(2);
}

#[test]
#[should_panic(expected = "demultiplexer: a reply must have whole results")]
fn a_reply_has_whole_results() {
    let _ = Demultiplexer::new(Map::<1, 2>, &[1, 2, 3]);
}

#[test]
#[should_panic(expected = "demultiplexer: the operation must be one that can be batched")]
fn an_echo_is_not_batched() {
    let _ = Demultiplexer::new(Echo::Echo, &[]);
}

#[test]
fn the_operations_of_the_replication_protocol_are_reserved() {
    for number in 0..VSR_OPERATIONS_RESERVED {
        assert_eq!(operation_from_vsr::<Echo>(number), None);
    }
    assert_eq!(operation_from_vsr(VSR_OPERATIONS_RESERVED), Some(Echo::Echo));
    assert_eq!(operation_from_vsr::<Echo>(VSR_OPERATIONS_RESERVED + 1), None);
}

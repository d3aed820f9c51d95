//! Tests of the loser tree, which chooses the next record from any number of streams.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::merge::LoserTree;

use crate::random::Random;

fn built(direction: Direction, heads: &[Option<u64>]) -> LoserTree<u64> {
    let mut tree = LoserTree::new(heads.len());
    let built = tree.build(direction, heads.len(), |stream| Ok::<_, ()>(heads[stream]));
    assert_eq!(built, Ok(()));
    tree.verify();
    tree
}

#[test]
fn without_streams_there_is_no_winner() {
    for capacity in [0, 1, 5] {
        let mut tree = LoserTree::<u64>::new(capacity);
        assert!(tree.capacity() >= capacity);
        assert_eq!(tree.winner(), None);
        assert_eq!(tree.build(Direction::Ascending, 0, |_| Err("no stream is read")), Ok(()));
        assert_eq!(tree.winner(), None);
        tree.verify();
    }
}

#[test]
fn of_equal_heads_the_stream_with_the_lower_number_wins_in_both_directions() {
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut tree = built(direction, &[Some(7); 5]);
        for stream in 0..5 {
            assert_eq!(tree.winner(), Some((7, stream)));
            tree.replace_winner(None);
            tree.verify();
        }
        assert_eq!(tree.winner(), None);
    }
}

#[test]
fn extreme_keys_win_against_streams_that_have_ended() {
    for (direction, last) in [(Direction::Ascending, u64::MAX), (Direction::Descending, 0)] {
        let mut tree = built(direction, &[None, None, Some(last), None]);
        assert_eq!(tree.winner(), Some((last, 2)));
        tree.replace_winner(Some(last));
        assert_eq!(tree.winner(), Some((last, 2)));
        tree.replace_winner(None);
        assert_eq!(tree.winner(), None);
    }
}

#[test]
fn a_failed_build_leaves_no_streams_and_reads_no_further() {
    let mut tree = built(Direction::Ascending, &[Some(1), Some(2), Some(3)]);
    let mut asked = Vec::new();
    let failed = tree.build(Direction::Descending, 3, |stream| {
        asked.push(stream);
        if stream == 1 { Err("not now") } else { Ok(Some(4)) }
    });
    assert_eq!(failed, Err("not now"));
    assert_eq!(asked, [0, 1]);
    assert_eq!((tree.winner(), tree.stream_count()), (None, 0));
    tree.verify();
}

#[test]
fn the_winner_equals_that_of_a_linear_search() {
    let mut random = Random(1);
    for stream_count in 1..20 {
        for direction in [Direction::Ascending, Direction::Descending] {
            let mut heads: Vec<Option<u64>> =
                (0..stream_count).map(|_| Some(100 + random.below(4))).collect();
            let mut tree = built(direction, &heads);
            loop {
                let expected = heads
                    .iter()
                    .enumerate()
                    .filter_map(|(stream, head)| head.map(|key| (key, stream)))
                    .min_by_key(|&(key, stream)| match direction {
                        Direction::Ascending => (key, stream),
                        Direction::Descending => (u64::MAX - key, stream),
                    });
                assert_eq!(tree.winner(), expected);
                let Some((key, stream)) = expected else { break };
                let step = random.below(3);
                heads[stream] = match (direction, random.below(8)) {
                    (_, 0) => None,
                    (Direction::Ascending, _) => Some(key + step),
                    (Direction::Descending, _) => key.checked_sub(step),
                };
                tree.replace_winner(heads[stream]);
                tree.verify();
            }
        }
    }
}

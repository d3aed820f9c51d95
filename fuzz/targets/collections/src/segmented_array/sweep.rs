//! All of both arrays at once: every element in both directions, every place as index and cursor,
//! every node, every key; and the pool.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::collections::segmented_array::{SegmentedArray, Statistics};

use super::arrays::Arrays;
use super::words::Words;
use super::{compare, events, states};
use downbeat::failure::{Divergence, equal};
use downbeat::model::segmented_array::Model;
use downbeat::run::Run;

impl<const P: usize, const S: usize> Arrays<P, S> {
    pub(super) fn sweep_all(&mut self, run: &mut Run) -> Result<(), Divergence> {
        whole(&self.plain, &self.plain_model, run)?;
        whole(self.sorted.as_array(), &self.sorted_model, run)?;
        self.sorted.verify();
        self.pool.verify();
        let mut previous = None;
        for index in 0..self.sorted_model.len() {
            let key = self.sorted_model.get(index).expect("below the length").key;
            if previous != Some(key) {
                for near in [key.wrapping_sub(1), key, key.wrapping_add(1)] {
                    self.searched(near, run)?;
                }
            }
            previous = Some(key);
        }
        for extreme in [0, u64::MAX] {
            self.searched(extreme, run)?;
        }
        self.nodes_balance()
    }

    /// Ends the run: every node goes back. A reset that forgets something is noticed here, in the
    /// run to which it belongs, and not in the next one.
    pub(super) fn finish_run(&mut self, run: &mut Run) -> Result<(), Divergence> {
        states::nodes(self.plain.node_count(), self.sorted.as_array().node_count(), run);
        let plain = events::plain(self.plain.statistics());
        plain.count(run);
        plain.mark(states::CountedByPlain, run);
        let sorted = events::sorted(self.sorted.as_array().statistics());
        sorted.count(run);
        sorted.mark(states::CountedBySorted, run);
        self.reset();
        self.pool.assert_all_free();
        self.sweep_all(run)?;
        for statistics in [self.plain.statistics(), self.sorted.as_array().statistics()] {
            if *statistics != Statistics::default() {
                return Err(Divergence::new(
                    "reset-is-as-new",
                    "an array counts something after a reset",
                    "zeros",
                    format!("{statistics:?}"),
                ));
            }
        }
        let lowest = self.pool.acquire();
        let number = lowest.number();
        self.pool.release(lowest);
        let what = "a pool of free nodes does not give the lowest first";
        equal("pool-gives-the-lowest", what, 0, number)
    }

    /// The pool has given the nodes that the arrays hold, and no other.
    #[inline]
    pub(super) fn nodes_balance(&self) -> Result<(), Divergence> {
        let held = self.plain.node_count() + self.sorted.as_array().node_count();
        equal(
            "nodes-balance",
            "the pool has given other nodes than the arrays hold",
            held,
            self.pool.acquired_count(),
        )
    }

    /// What both arrays hold, in lines.
    pub(super) fn lines(&self) -> Vec<String> {
        vec![
            describe("plain", &self.plain, |words: &Words<P>| format!("#{}", words.stamp())),
            describe("sorted", self.sorted.as_array(), |words: &Words<S>| {
                format!("{:#x} #{}", words.first(), words.stamp())
            }),
        ]
    }
}

fn whole<const N: usize>(
    array: &SegmentedArray<Words<N>>,
    model: &Model,
    run: &mut Run,
) -> Result<(), Divergence> {
    let what = "an iterator over all gives another element than the model";
    let mut up = array.iter(array.first_cursor(), Direction::Ascending);
    let mut down = array.iter(array.end_cursor(), Direction::Descending);
    for index in 0..model.len() {
        run.step();
        compare::element("whole-equals-model", what, index, model.get(index), up.next())?;
        let mirrored = model.len() - 1 - index;
        compare::element("whole-equals-model", what, mirrored, model.get(mirrored), down.next())?;
    }
    compare::element("whole-equals-model", what, model.len(), None, up.next())?;
    compare::element("whole-equals-model", what, 0, None, down.next())?;
    for index in 0..=model.len() {
        run.step();
        let cursor = array.cursor(index);
        equal(
            "cursor-has-its-index",
            "the cursor of an index has another index",
            index,
            array.index(cursor),
        )?;
    }
    nodes(array, model)?;
    array.verify();
    Ok(())
}

fn nodes<const N: usize>(
    array: &SegmentedArray<Words<N>>,
    model: &Model,
) -> Result<(), Divergence> {
    let (count, capacity) = (array.node_count(), array.node_capacity());
    let mut sum = 0;
    for node in 0..count {
        let len = array.node_len(node);
        let least = if node + 1 < count { capacity / 2 } else { 1 };
        if !(least..=capacity).contains(&len) {
            return Err(Divergence::new(
                "nodes-are-half-full",
                "a node holds fewer or more elements than it may",
                format!("{least} to {capacity} elements in node {node} of {count}"),
                len,
            ));
        }
        sum += len;
    }
    let what = "the nodes together hold another number of elements than the model";
    equal("nodes-hold-all", what, model.len(), sum)?;
    let most = array.node_count_max();
    if count > most {
        let what = "there are more nodes than there can be";
        return equal("nodes-at-most", what, most, count);
    }
    Ok(())
}

/// The elements by node.
fn describe<const N: usize>(
    name: &str,
    array: &SegmentedArray<Words<N>>,
    text: impl Fn(&Words<N>) -> String,
) -> String {
    const SHOWN: usize = 40;
    let mut nodes = Vec::new();
    let mut index = 0;
    for node in 0..array.node_count() {
        let len = array.node_len(node);
        let elements: Vec<String> =
            (index..index + len).filter_map(|index| array.get(index)).map(&text).collect();
        nodes.push(format!("[{}]", elements.join(" ")));
        index += len;
        if index as usize > SHOWN {
            nodes.push(format!("... {} elements", array.len()));
            break;
        }
    }
    let nodes = if nodes.is_empty() { "empty".to_owned() } else { nodes.join(" ") };
    format!("{name}, nodes of {}: {nodes}", array.node_capacity())
}

//! The world: both arrays, compared as a whole. A sweep checks every element in both directions,
//! the cursor of every index, every node, a search for every key, and the pool.

use downbeat_lsm::collections::Direction;
use downbeat_lsm::collections::segmented_array::Statistics;

use super::arrays::Arrays;
use super::words::{Array, Words};
use super::{compare, events, states};
use downbeat::check::{equal, holds};
use downbeat::input::encoding::Header;
use downbeat::states::octave;
use downbeat::{Checked, Run, World};
use downbeat_model::segmented_array::{Model, Operation};

impl<const P: usize, const S: usize> World for Arrays<P, S> {
    type Operation = Operation;

    fn open(&mut self, _header: &Header, _run: &mut Run) -> Checked {
        self.reset();
        Ok(())
    }

    #[inline]
    fn apply(&mut self, operation: &Operation, run: &mut Run) -> Checked {
        self.operation(operation, run)
    }

    fn sweep(&mut self, run: &mut Run) -> Checked {
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

    /// Resets both arrays, and checks that every node returns to the pool. An incomplete reset is
    /// thus noticed in the run that causes it, not in the next one.
    fn finish(&mut self, run: &mut Run) -> Checked {
        let sorted = self.sorted.as_array();
        run.state(states::NodesPlain, octave(u64::from(self.plain.node_count())));
        run.state(states::NodesSorted, octave(u64::from(sorted.node_count())));
        let plain = events::plain(self.plain.statistics());
        plain.count(run);
        plain.mark(states::CountedByPlain, run);
        let sorted = events::sorted(sorted.statistics());
        sorted.count(run);
        sorted.mark(states::CountedBySorted, run);
        self.reset();
        self.pool.assert_all_free();
        self.sweep(run)?;
        for statistics in [self.plain.statistics(), self.sorted.as_array().statistics()] {
            holds("reset-is-as-new", *statistics == Statistics::default())
                .show(|| ("zeros", format!("{statistics:?}")))
                .or("an array has a count other than zero after a reset")?;
        }
        let lowest = self.pool.acquire();
        let number = lowest.number();
        self.pool.release(lowest);
        equal("pool-gives-the-lowest", 0, number)
            .or("a pool of free nodes does not return the lowest node first")
    }

    fn describe(&self) -> Vec<String> {
        vec![
            describe("plain", &self.plain, |words: &Words<P>| format!("#{}", words.stamp())),
            describe("sorted", self.sorted.as_array(), |words: &Words<S>| {
                format!("{:#x} #{}", words.first(), words.stamp())
            }),
        ]
    }
}

impl<const P: usize, const S: usize> Arrays<P, S> {
    /// Checks that as many nodes are acquired from the pool as the arrays have.
    #[inline]
    pub(super) fn nodes_balance(&self) -> Checked {
        let held = self.plain.node_count() + self.sorted.as_array().node_count();
        equal("nodes-balance", held, self.pool.acquired_count())
            .or("more or fewer nodes are taken from the pool than the arrays hold")
    }
}

/// Checks every element, every cursor and every node of an array.
fn whole<const N: usize>(array: &Array<N>, model: &Model, run: &mut Run) -> Checked {
    const WHAT: &str = "an iterator over the array returns another element than the model";
    let element =
        |index, got| compare::element("whole-equals-model", index, model.get(index), got).or(WHAT);
    let mut up = array.iter(array.first_cursor(), Direction::Ascending);
    let mut down = array.iter(array.end_cursor(), Direction::Descending);
    for index in 0..model.len() {
        run.step();
        element(index, up.next())?;
        element(model.len() - 1 - index, down.next())?;
    }
    element(model.len(), up.next())?;
    compare::element("whole-equals-model", 0, None, down.next()).or(WHAT)?;
    for index in 0..=model.len() {
        run.step();
        let cursor = array.cursor(index);
        equal("cursor-has-its-index", index, array.index(cursor))
            .or("the cursor of an index leads to another index")?;
    }
    nodes(array, model)?;
    array.verify();
    Ok(())
}

/// Checks the number of elements of each node, their sum, and the number of nodes.
fn nodes<const N: usize>(array: &Array<N>, model: &Model) -> Checked {
    let (count, capacity) = (array.node_count(), array.node_capacity());
    let mut sum = 0;
    for node in 0..count {
        let len = array.node_len(node);
        let least = if node + 1 < count { capacity / 2 } else { 1 };
        let range = || format!("{least} to {capacity} elements in node {node} of {count}");
        holds("nodes-are-half-full", (least..=capacity).contains(&len))
            .show(|| (range(), len))
            .or("a node holds fewer or more elements than it may")?;
        sum += len;
    }
    equal("nodes-hold-all", model.len(), sum)
        .or("the nodes hold more or fewer elements than the model")?;
    let most = array.node_count_max();
    holds("nodes-at-most", count <= most)
        .show(|| (most, count))
        .or("an array has more nodes than it may have")
}

/// Describes the elements of each node.
fn describe<const N: usize>(
    name: &str,
    array: &Array<N>,
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

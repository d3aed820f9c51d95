//! Tests of a node pool.

use std::collections::BTreeMap;

use downbeat_lsm::collections::{InvalidOptions, Node, NodePool, NodePoolOptions};

use crate::number::pool;
use crate::random::Random;

fn refusal(node_size: usize, node_count: u32) -> InvalidOptions {
    let options = NodePoolOptions { node_size, node_count };
    let reason = options.validate().expect_err("the options are invalid");
    assert_eq!(NodePool::new(options).err(), Some(reason));
    reason
}

#[test]
fn the_lowest_free_node_is_acquired() {
    let mut pool = pool(16, 5);
    let mut nodes: Vec<Node> = (0..4).map(|_| pool.acquire()).collect();
    assert!(nodes.iter().map(Node::number).eq([0, 1, 2, 3]));
    assert_eq!((pool.free_count(), pool.acquired_count(), pool.node_count()), (1, 4, 5));
    pool.release(nodes.swap_remove(2));
    pool.release(nodes.swap_remove(1));
    assert_eq!(pool.acquire().number(), 1);
    assert_eq!(pool.acquire().number(), 2);
    assert_eq!(pool.acquire().number(), 4);
}

#[test]
fn a_node_holds_as_many_elements_as_fit_whole() {
    let mut pool = pool(32, 1);
    let mut node = pool.acquire();
    assert_eq!(node.elements::<u8>().len(), 32);
    assert_eq!(node.elements::<[u8; 5]>().len(), 6);
    assert_eq!(node.elements_mut::<u128>().len(), 2);
    assert_eq!(node.elements_mut::<[u64; 5]>().len(), 0);
    assert_eq!(pool.node_size(), 32);
}

#[test]
fn a_node_keeps_what_is_written_to_it() {
    let mut pool = pool(32, 2);
    let (mut first, mut second) = (pool.acquire(), pool.acquire());
    first.elements_mut::<u64>().copy_from_slice(&[1, 2, 3, 4]);
    second.elements_mut::<u64>().copy_from_slice(&[5, 6, 7, 8]);
    assert_eq!(first.elements::<u64>(), [1, 2, 3, 4]);
    pool.release(first);
    assert_eq!(second.elements::<u64>(), [5, 6, 7, 8]);
}

#[test]
fn a_renewed_pool_has_the_nodes_of_its_new_options() {
    let mut pool = pool(16, 3);
    for (node_size, node_count) in [(16, 5), (32, 2), (32, 1), (16, 6)] {
        pool.renew(NodePoolOptions { node_size, node_count }).expect("the options are valid");
        assert_eq!((pool.node_size(), pool.node_count()), (node_size, node_count));
        pool.assert_all_free();
        let nodes: Vec<Node> = (0..node_count).map(|_| pool.acquire()).collect();
        assert!(nodes.iter().map(Node::number).eq(0..node_count));
        assert!(nodes.iter().all(|node| node.elements::<u8>().len() == node_size));
        nodes.into_iter().for_each(|node| pool.release(node));
    }
    let refused = pool.renew(NodePoolOptions { node_size: 0, node_count: 1 });
    assert_eq!(refused, Err(refusal(0, 1)));
    assert_eq!((pool.node_size(), pool.free_count()), (16, 6));
}

#[test]
fn all_nodes_are_free_after_all_are_released() {
    let mut pool = pool(16, 3);
    pool.assert_all_free();
    let nodes: Vec<Node> = (0..3).map(|_| pool.acquire()).collect();
    nodes.into_iter().for_each(|node| pool.release(node));
    pool.assert_all_free();
}

#[test]
fn a_pool_hands_out_the_numbers_of_a_plain_set() {
    for node_count in [1, 63, 64, 65, 200] {
        let mut pool = pool(16, node_count);
        let mut acquired = BTreeMap::new();
        let mut random = Random(u64::from(node_count));
        for _ in 0..2000 {
            let is_growing = random.below(2) == 0;
            if is_growing && pool.free_count() > 0 {
                let lowest = (0..).find(|number| !acquired.contains_key(number));
                let mut node = pool.acquire();
                assert_eq!(Some(node.number()), lowest);
                node.elements_mut()[0] = node.number();
                acquired.insert(node.number(), node);
            } else if !acquired.is_empty() {
                let position = random.below(acquired.len() as u64) as usize;
                let number = *acquired.keys().nth(position).expect("below the length");
                let node = acquired.remove(&number).expect("a key of the map");
                assert_eq!(node.elements::<u32>()[0], number);
                pool.release(node);
            }
            assert_eq!(pool.acquired_count() as usize, acquired.len());
            pool.verify();
        }
    }
}

#[test]
#[should_panic(
    expected = "node_pool: no node is free (all 2 of 16 bytes are acquired): enlarge node_count"
)]
fn an_exhausted_pool_panics() {
    let mut pool = pool(16, 2);
    let _nodes = [pool.acquire(), pool.acquire(), pool.acquire()];
}

#[test]
#[should_panic(expected = "node_pool: a node must be released to the pool it came from (number 0)")]
fn a_node_of_another_pool_is_refused() {
    let (mut one, mut other) = (pool(16, 2), pool(16, 2));
    let _node = one.acquire();
    one.release(other.acquire());
}

#[test]
#[should_panic(expected = "node_pool: a node must be released to the pool it came from (number 1)")]
fn a_node_of_a_larger_pool_is_refused() {
    let (mut small, mut large) = (pool(16, 1), pool(16, 2));
    let _node = large.acquire();
    small.release(large.acquire());
}

#[test]
#[should_panic(expected = "node_pool: all nodes must be released (1 of 2 are acquired)")]
fn a_dropped_node_stays_acquired() {
    let mut pool = pool(16, 2);
    drop(pool.acquire());
    pool.assert_all_free();
}

#[test]
fn nodes_without_memory_are_refused() {
    let reason = refusal(0, 1);
    assert_eq!(reason, InvalidOptions::NodeSizeZero);
    assert!(reason.to_string().contains("at least twice the size of the largest element"));
}

#[test]
fn nodes_of_an_odd_size_are_refused() {
    let reason = refusal(24, 1);
    assert_eq!(reason, InvalidOptions::NodeSizeUnaligned { node_size: 24, alignment: 16 });
    assert!(reason.to_string().contains("set it to a multiple of 16"));
}

#[test]
fn nodes_over_the_limit_are_refused() {
    let node_size_max = NodePoolOptions::NODE_SIZE_MAX;
    let node_size = node_size_max + 16;
    let reason = refusal(node_size, 1);
    assert_eq!(reason, InvalidOptions::NodeSizeOverLimit { node_size, node_size_max });
    assert!(reason.to_string().contains("lower it to at most 16777216"));
}

#[test]
fn a_pool_without_nodes_is_refused() {
    let reason = refusal(16, 0);
    assert_eq!(reason, InvalidOptions::NodeCountZero);
    assert!(reason.to_string().contains("the sum of the lists' node_count_max"));
}

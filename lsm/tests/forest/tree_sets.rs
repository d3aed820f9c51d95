//! Sets of several trees.

use downbeat_lsm::forest::{Forest, ForestOptions, Trees};
use downbeat_lsm::grid::{Grid, Stepped};
use downbeat_lsm::storage::MemoryStorage;
use downbeat_lsm::tree::{Tree, TreeOptions};

use crate::records::{Entry, Numbered, Object};

/// Eight trees: the largest tuple.
type Eight = (
    Tree<Object>,
    Tree<Entry>,
    Tree<Object>,
    Tree<Entry>,
    Tree<Object>,
    Tree<Entry>,
    Tree<Object>,
    Tree<Object>,
);

type Octet = Forest<Eight, MemoryStorage>;

fn octet() -> Octet {
    let mut options = ForestOptions::tiny(4096);
    options.layout.block_size = 512;
    let device = MemoryStorage::new(options.device_size().expect("a valid layout") as usize, 256);
    let [one, two, three, four, five, six, seven, eight] =
        [11, 12, 13, 14, 15, 16, 17, 18].map(|id| TreeOptions::tiny(id, "records"));
    let trees = (one, two, three, four, five, six, seven, eight);
    Octet::format(device, &options, &trees, 1).expect("a sound device")
}

/// The record of a number in a tree, which may be on the device.
fn found<R: Numbered>(tree: &Tree<R>, grid: &mut Grid<MemoryStorage>, number: u64) -> Option<R> {
    let key = R::key_of(number);
    if let Some(record) = tree.lookup_memory(key) {
        return Some(*record);
    }
    let mut lookup = tree.lookup(key, 0);
    loop {
        if let Some(found) = lookup.advance(tree, grid) {
            return found.expect("a sound device");
        }
        assert!(matches!(grid.step(), Stepped::Progress));
    }
}

#[test]
fn each_of_eight_trees_keeps_its_own_records() {
    let mut forest = octet();
    for number in 0..60 {
        let trees = forest.write().expect("an open forest");
        trees.0.put(&Object::put(number, 1));
        trees.1.put(&Entry::put(number, 0));
        trees.4.put(&Object::put(number, 5));
        trees.7.put(&Object::put(number, 8));
        forest.beat().expect("a sound device");
    }
    let _ = forest.checkpoint().expect("a sound device");
    forest.open_again().expect("a sound device");
    let (trees, grid) = forest.trees_and_grid();
    for number in [0, 1, 31, 59] {
        assert_eq!(found(&trees.0, grid, number), Some(Object::put(number, 1)));
        assert_eq!(found(&trees.1, grid, number), Some(Entry::put(number, 0)));
        assert_eq!(found(&trees.2, grid, number), None);
        assert_eq!(found(&trees.3, grid, number), None);
        assert_eq!(found(&trees.4, grid, number), Some(Object::put(number, 5)));
        assert_eq!(found(&trees.5, grid, number), None);
        assert_eq!(found(&trees.6, grid, number), None);
        assert_eq!(found(&trees.7, grid, number), Some(Object::put(number, 8)));
    }
}

#[test]
fn a_tree_alone_and_a_set_of_one_tree_are_the_same_store() {
    type Alone = Forest<Tree<Object>, MemoryStorage>;
    type Set = Forest<(Tree<Object>,), MemoryStorage>;
    let mut options = ForestOptions::tiny(512);
    options.layout.block_size = 512;
    let tree = TreeOptions::tiny(1, "records");
    let device = MemoryStorage::new(options.device_size().expect("a valid layout") as usize, 256);
    let mut set = Set::format(device, &options, &(tree,), 1).expect("a sound device");
    set.write().expect("an open forest").0.put(&Object::put(7, 1));
    let _ = set.checkpoint().expect("a sound device");
    let opened = Alone::open(set.into_storage(), &options, &tree);
    let mut alone = opened.expect("the same store");
    let (tree, grid) = alone.trees_and_grid();
    assert_eq!(found(tree, grid, 7), Some(Object::put(7, 1)));
    assert_eq!(found(tree, grid, 8), None);
}

#[test]
fn the_trees_of_a_set_are_in_the_order_of_their_declaration() {
    let mut forest = octet();
    let trees: &mut dyn Trees<MemoryStorage> = forest.trees_and_grid().0;
    assert_eq!(trees.count(), 8);
    let ids: Vec<u16> = (0..trees.count()).map(|place| trees.tree(place).id()).collect();
    assert_eq!(ids, [11, 12, 13, 14, 15, 16, 17, 18]);
}

#[test]
#[should_panic(expected = "forest: there are 8 trees and no tree 8")]
fn a_set_has_no_tree_after_its_last() {
    let mut forest = octet();
    let trees: &mut dyn Trees<MemoryStorage> = forest.trees_and_grid().0;
    let _ = trees.tree(8);
}

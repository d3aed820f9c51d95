//! Options that a forest refuses.

use downbeat_lsm::forest::{ForestOptions, InvalidStore, TreeShape};
use downbeat_lsm::tree::{InvalidTree, Tree, TreeOptions};

use crate::records::{Entry, Object};

fn options() -> ForestOptions {
    let mut options = ForestOptions::tiny(512);
    options.layout.block_size = 512;
    options
}

fn object(id: u16) -> TreeOptions {
    TreeOptions::tiny(id, "objects")
}

#[test]
fn the_trees_of_a_forest_are_counted() {
    let shapes = |count: usize| {
        let shape = |id| TreeShape::of::<Object>(&object(id as u16));
        (1..=count).map(shape).collect::<Vec<_>>()
    };
    let most = ForestOptions::TREES_MAX;
    for count in [0, most + 1] {
        let refused = options().validate(&shapes(count));
        assert_eq!(refused, Err(InvalidStore::Trees { count }), "{count}");
    }
    assert_eq!(options().validate(&shapes(1)), Ok(()));
    let many = options().validate(&shapes(most));
    assert!(!matches!(many, Err(InvalidStore::Trees { .. })), "{many:?}");
}

#[test]
fn trees_with_the_same_number_are_refused() {
    let shapes = [
        TreeShape::of::<Object>(&object(1)),
        TreeShape::of::<Object>(&object(7)),
        TreeShape::of::<Entry>(&object(7)),
    ];
    assert_eq!(options().validate(&shapes), Err(InvalidStore::SameTree { id: 7 }));
    assert_eq!(options().validate(&shapes[..2]), Ok(()));
}

#[test]
fn trees_with_bars_of_different_lengths_are_refused() {
    let other = TreeOptions { beats_per_bar: 8, ..object(2) };
    let shapes = [TreeShape::of::<Object>(&object(1)), TreeShape::of::<Entry>(&other)];
    let due = InvalidStore::DifferentBars { beats_per_bar: 4, other: 8 };
    assert_eq!(options().validate(&shapes), Err(due));
}

#[test]
fn numbers_that_are_zero_are_refused() {
    type Change = fn(&mut ForestOptions);
    let shapes = [TreeShape::of::<Object>(&object(1))];
    let changes: [(&str, Change); 3] = [
        ("checkpoint_interval", |options| options.checkpoint_interval = 0),
        ("lookups_max", |options| options.lookups_max = 0),
        ("scans_max", |options| options.scans_max = 0),
    ];
    for (option, change) in changes {
        let mut invalid = options();
        change(&mut invalid);
        assert_eq!(invalid.validate(&shapes), Err(InvalidStore::Zero { option }));
    }
}

#[test]
fn a_tree_alone_refuses_the_options_that_its_forest_refuses() {
    let new = |options: TreeOptions, block_size, node_size| {
        Tree::<Object>::new(options, block_size, node_size, 100).map(drop)
    };
    assert_eq!(new(object(1), 512, 1024), Ok(()));
    let invalid = TreeOptions { growth_factor: 1, ..object(1) };
    let due = InvalidTree::OutOfLimits { option: "growth_factor", number: 1, min: 2, max: 16 };
    assert_eq!(new(invalid, 512, 1024), Err(due));
    let refused = new(object(1), 32, 1024);
    assert!(matches!(refused, Err(InvalidTree::Table(_))), "{refused:?}");
    let refused = new(object(1), 512, 32);
    assert!(matches!(refused, Err(InvalidTree::Manifest(_))), "{refused:?}");
}

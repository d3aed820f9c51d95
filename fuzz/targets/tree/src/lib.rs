//! A whole tree in a store.
//!
//! Each target is a module behind a feature of the same name, so a build compiles only the targets
//! that it needs.

#[cfg(any(feature = "tree", feature = "tree_twin", feature = "tree_large"))]
pub mod tree;
#[cfg(feature = "tree_twin")]
pub mod tree_twin;

downbeat::targets! {
    "tree" TREE tree::Tree;
    "tree_twin" TREE_TWIN tree_twin::TreeTwin;
    "tree_large" TREE_LARGE tree::large::TreeLarge;
}

//! A whole tree in a store.
//!
//! Each target has a feature of the same name. The features `tree` and `tree_twin` enable each
//! other.

#[cfg(any(feature = "tree", feature = "tree_large"))]
pub mod tree;
#[cfg(feature = "tree_twin")]
pub mod tree_twin;

downbeat::targets! {
    "tree" TREE tree::Tree;
    "tree_twin" TREE_TWIN tree_twin::TreeTwin;
    "tree_large" TREE_LARGE tree::large::TreeLarge;
}

//! A whole tree in a store.
//!
//! The feature `tree_large` adds the target of the same name.

pub mod tree;
pub mod tree_twin;

downbeat::targets! {
    "tree" TREE tree::Tree;
    "tree_twin" TREE_TWIN tree_twin::TreeTwin;
    #[cfg(feature = "tree_large")]
    "tree_large" TREE_LARGE tree::large::TreeLarge;
}

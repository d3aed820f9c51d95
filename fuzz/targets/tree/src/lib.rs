//! A whole tree in a store.
//!
//! Each target is a module behind a feature of the same name. The features enable each other.

#[cfg(feature = "tree")]
pub mod tree;
#[cfg(feature = "tree_twin")]
pub mod tree_twin;

downbeat::targets! {
    "tree" TREE tree::Tree;
    "tree_twin" TREE_TWIN tree_twin::TreeTwin;
}

//! A whole tree in a store.
//!
//! A target is a module and a feature of its name: a build compiles the targets that it needs.

#[cfg(any(feature = "tree", feature = "tree_twin"))]
pub mod tree;
#[cfg(feature = "tree_twin")]
pub mod tree_twin;

downbeat::targets! {
    "tree" TREE tree::Tree;
    "tree_twin" TREE_TWIN tree_twin::TreeTwin;
}

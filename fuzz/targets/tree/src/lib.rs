//! A whole tree in a store.
//!
//! A target is a module and a feature of its name: a build compiles the targets that it needs.

#[cfg(any(feature = "tree", feature = "tree_twin"))]
pub mod tree;
#[cfg(feature = "tree_twin")]
pub mod tree_twin;

/// The target `tree`.
#[cfg(feature = "tree")]
pub static TREE: &dyn downbeat::AnyTarget = &downbeat::Entry::<tree::Tree>::ROW;

/// The target `tree_twin`.
#[cfg(feature = "tree_twin")]
pub static TREE_TWIN: &dyn downbeat::AnyTarget = &downbeat::Entry::<tree_twin::TreeTwin>::ROW;

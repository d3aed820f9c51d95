//! Conditions on the indexed fields of objects.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use super::{FieldKind, Object};

/// A condition on the fields of objects: a field has a given value or a value of a range, or a
/// combination of such conditions. [`Field::equals`](super::Field::equals) and
/// [`Field::within`](super::Field::within) create conditions.
///
/// A query refuses a condition that is nested more than [`Condition::DEPTH_MAX`] deep.
pub struct Condition<O> {
    pub(super) node: Node,
    /// The number of nodes from the root of `node` to its deepest leaf.
    depth: u32,
    object: PhantomData<fn() -> O>,
}

/// The condition without the type of its objects.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Equals {
        field: usize,
        value: u128,
    },
    Within {
        field: usize,
        min: u128,
        max: u128,
    },
    Union(Vec<Node>),
    Intersection(Vec<Node>),
    Difference(Box<Node>, Box<Node>),
    /// In place of a node that is nested too deep.
    TooDeep,
}

/// The reason why a condition cannot be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidCondition {
    /// The field has no index.
    NoIndex {
        /// The name of the field.
        field: &'static str,
    },
    /// The index has no objects whose value is 0.
    ZeroIsNotIndexed {
        /// The name of the field.
        field: &'static str,
    },
    /// The condition needs more scans than the groove has.
    TooManyScans {
        /// The maximum number of scans.
        scans_max: u32,
    },
    /// The condition is nested too deep.
    TooDeep {
        /// The maximum depth.
        depth_max: u32,
    },
}

impl Error for InvalidCondition {}

impl fmt::Display for InvalidCondition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIndex { field } => {
                write!(formatter, "{field} has no index: declare the field as an index")
            }
            Self::ZeroIsNotIndexed { field } => write!(
                formatter,
                "the index of {field} leaves the value 0 out: declare the field as index, not as optional"
            ),
            Self::TooManyScans { scans_max } => write!(
                formatter,
                "the condition needs more than {scans_max} scans, one for each value: make it smaller or raise scans_max"
            ),
            Self::TooDeep { depth_max } => write!(
                formatter,
                "the condition is nested more than {depth_max} deep: make it flatter"
            ),
        }
    }
}

impl<O: Object> Condition<O> {
    /// The maximum depth of a condition. A condition on one field has depth 1, and a combination is
    /// one deeper than the deeper of its two conditions. A row of conditions that are combined by
    /// [`Condition::or`] alone, or by [`Condition::and`] alone, has depth 2.
    pub const DEPTH_MAX: u32 = 64;

    fn leaf(node: Node) -> Self {
        Self { node, depth: 1, object: PhantomData }
    }

    /// A combination of two conditions. If it is too deep, both are dropped, so that no recursion
    /// is deeper than the maximum.
    fn of(node: Node, depth: u32) -> Self {
        let node = if depth > Self::DEPTH_MAX { Node::TooDeep } else { node };
        Self { node, depth, object: PhantomData }
    }

    pub(super) fn equals(field: usize, value: u128) -> Self {
        Self::leaf(Node::Equals { field, value })
    }

    pub(super) fn within(field: usize, min: u128, max: u128) -> Self {
        Self::leaf(Node::Within { field, min, max })
    }

    /// The objects for which this condition or the other one holds, or both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self.node, other.node) {
            (Node::Union(mut nodes), node) => {
                nodes.push(node);
                Self::of(Node::Union(nodes), self.depth.max(deeper(other.depth)))
            }
            (node, others) => {
                Self::of(Node::Union(vec![node, others]), deeper(self.depth.max(other.depth)))
            }
        }
    }

    /// The objects for which both conditions hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.node, other.node) {
            (Node::Intersection(mut nodes), node) => {
                nodes.push(node);
                Self::of(Node::Intersection(nodes), self.depth.max(deeper(other.depth)))
            }
            (node, others) => Self::of(
                Node::Intersection(vec![node, others]),
                deeper(self.depth.max(other.depth)),
            ),
        }
    }

    /// The objects for which this condition holds, and the other one does not.
    #[must_use]
    pub fn and_not(self, other: Self) -> Self {
        let node = Node::Difference(Box::new(self.node), Box::new(other.node));
        Self::of(node, deeper(self.depth.max(other.depth)))
    }

    /// Checks that the condition can be evaluated with `scans_max` scans.
    pub(super) fn validate(&self, scans_max: u32) -> Result<(), InvalidCondition> {
        let scans = scans_of::<O>(&self.node)?;
        if scans > u128::from(scans_max) {
            return Err(InvalidCondition::TooManyScans { scans_max });
        }
        Ok(())
    }
}

/// The depth of a combination of which a part has this depth.
fn deeper(depth: u32) -> u32 {
    depth.saturating_add(1)
}

/// The number of scans that a node needs.
fn scans_of<O: Object>(node: &Node) -> Result<u128, InvalidCondition> {
    match node {
        Node::Equals { field, value } => indexed::<O>(*field, *value).map(|()| 1),
        Node::Within { field, min, max } => {
            indexed::<O>(*field, *min)?;
            Ok(if min <= max { (max - min).saturating_add(1) } else { 0 })
        }
        Node::Union(nodes) | Node::Intersection(nodes) => {
            nodes.iter().try_fold(0_u128, |sum, node| Ok(sum.saturating_add(scans_of::<O>(node)?)))
        }
        Node::Difference(node, other) => {
            Ok(scans_of::<O>(node)?.saturating_add(scans_of::<O>(other)?))
        }
        Node::TooDeep => Err(InvalidCondition::TooDeep { depth_max: Condition::<O>::DEPTH_MAX }),
    }
}

/// Checks that the field has a tree, and that this tree has an entry for objects with this value.
/// For a range, `value` is its smallest value.
fn indexed<O: Object>(field: usize, value: u128) -> Result<(), InvalidCondition> {
    let shape = &O::FIELDS[field];
    if !shape.kind.has_tree() {
        return Err(InvalidCondition::NoIndex { field: shape.name });
    }
    if shape.kind == FieldKind::Optional && value == 0 {
        return Err(InvalidCondition::ZeroIsNotIndexed { field: shape.name });
    }
    Ok(())
}

impl<O> Clone for Condition<O> {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), depth: self.depth, object: PhantomData }
    }
}

impl<O> fmt::Debug for Condition<O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(formatter)
    }
}

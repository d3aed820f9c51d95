//! The tree of a field or of a derived index: its records, and the writes to it.
//!
//! | field | record | key | usage |
//! |---|---|---|---|
//! | unique, up to 64 bits | [`Unique64`] | value | general |
//! | unique, up to 128 bits | [`Unique128`] | value | general |
//! | other, up to 64 bits | [`Index64`] | value, then timestamp | secondary index |
//! | other, up to 128 bits | [`Index128`] | value, then timestamp | secondary index |

use ::zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::object::TOMBSTONE;
use super::{FieldKind, FieldShape};
use crate::beat::Scheduled;
use crate::collections::ScopeOutcome;
use crate::forest::{ForestSizes, InvalidStore, TreeShape};
use crate::record::{Key256, Record, Usage};
use crate::storage::Storage;
use crate::tree::{Tree, TreeOptions};

/// A record of the tree of a field.
pub(super) trait IndexRecord: Record {
    /// The record of this value and this timestamp.
    fn new(value: u128, timestamp: u64) -> Self;

    /// The value of the field.
    fn value(&self) -> u128;

    /// The timestamp of the object with the value.
    fn timestamp(&self) -> u64;

    /// The key of this value and this timestamp. The key of a unique field is the value alone.
    fn key_of(value: u128, timestamp: u64) -> Self::Key {
        Self::new(value, timestamp).key()
    }
}

macro_rules! index_record {
    (
        $(#[$meta:meta])*
        $name:ident { $($field:ident: $type:ty,)+ }, $usage:ident, $key:ty,
        |$value:ident, $timestamp:ident| $make:expr,
        |$record:ident| $to_key:expr,
        |$from:ident| $from_key:expr
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, FromBytes, IntoBytes, Immutable, KnownLayout)]
        #[repr(C)]
        pub(super) struct $name {
            $($field: $type,)+
        }

        impl Record for $name {
            type Key = $key;
            const USAGE: Usage = Usage::$usage;

            #[inline]
            fn key(&self) -> $key {
                let $record = self;
                $to_key
            }

            #[inline]
            fn is_tombstone(&self) -> bool {
                self.timestamp & TOMBSTONE != 0
            }

            #[inline]
            fn tombstone($from: $key) -> Self {
                let mut record: Self = $from_key;
                record.timestamp |= TOMBSTONE;
                record
            }
        }

        impl IndexRecord for $name {
            #[inline]
            fn new($value: u128, $timestamp: u64) -> Self {
                $make
            }

            #[inline]
            fn value(&self) -> u128 {
                self.value.into()
            }

            #[inline]
            fn timestamp(&self) -> u64 {
                self.timestamp & !TOMBSTONE
            }
        }
    };
}

index_record!(
    /// An entry of a unique field of up to 64 bits.
    Unique64 { value: u64, timestamp: u64, }, General, u64,
    |value, timestamp| Unique64 { value: value as u64, timestamp },
    |record| record.value,
    |key| Unique64 { value: key, timestamp: 0 }
);

index_record!(
    /// An entry of a unique field of up to 128 bits.
    Unique128 { value: u128, timestamp: u64, zero: u64, }, General, u128,
    |value, timestamp| Unique128 { value, timestamp, zero: 0 },
    |record| record.value,
    |key| Unique128 { value: key, timestamp: 0, zero: 0 }
);

index_record!(
    /// An entry of an index of a field of up to 64 bits.
    Index64 { timestamp: u64, value: u64, }, SecondaryIndex, u128,
    |value, timestamp| Index64 { timestamp, value: value as u64 },
    |record| u128::from(record.value) << 64 | u128::from(IndexRecord::timestamp(record)),
    |key| Index64 { timestamp: key as u64, value: (key >> 64) as u64 }
);

index_record!(
    /// An entry of an index of a field of up to 128 bits.
    Index128 { timestamp: u64, zero: u64, value: u128, }, SecondaryIndex, Key256,
    |value, timestamp| Index128 { timestamp, zero: 0, value },
    |record| Key256 { high: record.value, low: u128::from(IndexRecord::timestamp(record)) },
    |key| Index128 { timestamp: key.low as u64, zero: 0, value: key.high }
);

/// The tree of a field or of a derived index.
#[derive(Debug)]
pub(super) struct Index {
    /// The number in [`Object::FIELDS`](super::Object::FIELDS).
    field: usize,
    kind: FieldKind,
    pub(super) tree: IndexTree,
}

/// A tree of one of the four kinds of records.
#[derive(Debug)]
pub(super) enum IndexTree {
    Unique64(Tree<Unique64>),
    Unique128(Tree<Unique128>),
    Index64(Tree<Index64>),
    Index128(Tree<Index128>),
}

/// Evaluates an expression for the tree of an index.
macro_rules! with_tree {
    ($index:expr, $tree:ident => $act:expr) => {
        match $index {
            IndexTree::Unique64($tree) => $act,
            IndexTree::Unique128($tree) => $act,
            IndexTree::Index64($tree) => $act,
            IndexTree::Index128($tree) => $act,
        }
    };
}

impl FieldKind {
    /// Whether no two objects have the same value.
    pub(super) fn is_unique(self) -> bool {
        matches!(self, Self::Primary | Self::Unique)
    }

    /// Whether fields of this kind have a tree.
    pub(super) fn has_tree(self) -> bool {
        !matches!(self, Self::Plain | Self::Timestamp)
    }
}

impl FieldShape {
    /// The shape of the field's tree.
    pub(super) fn tree(&self, options: &TreeOptions) -> TreeShape {
        match (self.kind.is_unique(), self.is_wide()) {
            (true, false) => TreeShape::of::<Unique64>(options),
            (true, true) => TreeShape::of::<Unique128>(options),
            (false, false) => TreeShape::of::<Index64>(options),
            (false, true) => TreeShape::of::<Index128>(options),
        }
    }
}

impl Index {
    pub(super) fn new(
        field: usize,
        shape: &FieldShape,
        options: &TreeOptions,
        sizes: &ForestSizes,
    ) -> Result<Self, InvalidStore> {
        let tree = match (shape.kind.is_unique(), shape.is_wide()) {
            (true, false) => IndexTree::Unique64(sizes.tree(options)?),
            (true, true) => IndexTree::Unique128(sizes.tree(options)?),
            (false, false) => IndexTree::Index64(sizes.tree(options)?),
            (false, true) => IndexTree::Index128(sizes.tree(options)?),
        };
        Ok(Self { field, kind: shape.kind, tree })
    }

    /// The number in [`Object::FIELDS`](super::Object::FIELDS).
    pub(super) fn field(&self) -> usize {
        self.field
    }

    pub(super) fn is_unique(&self) -> bool {
        self.kind.is_unique()
    }

    pub(super) fn put(&mut self, value: u128, timestamp: u64) {
        with_tree!(&mut self.tree, tree => tree.put(&IndexRecord::new(value, timestamp)));
    }

    pub(super) fn remove(&mut self, value: u128, timestamp: u64) {
        fn remove<R: IndexRecord>(tree: &mut Tree<R>, value: u128, timestamp: u64) {
            tree.remove(R::key_of(value, timestamp));
        }
        with_tree!(&mut self.tree, tree => remove(tree, value, timestamp));
    }

    pub(super) fn scope_open(&mut self) {
        with_tree!(&mut self.tree, tree => tree.scope_open());
    }

    pub(super) fn scope_close(&mut self, outcome: ScopeOutcome) {
        with_tree!(&mut self.tree, tree => tree.scope_close(outcome));
    }

    pub(super) fn scheduled<S: Storage>(&mut self) -> &mut dyn Scheduled<S> {
        with_tree!(&mut self.tree, tree => tree)
    }
}

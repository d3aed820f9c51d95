//! The trees of the store, and the conversions between the core and the model.

use downbeat_lsm::groove::{Groove, GrooveOptions, Object};
use downbeat_lsm::scan::Scan;
use downbeat_lsm::tree::{Tree, TreeOptions};

use super::sides::{Side, Sides};
use downbeat::records::{General16, General32, Versioned};
use downbeat_model::forest as model;
use downbeat_model::forest::Stored;

downbeat_lsm::object! {
    /// An object with a primary key and two indexes.
    pub struct Part {
        pub id: u64 => primary,
        pub timestamp: u64 => timestamp,
        pub kind: u64 => index,
        pub mark: u32 => optional,
        pub text: u32,
    }
}

downbeat_lsm::object! {
    /// An object whose primary key is its timestamp.
    pub struct Tick {
        pub timestamp: u64 => timestamp,
        pub tag: u32 => index,
        pub text: u32,
    }
}

/// The records of the narrow tree.
pub(super) type Narrow = General16;
/// The records of the wide tree.
pub(super) type Wide = General32;

/// The trees of the store. Plain trees and grooves alternate.
pub(super) type Set = (Tree<Narrow>, Groove<Part>, Tree<Wide>, Groove<Tick>);

/// The options of the trees.
pub(super) type SetOptions = (TreeOptions, GrooveOptions, TreeOptions, GrooveOptions);

/// The name of the narrow tree.
pub(super) const NARROW: &str = "narrow";
/// The name of the wide tree.
pub(super) const WIDE: &str = "wide";

/// The scans of the plain trees.
#[derive(Debug)]
pub(super) struct Scans {
    pub(super) narrow: Scan<Narrow>,
    pub(super) wide: Scan<Wide>,
}

impl Scans {
    pub(super) fn new((narrow, _, wide, _): &SetOptions) -> Self {
        let valid = "the target's settings are valid";
        Self { narrow: Scan::new(narrow).expect(valid), wide: Scan::new(wide).expect(valid) }
    }
}

/// The records of a plain tree.
pub(super) trait Plain: Versioned {
    /// The number of the tree among the plain trees.
    const NUMBER: usize;

    fn tree(set: &mut Set) -> &mut Tree<Self>;

    fn scan(scans: &mut Scans) -> &mut Scan<Self>;
}

impl Plain for Narrow {
    const NUMBER: usize = 0;

    fn tree(set: &mut Set) -> &mut Tree<Self> {
        &mut set.0
    }

    fn scan(scans: &mut Scans) -> &mut Scan<Self> {
        &mut scans.narrow
    }
}

impl Plain for Wide {
    const NUMBER: usize = 1;

    fn tree(set: &mut Set) -> &mut Tree<Self> {
        &mut set.2
    }

    fn scan(scans: &mut Scans) -> &mut Scan<Self> {
        &mut scans.wide
    }
}

/// An object of a groove, with a model.
pub(super) trait Kept: Object {
    type Model: Stored;

    fn of(model: &Self::Model) -> Self;

    fn model(&self) -> Self::Model;

    fn groove(set: &mut Set) -> &mut Groove<Self>;

    fn side(sides: &mut Sides) -> &mut Side<Self::Model>;
}

impl Kept for Part {
    type Model = model::Part;

    fn of(model: &model::Part) -> Self {
        let model::Part { id, timestamp, kind, mark, text } = *model;
        Self { id, timestamp, kind, mark, text }
    }

    fn model(&self) -> model::Part {
        let Self { id, timestamp, kind, mark, text } = *self;
        model::Part { id, timestamp, kind, mark, text }
    }

    fn groove(set: &mut Set) -> &mut Groove<Self> {
        &mut set.1
    }

    fn side(sides: &mut Sides) -> &mut Side<model::Part> {
        &mut sides.parts
    }
}

impl Kept for Tick {
    type Model = model::Tick;

    fn of(model: &model::Tick) -> Self {
        let model::Tick { timestamp, tag, text } = *model;
        Self { timestamp, tag, text }
    }

    fn model(&self) -> model::Tick {
        let Self { timestamp, tag, text } = *self;
        model::Tick { timestamp, tag, text }
    }

    fn groove(set: &mut Set) -> &mut Groove<Self> {
        &mut set.3
    }

    fn side(sides: &mut Sides) -> &mut Side<model::Tick> {
        &mut sides.ticks
    }
}

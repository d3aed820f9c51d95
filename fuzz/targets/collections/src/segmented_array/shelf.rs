//! Arrays by geometry: those of a geometry that was asked for before are taken again, as new.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::arrays::Arrays;
use downbeat::model::encoding::Header;
use downbeat::model::segmented_array::{LIMIT, NODE, POOL, SLACK};

/// Arrays of elements of these sizes, of any geometry.
#[derive(Debug)]
pub(super) struct Shelf<const P: usize, const S: usize> {
    arrays: Vec<Arrays<P, S>>,
    places: HashMap<[u8; 4], usize, FxBuildHasher>,
    current: usize,
}

impl<const P: usize, const S: usize> Shelf<P, S> {
    /// Geometries kept; bounds the memory at some 20 MB.
    const KEPT: usize = 64;

    pub(super) fn new() -> Self {
        Shelf { arrays: Vec::new(), places: HashMap::default(), current: 0 }
    }

    /// Makes the arrays of this geometry the current ones, as new.
    pub(super) fn open(&mut self, header: &Header) {
        let geometry = [NODE, SLACK, LIMIT, POOL].map(|setting| header.index(setting) as u8);
        if let Some(place) = self.places.get(&geometry) {
            self.current = *place;
            self.arrays[self.current].reset();
            return;
        }
        if self.arrays.len() == Self::KEPT {
            self.arrays.clear();
            self.places.clear();
        }
        self.current = self.arrays.len();
        self.arrays.push(Arrays::new(header));
        self.places.insert(geometry, self.current);
    }

    #[inline]
    pub(super) fn current(&self) -> &Arrays<P, S> {
        &self.arrays[self.current]
    }

    #[inline]
    pub(super) fn current_mut(&mut self) -> &mut Arrays<P, S> {
        &mut self.arrays[self.current]
    }
}

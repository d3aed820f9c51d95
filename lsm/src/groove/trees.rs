//! A groove as a set of trees: the object tree, and then the trees of the fields and derived
//! indexes.

use super::fetch::Fetches;
use super::index::Index;
use super::prefetch::Prefetch;
use super::query::Scans;
use super::{FieldShape, Groove, GrooveOptions, Object};
use crate::beat::{Scheduled, Trees};
use crate::collections::{CacheMap, KeyHash, NodePool};
use crate::forest::{ForestSizes, InvalidStore, TreeSet, TreeShape};
use crate::grid::Grid;
use crate::scan::Scan;
use crate::storage::Storage;

/// The fields and derived indexes of `O` that have a tree, with their numbers.
fn fields<O: Object>() -> impl Iterator<Item = (usize, &'static FieldShape)> {
    O::FIELDS.iter().enumerate().filter(|(_, field)| field.kind.has_tree())
}

impl<O: Object> Groove<O> {
    /// The number of trees of the groove. The next groove of a forest can have the `tree_id` of
    /// this groove plus this number.
    #[must_use]
    pub fn tree_count() -> u16 {
        1 + fields::<O>().count() as u16
    }
}

impl<O: Object> TreeSet for Groove<O> {
    type Options = GrooveOptions;

    fn shapes(options: &GrooveOptions) -> Vec<TreeShape> {
        let objects = TreeShape::of::<O>(&options.objects(O::NAME));
        let objects = objects.with_fields(FieldShape::checksum(O::FIELDS));
        let objects = objects.with_objects(options.objects_size(size_of::<O>()));
        let of_field = |(nth, (_, field)): (usize, (usize, &FieldShape))| {
            field.tree(&options.index(nth, field.name))
        };
        std::iter::once(objects).chain(fields::<O>().enumerate().map(of_field)).collect()
    }

    fn new(options: &GrooveOptions, sizes: &ForestSizes) -> Result<Self, InvalidStore> {
        options.validate()?;
        let of_field = |(nth, (field, shape)): (usize, (usize, &FieldShape))| {
            Index::new(field, shape, &options.index(nth, shape.name), sizes)
        };
        let indexes: Result<Vec<_>, _> = fields::<O>().enumerate().map(of_field).collect();
        let indexes = indexes?;
        let cache =
            CacheMap::new(options.cache(), KeyHash::new()).map_err(InvalidStore::Objects)?;
        Ok(Self {
            options: *options,
            objects: sizes.tree(&options.objects(O::NAME))?,
            scans: Scans::new(options, sizes, &indexes)?,
            indexes,
            cache,
            prefetch: Prefetch::new(options.prefetch_max),
            fetches: Fetches::new(),
            range: Scan::new(&options.objects(O::NAME)).map_err(InvalidStore::Memory)?,
            writes: 0,
            scope_is_open: false,
        })
    }
}

impl<O: Object, S: Storage> Trees<S> for Groove<O> {
    fn count(&self) -> usize {
        1 + self.indexes.len()
    }

    fn tree(&mut self, place: usize) -> &mut dyn Scheduled<S> {
        match place {
            0 => &mut self.objects,
            _ => self.indexes[place - 1].scheduled(),
        }
    }

    fn beat_begins(&mut self, grid: &mut Grid<S>) {
        // A query or a range that was leaked instead of dropped may still have blocks.
        self.query_abandon(grid);
        self.range.abandon(grid);
        self.prefetch_abandon(grid);
    }

    fn beat_ended(&mut self, ends_bar: bool) {
        self.writes = 0;
        self.prefetch.clear();
        if ends_bar {
            self.cache.compact();
        }
    }

    fn reset(&mut self, pool: &mut NodePool, grid: &mut Grid<S>) {
        let Self {
            options: _,
            objects,
            indexes,
            cache,
            prefetch,
            scans,
            fetches,
            range,
            writes,
            scope_is_open,
        } = self;
        fetches.abandon(grid);
        scans.abandon(grid);
        range.abandon(grid);
        objects.reset(pool, grid);
        for index in indexes {
            index.scheduled().reset(pool, grid);
        }
        cache.reset();
        prefetch.clear();
        *writes = 0;
        *scope_is_open = false;
    }
}

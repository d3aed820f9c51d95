//! A store with its model.

use downbeat_lsm::collections::{CacheOptions, Ways};
use downbeat_lsm::manifest_log::ManifestLog;
use downbeat_lsm::record::Key as _;
use downbeat_lsm::storage::{Layout, LayoutOptions};
use downbeat_lsm::store::{Store, StoreOptions};
use downbeat_lsm::tree::TreeOptions;

use super::device::Device;
use downbeat::input::encoding::{Header, Operation as _};
use downbeat::records::Versioned;
use downbeat_model::format::bytes::{self, Key};
use downbeat_model::image::{self, AHEAD, CACHE, Content, Operation, Parts, Sizes};

/// A store with records of type `R`, and its model.
#[derive(Debug)]
pub(super) struct Tested<R: Versioned> {
    pub(super) store: Store<R, Device>,
    pub(super) sizes: Sizes,
    /// What the store must answer.
    pub(super) content: Content,
    /// The device before its first change since the store was opened; `None` without a change.
    pub(super) sound: Option<Sound>,
    /// Whether a checkpoint was taken, and nothing was written since.
    pub(super) settled: bool,
    /// Whether a beat failed, so that the store is read-only.
    pub(super) failed: bool,
    /// Whether checksums were made valid since the store was formatted.
    pub(super) forged: bool,
    /// Whether the target itself added blocks to the log since the store was formatted.
    pub(super) extended: bool,
    /// The copy of the superblock that was changed last.
    pub(super) copy: usize,
    /// The copy of the device that [`Operation::Keep`] made, up to its last written byte.
    pub(super) kept: Vec<u8>,
    /// The structures of the image before its change.
    pub(super) parts: Parts,
    pub(super) stamps: u64,
}

/// A device before it was changed.
#[derive(Debug)]
pub(super) struct Sound {
    /// The bytes of the device, up to its last written byte.
    pub(super) image: Vec<u8>,
    /// What the image holds.
    pub(super) content: Content,
    /// Whether a later change made checksums valid.
    pub(super) sealed: bool,
    /// Whether a later change restored blocks or copies of the superblock from the kept device.
    pub(super) restored: bool,
}

impl<R: Versioned> Tested<R> {
    pub(super) fn new(header: &Header) -> Self {
        let mut sizes = image::sizes(header);
        let number = |setting| header.number(Operation::SETTINGS, setting);
        let mut options = options(&sizes, number(CACHE), number(AHEAD));
        let layout = Layout::new(options.layout).expect("the settings are valid");
        while ManifestLog::new(&options.manifest_log(), &layout).is_err() {
            options.manifest_compact_extra_blocks *= 2;
        }
        sizes.extra = options.manifest_compact_extra_blocks;
        let device = Device::new(layout.size() as usize, sizes.sector);
        Tested {
            store: Store::new(device, &options).expect("the settings are valid"),
            sizes,
            content: Content::EMPTY,
            sound: None,
            settled: false,
            failed: false,
            forged: false,
            extended: false,
            copy: 0,
            kept: Vec::new(),
            parts: Parts::default(),
            stamps: 0,
        }
    }

    pub(super) fn device(&mut self) -> &mut Device {
        self.store.by_hand().grid_mut().storage_mut()
    }

    pub(super) fn image(&self) -> &[u8] {
        self.store.grid().storage().bytes()
    }
}

fn options(sizes: &Sizes, cache: u32, read_ahead: u32) -> StoreOptions {
    StoreOptions {
        layout: LayoutOptions {
            sector_size: sizes.sector,
            block_size: sizes.block,
            superblock_copies: sizes.copies,
            block_count: sizes.blocks,
        },
        tree: TreeOptions {
            id: sizes.tree,
            name: "records",
            beat_value_count_max: sizes.batch,
            beats_per_bar: sizes.bar,
            growth_factor: sizes.growth,
            level_count: sizes.levels,
            read_ahead,
        },
        checkpoint_interval: sizes.interval,
        manifest_compact_extra_blocks: sizes.extra,
        manifest_node_size: 1024,
        cache: CacheOptions { ways: Ways::Two, sets: cache },
        reads_in_flight_max: 2,
        writes_in_flight_max: 2,
        lookups_max: 2,
        scans_max: 1,
        discard: true,
    }
}

/// Converts the key of a record to a key of the model.
pub(super) fn model_key<K: downbeat_lsm::record::Key>(key: K) -> Key {
    let mut bytes = [0; 32];
    key.store(&mut bytes[..K::SIZE]);
    bytes::key(&bytes, 0, K::SIZE)
}

/// Converts a key of the model to the key of a record.
pub(super) fn core_key<R: Versioned>((high, low): Key) -> R::Key {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&low.to_le_bytes());
    bytes[16..].copy_from_slice(&high.to_le_bytes());
    R::Key::load(&bytes[..R::Key::SIZE])
}

//! Finds the option that an error blames, by the model's name of the option.

use downbeat_lsm::collections::InvalidOptions;
use downbeat_lsm::grid::InvalidGrid;
use downbeat_lsm::grid::free_set::InvalidFreeSet;
use downbeat_lsm::manifest_log::InvalidManifestLog;
use downbeat_lsm::request_log::InvalidRequestLog;
use downbeat_lsm::storage::InvalidLayout;
use downbeat_lsm::store::InvalidStore;
use downbeat_lsm::table::InvalidTable;
use downbeat_lsm::table::memory::InvalidMemoryTable;
use downbeat_lsm::tree::InvalidTree;

/// The options of a store that an error can blame, and the memory that they add up to.
pub(super) const NAMES: [&str; 20] = [
    "sector_size",
    "block_size",
    "superblock_copies",
    "block_count",
    "id",
    "beat_value_count_max",
    "beats_per_bar",
    "growth_factor",
    "level_count",
    "read_ahead",
    "value_count_max",
    "checkpoint_interval",
    "compact_extra_blocks",
    "node_size",
    "sets",
    "reads_in_flight_max",
    "writes_in_flight_max",
    "lookups_max",
    "scans_max",
    "memory_size",
];

/// An error that blames an option.
pub(super) trait Blames: std::error::Error {
    /// The name of the option that the error blames.
    fn option(&self) -> &'static str;
}

impl Blames for InvalidLayout {
    fn option(&self) -> &'static str {
        match self {
            Self::SectorSize { .. } => "sector_size",
            Self::BlockSize { .. } | Self::BlockBelowSector { .. } => "block_size",
            Self::SuperblockCopies { .. } => "superblock_copies",
            Self::BlockCount { .. } => "block_count",
            _ => "an unknown option",
        }
    }
}

impl Blames for InvalidFreeSet {
    fn option(&self) -> &'static str {
        match self {
            Self::BlockCount { .. } => "block_count",
            Self::ShardSize { .. } => "shard_size",
            Self::ReservationCountMaxZero => "reservation_count_max",
            _ => "an unknown option",
        }
    }
}

impl Blames for InvalidOptions {
    fn option(&self) -> &'static str {
        match self {
            Self::SetsZero | Self::SlotsOverLimit { .. } => "sets",
            Self::StashCapacityZero | Self::StashCapacityOverLimit { .. } => "stash_capacity",
            Self::ScopeCapacityOverLimit { .. } => "scope_capacity",
            Self::NodeSizeZero
            | Self::NodeSizeUnaligned { .. }
            | Self::NodeSizeOverLimit { .. }
            | Self::NodeTooSmall { .. } => "node_size",
            Self::NodeCountZero => "node_count",
            Self::CountMaxZero { option } | Self::CountMaxOverLimit { option, .. } => option,
            _ => "an unknown option",
        }
    }
}

impl Blames for InvalidGrid {
    fn option(&self) -> &'static str {
        match self {
            Self::Cache(error) => error.option(),
            Self::FreeSet(error) => error.option(),
            Self::Zero { option } => option,
            _ => "an unknown option",
        }
    }
}

impl Blames for InvalidManifestLog {
    fn option(&self) -> &'static str {
        match self {
            Self::OutOfLimits { option, .. } => option,
            Self::BlockTooSmall { .. } => "block_size",
            Self::TooSlow { .. } => "compact_extra_blocks",
            _ => "an unknown option",
        }
    }
}

impl Blames for InvalidTable {
    fn option(&self) -> &'static str {
        match self {
            Self::BlockSize { .. } | Self::IndexOverBlock { limit: 0, .. } => "block_size",
            Self::RecordSize { .. } | Self::RecordOverBlock { .. } => "record_size",
            Self::KeySize { .. } => "key_size",
            Self::ValueCountMaxZero
            | Self::IndexOverBlock { .. }
            | Self::ValueCountOverLimit { .. } => "value_count_max",
            _ => "an unknown option",
        }
    }
}

impl Blames for InvalidMemoryTable {
    fn option(&self) -> &'static str {
        match self {
            Self::ValueCountMax { .. } => "value_count_max",
            Self::BeatsPerBar { .. } => "beats_per_bar",
            _ => "an unknown option",
        }
    }
}

impl Blames for InvalidTree {
    fn option(&self) -> &'static str {
        match self {
            Self::OutOfLimits { option, .. } => option,
            Self::OddBar { .. } => "beats_per_bar",
            Self::Memory(error) => error.option(),
            Self::Table(error) => error.option(),
            Self::Manifest(error) => error.option(),
            _ => "an unknown option",
        }
    }
}

impl Blames for InvalidRequestLog {
    fn option(&self) -> &'static str {
        match self {
            Self::RequestSize { .. } => "request_size_max",
            Self::NoRequests => "requests_max",
            Self::SectorTooSmall { .. } => "sector",
            Self::DeviceTooSmall { .. } => "device",
            _ => "an unknown option",
        }
    }
}

impl Blames for InvalidStore {
    fn option(&self) -> &'static str {
        match self {
            Self::Layout(error) => error.option(),
            Self::Tree(error) => error.option(),
            Self::ManifestLog(error) => error.option(),
            Self::Nodes(error) => error.option(),
            Self::Grid(error) => error.option(),
            Self::Memory(error) => error.option(),
            Self::Zero { option } => option,
            Self::Lookups { .. } => "lookups_max",
            Self::Scans { .. } => "scans_max",
            Self::MemorySize { .. } => "memory_size",
            Self::Device { .. } => "device",
            _ => "an unknown option",
        }
    }
}

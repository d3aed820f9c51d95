//! The profiles of the seeded generator: the kinds of history that it makes.

use serde::{Deserialize, Serialize};

/// A way to make inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Profile {
    /// Swarm testing, as in the seeded driver.
    Swarm,
    /// Ascending writes.
    Sequential,
    /// Descending writes.
    Reverse,
    /// Hot and cold keys.
    HotCold,
    /// Keys written before, at logarithmic distances.
    Gaps,
    /// Mostly reads.
    Reads,
    /// Mostly removals.
    Removes,
    /// A range of keys written, removed and written again.
    Refill,
    /// A range of keys that is overwritten again and again.
    PingPong,
    /// Scopes around writes.
    Scopes,
    /// Changes of structure.
    Structure,
    /// All short histories, by number.
    Tiny,
}

impl Profile {
    /// All profiles, the default first. Append-only, because the place of a profile is part of the
    /// meaning of a seed.
    pub const ALL: [Profile; 12] = [
        Profile::Swarm,
        Profile::Sequential,
        Profile::Reverse,
        Profile::HotCold,
        Profile::Gaps,
        Profile::Reads,
        Profile::Removes,
        Profile::Refill,
        Profile::PingPong,
        Profile::Scopes,
        Profile::Structure,
        Profile::Tiny,
    ];

    /// Returns the name of the profile.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Profile::Swarm => "swarm",
            Profile::Sequential => "sequential",
            Profile::Reverse => "reverse",
            Profile::HotCold => "hot-cold",
            Profile::Gaps => "gaps",
            Profile::Reads => "reads",
            Profile::Removes => "removes",
            Profile::Refill => "refill",
            Profile::PingPong => "ping-pong",
            Profile::Scopes => "scopes",
            Profile::Structure => "structure",
            Profile::Tiny => "tiny",
        }
    }

    /// Returns a description of the profile's inputs, in a line.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Profile::Swarm => {
                "each leaves some operations out, and weights the rest very differently"
            }
            Profile::Sequential => "writes go up key by key, reads look back",
            Profile::Reverse => "writes go down key by key, reads look back",
            Profile::HotCold => "a few keys again and again, among a thousand others",
            Profile::Gaps => "keys written before, at distances spread evenly over octaves",
            Profile::Reads => "mostly reads, of keys that were written and are still there",
            Profile::Removes => "mostly removals, of keys that were written",
            Profile::Refill => "writes a range of keys, removes each of them, writes them again",
            Profile::PingPong => "overwrites a range of keys round and round, its size by octaves",
            Profile::Scopes => "scopes opened and closed around writes of few keys",
            Profile::Structure => "changes of structure, with runs of writes between them",
            Profile::Tiny => {
                "all short histories over two keys in the smallest geometry, each once"
            }
        }
    }
}

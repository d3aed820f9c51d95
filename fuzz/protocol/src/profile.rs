//! The profiles of the seeded generator: the kinds of history that it makes.

use nanoserde::{DeJson, SerJson};

/// Declares the profiles: a row is the name of a profile, and a description of its inputs.
macro_rules! profiles {
    ($($Name:ident $name:literal $about:literal,)+) => {
        /// A way to make inputs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, SerJson, DeJson)]
        pub enum Profile {
            $(#[doc = concat!("The profile `", $name, "`: ", $about, ".")] $Name),+
        }

        impl Profile {
            /// All profiles, the default first. New profiles are added at the end, because the
            /// inputs of a seed depend on the positions of the profiles.
            pub const ALL: [Profile; [$($name),+].len()] = [$(Profile::$Name),+];

            /// Returns the name of the profile.
            #[must_use]
            pub const fn name(self) -> &'static str {
                [$($name),+][self as usize]
            }

            /// Returns a description of the profile's inputs, in a line.
            #[must_use]
            pub const fn about(self) -> &'static str {
                [$($about),+][self as usize]
            }
        }
    };
}

profiles! {
    Swarm "swarm" "each leaves some operations out, and weights the rest very differently",
    Sequential "sequential" "writes ascend key by key; reads get keys that were written before",
    Reverse "reverse" "writes descend key by key; reads get keys that were written before",
    HotCold "hot-cold" "a few keys again and again, among a thousand others",
    Gaps "gaps" "keys written before, at distances spread evenly over octaves",
    Reads "reads" "mostly reads, of keys that were written and are still there",
    Removes "removes" "mostly removals, of keys that were written",
    Refill "refill" "writes a range of keys, removes each of them, writes them again",
    PingPong "ping-pong" "overwrites a range of keys again and again; all octaves of its size are equally likely",
    Scopes "scopes" "scopes opened and closed around writes of few keys",
    Structure "structure" "changes of structure, with runs of writes between them",
    Tiny "tiny" "all short histories over two keys in the smallest geometry, each once",
}

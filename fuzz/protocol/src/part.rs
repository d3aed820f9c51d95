//! The parts of a driver that can be left out, to measure what each of them brings.
//!
//! A campaign leaves a part out in its command line or its corpus, or tells the program of the
//! target through an environment variable.

/// Declares the parts: a row is the name of a part, and what is left out without it.
macro_rules! parts {
    ($($Name:ident $name:literal $about:literal,)+) => {
        /// A part of a driver.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Part {
            $(#[doc = concat!("The part `", $name, "`: ", $about, ".")] $Name),+
        }

        impl Part {
            /// All parts.
            pub const ALL: [Part; [$($name),+].len()] = [$(Part::$Name),+];

            /// Returns the name of the part.
            #[must_use]
            pub const fn name(self) -> &'static str {
                [$($name),+][self as usize]
            }

            /// Returns what is left out without the part, in a line.
            #[must_use]
            pub const fn about(self) -> &'static str {
                [$($about),+][self as usize]
            }
        }
    };
}

parts! {
    Dictionary "dictionary" "the words of the target's dictionary",
    Histories "histories" "whole histories of the generator, drawn or as first inputs",
    Mutator "mutator" "mutations and crossovers of operations; bytes are mutated instead",
    States "states" "states of the system as coverage",
    Pairs "pairs" "all pairs as coverage",
    Orders "orders" "pairs of an operation and the next",
    Keys "keys" "pairs of an operation and the next on the same key",
    Phases "phases" "pairs of a phase and an operation or an event in it",
    Options "options" "the driver's own options for the target",
}

/// The environment variable with the names of the parts that a program leaves out, separated by
/// commas.
pub const VARIABLE: &str = "DOWNBEAT_WITHOUT_PARTS";

impl Part {
    /// Finds a part by its name.
    #[must_use]
    pub fn find(name: &str) -> Option<Part> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// Returns whether the environment leaves this part in.
    #[must_use]
    pub fn is_in(self) -> bool {
        let without = std::env::var(VARIABLE).unwrap_or_default();
        without.split(',').all(|name| name != self.name())
    }

    /// Returns the value of [`VARIABLE`] that leaves these parts out.
    #[must_use]
    pub fn join(parts: &[Part]) -> String {
        parts.iter().map(|part| part.name()).collect::<Vec<_>>().join(",")
    }
}

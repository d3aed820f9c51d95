//! The commands, one per file.

pub(crate) mod compare;
pub(crate) mod corpus;
pub(crate) mod coverage;
pub(crate) mod doctor;
pub(crate) mod encode;
pub(crate) mod engine;
pub(crate) mod fuzz;
pub(crate) mod generated;
pub(crate) mod list;
pub(crate) mod mutants;
pub(crate) mod parts;
pub(crate) mod planted;
pub(crate) mod rediscover;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod searches;
pub(crate) mod seed;
pub(crate) mod show;
pub(crate) mod shrink;
pub(crate) mod soak;
pub(crate) mod sweep;
pub(crate) mod triage;

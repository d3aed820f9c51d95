//! What the bytes of an input mean, for any target.
//!
//! A target declares its operations with [`operations!`]; the declaration gives their encodings in
//! bytes and text, and how they are drawn, changed and simplified.
//!
//! | module | contents |
//! |---|---|
//! | [`encoding`] | operations and settings from bytes and text, and back |
//! | [`keys`] | which key a symbolic key means at a given point of a history |
//! | [`dice`] | how the seeded generator draws operations |
//! | [`device`] | the choices of an input about the simulated device |
//! | [`wide`] | keys of 16 and 32 bytes |
//! | [`version`] | versions of a key, and in which order they may follow each other |

#![forbid(unsafe_code)]

pub mod device;
pub mod dice;
pub mod encoding;
pub mod keys;
pub mod version;
pub mod wide;

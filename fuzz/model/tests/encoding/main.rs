//! Properties of the encodings.

mod bytes;
mod refusals;
mod slots;
mod text;
mod versions;

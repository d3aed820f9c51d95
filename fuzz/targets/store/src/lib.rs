//! A store as a whole: on a device whose bytes are changed, and with options of all kinds.
//!
//! Each target is a module behind a feature of the same name.

#[cfg(feature = "image")]
pub mod image;
#[cfg(feature = "options")]
pub mod options;

downbeat::targets! {
    "image" IMAGE image::Image;
    "options" OPTIONS options::Options;
}

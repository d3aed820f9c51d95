//! A store on a device whose bytes are changed.
//!
//! Each target is a module behind a feature of the same name.

#[cfg(feature = "image")]
pub mod image;

downbeat::targets! {
    "image" IMAGE image::Image;
}

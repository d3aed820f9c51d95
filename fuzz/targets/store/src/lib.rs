//! The targets that test a store as a whole: `image` changes the bytes of its device, and `options`
//! tries valid and invalid options.
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

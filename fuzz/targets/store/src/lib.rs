//! The targets that test a store as a whole: `image` changes the bytes of its device, and `options`
//! tries valid and invalid options.

pub mod image;
pub mod options;

downbeat::targets! {
    "image" IMAGE image::Image;
    "options" OPTIONS options::Options;
}

//! Records the calls of this process that change files below a folder, and makes images of the
//! folder as a crash could leave it.
//!
//! The crate defines the functions of libc that change files, so a program that contains the crate
//! calls them in place of libc's. They call libc's functions, and keep a record while a
//! [`Recording`] of the folder exists. From a record any number of images can be made, for a crash
//! after any call, while the program goes on.
//!
//! | module | contents |
//! |---|---|
//! | [`recording`] | a record, which a program starts and asks for images |
//! | [`crash`] | what a crash may lose: two sets of rules, and a choice among what they allow |
//! | [`image`] | the files and directories after a crash |
//! | [`fault`] | errors in place of calls |
//!
//! A program that links libc statically, calls the kernel itself, or writes by `FILE *` is not
//! seen. [`Recording::unrecorded`] compares the folder with the record and says so.
//!
//! Works on Linux with glibc on 64-bit machines. On others [`Recording::start`] returns an error.

mod contents;
pub mod crash;
pub mod fault;
pub mod image;
#[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
mod interpose;
mod journal;
mod live;
mod mapped;
pub mod recording;
mod scan;
mod state;

pub use crash::{Crash, Rules};
pub use fault::Fault;
pub use image::Image;
pub use recording::Recording;

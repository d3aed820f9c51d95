//! Prints for each store, omission and set of rules how many images were opened, and how many of
//! them showed the omission.

use downbeat_recorder::Rules;
use downbeat_recorder_stores::{Mapped, Rust, Store, tried};

fn print<S: Store>(name: &str) {
    for rules in [Rules::Posix, Rules::Ext4Ordered] {
        for forgets in S::OMISSIONS {
            let trial = tried::<S>(*forgets, rules);
            let (images, caught) = (trial.images, trial.caught);
            println!("{name} {rules:?} {forgets:?}: {caught} of {images} images");
        }
    }
}

fn main() {
    print::<Rust>("rust");
    print::<Mapped>("mapped");
    #[cfg(cpp)]
    print::<downbeat_recorder_stores::Cpp>("c++");
}

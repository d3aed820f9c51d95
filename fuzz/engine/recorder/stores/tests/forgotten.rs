//! Each store that forgets a sync is caught, and the right one is not.

use downbeat_recorder::Rules;
use downbeat_recorder_stores::{Forgets, Mapped, Rust, Store, tried};

fn catches<S: Store>() {
    for forgets in S::OMISSIONS {
        let trial = tried::<S>(*forgets, Rules::Posix);
        assert_eq!(trial.caught > 0, *forgets != Forgets::Nothing, "{forgets:?}: {trial:?}");
    }
    let trial = tried::<S>(Forgets::Nothing, Rules::Ext4Ordered);
    assert_eq!(trial.caught, 0, "{trial:?}");
}

#[test]
fn a_store_in_rust() {
    catches::<Rust>();
}

#[test]
fn a_store_in_a_mapped_file() {
    catches::<Mapped>();
}

#[cfg(cpp)]
#[test]
fn a_store_in_cpp() {
    catches::<downbeat_recorder_stores::Cpp>();
}

#[test]
fn ext4_hides_a_forgotten_sync_of_the_directory_if_the_file_is_synced() {
    let trial = tried::<Rust>(Forgets::LogName, Rules::Ext4Ordered);
    assert_eq!(trial.caught, 0, "{trial:?}");
    for forgets in [Forgets::LogSync, Forgets::StateSync] {
        let trial = tried::<Rust>(forgets, Rules::Ext4Ordered);
        assert!(trial.caught > 0 || forgets == Forgets::StateSync, "{trial:?}");
    }
}

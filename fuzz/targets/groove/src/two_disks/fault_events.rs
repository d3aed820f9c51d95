//! The events that crashes and faults cause on two disks.

/// Declares the events of a target. The first group has the target's own rows of the enum
/// `FaultEvent`, which is the last in the table.
macro_rules! events_with_faults {
    ({ $($faults:tt)* } $($groups:tt)*) => {
        downbeat::events! {
            $($groups)*

            /// What crashes and faults cause.
            pub(super) enum FaultEvent {
                Crash "power lost",
                Killed "process killed",
                OpenedUnderWay "opened at a checkpoint that was not acknowledged",
                OpenedAnew "opened by a new object",
                OpeningFailed "opening failed and was tried again",
                OpenedToWrite "opened again to write",
                ReadsFailed "several reads of one opening failed",
                $($faults)*
            }
        }
    };
}

pub(crate) use events_with_faults;

//! The events that crashes and faults cause in a store.

/// Declares the events of a target: its groups of events, and then the enum `FaultEvent`.
macro_rules! events_with_faults {
    ($($groups:tt)*) => {
        downbeat::events! {
            $($groups)*

            /// What crashes and faults cause.
            pub(super) enum FaultEvent {
                Crash "power lost",
                OpenedLast "opened at the last checkpoint while another was under way",
                OpenedUnderWay "opened at the checkpoint under way",
                OpenedAnew "opened by a new object",
                OpeningFailed "opening failed and was tried again",
                FormattedAnew "store damaged beyond repair and formatted again",
                BeatFailed "beat failed by a fault",
                ReadFailed "read failed by a fault",
                OpenedToWrite "opened again to write",
            }
        }
    };
}

pub(crate) use events_with_faults;

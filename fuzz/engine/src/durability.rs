//! What an engine promises about a crash of the system.

/// The promises of an engine about its data after a crash of the system, when its process ends and
/// what was not synced may be lost in part.
///
/// Whatever the engine promises, it opens after a crash, a batch is there whole or not at all, and
/// what is there is what was written. An engine that does not promise this has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durability {
    /// The calls after which everything applied so far is durable.
    pub after: &'static [Call],
    /// Where the engine's documentation says so.
    pub said: &'static str,
}

/// A call on an engine that may make what was applied durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Every call that writes: a batch, a committed transaction, and the removal of many keys.
    Write,
    /// [`Engine::sync`](crate::Engine::sync).
    Sync,
    /// [`Engine::flush`](crate::Engine::flush).
    Flush,
    /// [`Engine::close`](crate::Engine::close).
    Close,
}

//! States of the service: groups, replays, and when power is lost.

downbeat::states! {
    Group "requests of a group, by octave, less one" 7,
    Replay "requests that an opening executes, by octave" 8,
    Requests "requests after an operation, by octave" 11,
    Events "events of a batch, by octave" 7,
    Deepest "deepest level of things with a table" 4,
    CrashAfter "power was lost after: nothing, a read, a write, a write of the superblock, a flush of the machine, a read, a write, a flush of the log" 8,
    CrashIn "power was lost: between calls, in a call of the service, by hand, while opening" 4,
    Room "requests that are in no checkpoint when the service is opened, in eighths of the log's room" 8,
}

//! What a node waits for, by name.

use crate::time::Time;

/// When a node wants to be woken, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// When.
    pub at: Time,
    /// By what.
    pub timer: Timer,
}

/// What a deadline is for. When a node is woken by one, the deadline moves or something is to be sent: a driver
/// never spins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The next of the first hellos.
    Hello,
    /// The next beacon.
    Beacon,
    /// An answer to somebody's hello.
    Answer,
    /// A peer has been silent for long.
    Silence,
    /// The next datagram of lines may go.
    Pace,
    /// The second goodbye.
    Goodbye,
}

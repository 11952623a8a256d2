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
    /// Somebody is to show that he is there, or waits for it to be shown to him.
    Proof,
    /// A peer has been silent for long.
    Silence,
    /// The next datagram of lines may go.
    Pace,
    /// Missing lines are to be asked for.
    Ask,
    /// Missing lines have been waited for long enough.
    GiveUp,
    /// Lines that were given up are asked for once more.
    Lost,
    /// An author is to be told how far he was heard.
    Ack,
    /// Lines are to be sent again for whoever lacks them.
    Repair,
    /// The newest lines are to be sent again, as not everybody has acked them.
    Repeat,
    /// Lines should have been heard by everybody.
    Unheard,
    /// A newcomer's history.
    History,
    /// A private line is to be sent again or given up.
    Private,
    /// Notes are to be compared.
    Compare,
    /// A lost peer is called.
    Search,
    /// It is asked once more which rooms there are.
    Rooms,
    /// Somebody beyond the subnet is to be called, or told where others are.
    Remote,
    /// A ping has been waited for long enough.
    Pong,
    /// The last lines have been waited for long enough.
    Linger,
    /// The second goodbye.
    Goodbye,
}

//! What a person or a script can ask of a node.

use thiserror::Error;

use crate::time::UnixMillis;
use crate::wire::{Nick, Run, Text};

/// Something to be done.
#[derive(Clone, Debug)]
pub enum Command {
    /// Say a line to the room.
    Say {
        /// What it says.
        text: Text<'static>,
        /// It says what one does rather than what one says.
        action: bool,
        /// When it was said, by the wall clock.
        time: UnixMillis,
    },
    /// Say a line to one run alone. What becomes of it is told by an
    /// [`Event::PrivateOutcome`](super::Event::PrivateOutcome).
    SayPrivately {
        /// Who is to read it.
        reader: Run,
        /// What it says.
        text: Text<'static>,
        /// It says what one does rather than what one says.
        action: bool,
        /// When it was said, by the wall clock.
        time: UnixMillis,
    },
    /// Go by another name from now on.
    Rename(Nick<'static>),
    /// Say what is still to be said, take leave, and end with [`Event::Gone`](super::Event::Gone).
    Leave,
}

/// Why a command was not taken. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// More lines are waiting to go out than may wait; try again when some have gone.
    #[error("too many lines are waiting to be sent")]
    Busy,
    /// All 2^32 - 1 lines of this run are said.
    #[error("this run has no line number left; start anew")]
    NoNumberLeft,
    /// Whoever is to read it is not there, or does not sign: nothing can be sealed to him.
    #[error("whoever is to read it has no key")]
    NoKey,
    /// The node has been told to leave.
    #[error("leaving")]
    Leaving,
}

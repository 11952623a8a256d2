//! What a person or a script can ask of a node.

use thiserror::Error;

use super::Node;
use super::leaving::Leaving;
use super::pace::Rate;
use crate::time::{Time, UnixMillis};
use crate::wire::{Nick, PingWay, Run, Status, Text};

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
    /// Let others know this of oneself from now on.
    Describe(Status<'static>),
    /// Say lines at this rate from now on; at first, it is [`Rate::DEFAULT`].
    Pace(Rate),
    /// Ask which rooms there are, a few times within a second; [`Node::rooms`] tells what was heard. Where there is no
    /// link, nobody is asked.
    AskRooms,
    /// Ask a peer to answer at once. What becomes of it is told by an [`Event::Pong`](super::Event::Pong) or, after a
    /// second, an [`Event::NoPong`](super::Event::NoPong).
    Ping {
        /// Who is asked.
        reader: Run,
        /// By which way.
        way: PingWay,
    },
    /// Say what is still to be said, take leave, and end with [`Event::Gone`](super::Event::Gone).
    Leave,
}

/// Why a command was not taken. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// More lines are waiting to go out, or more pings to be answered, than may wait; try again when some have gone.
    #[error("too much is waiting to be sent or answered")]
    Busy,
    /// All 2^32 - 1 lines of this run are said.
    #[error("this run has no line number left; start anew")]
    NoNumberLeft,
    /// Whoever is to read it is not there, or does not sign: nothing can be sealed to him.
    #[error("whoever is to read it has no key")]
    NoKey,
    /// Whoever is to be asked is not there.
    #[error("whoever is asked is not there")]
    NotThere,
    /// The node has been told to leave.
    #[error("leaving")]
    Leaving,
}

impl Node {
    /// Does what somebody asks for.
    ///
    /// # Errors
    /// When it cannot be done now; nothing has changed then.
    pub fn handle_command(&mut self, now: Time, command: Command) -> Result<(), CommandError> {
        self.advance(now);
        if self.leaving != Leaving::No {
            return Err(CommandError::Leaving);
        }
        match command {
            Command::Say { text, action, time } => {
                self.saying.say(&self.config.profile.nick, action, &text, time)?;
            }
            Command::SayPrivately { reader, text, action, time } => {
                self.say_privately(reader, action, &text, time)?;
            }
            Command::Rename(nick) => {
                self.config.profile.nick = nick;
                self.begin_calling();
            }
            Command::Describe(status) => {
                self.config.profile.status = status;
                self.begin_calling();
            }
            Command::Pace(rate) => self.pace.set(rate),
            Command::AskRooms => self.ask_rooms(),
            Command::Ping { reader, way } => self.ping(reader, way)?,
            Command::Leave => {
                self.leaving = Leaving::AfterLastLine;
                self.send_last_acks();
            }
        }
        Ok(())
    }
}

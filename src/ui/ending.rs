//! How a command ends: the exit codes are a promise, written in cooee(1).

use std::io::{self, Write};
use std::process::ExitCode;

use cooee::net;

use crate::ui::progress;
use crate::ui::signals;

/// How a command ends.
#[derive(Debug)]
pub(crate) enum Ending {
    /// 0: it did what it should, or whoever read its output has seen enough.
    Done,
    /// 1: the honest "no": nobody there, or something was not said.
    No(String),
    /// 1: the honest "no" too; what there is to say about it stands on stdout.
    Told,
    /// 2: it was asked for something that it cannot make sense of.
    Usage(String),
    /// 3: the network cannot be used.
    Network(net::Error),
    /// By a signal, as every program ends that does not handle it; 128 and its number to a shell.
    Signal(i32),
}

impl Ending {
    /// What is to be said about it.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Done | Self::Told | Self::Signal(_) => String::new(),
            Self::No(message) | Self::Usage(message) => message.clone(),
            Self::Network(error) => error.to_string(),
        }
    }

    /// Says what is to be said about it, and gives the exit code.
    pub(crate) fn finish(self) -> ExitCode {
        match self {
            Self::Done => ExitCode::SUCCESS,
            Self::No(_) => complain(&self.words(), 1),
            Self::Told => ExitCode::from(1),
            Self::Usage(_) => complain(&self.words(), 2),
            Self::Network(_) => complain(&self.words(), 3),
            Self::Signal(number) => signals::end_by(number),
        }
    }
}

impl From<net::Error> for Ending {
    fn from(error: net::Error) -> Self {
        Self::Network(error)
    }
}

impl From<net::Closed> for Ending {
    fn from(closed: net::Closed) -> Self {
        Self::No(closed.to_string())
    }
}

/// Tells something on stderr that does not end the program.
pub(crate) fn warn(message: &str) {
    // Where stderr is closed, nobody wants to know. In one piece, so that it cannot be torn by what others write.
    progress::aside(|| drop(io::stderr().write_all(format!("cooee: {message}\n").as_bytes())));
}

fn complain(message: &str, code: u8) -> ExitCode {
    warn(message);
    ExitCode::from(code)
}

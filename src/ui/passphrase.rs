//! The passphrase of a sealed room: from whoever sits at the terminal, from a file, or from the environment. It is
//! never shown, and wiped when it has done its work.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::ui::ending::Ending;

/// The variable that may hold it.
pub(crate) const VARIABLE: &str = "COOEE_PASSPHRASE";
/// Most bytes of a passphrase.
const LEN_MAX: usize = 1024;

/// Where the passphrase comes from.
#[derive(Clone, Debug)]
pub(crate) enum Seal {
    /// The room has none.
    Open,
    /// It is asked for on the terminal.
    Asked,
    /// It was asked for, and kept: for whoever goes from room to room.
    Known(Passphrase),
    /// It is the first line of a file.
    InFile(PathBuf),
    /// It is in the environment.
    InVariable,
}

/// A passphrase that is kept. No text shows it.
#[derive(Clone)]
pub(crate) struct Passphrase(Zeroizing<Vec<u8>>);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

impl Seal {
    /// Whether the room is sealed.
    pub(crate) const fn is_sealed(&self) -> bool {
        !matches!(self, Self::Open)
    }

    /// The same, and what is to be asked for is asked now, and not for each room again.
    ///
    /// # Errors
    /// As for [`passphrase`](Self::passphrase).
    pub(crate) fn asked(self, room: &str) -> Result<Self, Ending> {
        match self {
            Self::Asked => Ok(self.passphrase(room)?.map_or(Self::Open, |known| Self::Known(Passphrase(known)))),
            _ => Ok(self),
        }
    }

    /// The passphrase of this room; `None` where it has none.
    ///
    /// # Errors
    /// When it is not to be had, is empty or too long.
    pub(crate) fn passphrase(&self, room: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Ending> {
        let (passphrase, from) = match self {
            Self::Open => return Ok(None),
            Self::Known(Passphrase(known)) => (known.clone(), String::new()),
            Self::Asked => (ask(&format!("Passphrase of room {room}: "))?, String::new()),
            Self::InFile(path) => {
                let read = File::open(path).and_then(read_line).map_err(|error| {
                    Ending::Usage(format!(
                        "cannot read the passphrase in {}: {error} (--passphrase-file)",
                        path.display()
                    ))
                });
                (read?, format!(" in {}", path.display()))
            }
            Self::InVariable => {
                let value = env::var_os(VARIABLE).unwrap_or_default();
                (Zeroizing::new(value.into_encoded_bytes()), format!(" in {VARIABLE}"))
            }
        };
        match passphrase.len() {
            0 => Err(Ending::Usage(format!("the passphrase{from} is empty; without one, the room is open to all"))),
            1..=LEN_MAX => Ok(Some(passphrase)),
            _ => Err(Ending::Usage(format!("the passphrase{from} has more than {LEN_MAX} bytes"))),
        }
    }
}

/// The first line without its end; of a longer one, a little more than is allowed.
#[allow(clippy::unbuffered_bytes, reason = "a buffer would keep a copy of it, and there are few bytes")]
fn read_line(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LEN_MAX + 2));
    for byte in from.bytes().take(LEN_MAX + 2) {
        match byte? {
            b'\n' => break,
            byte => line.push(byte),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line)
}

fn no_terminal() -> Ending {
    Ending::Usage(format!(
        "there is no terminal to ask for the passphrase on; give it by --passphrase-file or {VARIABLE}"
    ))
}

#[cfg(unix)]
fn ask(question: &str) -> Result<Zeroizing<Vec<u8>>, Ending> {
    use std::fs::OpenOptions;
    use std::io::Write;

    use crossbeam_channel::select;
    use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};

    use super::{input, signals};

    // Not stdin, which may be what is to be said.
    let open = || OpenOptions::new().read(true).write(true).open("/dev/tty");
    let mut terminal = open().map_err(|_| no_terminal())?;
    let before = tcgetattr(&terminal).map_err(|_| no_terminal())?;
    // A signal must not leave a terminal behind that shows nothing of what is typed.
    let signals = signals::watch();
    let mut silent = before.clone();
    silent.local_flags -= LocalFlags::ECHO;
    silent.local_flags |= LocalFlags::ECHONL | LocalFlags::ICANON;
    tcsetattr(&terminal, SetArg::TCSAFLUSH, &silent).map_err(|_| no_terminal())?;
    let asked = terminal.write_all(question.as_bytes()).and_then(|()| terminal.try_clone());
    let answer = match asked {
        Ok(keyboard) => {
            let typed = input::in_thread(move || read_line(keyboard))?;
            select! {
                recv(typed) -> typed => typed.map_err(io::Error::other).and_then(|typed| typed).map_err(|_| no_terminal()),
                recv(signals) -> signal => Err(Ending::Signal(signal.unwrap_or(0))),
            }
        }
        Err(_) => Err(no_terminal()),
    };
    // What was typed ahead of the chat stays.
    let _ = tcsetattr(&terminal, SetArg::TCSADRAIN, &before);
    answer
}

#[cfg(not(unix))]
fn ask(_: &str) -> Result<Zeroizing<Vec<u8>>, Ending> {
    Err(no_terminal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_counts_without_its_end() {
        let line = |text: &str| String::from_utf8(read_line(text.as_bytes()).unwrap().to_vec()).unwrap();
        for text in ["two words ", "two words \n", "two words \r\nmore", "two words \nmore\n"] {
            assert_eq!(line(text), "two words ");
        }
        assert_eq!((line(""), line("\n"), line("ü")), (String::new(), String::new(), "ü".to_owned()));
        assert_eq!(line(&"x".repeat(5000)).len(), LEN_MAX + 2);
    }

    #[test]
    fn a_line_that_fits_is_read_without_leaving_a_copy() {
        let line = read_line("x".repeat(LEN_MAX + 2).as_bytes()).unwrap();
        assert!(line.capacity() < 2 * LEN_MAX, "it did not grow");
    }
}

//! Where keys come from: a thread that waits for them, and for the signals that have to do with the terminal.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGCONT, SIGWINCH};
use signal_hook::low_level::pipe;

use super::Input;

/// Pieces that wait to be looked at. While they are more, the system holds what is typed.
const WAITING_MAX: usize = 16;
/// Most bytes of a piece.
const PIECE_MAX: usize = 4096;

/// Waits for keys from now on.
pub(super) fn watch() -> io::Result<Receiver<Input>> {
    // Not by way of the standard library's buffer: what lies in there, poll does not see.
    let keyboard = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (resized, continued) = (signals(SIGWINCH)?, signals(SIGCONT)?);
    let (sender, receiver) = bounded(WAITING_MAX);
    let forward = move || while forward(&keyboard, &resized, &continued, &sender).is_some() {};
    thread::Builder::new().name("cooee-keys".into()).spawn(forward)?;
    Ok(receiver)
}

/// A stream that has bytes when the signal has come.
fn signals(signal: i32) -> io::Result<UnixStream> {
    let (stream, sender) = UnixStream::pair()?;
    stream.set_nonblocking(true)?;
    pipe::register(signal, sender)?;
    Ok(stream)
}

/// Waits, and passes on what has come; `None` when there is nothing more to wait for, or nobody to pass it on to.
fn forward(keyboard: &File, resized: &UnixStream, continued: &UnixStream, to: &Sender<Input>) -> Option<()> {
    let wait = |fd| PollFd::new(fd, PollFlags::POLLIN);
    let mut waiting = [wait(keyboard.as_fd()), wait(resized.as_fd()), wait(continued.as_fd())];
    match poll(&mut waiting, PollTimeout::NONE) {
        Err(Errno::EINTR) => return Some(()),
        ready => ready.ok()?,
    };
    let [key, size, stop] = waiting.map(|fd| fd.any().unwrap_or(false));
    // A signal before what is typed after it.
    if stop && empty(continued) {
        to.send(Input::Continued).ok()?;
    }
    if size && empty(resized) {
        to.send(Input::Resized).ok()?;
    }
    if key {
        let mut bytes = vec![0; PIECE_MAX];
        let len = match (&*keyboard).read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Some(()),
            // Stdin is closed, or the terminal has gone.
            Ok(0) | Err(_) => return None,
            Ok(len) => len,
        };
        bytes.truncate(len);
        to.send(Input::Bytes(bytes)).ok()?;
    }
    Some(())
}

/// Takes all bytes out of a stream; tells whether there were some.
fn empty(mut stream: &UnixStream) -> bool {
    let mut any = false;
    while matches!(stream.read(&mut [0; 64]), Ok(1..)) {
        any = true;
    }
    any
}

//! stdout: data, and nothing else. A reader who has seen enough is a good end, not an error.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use crossbeam_channel::Receiver;

use crate::ui::arguments::Color;
use crate::ui::ending::Ending;

/// stdout, line by line.
pub(crate) struct Output {
    stream: AutoStream<io::Stdout>,
    colored: bool,
    /// What is to be written together.
    gathered: Vec<u8>,
}

/// Bytes that are gathered at most before they are written.
const GATHERED_MAX: usize = 64 << 10;

impl Output {
    pub(crate) fn open(color: Color) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let stream = AutoStream::new(io::stdout(), choice);
        Self { colored: stream.current_choice() != ColorChoice::Never, stream, gathered: Vec::new() }
    }

    /// Whether colours shall be used.
    pub(crate) const fn is_colored(&self) -> bool {
        self.colored
    }

    /// Prints a line for people, so that they have it at once; without its colours where there shall be none.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Ending> {
        print(&mut self.stream, format!("{line}\n").as_bytes())
    }

    /// Prints a line with those that follow it, at the next [`flush`](Self::flush) or before: where many come at once, to
    /// write each by itself takes longer than all else. It holds no colours unless they shall be used.
    pub(crate) fn gather(&mut self, line: &str) -> Result<(), Ending> {
        self.gathered.extend_from_slice(line.as_bytes());
        self.gathered.push(b'\n');
        if self.gathered.len() >= GATHERED_MAX { self.flush() } else { Ok(()) }
    }

    /// Prints what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), Ending> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let done = match self.colored {
            true => print(&mut self.stream, &self.gathered),
            false => print(&mut io::stdout(), &self.gathered),
        };
        self.gathered.clear();
        done
    }

    /// Prints bytes for programs, as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Ending> {
        print(&mut io::stdout(), bytes)
    }
}

fn print(stream: &mut impl Write, bytes: &[u8]) -> Result<(), Ending> {
    written(stream.write_all(bytes).and_then(|()| stream.flush()))
}

/// What it means that something was written to stdout, or could not be.
pub(crate) fn written(done: io::Result<()>) -> Result<(), Ending> {
    done.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ending::Done,
        _ => Ending::No(format!("cannot write to stdout: {error}")),
    })
}

/// A channel that ends when whoever reads stdout has gone, also while there is nothing to print: `cooee listen |
/// head -1` ends with its first line and not with its second.
pub(crate) fn reader_gone() -> Receiver<()> {
    system::reader_gone()
}

#[cfg(unix)]
mod system {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    use std::{fs, thread};

    use crossbeam_channel::{bounded, never};
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    use super::*;

    pub(super) fn reader_gone() -> Receiver<()> {
        if !is_pipe() {
            return never();
        }
        let (sender, receiver) = bounded(0);
        let watch = move || {
            let stdout = io::stdout();
            // Errors alone are waited for: a pipe tells by one that its reader has gone.
            let mut watched = [PollFd::new(stdout.as_fd(), PollFlags::empty())];
            while poll(&mut watched, PollTimeout::NONE) == Err(nix::errno::Errno::EINTR) {}
            drop(sender);
        };
        match thread::Builder::new().name("cooee-stdout".into()).spawn(watch) {
            Ok(_) => receiver,
            Err(_) => never(),
        }
    }

    fn is_pipe() -> bool {
        let stdout = io::stdout().as_fd().try_clone_to_owned().map(fs::File::from);
        let kind = stdout.and_then(|stdout| stdout.metadata()).map(|metadata| metadata.file_type());
        kind.is_ok_and(|kind| kind.is_fifo() || kind.is_socket())
    }
}

#[cfg(not(unix))]
mod system {
    use super::*;

    pub(super) fn reader_gone() -> Receiver<()> {
        crossbeam_channel::never()
    }
}

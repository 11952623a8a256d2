//! The terminal's modes, as long as it is taken, and its size.

use std::io;
use std::os::fd::AsFd;
use std::panic;
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};
use nix::unistd::Pid;
use terminal_size::terminal_size_of;

use super::display::Size;

/// The modes before they were changed, for whatever ends the program, also a panic in another thread.
static BEFORE: OnceLock<nix::libc::termios> = OnceLock::new();

/// Bracketed paste, focus reports and the cursor on.
const TAKE: &[u8] = b"\x1b[?2004h\x1b[?1004h\x1b[?25h";
/// All off that was ever on, and on what was off: a frame may have been broken off in the middle.
const RESTORE: &[u8] = b"\x1b[?1004l\x1b[?2004l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?2026l";

/// Has every key come as it is pressed, and shows none by itself. What is written is still processed. A panic gives the
/// terminal back. Tells whether that was possible.
pub(super) fn take() -> bool {
    let Ok(mut mode) = tcgetattr(io::stdin()) else { return false };
    let first = BEFORE.set(mode.clone().into()).is_ok();
    mode.local_flags -= LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG | LocalFlags::IEXTEN;
    mode.input_flags -= InputFlags::ICRNL | InputFlags::IXON;
    mode.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
    mode.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
    if tcsetattr(io::stdin(), SetArg::TCSADRAIN, &mode).is_err() {
        return false;
    }
    if first {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            restore();
            next(info);
        }));
    }
    write(TAKE);
    true
}

/// Gives the terminal back as it was.
pub(super) fn restore() {
    let Some(before) = BEFORE.get() else { return };
    write(RESTORE);
    let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &Termios::from(*before));
}

/// Stops, as a shell's job, with whatever else belongs to it, until the shell lets it go on. Where there is no shell to
/// do that, the system does not stop it.
pub(super) fn stop() {
    let _ = kill(Pid::from_raw(0), Signal::SIGTSTP);
}

/// The terminal's size; where it has none, as one at the end of a serial line, the usual one.
pub(super) fn size() -> Size {
    terminal_size_of(io::stdout()).map_or(Size { columns: 80, rows: 24 }, |(width, height)| Size {
        columns: width.0.into(),
        rows: height.0.into(),
    })
}

/// Writes to the terminal. If it has gone, so does what is typed, and the chat ends by that.
pub(super) fn write(mut bytes: &[u8]) {
    // Not by way of the standard library's buffer, which would make several pieces of a frame.
    let stdout = io::stdout();
    while !bytes.is_empty() {
        match nix::unistd::write(&stdout, bytes) {
            Ok(written @ 1..) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            // Whoever shares the terminal has asked for that.
            Err(Errno::EAGAIN) => {
                let _ = poll(&mut [PollFd::new(stdout.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE);
            }
            Ok(_) | Err(_) => return,
        }
    }
}

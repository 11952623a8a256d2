//! The line that is being typed, and what is shown above it.
//!
//! Two threads stand between the terminal and the rest: one in which rustyline waits for keys, and one that hands it
//! what is to be shown, because that hand-over waits while rustyline is busy, and nothing else may wait with it.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;
use std::{env, thread};

use cooee::wire::Nick;
use crossbeam_channel::{Receiver, Sender, bounded};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor, ExternalPrinter};

use crate::ui::input::Typed;
use crate::ui::safe::Safe;

/// The terminal, while the chat is open.
pub(crate) struct Terminal {
    /// `None` when the terminal has been given back.
    lines: Option<Sender<String>>,
    /// Lines that came while more than [`LINES_MAX`] were waiting to be shown.
    dropped: u64,
    /// What is to stand in front of the next line that is typed; until it comes, no key is waited for.
    prompts: Sender<String>,
    /// Ends when all lines are shown.
    shown: Receiver<()>,
}

/// Lines that wait to be shown; when they are more, the newest are dropped and counted.
const LINES_MAX: usize = 4096;
/// Lines that are shown in one go.
const LINES_AT_ONCE: usize = 256;
/// How long the last lines may take to be shown when the terminal is given back.
const LAST_LINES: Duration = Duration::from_millis(200);

/// Opens the terminal, if there is one that can do more than print lines; gives what is typed.
pub(crate) fn open(nick: &Nick<'_>) -> Option<(Terminal, Receiver<Typed>)> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() || is_dumb() {
        return None;
    }
    let config = Config::builder().auto_add_history(true).bracketed_paste(true).build();
    let mut editor = Editor::<(), MemHistory>::with_history(config, MemHistory::new()).ok()?;
    let printer = editor.create_external_printer().ok()?;
    mode::take();
    let (prompts, prompts_receiver) = bounded(1);
    let (typed_sender, typed) = bounded(1);
    let (lines, lines_receiver) = bounded(LINES_MAX);
    let (shown_sender, shown) = bounded(0);
    spawn("cooee-keys", move || read(editor, &prompts_receiver, &typed_sender))?;
    spawn("cooee-screen", move || {
        show(printer, &lines_receiver);
        drop::<Sender<()>>(shown_sender);
    })?;
    prompts.send(prompt_of(nick)).ok()?;
    Some((Terminal { lines: Some(lines), dropped: 0, prompts, shown }, typed))
}

impl Terminal {
    /// Shows a line above the one that is being typed.
    pub(crate) fn line(&mut self, line: &str) {
        let Some(lines) = &self.lines else { return };
        if self.dropped > 0 && lines.try_send(format!("! {} lines came too fast to be shown", self.dropped)).is_ok() {
            self.dropped = 0;
        }
        if lines.try_send(line.to_owned()).is_err() {
            self.dropped += 1;
        }
    }

    /// Lets the next line be typed, behind this nick.
    pub(crate) fn prompt(&mut self, nick: &Nick<'_>) {
        // Where the input has ended, there is no next line.
        let _ = self.prompts.send(prompt_of(nick));
    }

    /// Shows what is still to be shown, and gives the terminal back as it was, without the unfinished line.
    pub(crate) fn close(&mut self) {
        self.lines = None;
        let _ = self.shown.recv_timeout(LAST_LINES);
        mode::restore();
        let mut stdout = io::stdout();
        let _ = stdout.write_all(b"\r\x1b[K").and_then(|()| stdout.flush());
    }
}

/// Waits for keys, and passes on what comes of them, until the input ends. Each line waits for its prompt: so what
/// the one before gave rise to is shown first, and after the last one no prompt is left on the screen.
fn read(mut editor: Editor<(), MemHistory>, prompts: &Receiver<String>, typed: &Sender<Typed>) {
    for prompt in prompts {
        let next = match editor.readline(&prompt) {
            Ok(line) => Typed::Line(line),
            Err(ReadlineError::Interrupted) => Typed::Interrupt,
            // Ctrl-D, or the terminal has gone.
            Err(_) => return,
        };
        if typed.send(next).is_err() {
            return;
        }
    }
}

/// Hands over what is to be shown; many lines in one go, so that the typed line is not drawn anew for each.
fn show(mut printer: impl ExternalPrinter, lines: &Receiver<String>) {
    while let Ok(mut shown) = lines.recv() {
        for line in lines.try_iter().take(LINES_AT_ONCE) {
            shown.push('\n');
            shown.push_str(&line);
        }
        shown.push('\n');
        if printer.print(shown).is_err() {
            return;
        }
    }
}

fn prompt_of(nick: &Nick<'_>) -> String {
    format!("[{}] ", Safe::nick(nick.as_str(), "?"))
}

fn is_dumb() -> bool {
    env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty())
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Option<()> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map(|_| ()).ok()
}

/// The terminal's mode, as long as the chat is open.
///
/// rustyline alone would do two things wrong. Between two lines it gives the terminal back to the kernel's own line
/// editing, which swallows a Ctrl-D that is typed just then, and makes a signal of a Ctrl-C. And it does not give the
/// terminal back at all when the program ends while a line is being typed, by a signal or a panic.
#[cfg(unix)]
mod mode {
    use std::io::{self, Write};
    use std::panic;
    use std::sync::OnceLock;

    use nix::sys::termios::{InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};

    static BEFORE: OnceLock<nix::libc::termios> = OnceLock::new();

    pub(super) fn take() {
        let Ok(mut mode) = tcgetattr(io::stdin()) else { return };
        let first = BEFORE.set(mode.clone().into()).is_ok();
        mode.local_flags -= LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG | LocalFlags::IEXTEN;
        mode.input_flags -= InputFlags::ICRNL | InputFlags::IXON;
        mode.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        mode.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &mode);
        if first {
            let next = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                restore();
                next(info);
            }));
        }
    }

    pub(super) fn restore() {
        let Some(before) = BEFORE.get() else { return };
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &Termios::from(*before));
        // Bracketed paste is off again.
        let mut stdout = io::stdout();
        let _ = stdout.write_all(b"\x1b[?2004l").and_then(|()| stdout.flush());
    }
}

#[cfg(not(unix))]
mod mode {
    pub(super) fn take() {}
    pub(super) fn restore() {}
}

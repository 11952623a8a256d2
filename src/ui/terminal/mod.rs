//! The terminal as long as a chat has it: the line that is being typed, in one row, and what is shown above it.
//!
//! Whoever opens it owns all of it, in one thread; another one only waits for keys. No full screen: what scrolls away
//! is where the user's own terminal keeps it.

mod buffer;
mod columns;
mod completing;
mod display;
mod editor;
mod history;
mod history_file;
mod keys;
mod resizing;
mod row;
mod search;
mod wrap;

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod mode;
#[cfg(unix)]
mod source;

use std::env;
use std::io::{self, IsTerminal};
use std::time::Duration;

use cooee::net::Clock;
use cooee::time::Time;
use crossbeam_channel::Receiver;

pub(crate) use self::completing::{Completion, Completions};
use self::display::Display;
pub(crate) use self::editor::Typed;
use self::editor::{Editor, Outcome};
#[cfg(not(unix))]
use self::elsewhere::{mode, source};
pub(crate) use self::history::History;
use self::keys::{Key, Keys};
use super::safe::Safe;

/// How long a terminal may take to tell where its cursor is.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);
/// Columns of a notice to whoever does not look at the terminal.
const NOTICE_COLUMNS: usize = 120;

/// What comes from the terminal. When nothing more can come, the channel ends.
#[derive(Debug)]
pub(crate) enum Input {
    /// What was typed or pasted, as it came.
    Bytes(Vec<u8>),
    /// The terminal has another size.
    Resized,
    /// The program goes on after it was stopped; the terminal may be in any mode.
    Continued,
}

/// The terminal, while the chat is open.
pub(crate) struct Terminal {
    keys: Keys,
    editor: Editor,
    display: Display,
    prompt: String,
    is_focused: bool,
    is_open: bool,
    clock: Clock,
    /// Since when an answer of the terminal is waited for.
    asked: Option<Time>,
}

/// Takes the terminal, if there is one that can do more than print lines; gives what comes from it.
pub(crate) fn open(prompt: &str, history: History) -> Option<(Terminal, Receiver<Input>)> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() || is_dumb() || !mode::take() {
        return None;
    }
    let mut terminal = Terminal {
        keys: Keys::default(),
        editor: Editor::new(history),
        display: Display::default(),
        prompt: prompt.to_owned(),
        is_focused: true,
        is_open: true,
        clock: Clock::start(),
        asked: None,
    };
    // Without what comes from it, it is given back at once.
    let input = source::watch().ok()?;
    terminal.display.touch();
    Some((terminal, input))
}

/// Whether the terminal can do nothing but take one character after the other.
pub(crate) fn is_dumb() -> bool {
    env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty())
}

impl Terminal {
    /// Takes in what has come; gives what comes of it.
    pub(crate) fn take(&mut self, input: Input, completions: &dyn Completions) -> Vec<Typed> {
        self.display.touch();
        match input {
            Input::Resized => Vec::new(),
            Input::Continued => {
                self.go_on();
                Vec::new()
            }
            Input::Bytes(bytes) => {
                let keys = self.keys.feed(&bytes);
                keys.into_iter().flat_map(|key| self.press(key, completions)).collect()
            }
        }
    }

    fn press(&mut self, key: Key, completions: &dyn Completions) -> Vec<Typed> {
        match key {
            Key::Focus(is_focused) => self.is_focused = is_focused,
            Key::Cursor { column } => self.display.note_cursor(column),
            key => {
                let outcomes = self.editor.press(key, completions);
                return outcomes.into_iter().filter_map(|outcome| self.perform(outcome)).collect();
            }
        }
        Vec::new()
    }

    fn perform(&mut self, outcome: Outcome) -> Option<Typed> {
        match outcome {
            Outcome::Typed(typed) => return Some(typed),
            Outcome::Bell => self.bell(),
            Outcome::Clear => self.clear(),
            Outcome::Stop => {
                self.give_back();
                mode::stop();
                self.go_on();
            }
        }
        None
    }

    /// Shows a line above the one that is being typed, with the next frame. It may have styles, and several lines.
    pub(crate) fn line(&mut self, line: &str) {
        self.display.line(line);
        if self.display.is_full() {
            if self.display.waits() {
                self.display.wait_no_longer();
            }
            self.draw();
        }
    }

    /// Shows a line that was entered, as it stood behind the prompt.
    pub(crate) fn echo(&mut self, line: &str) {
        let line = format!("{}{}", self.prompt, Safe::text(line));
        self.line(&line);
    }

    /// Whether there is something to be drawn.
    pub(crate) const fn is_pending(&self) -> bool {
        self.display.is_pending()
    }

    /// How long the next frame may wait, if there is something to be drawn: no time, unless the terminal has to answer
    /// first.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let waited = |asked: Time| ANSWER_WITHIN.saturating_sub(self.clock.now().since(asked));
        self.is_pending().then(|| self.asked.map_or(Duration::ZERO, waited))
    }

    /// Draws a frame.
    pub(crate) fn draw(&mut self) {
        if self.patience() == Some(Duration::ZERO) && self.asked.is_some() {
            self.display.wait_no_longer();
        }
        let Self { editor, prompt, .. } = self;
        let prompt = editor.prompt(prompt).into_owned();
        let frame = self.display.frame(&prompt, self.editor.buffer(), mode::size());
        self.send(&frame);
        let now = self.clock.now();
        self.asked = self.display.waits().then(|| self.asked.unwrap_or(now));
    }

    /// Sets what stands in front of the line that is being typed.
    pub(crate) fn prompt(&mut self, prompt: &str) {
        if self.prompt != prompt {
            prompt.clone_into(&mut self.prompt);
            self.display.touch();
        }
    }

    /// How many columns it has now.
    pub(crate) fn columns(&self) -> usize {
        mode::size().columns
    }

    /// Clears the screen; what was on it goes where the user can scroll back to it.
    pub(crate) fn clear(&mut self) {
        self.write(|display, size| display.clear(size));
    }

    /// Rings.
    pub(crate) fn bell(&mut self) {
        self.send("\x07");
    }

    /// Whether the user looks at this terminal, as far as it tells.
    pub(crate) const fn is_focused(&self) -> bool {
        self.is_focused
    }

    /// Has the terminal tell something to a user who does not look at it (OSC 9), where it can do so. What it takes for
    /// a command begins with a digit; a notice does not.
    pub(crate) fn notify(&mut self, words: &str) {
        self.send(&format!("\x1b]9;cooee: {}\x1b\\", Safe::excerpt(words, NOTICE_COLUMNS)));
    }

    /// Shows what is still to be shown, and gives the terminal back as it was, without the unfinished line.
    pub(crate) fn close(&mut self) {
        if self.is_open {
            self.give_back();
            self.is_open = false;
        }
    }

    fn give_back(&mut self) {
        self.write(|display, size| display.last_frame(size));
        mode::restore();
    }

    /// Takes the terminal again after the program was stopped.
    fn go_on(&mut self) {
        mode::take();
        self.display.forget();
    }

    fn write(&mut self, frame: impl FnOnce(&mut Display, display::Size) -> String) {
        let frame = frame(&mut self.display, mode::size());
        self.send(&frame);
    }

    fn send(&self, bytes: &str) {
        if self.is_open && !bytes.is_empty() {
            mode::write(bytes.as_bytes());
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.close();
    }
}

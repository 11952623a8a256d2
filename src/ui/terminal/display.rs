//! What goes to the terminal: lines, and below them the row in which is typed. Each frame is a single piece of bytes.

use super::buffer::Buffer;
use super::columns;
use super::resizing::{Question, Resizing};
use super::row::{Row, Window};
use super::wrap::wrap;

/// So many lines go into a frame at most; when as many wait, it is time for one.
const LINES_MAX: usize = 256;
/// And so many bytes of them.
const BYTES_MAX: usize = 1 << 20;

/// Nothing of a frame is to be seen before all of it is there (synchronized update).
const BEGIN: &str = "\x1b[?2026h\x1b[?7l";
/// Auto-wrap is off in between: should the terminal take a row for wider than it was reckoned, it loses its last
/// characters rather than have them stand at column 0.
const END: &str = "\x1b[?7h\x1b[?2026l";
/// Where the cursor is, is kept by the terminal, as it alone knows how wide it draws an emoji.
const SAVE_CURSOR: &str = "\x1b7";
const RESTORE_CURSOR: &str = "\x1b8";
const ERASE_TO_THE_RIGHT: &str = "\x1b[K";

/// The size of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// What the terminal shows, and what it is to show.
#[derive(Default)]
pub(super) struct Display {
    pending: Vec<String>,
    pending_bytes: usize,
    window: Window,
    /// `None` when no row is there to be typed in: the cursor stands where it is to come.
    shown: Option<Shown>,
    /// The row is not what it should be.
    is_stale: bool,
    resizing: Resizing,
}

/// The row as it was last drawn.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) row: Row,
    /// Columns of the terminal then.
    pub(super) columns: usize,
}

impl Display {
    /// A line is to be shown.
    pub(super) fn line(&mut self, line: &str) {
        self.pending_bytes += line.len();
        self.pending.push(line.to_owned());
    }

    /// The row is to be drawn anew.
    pub(super) const fn touch(&mut self) {
        self.is_stale = true;
    }

    /// Whether there is something to be drawn.
    pub(super) const fn is_pending(&self) -> bool {
        self.is_stale || !self.pending.is_empty()
    }

    /// Whether so much is to be drawn that it should not become more.
    pub(super) const fn is_full(&self) -> bool {
        self.pending.len() >= LINES_MAX || self.pending_bytes >= BYTES_MAX
    }

    /// Whether the terminal has to answer before a frame can be drawn.
    pub(super) const fn waits(&self) -> bool {
        self.resizing.waits()
    }

    /// The terminal has not answered for too long: does without.
    pub(super) const fn wait_no_longer(&mut self) {
        self.resizing.give_up();
    }

    /// The terminal tells in which column its cursor is, from 1.
    pub(super) fn note_cursor(&mut self, column: usize) {
        if let Some(shown) = &self.shown {
            self.resizing.note_answer(column.saturating_sub(1), shown);
        }
    }

    /// The row is not where it was: something else has been written since.
    pub(super) fn forget(&mut self) {
        (self.shown, self.is_stale) = (None, true);
    }

    /// A frame: the lines that wait, and the row. Where the terminal has become narrower, it may be a question instead;
    /// while no answer has come, nothing.
    pub(super) fn frame(&mut self, prompt: &str, buffer: &Buffer, size: Size) -> String {
        let rows_above = match self.shown.as_ref().map(|shown| self.resizing.ask(shown, size.columns)) {
            Some(Question::New(question)) => return question.to_owned(),
            Some(Question::Open) => return String::new(),
            Some(Question::Answered { rows_above }) => rows_above,
            None => 0,
        };
        let row = self.window.show(prompt, buffer, size.columns);
        let erased = self.erase(rows_above, size);
        let lines = self.take_lines(size);
        // A row that stays where it is needs not be empty for a moment.
        let (before, after) =
            if erased == "\r" && lines.is_empty() { ("", ERASE_TO_THE_RIGHT) } else { (ERASE_TO_THE_RIGHT, "") };
        let Row { before_cursor, after_cursor } = &row;
        let drawn = format!("{before_cursor}{SAVE_CURSOR}{after_cursor}{after}{RESTORE_CURSOR}");
        self.shown = Some(Shown { row, columns: size.columns });
        self.is_stale = false;
        format!("{BEGIN}{erased}{before}{lines}{drawn}{END}")
    }

    /// The last frame: the lines that wait, and no row. The cursor stands at the beginning of an empty one.
    pub(super) fn last_frame(&mut self, size: Size) -> String {
        let (erased, lines) = (self.erase(0, size), self.take_lines(size));
        self.forget();
        format!("{BEGIN}{erased}{ERASE_TO_THE_RIGHT}{lines}{END}")
    }

    /// An empty screen: what was on it goes where the user can scroll back to it.
    pub(super) fn clear(&mut self, size: Size) -> String {
        let last = self.last_frame(size);
        format!("{last}\x1b[{}H{}\x1b[H", size.rows, "\r\n".repeat(size.rows.saturating_sub(1)))
    }

    /// Goes to where the row begins; where the terminal may have broken it into several, they are erased one by one.
    fn erase(&self, rows_above: usize, size: Size) -> String {
        let up = if rows_above > 0 { format!("\x1b[{rows_above}A") } else { String::new() };
        let pieces = self.shown.as_ref().filter(|shown| shown.columns > size.columns).map_or(1, |shown| {
            let used = columns::most(&shown.row.before_cursor) + columns::most(&shown.row.after_cursor);
            used.div_ceil(size.columns).min(size.rows)
        });
        if pieces <= 1 {
            return format!("{up}\r");
        }
        let below = "\x1b[B\x1b[2K".repeat(pieces - 1);
        format!("{up}\r{SAVE_CURSOR}{below}{RESTORE_CURSOR}")
    }

    fn take_lines(&mut self, size: Size) -> String {
        self.pending_bytes = 0;
        let rows = self.pending.drain(..).flat_map(|line| wrap(&line, size.columns));
        rows.map(|row| row + "\r\n").collect()
    }
}

#[cfg(test)]
mod tests;

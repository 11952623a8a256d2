//! What the keys do to the line that is being typed: those of Emacs, as in most shells.

use std::borrow::Cow;

use super::buffer::{Buffer, To};
use super::completing::{Completions, Cycle};
use super::history::History;
use super::keys::{Key, PASTE_MAX, Pasted};
use super::search::{Direction, Search};
use crate::ui::safe::Safe;

/// Most bytes of the line.
const BYTES_MAX: usize = PASTE_MAX;

/// The line that is being typed, and what came before it.
pub(super) struct Editor {
    buffer: Buffer,
    history: History,
    /// What was deleted last, for Ctrl-Y.
    killed: String,
    /// The key before deleted something too: what goes now belongs to it.
    kills: bool,
    browsing: Option<Browsing>,
    search: Option<Search>,
    cycle: Option<Cycle>,
    /// It was told that the line is full.
    told_full: bool,
}

/// A line of the history is shown.
struct Browsing {
    /// So many lines ago it was entered.
    ago: usize,
    /// What was typed before.
    draft: Buffer,
}

/// What a key gives rise to, beside a line that looks different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Typed(Typed),
    /// Stop the program, as a shell's job.
    Stop,
    Clear,
    /// Nothing, where something was asked for.
    Bell,
}

/// What comes of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    Line(String),
    /// Ctrl-C: the line is dropped.
    Interrupt,
    /// Ctrl-D on an empty line.
    End,
    /// So many lines were pasted at once, and wait in the line.
    Pasted {
        lines: usize,
    },
    /// The line holds so many bytes and is full: the rest was not taken.
    Full {
        bytes: usize,
    },
    /// The line is not kept for later runs, and why.
    Unkept(String),
}

impl Editor {
    pub(super) fn new(history: History) -> Self {
        Self {
            buffer: Buffer::default(),
            history,
            killed: String::new(),
            kills: false,
            browsing: None,
            search: None,
            cycle: None,
            told_full: false,
        }
    }

    /// What is shown of it.
    pub(super) const fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// What stands in front of the line; while the history is searched, the words that are looked for.
    pub(super) fn prompt<'a>(&self, usual: &'a str) -> Cow<'a, str> {
        self.search.as_ref().map_or(Cow::Borrowed(usual), |search| {
            let failed = if search.is_failing() { "not found" } else { "search" };
            Cow::Owned(format!("({failed}: {}) ", Safe::text(search.words())))
        })
    }

    /// Does what a key does.
    pub(super) fn press(&mut self, key: Key, completions: &dyn Completions) -> Vec<Outcome> {
        let Some(key) = self.searched(key) else { return Vec::new() };
        let kills = std::mem::take(&mut self.kills);
        let cycle = self.cycle.take();
        match key {
            Key::Text(text) => self.insert(&text),
            Key::Paste(pasted) => self.paste(pasted),
            Key::Enter => self.enter(),
            Key::Tab => self.complete(cycle, completions, true),
            Key::BackTab => self.complete(cycle, completions, false),
            Key::Backspace | Key::Ctrl('h') => self.delete(To::Left),
            Key::Delete => self.delete(To::Right),
            Key::Ctrl('d') if self.buffer.is_empty() => vec![Outcome::Typed(Typed::End)],
            Key::Ctrl('d') => self.delete(To::Right),
            Key::Ctrl('w') => self.kill(To::BlankLeft, kills),
            Key::AltBackspace => self.kill(To::WordLeft, kills),
            Key::Alt('d') => self.kill(To::WordRight, kills),
            Key::Ctrl('k') => self.kill(To::End, kills),
            Key::Ctrl('u') => self.kill(To::Start, kills),
            Key::Ctrl('y') => {
                let killed = self.killed.clone();
                self.insert(&killed)
            }
            Key::Ctrl('t') => self.change(Buffer::transpose),
            Key::Ctrl('c') => self.interrupt(),
            Key::Ctrl('l') => vec![Outcome::Clear],
            Key::Ctrl('z') => vec![Outcome::Stop],
            Key::Ctrl('r') => self.search(),
            Key::Up | Key::Ctrl('p') => self.browse(1),
            Key::Down | Key::Ctrl('n') => self.browse(-1),
            key => motion(&key).map_or_else(Vec::new, |to| self.change(|buffer| buffer.go(to))),
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Buffer)) -> Vec<Outcome> {
        change(&mut self.buffer);
        Vec::new()
    }

    fn insert(&mut self, text: &str) -> Vec<Outcome> {
        if self.buffer.insert(text, BYTES_MAX) { Vec::new() } else { self.full() }
    }

    /// Tells once that there is no more room, and rings from then on.
    fn full(&mut self) -> Vec<Outcome> {
        let bytes = self.buffer.text().len();
        let told = std::mem::replace(&mut self.told_full, true);
        vec![if told { Outcome::Bell } else { Outcome::Typed(Typed::Full { bytes }) }]
    }

    /// Lines that are pasted at once wait in the line. The end of a single one is not taken for more than that.
    fn paste(&mut self, Pasted { text, is_cut }: Pasted) -> Vec<Outcome> {
        let lines = text.trim_end_matches('\n').lines().count();
        let text = if lines > 1 { &text[..] } else { text.trim_end_matches('\n') };
        let mut outcomes = self.insert(text);
        if is_cut && outcomes.is_empty() {
            outcomes = self.full();
        }
        if lines > 1 {
            outcomes.push(Outcome::Typed(Typed::Pasted { lines }));
        }
        outcomes
    }

    fn enter(&mut self) -> Vec<Outcome> {
        let line = self.buffer.take();
        (self.browsing, self.told_full) = (None, false);
        let unkept = self.history.add(&line).map(|problem| Outcome::Typed(Typed::Unkept(problem)));
        [Outcome::Typed(Typed::Line(line))].into_iter().chain(unkept).collect()
    }

    fn interrupt(&mut self) -> Vec<Outcome> {
        let dropped = self.buffer.take();
        if !dropped.is_empty() {
            self.killed = dropped;
        }
        (self.browsing, self.told_full) = (None, false);
        vec![Outcome::Typed(Typed::Interrupt)]
    }

    fn delete(&mut self, to: To) -> Vec<Outcome> {
        self.told_full &= self.buffer.delete(to).is_empty();
        Vec::new()
    }

    /// Deletes what Ctrl-Y brings back. What several keys in a row delete, comes back as one.
    fn kill(&mut self, to: To, goes_on: bool) -> Vec<Outcome> {
        let is_behind = matches!(to, To::WordRight | To::End);
        let gone = self.buffer.delete(to);
        self.told_full &= gone.is_empty();
        self.killed = match (goes_on, is_behind) {
            (true, true) => std::mem::take(&mut self.killed) + &gone,
            (true, false) => gone + &self.killed,
            (false, _) if gone.is_empty() => return Vec::new(),
            (false, _) => gone,
        };
        self.kills = true;
        Vec::new()
    }

    fn complete(&mut self, cycle: Option<Cycle>, completions: &dyn Completions, is_forward: bool) -> Vec<Outcome> {
        self.cycle = match cycle {
            Some(mut cycle) => {
                cycle.go_on(&mut self.buffer, is_forward);
                Some(cycle)
            }
            None => Cycle::begin(&mut self.buffer, completions),
        };
        if self.cycle.is_some() { Vec::new() } else { vec![Outcome::Bell] }
    }

    /// Shows the line that was entered before the one that is shown, or after it; after the last, what was typed.
    fn browse(&mut self, further: isize) -> Vec<Outcome> {
        let ago = self.browsing.as_ref().map_or(0, |browsing| browsing.ago);
        match ago.checked_add_signed(further) {
            Some(0) => {
                let draft = self.browsing.take().map(|browsing| browsing.draft);
                self.buffer = draft.unwrap_or_else(|| std::mem::take(&mut self.buffer));
            }
            Some(ago) if self.history.entry(ago).is_some() => {
                let entry = self.history.entry(ago).unwrap_or_default().to_owned();
                let shown = std::mem::replace(&mut self.buffer, Buffer::new(entry));
                let draft = self.browsing.take().map_or(shown, |browsing| browsing.draft);
                self.browsing = Some(Browsing { ago, draft });
            }
            _ => return vec![Outcome::Bell],
        }
        Vec::new()
    }

    fn search(&mut self) -> Vec<Outcome> {
        self.search = Some(Search::new(std::mem::take(&mut self.buffer)));
        Vec::new()
    }

    /// While the history is searched, takes the keys that belong to that; gives those that do what they always do.
    fn searched(&mut self, key: Key) -> Option<Key> {
        let Some(search) = &mut self.search else { return Some(key) };
        match key {
            Key::Text(text) => search.add(&text, &self.history),
            Key::Backspace | Key::Ctrl('h') => search.shorten(&self.history),
            Key::Ctrl('r') => search.go_on(Direction::Earlier, &self.history),
            Key::Ctrl('s') => search.go_on(Direction::Later, &self.history),
            Key::Ctrl('g') => {
                self.buffer = self.search.take().map(Search::into_draft).unwrap_or_default();
                return None;
            }
            key => {
                // What was found is the line from now on.
                self.search = None;
                self.browsing = None;
                return Some(key);
            }
        }
        self.buffer = search.found(&self.history);
        None
    }
}

/// Where a key leads to that only moves the cursor.
const fn motion(key: &Key) -> Option<To> {
    Some(match key {
        Key::Left | Key::Ctrl('b') => To::Left,
        Key::Right | Key::Ctrl('f') => To::Right,
        Key::WordLeft | Key::Alt('b') => To::WordLeft,
        Key::WordRight | Key::Alt('f') => To::WordRight,
        Key::Home | Key::Ctrl('a') => To::Start,
        Key::End | Key::Ctrl('e') => To::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;

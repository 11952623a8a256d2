//! Looking for a line of the history by words in it, with every key that is pressed.

use super::buffer::Buffer;
use super::history::History;

/// Most bytes of the words.
const WORDS_MAX: usize = 256;

/// A search that is under way.
pub(super) struct Search {
    words: String,
    /// How many lines ago that was entered which is shown, and where in it the words begin.
    found: Option<(usize, usize)>,
    is_failing: bool,
    /// What was typed before.
    draft: Buffer,
}

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Earlier,
    Later,
}

impl Search {
    pub(super) const fn new(draft: Buffer) -> Self {
        Self { words: String::new(), found: None, is_failing: false, draft }
    }

    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// Nothing more holds the words; what was found before them is still shown.
    pub(super) const fn is_failing(&self) -> bool {
        self.is_failing
    }

    /// More words: what is shown may still hold them.
    pub(super) fn add(&mut self, text: &str, history: &History) {
        if self.words.len() + text.len() <= WORDS_MAX {
            self.words.push_str(text);
            let ago = self.found.map_or(1, |(ago, _)| ago);
            self.note(history.find(&self.words, ago));
        }
    }

    /// A character less: begins anew at the last line.
    pub(super) fn shorten(&mut self, history: &History) {
        self.words.pop();
        self.found = None;
        let found = if self.words.is_empty() { None } else { history.find(&self.words, 1) };
        self.note(found);
        self.is_failing &= !self.words.is_empty();
    }

    /// The next line in that direction.
    pub(super) fn go_on(&mut self, direction: Direction, history: &History) {
        if self.words.is_empty() {
            return;
        }
        let ago = self.found.map_or(0, |(ago, _)| ago);
        self.note(match direction {
            Direction::Earlier => history.find(&self.words, ago + 1),
            Direction::Later => history.find_later(&self.words, ago.saturating_sub(1)),
        });
    }

    /// What is shown: the line that was found, with the cursor at the words, or what was typed before.
    pub(super) fn found(&self, history: &History) -> Buffer {
        let found = self.found.and_then(|(ago, at)| Some((history.entry(ago)?, at)));
        found.map_or_else(
            || self.draft.clone(),
            |(entry, at)| {
                let mut buffer = Buffer::new(entry.to_owned());
                buffer.set_cursor(at);
                buffer
            },
        )
    }

    /// What was typed before.
    pub(super) fn into_draft(self) -> Buffer {
        self.draft
    }

    fn note(&mut self, found: Option<(usize, usize)>) {
        self.is_failing = found.is_none();
        self.found = found.or(self.found);
    }
}

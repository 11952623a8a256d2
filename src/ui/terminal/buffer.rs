//! The text that is being typed, and where in it.

use std::ops::Range;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// The text that is being typed, and the cursor in it. Steps and deletions go by what is seen as one character.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Buffer {
    text: String,
    /// In bytes; between two characters, and mostly between two graphemes.
    cursor: usize,
}

/// Where a motion leads to, or how far a deletion goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Left,
    Right,
    WordLeft,
    WordRight,
    /// Back to the last blank, as far as the shell's Ctrl-W goes.
    BlankLeft,
    Start,
    End,
}

impl Buffer {
    /// With the cursor at its end.
    pub(super) fn new(text: String) -> Self {
        Self { cursor: text.len(), text }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) const fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    fn after_cursor(&self) -> &str {
        &self.text[self.cursor..]
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts the cursor at this byte, or at the next in front of it where a character begins.
    pub(super) fn set_cursor(&mut self, at: usize) {
        self.cursor = (0..=at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
    }

    /// Puts text in front of the cursor, as much as fits into so many bytes in all; tells whether all of it did.
    pub(super) fn insert(&mut self, text: &str, bytes_max: usize) -> bool {
        let room = bytes_max.saturating_sub(self.text.len());
        let fits = (0..=room.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        self.text.insert_str(self.cursor, &text[..fits]);
        self.cursor += fits;
        fits == text.len()
    }

    /// Puts something in place of what lies between these bytes, and the cursor behind it.
    pub(super) fn replace(&mut self, range: Range<usize>, text: &str) {
        self.text.replace_range(range.clone(), text);
        self.cursor = range.start + text.len();
    }

    pub(super) fn go(&mut self, to: To) {
        self.cursor = self.target(to);
    }

    /// Deletes what lies between the cursor and there; gives it.
    pub(super) fn delete(&mut self, to: To) -> String {
        let target = self.target(to);
        let (start, end) = (self.cursor.min(target), self.cursor.max(target));
        self.cursor = start;
        self.text.drain(start..end).collect()
    }

    /// Empties it; gives what was in it.
    pub(super) fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.text)
    }

    /// Swaps the grapheme in front of the cursor with the one at it, at the end the last two, and goes behind them.
    pub(super) fn transpose(&mut self) {
        let middle = if self.after_cursor().is_empty() { self.left_of(self.cursor) } else { self.cursor };
        let (start, end) = (self.left_of(middle), self.right_of(middle));
        let swapped = self.text[middle..end].to_owned() + &self.text[start..middle];
        self.text.replace_range(start..end, &swapped);
        self.cursor = end;
    }

    fn target(&self, to: To) -> usize {
        let (before, after) = (self.before_cursor(), self.after_cursor());
        match to {
            To::Left => self.left_of(self.cursor),
            To::Right => self.right_of(self.cursor),
            To::WordLeft => start_of_word(before, char::is_alphanumeric),
            To::BlankLeft => start_of_word(before, |c| !c.is_whitespace()),
            To::WordRight => {
                let word = after.find(char::is_alphanumeric).unwrap_or(after.len());
                let len = after[word..].find(|c: char| !belongs_to_word(c)).unwrap_or(after.len() - word);
                self.cursor + word + len
            }
            To::Start => 0,
            To::End => self.text.len(),
        }
    }

    fn left_of(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }

    fn right_of(&self, at: usize) -> usize {
        at + self.text[at..].graphemes(true).next().map_or(0, str::len)
    }
}

/// Where the last word begins of text that ends at the cursor.
fn start_of_word(before: &str, in_word: impl Fn(char) -> bool) -> usize {
    let end = before.char_indices().rev().find(|(_, c)| in_word(*c)).map_or(0, |(at, c)| at + c.len_utf8());
    let outside = |(_, c): &(usize, char)| !in_word(*c) && !is_mark(*c);
    before[..end].char_indices().rev().find(outside).map_or(0, |(at, c)| at + c.len_utf8())
}

fn belongs_to_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// What stands on a letter, and is not to be parted from it.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cursor is where the bar is.
    fn buffer(shown: &str) -> Buffer {
        let mut buffer = Buffer::new(shown.replace('|', ""));
        buffer.set_cursor(shown.find('|').unwrap());
        buffer
    }

    #[track_caller]
    fn assert_gone(from: &str, to: To, expected: &str) {
        let mut found = buffer(from);
        found.go(to);
        assert_eq!(found, buffer(expected));
    }

    #[test]
    fn steps_go_by_what_is_seen_as_one_character() {
        let family = "\u{1f468}\u{200d}\u{1f469}";
        assert_gone(&format!("a{family}|b"), To::Left, &format!("a|{family}b"));
        assert_gone("|e\u{301}x", To::Right, "e\u{301}|x");
        assert_gone("x|", To::Right, "x|");
        assert_gone("|x", To::Left, "|x");
    }

    #[test]
    fn words_are_letters_and_digits_or_what_stands_between_blanks() {
        assert_gone("one two-three, |four", To::WordLeft, "one two-|three, four");
        assert_gone("one| two-three", To::WordRight, "one two|-three");
        assert_gone("see http://example.org  |", To::BlankLeft, "see |http://example.org  ");
        assert_gone("cafe\u{301}| au lait", To::WordLeft, "|cafe\u{301} au lait");
        assert_gone("x cafe\u{301}.|", To::WordLeft, "x |cafe\u{301}.");
        assert_gone(" ,.|", To::WordLeft, "| ,.");
    }

    #[test]
    fn what_is_deleted_is_given() {
        let mut text = buffer("one two| three");
        assert_eq!(text.delete(To::WordLeft), "two");
        assert_eq!(text.delete(To::End), " three");
        assert_eq!((text.text(), text.cursor()), ("one ", 4));
        assert_eq!((text.delete(To::Right), text.take()), (String::new(), "one ".to_owned()));
        assert!(text.is_empty());
    }

    #[test]
    fn neighbours_are_swapped() {
        for (from, to) in [("ab|c", "acb|"), ("abc|", "acb|"), ("|abc", "a|bc"), ("a|", "a|"), ("|", "|")] {
            let mut found = buffer(from);
            found.transpose();
            assert_eq!(found, buffer(to), "{from}");
        }
    }

    #[test]
    fn no_more_is_taken_than_fits() {
        let mut text = buffer("ab|c");
        assert!(text.insert("12", 5));
        assert!(!text.insert("x", 5));
        assert!(!text.insert("é", 6), "half a character does not");
        assert_eq!(text, buffer("ab12|c"));
    }
}

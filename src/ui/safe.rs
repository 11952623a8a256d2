//! The one gate through which other people's text reaches the terminal.
//!
//! Whoever is on the LAN can send any UTF-8: escape sequences that steer the terminal, direction marks that turn the
//! rest of the line around, invisible characters that make two names look like one. [`Safe`] is made only here, and
//! the screen shows nothing else. Machine output (JSON) does not go through here: it escapes by itself and stays whole.

mod name;
mod nick;
mod sort;
mod spoken;

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use self::name::{CUT, shown_name};
use self::nick::{INSTEAD, shown_nick};
use self::spoken::shown_text;

/// Text that may be written to a terminal as it is.
///
/// No control characters except the newlines of [`Safe::text`], no direction controls, nothing invisible that could
/// pose as something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Safe(String);

impl Safe {
    /// The program's own words, which are trusted.
    pub(crate) fn literal(words: &'static str) -> Self {
        Self(words.to_owned())
    }

    /// What somebody says: everything that can be seen stays, what cannot is removed.
    ///
    /// Control characters become visible, `^[` for ESC, `^?` for DEL, `<9b>` for U+009B; a tab becomes a space. Each
    /// further line begins with 4 spaces, and line ends behind the last visible character are dropped. What is private
    /// use or not assigned becomes U+FFFD. At most 5 times as many bytes as `said` has.
    ///
    /// Not to be applied twice: each time indents further.
    pub(crate) fn text(said: &str) -> Self {
        Self(shown_text(said))
    }

    /// The beginning of what somebody says, on one line: as much of the first line that can be seen as fits into so
    /// many columns. Where more was said, it ends in `…`.
    pub(crate) fn excerpt(said: &str, columns: usize) -> Self {
        // Of a text of 64 KiB, no more is looked at than can matter: a character takes a column, or has few marks.
        let some: String = said.trim_start().chars().take(16 * (columns + 1)).collect();
        let shown = Self::text(&some).0;
        let first = shown.lines().next().unwrap_or_default();
        if first.width() <= columns && first.len() == shown.len() && some.len() == said.trim_start().len() {
            return Self(shown);
        }
        let ends = first.grapheme_indices(true).map(|(start, grapheme)| start + grapheme.len());
        let end = ends.take_while(|end| first[..*end].width() + CUT.width() <= columns).last().unwrap_or(0);
        Self(first[..end].trim_end().to_owned() + CUT)
    }

    /// A host, status, title, room or interface, as it is shown: at most 24 graphemes, 48 columns and 64 bytes, in NFC.
    ///
    /// A longer one is cut and ends in `…`. Each control character becomes `?`, each run of white space one space.
    /// Where nothing is left to be seen, `fallback` is shown instead, usually an id in hex; it is treated likewise,
    /// and if nothing is left of it either, `?` is shown.
    pub(crate) fn name(name: &str, fallback: &str) -> Self {
        let shown = shown_name(name).or_else(|| shown_name(fallback));
        Self(shown.unwrap_or_else(|| "?".to_owned()))
    }

    /// A peer's nick, as it is shown: like a [name](Self::name), and nothing in it can pose as what the program itself
    /// writes around nicks.
    ///
    /// White space is shown as `_`, so that a nick is one word: behind `santiago yes:` one would take the `yes:` for
    /// what santiago says. So is `#`, behind which the program tells apart those of one nick, and whatever stands before
    /// the first letter, digit or emoji, where the program has its own marks. Punctuation that is wide is shown narrow.
    /// Letters that look like others, or like marks, stay: whose a name is, it cannot prove.
    ///
    /// Where nothing is left to be seen, not even of `fallback`, `_` is shown. What is shown of a nick is shown as it
    /// is.
    pub(crate) fn nick(nick: &str, fallback: &str) -> Self {
        let shown = shown_nick(nick).or_else(|| shown_nick(fallback));
        Self(shown.unwrap_or_else(|| INSTEAD.to_string()))
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// How many columns it takes; of several lines, the widest.
    pub(crate) fn width(&self) -> usize {
        self.0.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
    }

    /// The text with as many spaces behind it as make it `columns` wide; a wider one is not cut.
    pub(crate) fn padded(&self, columns: usize) -> String {
        let missing = columns.saturating_sub(self.width());
        self.0.clone() + &" ".repeat(missing)
    }
}

impl AsRef<str> for Safe {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Writes the text only: a width in the format is passed over, as it would count characters, not columns. See
/// [`Safe::padded`].
impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether two nicks, shown by [`Safe::nick`], differ in case at most.
///
/// A nick of which nothing can be seen is the same as no other, not even itself: an id is shown for each of them.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    match (shown_nick(a), shown_nick(b)) {
        (Some(a), Some(b)) => caseless(&a) == caseless(&b),
        _ => false,
    }
}

/// By way of capitals, so that `ß` and `SS`, `ς` and `σ` are equal.
pub(crate) fn caseless(name: &str) -> String {
    // Most of what is said, at a fraction of the cost.
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests;

//! The one gate through which other people's text reaches the terminal.
//!
//! Whoever is on the LAN can send any UTF-8: escape sequences that steer the terminal, direction marks that turn the
//! rest of the line around, invisible characters that make two names look like one. [`Safe`] is made only here, and
//! the screen shows nothing else. Machine output (JSON) does not go through here: it escapes by itself and stays whole.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{is_combining_mark, is_public_assigned};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

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
        let mut spoken = Spoken::default();
        said.replace("\r\n", "\n").chars().for_each(|c| spoken.push(c));
        Self(spoken.shown)
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

    /// A nick, host, status, title, room or interface, as it is shown: at most 24 graphemes and 64 bytes, in NFC.
    ///
    /// A longer one is cut and ends in `…`. Each control character becomes `?`, each run of white space one space.
    /// Where nothing is left to be seen, `fallback` is shown instead, usually an id in hex; it is treated likewise,
    /// and if nothing is left of it either, `?` is shown.
    pub(crate) fn name(name: &str, fallback: &str) -> Self {
        let shown = shown_name(name).or_else(|| shown_name(fallback));
        Self(shown.unwrap_or_else(|| "?".to_owned()))
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

/// Writes the text only: a width in the format is passed over, as it would count characters, not columns. See
/// [`Safe::padded`].
impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether two names, shown by [`Safe::name`], differ in case at most.
///
/// A name of which nothing can be seen is the same as no other, not even itself: an id is shown for each of them.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    match (shown_name(a), shown_name(b)) {
        (Some(a), Some(b)) => caseless(&a) == caseless(&b),
        _ => false,
    }
}

/// By way of capitals, so that `ß` and `SS`, `ς` and `σ` are equal.
fn caseless(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// What stands in front of each further line, so that it cannot pose as the line of another speaker.
const FURTHER_LINE: &str = "\n    ";

/// Most marks on one base character in a text. Every living script does with fewer; a tower of hundreds would cover
/// the lines above and below.
const TEXT_MARKS: usize = 8;

/// What was let through so far of what somebody says.
#[derive(Default)]
struct Spoken {
    shown: String,
    /// The last character of this line that was let through.
    last: Option<char>,
    /// How many more marks the last base character may have; none at a line's beginning, where there is no base.
    marks_left: usize,
    /// Line ends that were not written yet, as nothing that can be seen has followed.
    line_ends: usize,
    /// A joiner that was not written yet: whether it stays is decided by what follows.
    joiner: Option<char>,
}

impl Spoken {
    fn push(&mut self, c: char) {
        match Sort::of(c) {
            Sort::LineEnd => self.end_line(),
            Sort::Control if c == '\t' => self.push_base(' '),
            Sort::Control => visible_control(c).chars().for_each(|c| self.push_base(c)),
            Sort::Invisible => (),
            Sort::Joiner => self.joiner = Some(c),
            Sort::Selector => self.push_selector(c),
            Sort::Mark => self.push_mark(c),
            Sort::Unknown => self.push_base(char::REPLACEMENT_CHARACTER),
            Sort::Plain => self.push_base(c),
        }
    }

    fn end_line(&mut self) {
        self.line_ends += 1;
        self.last = None;
        self.marks_left = 0;
    }

    fn push_base(&mut self, c: char) {
        for _ in 0..std::mem::take(&mut self.line_ends) {
            self.shown.push_str(FURTHER_LINE);
        }
        self.marks_left = TEXT_MARKS;
        self.write(c);
    }

    fn push_mark(&mut self, c: char) {
        if self.marks_left > 0 {
            self.marks_left -= 1;
            self.write(c);
        }
    }

    /// A selector counts as a mark, and stays only directly behind a base of which there can be two looks.
    fn push_selector(&mut self, c: char) {
        let two_looks = |base: char| !base.is_ascii() || matches!(base, '0'..='9' | '#' | '*');
        if self.marks_left == TEXT_MARKS && self.joiner.is_none() && self.last.is_some_and(two_looks) {
            self.push_mark(c);
        }
    }

    /// A joiner before `c` goes along if it stands between two characters that are not ASCII: there it shapes emoji,
    /// Arabic and Indic letters. Elsewhere it would only be a difference that cannot be seen.
    fn write(&mut self, c: char) {
        let joins = |last: char| !last.is_ascii() && !c.is_ascii();
        if let Some(joiner) = self.joiner.take()
            && self.last.is_some_and(joins)
        {
            self.shown.push(joiner);
        }
        self.shown.push(c);
        self.last = Some(c);
    }
}

/// A control character in ASCII: C0 and DEL with a caret, C1 by its number.
fn visible_control(c: char) -> String {
    match u8::try_from(c) {
        // The key that, with Ctrl, types it is 64 away.
        Ok(code) if code.is_ascii() => format!("^{}", char::from(code ^ 64)),
        _ => format!("<{:02x}>", u32::from(c)),
    }
}

/// Most graphemes of a name. A full name fits; with more, little of a screen would be left for what is said.
const NAME_GRAPHEMES: usize = 24;
/// Most bytes of a name, as for a nick on the wire: NFC can make it longer.
const NAME_BYTES: usize = 64;
/// Most marks on one base character of a name, after NFC: Vietnamese, Thai and Hindi do with them.
const NAME_MARKS: usize = 2;
/// Stands at the end of a name that was cut.
const CUT: &str = "…";

/// `None` where nothing can be seen.
fn shown_name(name: &str) -> Option<String> {
    let is_gap = |c: char| c.is_whitespace() && !c.is_control();
    let words: Vec<String> = name.split(is_gap).map(shown_word).filter(|word| !word.is_empty()).collect();
    let name = cut(words.join(" "));
    (!name.is_empty()).then_some(name)
}

fn shown_word(word: &str) -> String {
    // At the beginning there is no base: a mark would go on the space or whatever else stands before.
    let mut marks = NAME_MARKS;
    let few_marks = |c: &char| {
        marks = if Sort::of(*c) == Sort::Mark { marks + 1 } else { 0 };
        marks <= NAME_MARKS
    };
    // NFC comes between: what is invisible would keep a letter from its accent, and the accents that became part
    // of a letter do not count.
    word.chars().filter_map(in_name).nfc().filter(few_marks).collect()
}

fn in_name(c: char) -> Option<char> {
    match Sort::of(c) {
        Sort::LineEnd | Sort::Control => Some('?'),
        Sort::Invisible | Sort::Joiner | Sort::Selector => None,
        Sort::Unknown => Some(char::REPLACEMENT_CHARACTER),
        Sort::Mark | Sort::Plain => Some(c),
    }
}

/// Empty where not even the first grapheme fits: the bare `…` would look the same for all of them.
fn cut(name: String) -> String {
    if name.len() <= NAME_BYTES && name.graphemes(true).count() <= NAME_GRAPHEMES {
        return name;
    }
    let ends = name.grapheme_indices(true).map(|(start, grapheme)| start + grapheme.len());
    let end = ends.take(NAME_GRAPHEMES - 1).take_while(|end| end + CUT.len() <= NAME_BYTES).last();
    end.map_or_else(String::new, |end| name[..end].trim_end().to_owned() + CUT)
}

/// What the gate tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    LineEnd,
    Control,
    /// Draws nothing, or turns the direction of what follows.
    Invisible,
    Joiner,
    /// Chooses between the look of an emoji and that of a letter.
    Selector,
    /// Private use or not assigned: nobody knows what a terminal makes of it.
    Unknown,
    /// Stands on the character before it: a combining mark, or whatever else takes no column (Hangul's conjoining
    /// vowels).
    Mark,
    Plain,
}

impl Sort {
    fn of(c: char) -> Self {
        match c {
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => Self::LineEnd,
            '\u{200c}' | '\u{200d}' => Self::Joiner,
            '\u{fe0e}' | '\u{fe0f}' => Self::Selector,
            _ if c.is_control() => Self::Control,
            _ if is_invisible(c) => Self::Invisible,
            _ if !is_public_assigned(c) => Self::Unknown,
            _ if is_combining_mark(c) || c.width() == Some(0) => Self::Mark,
            _ => Self::Plain,
        }
    }
}

/// Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), and what is blank without being white space.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' // soft hyphen, combining grapheme joiner
        | '\u{115f}'..='\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{16fe4}' // Hangul and Khitan fillers
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' // Khmer vowels, Mongolian selectors
        | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' // direction, no width
        | '\u{2800}' | '\u{13430}'..='\u{13442}' | '\u{1d159}' // blank braille, hieroglyphs, note head
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffc}' // selectors, byte order mark, annotation
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' // layout of shorthand and music
        | '\u{e0000}'..='\u{e0fff}') // tags, further selectors
}

#[cfg(test)]
mod tests;

//! What kind of character is what.

use unicode_normalization::char::{is_combining_mark, is_public_assigned};
use unicode_width::UnicodeWidthChar;

/// What the gate tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
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
    pub(super) fn of(c: char) -> Self {
        match c {
            // Most of what is said, at no cost.
            ' '..='~' => Self::Plain,
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

/// Whether a mark has anything to do on this base. Where it has not, a terminal may draw nothing for it, as for what
/// joins Khmer letters when there are none, and two names would look alike.
pub(super) fn carries(base: char, mark: char) -> bool {
    // Accents and the like, which go on any letter.
    let goes_anywhere = matches!(mark, '\0'..='\u{58f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{2cef}'..='\u{2cf1}' | '\u{2de0}'..='\u{2dff}' | '\u{302a}'..='\u{302f}'
        | '\u{3099}'..='\u{309a}' | '\u{a66f}'..='\u{a69f}' | '\u{fe20}'..='\u{fe2f}');
    // Hebrew, Arabic, the scripts of India and beyond, Hangul: neither Latin, Greek and Cyrillic, nor Chinese and
    // Japanese, nor emoji.
    let has_marks = matches!(base, '\u{590}'..='\u{1cff}' | '\u{2d30}'..='\u{2d7f}' | '\u{a6a0}'..='\u{a6ff}'
        | '\u{a800}'..='\u{d7ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10000}'..='\u{1efff}');
    goes_anywhere || has_marks
}

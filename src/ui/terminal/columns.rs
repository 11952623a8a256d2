//! How many columns text takes on a terminal. Terminals differ: one draws a family of emoji as one picture of 2
//! columns, another as the four people that it is made of.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// As many columns as any terminal may take for the text.
pub(super) fn most(text: &str) -> usize {
    text.graphemes(true).map(|grapheme| part_by_part(grapheme).max(grapheme.width())).sum()
}

/// As few columns as any terminal may take for the text.
pub(super) fn least(text: &str) -> usize {
    text.graphemes(true).map(|grapheme| part_by_part(grapheme).min(grapheme.width())).sum()
}

/// What a terminal takes that knows nothing of joiners and selectors. Some of those draw each half of a flag as wide as
/// an emoji.
fn part_by_part(grapheme: &str) -> usize {
    grapheme.chars().map(|c| if is_half_of_a_flag(c) { 2 } else { c.width().unwrap_or(0) }).sum()
}

fn is_half_of_a_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terminals_agree_on_has_one_width() {
        for (text, columns) in [("", 0), ("abc", 3), ("田中", 4), ("e\u{301}", 1), ("שלום", 4), ("\u{1f511}", 2)]
        {
            assert_eq!((least(text), most(text)), (columns, columns), "{text:?}");
        }
    }

    #[test]
    fn what_they_do_not_agree_on_has_two() {
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        assert_eq!((least(family), most(family)), (2, 6));
        assert_eq!((least("\u{2764}\u{fe0f}"), most("\u{2764}\u{fe0f}")), (1, 2), "a heart with a selector");
        assert_eq!((least("\u{1f1e9}\u{1f1ea}"), most("\u{1f1e9}\u{1f1ea}")), (2, 4), "a flag");
    }
}

//! How names are shown: those of machines, rooms and interfaces, and what goes for those of peers too.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::sort::{Sort, carries};

/// Most graphemes of a name. A full name fits; with more, little of a screen would be left for what is said.
const NAME_GRAPHEMES: usize = 24;
/// Most columns of a name: as many graphemes of Chinese fit, and nothing that is wider.
const NAME_COLUMNS: usize = 2 * NAME_GRAPHEMES;
/// Most bytes of a name, as for a nick on the wire: NFC can make it longer.
const NAME_BYTES: usize = 64;
/// Most marks on one base character of a name, after NFC: Vietnamese, Thai and Hindi do with them.
const NAME_MARKS: usize = 2;
/// Stands at the end of a name that was cut.
pub(super) const CUT: &str = "…";

/// `None` where nothing can be seen.
pub(super) fn shown_name(name: &str) -> Option<String> {
    let name = cut(words(name, in_name).join(" "));
    (!name.is_empty()).then_some(name)
}

/// What lies between the white space of a name, as far as it can be seen, in NFC. Each character is shown as `shown`
/// says, which goes before all else.
pub(super) fn words(name: &str, shown: impl Fn(char) -> Option<char>) -> Vec<String> {
    let is_gap = |c: char| c.is_whitespace() && !c.is_control();
    name.split(is_gap).map(|word| shown_word(word, &shown)).filter(|word| !word.is_empty()).collect()
}

fn shown_word(word: &str, shown: impl Fn(char) -> Option<char>) -> String {
    let is_mark = |c: &char| Sort::of(*c) == Sort::Mark;
    // At the beginning there is no base: a mark would go on the space or whatever else stands before.
    let mut base = None;
    let is_carried = |c: &char| {
        base = if is_mark(c) { base } else { Some(*c) };
        base.is_some_and(|base| !is_mark(c) || carries(base, *c))
    };
    let mut marks = 0;
    let few_marks = |c: &char| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        marks <= NAME_MARKS
    };
    // NFC comes between: what goes would keep a letter from its accent, and the accents that became part of a letter
    // do not count.
    word.chars().filter_map(shown).filter(is_carried).nfc().filter(few_marks).collect()
}

/// A character as it is shown in a name; `None` where it is not.
pub(super) fn in_name(c: char) -> Option<char> {
    match Sort::of(c) {
        Sort::LineEnd | Sort::Control => Some('?'),
        Sort::Invisible | Sort::Joiner | Sort::Selector => None,
        Sort::Unknown => Some(char::REPLACEMENT_CHARACTER),
        Sort::Mark | Sort::Plain => Some(c),
    }
}

/// As much of a name as may be shown. Empty where not even the first grapheme fits: the bare `…` would look the same
/// for all of them.
pub(super) fn cut(name: String) -> String {
    let is_short = name.len() <= NAME_BYTES && name.width() <= NAME_COLUMNS;
    if is_short && name.graphemes(true).count() <= NAME_GRAPHEMES {
        return name;
    }
    let ends = name.grapheme_indices(true).map(|(start, grapheme)| start + grapheme.len());
    let fits = |end: &usize| end + CUT.len() <= NAME_BYTES && name[..*end].width() + CUT.width() <= NAME_COLUMNS;
    let end = ends.take(NAME_GRAPHEMES - 1).take_while(fits).last();
    end.map_or_else(String::new, |end| name[..end].trim_end().to_owned() + CUT)
}

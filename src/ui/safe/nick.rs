//! How nicks are shown. Around them the program writes words and marks of its own, and nobody can be kept from
//! choosing a nick that is made of the same.

use std::iter;

use unicode_normalization::UnicodeNormalization;
use unicode_width::UnicodeWidthChar;

use super::name::{cut, in_name, words};
use super::sort::Sort;

/// Stands for what a nick may not have: white space, a number sign, a mark in front.
pub(super) const INSTEAD: char = '_';

/// `None` where nothing can be seen.
pub(super) fn shown_nick(nick: &str) -> Option<String> {
    let words = words(nick, |c| in_name(c).map(in_nick));
    // Twice: in front decides how long it is, and where it has nothing but marks, `…` is one more.
    let nick = begun(&cut(begun(&words.join(&INSTEAD.to_string()))));
    (!nick.is_empty()).then_some(nick)
}

/// Behind the number sign, the program tells apart those of one nick.
fn in_nick(c: char) -> char {
    match narrow(c) {
        '#' | '\u{266f}' | '\u{2317}' | '\u{22d5}' => INSTEAD, // sharp, square, parallel: they look like it
        c => c,
    }
}

/// ASCII's punctuation in its usual width: of a wide comma, half is blank, and would pose as white space.
fn narrow(c: char) -> char {
    let mut form = iter::once(c).nfkc();
    match (form.next(), form.next()) {
        (Some(form), None) if form.is_ascii_punctuation() => form,
        _ => c,
    }
}

/// With nothing in front that is like the marks of the program.
fn begun(nick: &str) -> String {
    let (marks, rest) = nick.split_at(nick.find(can_begin).unwrap_or(nick.len()));
    let marks = marks.chars().filter(|c| Sort::of(*c) != Sort::Mark);
    marks.map(|_| INSTEAD).chain(rest.chars()).collect()
}

/// Whether a nick may begin with it: letters, digits and emoji may. Nothing else is easily told from the marks of the
/// program, which are punctuation, arrows and lines; so from among the older symbols, where many look like those, there
/// is none.
fn can_begin(c: char) -> bool {
    let is_flag = matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    let is_emoji = c >= '\u{1f000}' && c.width() == Some(2);
    Sort::of(c) == Sort::Plain && (c.is_alphanumeric() || is_flag || is_emoji)
}

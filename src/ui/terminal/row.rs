//! The one row in which is typed. Where the text is longer than the row, a part of it is shown, which moves along
//! sideways with the cursor.
//!
//! Right-to-left letters are shown in the order in which they are typed; a terminal may turn them around by itself.

use unicode_segmentation::UnicodeSegmentation;

use super::buffer::Buffer;
use super::columns;
use crate::ui::safe::Safe;

/// Where the text is cut off on the left and on the right.
const CUT_LEFT: &str = "‹";
const CUT_RIGHT: &str = "›";
/// A line end, so that pasted lines have room in the one row.
const LINE_END: &str = "⏎";
/// What cannot be seen, or is too wide to be shown.
const UNSEEN: &str = "\u{fffd}";

/// The part of the text that is shown.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The byte at which it begins.
    start: usize,
}

/// The row as it is shown: the prompt and a part of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) before_cursor: String,
    pub(super) after_cursor: String,
}

impl Window {
    /// The row, in fewer than so many columns: in the last one nothing stands but, at times, the cursor.
    pub(super) fn show(&mut self, prompt: &str, buffer: &Buffer, columns: usize) -> Row {
        let prompt = shortened(prompt, columns / 2);
        let room = columns.saturating_sub(1 + columns::most(&prompt)).max(1);
        let (text, cursor) = (buffer.text(), buffer.cursor());
        self.follow(text, cursor, room);

        let mark = |is_cut: bool, mark| if is_cut { mark } else { "" };
        let left = mark(self.start > 0, CUT_LEFT);
        let before: String = text[self.start..cursor].graphemes(true).map(|cell| shown(cell, room)).collect();
        let used = columns::most(left) + columns::most(&before);
        let (after, is_cut) = beginning(&text[cursor..], room.saturating_sub(used), room);
        Row { before_cursor: prompt + left + &before, after_cursor: after + mark(is_cut, CUT_RIGHT) }
    }

    /// Moves so that the cursor is within, with some of what stands around it.
    fn follow(&mut self, text: &str, cursor: usize, room: usize) {
        if !text.is_char_boundary(self.start) || self.start > cursor || !self.holds(text, cursor, room) {
            self.start = begin_at(text, cursor, room, 2 * room / 3);
        }
        // Where the end of the text is in sight, no more room is left behind it than need be.
        let fits = |start: usize| columns_up_to(&text[start..], room, room).is_some_and(|used| used < room);
        if self.start > 0 && fits(self.start) {
            let rest = columns_up_to(&text[cursor..], room, room).unwrap_or(0);
            let earlier = begin_at(text, cursor, room, room.saturating_sub(rest + 2));
            self.start = self.start.min(earlier);
        }
    }

    /// Whether the cursor is within, and not at an edge beyond which there is more.
    fn holds(&self, text: &str, cursor: usize, room: usize) -> bool {
        let (left, margin) = (usize::from(self.start > 0), room / 8);
        let Some(used) = columns_up_to(&text[self.start..cursor], room, room) else { return false };
        let at = left + used;
        let right = if cursor < text.len() {
            columns_up_to(&text[cursor..], room, margin + 1).unwrap_or(margin + 1)
        } else {
            0
        };
        (self.start == 0 || used >= margin) && at + right <= room
    }
}

/// Where to begin so that about so many columns stand in front of the cursor.
fn begin_at(text: &str, cursor: usize, room: usize, columns: usize) -> usize {
    let (mut start, mut used) = (cursor, 0);
    for (at, grapheme) in text[..cursor].grapheme_indices(true).rev() {
        used += columns::most(&shown(grapheme, room));
        if used > columns {
            break;
        }
        start = at;
    }
    start
}

/// The columns that the text takes, if they are not more than `most`.
fn columns_up_to(text: &str, room: usize, most: usize) -> Option<usize> {
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += columns::most(&shown(grapheme, room));
        if used > most {
            return None;
        }
    }
    Some(used)
}

/// As much of the text as fits into so many columns, with room for the mark where it is cut; whether it is.
fn beginning(text: &str, columns: usize, room: usize) -> (String, bool) {
    let (mut fits, mut fits_with_mark, mut used) = (String::new(), 0, 0);
    for grapheme in text.graphemes(true) {
        let cell = shown(grapheme, room);
        used += columns::most(&cell);
        if used > columns {
            fits.truncate(fits_with_mark);
            return (fits, columns > 0);
        }
        fits.push_str(&cell);
        if used < columns {
            fits_with_mark = fits.len();
        }
    }
    (fits, false)
}

/// How a grapheme of the text is shown, whatever it is.
fn shown(grapheme: &str, room: usize) -> String {
    match grapheme {
        "\n" => LINE_END.to_owned(),
        _ => {
            let shown = Safe::text(grapheme);
            let is_to_be_seen = !shown.as_str().is_empty() && columns::most(shown.as_str()) <= room / 2;
            if is_to_be_seen { shown.to_string() } else { UNSEEN.to_owned() }
        }
    }
}

/// The prompt, or as much of it as fits into so many columns.
fn shortened(prompt: &str, columns: usize) -> String {
    const CUT: &str = "… ";
    if columns::most(prompt) <= columns {
        return prompt.to_owned();
    }
    let (mut shortened, mut used) = (String::new(), columns::most(CUT));
    for grapheme in prompt.graphemes(true) {
        used += columns::most(grapheme);
        if used > columns {
            break;
        }
        shortened.push_str(grapheme);
    }
    if shortened.is_empty() { shortened } else { shortened + CUT }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::buffer::To;
    use super::*;

    /// The row with a bar for the cursor.
    fn row(window: &mut Window, text: &str, cursor: usize, columns: usize) -> String {
        let mut buffer = Buffer::new(text.to_owned());
        buffer.set_cursor(cursor);
        let row = window.show("[ada] ", &buffer, columns);
        row.before_cursor + "|" + &row.after_cursor
    }

    #[test]
    fn what_fits_is_shown_whole() {
        let mut window = Window::default();
        assert_eq!(row(&mut window, "", 0, 20), "[ada] |");
        assert_eq!(row(&mut window, "0123456789abc", 13, 20), "[ada] 0123456789abc|");
        assert_eq!(row(&mut window, "one\ntwo\u{1b}\t\u{9b}\u{202e}", 3, 40), "[ada] one|⏎two^[ <9b>\u{fffd}");
    }

    #[test]
    fn a_longer_text_moves_along_with_the_cursor() {
        let (mut window, text) = (Window::default(), "0123456789abcdefghijklmnopqrstuvwxyz");
        assert_eq!(row(&mut window, text, 0, 20), "[ada] |0123456789ab›");
        assert_eq!(row(&mut window, text, 36, 20), "[ada] ‹pqrstuvwxyz|");
        assert_eq!(row(&mut window, text, 30, 20), "[ada] ‹pqrst|uvwxyz");
        assert_eq!(row(&mut window, text, 20, 20), "[ada] ‹cdefghij|klm›");
        assert_eq!(row(&mut window, text, 19, 20), "[ada] ‹cdefghi|jklm›", "it does not move without need");
        assert_eq!(row(&mut window, text, 2, 20), "[ada] 01|23456789ab›");
        assert_eq!(row(&mut window, "short", 5, 20), "[ada] short|");
    }

    #[test]
    fn a_prompt_never_takes_the_whole_row() {
        let mut window = Window::default();
        assert_eq!(row(&mut window, "0123456789", 10, 10), "[ad… ‹89|");
        assert_eq!(row(&mut window, "0123456789", 10, 4), "‹89|");
    }

    proptest! {
        #[test]
        fn the_window_shows_a_part_that_holds_the_cursor(
            text in "([a-z ]{0,9}|田|e\u{301}|\u{1f468}\u{200d}\u{1f469}|\u{1f1e9}\u{1f1ea}|ש|\n|\u{1b}){0,30}",
            steps in proptest::collection::vec((0..7_usize, 12_usize..90), 1..30),
        ) {
            let motions = [To::Left, To::Right, To::WordLeft, To::WordRight, To::BlankLeft, To::Start, To::End];
            let (mut window, mut buffer) = (Window::default(), Buffer::new(text.clone()));
            for (motion, columns) in steps {
                buffer.go(motions[motion]);
                let row = window.show("[ada] ", &buffer, columns);
                let room = columns - 1 - columns::most(&shortened("[ada] ", columns / 2));
                let cells = |text: &str| text.graphemes(true).map(|cell| shown(cell, room)).collect::<String>();
                let prompt = shortened("[ada] ", columns / 2);
                let before = row.before_cursor.strip_prefix(&prompt).unwrap();
                let all_before = cells(buffer.before_cursor());
                match before.strip_prefix(CUT_LEFT) {
                    Some(part) => prop_assert!(part.len() < all_before.len() && all_before.ends_with(part)),
                    None => prop_assert_eq!(before, &all_before),
                }
                let all_after = cells(&text[buffer.cursor()..]);
                match row.after_cursor.strip_suffix(CUT_RIGHT) {
                    Some(part) => prop_assert!(part.len() < all_after.len() && all_after.starts_with(part)),
                    None => prop_assert!(row.after_cursor == all_after || row.after_cursor.is_empty()),
                }
                let used = columns::most(&row.before_cursor) + columns::most(&row.after_cursor);
                prop_assert!(used < columns, "{:?} takes {} of {}", row, used, columns);
            }
        }
    }
}

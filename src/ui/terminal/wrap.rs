//! How a line that is wider than the terminal is broken into rows.
//!
//! The terminal itself would go on at column 0, where a stranger's words could pose as the line of another. Here each
//! further row is indented, so nothing stands at column 0 but the beginning of a line.
//!
//! Right-to-left letters stay in the order in which they are written. A terminal that turns them around does so row by
//! row, behind the indentation.

use unicode_segmentation::UnicodeSegmentation;

use super::columns;

/// Columns that a further row is indented by; less where there are few.
const INDENTATION: usize = 4;
/// On terminals with fewer columns than this, the indentation is less.
const NARROW: usize = 20;
/// More styles than this are not opened anew on a further row; the program's own lines have one or two.
const STYLES_MAX: usize = 8;

/// The rows of a line, none of them wider than so many columns, whatever the terminal draws. Styles (SGR) take no
/// column, end with their row and begin anew on the next; all else that could steer the terminal is dropped.
pub(super) fn wrap(line: &str, columns: usize) -> Vec<String> {
    let mut rows = Rows { columns, rows: Vec::new(), row: String::new(), used: 0, styles: Vec::new(), gap: None };
    for (number, part) in line.split('\n').enumerate() {
        if number > 0 {
            rows.end_row();
            // What is said is indented by itself.
            if !part.starts_with(' ') {
                rows.indent();
            }
        }
        pieces(part).for_each(|piece| rows.push(piece));
    }
    rows.end_row();
    rows.rows
}

/// What a line is made of.
enum Piece<'a> {
    /// An escape sequence that sets a style.
    Style(&'a str),
    Grapheme(&'a str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let style = style_len(rest);
        let len = style.or_else(|| rest.graphemes(true).next().map(str::len))?;
        let (piece, after) = rest.split_at(len);
        rest = after;
        Some(if style.is_some() { Piece::Style(piece) } else { Piece::Grapheme(piece) })
    })
}

/// The length of the style at the text's beginning, if there is one.
fn style_len(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    let len = parameters.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
    parameters[len..].starts_with('m').then_some("\x1b[".len() + len + "m".len())
}

/// The rows so far, and the one that is being filled.
struct Rows {
    columns: usize,
    rows: Vec<String>,
    row: String,
    /// Columns of the row that are taken.
    used: usize,
    /// The styles in force.
    styles: Vec<String>,
    /// The last blanks of the row, where it may be broken.
    gap: Option<Gap>,
}

/// Blanks in a row.
struct Gap {
    /// Where they begin and end, in bytes of the row.
    start: usize,
    end: usize,
    /// Columns in front of them, and with them.
    before: usize,
    with: usize,
    /// The styles that are in force behind them.
    styles: Vec<String>,
}

impl Rows {
    fn push(&mut self, piece: Piece<'_>) {
        let grapheme = match piece {
            Piece::Style(style) => return self.set_style(style),
            Piece::Grapheme(grapheme) if grapheme.chars().any(char::is_control) => return,
            Piece::Grapheme(grapheme) => grapheme,
        };
        let width = columns::most(grapheme);
        let is_blank = matches!(grapheme, " " | "\u{3000}");
        if self.used + width > self.columns && is_blank {
            // It would not be seen at the end of the row, and not be missed on the next.
            return self.note_gap(self.row.len(), self.used);
        }
        while self.used + width > self.columns && self.used > self.indentation() {
            self.break_row();
        }
        let (start, before) = (self.row.len(), self.used);
        self.row.push_str(grapheme);
        self.used += width;
        if is_blank {
            self.note_gap(start, before);
        }
    }

    fn note_gap(&mut self, start: usize, before: usize) {
        let (start, before) = match &self.gap {
            Some(gap) if gap.end == start => (gap.start, gap.before),
            _ => (start, before),
        };
        self.gap = Some(Gap { start, end: self.row.len(), before, with: self.used, styles: self.styles.clone() });
    }

    fn set_style(&mut self, style: &str) {
        self.row.push_str(style);
        if matches!(style, "\x1b[m" | "\x1b[0m") {
            self.styles.clear();
        } else if self.styles.len() < STYLES_MAX {
            self.styles.push(style.to_owned());
        }
    }

    /// Goes on with the next row: at the last blanks, unless the row would be less than half full then, or the word
    /// behind them is too long for a row anyway.
    fn break_row(&mut self) {
        let further = self.columns.saturating_sub(self.indentation());
        let is_sensible = |gap: &Gap| 2 * gap.before >= self.columns && self.used - gap.with < further;
        match self.gap.take().filter(is_sensible) {
            Some(gap) => {
                let word = self.row.split_off(gap.end);
                let (used, styles) = (self.used - gap.with, std::mem::replace(&mut self.styles, gap.styles));
                self.row.truncate(gap.start);
                self.end_row();
                self.indent();
                self.row.push_str(&word);
                (self.used, self.styles) = (self.used + used, styles);
            }
            None => {
                self.end_row();
                self.indent();
            }
        }
    }

    fn end_row(&mut self) {
        if !self.styles.is_empty() {
            self.row.push_str("\x1b[0m");
        }
        self.rows.push(std::mem::take(&mut self.row));
        (self.used, self.gap) = (0, None);
        self.row.extend(self.styles.iter().map(String::as_str));
    }

    fn indent(&mut self) {
        self.used = self.indentation();
        self.row.push_str(&" ".repeat(self.used));
    }

    const fn indentation(&self) -> usize {
        match self.columns {
            NARROW.. => INDENTATION,
            10..NARROW => 2,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_is_left_alone() {
        assert_eq!(wrap("", 20), [""]);
        assert_eq!(wrap("exactly twenty cols.", 20), ["exactly twenty cols."]);
        assert_eq!(wrap("one\n    two", 20), ["one", "    two"]);
    }

    #[test]
    fn it_breaks_at_blanks_where_the_row_is_half_full_by_then() {
        assert_eq!(wrap("the key is under the pot", 20), ["the key is under the", "    pot"]);
        assert_eq!(wrap("the key is under the  pot", 20), ["the key is under the", "    pot"]);
        assert_eq!(wrap("the key is under thee pot", 20), ["the key is under", "    thee pot"]);
        assert_eq!(wrap("a http://example.org/very/long", 20), ["a http://example.org", "    /very/long"]);
        assert_eq!(wrap("鍵は植木鉢の下にあります", 20), ["鍵は植木鉢の下にあり", "    ます"]);
        assert_eq!(wrap("the key is under the pot", 12), ["the key is", "  under the", "  pot"]);
        assert_eq!(wrap("abcdefgh", 5), ["abcde", " fgh"]);
    }

    #[test]
    fn further_lines_stand_behind_the_edge_too() {
        assert_eq!(wrap("one\ntwo", 20), ["one", "    two"]);
        assert_eq!(wrap("one\n\n    two", 20), ["one", "    ", "    two"]);
        assert_eq!(wrap("x\n    14:02 eve      trust me", 20), ["x", "    14:02 eve", "    trust me"]);
    }

    #[test]
    fn styles_end_with_their_row_and_begin_anew() {
        let line = "\u{1b}[1;33m! the key is under the pot\u{1b}[0m of tea";
        let rows = ["\u{1b}[1;33m! the key is under\u{1b}[0m", "\u{1b}[1;33m    the pot\u{1b}[0m of tea"];
        assert_eq!(wrap(line, 20), rows);
    }

    #[test]
    fn nothing_else_steers_the_terminal() {
        assert_eq!(wrap("a\u{1b}[2Jb\rc\u{9b}31md\u{1b}", 20), ["a[2Jbc31md"]);
    }

    /// The text alone, without styles.
    fn text(row: &str) -> String {
        pieces(row).filter_map(|piece| if let Piece::Grapheme(text) = piece { Some(text) } else { None }).collect()
    }

    proptest! {
        #[test]
        fn every_row_fits_and_nothing_is_lost(
            line in "([a-z]{1,9}| {1,3}|田|e\u{301}|\u{1f468}\u{200d}\u{1f469}|\u{1f1e9}\u{1f1ea}|ש|\u{1b}\\[3[1-6]m|\u{1b}\\[0m|\n){0,60}",
            columns in 12_usize..90,
        ) {
            let rows = wrap(&line, columns);
            let visible = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(visible(&rows.iter().map(|row| text(row)).collect::<String>()), visible(&text(&line)));
            for (number, row) in rows.iter().enumerate() {
                prop_assert!(columns::most(&text(row)) <= columns, "{:?} is too wide", row);
                prop_assert!(number == 0 || text(row).starts_with(' '), "{:?} stands at the edge", row);
            }
        }
    }
}

//! Where the row is after the terminal has become narrower.
//!
//! Some terminals cut off what no longer fits; others break a row into several, and the cursor goes along. Which one
//! this is, nobody tells; but the column in which the cursor is now does. So it is asked for, whenever the cursor stood
//! further to the right than the terminal reaches now. To go up by a row too many would be to overwrite what somebody
//! has said: in doubt, a piece of the old row stays where it is instead.

use unicode_segmentation::UnicodeSegmentation;

use super::columns;
use super::display::Shown;

/// Asks for the place of the cursor (DSR 6).
const QUESTION: &str = "\x1b[6n";

/// What is known of where the row is.
#[derive(Debug, Default)]
pub(super) struct Resizing {
    state: State,
    /// Questions that have not been answered yet.
    open: usize,
    /// The last question was not answered in time.
    never_answers: bool,
    /// The terminal was seen to break rows.
    breaks_rows: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Settled,
    /// It was asked where the cursor is, when the terminal had so many columns.
    Asked { columns: usize },
    /// The row begins so many rows above the cursor.
    Answered { columns: usize, rows_above: usize },
}

/// What is to be done before the row can be drawn anew.
pub(super) enum Question {
    /// This is to be written.
    New(&'static str),
    /// The answer has not come yet.
    Open,
    /// Nothing: the row begins so many rows above the cursor.
    Answered { rows_above: usize },
}

impl Resizing {
    /// Where the row is that was shown, on a terminal that has so many columns now.
    pub(super) fn ask(&mut self, shown: &Shown, columns: usize) -> Question {
        match self.state {
            State::Answered { columns: then, rows_above } if then == columns => {
                self.state = State::Settled;
                Question::Answered { rows_above }
            }
            State::Asked { columns: then } if then == columns => Question::Open,
            _ if columns >= shown.columns || self.never_answers || !may_be_broken(shown, columns) => {
                self.state = State::Settled;
                Question::Answered { rows_above: 0 }
            }
            _ => {
                self.state = State::Asked { columns };
                self.open += 1;
                Question::New(QUESTION)
            }
        }
    }

    pub(super) const fn waits(&self) -> bool {
        matches!(self.state, State::Asked { .. })
    }

    pub(super) const fn give_up(&mut self) {
        (self.never_answers, self.state) = (true, State::Settled);
    }

    /// The cursor is in this column, from 0.
    pub(super) fn note_answer(&mut self, column: usize, shown: &Shown) {
        let Some(open) = self.open.checked_sub(1) else { return };
        (self.open, self.never_answers) = (open, false);
        // Only the last answer is of the terminal as it is now.
        if let State::Asked { columns } = self.state
            && open == 0
        {
            self.state = State::Answered { columns, rows_above: self.rows_above(column, shown, columns) };
        }
    }

    fn rows_above(&mut self, column: usize, shown: &Shown, columns: usize) -> usize {
        let [most, least] =
            [columns::most, columns::least].map(|width| broken(&shown.row.before_cursor, columns, width));
        if column + 1 != columns {
            // Where it is cut off, the cursor would stand in the last column.
            self.breaks_rows = true;
        }
        match self.breaks_rows {
            false => 0,
            true if most.1 == column => most.0,
            true => least.0,
        }
    }
}

/// Whether the cursor may have gone to another row.
fn may_be_broken(shown: &Shown, columns: usize) -> bool {
    columns::most(&shown.row.before_cursor) >= columns
}

/// Where the end of the text is on a terminal that breaks it into rows: the row and the column, from 0.
fn broken(text: &str, columns: usize, width: impl Fn(&str) -> usize) -> (usize, usize) {
    let (mut row, mut column) = (0, 0);
    for width in text.graphemes(true).map(width) {
        if column + width > columns {
            (row, column) = (row + 1, 0);
        }
        column += width;
    }
    // Behind a full row, the cursor stands at the beginning of the next.
    if column >= columns { (row + 1, 0) } else { (row, column) }
}

#[cfg(test)]
mod tests {
    use super::super::row::Row;
    use super::*;

    fn shown(before_cursor: &str) -> Shown {
        let row = Row { before_cursor: before_cursor.to_owned(), after_cursor: " and more".to_owned() };
        Shown { row, columns: 80 }
    }

    /// How many rows the row begins above the cursor, which is in this column.
    fn rows_above(resizing: &mut Resizing, shown: &Shown, columns: usize, column: usize) -> usize {
        assert!(matches!(resizing.ask(shown, columns), Question::New(_)));
        assert!(resizing.waits() && matches!(resizing.ask(shown, columns), Question::Open));
        resizing.note_answer(column, shown);
        match resizing.ask(shown, columns) {
            Question::Answered { rows_above } => rows_above,
            _ => panic!("it is answered"),
        }
    }

    #[test]
    fn the_column_tells_whether_the_row_was_broken_or_cut() {
        let (mut resizing, text) = (Resizing::default(), shown(&"x".repeat(59)));
        assert_eq!(rows_above(&mut resizing, &text, 20, 19), 0, "cut, or broken: in doubt, nothing is overwritten");
        assert_eq!(rows_above(&mut resizing, &text, 50, 49), 0, "cut");
        assert_eq!(rows_above(&mut resizing, &text, 50, 9), 1);
        assert_eq!(rows_above(&mut resizing, &text, 20, 19), 2, "it is known by now");
        assert_eq!(rows_above(&mut resizing, &text, 59, 0), 1, "behind a full row");
        let wide = shown("x田田田田");
        assert_eq!(rows_above(&mut resizing, &wide, 4, 2), 2, "the last column of each row is empty");
        let flags = shown(&"\u{1f1e9}\u{1f1ea}".repeat(20));
        assert_eq!(rows_above(&mut resizing, &flags, 30, 10), 1, "no more than are certain");
    }

    #[test]
    fn nothing_is_asked_where_the_cursor_did_not_move() {
        let (mut resizing, text) = (Resizing::default(), shown(&"x".repeat(59)));
        for columns in [60, 80, 100] {
            assert!(matches!(resizing.ask(&text, columns), Question::Answered { rows_above: 0 }));
        }
    }

    #[test]
    fn only_the_last_answer_counts() {
        let (mut resizing, text) = (Resizing::default(), shown(&"x".repeat(59)));
        assert!(matches!(resizing.ask(&text, 50), Question::New(_)));
        assert!(matches!(resizing.ask(&text, 40), Question::New(_)));
        resizing.note_answer(9, &text);
        assert!(resizing.waits());
        resizing.note_answer(19, &text);
        assert!(matches!(resizing.ask(&text, 40), Question::Answered { rows_above: 1 }));
        resizing.note_answer(3, &text);
        assert!(matches!(resizing.ask(&text, 80), Question::Answered { rows_above: 0 }), "nobody has asked");
    }

    #[test]
    fn a_terminal_that_does_not_answer_is_not_asked_again() {
        let (mut resizing, text) = (Resizing::default(), shown(&"x".repeat(59)));
        assert!(matches!(resizing.ask(&text, 50), Question::New(_)));
        resizing.give_up();
        assert!(matches!(resizing.ask(&text, 50), Question::Answered { rows_above: 0 }));
        assert!(matches!(resizing.ask(&text, 40), Question::Answered { rows_above: 0 }));
        resizing.note_answer(9, &text);
        assert!(matches!(resizing.ask(&text, 50), Question::New(_)), "it was only slow");
    }
}

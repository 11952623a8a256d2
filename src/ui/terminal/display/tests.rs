use proptest::prelude::*;

use super::super::buffer::To;
use super::*;

const PROMPT: &str = "[ada] ";
/// So many that nothing scrolls away.
const ROWS: u16 = 400;

/// A terminal of each of the two kinds. vt100 cuts rows off when it becomes narrower; what others do is done here.
struct Emulator {
    screen: vt100::Parser,
    breaks_rows: bool,
}

impl Emulator {
    fn new(columns: u16, breaks_rows: bool) -> Self {
        Self { screen: vt100::Parser::new(ROWS, columns, 0), breaks_rows }
    }

    fn columns(&self) -> u16 {
        self.screen.screen().size().1
    }

    fn size(&self) -> Size {
        Size { columns: self.columns().into(), rows: ROWS.into() }
    }

    /// Shows a frame, and answers what it asks.
    fn show(&mut self, display: &mut Display, buffer: &Buffer) {
        while display.is_pending() {
            let frame = display.frame(PROMPT, buffer, self.size());
            self.screen.process(frame.as_bytes());
            if display.waits() {
                display.note_cursor(usize::from(self.screen.screen().cursor_position().1) + 1);
            }
        }
    }

    fn rows(&self) -> Vec<String> {
        let rows = self.screen.screen().rows(0, self.columns()).map(|row| row.trim_end().to_owned());
        let mut rows: Vec<String> = rows.collect();
        rows.truncate(rows.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1));
        rows
    }

    fn resize(&mut self, columns: u16) {
        if !self.breaks_rows || columns >= self.columns() {
            return self.screen.screen_mut().set_size(ROWS, columns);
        }
        let (row, column) = self.screen.screen().cursor_position();
        let (rows, width) = (self.rows(), usize::from(columns));
        let pieces: Vec<Vec<String>> = rows.iter().map(|row| broken(row, width)).collect();
        let above: usize = pieces.iter().take(row.into()).map(Vec::len).sum();
        self.screen = vt100::Parser::new(ROWS, columns, 0);
        self.screen.process(pieces.concat().join("\r\n").as_bytes());
        let (row, column) = (above + usize::from(column) / width, usize::from(column) % width);
        self.screen.process(format!("\x1b[{};{}H", row + 1, column + 1).as_bytes());
    }
}

/// A row of characters of one column, in pieces.
fn broken(row: &str, columns: usize) -> Vec<String> {
    let characters: Vec<char> = row.chars().collect();
    let pieces = characters.chunks(columns).map(|piece| String::from_iter(piece).trim_end().to_owned());
    let pieces: Vec<String> = pieces.collect();
    if pieces.is_empty() { vec![String::new()] } else { pieces }
}

fn typed(text: &str) -> Buffer {
    Buffer::new(text.to_owned())
}

#[test]
fn a_frame_is_one_piece_that_ends_as_it_began() {
    let mut display = Display::default();
    display.line("hello");
    let frame = display.frame(PROMPT, &typed("hi"), Size { columns: 80, rows: 24 });
    assert_eq!(frame, "\x1b[?2026h\x1b[?7l\r\x1b[Khello\r\n[ada] hi\x1b7\x1b8\x1b[?7h\x1b[?2026l");
    assert!(!display.is_pending());
    let frame = display.frame(PROMPT, &typed("hi!"), Size { columns: 80, rows: 24 });
    assert_eq!(
        frame, "\x1b[?2026h\x1b[?7l\r[ada] hi!\x1b7\x1b[K\x1b8\x1b[?7h\x1b[?2026l",
        "without a moment of emptiness"
    );
}

#[test]
fn the_last_frame_leaves_no_row() {
    let (mut emulator, mut display) = (Emulator::new(40, false), Display::default());
    display.touch();
    emulator.show(&mut display, &typed("half a line"));
    assert_eq!(emulator.rows(), ["[ada] half a line"]);
    display.line("bye");
    let last = display.last_frame(emulator.size());
    emulator.screen.process(last.as_bytes());
    assert_eq!((emulator.rows(), emulator.screen.screen().cursor_position()), (vec!["bye".to_owned()], (1, 0)));
    assert!(display.is_pending(), "the row comes again where the chat goes on");
    emulator.show(&mut display, &typed("half a line"));
    assert_eq!(emulator.rows(), ["bye", "[ada] half a line"]);
}

#[test]
fn an_empty_screen_has_lost_nothing() {
    let (mut display, size) = (Display::default(), Size { columns: 40, rows: 5 });
    let mut screen = vt100::Parser::new(5, 40, 100);
    display.line("one");
    display.line("two");
    screen.process(display.frame(PROMPT, &typed("x"), size).as_bytes());
    screen.process(display.clear(size).as_bytes());
    screen.process(display.frame(PROMPT, &typed("x"), size).as_bytes());
    assert_eq!(screen.screen().contents().trim_end(), "[ada] x");
    screen.screen_mut().set_scrollback(100);
    assert!(screen.screen().contents().starts_with("one\ntwo\n"), "{:?}", screen.screen().contents());
}

#[test]
fn a_terminal_that_does_not_answer_gets_its_row_all_the_same() {
    let (mut emulator, mut display) = (Emulator::new(80, false), Display::default());
    let buffer = typed(&"x".repeat(60));
    display.line("a line");
    emulator.show(&mut display, &buffer);
    emulator.resize(50);
    display.touch();
    assert_eq!(display.frame(PROMPT, &buffer, emulator.size()), "\x1b[6n");
    assert_eq!(display.frame(PROMPT, &buffer, emulator.size()), "");
    assert!(display.waits() && display.is_pending());
    display.wait_no_longer();
    emulator.show(&mut display, &buffer);
    assert_eq!(emulator.rows(), ["a line".to_owned(), format!("{PROMPT}‹{}", "x".repeat(41))]);
}

#[test]
fn a_row_that_the_terminal_has_broken_is_erased_whole() {
    let (mut emulator, mut display) = (Emulator::new(80, true), Display::default());
    let mut buffer = typed(&"x".repeat(70));
    display.line("a line");
    emulator.show(&mut display, &buffer);
    emulator.resize(21);
    assert_eq!(emulator.rows().len(), 5, "{:?}", emulator.rows());
    display.touch();
    emulator.show(&mut display, &buffer);
    assert_eq!(emulator.rows(), ["a line".to_owned(), format!("{PROMPT}‹{}", "x".repeat(12))]);
    // With the cursor in front, all pieces are behind it.
    emulator.resize(80);
    buffer.go(To::Start);
    display.touch();
    emulator.show(&mut display, &buffer);
    emulator.resize(20);
    display.touch();
    emulator.show(&mut display, &buffer);
    assert_eq!(emulator.rows(), ["a line".to_owned(), format!("{PROMPT}{}›", "x".repeat(12))]);
}

#[test]
fn ten_thousand_lines_are_shown_and_none_is_lost() {
    let mut screen = vt100::Parser::new(24, 80, 20_000);
    let (mut display, size) = (Display::default(), Size { columns: 80, rows: 24 });
    let mut frames = 0;
    for number in 0..10_000 {
        display.line(&format!("14:02 bob      line {number}"));
        if display.is_full() {
            screen.process(display.frame(PROMPT, &typed("half"), size).as_bytes());
            frames += 1;
        }
    }
    screen.process(display.frame(PROMPT, &typed("half"), size).as_bytes());
    assert_eq!(frames, 39);
    let mut seen = Vec::new();
    for back in (0..=9_977).rev() {
        screen.screen_mut().set_scrollback(back);
        let rows: Vec<String> = screen.screen().rows(0, 80).take(if back == 0 { 24 } else { 1 }).collect();
        seen.extend(rows);
    }
    assert_eq!(seen.len(), 10_001);
    assert!((0..10_000).all(|number| seen[number] == format!("14:02 bob      line {number}")));
    assert_eq!(seen[10_000], "[ada] half");
}

/// Something that happens to a chat.
#[derive(Clone, Debug)]
enum Act {
    Type(String),
    Go(To),
    Hear(usize),
    Resize(u16),
    Frame,
}

fn act() -> impl Strategy<Value = Act> {
    let to = [To::Left, To::Right, To::WordLeft, To::WordRight, To::Start, To::End];
    prop_oneof![
        3 => "[a-z ]{1,30}".prop_map(Act::Type),
        1 => proptest::sample::select(to.to_vec()).prop_map(Act::Go),
        3 => (1..25_usize).prop_map(Act::Hear),
        2 => (20..100_u16).prop_map(Act::Resize),
        3 => Just(Act::Frame),
    ]
}

proptest! {
    /// Whatever is typed, heard and resized: every line that was shown is there, whole and in order, and behind them
    /// the row, once. What a terminal cuts off or breaks by itself is expected to be cut or broken.
    #[test]
    fn no_line_is_lost_and_the_row_is_there_once(
        acts in proptest::collection::vec(act(), 1..60),
        breaks_rows in any::<bool>(),
    ) {
        let (mut emulator, mut display) = (Emulator::new(80, breaks_rows), Display::default());
        let (mut buffer, mut expected, mut heard) = (Buffer::default(), Vec::<String>::new(), Vec::new());
        if breaks_rows {
            // From a first time on, it is known what the terminal does.
            let long = typed(&"x".repeat(60));
            display.touch();
            emulator.show(&mut display, &long);
            emulator.resize(50);
            display.touch();
            emulator.show(&mut display, &long);
        }
        for act in acts.into_iter().chain([Act::Frame]) {
            match act {
                Act::Type(text) => drop(buffer.insert(&text, 10_000)),
                Act::Go(to) => buffer.go(to),
                Act::Hear(words) => {
                    let line = format!("m{} {}", expected.len(), "word ".repeat(words).trim_end());
                    display.line(&line);
                    heard.push(line);
                }
                Act::Resize(columns) => {
                    emulator.resize(columns);
                    let cut = |row: &str| vec![row[..row.len().min(columns.into())].trim_end().to_owned()];
                    let change = |row: &String| if breaks_rows { broken(row, columns.into()) } else { cut(row) };
                    expected = expected.iter().flat_map(change).collect();
                    // What was typed since the last frame is not on the screen: the row is that of the frame.
                    display.touch();
                    emulator.show(&mut display, &buffer);
                    expected.extend(heard.drain(..).flat_map(|line| wrap(&line, columns.into())));
                }
                Act::Frame => {
                    display.touch();
                    emulator.show(&mut display, &buffer);
                    expected.extend(heard.drain(..).flat_map(|line| wrap(&line, emulator.columns().into())));
                }
            }
            if heard.is_empty() && !display.is_pending() {
                let Some(Shown { row, .. }) = &display.shown else { continue };
                let mut rows: Vec<String> = expected.iter().map(|row| row.trim_end().to_owned()).collect();
                rows.push((row.before_cursor.clone() + &row.after_cursor).trim_end().to_owned());
                prop_assert_eq!(emulator.rows(), rows);
                let cursor = emulator.screen.screen().cursor_position();
                prop_assert_eq!(usize::from(cursor.0), expected.len());
                prop_assert_eq!(usize::from(cursor.1), row.before_cursor.chars().count());
            }
        }
    }

    /// Whatever widths a terminal gives to what is said, nothing of it stands at column 0, where lines begin.
    #[test]
    fn nothing_that_is_said_stands_where_lines_begin(
        said in proptest::collection::vec("(14:02 eve|[a-z]{1,9}| |田|e\u{301}|\u{1f468}\u{200d}\u{1f469}|\u{1f1e9}\u{1f1ea}|ש|\n){0,60}", 1..6),
        text in "([a-z ]{0,9}|田|\u{1f468}\u{200d}\u{1f469}|ש|\n){0,30}",
        columns in proptest::sample::select(vec![20_u16, 40, 80]),
    ) {
        let (mut emulator, mut display) = (Emulator::new(columns, false), Display::default());
        for text in &said {
            display.line(&format!("> bob {}", crate::ui::safe::Safe::text(text)));
            emulator.show(&mut display, &typed(text));
        }
        display.touch();
        emulator.show(&mut display, &typed(&text));
        let rows = emulator.rows();
        let begin = rows.iter().filter(|row| row.starts_with("> bob")).count();
        prop_assert_eq!(begin, said.len());
        let (last, others) = rows.split_last().unwrap();
        prop_assert!(last.starts_with(PROMPT.trim_end()), "{:?}", last);
        for row in others {
            prop_assert!(row.starts_with("> bob") || row.starts_with(' ') || row.is_empty(), "{:?}", row);
        }
    }
}

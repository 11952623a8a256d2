use proptest::prelude::*;

use super::*;
use crate::ui::terminal::completing::Completion;
use crate::ui::terminal::keys::Keys;

/// Completes what begins with `b`.
struct Names;

impl Completions for Names {
    fn complete(&self, before_cursor: &str) -> Option<Completion> {
        let start = before_cursor.rfind(' ').map_or(0, |blank| blank + 1);
        let names = ["bob: ", "bert: "].map(str::to_owned).to_vec();
        before_cursor[start..].starts_with('b').then_some(Completion { start, candidates: names })
    }
}

struct Bench {
    editor: Editor,
    keys: Keys,
}

impl Bench {
    fn new() -> Self {
        Self { editor: Editor::new(History::open(None, |_| false).0), keys: Keys::default() }
    }

    fn outcomes(&mut self, keys: &str) -> Vec<Outcome> {
        let keys = self.keys.feed(keys.as_bytes());
        keys.into_iter().flat_map(|key| self.editor.press(key, &Names)).collect()
    }

    /// The line, with a bar for the cursor.
    fn typed(&mut self, keys: &str) -> String {
        self.outcomes(keys);
        let mut text = self.editor.buffer().text().to_owned();
        text.insert(self.editor.buffer().cursor(), '|');
        text
    }
}

fn line(text: &str) -> Outcome {
    Outcome::Typed(Typed::Line(text.to_owned()))
}

#[test]
fn the_keys_of_emacs() {
    let mut bench = Bench::new();
    assert_eq!(bench.typed("one two three\x01"), "|one two three");
    assert_eq!(bench.typed("\x06\x1bf"), "one| two three");
    assert_eq!(bench.typed("\x1b[1;5C\x02"), "one tw|o three");
    assert_eq!(bench.typed("\x0b"), "one tw|");
    assert_eq!(bench.typed("\x14\x08"), "one w|");
    assert_eq!(bench.typed("\x17\x17"), "|");
    assert_eq!(bench.typed("\x19"), "one w|", "what went in a row comes back as one");
    assert_eq!(bench.typed("\x1bb\x1bd\x1b\x7f"), "|");
    assert_eq!(bench.typed("\x19"), "one w|");
    assert_eq!(bench.typed("\x1b[H\x1b[3~\x1b[F!\x1b[D\x04"), "ne w|");
    assert_eq!(bench.typed("\x15x\x05"), "x|");
}

#[test]
fn lines_that_are_typed_ahead_come_one_by_one() {
    let mut bench = Bench::new();
    assert_eq!(bench.outcomes("one\rtwo\n\rthr"), [line("one"), line("two"), line("")]);
    assert_eq!(bench.typed("ee"), "three|");
}

#[test]
fn ctrl_c_drops_the_line_and_ctrl_d_ends_on_an_empty_one() {
    let mut bench = Bench::new();
    assert_eq!(bench.outcomes("one\x03"), [Outcome::Typed(Typed::Interrupt)]);
    assert_eq!(bench.typed("\x19"), "one|", "it can be had back");
    assert_eq!(bench.outcomes("\x04"), []);
    assert_eq!(bench.outcomes("\x03\x04"), [Typed::Interrupt, Typed::End].map(Outcome::Typed));
    assert_eq!(bench.outcomes("\x0c\x1a"), [Outcome::Clear, Outcome::Stop]);
}

#[test]
fn pasted_lines_wait_until_enter_says_them_as_one() {
    let mut bench = Bench::new();
    assert_eq!(bench.outcomes("\x1b[200~one\rtwo\rthree\r\x1b[201~"), [Outcome::Typed(Typed::Pasted { lines: 3 })]);
    assert_eq!(bench.outcomes("\r"), [line("one\ntwo\nthree\n")]);
    assert_eq!(bench.outcomes("\x1b[200~/quit\r\x1b[201~\r"), [line("/quit")], "a single one is as if typed");
}

#[test]
fn a_full_line_takes_no_more_and_tells_so_once() {
    let mut bench = Bench::new();
    let full = |bytes| Outcome::Typed(Typed::Full { bytes });
    let long = "x".repeat(BYTES_MAX - 1);
    assert_eq!(bench.outcomes(&format!("\x1b[200~{long}\x1b[201~")), []);
    assert_eq!(bench.outcomes("yé"), [full(BYTES_MAX)]);
    assert_eq!(bench.outcomes("z"), [Outcome::Bell]);
    assert_eq!(bench.outcomes("\x08\x08\x08abc"), []);
    assert_eq!(bench.outcomes("d"), [full(BYTES_MAX)]);
    let typed = bench.outcomes("\r");
    assert_eq!(typed, [line(&(long[..BYTES_MAX - 3].to_owned() + "abc"))]);
    let more = "x".repeat(3 * BYTES_MAX);
    assert_eq!(bench.outcomes(&format!("\x1b[200~{more}\x1b[201~")), [full(BYTES_MAX)]);
}

#[test]
fn up_and_down_go_through_what_was_entered() {
    let mut bench = Bench::new();
    bench.outcomes("one\rtwo\r");
    assert_eq!(bench.typed("half\x1b[A"), "two|");
    assert_eq!(bench.typed("\x10"), "one|");
    assert_eq!(bench.outcomes("\x1b[A"), [Outcome::Bell], "there is no more");
    assert_eq!(bench.typed("\x1b[B"), "two|");
    assert_eq!(bench.typed("\x0e"), "half|", "what was typed is there again");
    assert_eq!(bench.outcomes("\x1b[B"), [Outcome::Bell]);
    assert_eq!(bench.typed("\x1b[A!"), "two!|");
    assert_eq!(bench.outcomes("\r"), [line("two!")]);
    assert_eq!(bench.typed("\x1b[A"), "two!|");
}

#[test]
fn ctrl_r_looks_for_words() {
    let mut bench = Bench::new();
    bench.outcomes("the key\rno\rkeys, all\r");
    assert_eq!(bench.typed("half\x12ke"), "|keys, all");
    assert_eq!(bench.editor.prompt("[ada] "), "(search: ke) ");
    assert_eq!(bench.typed("\x12"), "the |key");
    assert_eq!(bench.typed("\x12"), "the |key", "there is no more");
    assert_eq!(bench.editor.prompt("[ada] "), "(not found: ke) ");
    assert_eq!(bench.typed("\x13"), "|keys, all");
    assert_eq!(bench.typed("y"), "|keys, all");
    assert_eq!(bench.typed("\x07"), "half|");
    assert_eq!(bench.editor.prompt("[ada] "), "[ada] ");
    assert_eq!(bench.outcomes("\x12the\r"), [line("the key")]);
    assert_eq!(bench.typed("\x12no\x05!"), "no!|");
}

#[test]
fn tab_puts_in_what_may_be_meant_and_then_what_else() {
    let mut bench = Bench::new();
    assert_eq!(bench.typed("hi b\t"), "hi bob: |");
    assert_eq!(bench.typed("\t"), "hi bert: |");
    assert_eq!(bench.typed("\t"), "hi bob: |");
    assert_eq!(bench.typed("\x1b[Z"), "hi bert: |");
    assert_eq!(bench.typed("x"), "hi bert: x|");
    assert_eq!(bench.outcomes("\t"), [Outcome::Bell]);
    assert_eq!(bench.typed("\x15b|\x02\t"), "bob: ||", "what stands behind the cursor stays");
}

proptest! {
    /// Whatever is typed: the cursor is between two characters, and the line is bounded.
    #[test]
    fn any_keys_leave_a_line_that_can_be_shown(bytes in proptest::collection::vec(prop_oneof![
        Just(0x1b_u8), Just(b'['), 0x00..0x20_u8, 0x20..0x7f_u8, any::<u8>()
    ], 0..200)) {
        let mut bench = Bench::new();
        for key in bench.keys.feed(&bytes) {
            bench.editor.press(key, &Names);
            let buffer = bench.editor.buffer();
            prop_assert!(buffer.text().is_char_boundary(buffer.cursor()));
            prop_assert!(buffer.text().len() <= BYTES_MAX);
        }
    }
}

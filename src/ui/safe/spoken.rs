//! How what somebody says is shown.

use super::sort::Sort;

/// What stands in front of each further line, so that it cannot pose as the line of another speaker.
const FURTHER_LINE: &str = "\n    ";

/// Most marks on one base character in a text. Every living script does with fewer; a tower of hundreds would cover
/// the lines above and below.
pub(super) const TEXT_MARKS: usize = 8;

/// What is shown of what is said.
pub(super) fn shown_text(said: &str) -> String {
    // Most of what is said, at a fraction of the cost.
    if said.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return said.to_owned();
    }
    let mut spoken = Spoken::default();
    said.replace("\r\n", "\n").chars().for_each(|c| spoken.push(c));
    spoken.shown
}

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

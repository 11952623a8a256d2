//! What was said of late in this chat, to be looked through again.

use std::collections::VecDeque;

use crate::ui::safe::caseless;

/// The last lines that were shown: a bounded number of them, in bounded memory, the oldest going first.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    lines: VecDeque<Shown>,
    bytes: usize,
}

#[derive(Debug)]
struct Shown {
    /// As it was shown.
    line: String,
    /// What is looked through: who has said it, and what, made by [`caseless`].
    words: String,
}

impl Recent {
    const LINES_MAX: usize = 1000;
    const BYTES_MAX: usize = 1 << 20;

    /// A line was shown, for what somebody by this name has said.
    pub(crate) fn note(&mut self, line: &str, name: &str, text: &str) {
        // No word that is looked for goes across the newline.
        let shown = Shown { line: line.to_owned(), words: caseless(&format!("{name}\n{text}")) };
        self.bytes += shown.len();
        self.lines.push_back(shown);
        while self.lines.len() > Self::LINES_MAX || self.bytes > Self::BYTES_MAX {
            self.bytes -= self.lines.pop_front().map_or(self.bytes, |oldest| oldest.len());
        }
    }

    /// The last so many lines with a word in them, in capitals or not, as they were shown; with an empty word, the last
    /// of all.
    pub(crate) fn search(&self, count: usize, word: &str) -> impl Iterator<Item = &str> {
        let word = caseless(word);
        let mut found: Vec<&str> = self
            .lines
            .iter()
            .rev()
            .filter(|shown| shown.words.contains(&word))
            .map(|shown| shown.line.as_str())
            .take(count)
            .collect();
        found.reverse();
        found.into_iter()
    }
}

impl Shown {
    fn len(&self) -> usize {
        self.line.len() + self.words.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(recent: &Recent, count: usize, word: &str) -> Vec<String> {
        recent.search(count, word).map(str::to_owned).collect()
    }

    #[test]
    fn words_are_found_in_texts_and_names() {
        let mut recent = Recent::default();
        recent.note("14:02 bob      Lunch?", "bob", "Lunch?");
        recent.note("14:03 alice    no lunch", "alice", "no lunch");
        recent.note("14:04 Jörg     STRASSE", "Jörg", "STRASSE");
        assert_eq!(found(&recent, 9, "LUNCH"), ["14:02 bob      Lunch?", "14:03 alice    no lunch"]);
        assert_eq!(found(&recent, 1, "lunch"), ["14:03 alice    no lunch"]);
        assert_eq!(found(&recent, 9, "Bob"), ["14:02 bob      Lunch?"]);
        assert_eq!(found(&recent, 9, "straße"), ["14:04 Jörg     STRASSE"]);
        assert_eq!(found(&recent, 2, "").len(), 2);
        assert_eq!(found(&recent, 9, "14:0").len() + found(&recent, 0, "").len(), 0, "the time is not looked through");
    }

    #[test]
    fn it_is_bounded_in_lines_and_bytes() {
        let mut recent = Recent::default();
        (1..=1500).for_each(|number| recent.note(&format!("line {number}"), "bob", "x"));
        let all = found(&recent, usize::MAX, "");
        assert_eq!((all.len(), all[0].as_str(), all[999].as_str()), (1000, "line 501", "line 1500"));
        let long = "x".repeat(65_536);
        (0..20).for_each(|_| recent.note(&long, "bob", &long));
        assert_eq!(found(&recent, usize::MAX, "").len(), 7);
        assert!(recent.bytes <= Recent::BYTES_MAX);
        // One that is larger than all that may be held is not held.
        let huge = "x".repeat(Recent::BYTES_MAX);
        recent.note(&huge, "bob", "");
        assert_eq!((found(&recent, 9, "").len(), recent.bytes), (0, 0));
    }
}

//! What was said here of late, so that it can be told which of it somebody has not heard.

use std::collections::VecDeque;

use cooee::wire::{Seq, Text};

use crate::ui::safe::Safe;

/// The beginnings of the last texts, with the number of the last line of each.
#[derive(Debug, Default)]
pub(crate) struct OwnLines {
    recent: VecDeque<(u32, Safe)>,
    last: u32,
}

impl OwnLines {
    /// As many as one may say before the first of them is told of.
    const COUNT_MAX: usize = 64;
    /// Enough to know a text by.
    const COLUMNS: usize = 24;

    /// A text is handed over to be said: each of its parts is a line. Gives the number of the first.
    pub(crate) fn note(&mut self, text: &Text<'_>) -> Seq {
        let first = Seq::FIRST.after(self.last).unwrap_or(Seq::LAST);
        self.last = self.last.saturating_add(u32::try_from(text.parts().count()).unwrap_or(u32::MAX));
        if self.recent.len() >= Self::COUNT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back((self.last, Safe::excerpt(text.as_str(), Self::COLUMNS)));
        first
    }

    /// The beginning of the text that a line belongs to, while it is remembered.
    pub(crate) fn beginning(&self, line: Seq) -> Option<&Safe> {
        let at = self.recent.partition_point(|(last, _)| *last < line.number());
        // What stands before the first that is remembered cannot be told apart from it.
        let is_known = at > 0 || self.recent.len() < Self::COUNT_MAX;
        self.recent.get(at).filter(|_| is_known).map(|(_, beginning)| beginning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beginning(own: &OwnLines, line: u32) -> Option<&str> {
        own.beginning(Seq::new(line).unwrap()).map(Safe::as_str)
    }

    #[test]
    fn a_long_text_has_several_numbers() {
        let mut own = OwnLines::default();
        let texts = ["one".to_owned(), "x".repeat(2000), "five\nand more".to_owned()];
        let first = texts.map(|text| own.note(&Text::new(text).unwrap()).number());
        assert_eq!(first, [1, 2, 5]);
        let long = Some("xxxxxxxxxxxxxxxxxxxxxxx…");
        let found = [1, 2, 3, 4, 5, 6].map(|line| beginning(&own, line));
        assert_eq!(found, [Some("one"), long, long, long, Some("five…"), None]);
    }

    #[test]
    fn only_the_last_are_remembered() {
        let mut own = OwnLines::default();
        for number in 1..=100 {
            own.note(&Text::new(format!("line {number}")).unwrap());
        }
        assert_eq!((beginning(&own, 100), beginning(&own, 38)), (Some("line 100"), Some("line 38")));
        assert_eq!((beginning(&own, 1), beginning(&own, 36)), (None, None));
        assert_eq!(own.recent.len(), OwnLines::COUNT_MAX);
    }
}

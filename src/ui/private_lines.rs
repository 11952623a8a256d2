//! What was said here to one person alone, until it is known what became of it.

use std::collections::VecDeque;

use cooee::node::PrivateOutcome;
use cooee::wire::{Run, Text};

use crate::ui::safe::Safe;

/// Texts on their way, oldest first.
#[derive(Debug, Default)]
pub(crate) struct PrivateLines {
    waiting: VecDeque<PrivateText>,
}

/// A text that was said to somebody alone: to each of his runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrivateText {
    /// How he was called then.
    pub(crate) reader: Safe,
    /// Its beginning.
    pub(crate) beginning: Safe,
    /// Those of his runs of which nothing is known yet.
    runs: Vec<Run>,
    is_heard: bool,
}

/// What is known of a text in the end. It is for a person: one of his runs has to have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Heard,
    Unheard(PrivateText),
}

impl PrivateLines {
    /// Enough to know a text by.
    const COLUMNS: usize = 24;

    /// A text is handed over to be said to these runs.
    pub(crate) fn note(&mut self, reader: Safe, text: &Text<'_>, runs: Vec<Run>) {
        let beginning = Safe::excerpt(text.as_str(), Self::COLUMNS);
        self.waiting.push_back(PrivateText { reader, beginning, runs, is_heard: false });
    }

    /// Takes in what became of a run's next text; tells of the text when nothing more of it is to come.
    pub(crate) fn take(&mut self, outcome: PrivateOutcome) -> Option<Fate> {
        let is_for = |text: &PrivateText| text.runs.contains(&outcome.reader);
        let at = self.waiting.iter().position(is_for)?;
        let text = self.waiting.get_mut(at)?;
        text.runs.retain(|run| *run != outcome.reader);
        text.is_heard |= outcome.is_heard;
        if !text.runs.is_empty() {
            return None;
        }
        let text = self.waiting.remove(at)?;
        Some(if text.is_heard { Fate::Heard } else { Fate::Unheard(text) })
    }

    /// How many are on their way.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What was told has got lost in part: nothing more is expected. Gives what nobody is known to have.
    pub(crate) fn give_up(&mut self) -> Vec<PrivateText> {
        self.waiting.drain(..).filter(|text| !text.is_heard).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample::run;

    fn noted(lines: &mut PrivateLines, said: &'static str, runs: &[u64]) {
        let runs = runs.iter().map(|number| run(*number)).collect();
        lines.note(Safe::literal("bob"), &Text::new(said).unwrap(), runs);
    }

    /// What is told of the text; of one that nobody has, its beginning.
    fn fate(lines: &mut PrivateLines, reader: u64, is_heard: bool) -> Option<String> {
        lines.take(PrivateOutcome { reader: run(reader), is_heard }).map(|fate| match fate {
            Fate::Heard => "heard".to_owned(),
            Fate::Unheard(text) => text.beginning.to_string(),
        })
    }

    #[test]
    fn each_outcome_is_of_its_readers_oldest_text() {
        let mut lines = PrivateLines::default();
        noted(&mut lines, "one", &[1]);
        noted(&mut lines, "the second of them all\nand more", &[2]);
        noted(&mut lines, "three", &[1]);
        assert_eq!(fate(&mut lines, 1, true).as_deref(), Some("heard"));
        assert_eq!(fate(&mut lines, 1, false).as_deref(), Some("three"));
        assert_eq!(fate(&mut lines, 1, false), None, "nothing more was said to him");
        assert_eq!(fate(&mut lines, 2, false).as_deref(), Some("the second of them all…"));
        assert_eq!(lines.len(), 0);
    }

    #[test]
    fn one_run_of_a_person_is_enough() {
        let mut lines = PrivateLines::default();
        for said in ["one", "two", "three"] {
            noted(&mut lines, said, &[1, 2]);
        }
        assert_eq!((fate(&mut lines, 1, true), fate(&mut lines, 1, false)), (None, None));
        assert_eq!(fate(&mut lines, 2, false).as_deref(), Some("heard"), "the first has it");
        assert_eq!(fate(&mut lines, 2, false).as_deref(), Some("two"));
        assert_eq!(fate(&mut lines, 1, true), None);
        assert_eq!(lines.give_up(), [], "one has it");
        noted(&mut lines, "four", &[1]);
        assert_eq!(lines.give_up().len(), 1);
        assert_eq!(lines.len(), 0);
    }
}

//! `/last`: what was said before, looked up again: in the log, where one is kept, else among what this chat has shown.

use std::collections::VecDeque;
use std::thread;

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::Chat;
use crate::ui::ending::Ending;
use crate::ui::log::{self, Query, Reader, Speakers};
use crate::ui::safe::{Safe, caseless};

/// So much is shown at most: lines, and bytes of them; of more, the newest.
const LINES_MAX: usize = 1000;
const BYTES_MAX: usize = 1 << 20;

/// A look into the log that is under way: it may hold gigabytes, and nobody is to wait for it with his hands off the
/// keys.
#[derive(Debug)]
pub(super) struct Search {
    /// What is searched for.
    count: usize,
    word: String,
    found: Receiver<Result<VecDeque<String>, String>>,
}

impl Chat<'_> {
    /// Shows the last so many lines again that have a word in them.
    pub(super) fn show_last(&mut self, count: usize, word: &str) -> Result<(), Ending> {
        let count = count.min(LINES_MAX);
        let folder = log::folder(&self.settings.room, self.settings.seal.is_sealed());
        let Some(folder) = folder.filter(|_| self.settings.keeps_log()) else {
            return self.show_found(VecDeque::new(), count, word);
        };
        if self.search.is_some() {
            return self.tell("the log is still being looked through; try again when that is done");
        }
        let query =
            Query { word: Some(word).filter(|word| !word.is_empty()).map(caseless), count: Some(count), since: None };
        let (look, known, columns) = (self.look.clone(), self.names.known.clone(), self.day_columns());
        let (sender, found) = bounded(1);
        let search = move || {
            let found = || {
                let mut reader = Reader::open(&folder, query).map_err(|error| error.to_string())?;
                let mut lines = Lines::default();
                let shown = log::show(&mut reader, &look, &mut Speakers::new(known), columns, &mut |line| {
                    lines.push(line);
                    Ok(())
                });
                shown.map_err(|ending| ending.words()).map(|()| lines.lines)
            };
            // Whoever has left meanwhile does not want to know any more.
            let _ = sender.send(found());
        };
        match thread::Builder::new().name("cooee-last".into()).spawn(search) {
            Ok(_) => self.search = Some(Search { count, word: word.to_owned(), found }),
            Err(error) => self.tell(&format!("the log cannot be looked through: {error}"))?,
        }
        Ok(())
    }

    /// Shows what was found in the log, when it is.
    pub(super) fn show_found_when_due(&mut self) -> Result<(), Ending> {
        let Some(search) = &self.search else { return Ok(()) };
        let found = match search.found.try_recv() {
            Err(TryRecvError::Empty) => return Ok(()),
            Err(TryRecvError::Disconnected) => Err("it broke off".to_owned()),
            Ok(found) => found,
        };
        let Some(Search { count, word, .. }) = self.search.take() else { return Ok(()) };
        let found = found.or_else(|problem| {
            self.tell(&format!("the log cannot be looked through: {problem}")).map(|()| VecDeque::new())
        })?;
        self.show_found(found, count, &word)
    }

    /// Shows what was found in the log; where that is nothing, as it may be where it cannot be written, what this chat has
    /// shown.
    fn show_found(&mut self, mut found: VecDeque<String>, count: usize, word: &str) -> Result<(), Ending> {
        if found.is_empty() {
            found = self.recent.search(count, word).map(str::to_owned).collect();
        }
        if found.is_empty() {
            let what =
                if word.is_empty() { String::new() } else { format!(" with \"{}\" in it", Safe::excerpt(word, 24)) };
            return self.tell(&format!("nothing{what} was said, as far as is known here"));
        }
        found.iter().try_for_each(|line| self.screen.line(line))
    }
}

/// The newest lines, as many as may be.
#[derive(Default)]
struct Lines {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Lines {
    fn push(&mut self, line: &str) {
        self.lines.push_back(line.to_owned());
        self.bytes += line.len();
        while self.bytes > BYTES_MAX {
            self.bytes -= self.lines.pop_front().map_or(self.bytes, |oldest| oldest.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_much_the_newest_stays() {
        let mut lines = Lines::default();
        (0..100).for_each(|number| lines.push(&format!("{number} {}", "x".repeat(60_000))));
        assert!(lines.lines.len() == 17 && lines.bytes <= BYTES_MAX, "{}", lines.lines.len());
        assert!(lines.lines.back().is_some_and(|line| line.starts_with("99 ")));
    }
}

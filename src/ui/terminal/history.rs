//! The lines entered before, in this run and in earlier ones.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::history_file::HistoryFile;

/// Most lines that are remembered, and most bytes of them together; of more, the oldest are forgotten.
pub(super) const ENTRIES_MAX: usize = 1000;
pub(super) const BYTES_MAX: usize = 1 << 20;

/// The lines entered before.
pub(crate) struct History {
    /// Oldest first.
    entries: VecDeque<String>,
    bytes: usize,
    /// Which are not to be kept beyond this run.
    is_private: fn(&str) -> bool,
    /// `None` where nothing is kept.
    file: Option<HistoryFile>,
}

impl History {
    /// What this file holds, and what is entered from now on, but for what is private. Without a file, or if it cannot
    /// be read, the history is of this run alone; in the latter case, what is to be told of that is given too.
    pub(crate) fn open(path: Option<PathBuf>, is_private: fn(&str) -> bool) -> (Self, Option<String>) {
        let mut history = Self { entries: VecDeque::new(), bytes: 0, is_private, file: path.map(HistoryFile::new) };
        let read = history.file.as_ref().map_or(Ok(Vec::new()), HistoryFile::read);
        let problem = match read {
            Ok(entries) => {
                entries.into_iter().for_each(|entry| history.remember(entry));
                None
            }
            Err(problem) => history.give_up(&problem),
        };
        (history, problem)
    }

    /// A line is entered. Gives what is to be told where it cannot be kept.
    pub(super) fn add(&mut self, line: &str) -> Option<String> {
        if line.trim().is_empty() || self.entries.back().is_some_and(|last| last == line) {
            return None;
        }
        self.remember(line.to_owned());
        let file = self.file.as_ref().filter(|_| !(self.is_private)(line.trim_start()))?;
        let problem = file.append(line).err()?;
        self.give_up(&problem)
    }

    /// The line that was entered so many lines ago; the last is 1.
    pub(super) fn entry(&self, ago: usize) -> Option<&str> {
        self.entries.get(self.entries.len().checked_sub(ago)?).map(String::as_str)
    }

    /// The newest line that holds these words and was entered at least so many lines ago; how many it is, and where in
    /// it the words begin.
    pub(super) fn find(&self, words: &str, ago: usize) -> Option<(usize, usize)> {
        (ago.max(1)..=self.entries.len()).find_map(|ago| Some((ago, self.entry(ago)?.find(words)?)))
    }

    /// The oldest line that holds these words and was entered at most so many lines ago.
    pub(super) fn find_later(&self, words: &str, ago: usize) -> Option<(usize, usize)> {
        (1..=ago).rev().find_map(|ago| Some((ago, self.entry(ago)?.find(words)?)))
    }

    fn remember(&mut self, entry: String) {
        self.bytes += entry.len();
        self.entries.push_back(entry);
        while self.entries.len() > ENTRIES_MAX || self.bytes > BYTES_MAX {
            self.bytes -= self.entries.pop_front().map_or(0, |entry| entry.len());
        }
    }

    fn give_up(&mut self, problem: &str) -> Option<String> {
        self.file = None;
        Some(format!("{problem}; the lines that you enter are remembered in this run only"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn in_memory() -> History {
        History::open(None, |_| false).0
    }

    fn entries(history: &History) -> Vec<&str> {
        history.entries.iter().map(String::as_str).collect()
    }

    #[test]
    fn it_is_bounded_in_count_and_bytes() {
        let mut history = in_memory();
        (0..1500).for_each(|number| drop(history.add(&number.to_string())));
        assert_eq!((history.entry(1), history.entry(1000), history.entry(1001)), (Some("1499"), Some("500"), None));
        (0..20_u8).for_each(|number| drop(history.add(&char::from(b'a' + number).to_string().repeat(100_000))));
        assert_eq!(history.entries.len(), 10);
        assert_eq!(history.bytes, 1_000_000);
    }

    #[test]
    fn blank_lines_and_repeated_ones_are_passed_over() {
        let mut history = in_memory();
        ["one", "  ", "one", "two", "one"].iter().for_each(|line| drop(history.add(line)));
        assert_eq!(entries(&history), ["one", "two", "one"]);
    }

    #[test]
    fn it_is_searched_from_the_newest_backwards() {
        let mut history = in_memory();
        ["the key", "a key", "no", "keys"].iter().for_each(|line| drop(history.add(line)));
        assert_eq!(history.find("key", 1), Some((1, 0)));
        assert_eq!(history.find("key", 2), Some((3, 2)));
        assert_eq!(history.find("key", 5), None);
        assert_eq!(history.find_later("key", 2), Some((1, 0)));
    }

    #[test]
    fn what_is_private_is_remembered_and_not_kept() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("cooee").join("history");
        let open = || History::open(Some(path.clone()), |line| line.starts_with("/msg"));
        let (mut history, problem) = open();
        assert_eq!(problem, None, "there is none yet");
        ["one", "/msg bob the key", "  /msg bob again", "two\nlines \\n"].iter().for_each(|line| {
            assert_eq!(history.add(line), None);
        });
        assert_eq!(entries(&history).len(), 4);
        assert_eq!(entries(&open().0), ["one", "two\nlines \\n"]);
        assert!(!fs::read_to_string(&path).unwrap().contains("key"));
    }

    #[test]
    fn what_cannot_be_kept_is_told_once() {
        let folder = TempDir::new().unwrap();
        let (mut history, problem) = History::open(Some(folder.path().to_owned()), |_| false);
        assert!(problem.unwrap().contains("is not a file; the lines that you enter are remembered in this run only"));
        assert_eq!((history.add("one"), history.entry(1)), (None, Some("one")));

        let in_the_way = folder.path().join("file");
        fs::write(&in_the_way, "").unwrap();
        let (mut history, problem) = History::open(Some(folder.path().join("new").join("history")), |_| false);
        assert_eq!((problem, history.add("one")), (None, None));
        fs::remove_dir_all(folder.path().join("new")).unwrap();
        fs::write(folder.path().join("new"), "").unwrap();
        assert!(history.add("two").unwrap().starts_with("cannot write "));
        assert_eq!((history.add("three"), history.entry(2)), (None, Some("two")));
    }
}

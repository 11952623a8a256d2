//! stdin, line by line, from whoever types or pipes.

use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::thread;

use cooee::wire::{NameError, Text};
use crossbeam_channel::{Receiver, bounded};

use crate::ui::ending::{Ending, warn};

/// Lines that wait to be said; while they are more, whoever pipes them waits.
const WAITING_MAX: usize = 64;
/// As much of a line, or of a text, as is read, in bytes. What is longer is too long to be said anyway, and its rest is
/// skipped, so that a file without line ends does not fill the memory. Twice as much as can be said, so that mostly it
/// can be told how much too long something is.
const READ_MAX: usize = 2 * Text::MAX;
/// As much is read at once of what is piped in.
const READ_AT_A_TIME: usize = 16 << 10;

/// Whether somebody may be typing: what is written on the terminal meanwhile would be in the way.
pub(crate) fn is_typed() -> bool {
    io::stdin().is_terminal()
}

/// A line of stdin without its end; the error tells what is to be told where it cannot be read.
pub(crate) type Line = Result<String, String>;

/// The lines of stdin, and their numbers, from 1. One that cannot be read is the last.
fn stdin() -> impl Iterator<Item = (u64, Line)> {
    let mut lines = Lines::new(io::stdin().lock());
    std::iter::from_fn(move || lines.next())
}

/// The lines of stdin, as many together as have come at once: at least one, and what is read at a time.
pub(crate) fn stdin_together() -> impl Iterator<Item = Vec<(u64, Line)>> {
    let mut lines = Lines::new(BufReader::with_capacity(READ_AT_A_TIME, io::stdin().lock()));
    std::iter::from_fn(move || {
        let mut together = vec![lines.next()?];
        while lines.input.buffer().contains(&b'\n') {
            together.extend(lines.next());
        }
        Some(together)
    })
}

/// Numbered lines of an input, until it ends or cannot be read.
struct Lines<I> {
    input: I,
    number: u64,
    is_readable: bool,
}

impl<I: BufRead> Lines<I> {
    const fn new(input: I) -> Self {
        Self { input, number: 0, is_readable: true }
    }

    fn next(&mut self) -> Option<(u64, Line)> {
        let line = self.is_readable.then(|| read_line(&mut self.input).transpose())??;
        self.is_readable = line.is_ok();
        self.number += 1;
        Some((self.number, line.map_err(|error| format!("cannot read it: {error}; it was not said, nor what follows"))))
    }
}

/// The lines of stdin, read in a thread of their own. The channel ends with the last of them.
pub(crate) fn numbered_lines() -> Result<Receiver<(u64, Line)>, Ending> {
    let (sender, receiver) = bounded(WAITING_MAX);
    in_thread(move || stdin().try_for_each(|line| sender.send(line).ok()))?;
    Ok(receiver)
}

/// The same for the chat, which ends with its input, whyever that ends.
pub(crate) fn lines() -> Result<Receiver<String>, Ending> {
    let (sender, receiver) = bounded(WAITING_MAX);
    let pass_on = move |(number, line): (u64, Line)| match line {
        Ok(line) => sender.send(line).ok(),
        Err(problem) => {
            warn(&format!("line {number}: {problem}"));
            None
        }
    };
    in_thread(move || stdin().try_for_each(pass_on))?;
    Ok(receiver)
}

/// Does work that waits for stdin in a thread of its own; the channel gives what came of it.
pub(crate) fn in_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<Receiver<T>, Ending> {
    let (sender, receiver) = bounded(1);
    let work = move || {
        // Whoever does not wait for it any more does not need it.
        let _ = sender.send(work());
    };
    let started = thread::Builder::new().name("cooee-stdin".into()).spawn(work);
    started.map(|_| receiver).map_err(|error| Ending::No(format!("cannot read stdin: {error}")))
}

/// What a typed line is to say. `Ok(None)` for an empty one, which says nothing; the error tells what is wrong.
pub(crate) fn parse(line: &str) -> Result<Option<Text<'static>>, String> {
    parse_what("line", line)
}

/// What all of stdin is to say, as one text; `Ok(None)` where there is nothing in it.
pub(crate) fn paste() -> Result<Option<Text<'static>>, String> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(READ_MAX as u64).read_to_end(&mut bytes);
    read.map_err(|error| format!("cannot read stdin: {error}"))?;
    parse_what("text", &String::from_utf8_lossy(&bytes))
}

fn parse_what(what: &str, typed: &str) -> Result<Option<Text<'static>>, String> {
    if typed.len() >= READ_MAX {
        // There may be more of it, which was not read.
        return Err(format!("the {what} has {READ_MAX} bytes or more; {} are the most; it was not said", Text::MAX));
    }
    match Text::new(typed.trim_end().to_owned()) {
        Ok(text) => Ok(Some(text)),
        Err(NameError::Empty) => Ok(None),
        Err(error) => Err(format!("the {what} {error}; it was not said")),
    }
}

/// The next line without its end; `None` when there is none. Bytes that are not UTF-8 become U+FFFD.
fn read_line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if input.by_ref().take(READ_MAX as u64).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') && line.len() == READ_MAX {
        input.skip_until(b'\n')?;
    }
    Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_whole_and_huge_ones_in_part() {
        let huge = "x".repeat(200_000);
        let text = format!("one\r\n\n{huge}\ntwoÃ\n");
        let mut input = io::Cursor::new([text.as_bytes(), b"bad \xff, no end"].concat());
        let mut next = || read_line(&mut input).unwrap();
        assert_eq!(next().as_deref(), Some("one"));
        assert_eq!(next().as_deref(), Some(""));
        assert_eq!(next().map(|line| line.len()), Some(READ_MAX));
        assert_eq!(next().as_deref(), Some("twoÃ"));
        assert_eq!(next().as_deref(), Some("bad \u{fffd}, no end"));
        assert_eq!(next(), None);
    }

    #[test]
    fn an_empty_line_says_nothing_and_a_long_one_is_refused() {
        assert_eq!(parse("  "), Ok(None));
        assert_eq!(parse("hi ").unwrap().unwrap().as_str(), "hi");
        assert_eq!(parse(&"x".repeat(Text::MAX)).unwrap().unwrap().as_str().len(), 65_536);
        let problem = |len| parse(&"x".repeat(len)).unwrap_err();
        assert_eq!(problem(70_000), "the line has 70000 bytes; 65536 are the most; it was not said");
        assert_eq!(problem(READ_MAX), "the line has 131072 bytes or more; 65536 are the most; it was not said");
    }
}

//! Reading the log: line by line, in bounded memory, however large its files are.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use chrono::{Days, NaiveDate};
use cooee::node::Arrival;
use cooee::time::UnixMillis;

use super::logged::Logged;
use super::place::{self, Day};
use super::seen::Seen;
use crate::ui::ending::Ending;
use crate::ui::timestamp::local_day;

/// Most bytes of a line: a text of 64 KiB, each byte of it escaped as `\u0000`, and the rest of the object. What is
/// longer is none of ours.
const LINE_MAX: usize = 512 << 10;

/// What is asked for.
#[derive(Debug, Default)]
pub(crate) struct Query {
    /// What was said since then.
    pub(crate) since: Option<UnixMillis>,
    /// What has this in it, made by [`caseless`](crate::ui::safe::caseless).
    pub(crate) word: Option<String>,
    /// The last so many of these.
    pub(crate) count: Option<usize>,
}

/// Reads the log of a room. What two runs have written, and what was written anew as history, is read once.
#[derive(Debug)]
pub(crate) struct Reader {
    days: Vec<Day>,
    query: Query,
    /// Lines that were not understood, or were too long.
    pub(crate) passed_over: u64,
    /// Files that could not be read, or not to their end, and why.
    pub(crate) problems: Vec<String>,
}

/// What is done with each object and its line, without the line's end.
type Show<'a> = &'a mut dyn FnMut(&Logged<'_>, &str) -> Result<(), Ending>;

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Which of the days.
    day: usize,
    /// At which byte of its file.
    at: u64,
    /// For what came long after it was said: the day on which it may have been logged before.
    before: Option<NaiveDate>,
}

impl Reader {
    /// Looks what there is in a folder.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(crate) fn open(folder: &Path, query: Query) -> io::Result<Self> {
        Ok(Self { days: place::days(folder)?, query, passed_over: 0, problems: Vec::new() })
    }

    /// Whether nothing was ever logged.
    pub(crate) fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Shows what is asked for, in the order in which it came.
    pub(crate) fn read(&mut self, show: Show<'_>) -> Result<(), Ending> {
        let first = self.query.since.map_or(0, |since| self.first_day(local_day(since)));
        match self.query.count {
            None => self.scan(first, &mut |logged, line, _| show(logged, line)),
            Some(count) => {
                let last = self.last(first, count)?;
                self.read_at(&last, show)
            }
        }
    }

    /// The first of the days that may hold something of a day. Files are named by the clock of those who wrote them,
    /// which may have shown another time zone.
    fn first_day(&self, day: NaiveDate) -> usize {
        let day = day.checked_sub_days(Days::new(1)).unwrap_or(day);
        self.days.partition_point(|file| file.day < day)
    }

    /// Where the last of what is asked for stands. The newest file is read first, and older ones only where it takes
    /// them: for their lines, or to know whether what came as history was logged before.
    fn last(&mut self, first: usize, count: usize) -> Result<VecDeque<Place>, Ending> {
        let mut from = self.days.len();
        loop {
            // Twice as many each time, so that all that is read in vain is no more than what has to be.
            from = from.saturating_sub((self.days.len() - from).max(1)).max(first);
            let mut last = VecDeque::new();
            self.scan(from, &mut |_, _, place| {
                if last.len() == count {
                    last.pop_front();
                }
                last.push_back(place);
                Ok(())
            })?;
            let before = last.iter().filter_map(|place: &Place| place.before).min();
            let goes_back = before.is_none_or(|day| from <= self.first_day(day));
            if from == first || (last.len() == count && goes_back) {
                return Ok(last);
            }
        }
    }

    /// Goes through all that is asked for from this one of the days on.
    fn scan(
        &mut self,
        first: usize,
        visit: &mut dyn FnMut(&Logged<'_>, &str, Place) -> Result<(), Ending>,
    ) -> Result<(), Ending> {
        self.passed_over = 0;
        self.problems.clear();
        let mut seen = Seen::default();
        for (number, day) in self.days.iter().enumerate().skip(first) {
            let mut lines = match Lines::open(day) {
                Ok(lines) => lines,
                Err(error) => {
                    self.problems.push(cannot_read(day, &error));
                    continue;
                }
            };
            loop {
                let at = lines.at;
                let line = match lines.next() {
                    Ok(Line::End) => break,
                    // Whoever takes a line for torn that another run is just writing begins with a line end too many.
                    Ok(Line::Whole("")) => continue,
                    Ok(Line::Whole(line)) => line,
                    Ok(Line::Strange) => {
                        self.passed_over += 1;
                        continue;
                    }
                    Err(error) => {
                        self.problems.push(cannot_read(day, &error));
                        break;
                    }
                };
                let Some(logged) = Logged::parse(line) else {
                    self.passed_over += 1;
                    continue;
                };
                if self.query.wants(&logged) && seen.is_new(&logged) {
                    visit(&logged, line, Place { day: number, at, before: day_before(&logged) })?;
                }
            }
        }
        Ok(())
    }

    /// Shows what stands in these places.
    fn read_at(&mut self, places: &VecDeque<Place>, show: Show<'_>) -> Result<(), Ending> {
        let mut open: Option<(usize, Lines)> = None;
        for place in places {
            let day = &self.days[place.day];
            let lines = match &mut open {
                Some((opened, lines)) if *opened == place.day => Ok(lines),
                open => Lines::open(day).map(|lines| &mut open.insert((place.day, lines)).1),
            };
            let found = lines.and_then(|lines| {
                lines.go_to(place.at)?;
                // Whoever has changed the file meanwhile has taken it away.
                let Line::Whole(line) = lines.next()? else { return Ok(None) };
                Ok(Logged::parse(line).map(|logged| show(&logged, line)))
            });
            match found {
                Ok(shown) => shown.transpose()?.unwrap_or_default(),
                Err(error) => self.problems.push(cannot_read(day, &error)),
            }
        }
        Ok(())
    }
}

impl Query {
    fn wants(&self, logged: &Logged<'_>) -> bool {
        self.since.is_none_or(|since| logged.moment() >= since)
            && self.word.as_ref().is_none_or(|word| logged.has(word))
    }
}

fn day_before(logged: &Logged<'_>) -> Option<NaiveDate> {
    match logged {
        Logged::Line(line) if line.arrival() != Arrival::InTime => Some(local_day(line.said())),
        Logged::Line(_) | Logged::Gap(_) => None,
    }
}

fn cannot_read(day: &Day, error: &io::Error) -> String {
    format!("cannot read {}: {error}", day.path.display())
}

/// The lines of a file.
struct Lines {
    file: BufReader<File>,
    /// Where the next line begins, and where the last one ends.
    at: u64,
    end: u64,
    line: Vec<u8>,
}

enum Line<'a> {
    /// A line without its end.
    Whole(&'a str),
    /// It is too long, or no UTF-8.
    Strange,
    End,
}

impl Lines {
    fn open(day: &Day) -> io::Result<Self> {
        Ok(Self {
            file: BufReader::with_capacity(64 << 10, File::open(&day.path)?),
            at: 0,
            end: day.len,
            line: Vec::new(),
        })
    }

    fn go_to(&mut self, at: u64) -> io::Result<()> {
        // Places come in their order, and what lies between two is mostly in the buffer.
        match i64::try_from(at.saturating_sub(self.at)) {
            Ok(by) if at >= self.at => self.file.seek_relative(by)?,
            _ => self.file.seek(SeekFrom::Start(at)).map(drop)?,
        }
        self.at = at;
        Ok(())
    }

    fn next(&mut self) -> io::Result<Line<'_>> {
        self.line.clear();
        let most = (self.end - self.at).min(LINE_MAX as u64);
        let mut read = self.file.by_ref().take(most).read_until(b'\n', &mut self.line)? as u64;
        if read == 0 {
            return Ok(Line::End);
        }
        let is_whole = self.line.pop_if(|last| *last == b'\n').is_some() || read < LINE_MAX as u64;
        if !is_whole {
            read += self.skip_line(self.end - self.at - read)?;
        }
        self.at += read;
        Ok(std::str::from_utf8(&self.line).ok().filter(|_| is_whole).map_or(Line::Strange, Line::Whole))
    }

    /// Passes over the rest of a line, of at most so many bytes; gives how many it had.
    fn skip_line(&mut self, most: u64) -> io::Result<u64> {
        self.file.by_ref().take(most).skip_until(b'\n').map(|skipped| skipped as u64)
    }
}

#[cfg(test)]
mod tests;

//! Writing to the files of the log, whatever befalls the disk.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use cooee::time::UnixMillis;

use super::pace::HourlyNotice;
use super::place;
use crate::ui::private_file;
use crate::ui::timestamp::local_day;

/// A line to be logged.
#[derive(Debug)]
pub(super) struct Record {
    /// When it came: it goes to the file of that day.
    pub(super) time: UnixMillis,
    /// A JSON object and its line end.
    pub(super) line: Vec<u8>,
    /// How many lines were left out before it.
    pub(super) left_out: u64,
}

/// Writes the log of a room.
#[derive(Debug)]
pub(super) struct Writer {
    folder: PathBuf,
    /// The file that is open, of its day.
    file: Option<(NaiveDate, File)>,
    /// Lines that could not be written, of which nothing was told yet.
    missing: u64,
    failure: HourlyNotice,
    recovery: HourlyNotice,
}

impl Writer {
    pub(super) fn new(folder: PathBuf) -> Self {
        let (failure, recovery) = (HourlyNotice::default(), HourlyNotice::default());
        Self { folder, file: None, missing: 0, failure, recovery }
    }

    /// Makes the folder, so that it is known before the first line where that is not possible; gives what is to be told.
    pub(super) fn prepare(&mut self, now: UnixMillis) -> Option<String> {
        let file = place::file_of(&self.folder, local_day(now));
        private_file::create_folder_of(&file).err().and_then(|error| self.failed(&error, now))
    }

    /// Writes a line; gives what is to be told. What fails is tried again with the next line, whatever was the reason:
    /// it costs little, and there may be room again, or another disk.
    pub(super) fn write(&mut self, record: &Record) -> Option<String> {
        self.missing += record.left_out;
        let day = local_day(record.time);
        if let Err(error) = self.append(day, &record.line) {
            self.close_file();
            self.missing += 1;
            return self.failed(&error, record.time);
        }
        if self.missing == 0 || !self.recovery.is_due(record.time) {
            return None;
        }
        let missing = std::mem::take(&mut self.missing);
        let lines = if missing == 1 { "1 line is".to_owned() } else { format!("{missing} lines are") };
        Some(format!("the log is written again; {lines} missing in it"))
    }

    /// Lets go of the file, so that whoever moves it away or deletes it finds the next lines in a new one.
    pub(super) fn close_file(&mut self) {
        self.file = None;
    }

    fn failed(&mut self, error: &io::Error, now: UnixMillis) -> Option<String> {
        let file = place::file_of(&self.folder, local_day(now));
        let words = || format!("cannot write the log {}: {error}; it is tried again with every line", file.display());
        self.failure.is_due(now).then(words)
    }

    fn append(&mut self, day: NaiveDate, line: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some((opened, file)) if *opened == day => file,
            file => &mut file.insert((day, open(&self.folder, day)?)).1,
        };
        // Another run's line too may have been torn a moment ago.
        if is_torn(file)? { write_once(file, &[b"\n", line].concat()) } else { write_once(file, line) }
    }
}

fn open(folder: &Path, day: NaiveDate) -> io::Result<File> {
    let path = place::file_of(folder, day);
    match private_file::append_and_read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            private_file::create_folder_of(&path)?;
            private_file::append_and_read(&path)
        }
        opened => opened,
    }
}

/// Whether the last line of a file has no end. It may also be one that another run is writing at this moment: then a
/// blank line comes behind it, which does no harm.
fn is_torn(file: &mut File) -> io::Result<bool> {
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok(last != [b'\n'])
}

/// Writes in one piece, so that lines of several runs do not mix. Where the disk takes a part only, the rest is not
/// written behind it: somebody else's line may already stand there.
fn write_once(file: &mut impl Write, piece: &[u8]) -> io::Result<()> {
    loop {
        match file.write(piece) {
            Ok(written) if written == piece.len() => return Ok(()),
            Ok(_) => return Err(io::Error::new(ErrorKind::StorageFull, "the disk is full")),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;

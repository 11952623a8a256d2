//! The file in which the lines entered are kept, a line for each. Several runs may add to it at once.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process;

use super::history::{BYTES_MAX, ENTRIES_MAX};
use crate::ui::identity::beside;
use crate::ui::private_file;

/// When the file is full, this part of it stays, so that it is not made anew for each line that is added.
const KEPT_OF_FULL: (usize, usize) = (ENTRIES_MAX / 4 * 3, BYTES_MAX / 4 * 3);

/// The file in which the lines entered are kept.
#[derive(Debug)]
pub(super) struct HistoryFile {
    path: PathBuf,
}

/// What is in the file.
struct Content {
    /// As many of its last bytes as may be there, from the beginning of a line.
    bytes: Vec<u8>,
    /// Its length, and which file it is.
    seen: (u64, u64),
}

impl HistoryFile {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The lines that are kept, oldest first; none where there is no file. The error says what is wrong with it.
    pub(super) fn read(&self) -> Result<Vec<String>, String> {
        let content = self.content().map_err(|error| self.told("read", &error))?;
        Ok(content.iter().flat_map(Content::entries).map(unescaped).collect())
    }

    /// Adds a line. It goes out in one piece, so that those of several runs do not mix.
    pub(super) fn append(&self, entry: &str) -> Result<(), String> {
        self.try_append(entry).map_err(|error| self.told("write", &error))
    }

    fn try_append(&self, entry: &str) -> io::Result<()> {
        let mut line = escaped(entry) + "\n";
        if line.len() > KEPT_OF_FULL.1 {
            return Ok(());
        }
        match self.content()? {
            None => private_file::create_folder_of(&self.path)?,
            Some(content) => {
                let full = content.seen.0 + line.len() as u64 > BYTES_MAX as u64;
                if full || content.entries().count() >= ENTRIES_MAX {
                    self.shorten(&content)?;
                } else if content.bytes.last().is_some_and(|last| *last != b'\n') {
                    // Whoever wrote last was cut off.
                    line.insert(0, '\n');
                }
            }
        }
        private_file::append(&self.path)?.write_all(line.as_bytes())
    }

    /// Makes the file anew, with the newest lines alone.
    fn shorten(&self, content: &Content) -> io::Result<()> {
        let (mut kept, mut bytes) = (Vec::new(), 0);
        for entry in content.entries().collect::<Vec<_>>().into_iter().rev() {
            bytes += entry.len() + 1;
            if kept.len() == KEPT_OF_FULL.0 || bytes > KEPT_OF_FULL.1 {
                break;
            }
            kept.push([entry, b"\n"].concat());
        }
        kept.reverse();
        let new = beside(&self.path, &process::id().to_string());
        let done = private_file::create(&new).and_then(|mut file| {
            file.write_all(&kept.concat())?;
            let metadata = fs::metadata(&self.path)?;
            if content.seen != (metadata.len(), private_file::number(&metadata)) {
                // Another run has just added something, or made it anew; the next line tries again.
                return fs::remove_file(&new);
            }
            fs::rename(&new, &self.path)
        });
        if done.is_err() {
            let _ = fs::remove_file(&new);
        }
        done
    }

    fn content(&self) -> io::Result<Option<Content>> {
        let metadata = match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found?,
        };
        if !metadata.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let (mut file, mut bytes) = (File::open(&self.path)?, Vec::new());
        let skipped = metadata.len().saturating_sub(BYTES_MAX as u64);
        file.seek(SeekFrom::Start(skipped))?;
        file.take(BYTES_MAX as u64).read_to_end(&mut bytes)?;
        if skipped > 0 {
            let first_whole = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
            bytes.drain(..first_whole);
        }
        Ok(Some(Content { bytes, seen: (metadata.len(), private_file::number(&metadata)) }))
    }

    fn told(&self, what: &str, error: &io::Error) -> String {
        format!("cannot {what} {}: {error}", self.path.display())
    }
}

impl Content {
    fn entries(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
    }
}

/// An entry as it stands on one line of the file.
fn escaped(entry: &str) -> String {
    entry.replace('\\', "\\\\").replace('\n', "\\n")
}

fn unescaped(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let (mut entry, mut chars) = (String::with_capacity(line.len()), line.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => entry.push('\n'),
                other => entry.push(other.unwrap_or('\\')),
            },
            _ => entry.push(c),
        }
    }
    entry
}

#[cfg(test)]
mod tests {
    use std::thread;

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;

    fn file(folder: &TempDir) -> HistoryFile {
        HistoryFile::new(folder.path().join("cooee").join("history"))
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let folder = TempDir::new().unwrap();
        let file = file(&folder);
        (0..1200).for_each(|number| file.append(&format!("line {number}")).unwrap());
        let entries = file.read().unwrap();
        assert!((KEPT_OF_FULL.0..=ENTRIES_MAX).contains(&entries.len()), "{}", entries.len());
        assert_eq!((entries.first().unwrap().as_str(), entries.last().unwrap().as_str()), ("line 250", "line 1199"));
        (0..30).for_each(|_| file.append(&"x".repeat(100_000)).unwrap());
        assert!(fs::metadata(&file.path).unwrap().len() <= BYTES_MAX as u64);
        file.append(&"x".repeat(BYTES_MAX)).unwrap();
        assert!(fs::metadata(&file.path).unwrap().len() <= BYTES_MAX as u64, "one that is too long is left out");
        assert_eq!(fs::read_dir(file.path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn of_a_file_that_is_too_long_the_end_counts() {
        let folder = TempDir::new().unwrap();
        let file = file(&folder);
        file.append("one").unwrap();
        fs::write(&file.path, "first\n".to_owned() + &"x".repeat(BYTES_MAX) + "\nlast, \\\\n torn").unwrap();
        assert_eq!(file.read().unwrap(), ["last, \\n torn"]);
        file.append("new").unwrap();
        assert_eq!(file.read().unwrap(), ["last, \\n torn", "new"]);
    }

    #[test]
    fn what_was_torn_does_not_spoil_what_follows() {
        let folder = TempDir::new().unwrap();
        let file = file(&folder);
        file.append("one").unwrap();
        fs::write(&file.path, b"one\ntw\xff\\").unwrap();
        file.append("three").unwrap();
        assert_eq!(file.read().unwrap(), ["one", "tw\u{fffd}\\", "three"]);
    }

    #[test]
    fn two_runs_add_to_it_at_once() {
        let folder = TempDir::new().unwrap();
        let path = file(&folder).path;
        file(&folder).append("first").unwrap();
        let writers = ["a", "b"].map(|name| {
            let file = HistoryFile::new(path.clone());
            thread::spawn(move || (0..300).for_each(|number| file.append(&format!("{name}{number}\n!")).unwrap()))
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        let entries = file(&folder).read().unwrap();
        assert_eq!(entries.len(), 601);
        for name in ["a", "b"] {
            let own: Vec<&String> = entries.iter().filter(|entry| entry.starts_with(name)).collect();
            assert_eq!(own.len(), 300);
            assert_eq!(own[299], &format!("{name}299\n!"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = TempDir::new().unwrap();
        let file = file(&folder);
        file.append("one").unwrap();
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file.path), mode(file.path.parent().unwrap())), (0o600, 0o700));
        (0..1100).for_each(|number| file.append(&number.to_string()).unwrap());
        assert_eq!(mode(&file.path), 0o600, "made anew");
    }

    proptest! {
        #[test]
        fn every_entry_survives(entry in "([a-z\\\\n\n]|\\PC){0,40}") {
            prop_assert_eq!(unescaped(escaped(&entry).as_bytes()), entry);
        }
    }
}

//! Whatever befalls the disk, what stands in the files are whole lines, and what is told is told once.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::ui::timestamp::by_local_clock;

/// So many minutes after noon of 23 November 2026.
fn minute(minutes: u64) -> UnixMillis {
    let noon = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap().and_hms_opt(12, 0, 0).unwrap();
    UnixMillis(by_local_clock(noon).0 + minutes * 60_000)
}

fn record(minutes: u64, line: &str) -> Record {
    Record { time: minute(minutes), line: format!("{line}\n").into_bytes(), left_out: 0 }
}

#[test]
fn each_day_has_a_file_for_its_owner_alone() {
    let folder = TempDir::new().unwrap();
    let room = folder.path().join("log/lobby");
    let mut writer = Writer::new(room.clone());
    for line in [record(0, "one"), record(1, "two"), record(12 * 60, "next day"), record(2, "clock set back")] {
        assert_eq!(writer.write(&line), None);
    }
    let read = |name: &str| fs::read_to_string(room.join(name)).unwrap();
    assert_eq!(read("2026-11-23.jsonl"), "one\ntwo\nclock set back\n");
    assert_eq!(read("2026-11-24.jsonl"), "next day\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&room.join("2026-11-23.jsonl")), 0o600);
        assert_eq!([mode(&room), mode(room.parent().unwrap())], [0o700; 2]);
    }
}

#[test]
fn a_file_that_is_moved_away_is_made_anew() {
    let folder = TempDir::new().unwrap();
    let mut writer = Writer::new(folder.path().to_owned());
    let file = folder.path().join("2026-11-23.jsonl");
    writer.write(&record(0, "one"));
    writer.close_file();
    fs::rename(&file, folder.path().join("kept")).unwrap();
    assert_eq!(writer.write(&record(1, "two")), None);
    assert_eq!(fs::read_to_string(&file).unwrap(), "two\n");
}

#[test]
fn trouble_is_told_once_and_what_is_missing_when_it_is_over() {
    let folder = TempDir::new().unwrap();
    let room = folder.path().join("lobby");
    // Where a file stands, there is no folder.
    fs::write(&room, "").unwrap();
    let mut writer = Writer::new(room.clone());
    let told = writer.prepare(minute(0)).unwrap();
    assert!(told.starts_with(&format!("cannot write the log {}/2026-11-23.jsonl: ", room.display())), "{told}");
    let tries: Vec<_> = (1..=3).map(|number| writer.write(&record(number, "lost"))).collect();
    assert_eq!(tries, [None, None, None]);
    assert!(writer.write(&record(60, "lost")).is_some(), "an hour later, it is told again");
    fs::remove_file(&room).unwrap();
    let told = writer.write(&Record { left_out: 2, ..record(61, "here") });
    assert_eq!(told.as_deref(), Some("the log is written again; 6 lines are missing in it"));
    assert_eq!(writer.write(&record(62, "here too")), None);
    assert_eq!(fs::read_to_string(room.join("2026-11-23.jsonl")).unwrap(), "here\nhere too\n");
    // Again and again within an hour: it is counted, and told later.
    assert_eq!(writer.write(&Record { left_out: 1, ..record(63, "x") }), None);
    let told = writer.write(&record(122, "x"));
    assert_eq!(told.as_deref(), Some("the log is written again; 1 line is missing in it"));
}

/// A disk that takes so much of a piece, after an interruption.
struct Disk {
    room: usize,
    interruptions: usize,
    written: Vec<u8>,
}

impl Write for Disk {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.interruptions > 0 {
            self.interruptions -= 1;
            return Err(ErrorKind::Interrupted.into());
        }
        let taken = piece.len().min(self.room);
        self.written.extend(&piece[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_is_written_behind_a_torn_line() {
    let mut disk = Disk { room: 3, interruptions: 2, written: Vec::new() };
    assert_eq!(write_once(&mut disk, b"one\n").unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(disk.written, b"one", "the rest is not tried");
    disk.room = 9;
    write_once(&mut disk, b"two\n").unwrap();
    assert_eq!(disk.written, b"onetwo\n");
}

proptest! {
    /// Two runs write, and now and then the disk takes a part of a line only.
    #[test]
    fn whole_lines_stay_whole(steps in proptest::collection::vec((0..2_usize, any::<bool>(), "[a-z]{1,9}"), 1..40)) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("2026-11-23.jsonl");
        let mut writers = [(); 2].map(|()| Writer::new(folder.path().to_owned()));
        for (number, (who, is_torn, word)) in steps.iter().enumerate() {
            if *is_torn {
                private_file::append_and_read(&path).unwrap().write_all(word.as_bytes()).unwrap();
            } else {
                prop_assert_eq!(writers[*who].write(&record(0, &format!("{number} {word}"))), None);
            }
        }
        let text = fs::read_to_string(&path).unwrap();
        let whole: Vec<_> = text.lines().filter(|line| line.contains(' ')).map(str::to_owned).collect();
        let said = steps.iter().enumerate().filter(|(_, (_, is_torn, _))| !is_torn);
        prop_assert_eq!(whole, said.map(|(number, (_, _, word))| format!("{number} {word}")).collect::<Vec<_>>());
    }
}

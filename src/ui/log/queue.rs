//! What is to be logged goes to a thread of its own, so that a slow disk does not hold up the talk.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use cooee::time::UnixMillis;
use crossbeam_channel::{Receiver, Sender, bounded, never};
use serde::Serialize;

use super::pace::HourlyNotice;
use super::place;
use super::writer::{Record, Writer};
use crate::ui::ending::warn;
use crate::ui::settings::Settings;

/// Lines that wait for the disk. When they are more, or [`BYTES_MAX`] is reached, the newest is left out.
const LINES_MAX: usize = 4096;
/// Most bytes of lines that wait.
const BYTES_MAX: usize = 4 << 20;
/// Notices that nobody has heard yet; more than these are left untold.
const NOTICES_MAX: usize = 16;
/// How long the end of a run waits for the disk.
const END_MAX: Duration = Duration::from_secs(2);

/// The log that a run writes, or none. Dropped, it waits until all is written, though not for long.
#[derive(Debug)]
pub(crate) struct Log {
    /// `None` where no log is kept.
    queue: Option<Queue>,
    notices: Receiver<String>,
}

#[derive(Debug)]
struct Queue {
    records: Sender<Record>,
    /// Bytes of the lines that wait.
    waiting: Arc<AtomicUsize>,
    notices: Sender<String>,
    /// Ends with the thread.
    ended: Receiver<()>,
    /// Lines that were left out since the last that was not.
    left_out: u64,
    overflow: HourlyNotice,
}

impl Log {
    /// The log of the room, if one is to be kept. That it cannot be kept is told by its [notices](Self::notices): it is
    /// no reason not to talk.
    pub(crate) fn open(settings: &Settings, now: UnixMillis) -> Self {
        if !settings.keeps_log() {
            return Self { queue: None, notices: never() };
        }
        let (sender, notices) = bounded(NOTICES_MAX);
        let folder = place::folder(&settings.room, settings.seal.is_sealed());
        let started = folder
            .ok_or_else(|| "there is no home directory to keep it in; set XDG_STATE_HOME".to_owned())
            .and_then(|folder| Queue::start(Writer::new(folder), now, sender.clone()));
        let queue = started.map_err(|problem| sender.try_send(format!("no log is kept: {problem}"))).ok();
        Self { queue, notices }
    }

    /// Whether one is kept.
    pub(crate) const fn is_kept(&self) -> bool {
        self.queue.is_some()
    }

    /// What there is to tell of it.
    pub(crate) fn notices(&self) -> Receiver<String> {
        self.notices.clone()
    }

    /// Logs an object that has come at this time. It never waits.
    pub(crate) fn note(&mut self, object: &impl Serialize, time: UnixMillis) {
        let Some(queue) = &mut self.queue else { return };
        // Strings, numbers and truth values can always be written.
        if let Ok(mut line) = serde_json::to_vec(object) {
            line.push(b'\n');
            queue.push(time, line);
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let Some(Queue { records, ended, .. }) = self.queue.take() else { return };
        drop(records);
        if ended.recv_timeout(END_MAX).is_err_and(|error| error.is_timeout()) {
            warn("the disk is too slow for the log: its last lines may be missing");
        }
        // Whoever else heeds them may not do so any more.
        self.notices.try_iter().for_each(|notice| warn(&notice));
    }
}

impl Queue {
    fn start(mut writer: Writer, now: UnixMillis, notices: Sender<String>) -> Result<Self, String> {
        let (records, received) = bounded::<Record>(LINES_MAX);
        let (alive, ended) = bounded::<()>(0);
        let waiting = Arc::new(AtomicUsize::new(0));
        let (written, told) = (Arc::clone(&waiting), notices.clone());
        let work = move || {
            let tell = |notice: Option<String>| notice.map(|notice| told.try_send(notice));
            tell(writer.prepare(now));
            for first in &received {
                for record in std::iter::once(first).chain(received.try_iter()) {
                    tell(writer.write(&record));
                    written.fetch_sub(record.line.len(), Ordering::Relaxed);
                }
                writer.close_file();
            }
            drop(alive);
        };
        let started = thread::Builder::new().name("cooee-log".into()).spawn(work);
        started.map_err(|error| error.to_string())?;
        Ok(Self { records, waiting, notices, ended, left_out: 0, overflow: HourlyNotice::default() })
    }

    fn push(&mut self, time: UnixMillis, line: Vec<u8>) {
        let len = line.len();
        let has_room = self.waiting.fetch_add(len, Ordering::Relaxed) + len <= BYTES_MAX;
        let record = Record { time, line, left_out: self.left_out };
        if has_room && self.records.try_send(record).is_ok() {
            self.left_out = 0;
            return;
        }
        self.waiting.fetch_sub(len, Ordering::Relaxed);
        self.left_out += 1;
        if self.overflow.is_due(time) {
            // It is counted all the same, and told when the log goes on.
            let _ = self.notices.try_send("the disk is too slow for the log; lines are left out of it".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A queue to a disk that does nothing: its records and notices.
    fn stuck() -> (Queue, Receiver<Record>, Receiver<String>) {
        let ((records, received), (notices, told)) = (bounded(LINES_MAX), bounded(NOTICES_MAX));
        let (waiting, overflow) = (Arc::default(), HourlyNotice::default());
        (Queue { records, waiting, notices, ended: never(), left_out: 0, overflow }, received, told)
    }

    #[test]
    fn the_newest_is_left_out_and_counted_when_the_disk_does_not_keep_up() {
        let (mut queue, received, told) = stuck();
        (0..LINES_MAX + 3).for_each(|_| queue.push(UnixMillis(0), b"x\n".to_vec()));
        assert_eq!((received.len(), queue.left_out), (LINES_MAX, 3));
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["the disk is too slow for the log; lines are left out of it"]);
        received.recv().unwrap();
        queue.push(UnixMillis(0), b"y\n".to_vec());
        assert_eq!(received.try_iter().last().map(|record| (record.line, record.left_out)), Some((b"y\n".to_vec(), 3)));
        assert_eq!(queue.left_out, 0);
    }

    #[test]
    fn what_waits_is_bounded_in_bytes_too() {
        let (mut queue, received, _told) = stuck();
        (0..50).for_each(|_| queue.push(UnixMillis(0), vec![b'x'; 100_000]));
        assert_eq!((received.len(), queue.left_out), (BYTES_MAX / 100_000, 50 - BYTES_MAX as u64 / 100_000));
        queue.push(UnixMillis(0), b"a short one\n".to_vec());
        assert_eq!(queue.left_out, 0, "there is room for it");
    }

    #[test]
    fn all_is_written_when_it_is_dropped() {
        let folder = TempDir::new().unwrap();
        let (sender, notices) = bounded(NOTICES_MAX);
        let queue = Queue::start(Writer::new(folder.path().join("lobby")), UnixMillis(0), sender).unwrap();
        let mut log = Log { queue: Some(queue), notices: notices.clone() };
        (0..500).for_each(|number| log.note(&number, UnixMillis(40 * 86_400_000)));
        drop(log);
        let files: Vec<_> =
            fs::read_dir(folder.path().join("lobby")).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1);
        let lines: Vec<usize> =
            fs::read_to_string(&files[0]).unwrap().lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(lines, (0..500).collect::<Vec<_>>());
        assert_eq!(notices.try_recv().ok(), None);
    }
}

//! Programs of the system that are asked something: for a second at most, and never for more than they may say.

use std::env;
use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use cooee::net::Clock;
use crossbeam_channel::{Receiver, after, bounded};

/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is looked whether one has ended that has said all.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(5);
/// Most bytes of what one says; of a firewall with more rules nothing is told.
const OUTPUT_MAX: u64 = 8 << 20;
/// Where programs lie that an ordinary user's `PATH` often leaves out.
const SYSTEM_FOLDERS: [&str; 2] = ["/usr/sbin", "/sbin"];

/// What came of asking a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// This, and it ended well.
    Said(String),
    /// It says no, takes too long, or says too much.
    Refused,
    /// There is no such program.
    Missing,
}

/// Runs it with these words, in plain English and with nothing to read; gives what it writes to stdout.
pub(super) fn ask(name: &str, words: &[&str]) -> Answer {
    let mut command = Command::new(name);
    command.args(words).env("LC_ALL", "C").env("PATH", path());
    let mut child = match command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Answer::Missing,
        Err(_) => return Answer::Refused,
    };
    let said = read(&mut child).recv_timeout(PATIENCE);
    let ended_well = said.is_ok() && ends_well(&mut child);
    // Both fail only where it has ended.
    let _ = child.kill();
    let _ = child.wait();
    match said {
        Ok(Some(text)) if ended_well => Answer::Said(text),
        _ => Answer::Refused,
    }
}

/// Reads in a thread of its own: a program that hangs, or that leaves its stdout to another one, holds up nobody.
fn read(child: &mut Child) -> Receiver<Option<String>> {
    let (sender, receiver) = bounded(1);
    let stdout = child.stdout.take();
    let work = move || {
        let mut bytes = Vec::new();
        let read = stdout.map(|stdout| stdout.take(OUTPUT_MAX + 1).read_to_end(&mut bytes));
        let is_whole = read.is_some_and(|read| read.is_ok()) && bytes.len() as u64 <= OUTPUT_MAX;
        let _ = sender.send(is_whole.then(|| String::from_utf8_lossy(&bytes).into_owned()));
    };
    // Where there is no thread, the channel ends.
    let _ = thread::Builder::new().name("cooee-doctor".into()).spawn(work);
    receiver
}

/// Waits a while for the end of one that has closed its stdout.
fn ends_well(child: &mut Child) -> bool {
    let clock = Clock::start();
    while clock.now().since(cooee::time::Time::ZERO) < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => drop(after(LOOK_AGAIN_AFTER).recv()),
            Err(_) => return false,
        }
    }
    false
}

fn path() -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(SYSTEM_FOLDERS.map(PathBuf::from));
    env::join_paths(folders).unwrap_or(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_says_is_taken_when_it_ends_well() {
        assert_eq!(ask("sh", &["-c", "read -r x; echo $LC_ALL$x"]), Answer::Said("C\n".to_owned()));
        assert_eq!(ask("sh", &["-c", "echo no; exit 1"]), Answer::Refused);
        assert_eq!(ask("no-such-program", &[]), Answer::Missing);
    }

    #[test]
    fn one_that_hangs_or_never_stops_talking_is_ended() {
        let clock = Clock::start();
        assert_eq!(ask("sh", &["-c", "exec sleep 60"]), Answer::Refused);
        assert_eq!(ask("sh", &["-c", "exec >&-; exec sleep 60"]), Answer::Refused);
        assert_eq!(ask("sh", &["-c", "yes"]), Answer::Refused);
        assert!(clock.now().since(cooee::time::Time::ZERO) < Duration::from_secs(20));
    }
}

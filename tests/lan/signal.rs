//! Signals to a process.

use std::fs;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// Sends a signal, named as `kill` names them: `TERM`, `INT`, `STOP`. Who is to stop has when this comes back.
#[track_caller]
pub(crate) fn send(signal: &str, pid: u32, limit: Duration) {
    // The shell's own `kill` is everywhere.
    let pid = pid.to_string();
    let done = Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, signal, &pid]).status();
    assert!(done.as_ref().is_ok_and(ExitStatus::success), "kill -s {signal} {pid}: {done:?}");
    let deadline = Instant::now() + limit;
    while signal == "STOP" && !has_stopped(&pid) {
        assert!(Instant::now() < deadline, "{pid} does not stop");
        thread::yield_now();
    }
}

/// Whether each thread of a process has stopped: they do one after the other, when they get a processor, and work until
/// then. Where the system does not tell, it is taken for granted.
fn has_stopped(pid: &str) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return true };
    // The name, in parentheses, stands before the state.
    let is_stopped = |stat: String| stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T'));
    threads.flatten().all(|thread| fs::read_to_string(thread.path().join("stat")).is_ok_and(is_stopped))
}

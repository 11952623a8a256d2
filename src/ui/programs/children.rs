//! Runs of a program of the user's, side by side with this one. A slow one holds back nothing but those that wait
//! behind it, each is waited for by a thread of its own, and there is a bound to all of it.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io::{self, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, select_biased};

use crate::ui::ending::Ending;

/// How many there may be, and where their words go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// So many run at once.
    pub(crate) running: usize,
    /// So many more may wait. What comes when they do is not run.
    pub(crate) waiting: usize,
    pub(crate) output: ChildOutput,
}

/// Where what they print goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChildOutput {
    /// All of it to stderr: stdout is for our own data.
    Stderr,
    /// Nowhere: the terminal is somebody else's.
    Discarded,
}

/// Most bytes of what waits and runs, in all; what is too much is not run.
const BYTES_MAX: usize = 16 << 20;
/// Most reasons that are told why it could not be started.
const REASONS_MAX: usize = 8;

/// What one of them is started with.
#[derive(Debug, Default)]
pub(crate) struct Call {
    pub(crate) arguments: Vec<String>,
    /// Variables besides our own; none of them with a NUL in it, which no environment can hold.
    pub(crate) environment: Vec<(String, String)>,
    /// What it reads.
    pub(crate) stdin: Vec<u8>,
}

impl Call {
    fn len(&self) -> usize {
        let variables = self.environment.iter().map(|(name, value)| name.len() + value.len());
        self.arguments.iter().map(String::len).sum::<usize>() + variables.sum::<usize>() + self.stdin.len()
    }
}

/// The runs of one program.
pub(crate) struct Children {
    manner: Manner,
    calls: Sender<Call>,
    queue: Receiver<Call>,
    /// Threads, each of which starts one after the other and waits for its end.
    workers: usize,
    shared: Arc<Shared>,
    /// Each worker holds an end of this: it is cut when the last of them has ended.
    at_work: (Sender<Infallible>, Receiver<Infallible>),
    /// So many were not run.
    left_out: u64,
}

/// What the workers share.
struct Shared {
    program: String,
    output: ChildOutput,
    /// Calls that wait or run, and their bytes.
    pending: AtomicUsize,
    pending_bytes: AtomicUsize,
    /// So many ended with a failure.
    failed: AtomicU64,
    /// Why it could not be started, as far as that was told.
    reasons: Mutex<BTreeSet<String>>,
    tell: Box<dyn Fn(String) + Send + Sync>,
}

impl Children {
    /// None yet. What goes wrong with one is told by `tell`, in whatever thread that is noticed.
    pub(crate) fn new(program: &str, manner: Manner, tell: impl Fn(String) + Send + Sync + 'static) -> Self {
        let (calls, queue) = bounded(manner.running + manner.waiting);
        let shared = Shared {
            program: program.to_owned(),
            output: manner.output,
            pending: AtomicUsize::new(0),
            pending_bytes: AtomicUsize::new(0),
            failed: AtomicU64::new(0),
            reasons: Mutex::default(),
            tell: Box::new(tell),
        };
        Self { manner, calls, queue, workers: 0, shared: Arc::new(shared), at_work: bounded(0), left_out: 0 }
    }

    /// Runs the program once, as soon as fewer than may be are running. Never waits; where too many wait already, it
    /// is left out, which is told the first time.
    pub(crate) fn run(&mut self, call: Call) {
        // Only here do they grow, and only in this thread: what is counted now can but get less.
        let pending = self.shared.pending.load(Ordering::Acquire);
        let (bytes, len) = (self.shared.pending_bytes.load(Ordering::Acquire), call.len());
        let has_room = pending < self.manner.running + self.manner.waiting
            && (pending == 0 || bytes.saturating_add(len) <= BYTES_MAX);
        if !has_room || !self.has_worker(pending) {
            return self.leave_out(has_room);
        }
        self.shared.pending.fetch_add(1, Ordering::AcqRel);
        self.shared.pending_bytes.fetch_add(len, Ordering::AcqRel);
        // There is room for as many as may be pending, and this end keeps the channel open.
        let _ = self.calls.try_send(call);
    }

    /// Has one more worker where all have something to do and there may be more; tells whether there is any.
    fn has_worker(&mut self, pending: usize) -> bool {
        if pending >= self.workers && self.workers < self.manner.running {
            let (queue, shared, at_work) = (self.queue.clone(), Arc::clone(&self.shared), self.at_work.0.clone());
            let work = move || {
                queue.iter().for_each(|call| shared.perform(call));
                drop(at_work);
            };
            match thread::Builder::new().name("cooee-child".into()).spawn(work) {
                Ok(_) => self.workers += 1,
                Err(error) => self.shared.tell_reason(&error),
            }
        }
        self.workers > 0
    }

    fn leave_out(&mut self, has_room: bool) {
        self.left_out += 1;
        if self.left_out == 1 && !has_room {
            let Manner { running, waiting, .. } = self.manner;
            let waiting = if waiting > 0 { format!(" and {waiting} more wait") } else { String::new() };
            (self.shared.tell)(format!(
                "{} is too slow: {running} run at once{waiting}; until some have ended, it is not started again",
                self.shared.program
            ));
        }
    }

    /// Waits until all have ended, unless a signal comes first; then those that run are left to themselves, and those
    /// that wait are not run.
    pub(crate) fn finish(self, signals: &Receiver<i32>) -> Result<(), Ending> {
        let Self { calls, shared, at_work: (sender, at_work), left_out, .. } = self;
        if left_out > 0 {
            (shared.tell)(format!("{} was not started {}: it was too slow", shared.program, times(left_out)));
        }
        // Without this end, the workers end when nothing waits any more.
        drop((calls, sender));
        select_biased! {
            recv(at_work) -> _ => Ok(()),
            recv(signals) -> signal => Err(Ending::Signal(signal.unwrap_or(0))),
        }
    }
}

impl Shared {
    fn perform(&self, call: Call) {
        let len = call.len();
        match self.start_and_wait(call) {
            Ok(status) if status.success() => {}
            Ok(status) => self.tell_failure(status),
            Err(error) => self.tell_reason(&error),
        }
        self.pending_bytes.fetch_sub(len, Ordering::AcqRel);
        self.pending.fetch_sub(1, Ordering::AcqRel);
    }

    fn start_and_wait(&self, call: Call) -> io::Result<ExitStatus> {
        let mut command = Command::new(&self.program);
        command.args(call.arguments).envs(call.environment);
        command.stdin(if call.stdin.is_empty() { Stdio::null() } else { Stdio::piped() });
        let output = || match self.output {
            ChildOutput::Stderr => Stdio::from(io::stderr()),
            ChildOutput::Discarded => Stdio::null(),
        };
        let mut child = command.stdout(output()).stderr(output()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that does not read is no failure.
            let _ = stdin.write_all(&call.stdin);
        }
        child.wait()
    }

    /// Told ever more rarely: a program that always fails would else fill the terminal.
    fn tell_failure(&self, status: ExitStatus) {
        let failed = self.failed.fetch_add(1, Ordering::AcqRel) + 1;
        if failed.is_power_of_two() {
            let so_far = if failed > 1 { format!("; it has failed {}", times(failed)) } else { String::new() };
            (self.tell)(format!("{} failed ({status}){so_far}", self.program));
        }
    }

    fn tell_reason(&self, error: &io::Error) {
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = error.to_string();
        if reasons.len() < REASONS_MAX && reasons.insert(reason) {
            (self.tell)(format!("cannot start {}: {error}", self.program));
        }
    }
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

#[cfg(test)]
mod tests;

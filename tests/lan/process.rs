//! A child process whose output is heard line by line, each wait with its limit.

#[path = "signal.rs"]
mod signal;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::SigId;
use signal_hook::consts::SIGCHLD;
use signal_hook::low_level::{pipe, unregister};

/// For what should happen at once; a busy machine gets the rest.
pub(crate) const LIMIT: Duration = Duration::from_secs(15);

/// A stream that a process writes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A line that a process wrote.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Where.
    pub(crate) stream: Stream,
    /// When it arrived here.
    pub(crate) at: Instant,
    /// What, without the newline; bytes that are not UTF-8 are replaced.
    pub(crate) text: String,
}

/// A child process. Killed when dropped.
///
/// Every wait that reaches its limit, and every wait for what cannot come any more, panics and shows all that the
/// process has said.
pub(crate) struct Running {
    name: String,
    began: Instant,
    child: Child,
    stdin: Option<ChildStdin>,
    said: Receiver<Said>,
    heard: Vec<Line>,
    /// How many of `heard` lie behind the last line that was expected, a stream.
    passed: [usize; 2],
    ended: [bool; 2],
    children: ChildEnds,
}

impl Running {
    /// Starts it with its three standard streams in pipes.
    #[track_caller]
    pub(crate) fn start(command: &mut Command) -> Self {
        let name = format!("{command:?}");
        // Before the process is there, so that its end cannot be missed.
        let children = ChildEnds::watch();
        let mut child = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(e) => panic!("cannot start {name}: {e}"),
        };
        let (sender, said) = mpsc::channel();
        read_lines(Stream::Out, child.stdout.take().expect("it is piped"), sender.clone());
        read_lines(Stream::Err, child.stderr.take().expect("it is piped"), sender);
        Self {
            name,
            began: Instant::now(),
            stdin: child.stdin.take(),
            child,
            said,
            heard: Vec::new(),
            passed: [0; 2],
            ended: [false; 2],
            children,
        }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the first line of a stream that will do, after the line that was expected there last. Lines between
    /// the two are passed over.
    #[track_caller]
    pub(crate) fn expect_line(&mut self, stream: Stream, will_do: impl Fn(&str) -> bool, limit: Duration) -> Line {
        let deadline = Instant::now() + limit;
        let mut looked = self.passed[stream as usize];
        loop {
            for (i, line) in self.heard.iter().enumerate().skip(looked) {
                if line.stream == stream && will_do(&line.text) {
                    self.passed[stream as usize] = i + 1;
                    return line.clone();
                }
            }
            looked = self.heard.len();
            if self.ended[stream as usize] {
                panic!("its {stream:?} ended before the expected line\n{}", self.account());
            }
            if !self.hear(deadline) {
                panic!("no expected line on its {stream:?} within {limit:?}\n{}", self.account());
            }
        }
    }

    /// All lines heard so far, in the order of their arrival. After [`wait`](Self::wait) these are all that it said.
    pub(crate) fn heard(&mut self) -> &[Line] {
        while let Ok(said) = self.said.try_recv() {
            self.note(said);
        }
        &self.heard
    }

    /// Types a line.
    #[track_caller]
    pub(crate) fn write_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("its standard input is open");
        if let Err(e) = stdin.write_all(format!("{line}\n").as_bytes()) {
            panic!("cannot write {line:?} to it: {e}\n{}", self.account());
        }
    }

    /// Ends its standard input.
    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Sends it a signal, named as `kill` names them: `TERM`, `INT`, `STOP`. When it is to stop, it has when this comes
    /// back.
    #[track_caller]
    pub(crate) fn signal(&mut self, signal: &str) {
        // Once it has been waited for, its pid may be somebody else's.
        if let Some(status) = self.status() {
            panic!("no SIG{signal} for what has ended with {status}\n{}", self.account());
        }
        signal::send(signal, self.pid(), LIMIT);
    }

    /// Waits until it has ended, and for the last of its output.
    #[track_caller]
    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        let deadline = Instant::now() + limit;
        let status = loop {
            if let Some(status) = self.status() {
                break status;
            }
            if !self.children.next(deadline) {
                panic!("it did not end within {limit:?}\n{}", self.account());
            }
        };
        // A child of its own may hold the pipes open: that costs the rest of the limit, and no more.
        while self.ended != [true; 2] && self.hear(deadline) {}
        status
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap_or_else(|e| panic!("cannot wait for {}: {e}", self.name))
    }

    /// Takes what it says next; false when the deadline came first or when all is said.
    fn hear(&mut self, deadline: Instant) -> bool {
        match self.said.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(said) => self.note(said),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
        }
        true
    }

    fn note(&mut self, said: Said) {
        match said {
            Said::Line(line) => self.heard.push(line),
            Said::End(stream) => self.ended[stream as usize] = true,
        }
    }

    /// For the message of a failure.
    fn account(&mut self) -> String {
        let state = self.status().map_or("runs".to_owned(), |status| format!("ended with {status}"));
        let mut account = format!("{} (pid {}) {state}; it said:\n", self.name, self.pid());
        let began = self.began;
        for Line { stream, at, text } in self.heard() {
            let seconds = at.saturating_duration_since(began).as_secs_f64();
            writeln!(account, "  {seconds:8.3} {stream:?}: {text}").expect("a string takes everything");
        }
        account
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

enum Said {
    Line(Line),
    End(Stream),
}

fn read_lines(stream: Stream, from: impl Read + Send + 'static, to: Sender<Said>) {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut bytes = Vec::new();
        while from.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
            let text = String::from_utf8_lossy(bytes.strip_suffix(b"\n").unwrap_or(&bytes)).into_owned();
            // Nobody listens once the process has been dropped; this reads on, so that it need not block.
            let _ = to.send(Said::Line(Line { stream, at: Instant::now(), text }));
            bytes.clear();
        }
        let _ = to.send(Said::End(stream));
    });
}

/// Wakes whenever some child of this process ends. That, and not a thread that waits for the one child, because the
/// thread would free the pid while [`Running::signal`] may be about to use it.
struct ChildEnds {
    wakes: UnixStream,
    registration: SigId,
}

impl ChildEnds {
    fn watch() -> Self {
        let (wakes, write) = UnixStream::pair().expect("a pair of sockets");
        let registration = pipe::register(SIGCHLD, write).expect("SIGCHLD may be watched");
        Self { wakes, registration }
    }

    /// Waits for the next end of a child, which may have been any; false when the deadline came first.
    fn next(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        self.wakes.set_read_timeout(Some(left)).expect("a time-out above zero is allowed");
        // Time-out, interruption and a byte are all the same to the caller, who looks again.
        let _ = self.wakes.read(&mut [0; 64]);
        true
    }
}

impl Drop for ChildEnds {
    fn drop(&mut self) {
        unregister(self.registration);
    }
}

//! A chat in a pseudo-terminal, its screen read by a terminal emulator.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(15);
const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

/// A chat in a terminal of its own.
pub(crate) struct Chat {
    child: Child,
    keyboard: File,
    terminal: File,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// What it keeps, as long as it is open.
    data: Option<TempDir>,
}

impl Chat {
    /// Opens one of an installation of its own.
    pub(crate) fn open(port: &str, nick: &str) -> Self {
        let mut chat = Self::start(&["--port", port, "--nick", nick]);
        chat.expect(&format!("[{nick}]"));
        chat.expect("here");
        chat
    }

    pub(crate) fn start(words: &[&str]) -> Self {
        let data = TempDir::new().unwrap();
        let command = Command::new(env!("CARGO_BIN_EXE_cooee"));
        Self::start_in(command, data.path(), words).keeping(data)
    }

    /// One that has the terminal for its own, as where a shell has started it: so it can ask for a passphrase.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_in_session(words: &[&str]) -> Self {
        let data = TempDir::new().unwrap();
        let mut command = Command::new("setsid");
        command.args(["--ctty", env!("CARGO_BIN_EXE_cooee")]);
        Self::start_in(command, data.path(), words).keeping(data)
    }

    fn keeping(mut self, data: TempDir) -> Self {
        self.data = Some(data);
        self
    }

    /// One whose data lies there.
    pub(crate) fn start_in(mut command: Command, data: &Path, words: &[&str]) -> Self {
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).unwrap();
        let terminal = File::from(pty.slave);
        let end = || Stdio::from(terminal.try_clone().unwrap());
        command.args(["--interface", "lo"]).args(words).env("TERM", "xterm-256color");
        for variable in ["COOEE_ROOM", "COOEE_IDENTITY", "COOEE_PASSPHRASE"] {
            command.env_remove(variable);
        }
        command.env("XDG_DATA_HOME", data);
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        let keyboard = File::from(pty.master);
        let mut shown = keyboard.try_clone().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(len @ 1..) = shown.read(&mut buffer) {
                if sender.send(buffer[..len].to_vec()).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(ROWS, COLUMNS, 1000);
        Self { child, keyboard, terminal, output, screen, data: None }
    }

    pub(crate) fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen satisfies.
    #[track_caller]
    pub(crate) fn expect_screen(&mut self, what: &str, will_do: impl Fn(&[String]) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !will_do(&self.rows()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(_) => panic!("{what} is not on the screen:\n{}", self.rows().join("\n")),
            }
        }
    }

    /// Waits until a row holds these words.
    #[track_caller]
    pub(crate) fn expect(&mut self, words: &str) {
        self.expect_screen(words, |rows| rows.iter().any(|row| row.contains(words)));
    }

    /// What is on the screen, row by row, without trailing blanks.
    pub(crate) fn rows(&self) -> Vec<String> {
        self.screen.screen().rows(0, COLUMNS).map(|row| row.trim_end().to_owned()).collect()
    }

    pub(crate) fn is_raw(&self) -> bool {
        !tcgetattr(&self.terminal).unwrap().local_flags.contains(LocalFlags::ICANON)
    }

    /// Whether the terminal shows what is typed.
    #[cfg(target_os = "linux")]
    pub(crate) fn echoes(&self) -> bool {
        tcgetattr(&self.terminal).unwrap().local_flags.contains(LocalFlags::ECHO)
    }

    pub(crate) fn signal(&self, signal: &str) {
        // The shell's own `kill` is everywhere.
        let pid = self.child.id().to_string();
        let done = Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, signal, &pid]).status();
        assert!(done.unwrap().success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + LIMIT;
        let (_open, never) = channel::<()>();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            self.output.try_iter().for_each(|bytes| self.screen.process(&bytes));
            assert!(Instant::now() < deadline, "it does not end:\n{}", self.rows().join("\n"));
            // A child's end wakes nobody here; to look is the only way.
            let _ = never.recv_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that no other test of this process uses, nor most likely those of another one that runs at the same time:
/// far enough from the next one for the runs' own ports, which lie behind it.
pub(crate) fn port(number: u32) -> String {
    (10_000 + (std::process::id() % 80) * 200 + number * 20).to_string()
}

/// Two that know each other, on a port of their own.
pub(crate) fn two(number: u32) -> (Chat, Chat) {
    let port = port(number);
    let mut alice = Chat::open(&port, "alice");
    let bob = Chat::open(&port, "bob");
    alice.expect("→ bob is here");
    (alice, bob)
}

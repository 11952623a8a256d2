//! A chat in a pseudo-terminal, its screen read by a terminal emulator.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};
use tempfile::TempDir;

use crate::signal;

const LIMIT: Duration = Duration::from_secs(15);
const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

/// A chat in a terminal of its own.
pub(crate) struct Chat {
    child: Child,
    keyboard: File,
    terminal: File,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser<Questions>,
    /// What it keeps, as long as it is open.
    data: Option<TempDir>,
}

/// What the program asks of its terminal.
#[derive(Default)]
struct Questions {
    /// Where the cursor was when that was asked, row and column from 0.
    cursors: Vec<(u16, u16)>,
    /// How often the bell has rung.
    bells: usize,
    /// What it was asked to show in a notice (OSC 9).
    notices: Vec<String>,
}

impl vt100::Callbacks for Questions {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, words: &[&[u8]]) {
        if let [b"9", words @ ..] = words {
            self.notices.push(String::from_utf8_lossy(&words.join(&b';')).into_owned());
        }
    }

    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        _: Option<u8>,
        _: Option<u8>,
        words: &[&[u16]],
        last: char,
    ) {
        if last == 'n' && words == [[6]] {
            self.cursors.push(screen.cursor_position());
        }
    }
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

    /// One whose data and settings lie there.
    pub(crate) fn start_in(mut command: Command, data: &Path, words: &[&str]) -> Self {
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).unwrap();
        let terminal = File::from(pty.slave);
        let end = || Stdio::from(terminal.try_clone().unwrap());
        command.args(["--interface", "lo"]).args(words).env("TERM", "xterm-256color");
        for variable in ["COOEE_ROOM", "COOEE_IDENTITY", "COOEE_PASSPHRASE"] {
            command.env_remove(variable);
        }
        for variable in ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            if command.get_envs().all(|(set, _)| set != variable) {
                command.env(variable, data);
            }
        }
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
        let screen = vt100::Parser::new_with_callbacks(ROWS, COLUMNS, 20_000, Questions::default());
        Self { child, keyboard, terminal, output, screen, data: None }
    }

    pub(crate) fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Shows what the program has written, and answers what it asks.
    fn show(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        for (row, column) in std::mem::take(&mut self.screen.callbacks_mut().cursors) {
            // It may have ended meanwhile.
            let _ = write!(self.keyboard, "\x1b[{};{}R", row + 1, column + 1);
        }
    }

    fn show_what_has_come(&mut self) {
        while let Ok(bytes) = self.output.try_recv() {
            self.show(&bytes);
        }
    }

    /// Makes the terminal wider or narrower. This emulator cuts off what no longer fits; it breaks no row into several,
    /// as others do.
    pub(crate) fn resize(&mut self, columns: u16) {
        self.show_what_has_come();
        self.screen.screen_mut().set_size(ROWS, columns);
        let mut stty = Command::new("stty");
        let done = stty.args(["cols", &columns.to_string()]).stdin(self.terminal.try_clone().unwrap()).status();
        assert!(done.unwrap().success());
        // The system tells only those who have the terminal for their own.
        self.signal("WINCH");
    }

    /// All rows that were ever shown, those that have scrolled away too, without trailing blanks.
    pub(crate) fn all_rows(&mut self) -> Vec<String> {
        let screen = self.screen.screen_mut();
        screen.set_scrollback(usize::MAX);
        let (columns, above) = (screen.size().1, screen.scrollback());
        let mut rows = Vec::new();
        for back in (1..=above).rev() {
            screen.set_scrollback(back);
            rows.extend(screen.rows(0, columns).next());
        }
        screen.set_scrollback(0);
        rows.extend(screen.rows(0, columns));
        rows.iter().map(|row| row.trim_end().to_owned()).collect()
    }

    /// Waits until the screen satisfies.
    #[track_caller]
    pub(crate) fn expect_screen(&mut self, what: &str, will_do: impl Fn(&[String]) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !will_do(&self.rows()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.show(&bytes),
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
        self.screen.screen().rows(0, self.screen.screen().size().1).map(|row| row.trim_end().to_owned()).collect()
    }

    /// How often the bell has rung.
    pub(crate) fn bells(&self) -> usize {
        self.screen.callbacks().bells
    }

    /// The notices that were shown so far.
    pub(crate) fn notices(&self) -> &[String] {
        &self.screen.callbacks().notices
    }

    /// Whether these words stand on the screen in bold.
    pub(crate) fn is_bold(&self, words: &str) -> bool {
        let screen = self.screen.screen();
        let row = |row: u16| (0..COLUMNS).filter_map(move |column| screen.cell(row, column));
        (0..ROWS).any(|number| {
            let bold: String = row(number).map(|cell| if cell.bold() { cell.contents() } else { "\0" }).collect();
            bold.contains(words)
        })
    }

    pub(crate) fn is_raw(&self) -> bool {
        !tcgetattr(&self.terminal).unwrap().local_flags.contains(LocalFlags::ICANON)
    }

    /// Whether the terminal marks what is pasted.
    pub(crate) fn marks_pastes(&self) -> bool {
        self.screen.screen().bracketed_paste()
    }

    /// Whether the terminal shows what is typed.
    #[cfg(target_os = "linux")]
    pub(crate) fn echoes(&self) -> bool {
        tcgetattr(&self.terminal).unwrap().local_flags.contains(LocalFlags::ECHO)
    }

    pub(crate) fn signal(&self, name: &str) {
        signal::send(name, self.child.id(), LIMIT);
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + LIMIT;
        let (_open, never) = channel::<()>();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            self.show_what_has_come();
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
pub(crate) fn port() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    (10_000 + (std::process::id() % 16) * 1000 + NEXT.fetch_add(1, Ordering::Relaxed) * 20).to_string()
}

/// Two that know each other, on a port of their own.
pub(crate) fn two() -> (Chat, Chat) {
    two_on(&port())
}

/// Two that know each other, on this port.
pub(crate) fn two_on(port: &str) -> (Chat, Chat) {
    let mut alice = Chat::open(port, "alice");
    let bob = Chat::open(port, "bob");
    alice.expect("→ bob is here");
    (alice, bob)
}

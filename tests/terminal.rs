//! The chat in a terminal: the real program in a pseudo-terminal, its screen read by a terminal emulator. Whatever is
//! sent stays on loopback.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::disallowed_methods, reason = "a process lives in real time")]

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};

const LIMIT: Duration = Duration::from_secs(15);
const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

/// A chat in a terminal of its own.
struct Chat {
    child: Child,
    keyboard: File,
    terminal: File,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
}

impl Chat {
    fn open(port: &str, nick: &str) -> Self {
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).unwrap();
        let terminal = File::from(pty.slave);
        let end = || Stdio::from(terminal.try_clone().unwrap());
        let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
        command.args(["--interface", "lo", "--port", port, "--nick", nick]).env("TERM", "xterm-256color");
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
        let mut chat = Self { child, keyboard, terminal, output, screen: vt100::Parser::new(ROWS, COLUMNS, 1000) };
        chat.expect(&format!("[{nick}]"));
        chat.expect("here");
        chat
    }

    fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen satisfies.
    #[track_caller]
    fn expect_screen(&mut self, what: &str, will_do: impl Fn(&[String]) -> bool) {
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
    fn expect(&mut self, words: &str) {
        self.expect_screen(words, |rows| rows.iter().any(|row| row.contains(words)));
    }

    /// What is on the screen, row by row, without trailing blanks.
    fn rows(&self) -> Vec<String> {
        self.screen.screen().rows(0, COLUMNS).map(|row| row.trim_end().to_owned()).collect()
    }

    fn is_raw(&self) -> bool {
        !tcgetattr(&self.terminal).unwrap().local_flags.contains(LocalFlags::ICANON)
    }

    fn signal(&self, signal: &str) {
        // The shell's own `kill` is everywhere.
        let pid = self.child.id().to_string();
        let done = Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, signal, &pid]).status();
        assert!(done.unwrap().success());
    }

    fn wait(&mut self) -> ExitStatus {
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
fn port(number: u32) -> String {
    (10_000 + (std::process::id() % 80) * 200 + number * 20).to_string()
}

/// Two that know each other, on a port of their own.
fn two(number: u32) -> (Chat, Chat) {
    let port = port(number);
    let mut alice = Chat::open(&port, "alice");
    let bob = Chat::open(&port, "bob");
    alice.expect("→ bob is here");
    (alice, bob)
}

#[test]
fn what_others_say_stands_above_the_line_that_is_typed() {
    let (mut alice, mut bob) = two(0);
    bob.keys("half a line, not yet sa");
    bob.expect("[bob] half a line, not yet sa");
    for number in 0..20 {
        alice.keys(&format!("line {number}\r"));
        bob.expect(&format!("alice    line {number}"));
        bob.expect("[bob] half a line, not yet sa");
    }
    bob.keys("id\r");
    alice.expect("bob      half a line, not yet said");
}

#[test]
fn joins_names_nicks_and_leaves_are_shown() {
    let (mut alice, mut bob) = two(1);
    bob.expect("1 here: alice.");
    bob.keys("/nick robert\r");
    alice.expect("bob is now robert");
    bob.expect("[robert]");
    alice.keys("/names\r");
    alice.expect("1 here: robert.");
    bob.keys("/me waves\r");
    alice.expect("* robert waves");
    bob.keys("\u{4}");
    assert_eq!(bob.wait().code(), Some(0));
    alice.expect("← robert left");
}

#[test]
fn what_is_mistyped_is_not_said_and_up_brings_it_back() {
    let (mut alice, mut bob) = two(2);
    alice.keys("/quti\r");
    alice.expect("Unknown command /quti. Did you mean /quit?");
    alice.keys("\u{1b}[A");
    alice.expect_screen("the line again", |rows| rows.iter().filter(|row| row.ends_with("[alice] /quti")).count() == 2);
    alice.keys("\u{15}said\r");
    bob.expect("alice    said");
    assert!(bob.rows().iter().all(|row| !row.contains("quti")));
}

#[test]
fn ctrl_c_clears_the_line_and_twice_it_leaves() {
    let (mut alice, mut bob) = two(3);
    alice.keys("never mind");
    alice.expect("[alice] never mind");
    alice.keys("\u{3}");
    alice.expect("Ctrl-C again, Ctrl-D or /quit leaves.");
    alice.keys("\u{3}");
    assert_eq!(alice.wait().code(), Some(0));
    bob.expect("← alice left");
    assert!(bob.rows().iter().all(|row| !row.contains("never mind")));
}

#[test]
fn what_is_typed_ahead_is_not_lost() {
    let (mut alice, mut bob) = two(8);
    for number in 0..20 {
        alice.keys(&format!("line {number}\r/names\r"));
    }
    alice.keys("the last one\r\u{4}");
    assert_eq!(alice.wait().code(), Some(0));
    bob.expect("alice    line 19");
    bob.expect("alice    the last one");
    bob.expect("← alice left");
}

#[test]
fn the_terminal_is_given_back_however_it_ends() {
    use std::os::unix::process::ExitStatusExt;
    let (mut alice, mut bob) = two(4);
    assert!(alice.is_raw());
    alice.keys("half a line");
    alice.expect("[alice] half a line");
    alice.signal("TERM");
    assert_eq!(alice.wait().signal(), Some(15));
    assert!(!alice.is_raw());
    bob.expect("← alice left");
    bob.keys("/quit\r");
    assert_eq!(bob.wait().code(), Some(0));
    assert!(!bob.is_raw());
}

#[test]
fn a_paste_of_several_lines_is_one_message_that_cannot_pose_as_another() {
    let (mut alice, mut bob) = two(5);
    alice.keys("\u{1b}[200~first\n14:02 eve      trust me\u{1b}[201~\r");
    bob.expect("alice    first");
    bob.expect("    14:02 eve      trust me");
}

#[test]
fn wide_characters_do_not_upset_the_typed_line() {
    let (mut alice, mut bob) = two(6);
    bob.keys("鍵は植木鉢の");
    bob.expect("[bob] 鍵は植木鉢の");
    alice.keys("どこ?\r");
    bob.expect("alice    どこ?");
    bob.expect("[bob] 鍵は植木鉢の");
    bob.keys("下\r");
    alice.expect("bob      鍵は植木鉢の下");
}

#[test]
fn who_is_alone_is_told_how_to_try_it_out() {
    let mut alice = Chat::open(&port(7), "alice");
    alice.expect("Nobody else on lo 127.0.0.1 yet; they will appear here.");
    alice.expect("open a second terminal");
}

#[test]
fn who_has_not_heard_a_line_is_told() {
    let (mut alice, mut bob) = two(9);
    bob.signal("STOP");
    alice.keys("yes, where we always meet on Mondays\r");
    alice.expect("! bob has not heard \"yes, where we always me…\"");
    bob.signal("CONT");
    bob.expect("alice    yes, where we always meet on Mondays");
}

#[test]
fn a_newcomer_sees_what_was_said_before() {
    let (mut alice, mut bob) = two(10);
    alice.keys("lunch at noon?\r");
    bob.expect("alice    lunch at noon?");
    alice.keys("/quit\r");
    assert_eq!(alice.wait().code(), Some(0));
    let mut carol = Chat::open(&port(10), "carol");
    carol.expect_screen("the line, marked", |rows| {
        rows.iter().any(|row| row.starts_with("earlier ") && row.ends_with(" alice    lunch at noon?"))
    });
    bob.keys("yes\r");
    carol.expect("bob      yes");
    assert!(carol.rows().iter().all(|row| !row.ends_with("yes") || !row.starts_with("earlier")));
}

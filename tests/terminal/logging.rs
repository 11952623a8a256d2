//! The log, as far as the chat shows anything of it.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::chat::{Chat, port};

#[test]
fn a_log_that_cannot_be_written_is_told_once_and_the_talk_goes_on() {
    let port = port();
    let folder = TempDir::new().unwrap();
    // Where a file stands, there is no folder.
    fs::write(folder.path().join("file"), "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
    command.env("XDG_STATE_HOME", folder.path().join("file"));
    let words = ["--log", "--port", &port, "--nick", "alice"];
    let mut alice = Chat::start_in(command, &folder.path().join("data"), &words);
    alice.expect(" ! cannot write the log ");
    // Whoever comes from now on is told by himself.
    alice.expect("Type to talk to all");
    let mut bob = Chat::open(&port, "bob");
    alice.expect("→ bob is here");
    for said in ["lunch?", "at noon?"] {
        bob.keys(&format!("{said}\r"));
        alice.expect(&format!("bob      {said}"));
    }
    alice.keys("/last 5 LUNCH\r");
    let times = |rows: &[String], end: &str| rows.iter().filter(|row| row.contains(end)).count();
    alice.expect_screen("the line again", |rows| times(rows, "bob      lunch?") == 2);
    alice.keys("/last dinner\r");
    alice.expect("! nothing with \"dinner\" in it was said, as far as is known here");
    assert_eq!((times(&alice.rows(), "at noon?"), times(&alice.rows(), "cannot write the log")), (1, 1));
}

#[test]
fn what_was_said_in_an_earlier_session_is_found_in_the_log() {
    let (port, data) = (port(), TempDir::new().unwrap());
    let open = |words: &[&str]| {
        let command = Command::new(env!("CARGO_BIN_EXE_cooee"));
        let mut alice = Chat::start_in(command, data.path(), &[&["--port", &port, "--nick", "alice"], words].concat());
        alice.expect("Type to talk to all");
        alice
    };
    let mut alice = open(&["--log"]);
    alice.keys("the key is under the mat\r");
    alice.expect(" alice    the key is under the mat");
    alice.keys("/quit\r");
    assert_eq!(alice.wait().code(), Some(0));
    let mut alice = open(&["--log"]);
    alice.keys("/last MAT\r");
    alice.expect_screen("the day, and the line", |rows| {
        let line = rows.iter().position(|row| row.ends_with(" alice    the key is under the mat"));
        line.is_some_and(|line| rows[line - 1].starts_with("── "))
    });
    alice.keys("/last tea\r");
    alice.expect("! nothing with \"tea\" in it was said, as far as is known here");
    let mut alice = open(&[]);
    alice.keys("/last mat\r");
    alice.expect("! nothing with \"mat\" in it was said");
}

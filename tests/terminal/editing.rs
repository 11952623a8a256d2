//! The keys: what they do to the line that is typed, and what comes of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tempfile::TempDir;

use crate::chat::{Chat, port, two};

const UP: &str = "\u{1b}[A";

#[test]
fn pasted_lines_without_marks_are_said_one_by_one() {
    let (mut alice, mut bob) = two();
    let lines: Vec<String> = (0..200).map(|number| format!("line {number} of the paste")).collect();
    alice.keys(&(lines.join("\r") + "\rand a bit"));
    bob.expect("alice    line 199 of the paste");
    let heard: Vec<String> =
        bob.all_rows().iter().filter_map(|row| Some(row.split_once("alice    ")?.1.to_owned())).collect();
    assert_eq!(heard, lines);
    alice.expect("[alice] and a bit");
}

#[test]
fn pasted_lines_with_marks_wait_until_they_are_said_or_dropped() {
    let (mut alice, mut bob) = two();
    let lines: Vec<String> = (0..200).map(|number| format!("line {number}")).collect();
    let paste = format!("\u{1b}[200~{}\u{1b}[201~", lines.join("\r"));
    alice.keys(&paste);
    alice.expect("200 lines pasted: Enter says them as one text, Ctrl-C drops them.");
    alice.expect("⏎line 198⏎line 199");
    alice.keys("\u{3}");
    alice.expect("Ctrl-C again");
    alice.expect_screen("an empty line", |rows| rows.iter().rfind(|row| !row.is_empty()).unwrap() == "[alice]");
    alice.keys(&format!("see {paste}\r"));
    bob.expect("    line 199");
    let rows = bob.all_rows();
    let first = rows.iter().position(|row| row.ends_with("alice    see line 0")).unwrap();
    for (row, line) in rows[first + 1..].iter().zip(&lines[1..]) {
        assert_eq!(row, &format!("    {line}"));
    }
}

#[test]
fn the_keys_that_others_know_work() {
    let (mut alice, mut bob) = two();
    alice.keys("is the key undr the pot?\u{1}where \u{1b}f\u{1b}f\u{1b}f\u{1b}f\u{1b}[De");
    alice.expect("[alice] where is the key under the pot?");
    alice.keys("\u{5}\u{1b}\u{7f}\u{17}the mat?\r");
    bob.expect("alice    where is the key under the mat?");
    alice.keys("\u{12}where");
    alice.expect("(search: where) where is the key under the mat?");
    alice.keys("\u{5}!\r");
    bob.expect("alice    where is the key under the mat?!");
}

#[test]
fn tab_completes_names_and_commands() {
    let (mut alice, mut bob) = two();
    alice.keys("B\t");
    alice.expect("[alice] bob:");
    alice.keys("hi\r");
    bob.expect("alice    bob: hi");
    bob.keys("ask a\tor ?\r");
    alice.expect("bob      ask alice or ?");
    alice.keys("/na\t");
    alice.expect("[alice] /names");
    alice.keys("\u{15}/whoi\tbo\t");
    alice.expect("[alice] /whois bob");
}

#[test]
fn what_was_entered_comes_back_in_the_next_session_but_for_what_was_private() {
    let data = TempDir::new().unwrap();
    let open = |words: &[&str]| {
        let command = Command::new(env!("CARGO_BIN_EXE_cooee"));
        let mut chat = Chat::start_in(command, data.path(), &[&["--port", &port(), "--nick", "alice"], words].concat());
        chat.expect("Type to talk to all");
        chat
    };
    let mut chat = open(&[]);
    chat.keys("under the pot\r/msg bob the secret\r  /r the secret\r\u{1b}[200~one\rtwo\u{1b}[201~\r/mgs the secret\r");
    chat.expect("Unknown command /mgs");
    chat.keys(UP);
    chat.expect_screen("the slip again", |rows| {
        rows.iter().rfind(|row| !row.is_empty()).unwrap().ends_with("/mgs the secret")
    });
    chat.keys("\u{3}\u{3}");
    assert_eq!(chat.wait().code(), Some(0));

    let file = data.path().join("cooee").join("history");
    assert_eq!(fs::read_to_string(&file).unwrap(), "under the pot\none\\ntwo\n");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let mut chat = open(&[]);
    chat.keys(UP);
    chat.expect("[alice] one⏎two");
    chat.keys(UP);
    chat.expect("[alice] under the pot");
    chat.keys("\u{3}\u{3}");
    assert_eq!(chat.wait().code(), Some(0));

    let mut chat = open(&["--ephemeral"]);
    chat.keys(&format!("not to be kept\r{UP}{UP}!"));
    chat.expect_screen("nothing from earlier", |rows| {
        rows.iter().rfind(|row| !row.is_empty()).unwrap() == "[alice] not to be kept!"
    });
    assert!(!fs::read_to_string(&file).unwrap().contains("not to be kept"));
}

#[test]
fn a_history_that_cannot_be_read_is_told_once() {
    let data = TempDir::new().unwrap();
    fs::create_dir_all(data.path().join("cooee").join("history")).unwrap();
    let command = Command::new(env!("CARGO_BIN_EXE_cooee"));
    let mut chat = Chat::start_in(command, data.path(), &["--port", &port(), "--nick", "alice"]);
    chat.expect("that you enter are remembered in this run only");
    chat.keys(&format!("one\rtwo\r{UP}{UP}!"));
    chat.expect("[alice] one!");
    assert_eq!(chat.all_rows().iter().filter(|row| row.contains("not a file")).count(), 1);
}

/// A shell without a user: it starts the chat as a job, tells when that has stopped, and lets it go on at a word.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again() {
    let port = port();
    const SHELL: &str = r#"set -m; "$0" "$@"; echo "stopped: $?"; read go; fg; echo "ended: $?""#;
    let data = TempDir::new().unwrap();
    let mut shell = Command::new("setsid");
    shell.args(["--ctty", "sh", "-c", SHELL, env!("CARGO_BIN_EXE_cooee")]);
    let mut alice = Chat::start_in(shell, data.path(), &["--port", &port, "--nick", "alice"]);
    alice.expect("Type to talk to all");
    let mut bob = Chat::open(&port, "bob");
    alice.expect("→ bob is here");
    alice.keys("half a line");
    alice.expect("[alice] half a line");
    alice.keys("\u{1a}");
    alice.expect("stopped: 148");
    assert!(!alice.is_raw() && alice.echoes());
    assert!(alice.rows().iter().all(|row| !row.contains("half a line")), "{:?}", alice.rows());
    alice.keys("go\n");
    alice.expect("[alice] half a line");
    assert!(alice.is_raw());
    alice.keys(", not lost\r");
    bob.expect("alice    half a line, not lost");
    alice.keys("\u{4}");
    alice.expect("ended: 0");
    assert_eq!(alice.wait().code(), Some(0));
    assert!(!alice.is_raw());
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_z_does_nothing_where_no_shell_could_let_it_go_on() {
    let mut alice = Chat::start_in_session(&["--port", &port(), "--nick", "alice"]);
    alice.expect("Type to talk to all");
    alice.keys("half\u{1a} a line");
    alice.expect("[alice] half a line");
    assert!(alice.is_raw());
}

#[test]
fn whatever_signal_ends_it_leaves_the_terminal_as_it_was() {
    use std::os::unix::process::ExitStatusExt;
    for (signal, number) in [("TERM", 15), ("HUP", 1), ("INT", 2)] {
        let mut alice = Chat::open(&port(), "alice");
        alice.keys("half a line");
        alice.expect("[alice] half a line");
        assert!(alice.is_raw() && alice.marks_pastes());
        alice.signal(signal);
        assert_eq!(alice.wait().signal(), Some(number));
        alice.expect_screen("no row to type in", |rows| rows.iter().all(|row| !row.contains("[alice]")));
        assert!(!alice.is_raw() && !alice.marks_pastes());
    }
}

#[test]
fn the_row_is_drawn_again_when_a_stopped_chat_goes_on() {
    let mut alice = Chat::open(&port(), "alice");
    alice.keys("half");
    alice.expect("[alice] half");
    alice.signal("STOP");
    alice.keys(" a line");
    alice.signal("CONT");
    alice.expect("[alice] half a line");
}

//! The chat in a terminal: the real program in a pseudo-terminal, its screen read by a terminal emulator. Whatever is
//! sent stays on loopback.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::disallowed_methods, reason = "a process lives in real time")]

mod chat;
mod editing;
mod hearing;
mod logging;
mod private;
mod progress;
mod resizing;
mod room;
mod settings;
#[path = "../lan/signal.rs"]
mod signal;

use std::process::Command;

use tempfile::TempDir;

use self::chat::{Chat, port, two, two_on};

#[test]
fn what_others_say_stands_above_the_line_that_is_typed() {
    let (mut alice, mut bob) = two();
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
    let (mut alice, mut bob) = two();
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
    let (mut alice, mut bob) = two();
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
    let (mut alice, mut bob) = two();
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
    let (mut alice, mut bob) = two();
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
    let (mut alice, mut bob) = two();
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
    let (mut alice, mut bob) = two();
    alice.keys("\u{1b}[200~first\n14:02 eve      trust me\u{1b}[201~\r");
    bob.expect("alice    first");
    bob.expect("    14:02 eve      trust me");
}

#[test]
fn wide_characters_do_not_upset_the_typed_line() {
    let (mut alice, mut bob) = two();
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
    let mut alice = Chat::open(&port(), "alice");
    alice.expect("Nobody else on lo 127.0.0.1 yet; they will appear here.");
    alice.expect("open a second terminal");
}

#[test]
fn who_has_not_heard_a_line_is_told() {
    let (mut alice, mut bob) = two();
    bob.signal("STOP");
    alice.keys("yes, where we always meet on Mondays\r");
    alice.expect("! bob has not heard \"yes, where we always me…\"");
    bob.signal("CONT");
    bob.expect("alice    yes, where we always meet on Mondays");
}

#[test]
fn a_newcomer_sees_what_was_said_before() {
    let port = port();
    let (mut alice, mut bob) = two_on(&port);
    alice.keys("lunch at noon?\r");
    bob.expect("alice    lunch at noon?");
    alice.keys("/quit\r");
    assert_eq!(alice.wait().code(), Some(0));
    let mut carol = Chat::open(&port, "carol");
    carol.expect_screen("the line, marked", |rows| {
        rows.iter().any(|row| row.starts_with("earlier ") && row.ends_with(" alice    lunch at noon?"))
    });
    bob.keys("yes\r");
    carol.expect("bob      yes");
    assert!(carol.rows().iter().all(|row| !row.ends_with("yes") || !row.starts_with("earlier")));
}

/// Two runs of one installation have one key: neither is an impostor to the other, also under one nick.
#[test]
fn ones_own_second_terminal_is_no_impostor() {
    let (port, data) = (port(), TempDir::new().unwrap());
    let open = |nick: &str| {
        let command = Command::new(env!("CARGO_BIN_EXE_cooee"));
        Chat::start_in(command, data.path(), &["--port", &port, "--nick", nick])
    };
    let mut alice = open("alice");
    alice.expect("Type to talk to all");
    let mut second = open("alice");
    second.expect("1 here: alice.");
    alice.expect("→ alice is here");
    second.keys("/nick bob\r");
    alice.expect("alice is now bob");
    second.keys("hello\r");
    alice.expect("bob      hello");
    assert!(alice.rows().iter().all(|row| !row.contains('#') && !row.contains("another key")));
}

#[test]
fn somebody_elses_alice_is_told_of_and_verified() {
    let (mut alice, mut bob) = two();
    bob.keys("/nick Alice\r");
    alice.expect("! another Alice#");
    alice.expect("bob is now Alice#");
    alice.keys("/verify al\r");
    alice.expect("al may be Alice#");
    bob.keys("/nick bob\r");
    alice.expect(" is now bob");
    alice.keys("/verify bob\r");
    alice.expect("bob is verified now, by the key ");
    alice.keys("/whois bob\r");
    alice.expect("verified by you, known since ");
    alice.expect("last heard ");
    alice.keys("/ignore bob\r");
    alice.expect("bob is ignored from now on");
    alice.keys("/ignore\r");
    alice.expect("1 ignored: ");
}

#[cfg(target_os = "linux")]
#[test]
fn a_passphrase_is_asked_for_and_not_shown() {
    let port = port();
    let open = |nick: &str, passphrase: &str| {
        let mut chat = Chat::start_in_session(&["--port", &port, "--nick", nick, "--sealed"]);
        chat.expect("Passphrase of room lobby:");
        // Whether it is shown is decided by then.
        assert!(!chat.echoes());
        chat.keys(&format!("{passphrase}\r"));
        chat.expect(&format!("You are {nick} in lobby (sealed), on lo 127.0.0.1"));
        chat.expect(&format!("[{nick}]"));
        chat
    };
    let mut alice = open("alice", "magpie at dawn");
    alice.expect("Nobody else with this passphrase on lo 127.0.0.1 yet");
    let mut bob = open("bob", "magpie at dawn");
    alice.expect("→ bob is here");
    let mut carol = open("carol", "magpie at dusk");
    carol.expect("Nobody else with this passphrase");
    bob.keys("the key is under the pot\r");
    alice.expect("bob      the key is under the pot");
    for chat in [&alice, &bob, &carol] {
        assert!(chat.rows().iter().all(|row| !row.contains("magpie")), "{:?}", chat.rows());
    }
    assert!(carol.rows().iter().all(|row| !row.contains("pot")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_on_which_was_asked_is_given_back() {
    use std::os::unix::process::ExitStatusExt;
    let port = port();
    let mut alice = Chat::start_in_session(&["--port", &port, "--sealed"]);
    alice.expect("Passphrase of room lobby:");
    alice.keys("magp\u{3}");
    assert_eq!(alice.wait().signal(), Some(2));
    assert!(alice.echoes());
    let mut bob = Chat::start_in_session(&["--port", &port, "--sealed"]);
    bob.expect("Passphrase of room lobby:");
    bob.keys("\r");
    bob.expect("the passphrase is empty");
    assert_eq!(bob.wait().code(), Some(2));
    assert!(bob.echoes());
}

//! What the chat tells of the room: who comes and goes, who is spoken to, which room it is.

use std::process::Command;

use tempfile::TempDir;

use crate::chat::{Chat, port, two};

#[test]
fn who_comes_soon_after_another_is_told_together_with_him() {
    let port = port();
    let mut alice = Chat::open(&port, "alice");
    let mut others: Vec<Chat> =
        ["bob", "carol", "dave", "erin"].map(|nick| Chat::start(&["--port", &port, "--nick", nick])).into();
    alice.expect_screen("all four, in fewer lines", |rows| {
        let told: Vec<&String> = rows.iter().filter(|row| row.contains(" → ")).collect();
        let all = ["bob", "carol", "dave", "erin"].iter().all(|nick| told.iter().any(|row| row.contains(nick)));
        all && told.len() < 4
    });
    alice.expect(" and ");
    others.iter_mut().for_each(|other| other.keys("\u{4}"));
    alice.expect_screen("all four have left", |rows| {
        let told: Vec<&String> = rows.iter().filter(|row| row.contains(" ← ")).collect();
        ["bob", "carol", "dave", "erin"].iter().all(|nick| told.iter().any(|row| row.contains(nick)))
    });
}

#[test]
fn nobody_says_a_word_before_he_is_here() {
    let port = port();
    let mut alice = Chat::open(&port, "alice");
    let _bob = Chat::open(&port, "bob");
    alice.expect("→ bob is here");
    let mut carol = Chat::open(&port, "carol");
    carol.keys("hello\r");
    alice.expect("carol    hello");
    let rows = alice.rows();
    let at = |words: &str| rows.iter().position(|row| row.contains(words));
    assert!(at("→ carol is here").is_some_and(|here| Some(here) < at("carol    hello")), "{rows:?}");
}

#[test]
fn who_is_spoken_to_is_called() {
    let (mut alice, mut bob) = two();
    bob.keys("lunch?\r");
    alice.expect("bob      lunch?");
    assert!(!alice.is_bold("lunch?"));
    assert_eq!(alice.bells(), 0);
    bob.keys("ALICE: lunch?\r");
    alice.expect("bob      ALICE: lunch?");
    assert!(alice.is_bold("ALICE: lunch?"));
    assert_eq!(alice.bells(), 1);
    bob.keys("malice is not alice_b\r");
    alice.expect("malice");
    assert!(!alice.is_bold("malice"));
    assert_eq!(alice.bells(), 1);
}

#[test]
fn who_is_here_as_a_table() {
    let (mut alice, _bob) = two();
    alice.keys("/who\r");
    alice.expect_screen("a row for each", |rows| {
        let head = rows.iter().position(|row| row.starts_with("NICK   HOST"));
        head.is_some_and(|head| {
            rows[head + 1].starts_with("alice  ")
                && rows[head + 1].ends_with("  you")
                && rows[head + 2].starts_with("bob  ")
        })
    });
    alice.keys("/who carol\r");
    alice.expect("carol");
    alice.keys("/help who\r");
    alice.expect("  /who [NICK]       the same as a table");
}

#[test]
fn from_one_room_to_another() {
    let (mut alice, mut bob) = two();
    alice.keys("/room attic\r");
    alice.expect("You are alice in attic, on lo 127.0.0.1");
    alice.expect("Nobody else on lo 127.0.0.1 yet");
    bob.expect("← alice left");
    bob.keys("is she gone?\r");
    bob.keys("/room attic\r");
    bob.expect("You are bob in attic");
    bob.expect("1 here: alice.");
    alice.expect("→ bob is here");
    bob.keys("there you are\r");
    alice.expect("bob      there you are");
    assert!(alice.rows().iter().all(|row| !row.contains("is she gone")));
    alice.keys("/room\r");
    alice.expect("You are in room attic.");
    alice.keys("/room attic\r");
    alice.expect("you are in room attic already");
    alice.keys("/quit\r");
    assert_eq!(alice.wait().code(), Some(0));
    bob.expect("← alice left");
}

#[cfg(target_os = "linux")]
#[test]
fn who_goes_from_room_to_room_gives_the_passphrase_once() {
    let port = port();
    let data = TempDir::new().unwrap();
    let passphrase = data.path().join("passphrase");
    std::fs::write(&passphrase, "magpie at dawn\n").unwrap();
    let mut alice = Chat::start_in_session(&["--port", &port, "--nick", "alice", "--sealed"]);
    alice.expect("Passphrase of room lobby:");
    alice.keys("magpie at dawn\r");
    alice.expect("You are alice in lobby (sealed)");
    alice.keys("/room attic\r");
    alice.expect("You are alice in attic (sealed)");
    alice.expect_screen("that she is alone there too", |rows| {
        rows.iter().filter(|row| row.starts_with("Nobody else with this passphrase")).count() == 2
    });
    let file = passphrase.to_str().unwrap();
    let mut bob = Chat::start(&["--port", &port, "--nick", "bob", "--room", "attic", "--passphrase-file", file]);
    bob.expect("1 here: alice.");
    alice.expect("→ bob is here");
}

#[test]
fn a_terminal_that_is_not_utf_8_is_warned_of_once() {
    let data = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
    command.env_remove("LC_ALL").env_remove("LC_CTYPE").env("LANG", "de_DE.ISO-8859-1");
    let mut alice = Chat::start_in(command, data.path(), &["--port", &port(), "--nick", "alice"]);
    alice.expect("! by LANG=de_DE.ISO-8859-1, this terminal is not UTF-8");
    alice.keys("/room attic\r");
    alice.expect("You are alice in attic");
    alice.expect_screen("the end of the greeting", |rows| {
        rows.iter().filter(|row| row.starts_with("Type to talk to all")).count() == 2
    });
    assert_eq!(alice.rows().iter().filter(|row| row.contains("not UTF-8")).count(), 1);
}

#[test]
fn who_is_away_is_told_and_stands_in_the_table() {
    let (mut alice, mut bob) = two();
    bob.keys("/away lunch with carol\r");
    bob.expect("Others see that you are away.");
    alice.expect("→ bob is away: lunch with carol");
    alice.keys("/who bob\r");
    alice.expect_screen("it in the table", |rows| {
        rows.iter().any(|row| row.starts_with("bob  ") && row.ends_with("  away: lunch with carol"))
    });
    bob.keys("/away\r");
    bob.expect("You are back.");
    alice.expect("→ bob is back");
}

#[test]
fn how_long_it_takes_to_somebody_and_back() {
    let (mut alice, bob) = two();
    alice.keys("/ping bob\r");
    alice.expect_screen("both ways", |rows| rows.iter().any(|row| is_round_trip(row)));
    bob.signal("STOP");
    alice.keys("/ping\r");
    alice.expect("bob: unicast lost, broadcast lost");
    bob.signal("CONT");
}

/// Whether this is `bob: unicast 0.42 ms, broadcast 1.8 ms`, however long it took.
fn is_round_trip(row: &str) -> bool {
    let Some((unicast, broadcast)) = row.strip_prefix("bob: unicast ").and_then(|row| row.split_once(", broadcast "))
    else {
        return false;
    };
    [unicast, broadcast].iter().all(|time| {
        let milliseconds = time.strip_suffix(" ms").and_then(|time| time.parse::<f64>().ok());
        milliseconds.is_some_and(|milliseconds| milliseconds > 0.0)
    })
}

#[test]
fn who_is_alone_is_told_where_the_others_are() {
    let port = port();
    let _bob = Chat::start(&["--port", &port, "--nick", "bob", "--room", "attic"]);
    let _carol = Chat::start(&["--port", &port, "--nick", "carol", "--room", "attic"]);
    let mut alice = Chat::start(&["--port", &port, "--nick", "alice"]);
    alice.expect("! but 2 are in attic; /room NAME goes there");
    alice.keys("/room\r");
    alice.expect("You are in room lobby.");
    alice.expect("Others: 2 are in attic. /room NAME goes there.");
    alice.keys("/room attic\r");
    alice.expect("2 here: bob, carol.");
}

#[test]
fn who_looks_elsewhere_is_shown_a_notice() {
    let (mut alice, mut bob) = two();
    bob.keys("alice: one\r");
    alice.expect("alice: one");
    assert_eq!(alice.notices(), &[] as &[String], "she looks at the terminal");
    // As a terminal tells that another window has come to the front.
    alice.keys("\u{1b}[Ox");
    alice.expect("[alice] x");
    bob.keys("/msg alice the key is under the mat\r");
    alice.expect("bob → you");
    bob.keys("nobody is meant\r");
    alice.expect("nobody is meant");
    assert_eq!(alice.notices(), ["cooee: bob: the key is under the mat"]);
}

#[test]
fn a_day_line_stands_above_the_first_line() {
    let (mut alice, _bob) = two();
    let rows = alice.rows();
    let at = rows.iter().position(|row| row.starts_with("── ") && row.ends_with("─") && row.contains(" 20"));
    let here = rows.iter().position(|row| row.contains("→ bob is here"));
    assert!(at.is_some() && at < here, "{rows:?}");
    alice.keys("hi\r");
    alice.expect(" alice    hi");
    assert_eq!(alice.rows().iter().filter(|row| row.starts_with("── ")).count(), 1);
}

#[test]
fn a_long_paste_tells_how_far_it_is() {
    let (mut alice, mut bob) = two();
    // Without the marks that a terminal puts around what is pasted: each line by itself. So long that each takes a
    // datagram: then even a busy machine reads them faster than they are said.
    let lines: String = (0..2000).map(|number| format!("{number} {}\r", "x".repeat(540))).collect();
    alice.keys(&lines);
    alice.expect_screen("how far it is", |rows| {
        rows.iter().any(|row| row.starts_with('[') && row.contains(", all have ") && row.ends_with("/s]"))
    });
    bob.expect("1999 xxx");
    alice.expect_screen("the plain prompt", |rows| rows.iter().any(|row| row == "[alice]"));
}

//! The chat of somebody who keeps settings.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::chat::{Chat, port, two_on};

/// A folder in which somebody's settings lie, as it is for whoever has no other.
fn folder_with(settings: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("cooee")).unwrap();
    fs::write(folder.path().join("cooee/config.toml"), settings).unwrap();
    folder
}

fn start(folder: &TempDir, port: &str) -> Chat {
    Chat::start_in(Command::new(env!("CARGO_BIN_EXE_cooee")), folder.path(), &["--port", port])
}

#[test]
fn the_chat_looks_as_its_user_has_written() {
    let port = port();
    let (mut alice, mut bob) = two_on(&port);
    alice.keys("the first line\rthe second line\r");
    bob.expect("alice    the second line");
    alice.keys("/quit\r");
    assert_eq!(alice.wait().code(), Some(0));
    let settings = "nick = \"carol\"\ntimestamp = \"<%H.%M>\"\nhistory = 1\nnik = \"x\"\n";
    let data = folder_with(settings);
    let mut carol = start(&data, &port);
    carol.expect("line 4, column 1: there is");
    carol.expect("[carol]");
    carol.expect_screen("the last line, marked", |rows| {
        rows.iter().any(|row| row.starts_with("earlier <") && row.ends_with("> alice    the second line"))
    });
    bob.keys("welcome\r");
    carol.expect_screen("a line", |rows| {
        rows.iter().any(|row| row.starts_with('<') && row.ends_with("> bob      welcome"))
    });
    assert!(carol.rows().iter().all(|row| !row.contains("the first line")), "{:?}", carol.rows());
}

#[test]
fn who_looks_elsewhere_is_told_by_a_program_of_his_own() {
    let port = port();
    // It asks the LAN itself: what it says comes back by bob's chat.
    let program = env!("CARGO_BIN_EXE_cooee");
    let told = format!("{program} --interface lo --port {port} --nick program send");
    let settings = format!(
        "nick = \"alice\"\nbell = false\nhighlight = [\"tea\"]\n\
         notify = [\"sh\", \"-c\", '{told} \"$1 in $2: $3\"', \"sh\", \"{{nick}}\", \"{{room}}\", \"{{text}}\"]\n"
    );
    let folder = folder_with(&settings);
    let mut alice = start(&folder, &port);
    alice.expect("Type to talk to all");
    let mut bob = Chat::open(&port, "bob");
    alice.expect("→ bob is here");
    // As a terminal tells that another window has come to the front.
    alice.keys("\u{1b}[Ox");
    alice.expect("[alice] x");
    bob.keys("TEA is $(ready)\r");
    alice.expect("TEA is $(ready)");
    bob.expect("bob in lobby: TEA is $(ready)");
    assert_eq!(alice.bells(), 0);
    assert!(alice.notices().is_empty());
}

#[test]
fn a_program_for_notices_that_there_is_not_is_told_and_the_chat_opens() {
    let folder = folder_with("nick = \"alice\"\nnotify = [\"no-such-program\"]\n");
    let mut alice = start(&folder, &port());
    alice.expect("no-such-program");
    alice.expect("(notify); no notices are shown");
    alice.expect("Type to talk to all");
}

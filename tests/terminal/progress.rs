//! The row that tells how far `send` is.

use std::fs::File;
use std::io::Write;
use std::process::Command;

use tempfile::TempDir;

use crate::chat::{Chat, port};

fn has_row(rows: &[String]) -> bool {
    rows.iter().any(|row| row.contains("said, everybody has") || row.contains("said, bob has"))
}

#[test]
fn it_is_there_while_somebody_has_not_heard_and_goes_at_the_end() {
    let port = port();
    let mut bob = Chat::open(&port, "bob");
    bob.expect("Nobody else");
    for (to, row) in [(&["--to", "bob"][..], "2 lines said, bob has "), (&[], "2 lines said, everybody has ")] {
        let words = ["--port", &port, "--nick", "alice", "send", "--wait", "600"];
        let mut alice = Chat::start(&[&words[..], to].concat());
        alice.keys("first\r");
        bob.expect("first");
        bob.signal("STOP");
        alice.keys("second\r\u{4}");
        alice.expect(row);
        bob.signal("CONT");
        assert_eq!(alice.wait().code(), Some(0));
        alice.expect_screen("no row any more", |rows| !has_row(rows));
        bob.expect("second");
        bob.keys("\u{c}");
        bob.expect_screen("nothing of it", |rows| rows.iter().all(|row| !row.contains("first")));
    }
}

/// Runs a script in a terminal, in which `"$@"` goes before a command of the program `$0`.
fn script(port: &str, script: &str, gate: &TempDir) -> Chat {
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_cooee")]).env("GATE", gate.path().join("gate"));
    Chat::start_in(command, gate.path(), &["--port", port, "--nick", "alice"])
}

#[test]
fn a_warning_has_a_row_of_its_own() {
    let (port, folder) = (port(), TempDir::new().unwrap());
    let path = folder.path().join("gate");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    // Open at both ends, so that neither side waits for the other to open it.
    let mut gate = File::options().read(true).write(true).open(path).unwrap();
    let mut bob = Chat::open(&port, "bob");
    let piped = r#"{
        echo one; read word < "$GATE"; head -c 70000 /dev/zero | tr '\0' x; echo; read word < "$GATE"; echo two
    } | "$0" "$@" send"#;
    let mut alice = script(&port, piped, &folder);
    alice.expect("1 line said, everybody has 1");
    gate.write_all(b"go\n").unwrap();
    let warning = "cooee: line 2: the line has 70000 bytes; 65536 are the most; it was not said";
    let is_warned = |rows: &[String]| rows.iter().any(|row| row == warning);
    alice.expect_screen("the warning, and the row below it", |rows| {
        rows.iter().skip_while(|row| *row != warning).nth(1).is_some_and(|row| row.starts_with("1 line said, "))
    });
    gate.write_all(b"go\n").unwrap();
    assert_eq!(alice.wait().code(), Some(1));
    alice.expect("cooee: 1 line was not said");
    assert!(is_warned(&alice.rows()) && !has_row(&alice.rows()), "{:?}", alice.rows());
    bob.expect("alice    two");
}

#[test]
fn it_is_not_there_where_the_terminal_can_do_nothing() {
    let (port, folder) = (port(), TempDir::new().unwrap());
    // Nobody is there: all of the two seconds are waited, and a second after that.
    let mut alice = script(&port, r#"TERM=dumb "$0" "$@" send --wait 3 hi"#, &folder);
    assert_eq!(alice.wait().code(), Some(1));
    alice.expect("cooee: nobody else is in room lobby");
    assert!(alice.rows().iter().all(|row| !row.contains(" said")), "{:?}", alice.rows());
}

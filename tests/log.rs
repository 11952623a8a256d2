//! `cooee log`: what it prints of a log, and what it says where there is none. Nothing is sent.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder for the logs of a test, which are read by the clock of UTC.
struct State(TempDir);

impl State {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Lays down a day's file of a room, by the name of its folder.
    fn lay(&self, room: &str, day: &str, bytes: impl AsRef<[u8]>) {
        let folder = self.0.path().join("cooee/log").join(room);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{day}.jsonl")), bytes).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
        for variable in ["COOEE_NICK", "COOEE_ROOM", "COOEE_IDENTITY", "COOEE_PASSPHRASE", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        for variable in ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(variable, self.0.path());
        }
        // An interface that there is not: whoever needs one would fail.
        command.env("TZ", "UTC").env("COOEE_INTERFACE", "none-such").args(words).stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> (Option<i32>, String, String) {
        told(self.command(words).output().unwrap())
    }
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A line that was logged on a day of November 2026, at noon and so many minutes.
fn line(day: u32, minute: u32, seq: u32, nick: &str, text: &str) -> String {
    let (nick, text) = (serde_json::json!(nick), serde_json::json!(text));
    let time = format!("2026-11-{day:02}T12:{minute:02}:00.000Z");
    format!(
        "{{\"type\":\"line\",\"time\":\"{time}\",\"peer\":\"8000000000000b0b\",\"epoch\":\"00000001\",\"nick\":{nick},\
         \"room\":\"lobby\",\"seq\":{seq},\"text\":{text},\"action\":false,\"private\":false,\"said\":\"{time}\",\
         \"late\":false,\"history\":false,\"fingerprint\":\"7f3a-91c2-0d55-6e1b-aa04-93fe-1c20-b7d8\",\
         \"verified\":false,\"address\":\"192.0.2.7:26634\",\"link\":\"eth0\"}}\n"
    )
}

/// Two days of talk.
fn two_days() -> (State, [String; 2]) {
    let state = State::new();
    let days = [
        line(22, 1, 1, "bob", "Lunch at noon?") + &line(22, 2, 2, "bob", "hello\n\u{1b}[2Jworld"),
        line(23, 3, 3, "robert", "that was lunch"),
    ];
    state.lay("lobby", "2026-11-22", &days[0]);
    state.lay("lobby", "2026-11-23", &days[1]);
    (state, days)
}

const SUNDAY: &str = "── Sunday 22 November 2026 ─────────────────────────────────────────────\n";
const MONDAY: &str = "── Monday 23 November 2026 ─────────────────────────────────────────────\n";

#[test]
fn a_log_is_printed_as_the_chat_has_shown_it() {
    let (state, days) = two_days();
    let first = "12:01 bob      Lunch at noon?\n";
    let (second, third) = ("12:02 bob      hello\n    ^[[2Jworld\n", "12:03 robert   that was lunch\n");
    let all = [SUNDAY, first, second, MONDAY, third].concat();
    for (words, shown) in [
        (&[][..], all),
        (&["--count", "2"], [SUNDAY, second, MONDAY, third].concat()),
        (&["-c", "1"], [MONDAY, third].concat()),
        (&["--grep", "LUNCH"], [SUNDAY, first, MONDAY, third].concat()),
        (&["--grep", "robert"], [MONDAY, third].concat()),
        (&["--grep", "lunch", "--count", "1"], [MONDAY, third].concat()),
        (&["--since", "2026-11-22T12:02"], [SUNDAY, second, MONDAY, third].concat()),
        (&["--since", "2026-11-23"], [MONDAY, third].concat()),
        (&["--since", "2026-11-22", "--grep", "hello"], [SUNDAY, second].concat()),
    ] {
        assert_eq!(state.run(&[&["log"], words].concat()), (Some(0), shown, String::new()), "{words:?}");
    }
    assert_eq!(state.run(&["log", "--json"]), (Some(0), days.concat(), String::new()));
    assert_eq!(state.run(&["log", "--json", "--count", "1"]).1, days[1]);
    assert!(state.run(&["log", "--color", "always"]).1.contains("\u{1b}["));
}

#[test]
fn where_there_is_nothing_it_is_said() {
    let (state, _) = two_days();
    let no = |words: &[&str], why: &str| {
        let (code, printed, told) = state.run(words);
        assert_eq!((code, &*printed), (Some(1), ""), "{words:?}: {told}");
        assert!(told.starts_with(&format!("cooee: {why}")), "{words:?}: {told}");
    };
    no(&["--room", "empty", "log"], "nothing is logged of room empty; --log");
    // What a room is called leads to no other folder.
    no(&["--room", "../log/lobby", "log"], "nothing is logged of room ../log/lobby; --log");
    no(&["--room", "LOBBY", "log"], "nothing is logged of room LOBBY; --log");
    no(&["--sealed", "log"], "nothing is logged of sealed room lobby; --log");
    no(&["log", "--grep", "dinner"], "nothing of the log of room lobby is what you ask for");
    no(&["log", "--since", "2026-11-24", "--json"], "nothing of the log of room lobby is what you ask for");
    fs::write(state.0.path().join("cooee/log/file"), "").unwrap();
    no(&["--room", "file", "log"], &format!("cannot read {}/cooee/log/file: ", state.0.path().display()));
    let homeless = state.command(&["log"]).env_remove("XDG_STATE_HOME").env("HOME", "nowhere").output().unwrap();
    let (code, _, told) = told(homeless);
    assert_eq!((code, told.contains("no home directory")), (Some(1), true), "{told}");
}

#[test]
fn what_makes_no_sense_is_told_and_exits_with_2() {
    let state = State::new();
    for (words, why) in [
        (&["log", "--since", "soon"][..], "possible are 2026-11-20, 2026-11-20T14:00, 14:00, today, yesterday"),
        (&["log", "--count", "0"], "not a number of lines from 1 to 1000000"),
        (&["log", "--grep", ""], "a value is required for '--grep <WORD>'"),
        (&["--log", "--ephemeral", "listen"], "the argument '--ephemeral' cannot be used with '--log'"),
        (&["--ephemeral", "listen", "--log"], "the argument '--ephemeral' cannot be used with '--log'"),
    ] {
        let (code, printed, told) = state.run(words);
        assert_eq!((code, &*printed), (Some(2), ""), "{words:?}");
        assert!(told.starts_with("cooee: ") && told.contains(why), "{words:?}: {told}");
    }
}

#[test]
fn sealed_rooms_and_rooms_of_any_name_have_logs() {
    let state = State::new();
    state.lay("lobby.sealed", "2026-11-22", line(22, 1, 1, "bob", "psst"));
    state.lay("%2e%2e%2f%e2%80%ae田中", "2026-11-22", line(22, 1, 1, "bob", "dots"));
    let ends = |words: &[&str], end: &str| assert!(state.run(words).1.ends_with(end), "{words:?}");
    ends(&["--sealed", "log"], "bob      psst\n");
    ends(&["--room", "../\u{202e}田中", "log"], "bob      dots\n");
    let by_variable = state.command(&["log"]).env("COOEE_PASSPHRASE", "any").output().unwrap();
    assert!(told(by_variable).1.ends_with("psst\n"), "the passphrase does not matter");
}

#[test]
fn what_is_torn_or_strange_is_passed_over_and_counted() {
    let state = State::new();
    let whole = line(22, 1, 1, "b\u{1b}ob\u{202e}", "\u{9b}31m\u{202e}evil");
    let torn = &whole[..100];
    let bytes = [torn.as_bytes(), b"\n\xff\xfe\n", whole.as_bytes(), b"\x1b[2J\n", torn.as_bytes()].concat();
    state.lay("lobby", "2026-11-22", bytes);
    state.lay("lobby", "2026-11-2", line(22, 1, 2, "bob", "not of a day"));
    let (code, shown, told) = state.run(&["log"]);
    assert_eq!((code, &*shown), (Some(0), &*format!("{SUNDAY}12:01 b?ob     <9b>31mevil\n")));
    assert_eq!(told, "cooee: 4 lines of the log of room lobby are not understood, and passed over\n");
    assert_eq!(state.run(&["log", "--json"]).1, whole);
}

#[test]
fn a_long_log_is_read_in_a_stream() {
    const LINES: u32 = 20_000;
    let state = State::new();
    let text: String = (1..=LINES).map(|seq| line(22, seq % 60, seq, "bob", &format!("line {seq}"))).collect();
    state.lay("lobby", "2026-11-22", &text);
    assert_eq!(state.run(&["log", "--json"]).1, text);
    let last = state.run(&["log", "--count", "1"]).1;
    assert_eq!(last, format!("{SUNDAY}12:20 bob      line {LINES}\n"));
    // Who has seen enough closes stdout.
    let mut child = state.command(&["log"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(told(child.wait_with_output().unwrap()), (Some(0), String::new(), String::new()));
}

/// Nothing waits for whoever would write to it, and nothing is read that does not end.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let state = State::new();
    state.lay("lobby", "2026-11-22", line(22, 1, 1, "bob", "hi"));
    let folder = state.0.path().join("cooee/log/lobby");
    assert!(Command::new("mkfifo").arg(folder.join("2026-11-21.jsonl")).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", folder.join("2026-11-23.jsonl")).unwrap();
    let (code, shown, _) = state.run(&["log"]);
    assert_eq!((code, shown.lines().count()), (Some(0), 2));
    let mut endless = fs::File::create(folder.join("2026-11-24.jsonl")).unwrap();
    // A hole of 1 GiB is one line, and is held nowhere.
    endless.write_all(b"{").unwrap();
    endless.set_len(1 << 30).unwrap();
    let (code, shown, told) = state.run(&["log"]);
    assert_eq!((code, shown.lines().count()), (Some(0), 2));
    assert!(told.starts_with("cooee: 1 line of the log of room lobby is not understood"), "{told}");
}

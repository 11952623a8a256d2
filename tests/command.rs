//! The command line as a promise: streams, exit codes, messages. Whatever is sent stays on loopback.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::process::{Command, Output, Stdio};

fn cooee(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
    for variable in ["COOEE_NICK", "COOEE_ROOM", "COOEE_PORT", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    // Nothing that a test says may leave the machine.
    command.env("COOEE_INTERFACE", "lo").args(words).stdin(Stdio::null());
    command
}

fn run(words: &[&str]) -> (Option<i32>, String, String) {
    told(cooee(words).output().unwrap())
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A port that no other test of this process uses, nor most likely those of another one that runs at the same time:
/// far enough from the next one for the runs' own ports, which lie behind it.
fn port(number: u32) -> String {
    (10_000 + (std::process::id() % 80) * 200 + number * 20).to_string()
}

#[test]
fn help_and_version_go_to_stdout() {
    let (code, help, errors) = run(&["--help"]);
    assert_eq!((code, &*errors), (Some(0), ""));
    for word in ["chat", "peers", "send", "listen", "interfaces", "completions", "man", "--nick", "COOEE_ROOM"] {
        assert!(help.contains(word), "{word} is not in {help}");
    }
    assert_eq!(run(&["--version"]).1, concat!("cooee ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn what_makes_no_sense_is_told_and_exits_with_2() {
    let long = "x".repeat(65);
    for (words, why) in [
        (&["--frobnicate"][..], "unexpected argument '--frobnicate'"),
        (&["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (&["peers", "--wait", "soon"], "not a number of seconds from 0 to 3600"),
        (&["peers", "--wait", "-1"], "not a number of seconds from 0 to 3600"),
        (&["--port", "0", "peers"], "not a port from 1 to 65535"),
        (&["--nick", &long, "peers"], "the nick has 65 bytes; 64 are the most"),
        (&["--nick", "a\u{1b}[31mb", "peers"], "the nick has control characters in it"),
        (&["--room", &long, "peers"], "the room's name has 65 bytes; 64 are the most (--room, COOEE_ROOM)"),
        (&["send", ""], "there is nothing to say"),
        (&["send", "--paste", "hi"], "cannot be used with"),
        (&["listen", "--history", "1001"], "not a number of lines from 0 to 1000"),
        (&["listen", "--count", "0"], "not a number of lines from 1"),
    ] {
        let (code, printed, told) = run(words);
        assert_eq!((code, &*printed), (Some(2), ""), "{words:?}");
        assert!(told.starts_with("cooee: ") && told.contains(why), "{words:?}: {told}");
    }
}

#[test]
fn flags_go_before_the_environment_and_nothing_is_the_default() {
    let long = "x".repeat(65);
    let with_nick = |nick: &str, words: &[&str]| told(cooee(words).env("COOEE_NICK", nick).output().unwrap());
    let (code, _, told) = with_nick(&long, &["peers"]);
    assert_eq!((code, &*told), (Some(2), "cooee: the nick has 65 bytes; 64 are the most (--nick, COOEE_NICK)\n"));
    assert_eq!(with_nick(&long, &["man"]).0, Some(0), "the manual is there also for who needs it");
    let port = port(0);
    let words = ["--port", &port, "peers", "--all", "--wait", "0"];
    let (_, table, _) = with_nick(&long, &[&["--nick", "ada"], &words[..]].concat());
    assert!(table.lines().nth(1).unwrap().starts_with("ada "), "{table}");
    let (code, table, _) = with_nick("", &words);
    assert_eq!((code, table.lines().count()), (Some(1), 2), "a variable that is empty is not set");
}

#[test]
fn nobody_there_exits_with_1_and_prints_no_data() {
    let (code, printed, told) = run(&["--port", &port(1), "peers", "--wait", "0.1", "--json"]);
    assert_eq!((code, &*printed), (Some(1), ""));
    assert!(told.starts_with("cooee: nobody else is in room lobby on lo"), "{told}");
}

#[test]
fn an_interface_that_there_is_not_exits_with_3() {
    let (code, _, told) = run(&["--interface", "none-such", "peers"]);
    assert_eq!(code, Some(3));
    assert!(told.starts_with("cooee: there is no network interface \"none-such\"; there are: "), "{told}");
}

#[test]
fn completions_are_printed_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, _) = run(&["completions", shell]);
        assert_eq!(code, Some(0));
        assert!(script.contains("interfaces"), "{shell}");
    }
}

#[test]
fn a_closed_stdout_is_a_quiet_end() {
    for words in [&["man"][..], &["completions", "bash"], &["interfaces"], &["--help"]] {
        let mut child = cooee(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let (code, _, told) = told(child.wait_with_output().unwrap());
        assert_eq!((code, &*told), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn an_empty_pipe_ends_the_chat_properly() {
    assert_eq!(run(&["--port", &port(2), "--nick", "brief"]), (Some(0), String::new(), String::new()));
}

#[test]
fn colours_are_there_only_when_asked_for() {
    let port = port(3);
    let listen = |color: &'static str| {
        let words = ["--port", &port, "--color", color, "listen", "--count", "1"];
        cooee(&words).stdout(Stdio::piped()).spawn().unwrap()
    };
    let listeners = [listen("never"), listen("always"), listen("auto")];
    // It waits until it hears somebody; to be sure that it hears all, it asks until all three are there.
    let all_there = |_: &i32| run(&["--port", &port, "peers", "--json"]).1.lines().count() == 3;
    assert!((0..20).any(|turn| all_there(&turn)));
    assert_eq!(run(&["--port", &port, "send", "in colour?"]).0, Some(0));
    let colored = listeners.map(|listener| told(listener.wait_with_output().unwrap()).1.contains('\u{1b}'));
    assert_eq!(colored, [false, true, false]);
}

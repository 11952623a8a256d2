//! The command line as a promise: streams, exit codes, messages. Whatever is sent stays on loopback.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "command/config.rs"]
mod config;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use ::cooee::trust::Fingerprint;
use tempfile::TempDir;

/// What somebody may have set for himself is not for the tests.
const VARIABLES: [&str; 8] = [
    "COOEE_NICK",
    "COOEE_ROOM",
    "COOEE_PORT",
    "COOEE_IDENTITY",
    "COOEE_PASSPHRASE",
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "CLICOLOR",
];

fn cooee(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    // Nothing that a test keeps may lie with what its user keeps, and his settings are not for the tests.
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/command");
    command.env("XDG_DATA_HOME", folder).env("XDG_STATE_HOME", folder).env("XDG_CONFIG_HOME", folder);
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
        (&["--room", &long, "peers"], "the room's name has 65 bytes; 64 are the most (--room)"),
        (&["send", ""], "there is nothing to say"),
        (&["send", "--paste", "hi"], "cannot be used with"),
        (&["send", "--to", "", "hi"], "a value is required for '--to <NICK>'"),
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
    assert_eq!((code, &*told), (Some(2), "cooee: the nick has 65 bytes; 64 are the most (COOEE_NICK)\n"));
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
        // Some know the commands themselves, the others ask for them.
        assert!(script.contains("interfaces") || script.contains("COOEE_COMPLETE"), "{shell}");
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

/// Runs it with a folder of its own for what it keeps.
fn run_in(folder: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    told(cooee(words).env("XDG_DATA_HOME", folder).output().unwrap())
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 40 && text.ends_with('\n') && text.trim_end().parse::<Fingerprint>().is_ok()
}

#[test]
fn the_first_start_makes_an_identity_and_the_next_ones_keep_it() {
    let folder = TempDir::new().unwrap();
    let (code, first, told) = run_in(folder.path(), &["id"]);
    assert_eq!((code, &*told), (Some(0), ""));
    assert!(is_fingerprint(&first), "{first}");
    assert_eq!(run_in(folder.path(), &["id"]).1, first);
    let file = folder.path().join("cooee/identity");
    let object: serde_json::Value = serde_json::from_str(&run_in(folder.path(), &["id", "--json"]).1).unwrap();
    assert_eq!(object, serde_json::json!({ "type": "id", "fingerprint": first.trim_end(), "file": file }));

    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("# ") && lines[1].starts_with("ed25519 "), "two lines");
    let names: Vec<_> = fs::read_dir(folder.path().join("cooee")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["identity"], "nothing is left of the making");

    let elsewhere = folder.path().join("another");
    let words = ["--identity", elsewhere.to_str().unwrap(), "id"];
    let other = run_in(folder.path(), &words).1;
    assert!(is_fingerprint(&other) && other != first && elsewhere.is_file());
    let named = |path: &Path| cooee(&["id"]).env("XDG_DATA_HOME", folder.path()).env("COOEE_IDENTITY", path).output();
    assert_eq!(told_of(named(&elsewhere)).1, other);
    assert_eq!(told_of(named(Path::new(""))).1, first, "a variable that is empty is not set");
}

fn told_of(output: std::io::Result<Output>) -> (Option<i32>, String, String) {
    told(output.unwrap())
}

#[test]
fn nothing_is_kept_of_an_ephemeral_run() {
    let folder = TempDir::new().unwrap();
    let words = ["--ephemeral", "--port", &port(4), "listen", "--count", "1"];
    let mut listener = cooee(&words).env("XDG_DATA_HOME", folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let sender = ["--ephemeral", "--port", &port(4), "send", "hi"];
    assert!((0..20).any(|_| run_in(folder.path(), &sender).0 == Some(0)));
    assert!(listener.wait().unwrap().success());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let (one, other) =
        (run_in(folder.path(), &["--ephemeral", "id"]).1, run_in(folder.path(), &["id", "--ephemeral"]).1);
    assert!(is_fingerprint(&one) && is_fingerprint(&other) && one != other);

    for words in [&["--identity", "x", "--ephemeral", "id"][..], &["id", "--ephemeral", "--identity", "x"]] {
        let (code, printed, told) = run_in(folder.path(), words);
        assert_eq!((code, &*printed), (Some(2), ""));
        assert!(told.contains("cannot be used with '--identity <FILE>'"), "{told}");
    }
    let chosen = cooee(&["--ephemeral", "id"]).env("COOEE_IDENTITY", folder.path().join("x")).output();
    assert_eq!((told_of(chosen).0, folder.path().join("x").exists()), (Some(0), false), "a flag wins over a variable");
}

#[test]
fn two_first_starts_at_once_have_the_same_key() {
    for _ in 0..10 {
        let folder = TempDir::new().unwrap();
        let start = || cooee(&["id"]).env("XDG_DATA_HOME", folder.path()).stdout(Stdio::piped()).spawn().unwrap();
        let starts: Vec<_> = (0..8).map(|_| start()).collect();
        let keys: BTreeSet<_> = starts.into_iter().map(|start| told_of(start.wait_with_output()).1).collect();
        assert!(keys.len() == 1 && keys.iter().all(|key| is_fingerprint(key)), "{keys:?}");
    }
}

#[test]
fn what_is_no_identity_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("identity");
    let path = file.to_str().unwrap();
    let refused = |why: &str| {
        let (code, printed, told) = run(&["--identity", path, "peers", "--wait", "0"]);
        assert_eq!((code, &*printed), (Some(2), ""), "{told}");
        assert!(told.starts_with(&format!("cooee: the identity {path} ")) && told.contains(why), "{told}");
    };
    fs::create_dir(&file).unwrap();
    refused("is not a file");
    fs::remove_dir(&file).unwrap();
    for (text, why) in [("", "there is no key in it"), ("ed25519 5ec2e7\n", "line 1 is not"), ("x\n", "line 1 is not")]
    {
        private(&file, text);
        refused(why);
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    // What needs no key does not look at it.
    for words in [&["interfaces"][..], &["man"], &["completions", "bash"]] {
        assert_eq!(run(&[&["--identity", path], words].concat()).0, Some(0), "{words:?}");
    }
}

/// Writes a file that nobody else can read.
fn private(file: &Path, text: &str) {
    let _ = fs::remove_file(file);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).unwrap().write_all(text.as_bytes()).unwrap();
}

#[cfg(unix)]
#[test]
fn an_identity_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let first = run_in(&data, &["id"]).1;
    let mode = |path: &str| fs::metadata(data.join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!([mode(""), mode("cooee"), mode("cooee/identity")], [0o700, 0o700, 0o600]);
    for open in [0o640, 0o604, 0o660, 0o601] {
        fs::set_permissions(data.join("cooee/identity"), fs::Permissions::from_mode(open)).unwrap();
        let (code, printed, told) = run_in(&data, &["id"]);
        assert_eq!((code, &*printed), (Some(2), ""));
        assert!(told.contains(&format!("its mode is {open:04o}")) && told.contains("chmod 600"), "{told}");
    }
    fs::set_permissions(data.join("cooee/identity"), fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(run_in(&data, &["id"]).1, first);
}

#[test]
fn an_identity_that_cannot_be_kept_is_told_with_what_helps() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    // Where a file stands, there is no folder: as on a disk that cannot be written.
    let (code, printed, told) = run_in(&file, &["id"]);
    assert_eq!((code, &*printed), (Some(2), ""));
    let begins = format!("cooee: cannot make the identity {}/cooee/identity: ", file.display());
    assert!(told.starts_with(&begins) || told.starts_with("cooee: the identity "), "{told}");
    assert!(told.contains("--ephemeral"), "{told}");
    let homeless = self::told(cooee(&["id"]).env_remove("XDG_DATA_HOME").env("HOME", "nowhere").output().unwrap());
    assert_eq!(homeless.0, Some(2));
    assert!(homeless.2.contains("no home directory") && homeless.2.contains("--ephemeral"), "{}", homeless.2);
}

#[test]
fn a_passphrase_that_is_none_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("passphrase");
    let words = ["--passphrase-file", file.to_str().unwrap(), "peers", "--wait", "0"];
    let refused = |output: std::io::Result<Output>, why: &str| {
        let (code, printed, told) = told_of(output);
        assert_eq!((code, &*printed), (Some(2), ""));
        assert!(told.starts_with("cooee: ") && told.contains(why), "{told}");
        assert!(!told.contains("xxx"), "{told}");
    };
    refused(cooee(&words).output(), "cannot read the passphrase in ");
    for empty in ["", "\n", "\r\nxxx"] {
        fs::write(&file, empty).unwrap();
        refused(cooee(&words).output(), "passphrase is empty; without one, the room is open to all");
    }
    fs::write(&file, "x".repeat(1025)).unwrap();
    refused(cooee(&words).output(), "has more than 1024 bytes");
    // Whoever sets it to something that does not work out must not speak in the open.
    for words in [&["send", "--wait", "0", "hi"][..], &["--sealed", "send", "--wait", "0", "hi"]] {
        refused(cooee(words).env("COOEE_PASSPHRASE", "").output(), "the passphrase in COOEE_PASSPHRASE is empty");
    }
    for words in [&["interfaces"][..], &["id"], &["man"]] {
        assert_eq!(told_of(cooee(words).env("COOEE_PASSPHRASE", "").output()).0, Some(0), "{words:?}");
    }
}

#[test]
fn a_sealed_room_has_its_own_nobody() {
    let sealed = |words: &[&str]| told_of(cooee(words).env("COOEE_PASSPHRASE", "magpie").output());
    let (code, _, told) = sealed(&["--port", &port(5), "peers", "--wait", "0.1"]);
    assert_eq!(code, Some(1));
    assert!(told.starts_with("cooee: nobody else is in sealed room lobby on lo; "), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_terminal_is_nothing_can_be_asked() {
    // A session of its own has no terminal, wherever the test was started.
    let mut command = Command::new("setsid");
    command.args([env!("CARGO_BIN_EXE_cooee"), "--ephemeral", "--interface", "lo", "--sealed", "peers", "--wait", "0"]);
    command.env("XDG_CONFIG_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/command"));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    let (code, printed, told) = told(command.stdin(Stdio::null()).output().unwrap());
    assert_eq!((code, &*printed), (Some(2), ""));
    assert!(told.starts_with("cooee: there is no terminal to ask for the passphrase on; "), "{told}");
    assert!(told.contains("--passphrase-file") && told.contains("COOEE_PASSPHRASE"), "{told}");
}

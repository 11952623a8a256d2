//! The real program on a host of the LAN.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::network::Host;
use crate::process::{LIMIT, Line, Running, Stream};

/// What somebody may have set for himself is not for the tests.
const VARIABLES: [&str; 9] = [
    "COOEE_NICK",
    "COOEE_ROOM",
    "COOEE_INTERFACE",
    "COOEE_PEER",
    "COOEE_PORT",
    "COOEE_IDENTITY",
    "COOEE_PASSPHRASE",
    "NO_COLOR",
    "CLICOLOR_FORCE",
];

/// The program, with these words.
pub(crate) fn cooee(host: &Host, words: &[&str]) -> Command {
    let mut command = host.command(env!("CARGO_BIN_EXE_cooee"));
    command.args(words);
    without_variables(command)
}

/// The same command, without what somebody may have set for himself.
pub(crate) fn without_variables(mut command: Command) -> Command {
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

/// Starts it with these words.
pub(crate) fn start(host: &Host, words: &[&str]) -> Running {
    Running::start(&mut cooee(host, words))
}

/// Runs it to its end; gives the exit code, and what it printed on stdout and stderr.
pub(crate) fn run(host: &Host, words: &[&str]) -> (Option<i32>, String, String) {
    let output = cooee(host, words).output().expect("cooee runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A listener that prints JSON, once it has its links: from then on nothing escapes it.
pub(crate) fn listener(host: &Host, nick: &str) -> Running {
    let mut listener = start(host, &["--verbose", "--nick", nick, "listen", "--json"]);
    listener.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    listener
}

/// One who watches who comes and goes, as JSON.
pub(crate) fn watcher(host: &Host) -> Running {
    start(host, &["peers", "--watch", "--json", "--wait", "0"])
}

/// The rows of `peers --json`.
pub(crate) fn peers(host: &Host) -> Vec<Value> {
    let (_, rows, _) = run(host, &["peers", "--json"]);
    rows.lines().map(object).collect()
}

/// The nicks of `peers --json`, in order.
pub(crate) fn nicks(host: &Host) -> Vec<String> {
    peers(host).iter().map(|row| text(row, "nick")).collect()
}

/// Waits for the next JSON object that satisfies; gives it and its line.
pub(crate) fn expect_object(running: &mut Running, will_do: impl Fn(&Value) -> bool, limit: Duration) -> (Value, Line) {
    let line = running.expect_line(Stream::Out, |line| will_do(&object(line)), limit);
    (object(&line.text), line)
}

/// Waits for somebody to be heard saying a text; gives the line's object and its line.
pub(crate) fn expect_text(running: &mut Running, said: &str) -> (Value, Line) {
    expect_object(running, |object| object["type"] == "line" && object["text"] == said, LIMIT)
}

/// How often a text was printed so far.
pub(crate) fn times_heard(running: &mut Running, said: &str) -> usize {
    let is_it = |line: &&Line| line.stream == Stream::Out && object(&line.text)["text"] == said;
    running.heard().iter().filter(is_it).count()
}

/// A text of an object.
pub(crate) fn text(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or_else(|| panic!("{key} is a text in {object}")).to_owned()
}

fn object(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{line} is no JSON: {error}"))
}

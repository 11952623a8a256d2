//! The log: it holds what was seen, for its owner alone, and whatever befalls the disk, the talk goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cooee::{listener, run, start, without_variables};
use crate::keys::{expect, expect_arrival};
use crate::network::{Host, Network};
use crate::process::{LIMIT, Running, Stream};
use crate::sealed::sealed;
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("logging::a_listener_logs_what_it_prints", Needs::Lan, a_listener_logs_what_it_prints),
    ("logging::a_chat_logs_both_sides", Needs::Lan, a_chat_logs_both_sides),
    ("logging::a_sealed_room_has_a_log_of_its_own", Needs::Lan, a_sealed_room_has_a_log_of_its_own),
    ("logging::two_at_once_leave_whole_lines", Needs::Lan, two_at_once_leave_whole_lines),
    ("logging::a_folder_that_is_none_is_told_once", Needs::Lan, a_folder_that_is_none_is_told_once),
    ("logging::a_full_disk_is_told_once", Needs::Lan, a_full_disk_is_told_once),
];

/// The folder in which a host's logs lie.
fn logs(host: &Host) -> PathBuf {
    host.state().join("cooee/log")
}

/// All that was logged of a room.
fn logged(room: &Path) -> String {
    let files = fs::read_dir(room).unwrap_or_else(|error| panic!("{}: {error}", room.display()));
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    // There are two only where midnight has come between.
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// The objects of a log. Between two may stand a line end too many, where a run has seen another one's line half done.
fn objects(text: &str) -> Vec<Value> {
    text.lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A listener that keeps a log and ends after so many lines, once it has its links.
fn logger(host: &Host, count: &str) -> Running {
    let mut logger = start(host, &["--log", "-v", "-n", "logger", "listen", "--json", "--count", count]);
    logger.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    logger
}

fn a_listener_logs_what_it_prints() {
    let network = Network::new(2).unwrap();
    let (host, speaker) = (network.host(0), network.host(1));
    let mut logger = logger(host, "3");
    let mut other = listener(host, "keeps-nothing");
    assert_eq!(run(speaker, &["-n", "alice", "send", "to all"]).0, Some(0));
    assert_eq!(run(speaker, &["-n", "alice", "send", "--to", "logger", "to one"]).0, Some(0));
    assert_eq!(run(speaker, &["-n", "alice", "send", "to all\nagain"]).0, Some(0));
    assert_eq!(logger.wait(LIMIT).code(), Some(0));
    let printed = printed(&mut logger);
    let room = logs(host).join("lobby");
    assert_eq!(logged(&room), printed);
    let texts: Vec<_> = objects(&printed).iter().map(|line| (line["text"].clone(), line["private"].clone())).collect();
    assert_eq!(
        texts,
        [("to all".into(), false.into()), ("to one".into(), true.into()), ("to all\nagain".into(), false.into())]
    );
    for path in fs::read_dir(&room).unwrap().map(|entry| entry.unwrap().path()) {
        assert_eq!(mode(&path), 0o600);
    }
    assert_eq!([mode(&room), mode(&logs(host)), mode(&host.state().join("cooee"))], [0o700; 3]);
    other.signal("TERM");
    other.wait(LIMIT);
    assert_eq!(run(host, &["log", "--json"]), (Some(0), printed, String::new()));
}

fn a_chat_logs_both_sides() {
    let network = Network::new(2).unwrap();
    let (host, other) = (network.host(0), network.host(1));
    let mut alice = start(host, &["--log", "-n", "alice"]);
    let mut bob = start(other, &["-n", "bob"]);
    expect_arrival(&mut alice, "bob");
    expect_arrival(&mut bob, "alice");
    bob.write_line("lunch?");
    expect(&mut alice, " bob      lunch?");
    let long = "x".repeat(2000);
    for line in ["yes", &long, "/me nods"] {
        alice.write_line(line);
    }
    expect(&mut bob, " * alice nods");
    alice.write_line("/msg bob I pay");
    expect(&mut bob, " alice → you  I pay");
    alice.write_line("/last 3 LUNCH");
    expect(&mut alice, " bob      lunch?");
    alice.close_stdin();
    assert_eq!(alice.wait(LIMIT).code(), Some(0));

    let objects = objects(&logged(&logs(host).join("lobby")));
    let said = |line: &Value| (line["nick"].clone(), line["seq"].clone(), line["self"].clone(), line["to"].clone());
    let line = |nick: &str, seq: u32, own: bool| (nick.into(), seq.into(), own.into(), Value::Null);
    let told = ("alice".into(), 1.into(), true.into(), "bob".into());
    // The long text takes three numbers.
    let expected =
        [line("bob", 1, false), line("alice", 1, true), line("alice", 2, true), line("alice", 5, true), told];
    assert_eq!(objects.iter().map(said).collect::<Vec<_>>(), expected);
    let keys = |line: &Value| line.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(objects.iter().all(|line| keys(line) == keys(&objects[0])));
    assert_eq!(objects[4]["to_fingerprint"], objects[0]["fingerprint"]);
    assert_eq!((&objects[1]["address"], &objects[1]["link"]), (&"10.77.0.1:26634".into(), &"eth0".into()));

    let (code, shown, told) = run(host, &["log"]);
    assert_eq!((code, &*told), (Some(0), ""));
    let rows: Vec<_> = shown.lines().map(|row| row.split_once(':').map_or(row, |(_, rest)| &rest[2..])).collect();
    assert!(rows[0].starts_with("── "), "{shown}");
    let expected =
        [" bob      lunch?", " alice    yes", &format!(" alice    {long}"), " * alice nods", " you → bob  I pay"];
    assert_eq!(rows[1..], expected);

    // A later start writes again what is told to it of before; it is printed once.
    let mut again = start(host, &["--log", "-n", "alice"]);
    expect(&mut again, " bob      lunch?");
    again.close_stdin();
    assert_eq!(again.wait(LIMIT).code(), Some(0));
    assert!(logged(&logs(host).join("lobby")).matches("lunch?").count() > 1);
    assert_eq!(run(host, &["log"]).1, shown);
}

fn a_sealed_room_has_a_log_of_its_own() {
    let network = Network::new(2).unwrap();
    let host = network.host(0);
    let mut logger = sealed(host, "magpie", &["--log", "-v", "-r", "Ops/1", "listen", "--count", "1"]);
    logger.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    let mut speaker = sealed(network.host(1), "magpie", &["-r", "Ops/1", "send", "psst"]);
    assert_eq!((speaker.wait(LIMIT).code(), logger.wait(LIMIT).code()), (Some(0), Some(0)));
    assert_eq!(objects(&logged(&logs(host).join("%4fps%2f1.sealed"))).len(), 1);
    assert_eq!(run(host, &["-r", "Ops/1", "log"]).0, Some(1), "the open room is another");
    let (code, shown, _) = run(host, &["-r", "Ops/1", "--sealed", "log"]);
    assert!(code == Some(0) && shown.ends_with(" psst\n"), "{shown}");
}

fn two_at_once_leave_whole_lines() {
    const LINES: usize = 500;
    let network = Network::new(2).unwrap();
    let host = network.host(0);
    let mut loggers = [logger(host, "500"), logger(host, "500")];
    let mut speaker = start(network.host(1), &["-n", "alice", "send", "--wait", "30"]);
    (1..=LINES).for_each(|number| speaker.write_line(&format!("line {number} {}", "x".repeat(number % 97))));
    speaker.close_stdin();
    assert_eq!(speaker.wait(4 * LIMIT).code(), Some(0));
    for logger in &mut loggers {
        assert_eq!(logger.wait(LIMIT).code(), Some(0));
    }
    assert_eq!(objects(&logged(&logs(host).join("lobby"))).len(), 2 * LINES);
    let (code, printed, told) = run(host, &["log", "--json"]);
    assert_eq!((code, &*told), (Some(0), ""));
    let numbers: Vec<_> = objects(&printed).iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=LINES as u64).collect::<Vec<_>>());
}

/// All that it has printed on stdout so far.
fn printed(running: &mut Running) -> String {
    running.heard().iter().filter(|line| line.stream == Stream::Out).map(|line| line.text.clone() + "\n").collect()
}

/// Notices on stderr that hold these words.
fn times_told(running: &mut Running, words: &str) -> usize {
    running.heard().iter().filter(|line| line.stream == Stream::Err && line.text.contains(words)).count()
}

fn a_folder_that_is_none_is_told_once() {
    let network = Network::new(2).unwrap();
    let host = network.host(0);
    fs::create_dir_all(host.state()).unwrap();
    // Where a file stands, there is no folder.
    fs::write(host.state().join("cooee"), "").unwrap();
    let mut listener = logger(host, "2");
    let mut chat = start(host, &["--log", "-n", "bob"]);
    for running in [&mut listener, &mut chat] {
        running.expect_line(Stream::Err, |line| line.starts_with("cooee: cannot write the log "), LIMIT);
    }
    expect_arrival(&mut chat, "logger");
    assert_eq!(run(network.host(1), &["-n", "alice", "send", "one"]).0, Some(0));
    assert_eq!(run(network.host(1), &["-n", "alice", "send", "two"]).0, Some(0));
    assert_eq!(listener.wait(LIMIT).code(), Some(0));
    expect(&mut chat, " alice    two");
    chat.close_stdin();
    assert_eq!(chat.wait(LIMIT).code(), Some(0));
    for running in [&mut listener, &mut chat] {
        assert_eq!(times_told(running, "cannot write the log "), 1);
    }
    assert_eq!(objects(&printed(&mut listener)).len(), 2);
}

fn a_full_disk_is_told_once() {
    let network = Network::new(2).unwrap();
    let host = network.host(0);
    fs::create_dir_all(host.state()).unwrap();
    // A disk of four pages, three of them taken by something else.
    let on_small_disk = "mount -t tmpfs -o size=16k cooee \"$XDG_STATE_HOME\" && \
                         head -c 12288 /dev/zero > \"$XDG_STATE_HOME/else\" && exec \"$@\"";
    let mut command = host.command("/usr/bin/env");
    command.args(["unshare", "--mount", "sh", "-ec", on_small_disk, "sh"]);
    command.args([env!("CARGO_BIN_EXE_cooee"), "--log", "--verbose", "--room", "lobby", "listen", "--json"]);
    let mut logger = Running::start(&mut without_variables(command));
    logger.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    let long = "x".repeat(900);
    let say = |text: &str| assert_eq!(run(network.host(1), &["-n", "alice", "send", text]).0, Some(0));
    (0..6).for_each(|number| say(&format!("{number} {long}")));
    logger.expect_line(Stream::Err, |line| line.starts_with("cooee: cannot write the log "), LIMIT);

    let disk = PathBuf::from(format!("/proc/{}/root{}", logger.pid(), host.state().display()));
    fs::remove_file(disk.join("else")).unwrap();
    say("there is room again");
    let recovery =
        |line: &str| line.starts_with("cooee: the log is written again; ") && line.ends_with(" missing in it");
    logger.expect_line(Stream::Err, recovery, LIMIT);
    let text = logged(&disk.join("cooee/log/lobby"));
    let whole = text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count();
    assert!(text.lines().count() - whole <= 1, "one line at most is torn: {text}");
    assert!(text.ends_with('\n') && text.lines().last().unwrap().contains("there is room again"), "{text}");
    logger.signal("TERM");
    logger.wait(LIMIT);
    assert_eq!(times_told(&mut logger, "cannot write the log "), 1);
    assert_eq!(objects(&printed(&mut logger)).len(), 7, "the talk has gone on");
}

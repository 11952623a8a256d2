//! What is said is printed.

use crate::cooee::{expect_text, listener, run, start, times_heard};
use crate::network::Network;
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("talking::a_line_is_printed_by_all", Needs::Lan, a_line_is_printed_by_all),
    ("talking::each_line_of_stdin_is_said_as_it_comes", Needs::Lan, each_line_of_stdin_is_said_as_it_comes),
    ("talking::lines_that_cannot_be_said_are_told", Needs::Lan, lines_that_cannot_be_said_are_told),
    ("talking::nobody_to_talk_to_is_an_honest_no", Needs::Lan, nobody_to_talk_to_is_an_honest_no),
    ("talking::a_pipe_is_a_chat", Needs::Lan, a_pipe_is_a_chat),
    ("talking::a_file_of_5000_lines_arrives", Needs::Lan, a_file_of_5000_lines_arrives),
    ("talking::listen_ends_after_so_many_lines", Needs::Lan, listen_ends_after_so_many_lines),
    ("talking::a_reader_who_has_seen_enough_ends_it", Needs::Lan, a_reader_who_has_seen_enough_ends_it),
];

fn a_line_is_printed_by_all() {
    let network = Network::new(3).unwrap();
    let mut listeners = [1, 2].map(|i| listener(network.host(i), "reader"));
    let said = run(network.host(0), &["--nick", "alice", "send", "lunch", "at", "noon?"]);
    assert_eq!(said, (Some(0), String::new(), String::new()));
    for listener in &mut listeners {
        let (line, _) = expect_text(listener, "lunch at noon?");
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        let promised = [
            "action", "address", "epoch", "history", "link", "nick", "peer", "private", "room", "seq", "text", "time",
            "type", "verified",
        ];
        assert_eq!(keys, promised);
        assert_eq!((&line["nick"], &line["room"], &line["seq"]), (&"alice".into(), &"lobby".into(), &1.into()));
        assert_eq!((&line["address"], &line["link"]), (&"10.77.0.1:26634".into(), &"eth0".into()));
        assert_eq!(times_heard(listener, "lunch at noon?"), 1);
    }
}

fn each_line_of_stdin_is_said_as_it_comes() {
    let network = Network::new(2).unwrap();
    let mut listener = listener(network.host(1), "reader");
    let mut sender = start(network.host(0), &["send"]);
    for said in ["first", "", "  second, indented", "第三"] {
        sender.write_line(said);
        if !said.is_empty() {
            expect_text(&mut listener, said);
        }
    }
    sender.close_stdin();
    assert_eq!(sender.wait(LIMIT).code(), Some(0));
}

fn lines_that_cannot_be_said_are_told() {
    let network = Network::new(2).unwrap();
    let mut listener = listener(network.host(1), "reader");
    let mut sender = start(network.host(0), &["send"]);
    sender.write_line("before");
    sender.write_line(&"x".repeat(961));
    sender.write_line("after");
    sender.close_stdin();
    sender.expect_line(Stream::Err, |line| line.starts_with("cooee: line 2: the line has 961 bytes; 960 are"), LIMIT);
    sender.expect_line(Stream::Err, |line| line == "cooee: 1 line was not said", LIMIT);
    assert_eq!(sender.wait(LIMIT).code(), Some(1));
    expect_text(&mut listener, "before");
    expect_text(&mut listener, "after");
}

fn nobody_to_talk_to_is_an_honest_no() {
    let network = Network::new(1).unwrap();
    let (code, printed, words) = run(network.host(0), &["send", "--wait", "0.1", "hello?"]);
    assert_eq!((code, &*printed), (Some(1), ""));
    assert!(words.starts_with("cooee: nobody else is in room lobby"), "{words}");
}

fn a_pipe_is_a_chat() {
    let network = Network::new(2).unwrap();
    let mut bob = start(network.host(1), &["--nick", "bob"]);
    let mut alice = start(network.host(0), &["--nick", "alice"]);
    bob.expect_line(Stream::Out, |line| line.contains("→ alice is here"), LIMIT);
    alice.expect_line(Stream::Out, |line| line.contains("→ bob is here"), LIMIT);
    alice.write_line("hello");
    alice.write_line("/me waves");
    alice.write_line("/quti");
    alice.write_line("//quit");
    bob.expect_line(Stream::Out, |line| line.ends_with(" alice    hello"), LIMIT);
    bob.expect_line(Stream::Out, |line| line.ends_with(" * alice waves"), LIMIT);
    bob.expect_line(Stream::Out, |line| line.ends_with(" alice    /quit"), LIMIT);
    assert!(bob.heard().iter().all(|line| !line.text.contains("quti")), "what was mistyped is not said");
    alice.expect_line(Stream::Err, |line| line.contains("Did you mean /quit?"), LIMIT);
    bob.write_line("bye");
    alice.expect_line(Stream::Out, |line| line.ends_with(" bob      bye"), LIMIT);
    alice.close_stdin();
    assert_eq!(alice.wait(LIMIT).code(), Some(0));
    bob.expect_line(Stream::Out, |line| line.ends_with("← alice left"), LIMIT);
}

fn a_file_of_5000_lines_arrives() {
    let network = Network::new(3).unwrap();
    let mut listeners = [1, 2].map(|i| listener(network.host(i), "reader"));
    let mut sender = start(network.host(0), &["send"]);
    for number in 1..=5000 {
        sender.write_line(&format!("line {number} of a file of some length"));
    }
    sender.close_stdin();
    assert_eq!(sender.wait(LIMIT).code(), Some(0));
    for listener in &mut listeners {
        for number in 1..=5000 {
            expect_text(listener, &format!("line {number} of a file of some length"));
        }
    }
}

fn listen_ends_after_so_many_lines() {
    let network = Network::new(2).unwrap();
    let mut listener = start(network.host(1), &["-v", "listen", "--count", "2"]);
    listener.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    let mut sender = start(network.host(0), &["-n", "bob", "send"]);
    ["one", "two", "three"].iter().for_each(|line| sender.write_line(line));
    assert_eq!(listener.wait(LIMIT).code(), Some(0));
    let printed: Vec<String> =
        listener.heard().iter().filter(|line| line.stream == Stream::Out).map(|line| line.text.clone()).collect();
    assert_eq!(printed.len(), 2);
    assert!(printed[0].ends_with(" bob      one") && printed[1].ends_with(" bob      two"), "{printed:?}");
}

/// `cooee listen | head -1`: it ends with the first line, and not only when a second one cannot be printed.
fn a_reader_who_has_seen_enough_ends_it() {
    let network = Network::new(2).unwrap();
    let script = r#"{ "$1" -v listen; echo "exit code $?" >&2; } | head -1"#;
    let mut shell = network.host(1).command("sh");
    let mut pipe = Running::start(shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_cooee")]));
    pipe.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    assert_eq!(run(network.host(0), &["-n", "bob", "send", "enough"]).0, Some(0));
    pipe.expect_line(Stream::Out, |line| line.ends_with(" bob      enough"), LIMIT);
    pipe.expect_line(Stream::Err, |line| line == "exit code 0", LIMIT);
    assert!(pipe.wait(LIMIT).success());
}

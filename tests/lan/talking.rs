//! What is said is printed.

use std::net::SocketAddrV4;

use cooee::time::UnixMillis;
use cooee::trust::Random;
use cooee::wire::{self, Epoch, Identity, Lines, Manner, Message, Nick, Part, PeerId, Room, RoomName, Seq};

use crate::cooee::{expect_object, expect_text, listener, nicks, run, start, text, times_heard};
use crate::network::{BROADCAST, Network};
use crate::probe::Probe;
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("talking::a_line_is_printed_by_all", Needs::Lan, a_line_is_printed_by_all),
    ("talking::each_line_of_stdin_is_said_as_it_comes", Needs::Lan, each_line_of_stdin_is_said_as_it_comes),
    ("talking::lines_that_cannot_be_said_are_told", Needs::Lan, lines_that_cannot_be_said_are_told),
    ("talking::nobody_to_talk_to_is_an_honest_no", Needs::Lan, nobody_to_talk_to_is_an_honest_no),
    ("talking::a_pipe_is_a_chat", Needs::Lan, a_pipe_is_a_chat),
    ("talking::a_file_of_5000_lines_arrives", Needs::Lan, a_file_of_5000_lines_arrives),
    ("talking::a_file_may_take_longer_than_the_wait", Needs::Lan, a_file_may_take_longer_than_the_wait),
    ("talking::who_has_not_heard_is_named", Needs::Lan, who_has_not_heard_is_named),
    ("talking::a_paste_is_one_text", Needs::Lan, a_paste_is_one_text),
    ("talking::a_paste_that_is_too_long_is_not_said", Needs::Lan, a_paste_that_is_too_long_is_not_said),
    ("talking::a_newcomer_is_told_what_was_said", Needs::Lan, a_newcomer_is_told_what_was_said),
    ("talking::lines_that_are_lost_are_told", Needs::Lan, lines_that_are_lost_are_told),
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
            "action",
            "address",
            "epoch",
            "fingerprint",
            "history",
            "late",
            "link",
            "nick",
            "peer",
            "private",
            "room",
            "said",
            "self",
            "seq",
            "text",
            "time",
            "to",
            "to_fingerprint",
            "type",
            "verified",
        ];
        assert_eq!(keys, promised);
        assert_eq!((&line["nick"], &line["room"], &line["seq"]), (&"alice".into(), &"lobby".into(), &1.into()));
        assert_eq!((&line["late"], &line["history"]), (&false.into(), &false.into()));
        let (said, came) = (text(&line, "said"), text(&line, "time"));
        assert!(said <= came && said[..11] == came[..11], "one machine, one clock: {said}, {came}");
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
    sender.write_line(&"x".repeat(70_000));
    sender.write_line("after");
    sender.close_stdin();
    let problem = "cooee: line 2: the line has 70000 bytes; 65536 are the most; it was not said";
    sender.expect_line(Stream::Err, |line| line == problem, LIMIT);
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
    let unasked = run(network.host(0), &["send", "--wait", "0", "hello?"]);
    assert_eq!(unasked, (Some(0), String::new(), String::new()), "who does not wait is not told");
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

/// Its 250 datagrams go out in more than a second; the wait begins when they have.
fn a_file_may_take_longer_than_the_wait() {
    let network = Network::new(2).unwrap();
    let mut listener = listener(network.host(1), "reader");
    let mut sender = start(network.host(0), &["send", "--wait", "0.6"]);
    let long = "x".repeat(900);
    for number in 1..=250 {
        sender.write_line(&format!("{number} {long}"));
    }
    sender.close_stdin();
    assert_eq!(sender.wait(LIMIT).code(), Some(0), "{:?}", sender.heard());
    expect_text(&mut listener, &format!("250 {long}"));
}

fn who_has_not_heard_is_named() {
    let network = Network::new(3).unwrap();
    let mut carol = listener(network.host(1), "carol");
    let mut bob = listener(network.host(2), "bob");
    let mut sender = start(network.host(0), &["send", "--wait", "2.5"]);
    sender.write_line("before");
    expect_text(&mut carol, "before");
    // By the time that this is answered, she has let it be known that she has it, and the sender has called for the
    // last time.
    assert_eq!(nicks(network.host(2)), ["bob", "carol"]);
    carol.signal("STOP");
    ["one", "two", "three"].iter().for_each(|said| sender.write_line(said));
    sender.close_stdin();
    sender.expect_line(Stream::Err, |line| line == "cooee: carol has not got 3 lines", LIMIT);
    assert_eq!(sender.wait(LIMIT).code(), Some(1));
    assert_eq!(expect_text(&mut bob, "three").0["late"], false);
    carol.signal("CONT");
    let (late, _) = expect_text(&mut carol, "three");
    assert_eq!((&late["late"], &late["history"]), (&true.into(), &false.into()));
}

fn a_paste_is_one_text() {
    let network = Network::new(2).unwrap();
    let mut listener = listener(network.host(1), "reader");
    let numbered: Vec<String> = (1..).map(|number| format!("line {number}, 60 KiB in all")).take(2400).collect();
    for lines in [&["first", "", "  third, indented"].map(str::to_owned)[..], &numbered] {
        let mut sender = start(network.host(0), &["send", "--paste"]);
        lines.iter().for_each(|line| sender.write_line(line));
        sender.close_stdin();
        assert_eq!(sender.wait(LIMIT).code(), Some(0), "{:?}", sender.heard());
        assert_eq!(sender.heard().len(), 0);
        let (line, _) = expect_text(&mut listener, &lines.join("\n"));
        assert_eq!(line["seq"], 1, "whose number is that of its first part");
    }
}

fn a_paste_that_is_too_long_is_not_said() {
    let network = Network::new(2).unwrap();
    let mut listener = listener(network.host(1), "reader");
    let mut sender = start(network.host(0), &["send", "--paste"]);
    sender.write_line(&"x".repeat(70_000));
    sender.close_stdin();
    let problem = "cooee: the text has 70000 bytes; 65536 are the most; it was not said";
    sender.expect_line(Stream::Err, |line| line == problem, LIMIT);
    assert_eq!(sender.wait(LIMIT).code(), Some(1));
    assert_eq!(run(network.host(0), &["send", "after"]).0, Some(0));
    expect_text(&mut listener, "after");
    let printed = listener.heard().iter().filter(|line| line.stream == Stream::Out).count();
    assert_eq!(printed, 1, "nothing else was said");
}

fn a_newcomer_is_told_what_was_said() {
    let network = Network::new(3).unwrap();
    let mut carol = listener(network.host(1), "carol");
    let mut alice = start(network.host(0), &["--nick", "alice", "send"]);
    (1..=20).for_each(|number| alice.write_line(&format!("line {number}")));
    alice.close_stdin();
    assert_eq!(alice.wait(LIMIT).code(), Some(0));
    expect_text(&mut carol, "line 20");

    // Who has said it has left.
    let mut newcomer = start(network.host(2), &["--nick", "dave", "listen", "--json", "--history", "10"]);
    for number in 11..=20 {
        let (line, _) = expect_object(&mut newcomer, |_| true, LIMIT);
        assert_eq!((text(&line, "text"), text(&line, "nick")), (format!("line {number}"), "alice".to_owned()));
        assert_eq!((&line["history"], &line["late"]), (&true.into(), &false.into()));
        assert!(text(&line, "said") < text(&line, "time"), "{line}");
    }
    assert_eq!(run(network.host(0), &["send", "line 21"]).0, Some(0));
    let (line, _) = expect_object(&mut newcomer, |_| true, LIMIT);
    assert_eq!((&line["text"], &line["history"]), (&"line 21".into(), &false.into()));

    let (code, printed, _) = run(network.host(0), &["listen", "--history", "2", "--count", "2"]);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!((code, lines.len()), (Some(0), 2));
    assert!(lines[0].starts_with("earlier ") && lines[0].ends_with(" alice    line 20"), "{printed}");
}

/// Somebody says his first and his fourth line; nobody has the two between.
fn lines_that_are_lost_are_told() {
    let network = Network::new(3).unwrap();
    let mut probe = Probe::open(network.host(2), wire::PORT);
    let mut reader = listener(network.host(1), "reader");
    let mut chat = start(network.host(0), &["-v", "-n", "chat"]);
    chat.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    // A newcomer begins to miss lines when it has been told what was said before it came.
    assert_eq!(run(network.host(2), &["-n", "bob", "send", "ready?"]).0, Some(0));
    chat.expect_line(Stream::Out, |line| line.ends_with(" bob      ready?"), LIMIT);
    expect_text(&mut reader, "ready?");
    let author = wire::Run { peer: PeerId(0xca401), epoch: Epoch(1) };
    for (seq, said) in [(1, "one"), (4, "four")] {
        let (nick, part) = (Nick::new("carol").unwrap(), Part::new(said).unwrap());
        let lines = Lines::starting(Seq::new(seq).unwrap(), UnixMillis(0), nick, Manner::default(), &part);
        let room = Room::open(&RoomName::new("lobby").unwrap());
        let mut bytes = Vec::new();
        let message = Message::Lines(lines);
        message.encode(&Identity::Unsigned(author), &room, &mut Random::new(0.into()), &mut bytes);
        probe.send(SocketAddrV4::new(BROADCAST, wire::PORT), &bytes);
    }
    let [one, gap, four] = [(); 3].map(|()| expect_object(&mut reader, |_| true, LIMIT).0);
    assert_eq!((&one["text"], &four["text"]), (&"one".into(), &"four".into()));
    let keys: Vec<&String> = gap.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["epoch", "fingerprint", "from", "nick", "peer", "room", "time", "to", "type", "verified"]);
    assert_eq!((&gap["type"], &gap["nick"], &gap["room"]), (&"gap".into(), &"carol".into(), &"lobby".into()));
    assert_eq!((&gap["peer"], &gap["epoch"]), (&"00000000000ca401".into(), &"00000001".into()));
    assert_eq!((&gap["from"], &gap["to"]), (&2.into(), &3.into()));
    chat.expect_line(Stream::Out, |line| line.ends_with(" ! 2 lines from ?carol were lost (numbers 2-3)"), LIMIT);
    chat.expect_line(Stream::Out, |line| line.ends_with(" ?carol   four"), LIMIT);
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
    let said = run(network.host(0), &["-n", "bob", "send", "enough"]);
    assert_eq!(said, (Some(0), String::new(), String::new()));
    pipe.expect_line(Stream::Out, |line| line.ends_with(" bob      enough"), LIMIT);
    pipe.expect_line(Stream::Err, |line| line == "exit code 0", LIMIT);
    assert!(pipe.wait(LIMIT).success());
}

//! Sealed rooms: who knows the passphrase is in, who does not reads nothing.

use std::fs;

use cooee::wire;

use crate::cooee::{cooee, expect_object, expect_text, listener, run, start};
use crate::network::{Host, Network};
use crate::probe::Probe;
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("sealed::who_knows_the_passphrase_is_in", Needs::Lan, who_knows_the_passphrase_is_in),
    ("sealed::that_there_is_another_room_is_told", Needs::Lan, that_there_is_another_room_is_told),
    ("sealed::who_does_not_reads_nothing", Needs::Lan, who_does_not_reads_nothing),
];

/// Starts it with a passphrase in its environment.
pub(crate) fn sealed(host: &Host, passphrase: &str, words: &[&str]) -> Running {
    Running::start(cooee(host, words).env("COOEE_PASSPHRASE", passphrase))
}

pub(crate) fn sealed_listener(host: &Host, passphrase: &str) -> Running {
    let mut listener = sealed(host, passphrase, &["-v", "-n", "reader", "listen", "--json"]);
    listener.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    listener
}

fn who_knows_the_passphrase_is_in() {
    let network = Network::new(3).unwrap();
    let mut reader = sealed_listener(network.host(1), "magpie at dawn");
    let file = network.host(0).data().join("passphrase");
    fs::create_dir_all(network.host(0).data()).unwrap();
    fs::write(&file, "magpie at dawn\r\nand what else stands there\n").unwrap();
    let by_file = ["--passphrase-file", file.to_str().unwrap()];
    let said = run(network.host(0), &[&by_file[..], &["-n", "alice", "send", "the key is under the pot"]].concat());
    assert_eq!(said, (Some(0), String::new(), String::new()));
    let (line, _) = expect_text(&mut reader, "the key is under the pot");
    assert_eq!((&line["nick"], &line["room"]), (&"alice".into(), &"lobby".into()));
    let (code, table, _) = run(network.host(0), &[&by_file[..], &["peers"]].concat());
    assert!(code == Some(0) && table.contains("\nreader "), "{table}");

    let mut chat = sealed(network.host(2), "magpie at dawn", &["-n", "bob"]);
    chat.expect_line(Stream::Out, |line| line.contains("→ reader is here"), LIMIT);
    chat.write_line("thank you");
    expect_text(&mut reader, "thank you");
    // A file goes before a variable.
    let mut peers = cooee(network.host(0), &[&by_file[..], &["peers"]].concat());
    assert_eq!(peers.env("COOEE_PASSPHRASE", "wrong").output().unwrap().status.code(), Some(0));
}

fn who_does_not_reads_nothing() {
    let network = Network::new(4).unwrap();
    let mut probe = Probe::open(network.host(3), wire::PORT);
    let mut outsider = listener(network.host(2), "outsider");
    let mut wrong = sealed_listener(network.host(3), "magpie at dusk");
    let mut reader = sealed_listener(network.host(1), "magpie at dawn");
    let mut alice = sealed(network.host(0), "magpie at dawn", &["-n", "alice-of-the-lab", "send"]);
    alice.write_line("the key is under the pot");
    expect_text(&mut reader, "the key is under the pot");
    alice.close_stdin();
    assert_eq!(alice.wait(LIMIT).code(), Some(0));

    let mut alone = sealed(network.host(0), "magpie at dusk!", &["peers", "--wait", "0.5"]);
    let told = alone.expect_line(Stream::Err, |_| true, LIMIT).text;
    assert!(told.starts_with("cooee: nobody else is in sealed room lobby on eth0; "), "{told}");
    // When the others' beacons come just then, it is they who are told of.
    let asks =
        told.contains("with the same room, passphrase and port") || told.contains("another sealed room is heard");
    assert!(asks, "{told}");
    assert!(!told.contains("magpie"));
    assert_eq!(alone.wait(LIMIT).code(), Some(1));

    // What is said next in the rooms of the others is the first that they hear.
    assert_eq!(run(network.host(0), &["send", "in the open"]).0, Some(0));
    assert_eq!(expect_object(&mut outsider, |_| true, LIMIT).0["text"], "in the open");
    let mut lost = sealed(network.host(0), "magpie at dusk", &["send", "at dusk"]);
    assert_eq!(lost.wait(LIMIT).code(), Some(0));
    assert_eq!(expect_object(&mut wrong, |_| true, LIMIT).0["text"], "at dusk");

    // The probe hears all that was said in the sealed rooms, as it hears what is said in the open after it.
    assert_eq!(run(network.host(0), &["send", "the end"]).0, Some(0));
    probe.expect(|datagram| datagram.holds("the end"), LIMIT);
    let mut holds = |words: &str| probe.heard().iter().any(|datagram| datagram.holds(words));
    let known = ["in the open", "outsider"].map(&mut holds);
    assert_eq!(known, [true; 2]);
    for secret in ["the key is under", "alice-of-the-lab", "at dusk", "reader"] {
        assert!(!holds(secret), "{secret} is on the LAN");
    }
}

fn that_there_is_another_room_is_told() {
    let network = Network::new(3).unwrap();
    let open = ["-v", "-n", "open"];
    let mut chats = [start(network.host(1), &open), sealed(network.host(2), "magpie at dusk", &["-v", "-n", "wrong"])];
    let listen = ["-v", "-r", "attic", "listen", "--json"];
    let mut reader = start(network.host(2), &listen);
    let mut alone = sealed(network.host(1), "magpie!", &["-v", "peers", "--wait", "1"]);
    for running in chats.iter_mut().chain([&mut reader, &mut alone]) {
        running.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    }
    let mut alice = sealed(network.host(0), "magpie at dawn", &["-n", "alice"]);
    alice.write_line("anybody here?");
    let words = ["a sealed room is heard too; who knows its name and its passphrase gets in by --sealed", OTHER];
    for (running, words) in chats.iter_mut().zip(words) {
        running.expect_line(Stream::Err, |line| line == format!("cooee: {words}"), LIMIT);
        running.write_line("/quit");
        assert_eq!(running.wait(LIMIT).code(), Some(0));
        let times = running.heard().iter().filter(|line| line.text.contains("sealed room is heard")).count();
        assert_eq!(times, 1, "it is told once");
    }
    reader.expect_line(Stream::Err, |line| line.starts_with("cooee: a sealed room is heard too; "), LIMIT);
    let told = alone.expect_line(Stream::Err, |line| line.starts_with("cooee: nobody else is in sealed room"), LIMIT);
    assert!(told.text.ends_with(&format!(" on eth0; {OTHER}")), "{}", told.text);
    assert_eq!(alone.wait(LIMIT).code(), Some(1));
}

const OTHER: &str = "another sealed room is heard; if yours should be it, its passphrase or its name is another";

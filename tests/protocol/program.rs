//! The peer in Python: what it is made of, and that the real program and it take each other for peers.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::path::Path;
use std::process::{self, Command};
use std::time::{Duration, Instant};
use std::{env, fs};

use cooee::time::UnixMillis;
use cooee::wire::{
    Beacon, Counter, Digest, Heard, Hears, Lines, Manner, Message, Nack, Nick, Packet, Part, RoomName, Run, Seq,
    SeqRange, parse,
};
use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::format::{SPREAD, VECTORS, encode};
use crate::process::{LIMIT, Running, Stream};
use crate::reading::vector_bytes;
use crate::{literal, part};

/// Everybody on this machine, and nobody else.
const LOOPBACK: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);

/// A port that no other test of this process uses, nor most likely those of another one that runs at the same
/// time; and above those that the system gives to sockets that ask for none.
fn port(number: u16) -> u16 {
    61_000 + (process::id() % 45) as u16 * 100 + number * 20
}

/// A nick that nobody has who is on the same port after all.
fn nick(name: &str) -> String {
    format!("{name}-{}", process::id())
}

/// Whether there is a Python to run the tests with. Where there must be one, its absence is a failure.
pub(crate) fn python_is_there() -> bool {
    let found = Command::new("python3").arg("--version").output();
    if found.as_ref().is_ok_and(|output| output.status.success()) {
        return true;
    }
    let required = env::var_os("COOEE_PYTHON_TESTS").is_some_and(|word| word == "required");
    assert!(!required, "there is no python3, and COOEE_PYTHON_TESTS=required: {found:?}");
    // Not by a macro, whose words libtest would keep to itself.
    let complaint = "\n**** NO python3, so the peer of cooee-protocol(7) is not tested\n";
    io::stderr().write_all(complaint.as_bytes()).unwrap();
    false
}

pub(crate) fn python(words: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.arg("-c").args(words);
    command
}

/// The program of the page.
fn peer(port: u16, nick: &str, said: &[&str]) -> Running {
    start(&literal("program"), port, nick, said)
}

/// The program of the page, with the lines that make it answer nacks.
fn peer_that_repairs(port: u16, nick: &str, said: &[&str]) -> Running {
    let program = literal("program");
    let (_, hear) = program.split_once("\ndef hear(").unwrap();
    let (hear, _) = hear.split_once("\n\n").unwrap();
    let longer = program.replacen(hear, &format!("{hear}\n{}", literal("addition").trim_end()), 1);
    start(&longer, port, nick, said)
}

fn start(program: &str, port: u16, nick: &str, said: &[&str]) -> Running {
    let mut command = python(&[program, nick, &LOOPBACK.to_string()]);
    Running::start(command.args(said).env("COOEE_PORT", port.to_string()))
}

fn cooee(port: u16, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
    let of_cooee = [
        "COOEE_NICK",
        "COOEE_ROOM",
        "COOEE_INTERFACE",
        "COOEE_PEER",
        "COOEE_PORT",
        "COOEE_IDENTITY",
        "COOEE_PASSPHRASE",
    ];
    for variable in of_cooee.into_iter().chain(["NO_COLOR", "CLICOLOR_FORCE"]) {
        command.env_remove(variable);
    }
    // Whoever runs the tests has files of his own.
    command.env("XDG_CONFIG_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/protocol"));
    command.args(["--ephemeral", "--interface", "lo", "--port", &port.to_string()]).args(words);
    command
}

/// Waits for an object of `--json`.
fn expect_object(running: &mut Running, is_it: impl Fn(&Value) -> bool) -> Value {
    let object = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    object(&running.expect_line(Stream::Out, |line| is_it(&object(line)), LIMIT).text)
}

#[test]
fn it_is_short_and_needs_only_what_the_page_says() {
    let program = literal("program");
    assert!(program.lines().count() <= 80, "{} lines", program.lines().count());
    let quoted = part("imports").lines().filter_map(|line| line.strip_prefix(".Ql "));
    let mut said: Vec<_> = quoted.collect();
    said.sort_unstable();
    let imports: Vec<_> = program.lines().filter(|line| line.contains("import")).collect();
    assert_eq!(imports, [format!("import {}", said.join(", "))]);
}

#[test]
fn the_command_of_the_page_makes_a_file_of_it() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(nick("page"));
    fs::create_dir_all(&folder).unwrap();
    let mut path = Path::new(env!("CARGO_BIN_EXE_cooee")).parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(env::var_os("PATH").unwrap());
    let done = Command::new("sh").args(["-ec", &literal("command")]).current_dir(&folder).env("PATH", path).status();
    assert!(done.unwrap().success());
    assert_eq!(fs::read_to_string(folder.join("peer.py")).unwrap(), literal("program"));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn cooee_and_it_hear_each_other() {
    if !python_is_there() {
        return;
    }
    let (port, [bob, ann, eve]) = (port(0), ["bob", "ann", "eve"].map(nick));
    let mut listener = Running::start(&mut cooee(port, &["--verbose", "--nick", &ann, "listen", "--json"]));
    listener.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);

    let mut peer = peer(port, &bob, &["good morning", "caf\u{e9}"]);
    for (seq, text) in [(1, "good morning"), (2, "caf\u{e9}")] {
        let line = expect_object(&mut listener, |object| object["nick"] == *bob && object["text"] == text);
        assert_eq!((&line["type"], &line["seq"], &line["action"]), (&"line".into(), &seq.into(), &false.into()));
    }
    let ann_listed = peer.expect_line(Stream::Out, |line| line.starts_with(&format!("peer {ann} ")), LIMIT).text;

    let send = ["--nick", &eve, "send", "--wait", "15", "lunch", "at\u{1b}[2J", "noon?"];
    let sent = cooee(port, &send).output().unwrap();
    assert_eq!(sent.status.code(), Some(0), "{sent:?}");
    let heard = format!("line {eve} lunch at?[2J noon?");
    peer.expect_line(Stream::Out, |line| line == heard, LIMIT);
    let visitor = format!("peer {eve}");
    assert!(!peer.heard().iter().any(|line| line.text.starts_with(&visitor)), "a visitor is not listed");
    peer.write_line("later");
    assert_eq!(expect_object(&mut listener, |object| object["text"] == "later")["seq"], 3);

    let mut watcher = Running::start(&mut cooee(port, &["peers", "--watch", "--json", "--wait", "15"]));
    let row = expect_object(&mut watcher, |object| object["type"] == "peer" && object["nick"] == *ann);
    let text = |key: &str| row[key].as_str().unwrap();
    assert_eq!(ann_listed, format!("peer {ann} {} {}", text("host"), text("address")));

    // Without the listener nobody else answers, so whoever asks waits for this answer.
    drop(listener);
    let found = cooee(port, &["peers", "--json", "--wait", "15"]).output().unwrap();
    assert_eq!(found.status.code(), Some(0), "{found:?}");
    let rows: Vec<Value> = found.stdout.split(|byte| *byte == b'\n').flat_map(serde_json::from_slice).collect();
    let row = rows.iter().find(|row| row["nick"] == *bob).unwrap_or_else(|| panic!("no {bob}: {rows:?}"));
    assert_eq!(row["host"].as_str().unwrap().split('.').next(), Some(text("host")));
    assert!(row["address"].as_str().unwrap().starts_with("127.0.0.1:"), "{row}");

    let leaves = Instant::now();
    peer.close_stdin();
    let left = expect_object(&mut watcher, |object| object["type"] == "left" && object["nick"] == *bob);
    assert_eq!(left["reason"], "goodbye");
    let took = leaves.elapsed();
    assert!(took < Duration::from_secs(10), "its goodbye took {took:?}; without one it would be 17.5 s");
    assert!(peer.wait(LIMIT).success());
    assert!(peer.heard().iter().all(|line| line.stream == Stream::Out), "it complains");
}

/// A peer that is played by hand, as the run that the vectors do not have.
struct Hand {
    own: UdpSocket,
    everybody: SocketAddr,
    counter: Counter,
}

impl Hand {
    fn new(port: u16) -> Self {
        let own = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        own.set_broadcast(true).unwrap();
        own.set_read_timeout(Some(LIMIT)).unwrap();
        Self { own, everybody: (LOOPBACK, port).into(), counter: Counter::default() }
    }

    fn send(&self, bytes: &[u8]) {
        self.own.send_to(bytes, self.everybody).unwrap();
    }

    fn tell(&self, message: Message<'_>) {
        self.send(&datagram(message));
    }

    /// The beacon of the vectors, but that whoever answers it answers here, and that it hears nobody.
    fn beacon(&mut self, hello: bool) -> Message<'static> {
        let vector = vector_bytes("beacon");
        let Message::Beacon(_, beacon) = parse(&vector).unwrap().message else { panic!("no beacon") };
        let port = self.own.local_addr().unwrap().port();
        self.counter = self.counter.next();
        Message::Beacon(self.counter, Beacon { hello, visitor: true, port, ..owned(&beacon) })
    }

    /// Says hello as a visitor, and waits for the answer of this nick by unicast, which tells nothing of whom it hears.
    #[track_caller]
    fn visit(&mut self, nick: &str) -> Beacon<'static> {
        let hello = self.beacon(true);
        self.tell(hello);
        let answer = |packet: &Packet<'_>| {
            let Message::Beacon(counter, beacon) = &packet.message else { return None };
            let draws_none = beacon.heard.tells_of(SPREAD.0, *counter) == Hears::Untold;
            beacon_of(packet, nick).filter(|(_, beacon)| !beacon.hello && draws_none)
        };
        expect(&self.own, answer).1.1
    }
}

/// A socket that hears what is broadcast from now on.
fn ear(port: u16) -> UdpSocket {
    let shared = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    shared.set_reuse_address(true).unwrap();
    shared.set_read_timeout(Some(LIMIT)).unwrap();
    shared.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into()).unwrap();
    shared.into()
}

/// Waits for a packet that will do. It must be written as cooee would have written it.
#[track_caller]
fn expect<T>(socket: &UdpSocket, will_do: impl Fn(&Packet<'_>) -> Option<T>) -> (Run, T) {
    let (mut buffer, deadline) = ([0; 1500], Instant::now() + LIMIT);
    while Instant::now() < deadline {
        let (len, _) = socket.recv_from(&mut buffer).unwrap();
        let Ok(packet) = parse(&buffer[..len]) else { continue };
        if let Some(found) = will_do(&packet) {
            let mut written = Vec::new();
            encode(&packet, &mut written);
            assert_eq!(written, buffer[..len], "{packet:?}");
            return (packet.author, found);
        }
    }
    panic!("it did not come within {LIMIT:?}");
}

fn datagram(message: Message<'_>) -> Vec<u8> {
    let room = parse(&vector_bytes("goodbye")).unwrap().room;
    written(&Packet { room, author: SPREAD.0, signer: None, message })
}

fn written(packet: &Packet<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(packet, &mut bytes);
    bytes
}

fn beacon_of(packet: &Packet<'_>, nick: &str) -> Option<(Counter, Beacon<'static>)> {
    match &packet.message {
        Message::Beacon(counter, beacon) if beacon.profile.nick.as_str() == nick => Some((*counter, owned(beacon))),
        _ => None,
    }
}

fn owned(beacon: &Beacon<'_>) -> Beacon<'static> {
    let room = beacon.room.clone().map(RoomName::into_owned);
    Beacon { profile: beacon.profile.clone().into_owned(), heard: Heard::NOBODY, room, ..*beacon }
}

fn said_by_hand(text: &str) -> Lines<'static> {
    let (nick, part) = (Nick::new("hand").unwrap(), Part::new(text).unwrap());
    Lines::starting(Seq::FIRST, UnixMillis(0), nick, Manner::default(), &part)
}

/// Datagrams that are cut off, changed, too long, or nothing but noise. Those that are read draw no answer, or draw
/// it to where `beacon` says.
fn strays(beacon: Message<'_>) -> Vec<Vec<u8>> {
    let mut rng = fastrand::Rng::with_seed(1);
    let mut strays: Vec<Vec<u8>> = Vec::new();
    let others = VECTORS.iter().filter(|name| **name != "beacon").map(|name| vector_bytes(name));
    for bytes in others.chain([datagram(beacon)]) {
        strays.extend((0..bytes.len()).map(|len| bytes[..len].to_vec()));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= rng.u8(1..);
            strays.push(changed);
        }
        let mut signed = bytes.clone();
        signed[7] = 1;
        strays.push(signed);
        strays.push([&bytes[..32], &[0xff; 1168]].concat());
        strays.push([&bytes[..], &[0; 1400]].concat());
    }
    strays.extend((0..50).map(|_| (0..rng.usize(..1400)).map(|_| rng.u8(..)).collect()));
    strays
}

#[test]
fn it_speaks_as_the_page_says_and_no_stray_datagram_ends_it() {
    if !python_is_there() {
        return;
    }
    let (port, bob) = (port(1), nick("bob"));
    let (broadcasts, mut hand) = (ear(port), Hand::new(port));
    let mut peer = peer(port, &bob, &[]);
    let (run, (counter, hello)) = expect(&broadcasts, |packet| beacon_of(packet, &bob));
    assert!(hello.hello && !hello.visitor && hello.hears == 0 && hello.last_seq.is_none(), "{hello:?}");
    assert!(!hello.acks && (hello.started..).contains(&hello.time), "{hello:?}");
    assert!(!run.peer.is_signed(), "{run}");
    assert_eq!(counter, Counter(1));

    // A few at a time: an answer shows that it has read what went before, so none of them is lost.
    for some in strays(hand.beacon(false)).chunks(16) {
        some.iter().for_each(|stray| hand.send(stray));
        assert_eq!(hand.visit(&bob).profile, hello.profile);
    }

    let said = said_by_hand("are you there?");
    (0..2).for_each(|_| hand.tell(Message::Lines(said.clone())));
    hand.visit(&bob);
    peer.expect_line(Stream::Out, |line| line == "line hand are you there?", LIMIT);
    let times = peer.heard().iter().filter(|line| line.text.ends_with("are you there?")).count();
    assert_eq!(times, 1, "a copy is shown");

    // Another one, as that one is full of strays.
    let broadcasts = ear(port);
    peer.write_line("yes");
    let (_, said) = expect(&broadcasts, |packet| match &packet.message {
        Message::Lines(lines) if packet.author == run => {
            Some(lines.iter().map(|line| (line.seq, line.part.to_string())).collect::<Vec<_>>())
        }
        _ => None,
    });
    assert_eq!(said, [(Seq::FIRST, "yes".to_owned())]);
    let told = Hand::new(port).visit(&bob);
    assert!(told.time > hello.time, "its clock stands still");
    assert_eq!((told.last_seq, told.digest, told.started), (Some(Seq::FIRST), Digest(0), hello.started));
    assert_eq!(told.interval.duration(), Duration::from_secs(5));

    peer.close_stdin();
    let goodbye = |packet: &Packet<'_>| match packet.message {
        Message::Goodbye(counter, goodbye) if packet.author == run => Some((counter, goodbye.last_seq)),
        _ => None,
    };
    let goodbyes = [(); 2].map(|()| expect(&broadcasts, goodbye).1);
    assert!(goodbyes[0].0 < goodbyes[1].0, "{goodbyes:?}");
    assert!(goodbyes.iter().all(|(_, last)| *last == Some(Seq::FIRST)), "{goodbyes:?}");
    assert!(peer.wait(LIMIT).success());
    assert!(peer.heard().iter().all(|line| line.stream == Stream::Out), "it complains");
}

#[test]
fn with_the_addition_of_the_page_it_answers_nacks_by_the_same_bytes() {
    if !python_is_there() {
        return;
    }
    let (port, bob) = (port(2), nick("bob"));
    let (broadcasts, hand) = (ear(port), Hand::new(port));
    let mut peer = peer_that_repairs(port, &bob, &["one", "two", "three"]);
    let lines_of_bob = |socket: &UdpSocket, bob: Option<Run>| {
        let its = |packet: &Packet<'_>| bob.is_none_or(|bob| packet.author == bob);
        expect(socket, |packet| {
            matches!(packet.message, Message::Lines(_)).then(|| written(packet)).filter(|_| its(packet))
        })
    };
    let (run, first) = lines_of_bob(&broadcasts, None);
    let said = [first, lines_of_bob(&broadcasts, Some(run)).1, lines_of_bob(&broadcasts, Some(run)).1];

    let nack = |author, first, last, to_all| {
        let missing = SeqRange::new(Seq::new(first).unwrap(), Seq::new(last).unwrap()).unwrap();
        Message::Nack(Counter(1), Nack { to_all, author, missing })
    };
    // What draws nothing goes first: if it drew anything, that would come before what is waited for.
    for unanswered in [nack(run, 4, 9, false), nack(SPREAD.0, 1, 1, false)] {
        hand.tell(unanswered);
    }
    for (first, last) in [(2, 2), (1, u32::MAX), (3, 7)] {
        hand.tell(nack(run, first, last, false));
        assert_eq!(lines_of_bob(&hand.own, None).1, said[first as usize - 1]);
    }
    hand.tell(nack(run, 2, 3, true));
    assert_eq!(lines_of_bob(&broadcasts, Some(run)).1, said[1]);

    hand.own.set_nonblocking(true).unwrap();
    assert!(hand.own.recv(&mut [0; 1500]).is_err(), "one that was for all came alone too, or more than one");
    peer.close_stdin();
    assert!(peer.wait(LIMIT).success());
    assert!(peer.heard().iter().all(|line| line.stream == Stream::Out), "it complains");
}

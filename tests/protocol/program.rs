//! The peer in Python: what it is made of, and that the real program and it take each other for peers.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::path::Path;
use std::process::{self, Command};
use std::time::{Duration, Instant};
use std::{env, fs};

use cooee::wire::{Beacon, Counter, Digest, Epoch, Heard, Lines, Message, Nick, Packet, PeerId, Run, Seq, Text, parse};
use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::format::{SPREAD, hex, vector_bytes};
use crate::process::{LIMIT, Running, Stream};
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
fn python_is_there() -> bool {
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

fn python(words: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.arg("-c").args(words);
    command
}

/// The program of the page.
fn peer(port: u16, nick: &str, said: &[&str]) -> Running {
    let mut command = python(&[&literal("program"), nick, &LOOPBACK.to_string()]);
    Running::start(command.args(said).env("COOEE_PORT", port.to_string()))
}

fn cooee(port: u16, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
    for variable in ["COOEE_NICK", "COOEE_ROOM", "COOEE_INTERFACE", "COOEE_PORT", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command.args(["--interface", "lo", "--port", &port.to_string()]).args(words);
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
    let (port, bob, ann) = (port(0), nick("bob"), nick("ann"));
    let mut listener = Running::start(&mut cooee(port, &["--verbose", "--nick", &ann, "listen", "--json"]));
    listener.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);

    let mut peer = peer(port, &bob, &["good morning", "caf\u{e9}"]);
    for (seq, text) in [(1, "good morning"), (2, "caf\u{e9}")] {
        let line = expect_object(&mut listener, |object| object["nick"] == *bob && object["text"] == text);
        assert_eq!((&line["type"], &line["seq"], &line["action"]), (&"line".into(), &seq.into(), &false.into()));
    }
    let listed = peer.expect_line(Stream::Out, |line| line.starts_with(&format!("peer {ann} ")), LIMIT).text;

    let found = cooee(port, &["peers", "--json"]).output().unwrap();
    assert_eq!(found.status.code(), Some(0), "{found:?}");
    let rows: Vec<Value> = found.stdout.split(|byte| *byte == b'\n').flat_map(serde_json::from_slice).collect();
    let row = |nick: &str| rows.iter().find(|row| row["nick"] == nick).unwrap_or_else(|| panic!("no {nick}: {rows:?}"));
    let text = |nick, key: &str| row(nick)[key].as_str().unwrap().to_owned();
    assert_eq!(listed, format!("peer {ann} {} {}", text(&ann, "host"), text(&ann, "address")));
    assert_eq!(text(&bob, "host").split('.').next(), Some(&*text(&ann, "host")));
    assert!(text(&bob, "address").starts_with("127.0.0.1:"));

    let sent = cooee(port, &["--nick", &nick("eve"), "send", "lunch", "at\u{1b}[2J", "noon?"]).output().unwrap();
    assert_eq!(sent.status.code(), Some(0), "{sent:?}");
    let heard = format!("line {} lunch at?[2J noon?", nick("eve"));
    peer.expect_line(Stream::Out, |line| line == heard, LIMIT);
    let visitor = format!("peer {}", nick("eve"));
    assert!(!peer.heard().iter().any(|line| line.text.starts_with(&visitor)), "a visitor is not listed");

    peer.write_line("later");
    assert_eq!(expect_object(&mut listener, |object| object["text"] == "later")["seq"], 3);

    let mut watcher = Running::start(&mut cooee(port, &["peers", "--watch", "--json", "--wait", "0"]));
    expect_object(&mut watcher, |object| object["type"] == "peer" && object["nick"] == *bob);
    let leaves = Instant::now();
    peer.close_stdin();
    let left = expect_object(&mut watcher, |object| object["type"] == "left" && object["nick"] == *bob);
    assert_eq!(left["reason"], "goodbye");
    let took = leaves.elapsed();
    assert!(took < Duration::from_secs(10), "its goodbye took {took:?}; without one it would be 17.5 s");
    assert!(peer.wait(LIMIT).success());
    assert!(peer.heard().iter().all(|line| line.stream == Stream::Out), "it complains");
}

/// A peer that is played by hand, of the run that the vectors do not have.
struct Hand {
    shared: UdpSocket,
    own: UdpSocket,
    everybody: SocketAddr,
    number: u32,
}

impl Hand {
    fn new(port: u16) -> Self {
        let shared = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
        shared.set_reuse_address(true).unwrap();
        shared.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into()).unwrap();
        let shared = UdpSocket::from(shared);
        let own = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        own.set_broadcast(true).unwrap();
        for socket in [&shared, &own] {
            socket.set_read_timeout(Some(LIMIT)).unwrap();
        }
        Self { shared, own, everybody: (LOOPBACK, port).into(), number: 0 }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.own.send_to(bytes, self.everybody).unwrap();
    }

    /// Waits for a datagram that satisfies; what its author wrote must be read, and written again be the same.
    #[track_caller]
    fn expect<T>(socket: &UdpSocket, nick: &str, is_it: impl Fn(&Message<'_>) -> Option<T>) -> (Run, T) {
        let (mut buffer, deadline) = ([0; 1500], Instant::now() + LIMIT);
        while Instant::now() < deadline {
            let (len, _) = socket.recv_from(&mut buffer).unwrap();
            let Ok(packet) = parse(&buffer[..len]) else { continue };
            if name(&packet.message).is_some_and(|name| name != nick) {
                continue;
            }
            if let Some(found) = is_it(&packet.message) {
                let mut written = Vec::new();
                packet.encode(&mut written);
                assert_eq!(written, buffer[..len], "not as cooee writes it: {packet:?}");
                return (packet.author, found);
            }
        }
        panic!("nothing of the kind from {nick}");
    }

    /// Says hello as a visitor, and waits for the answer of this nick by unicast.
    #[track_caller]
    fn visit(&mut self, nick: &str) -> Beacon<'static> {
        self.number += 1;
        let vector = vector_bytes("beacon");
        let Message::Beacon(_, beacon) = parse(&vector).unwrap().message else { panic!("no beacon") };
        let port = self.own.local_addr().unwrap().port();
        let hello = Beacon { visitor: true, port, heard: Heard::NOBODY, ..beacon };
        self.tell(Message::Beacon(Counter(self.number), hello));
        Self::expect(&self.own, nick, |message| match message {
            Message::Beacon(_, beacon) if !beacon.hello => Some(owned(beacon)),
            _ => None,
        })
        .1
    }

    fn tell(&mut self, message: Message<'_>) {
        let room = parse(&vector_bytes("goodbye")).unwrap().room;
        let mut bytes = Vec::new();
        Packet { room, author: SPREAD.0, message }.encode(&mut bytes);
        self.send(&bytes);
    }
}

fn name(message: &Message<'_>) -> Option<String> {
    match message {
        Message::Beacon(_, beacon) => Some(beacon.profile.nick.to_string()),
        Message::Lines(lines) => Some(lines.nick().to_string()),
        Message::Goodbye(..) => None,
    }
}

fn owned(beacon: &Beacon<'_>) -> Beacon<'static> {
    Beacon { profile: beacon.profile.clone().into_owned(), heard: Heard::NOBODY, ..*beacon }
}

#[test]
fn it_speaks_as_the_page_says_and_no_stray_datagram_ends_it() {
    if !python_is_there() {
        return;
    }
    let (port, bob) = (port(1), nick("bob"));
    let mut hand = Hand::new(port);
    let mut peer = peer(port, &bob, &[]);
    let beacon = |message: &Message<'_>| match message {
        Message::Beacon(counter, beacon) => Some((*counter, owned(beacon))),
        _ => None,
    };
    let (run, (first, hello)) = Hand::expect(&hand.shared, &bob, beacon);
    assert!(hello.hello && !hello.visitor && hello.hears == 0 && hello.last_seq.is_none(), "{hello:?}");
    assert_eq!(first, Counter(1));

    // A long row of them, so that none is lost: after a few, it has to show that it has read them all.
    let mut rng = fastrand::Rng::with_seed(1);
    let mut strays: Vec<Vec<u8>> = Vec::new();
    for vector in ["beacon", "goodbye", "lines"] {
        let bytes = vector_bytes(vector);
        strays.extend((0..bytes.len()).map(|len| bytes[..len].to_vec()));
        strays.extend((0..bytes.len()).map(|at| {
            let mut changed = bytes.clone();
            changed[at] ^= rng.u8(1..);
            changed
        }));
        let mut signed = bytes.clone();
        signed[7] = 1;
        strays.push(signed);
    }
    strays.extend((0..50).map(|_| (0..rng.usize(0..1500)).map(|_| rng.u8(..)).collect()));
    let endless = vec![0xff; 1100];
    strays.push([&vector_bytes("beacon")[..32], &endless].concat());
    strays.push([&vector_bytes("lines")[..32], &endless].concat());
    for some in strays.chunks(16) {
        some.iter().for_each(|stray| hand.send(stray));
        let answer = hand.visit(&bob);
        assert_eq!(answer.profile, hello.profile);
    }

    let text = Text::new("are you there?").unwrap();
    let said = Lines::starting(Seq::FIRST, hello.started, Nick::new("hand").unwrap(), false, &text);
    (0..2).for_each(|_| hand.tell(Message::Lines(said.clone())));
    hand.visit(&bob);
    peer.expect_line(Stream::Out, |line| line == "line hand are you there?", LIMIT);
    let times = peer.heard().iter().filter(|line| line.text.ends_with("are you there?")).count();
    assert_eq!(times, 1, "a copy is shown");

    peer.write_line("yes");
    let lines = |message: &Message<'_>| match message {
        Message::Lines(lines) => Some((lines.first(), lines.iter().next().unwrap().text.to_string())),
        _ => None,
    };
    assert_eq!(Hand::expect(&hand.shared, &bob, lines), (run, (Seq::FIRST, "yes".to_owned())));

    peer.close_stdin();
    let goodbye = |message: &Message<'_>| match message {
        Message::Goodbye(counter, goodbye) => Some((*counter, goodbye.last_seq)),
        _ => None,
    };
    let mut goodbyes = [(); 2].map(|()| {
        loop {
            let (author, said) = Hand::expect(&hand.shared, &bob, goodbye);
            if author == run {
                break said;
            }
        }
    });
    assert!(goodbyes.is_sorted_by(|one, next| one.0 < next.0), "{goodbyes:?}");
    assert_eq!(goodbyes.each_mut().map(|(_, last)| *last), [Some(Seq::FIRST); 2]);
    assert!(peer.wait(LIMIT).success());
    assert!(peer.heard().iter().all(|line| line.stream == Stream::Out), "it complains");
}

#[test]
fn the_bits_of_a_run_are_those_of_the_code() {
    /// Behind the functions of the page: the filter that these runs make, and the digest.
    const FILTER: &str = "
import sys
counter, size, *numbers = map(int, sys.argv[1:])
heard, digest = bytearray(size), 0
for peer, epoch in zip(numbers[::2], numbers[1::2]):
    for n in bits(peer, epoch, counter, size):
        heard[n // 8] |= 2 ** (n % 8)
    digest ^= spread(peer, epoch, counter)
print(heard.hex(), digest)
";
    if !python_is_there() {
        return;
    }
    let mut rng = fastrand::Rng::with_seed(1);
    for count in [1, 7, Heard::MAX, 1000] {
        let counter = Counter(rng.u32(1..));
        let runs: Vec<_> = (0..count).map(|_| Run { peer: PeerId(rng.u64(..)), epoch: Epoch(rng.u32(..)) }).collect();
        let numbers = runs.iter().flat_map(|run| [run.peer.0, run.epoch.0.into()]);
        let numbers = [counter.0.into(), count.min(Heard::MAX) as u64].into_iter().chain(numbers);
        let words: Vec<_> = numbers.map(|number: u64| number.to_string()).collect();
        let output = python(&[&(literal("bits") + FILTER)]).args(words).output().unwrap();

        let vector = vector_bytes("beacon");
        let mut packet = parse(&vector).unwrap();
        let Message::Beacon(_, beacon) = &mut packet.message else { panic!("no beacon") };
        beacon.heard = Heard::of(runs.iter().copied(), counter);
        let mut bytes = Vec::new();
        packet.encode(&mut bytes);
        let heard = hex(&bytes[bytes.len() - count.min(Heard::MAX)..]);
        let digest = Digest::of(runs.iter().map(|run| (*run, Seq::new(counter.0).unwrap())));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{heard} {}\n", digest.0));
    }
}

//! The table of numbers, seen from outside: a node in virtual time.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use cooee::node::{Command, Config, Datagram, Departure, Event, Identity, Link, LinkId, Node, Role, Transmit};
use cooee::time::{Time, UnixMillis};
use cooee::wire::{
    Beacon, BeaconInterval, Counter, Digest, Epoch, Heard, HostName, Lines, Message, Nick, Packet, PeerId, Profile,
    ProgramVersion, RoomId, RoomName, Run, Seq, Status, Text, parse,
};

use crate::rows;

const CABLE: Link = Link { id: LinkId(1), address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)) };

/// A member, and all that it sent.
struct Lab {
    node: Node,
    now: Time,
    sent: Vec<Sent>,
}

#[derive(Debug)]
struct Sent {
    at: Time,
    to: Transmit,
    bytes: Vec<u8>,
}

impl Sent {
    fn is_hello(&self) -> bool {
        matches!(parse(&self.bytes).unwrap().message, Message::Beacon(_, beacon) if beacon.hello)
    }
}

fn millis(time: Time) -> u64 {
    time.as_micros() / 1000
}

fn room() -> RoomName<'static> {
    RoomName::new("lobby").unwrap()
}

fn profile() -> Profile<'static> {
    Profile {
        nick: Nick::new("n").unwrap(),
        host: HostName::new("").unwrap(),
        version: ProgramVersion::new("").unwrap(),
        status: Status::new("").unwrap(),
    }
}

fn run(number: u64) -> Run {
    Run { peer: PeerId(number), epoch: Epoch(1) }
}

/// A beacon that tells nothing of whom its sender hears but the number.
fn beacon(hello: bool, visitor: bool, interval: u64, hears: u32) -> Message<'static> {
    let beacon = Beacon {
        hello,
        visitor,
        profile: profile(),
        port: 26634,
        interval: BeaconInterval::clamped(Duration::from_secs(interval)),
        started: UnixMillis(0),
        last_seq: None,
        digest: Digest(0),
        hears,
        heard: Heard::NOBODY,
    };
    Message::Beacon(Counter(1), beacon)
}

impl Lab {
    fn new(seed: u64) -> Self {
        let config =
            Config { profile: profile(), room: room(), role: Role::Member, port: 26634, started: UnixMillis(0) };
        let mut node = Node::new(config, Identity(run(0)), seed, Time::ZERO);
        node.handle_links(Time::ZERO, &[CABLE]);
        Self { node, now: Time::ZERO, sent: Vec::new() }
    }

    /// One that knows so many peers, which will not be lost soon, and has said its hellos.
    fn with_peers(seed: u64, count: u64) -> Self {
        let mut lab = Self::new(seed);
        (1..=count).for_each(|number| lab.hear(number, beacon(false, false, 600, 1)));
        lab.pass(Duration::from_secs(10));
        lab
    }

    fn hear(&mut self, author: u64, message: Message<'_>) {
        let mut bytes = Vec::new();
        Packet { room: RoomId::of(&room()), author: run(author), message }.encode(&mut bytes);
        let from = SocketAddr::from(([192, 0, 2, 1], 26634));
        self.node.handle_datagram(self.now, Datagram { link: CABLE.id, from, bytes: &bytes });
    }

    /// A visitor that was never there before says hello.
    fn hear_stranger(&mut self, number: u64) {
        self.hear(1 << 32 | number, beacon(true, true, 5, 0));
    }

    fn say(&mut self, text: &str) {
        let text = Text::new(text.to_owned()).unwrap();
        self.node.handle_command(self.now, Command::Say { text, action: false, time: UnixMillis(0) }).unwrap();
    }

    /// Lets time pass; gives what was sent meanwhile.
    fn pass(&mut self, time: Duration) -> &[Sent] {
        let (end, before) = (self.now + time, self.sent.len());
        loop {
            let mut bytes = Vec::new();
            while let Some(to) = self.node.poll_transmit(&mut bytes) {
                self.sent.push(Sent { at: self.now, to, bytes: bytes.clone() });
            }
            match self.node.poll_timeout().filter(|deadline| deadline.at <= end) {
                Some(deadline) => self.now = self.now.max(deadline.at),
                None => break,
            }
            self.node.handle_timeout(self.now);
        }
        self.now = end;
        &self.sent[before..]
    }
}

/// Asserts that the page gives this number.
#[track_caller]
fn on_page(name: &str, number: &str) {
    let row = rows("numbers").into_iter().find(|row| row[0] == name);
    assert_eq!(row.unwrap_or_else(|| panic!("no row {name:?}"))[1], number, "{name}");
}

fn list(numbers: impl Iterator<Item = u64>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}

#[test]
fn of_calling() {
    let hellos = |lab: &mut Lab| {
        let sent = lab.pass(Duration::from_secs(9));
        format!("{} ms", list(sent.iter().filter(|sent| sent.is_hello()).map(|sent| millis(sent.at))))
    };
    on_page("hellos in any case", &hellos(&mut Lab::new(1)));
    let mut lab = Lab::new(1);
    lab.hear(1, beacon(false, false, 600, 9));
    on_page("hellos after", &hellos(&mut lab));

    let interval = |sent: &Sent| match parse(&sent.bytes).unwrap().message {
        Message::Beacon(_, beacon) => beacon.interval.duration(),
        other => panic!("{other:?}"),
    };
    let mut alone = Lab::new(1);
    let beacons = alone.pass(Duration::from_secs(20_000));
    let mean = interval(&beacons[9]);
    on_page("shortest interval", &format!("{} s", mean.as_secs()));
    let waits: Vec<_> = beacons[9..].windows(2).map(|two| two[1].at.since(two[0].at)).collect();
    let percent = |wait: &Duration| (wait.as_secs_f64() / mean.as_secs_f64() * 100.0).round();
    let (least, most) = (percent(waits.iter().min().unwrap()), percent(waits.iter().max().unwrap()));
    on_page("wait for a beacon", &format!("{least} to {most} % of the interval"));

    let mut crowd = Lab::with_peers(1, 1599);
    let of_crowd = interval(crowd.pass(Duration::from_secs(150)).last().unwrap());
    on_page("beacons of a LAN", &format!("{} a second", 1600.0 / of_crowd.as_secs_f64()));
    on_page("longest interval", &format!("{} s", BeaconInterval::MAX.duration().as_secs()));
}

#[test]
fn of_answering() {
    let longest_wait = |peers| {
        let mut lab = Lab::with_peers(1, peers);
        let wait = |number| {
            lab.hear_stranger(number);
            let asked = lab.now;
            let unicast = |sent: &&Sent| sent.to != Transmit::Everywhere;
            lab.pass(Duration::from_secs(1)).iter().find(unicast).map_or(Duration::ZERO, |sent| sent.at.since(asked))
        };
        (0..100).map(wait).max().unwrap().as_secs_f64() * 1000.0
    };
    let (a_peer, most) = ((longest_wait(100) / 10.0).round() / 10.0, (longest_wait(4000) / 10.0).round() * 10.0);
    on_page("wait for an answer", &format!("0 to {a_peer} ms a peer, {most} ms at most"));

    // Alone it answers without a wait.
    let answer_to_the_second = |gap: u64| {
        let mut lab = Lab::with_peers(1, 0);
        lab.hear_stranger(1);
        lab.pass(Duration::from_millis(gap));
        lab.hear_stranger(1);
        let asked = lab.now;
        lab.pass(Duration::ZERO).iter().find(|sent| sent.at == asked).map(|sent| sent.to)
    };
    let first = |to: fn(Option<Transmit>) -> bool, from: u64, step: usize| {
        (from..).step_by(step).find(|gap| to(answer_to_the_second(*gap))).unwrap()
    };
    let answered = first(|to| to == Some(Transmit::Everywhere), 1, 1);
    on_page("passed over until", &format!("{answered} ms after a unicast answer"));
    let forgotten = first(|to| matches!(to, Some(Transmit::Unicast { .. })), answered, 20);
    on_page("by broadcast until", &format!("{} s after a unicast answer", forgotten / 1000));

    let together = (1..).find(|count| {
        let mut lab = Lab::with_peers(1, 0);
        (0..*count).for_each(|number| lab.hear_stranger(number));
        lab.pass(Duration::ZERO)[0].to == Transmit::Everywhere
    });
    on_page("answered together", &format!("from {} that wait", together.unwrap()));

    let mut lab = Lab::with_peers(1, 0);
    let mut strangers = 0..;
    let mut is_answered = |lab: &mut Lab, wait| {
        lab.hear_stranger(strangers.next().unwrap());
        lab.pass(wait).len() as u64
    };
    let at_once = (0..).find(|_| is_answered(&mut lab, Duration::ZERO) == 0).unwrap();
    let later: u64 = (0..10_000).map(|_| is_answered(&mut lab, Duration::from_millis(1))).sum();
    on_page("answers", &format!("{at_once} at once, then {} a second", (later as f64 / 10.0).round()));
}

#[test]
fn of_peers() {
    let mut lab = Lab::new(1);
    lab.hear(1, beacon(false, false, 100, 1));
    let asked = lab.pass(Duration::from_secs(400)).iter().filter(|sent| sent.to != Transmit::Everywhere);
    assert!(asked.clone().all(Sent::is_hello));
    let percent = list(asked.map(|sent| millis(sent.at) / 1000));
    on_page("silent peer asked", &format!("after {percent} % of its interval"));
    let lost = std::iter::from_fn(|| lab.node.poll_event()).find_map(|event| match event {
        Event::Left(_, Departure::Lost(silent)) => Some(silent.as_secs()),
        _ => None,
    });
    on_page("silent peer lost", &format!("after {} % of its interval", lost.unwrap()));

    let peers = Lab::with_peers(1, 5000).node.peers().len();
    on_page("peers listed", &format!("{peers}; the longest silent makes room"));

    let is_forgotten_after = |authors: &u64| {
        let mut lab = Lab::new(1);
        let text = Text::new("x").unwrap();
        let said = || Message::Lines(Lines::starting(Seq::FIRST, UnixMillis(0), profile().nick, false, &text));
        (1..=*authors).chain([1]).for_each(|author| lab.hear(author, said()));
        lab.node.stats().repeated_lines == 0
    };
    let first_too_many = (1000..1100).find(is_forgotten_after).unwrap();
    on_page("authors of known lines", &format!("{}; the longest silent makes room", first_too_many - 1));
}

#[test]
fn of_saying_and_leaving() {
    let mut lab = Lab::with_peers(1, 0);
    (0..200).for_each(|_| lab.say(&"x".repeat(Text::MAX)));
    let begun = lab.now;
    let lines = |sent: &&Sent| matches!(parse(&sent.bytes).unwrap().message, Message::Lines(_));
    let times: Vec<_> = lab.pass(Duration::from_secs(2)).iter().filter(lines).map(|sent| sent.at).collect();
    let at_once = times.iter().filter(|at| **at == begun).count();
    let rate = 100.0 / times[199].since(times[99]).as_secs_f64();
    on_page("datagrams of lines", &format!("{at_once} at once, then {rate} a second"));

    lab.node.handle_command(lab.now, Command::Leave).unwrap();
    let goodbyes: Vec<_> = lab.pass(Duration::from_secs(60)).iter().map(|sent| sent.at).collect();
    let apart = goodbyes[1].since(goodbyes[0]).as_millis();
    on_page("goodbyes", &format!("{}, {apart} ms apart", goodbyes.len()));
}

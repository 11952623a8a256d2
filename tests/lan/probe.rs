//! A probe: a socket inside a host of the virtual LAN that says any bytes to anybody and tells what it hears. The test
//! program itself runs as the probe when its first argument is [`ROLE`].

use std::env;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::network::Host;
use crate::process::{LIMIT, Running, Stream};

/// The first argument of a test program that is to be a probe.
pub(crate) const ROLE: &str = "__probe";

/// The most that an Ethernet frame holds of a datagram.
const LONGEST: usize = 1_472;

/// A UDP socket on a host, bound for every address with reuse, so that it may stand beside the program under test. As
/// with any such sockets, a broadcast reaches all of them, its sender too, and a unicast the one that was bound last.
pub(crate) struct Probe {
    running: Running,
    port: u16,
}

/// A datagram that a probe heard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Datagram {
    /// Its sender.
    pub(crate) from: SocketAddrV4,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

impl Datagram {
    /// Whether these words stand in it.
    pub(crate) fn holds(&self, words: &str) -> bool {
        self.bytes.windows(words.len()).any(|part| part == words.as_bytes())
    }
}

impl Probe {
    /// Opens a probe on a port, 0 being any free one.
    #[track_caller]
    pub(crate) fn open(host: &Host, port: u16) -> Self {
        let mut running = Running::start(role(host).args(["talk", &port.to_string()]));
        let bound = running.expect_line(Stream::Err, |line| line.starts_with("bound "), LIMIT);
        Self { running, port: word(&bound.text, 1) }
    }

    /// The port that it has.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Sends a datagram from the probe's port and comes back when the kernel has taken it. Panics when it did not.
    #[track_caller]
    pub(crate) fn send(&mut self, to: SocketAddrV4, bytes: &[u8]) {
        self.running.write_line(&format!("{to} {}", to_hex(bytes)));
        let answer = self.running.expect_line(Stream::Err, |_| true, LIMIT).text;
        assert_eq!(answer, "sent", "{} bytes to {to}", bytes.len());
    }

    /// Waits for the first datagram that will do, after the one that was expected last.
    #[track_caller]
    pub(crate) fn expect(&mut self, will_do: impl Fn(&Datagram) -> bool, limit: Duration) -> Datagram {
        datagram(&self.running.expect_line(Stream::Out, |line| will_do(&datagram(line)), limit).text)
    }

    /// Waits for any datagram after the one that was expected last; tells when it came.
    #[track_caller]
    #[allow(dead_code, reason = "it is for what is measured")]
    pub(crate) fn expect_any(&mut self, limit: Duration) -> Instant {
        self.running.expect_line(Stream::Out, |_| true, limit).at
    }

    /// All datagrams heard so far, in order.
    pub(crate) fn heard(&mut self) -> Vec<Datagram> {
        let lines = self.running.heard().iter();
        lines.filter(|line| line.stream == Stream::Out).map(|line| datagram(&line.text)).collect()
    }
}

/// Many datagrams of random bytes, and of random lengths of up to 1,472 bytes unless one is given.
#[derive(Clone, Debug)]
pub(crate) struct Flood {
    /// How many; fewer where the machine cannot send so many in their time.
    pub(crate) count: u32,
    /// How many a second.
    pub(crate) per_second: u32,
    /// What the randomness comes from: the same datagrams each time.
    pub(crate) seed: u64,
    /// What each of them begins with, so that they get past the first looks. May be empty.
    pub(crate) prefix: Vec<u8>,
    /// How many bytes each has.
    pub(crate) len: Option<usize>,
}

impl Flood {
    /// Lets it go from a host. Says `sent N refused M` on its standard output and exits with 0 when all are out; ends
    /// at once when its standard input is closed.
    #[track_caller]
    pub(crate) fn start(&self, host: &Host, to: SocketAddrV4) -> Running {
        let numbers = [self.count.to_string(), self.per_second.to_string(), self.seed.to_string()];
        let len = self.len.unwrap_or(0).to_string();
        Running::start(role(host).arg("flood").arg(to.to_string()).args(numbers).args([to_hex(&self.prefix), len]))
    }
}

/// A program that has a port and does not share it.
pub(crate) struct Hog(#[expect(dead_code, reason = "it holds the port as long as it is there")] Running);

impl Hog {
    /// Takes the port on a host.
    #[track_caller]
    pub(crate) fn take(host: &Host, port: u16) -> Self {
        let mut running = Running::start(role(host).args(["hog", &port.to_string()]));
        running.expect_line(Stream::Err, |line| line == "bound", LIMIT);
        Self(running)
    }
}

/// Plays the probe. The words are those after [`ROLE`].
pub(crate) fn main(words: &[String]) -> ExitCode {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["talk", port] => talk(port.parse().expect("a port")),
        ["hog", port] => hog(port.parse().expect("a port")),
        ["flood", to, count, per_second, seed, prefix, len] => flood(
            to.parse().expect("an address with a port"),
            &Flood {
                count: count.parse().expect("a number"),
                per_second: per_second.parse().expect("a number"),
                seed: seed.parse().expect("a number"),
                prefix: from_hex(prefix),
                len: Some(len.parse().expect("a number")).filter(|len| *len > 0),
            },
        ),
        _ => panic!("no probe does {words:?}"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("probe {words:?}: {e}");
            ExitCode::FAILURE
        }
    }
}

/// Lines of `ADDRESS:PORT HEX` in, and out for what is heard; on standard error one line for each datagram sent.
fn talk(port: u16) -> io::Result<()> {
    let socket = socket(port)?;
    let ear = socket.try_clone()?;
    eprintln!("bound {}", socket.local_addr()?.port());
    thread::spawn(move || hear(&ear));
    for line in io::stdin().lines() {
        let Datagram { from: to, bytes } = datagram(&line?);
        match socket.send_to(&bytes, to) {
            Ok(_) => eprintln!("sent"),
            Err(e) => eprintln!("not sent: {e}"),
        }
    }
    Ok(())
}

fn hog(port: u16) -> io::Result<()> {
    let _socket = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port))?;
    eprintln!("bound");
    io::copy(&mut io::stdin(), &mut io::sink()).map(|_| ())
}

fn hear(socket: &UdpSocket) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((length, from)) => println!("{from} {}", to_hex(&buffer[..length])),
            Err(e) => eprintln!("not heard: {e}"),
        }
    }
}

fn flood(to: SocketAddrV4, flood: &Flood) -> io::Result<()> {
    let socket = socket(0)?;
    let mut rng = fastrand::Rng::with_seed(flood.seed);
    let (open, closed) = mpsc::channel::<()>();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(open);
    });
    let began = Instant::now();
    let mut refused = 0;
    let mut sent = 0;
    let end = began + Duration::from_secs(1) * flood.count / flood.per_second;
    for i in 0..flood.count {
        // A machine that is too slow for it sends fewer, and not for longer.
        let due = began + Duration::from_secs(1) * i / flood.per_second;
        if Instant::now() > end {
            break;
        }
        let wait = due.saturating_duration_since(Instant::now());
        if closed.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
            break;
        }
        let mut bytes = flood.prefix.clone();
        bytes.resize(flood.len.unwrap_or_else(|| rng.usize(bytes.len()..=LONGEST)), 0);
        rng.fill(&mut bytes[flood.prefix.len()..]);
        // A full queue is no reason to stop, and the test sees the number.
        match socket.send_to(&bytes, to) {
            Ok(_) => sent += 1,
            Err(_) => refused += 1,
        }
    }
    println!("sent {sent} refused {refused}");
    Ok(())
}

fn socket(port: u16) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_broadcast(true)?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
    Ok(socket.into())
}

fn role(host: &Host) -> std::process::Command {
    let mut command = host.command(env::current_exe().expect("a test program knows its file"));
    command.arg(ROLE);
    command
}

fn datagram(line: &str) -> Datagram {
    Datagram { from: word(line, 0), bytes: from_hex(line.split(' ').nth(1).unwrap_or_default()) }
}

fn word<T: FromStr>(line: &str, i: usize) -> T {
    let word = line.split(' ').nth(i).and_then(|word| word.parse().ok());
    word.unwrap_or_else(|| panic!("word {i} of {line:?} is not what it should be"))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).expect("a hex digit") as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

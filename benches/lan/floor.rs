//! Raw sockets: what the kernel, the pipes and the starting of a process cost on this machine, so that it can be told
//! what the program adds. The bench itself runs as such a peer when its first argument is [`ROLE`]. Plain UDP sockets,
//! one thread where one will do, a datagram a line, nothing repaired, nothing signed.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, BufRead, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::network::{BROADCAST, Host};

/// The first argument of a bench that is to be a raw peer.
pub(crate) const ROLE: &str = "__floor";

/// Nobody else is on it.
pub(crate) const PORT: u16 = 47_000;

/// When so long nothing has come, all has: the sender does not pause.
const SILENCE: Duration = Duration::from_secs(1);

/// As long as a beacon may be.
const HELLO_LEN: usize = 100;

/// A raw peer on a host, with one of these words: `meet NAME`, `say`, `hear`, `first`, `sit`, `blast COUNT`, `take`.
/// All but `first` and `blast` print `ready` on standard error once they have their socket.
pub(crate) fn command(host: &Host, words: &[&str]) -> Command {
    let mut command = host.command(program());
    command.arg(ROLE).args(words);
    command
}

/// The file of a raw peer.
pub(crate) fn program() -> std::path::PathBuf {
    env::current_exe().expect("a bench knows its file")
}

/// The text of a line that is said: 40 bytes.
pub(crate) fn text(number: usize) -> String {
    format!("line {number:07} of forty bytes in all ....")
}

/// The number of a text.
pub(crate) fn number(text: &str) -> Option<usize> {
    text.strip_prefix("line ")?.strip_suffix(" of forty bytes in all ....")?.parse().ok()
}

/// Plays the raw peer. The words are those after [`ROLE`].
pub(crate) fn main(words: &[String]) -> ExitCode {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["meet", name] => meet(name),
        ["say"] => say(),
        ["hear"] => hear(),
        ["first"] => first(),
        ["sit"] => sit(),
        ["blast", count] => blast(count.parse().expect("a number")),
        ["take"] => take(),
        _ => panic!("no raw peer does {words:?}"),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{words:?}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Calls once, answers each call of another, and prints `found NAME` for each that it hears, once.
fn meet(name: &str) -> io::Result<()> {
    let socket = socket(PORT)?;
    let told = |kind: u8| {
        let mut bytes = vec![kind];
        bytes.extend(name.as_bytes());
        bytes.resize(HELLO_LEN, 0);
        bytes
    };
    socket.send_to(&told(b'?'), everybody())?;
    let (mut known, mut buffer) = (BTreeSet::new(), [0; HELLO_LEN]);
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        let Some((kind, other)) = buffer[..length].split_first() else { continue };
        let other = String::from_utf8_lossy(other).trim_end_matches('\0').to_owned();
        if other == name {
            continue;
        }
        if *kind == b'?' {
            socket.send_to(&told(b'!'), from)?;
        }
        if !known.contains(&other) {
            println!("found {other}");
            known.insert(other);
        }
    }
}

/// Says each line of its standard input in a datagram.
fn say() -> io::Result<()> {
    let socket = socket(0)?;
    eprintln!("ready");
    for line in io::stdin().lock().lines() {
        socket.send_to(line?.as_bytes(), everybody())?;
    }
    Ok(())
}

/// Prints each datagram in a line.
fn hear() -> io::Result<()> {
    let socket = socket(PORT)?;
    eprintln!("ready");
    let (mut buffer, mut out) = ([0; 1_500], io::stdout().lock());
    loop {
        let (length, _) = socket.recv_from(&mut buffer)?;
        buffer[length] = b'\n';
        out.write_all(&buffer[..=length])?;
        out.flush()?;
    }
}

/// Sends one datagram, and waits for the end of its standard input.
fn first() -> io::Result<()> {
    socket(0)?.send_to(&[0; HELLO_LEN], SocketAddrV4::new(BROADCAST, ::cooee::wire::PORT))?;
    until_input_ends()
}

/// Has a socket on which nothing comes.
fn sit() -> io::Result<()> {
    let socket = socket(PORT)?;
    eprintln!("ready");
    thread::spawn(move || socket.recv_from(&mut [0; 1_500]));
    until_input_ends()
}

/// Sends so many datagrams of one line each, as fast as it goes.
fn blast(count: usize) -> io::Result<()> {
    let socket = socket(0)?;
    let texts: Vec<String> = (0..count).map(text).collect();
    socket.connect(everybody())?;
    for text in &texts {
        // A full queue is what sending as fast as it goes comes to.
        match socket.send(text.as_bytes()) {
            Err(error) if error.raw_os_error() != Some(nix::libc::ENOBUFS) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Takes what comes until nothing has come for a while; prints how many came and in how many nanoseconds.
fn take() -> io::Result<()> {
    let socket = socket(PORT)?;
    eprintln!("ready");
    let mut buffer = [0; 1_500];
    socket.recv_from(&mut buffer)?;
    let (began, mut taken) = (Instant::now(), 1_u64);
    socket.set_read_timeout(Some(SILENCE))?;
    let ended = loop {
        match socket.recv_from(&mut buffer) {
            Ok(_) => taken += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break Instant::now() - SILENCE,
            Err(error) => return Err(error),
        }
    };
    println!("{taken} {}", ended.saturating_duration_since(began).as_nanos());
    Ok(())
}

fn until_input_ends() -> io::Result<()> {
    io::copy(&mut io::stdin(), &mut io::sink()).map(drop)
}

fn everybody() -> SocketAddrV4 {
    SocketAddrV4::new(BROADCAST, PORT)
}

fn socket(port: u16) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.set_broadcast(true)?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port).into())?;
    Ok(socket.into())
}

//! The figures that the project promises, measured with the real program in a virtual LAN of network namespaces:
//! `cargo bench --bench lan`. It takes seven minutes, needs what tests/lan needs, and judges nothing.
//!
//! `cargo bench --bench lan -- WORD` measures only what has the word in its name: finding, saying, starting, idle,
//! arriving, checking.
//!
//! Absolute times depend on the machine, and all hosts share its processors: compare only what one machine printed.

#![allow(clippy::disallowed_methods, reason = "real time is what is measured")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "this is a command")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed measurement")]
#![allow(dead_code, reason = "the tests use more of it")]

#[path = "../../tests/lan/cooee.rs"]
mod cooee;
#[path = "../../tests/lan/network.rs"]
mod network;
#[path = "../../tests/lan/probe.rs"]
mod probe;
#[path = "../../tests/lan/process.rs"]
mod process;

mod arriving;
mod checking;

use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use std::{env, fs};

use cooee::{expect_text, listener, start};
use network::Network;
use probe::Probe;
use process::{LIMIT, Running, Stream};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == probe::ROLE) {
        return probe::main(&words[1..]);
    }
    if let Err(why) = network::available().and_then(|()| network::filters_available()) {
        println!("no virtual LAN, nothing measured: {why}");
        return ExitCode::FAILURE;
    }
    let asked = |name: &str| {
        let mut asked = words.iter().filter(|word| !word.starts_with('-')).peekable();
        asked.peek().is_none() || asked.any(|word| name.contains(&**word))
    };
    let measurements: [(&str, fn()); 6] = [
        ("finding", || {
            finding("30 hosts, no loss", 30, 0.0, 5);
            finding("10 hosts, 20 % loss", 10, 0.2, 10);
        }),
        ("saying", latency),
        ("starting", first_beacon),
        ("idle", idle),
        ("arriving", arriving::all),
        ("checking", checking::all),
    ];
    measurements.iter().filter(|(name, _)| asked(name)).for_each(|(_, measure)| measure());
    ExitCode::SUCCESS
}

/// From the start of the last of so many processes until each has told of all the others.
fn finding(what: &str, hosts: usize, loss: f64, turns: usize) {
    let times = (0..turns).map(|_| {
        let network = Network::new(hosts).unwrap();
        if loss > 0.0 {
            network.loss(loss);
        }
        let mut chats: Vec<Running> =
            (0..hosts).map(|i| start(network.host(i), &["--nick", &format!("host-{i}"), "chat"])).collect();
        let started = Instant::now();
        let full = chats.iter_mut().map(|chat| {
            let joined =
                (1..hosts).map(|_| chat.expect_line(Stream::Out, |line| line.contains(" is here ("), LIMIT).at);
            joined.max().unwrap()
        });
        full.max().unwrap().saturating_duration_since(started)
    });
    report(&format!("{what}: every table full after the last start"), times.collect());
}

/// From a line's way into `send` until `listen` has printed it, both pipes included.
fn latency() {
    let network = Network::new(2).unwrap();
    let mut reader = listener(network.host(1), "reader");
    let mut sender = start(network.host(0), &["send"]);
    sender.write_line("first");
    expect_text(&mut reader, "first");
    let times = (0..1000).map(|number| {
        pause(Duration::from_millis(10));
        let said = format!("line {number}");
        let at = Instant::now();
        sender.write_line(&said);
        reader.expect_line(Stream::Out, |line| line.contains(&said), LIMIT).at.duration_since(at)
    });
    report("a line, typed to printed", times.collect());
    let mut cat = Running::start(&mut network.host(0).command("cat"));
    let times = (0..1000).map(|number| {
        pause(Duration::from_millis(10));
        let said = format!("line {number}");
        let at = Instant::now();
        cat.write_line(&said);
        cat.expect_line(Stream::Out, |line| line.contains(&said), LIMIT).at.duration_since(at)
    });
    report("    of which measuring takes: the same through cat", times.collect());
}

/// From the program's start until its hello is heard by another host.
fn first_beacon() {
    let network = Network::new(2).unwrap();
    let times = (0..20).map(|_| {
        let mut probe = Probe::open(network.host(1), ::cooee::wire::PORT);
        let mut shell = network.host(0).command("sh");
        let script = r#"echo go; exec "$1" --nick newcomer listen"#;
        let mut newcomer = Running::start(shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_cooee")]));
        let go = newcomer.expect_line(Stream::Out, |line| line == "go", LIMIT).at;
        let at = probe.expect_any(LIMIT);
        newcomer.signal("TERM");
        newcomer.wait(LIMIT);
        at.saturating_duration_since(go)
    });
    report("process start to first beacon heard", times.collect());
}

/// Five that have nothing to say.
fn idle() {
    const HOSTS: usize = 5;
    const TIME: Duration = Duration::from_secs(60);
    let network = Network::new(HOSTS).unwrap();
    let listeners: Vec<Running> = (0..HOSTS).map(|i| listener(network.host(i), &format!("host-{i}"))).collect();
    pause(Duration::from_secs(3));
    let frames = || -> Vec<u64> { (0..HOSTS).map(|i| network.host(i).frames().received).collect() };
    let busy = || -> Vec<Duration> { listeners.iter().map(cpu_time).collect() };
    let (frames_before, busy_before) = (frames(), busy());
    pause(TIME);
    let most_frames = frames().iter().zip(&frames_before).map(|(after, before)| after - before).max().unwrap();
    let most_busy = busy().iter().zip(&busy_before).map(|(after, before)| *after - *before).max().unwrap();
    let memory = listeners.iter().map(resident_kib).max().unwrap();
    println!("idle, {HOSTS} hosts, {TIME:?}, the worst of them:");
    println!("    frames received a second: {:.2}", most_frames as f64 / TIME.as_secs_f64());
    println!("    processor: {:.3} %", most_busy.as_secs_f64() / TIME.as_secs_f64() * 100.0);
    println!("    resident memory: {memory} KiB");
}

fn cpu_time(running: &Running) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{}/task", running.pid())).unwrap();
    // Nanoseconds on a processor come first; /proc/PID/stat counts in hundredths of a second.
    let of_task = |path: std::path::PathBuf| fs::read_to_string(path.join("schedstat")).unwrap();
    let nanos = tasks.map(|task| of_task(task.unwrap().path()).split(' ').next().unwrap().parse::<u64>().unwrap());
    Duration::from_nanos(nanos.sum())
}

fn resident_kib(running: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Lets time pass in which what is measured goes on.
fn pause(time: Duration) {
    let (_open, never) = channel::<()>();
    let _ = never.recv_timeout(time);
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!("{what} ({} times):", times.len());
    println!("    median {:.2?}, 95 % {:.2?}, 99 % {:.2?}, worst {:.2?}", at(0.5), at(0.95), at(0.99), at(1.0));
}

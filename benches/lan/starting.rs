//! How soon it is there, how large it is, and how long its doctor takes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::cooee::{listener, run, without_variables};
use crate::floor;
use crate::network::{Host, Network};
use crate::others::size;
use crate::probe::Probe;
use crate::process::{LIMIT, Running, Stream};
use crate::programs::Program;
use crate::sample::{Sample, grouped, time, times_as_long};
use crate::table::{Cell, Row, Table};
use crate::{Bench, attempt, tell};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cooee");
const TURNS: usize = 20;

/// Every measurement of it.
pub(crate) fn measure(bench: &Bench, table: &mut Table) {
    let lan = || bench.lan.clone();
    tell("starting");
    for (what, passphrase, turns) in [("", None, TURNS), (", with a passphrase", Some("magpie"), TURNS / 4)] {
        let turns = bench.turns(turns);
        table.push(first_row(what, lan().and_then(|()| attempt(|| first_beacons(passphrase, turns)))));
    }
    tell("doctor");
    let doctor = lan().and_then(|()| attempt(|| doctor(bench.turns(5))));
    table.push(Row {
        what: "`doctor` on a sound LAN with one other".to_owned(),
        cooee: doctor.into(),
        ..Default::default()
    });
    let file = |program: Program, file: Result<&Path, String>| match program.available(bench) {
        Ok(()) => file.and_then(size).map(grouped).into(),
        Err(_) => Cell::Nothing,
    };
    table.push(Row {
        what: "the program's file, bytes".to_owned(),
        cooee: file(Program::Cooee, Ok(Path::new(PROGRAM))),
        serf: file(Program::Serf, bench.others.serf()),
        mdns: file(Program::Mdns, bench.others.mdns()),
        ..Default::default()
    });
}

fn first_row(what: &str, measured: Result<(Sample, Sample), String>) -> Row {
    let figure = |which: fn(&(Sample, Sample)) -> &Sample| -> Cell {
        measured.as_ref().map(|both| which(both).median_and_worst()).map_err(String::clone).into()
    };
    Row {
        what: format!("process start to first datagram heard by another host{what}"),
        cooee: figure(|(cooee, _)| cooee),
        raw: figure(|(_, raw)| raw),
        ratio: measured.as_ref().ok().map(|(cooee, raw)| times_as_long(cooee.median(), raw.median())),
        ..Default::default()
    }
}

/// Of the program and of a raw peer, in turn.
fn first_beacons(passphrase: Option<&str>, turns: usize) -> (Sample, Sample) {
    let network = Network::new(2).unwrap();
    let mut words = vec![PROGRAM, "--nick", "newcomer"];
    words.extend(passphrase.map(|_| "--sealed"));
    words.push("listen");
    let (mut own, mut raw) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        let mut command = from_go(network.host(0), &words);
        passphrase.map(|words| command.env("COOEE_PASSPHRASE", words));
        own.push(first(&network, &mut command));
        let floor = floor::program();
        let words = [floor.to_str().unwrap(), floor::ROLE, "first"];
        raw.push(first(&network, &mut from_go(network.host(0), &words)));
    }
    (Sample::of(own).unwrap(), Sample::of(raw).unwrap())
}

/// A shell that says `go` and then is that program: so the way into the host is not counted.
fn from_go(host: &Host, words: &[&str]) -> Command {
    let mut shell = host.command("sh");
    shell.args(["-c", r#"echo go; exec "$@""#, "sh"]).args(words);
    without_variables(shell)
}

fn first(network: &Network, command: &mut Command) -> Duration {
    let mut probe = Probe::open(network.host(1), ::cooee::wire::PORT);
    let mut newcomer = Running::start(command);
    let go = newcomer.expect_line(Stream::Out, |line| line == "go", LIMIT).at;
    let at = probe.expect_any(LIMIT);
    at.saturating_duration_since(go)
}

fn doctor(turns: usize) -> String {
    let network = Network::new(2).unwrap();
    let _other = listener(network.host(1), "other");
    let turn = |_| {
        let began = Instant::now();
        let (code, told, _) = run(network.host(0), &["doctor"]);
        assert_eq!(code, Some(0), "{told}");
        began.elapsed()
    };
    let sample = Sample::of((0..turns).map(turn).collect()).unwrap();
    format!("{} (worst {}); no problem", time(sample.median()), time(sample.worst()))
}

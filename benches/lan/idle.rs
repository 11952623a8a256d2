//! What it costs to be there and say nothing: all programs at the same time, each on a LAN of its own.

use std::fs;
use std::time::Duration;

use crate::cooee::listener;
use crate::floor;
use crate::network::{CARD, Network};
use crate::process::Running;
use crate::programs::{Program, enable_ipv6, ready};
use crate::sample::times;
use crate::table::{Cell, Row, Table};
use crate::{Bench, attempt, pause, tell};

/// Until all have found all, and have stopped to look for more.
const SETTLING: Duration = Duration::from_secs(15);

const TIME: Duration = Duration::from_secs(60);

/// Every measurement of it.
pub(crate) fn measure(bench: &Bench, table: &mut Table) {
    let time = if bench.quick { TIME / 4 } else { TIME };
    tell(&format!("idle for {} s", (SETTLING + time).as_secs()));
    let start = |(program, hosts, ipv6)| {
        let lan = bench.lan.clone().and_then(|()| Program::available(program, bench));
        lan.and_then(|()| attempt(|| Lan::start(bench, program, hosts, ipv6)))
    };
    let asked = [5, 30].into_iter().flat_map(|hosts| {
        let raw = (hosts == 5).then_some((Program::Raw, hosts, false));
        let both = (hosts == 30).then_some((Program::Cooee, hosts, true));
        let all = [Program::Cooee, Program::Mdns, Program::Serf].map(|program| (program, hosts, false));
        raw.into_iter().chain(all).chain(both)
    });
    let lans: Vec<_> = asked.map(|asked| (asked, start(asked))).collect();
    pause(SETTLING);
    let usages = |(_, lan): &(_, Result<Lan, String>)| {
        lan.as_ref().map_err(String::clone).and_then(|lan| attempt(|| lan.usages()))
    };
    let before: Vec<_> = lans.iter().map(usages).collect();
    pause(time);
    let after: Vec<_> = lans.iter().map(usages).collect();
    let measured: Vec<_> = lans
        .iter()
        .zip(before.into_iter().zip(after))
        .map(|((asked, _), (before, after))| (*asked, before.and_then(|before| Ok(Idle::of(&before, &after?, time)))))
        .collect();
    let of = |program, hosts, ipv6| {
        let found = measured.iter().find(|(asked, _)| *asked == (program, hosts, ipv6));
        found.map_or(Err("not asked for".to_owned()), |(_, idle)| idle.clone())
    };
    for (hosts, ipv6) in [(5, false), (30, false), (30, true)] {
        rows(hosts, ipv6, bench, of).into_iter().for_each(|row| table.push(row));
    }
}

type Measured = Result<Idle, String>;

fn rows(hosts: usize, ipv6: bool, bench: &Bench, of: impl Fn(Program, usize, bool) -> Measured) -> Vec<Row> {
    let (cooee, raw) = (of(Program::Cooee, hosts, ipv6), of(Program::Raw, 5, false));
    let other = |program: Program| (!ipv6 && program.available(bench).is_ok()).then(|| of(program, hosts, false));
    let (serf, mdns) = (other(Program::Serf), other(Program::Mdns));
    let both = if ipv6 { ", IPv4 and IPv6" } else { "" };
    let row = |what: &str, figure: fn(&Idle) -> String, raw_too: bool, ratio: Option<String>| Row {
        what: format!("idle, {hosts} hosts{both}, most of any: {what}"),
        cooee: cooee.as_ref().map(figure).map_err(String::clone).into(),
        raw: if raw_too { raw.as_ref().map(figure).map_err(String::clone).into() } else { Cell::Nothing },
        ratio,
        serf: serf.clone().map_or(Cell::Nothing, |idle| idle.map(|idle| figure(&idle)).into()),
        mdns: mdns.clone().map_or(Cell::Nothing, |idle| idle.map(|idle| figure(&idle)).into()),
    };
    let resident = cooee.as_ref().ok().zip(raw.as_ref().ok());
    let resident = resident.map(|(cooee, raw)| times(cooee.memory.resident as f64, raw.memory.resident as f64));
    vec![
        row("frames received a second", |idle| format!("{:.2}", idle.frames), false, None),
        row("bytes received a second", |idle| format!("{:.0}", idle.bytes), false, None),
        row("processor", |idle| format!("{:.3} %", idle.busy), true, None),
        row("memory: resident / shared out (PSS) / private", |idle| idle.memory.to_string(), true, resident),
    ]
}

/// Runs that have nothing to say, one a host.
struct Lan {
    runs: Vec<Running>,
    #[expect(dead_code, reason = "they live in it")]
    network: Network,
}

impl Lan {
    fn start(bench: &Bench, program: Program, hosts: usize, ipv6: bool) -> Self {
        let network = Network::new(hosts).unwrap();
        network.introduce();
        program.prepare(&network, hosts);
        if ipv6 {
            (0..hosts).for_each(|i| enable_ipv6(network.host(i), i));
        }
        let start = |i| match program {
            Program::Raw => ready(Running::start(&mut floor::command(network.host(i), &["sit"]))),
            Program::Cooee => listener(network.host(i), &format!("host-{i}")),
            Program::Mdns | Program::Serf => program.start(bench, network.host(i), i),
        };
        Self { runs: (0..hosts).map(start).collect(), network }
    }

    fn usages(&self) -> Vec<Usage> {
        self.runs.iter().map(Usage::of).collect()
    }
}

/// What a run has used so far.
#[derive(Clone, Copy, Debug)]
struct Usage {
    frames: u64,
    bytes: u64,
    busy: Duration,
    memory: Memory,
}

impl Usage {
    fn of(run: &Running) -> Self {
        let cards = read(run, "net/dev");
        let card = cards.lines().find_map(|line| line.trim().strip_prefix(CARD)?.strip_prefix(':')).unwrap();
        let mut counts = card.split_whitespace().map(|count| count.parse().unwrap());
        let (bytes, frames) = (counts.next().unwrap(), counts.next().unwrap());
        Self { frames, bytes, busy: busy(run), memory: Memory::of(run) }
    }
}

/// Kilobytes of 1,024.
#[derive(Clone, Copy, Debug)]
struct Memory {
    resident: u64,
    shared_out: u64,
    private: u64,
}

impl Memory {
    fn of(run: &Running) -> Self {
        let told = read(run, "smaps_rollup");
        let kib = |name: &str| -> u64 {
            let line = told.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        Self { resident: kib("Rss:"), shared_out: kib("Pss:"), private: kib("Private_Clean:") + kib("Private_Dirty:") }
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mib = |kib: u64| kib as f64 / 1024.0;
        write!(f, "{:.1} / {:.1} / {:.1} MiB", mib(self.resident), mib(self.shared_out), mib(self.private))
    }
}

/// How long all threads of it have had a processor.
fn busy(run: &Running) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{}/task", run.pid())).unwrap();
    // Nanoseconds on a processor come first; /proc/PID/stat counts in hundredths of a second.
    let of_task = |path: std::path::PathBuf| fs::read_to_string(path.join("schedstat")).unwrap();
    let nanos = tasks.map(|task| of_task(task.unwrap().path()).split(' ').next().unwrap().parse::<u64>().unwrap());
    Duration::from_nanos(nanos.sum())
}

fn read(run: &Running, file: &str) -> String {
    fs::read_to_string(format!("/proc/{}/{file}", run.pid())).unwrap()
}

/// The most of any host.
#[derive(Clone, Debug)]
struct Idle {
    frames: f64,
    bytes: f64,
    /// Of a hundred of one processor.
    busy: f64,
    memory: Memory,
}

impl Idle {
    fn of(before: &[Usage], after: &[Usage], time: Duration) -> Self {
        let pairs = || before.iter().zip(after);
        let most = |of: fn(&Usage) -> u64| pairs().map(|(before, after)| of(after) - of(before)).max().unwrap() as f64;
        let busiest = pairs().map(|(before, after)| after.busy.saturating_sub(before.busy)).max().unwrap();
        Self {
            frames: most(|usage| usage.frames) / time.as_secs_f64(),
            bytes: most(|usage| usage.bytes) / time.as_secs_f64(),
            busy: busiest.as_secs_f64() / time.as_secs_f64() * 100.0,
            memory: after.iter().map(|usage| usage.memory).max_by_key(|memory| memory.resident).unwrap(),
        }
    }
}

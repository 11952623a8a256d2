//! The figures that the project promises, measured with the real program in a virtual LAN of network namespaces, beside
//! what raw sockets need for the same in the same run, and beside Serf and mdns-sd where they are to be had:
//!
//!     cargo bench --bench lan [-- [--quick] [WORD]...]
//!
//! It takes some ten minutes, prints one table in Markdown, and judges nothing. A WORD measures only the groups that
//! have it in their name: finding, saying, piping, idle, starting, arriving, checking; and healing, which takes minutes
//! and is left out unless it is named. `--quick` takes fewer turns.
//!
//! It needs what tests/lan needs, and for Serf the Debian package `serf`. What is not there is left out, and said.
//!
//! Absolute times depend on the machine, and all hosts share its processors: only ratios travel.

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
mod finding;
mod floor;
mod idle;
mod machine;
mod others;
mod piping;
mod programs;
mod sample;
mod saying;
mod starting;
mod table;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use others::Others;
use table::Table;

/// A group of measurements: its name, whether it is left out unless it is named, and itself.
type Group = (&'static str, bool, fn(&Bench, &mut Table));

const GROUPS: [Group; 8] = [
    ("finding", false, finding::measure),
    ("saying", false, saying::measure),
    ("piping", false, piping::measure),
    ("idle", false, idle::measure),
    ("starting", false, starting::measure),
    ("arriving", false, arriving::measure),
    ("healing", true, arriving::measure_healing),
    ("checking", false, checking::measure),
];

/// What there is to measure with. What is not there says why.
struct Bench {
    lan: Result<(), String>,
    loss: Result<(), String>,
    others: Others,
    /// What cannot be measured as a whole, and why.
    left_out: Vec<String>,
    quick: bool,
}

/// What a field says; why stands below the table.
const NO_LAN: &str = "no virtual LAN";
const NO_LOSS: &str = "no loss in the virtual LAN";

impl Bench {
    fn look(quick: bool) -> Self {
        let lan = network::available();
        let loss = lan.clone().and_then(|()| network::filters_available());
        let others = if lan.is_ok() { Others::look() } else { Others::none(NO_LAN) };
        let mut left_out = others.left_out();
        if let (Ok(()), Err(why)) = (&lan, &loss) {
            left_out.push(format!("All that needs loss is left out: {why}."));
        }
        if let Err(why) = &lan {
            left_out = vec![format!("All that needs a LAN is left out: {why}.")];
        }
        let in_short = if lan.is_ok() { NO_LOSS } else { NO_LAN };
        Self {
            lan: lan.map_err(|_| NO_LAN.to_owned()),
            loss: loss.map_err(|_| in_short.to_owned()),
            others,
            left_out,
            quick,
        }
    }

    /// Whether there is a LAN that loses so many of a hundred.
    fn lan_with_loss(&self, percent: u32) -> Result<(), String> {
        if percent == 0 { self.lan.clone() } else { self.loss.clone() }
    }

    /// So many turns, or fewer where it has to be quick.
    fn turns(&self, turns: usize) -> usize {
        if self.quick { turns.div_ceil(4) } else { turns }
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.first() {
        Some(word) if word == probe::ROLE => return probe::main(&words[1..]),
        Some(word) if word == floor::ROLE => return floor::main(&words[1..]),
        _ => {}
    }
    // Cargo itself gives `--bench`.
    let (options, names): (Vec<&String>, Vec<&String>) =
        words.iter().filter(|word| *word != "--bench").partition(|word| word.starts_with('-'));
    let unknown = options
        .iter()
        .find(|option| **option != "--quick")
        .or_else(|| names.iter().find(|name| !GROUPS.iter().any(|(group, ..)| group.contains(name.as_str()))));
    if let Some(unknown) = unknown {
        let groups = GROUPS.map(|(name, ..)| name).join(", ");
        eprintln!("{unknown}: there are --quick, and {groups}");
        return ExitCode::from(2);
    }

    let (began, bench, mut table) = (Instant::now(), Bench::look(!options.is_empty()), Table::default());
    let asked = |name: &str, extra: bool| match names.is_empty() {
        true => !extra,
        false => names.iter().any(|asked| name.contains(asked.as_str())),
    };
    let machine = machine::account();
    for (name, _, measure) in GROUPS.iter().filter(|(name, extra, _)| asked(name, *extra)) {
        tell(&format!("{name}, after {} s", began.elapsed().as_secs()));
        measure(&bench, &mut table);
    }
    println!("{machine}\n");
    table.print();
    bench.left_out.iter().for_each(|what| println!("\n{what}"));
    tell(&format!("done after {} s", began.elapsed().as_secs()));
    ExitCode::SUCCESS
}

/// Makes a measurement; what fails in it panics, and becomes the reason why there is no figure.
fn attempt<T>(measure: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(measure)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let first = words.and_then(|words| words.lines().next()).unwrap_or("it failed");
        first.chars().take(120).collect()
    })
}

/// Tells whoever waits what is going on.
fn tell(what: &str) {
    eprintln!("measuring: {what}");
}

/// Lets time pass in which what is measured goes on.
fn pause(time: Duration) {
    let (_open, never) = channel::<()>();
    let _ = never.recv_timeout(time);
}

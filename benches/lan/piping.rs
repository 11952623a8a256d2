//! How many lines a second go from a file to others, complete and in order, beside what raw sockets carry when each
//! line is a datagram and nothing is repaired.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::cooee::{cooee, run, without_variables};
use crate::floor;
use crate::network::{Host, Network};
use crate::process::{LIMIT, Running, Stream};
use crate::programs::ready;
use crate::sample::{grouped, times};
use crate::saying::Arrived;
use crate::table::{Row, Table};
use crate::{Bench, attempt, pause, tell};

/// Where `send --rate max` is to be had.
const LINES: usize = 1_000_000;

/// By the pace that is kept otherwise this takes some seconds.
const LINES_AT_A_PACE: usize = 20_000;

/// Where the wire loses, each line may be said twice, and less will do to see how fast that is.
const LESS_WHERE_LOST: usize = 10;

/// Enough for a rate.
const RAW_LINES: usize = 300_000;

const TURNS: usize = 3;

/// For all lines to come, and for one more of raw ones.
const LONGEST: Duration = Duration::from_secs(100);

/// How often it is looked whether the last line is there: much shorter than what is measured.
const LOOK: Duration = Duration::from_millis(2);

/// Every measurement of it.
pub(crate) fn measure(bench: &Bench, table: &mut Table) {
    for (hearers, percent, turns) in [(1, 0, TURNS), (4, 0, TURNS), (4, 5, 1)] {
        tell(&format!("piping to {hearers}, {percent} % loss"));
        rows(bench, hearers, percent, bench.turns(turns)).into_iter().for_each(|row| table.push(row));
    }
}

/// A row for the rate, and one for the memory that it took.
fn rows(bench: &Bench, hearers: usize, percent: u32, turns: usize) -> Vec<Row> {
    let measured = bench.lan_with_loss(percent).and_then(|()| attempt(|| Pipe::run(bench, hearers, percent, turns)));
    let to = if hearers == 1 { "1 host".to_owned() } else { format!("{hearers} hosts") };
    let what = format!("lines of 40 bytes a second from a file to {to}, {percent} % loss");
    match measured {
        Ok(pipe) => vec![
            Row {
                what: format!("{what} ({} lines, {})", grouped(pipe.lines as u64), pipe.manner),
                cooee: Ok(pipe.cooee()).into(),
                raw: Ok(pipe.raw()).into(),
                ratio: pipe.ratio(),
                ..Default::default()
            },
            Row {
                what: format!("– most memory meanwhile ({to}, {percent} % loss): who says them / who hears them"),
                cooee: Ok(pipe.memory()).into(),
                ..Default::default()
            },
        ],
        Err(why) => vec![Row { what, cooee: Err(why.clone()).into(), raw: Err(why).into(), ..Default::default() }],
    }
}

/// What several turns gave.
struct Pipe {
    lines: usize,
    manner: &'static str,
    turns: Vec<Turn>,
    raw: Vec<RawTurn>,
}

/// One turn of the program.
struct Turn {
    arrived: Arrived,
    is_complete: bool,
    took: Duration,
    /// The most memory in KiB: of who says the lines, and of who hears them.
    peaks: (u64, u64),
}

/// One turn of raw sockets.
struct RawTurn {
    arrived: u64,
    expected: u64,
    /// What each got a second, in the mean.
    rate: f64,
}

impl Pipe {
    fn run(bench: &Bench, hearers: usize, percent: u32, turns: usize) -> Self {
        let network = Network::new(hearers + 1).unwrap();
        if percent > 0 {
            network.loss(f64::from(percent) / 100.0);
        }
        let (_, help, _) = run(network.host(0), &["send", "--help"]);
        let (options, all, manner): (&[&str], _, _) = match help.contains("--rate") {
            true => (&["--rate", "max"], LINES, "`--rate max`"),
            false => (&[], LINES_AT_A_PACE, "at its only pace"),
        };
        let all = if bench.quick { all / 4 } else { all };
        let lines = if percent > 0 { all / LESS_WHERE_LOST } else { all };
        let files = Files::new(lines);
        let mut pipe = Self { lines, manner, turns: Vec::new(), raw: Vec::new() };
        for _ in 0..turns {
            pipe.raw.push(RawTurn::run(&network, hearers));
            pipe.turns.push(Turn::run(&network, hearers, options, &files));
        }
        pipe
    }

    fn rate(&self) -> Option<f64> {
        let complete = self.turns.iter().all(|turn| turn.is_complete);
        complete.then(|| median(self.turns.iter().map(|turn| self.lines as f64 / turn.took.as_secs_f64())))
    }

    fn raw_rate(&self) -> f64 {
        median(self.raw.iter().map(|turn| turn.rate))
    }

    fn ratio(&self) -> Option<String> {
        self.rate().map(|rate| times(rate, self.raw_rate()))
    }

    fn cooee(&self) -> String {
        let worst = self.turns.iter().find(|turn| !turn.is_complete).or(self.turns.first());
        let arrived = worst.map(|turn| turn.arrived.to_string()).unwrap_or_default();
        self.rate().map_or(arrived.clone(), |rate| format!("{}; {arrived}", grouped(rate as u64)))
    }

    fn raw(&self) -> String {
        let arrived: u64 = self.raw.iter().map(|turn| turn.arrived).sum();
        let expected: u64 = self.raw.iter().map(|turn| turn.expected).sum();
        let permille = arrived * 1_000 / expected;
        format!("{}; {}.{} % arrive", grouped(self.raw_rate() as u64), permille / 10, permille % 10)
    }

    fn memory(&self) -> String {
        let most = |of: fn(&Turn) -> u64| self.turns.iter().map(of).max().unwrap_or_default() as f64 / 1024.0;
        format!("{:.1} / {:.1} MiB", most(|turn| turn.peaks.0), most(|turn| turn.peaks.1))
    }
}

fn median(rates: impl Iterator<Item = f64>) -> f64 {
    let mut rates: Vec<f64> = rates.collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// What is said, and what each hearer printed.
struct Files {
    folder: TempDir,
    lines: usize,
}

impl Files {
    fn new(lines: usize) -> Self {
        let files = Self { folder: TempDir::new().unwrap(), lines };
        let mut said = BufWriter::new(File::create(files.said()).unwrap());
        (0..lines).for_each(|number| writeln!(said, "{}", floor::text(number)).unwrap());
        said.flush().unwrap();
        files
    }

    fn said(&self) -> PathBuf {
        self.folder.path().join("said")
    }

    fn printed(&self, hearer: usize) -> PathBuf {
        self.folder.path().join(format!("printed-{hearer}"))
    }

    /// Whether this hearer has printed the last line.
    fn has_last(&self, hearer: usize) -> bool {
        let last = format!("{}\n", floor::text(self.lines - 1));
        let Ok(file) = File::open(self.printed(hearer)) else { return false };
        let mut end = vec![0; last.len()];
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let from = length.checked_sub(last.len() as u64);
        from.is_some_and(|from| file.read_exact_at(&mut end, from).is_ok() && end == last.as_bytes())
    }

    /// The numbers of the lines that this hearer has printed, in order.
    fn numbers(&self, hearer: usize) -> Vec<usize> {
        let lines = BufReader::new(File::open(self.printed(hearer)).unwrap()).split(b'\n').map(Result::unwrap);
        let length = floor::text(0).len();
        let number = |line: Vec<u8>| {
            let text = &line[line.len().checked_sub(length)?..];
            floor::number(std::str::from_utf8(text).ok()?)
        };
        lines.filter_map(number).collect()
    }
}

impl Turn {
    /// From when `send` begins to read the file until the last hearer has printed the last line of it.
    fn run(network: &Network, hearers: usize, options: &[&str], files: &Files) -> Self {
        let hearer = |i: usize| {
            let nick = format!("reader-{i}");
            let words = cooee(network.host(i), &["--verbose", "--nick", &nick, "listen"]);
            let mut hearer = Running::start(&mut into_file(network.host(i), &words, &files.printed(i)));
            hearer.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
            hearer
        };
        let mut readers: Vec<Running> = (1..=hearers).map(hearer).collect();
        let words = [&["--nick", "speaker", "send", "--wait", "60"], options].concat();
        let speaker = Running::start(&mut from_file(network.host(0), &cooee(network.host(0), &words), &files.said()));
        let limit = Instant::now() + LONGEST;
        while !has_begun(&speaker) && Instant::now() < limit {
            pause(LOOK);
        }
        let (began, mut peak) = (Instant::now(), 0);
        let mut is_complete = false;
        while !is_complete && Instant::now() < limit {
            pause(LOOK);
            peak = peak.max(peak_kib(&speaker).unwrap_or_default());
            is_complete = (1..=hearers).all(|i| files.has_last(i));
        }
        let took = began.elapsed();
        let peaks = (peak, readers.iter().filter_map(peak_kib).max().unwrap_or_default());
        drop(speaker);
        readers.clear();
        let numbers: Vec<Vec<usize>> = (1..=hearers).map(|i| files.numbers(i)).collect();
        let is_complete = numbers.iter().all(|numbers| numbers.iter().copied().eq(0..files.lines));
        Self { arrived: Arrived::of(&numbers, files.lines), is_complete, took, peaks }
    }
}

/// Whether it has read from the file that is its standard input.
fn has_begun(running: &Running) -> bool {
    let input = fs::read_to_string(format!("/proc/{}/fdinfo/0", running.pid())).unwrap_or_default();
    let position = input.lines().find_map(|line| line.strip_prefix("pos:"));
    position.is_some_and(|position| position.trim() != "0")
}

/// The most memory that a process has had.
fn peak_kib(running: &Running) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).ok()?;
    status.lines().find(|line| line.starts_with("VmHWM:"))?.split_whitespace().nth(1)?.parse().ok()
}

/// The same command with a file for its standard output.
fn into_file(host: &Host, command: &Command, file: &Path) -> Command {
    redirected(host, command, r#"file=$1; shift; exec "$@" > "$file""#, file)
}

/// The same command with a file for its standard input.
fn from_file(host: &Host, command: &Command, file: &Path) -> Command {
    redirected(host, command, r#"file=$1; shift; exec "$@" < "$file""#, file)
}

/// A command of a host is a way into it, and then the program itself.
fn redirected(host: &Host, command: &Command, script: &str, file: &Path) -> Command {
    let program = env!("CARGO_BIN_EXE_cooee");
    let words = command.get_args().skip_while(|word| *word != program).skip(1);
    let mut shell = host.command("sh");
    shell.args(["-c", script, "sh"]).arg(file).arg(program).args(words);
    without_variables(shell)
}

impl RawTurn {
    fn run(network: &Network, hearers: usize) -> Self {
        let taker = |i| ready(Running::start(&mut floor::command(network.host(i), &["take"])));
        let mut takers: Vec<Running> = (1..=hearers).map(taker).collect();
        let count = RAW_LINES.to_string();
        let mut speaker = Running::start(&mut floor::command(network.host(0), &["blast", &count]));
        assert!(speaker.wait(LONGEST).success(), "{:?}", speaker.heard());
        let taken: Vec<(u64, u64)> = takers
            .iter_mut()
            .map(|taker| {
                let line = taker.expect_line(Stream::Out, |_| true, LIMIT).text;
                let (count, nanos) = line.split_once(' ').unwrap();
                (count.parse().unwrap(), nanos.parse().unwrap())
            })
            .collect();
        let rates = taken.iter().map(|(count, nanos)| *count as f64 / Duration::from_nanos(*nanos).as_secs_f64());
        Self {
            arrived: taken.iter().map(|(count, _)| count).sum(),
            expected: (RAW_LINES * hearers) as u64,
            rate: rates.sum::<f64>() / hearers as f64,
        }
    }
}

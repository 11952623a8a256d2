//! Whether lines that are typed arrive, and when: from the way into one pipe until the way out of the other, signed
//! and checked, beside the same lines by raw sockets between the same hosts, in turn.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::cooee::{expect_text, listener, start};
use crate::floor;
use crate::network::Network;
use crate::others::serf_events;
use crate::process::{Running, Stream};
use crate::programs::ready;
use crate::sample::{Sample, times_as_long};
use crate::table::{Row, Table};
use crate::{Bench, attempt, pause, tell};

const LINES: usize = 200;

/// Between a line by one program and the next by the other.
const PAUSE: Duration = Duration::from_millis(25);

/// Until whoever says them knows that all have them.
const LIMIT: Duration = Duration::from_secs(90);

/// What has not come so long after that does not come.
const LATEST: Duration = Duration::from_secs(5);

/// Every measurement of it.
pub(crate) fn measure(bench: &Bench, table: &mut Table) {
    for hearers in [1, 4] {
        for percent in [0, 5, 20, 40] {
            tell(&format!("saying to {hearers}, {percent} % loss"));
            table.push(row(bench, hearers, percent));
        }
    }
}

fn row(bench: &Bench, hearers: usize, percent: u32) -> Row {
    let lines = if bench.quick { LINES / 4 } else { LINES };
    let talk = bench.lan_with_loss(percent).and_then(|()| attempt(|| talk(hearers, percent, lines)));
    let (cooee, raw) = match talk {
        Ok((cooee, raw)) => (Ok(cooee), Ok(raw)),
        Err(why) => (Err(why.clone()), Err(why)),
    };
    let medians = cooee.as_ref().ok().zip(raw.as_ref().ok());
    let medians = medians.and_then(|(cooee, raw)| cooee.delays.as_ref().zip(raw.delays.as_ref()));
    let has_serf = bench.others.serf().is_ok() && hearers == 4 && [0, 20].contains(&percent);
    let to = if hearers == 1 { "1 host".to_owned() } else { format!("{hearers} hosts") };
    Row {
        what: format!("{lines} lines to {to}, {percent} % loss, typed to printed: median / 95 % / 99 % / worst"),
        ratio: medians.map(|(cooee, raw)| times_as_long(cooee.median(), raw.median())),
        cooee: cooee.map(|heard| heard.to_string()).into(),
        raw: raw.map(|heard| heard.to_string()).into(),
        serf: if has_serf { serf_events(bench, percent, hearers, lines).into() } else { Default::default() },
        ..Default::default()
    }
}

/// What came of lines at several hosts.
struct Heard {
    arrived: Arrived,
    delays: Option<Sample>,
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.delays {
            Some(delays) => write!(f, "{}; {}", delays.spread(), self.arrived),
            None => write!(f, "{}", self.arrived),
        }
    }
}

impl Heard {
    /// What each hearer printed when, of lines that were said then.
    fn of(printed: &[Vec<(usize, Instant)>], said: &[Instant]) -> Self {
        let numbers: Vec<Vec<usize>> =
            printed.iter().map(|lines| lines.iter().map(|(number, _)| *number).collect()).collect();
        let delays = printed.iter().flat_map(|lines| {
            let mut first = BTreeMap::new();
            for (number, at) in lines {
                first.entry(*number).or_insert(*at);
            }
            let delay = |(number, at): (usize, Instant)| at.saturating_duration_since(said[number]);
            first.into_iter().map(delay).collect::<Vec<_>>()
        });
        Self { delays: Sample::of(delays.collect()), arrived: Arrived::of(&numbers, said.len()) }
    }
}

/// How many of the lines that were said arrived, and how.
pub(crate) struct Arrived {
    arrived: usize,
    expected: usize,
    doubled: usize,
    is_ordered: bool,
}

impl Arrived {
    /// Of lines numbered from 0 to below `said`, what each hearer printed.
    pub(crate) fn of(printed: &[Vec<usize>], said: usize) -> Self {
        let all = printed.iter().map(Vec::len).sum::<usize>();
        let mut once: Vec<Vec<usize>> = printed.to_vec();
        once.iter_mut().for_each(|numbers| {
            numbers.sort_unstable();
            numbers.dedup();
        });
        let arrived = once.iter().map(Vec::len).sum();
        let is_ordered = printed.iter().all(|numbers| numbers.is_sorted());
        Self { arrived, expected: said * printed.len(), doubled: all - arrived, is_ordered }
    }
}

impl fmt::Display for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.arrived == self.expected, self.arrived * 1_000 / self.expected) {
            (true, _) => f.write_str("all")?,
            (false, permille) => write!(f, "{}.{} %", permille / 10, permille % 10)?,
        }
        match self.doubled {
            0 => f.write_str(", once")?,
            doubled => write!(f, ", {doubled} twice")?,
        }
        f.write_str(if self.is_ordered { ", in order" } else { ", not in order" })
    }
}

/// So many lines from one host to others, each by the program and then by raw sockets.
fn talk(hearers: usize, percent: u32, lines: usize) -> (Heard, Heard) {
    let network = Network::new(hearers + 1).unwrap();
    if percent > 0 {
        network.loss(f64::from(percent) / 100.0);
    }
    let hosts = 1..=hearers;
    let mut readers: Vec<Running> = hosts.clone().map(|i| listener(network.host(i), &format!("reader-{i}"))).collect();
    let mut raw_readers: Vec<Running> =
        hosts.map(|i| ready(Running::start(&mut floor::command(network.host(i), &["hear"])))).collect();
    let mut raw_speaker = ready(Running::start(&mut floor::command(network.host(0), &["say"])));
    let mut speaker = start(network.host(0), &["--nick", "speaker", "send", "--wait", "60"]);
    // From when all have this one, all know the speaker.
    speaker.write_line("first");
    readers.iter_mut().for_each(|reader| drop(expect_text(reader, "first")));

    let said = (0..lines).map(|number| {
        let text = floor::text(number);
        let one = Instant::now();
        speaker.write_line(&text);
        pause(PAUSE);
        let other = Instant::now();
        raw_speaker.write_line(&text);
        pause(PAUSE);
        (one, other)
    });
    let (said, said_raw): (Vec<Instant>, Vec<Instant>) = said.unzip();
    speaker.close_stdin();
    // Whether all have heard all is told by what they print: whom the speaker has not found, he does not wait for.
    speaker.wait(LIMIT);
    let ended = Instant::now();
    let printed = loop {
        let printed: Vec<_> = readers.iter_mut().map(|reader| printed(reader, text_of_object)).collect();
        if printed.iter().all(|numbers| numbers.len() >= lines) || ended.elapsed() > LATEST {
            break printed;
        }
        pause(PAUSE);
    };
    let raw: Vec<_> = raw_readers.iter_mut().map(|reader| self::printed(reader, str::to_owned)).collect();
    (Heard::of(&printed, &said), Heard::of(&raw, &said_raw))
}

/// The numbers of the lines that were printed, in order, and when.
fn printed(reader: &mut Running, text: fn(&str) -> String) -> Vec<(usize, Instant)> {
    let lines = reader.heard().iter().filter(|line| line.stream == Stream::Out);
    lines.filter_map(|line| Some((floor::number(&text(&line.text))?, line.at))).collect()
}

fn text_of_object(line: &str) -> String {
    let object: serde_json::Value = serde_json::from_str(line).unwrap();
    if object["type"] == "line" { object["text"].as_str().unwrap().to_owned() } else { String::new() }
}

//! From the start of the last of so many runs until each has told of all the others.

use std::time::Duration;

use crate::network::Network;
use crate::programs::{Found, Program};
use crate::sample::{Sample, time, times_as_long};
use crate::table::{Cell, Row, Table};
use crate::{Bench, attempt, tell};

/// Who has not found all by then does so by luck.
const LIMIT: Duration = Duration::from_secs(20);

/// Raw peers call once: what has not been heard by then was lost.
const RAW_LIMIT: Duration = Duration::from_secs(1);

const TURNS: usize = 5;

/// Others are there to compare with, and take long where something is lost; one turn that is not complete is the last.
const TURNS_OF_OTHERS: usize = 2;

/// With more hosts than this a turn takes seconds, and fewer have to do.
const MANY: usize = 30;

/// Every measurement of it.
pub(crate) fn measure(bench: &Bench, table: &mut Table) {
    for hosts in [2, 10, 30, 50] {
        for percent in [0, 5, 20] {
            tell(&format!("finding, {hosts} hosts, {percent} % loss"));
            table.push(row(bench, hosts, percent));
        }
    }
}

fn row(bench: &Bench, hosts: usize, percent: u32) -> Row {
    let mut turns: [Turns; 4] = Default::default();
    let most = if hosts > MANY { [TURNS - 2, 1] } else { [TURNS, TURNS_OF_OTHERS] };
    let [turns_of_cooee, turns_of_others] = most.map(|most| bench.turns(most));
    for turn in 0..turns_of_cooee {
        let network = bench.lan_with_loss(percent).and_then(|()| attempt(|| network(hosts, percent)));
        for (program, turns) in Program::ALL.into_iter().zip(&mut turns) {
            let is_other = matches!(program, Program::Mdns | Program::Serf);
            let is_enough = turn >= turns_of_others || turns.is_incomplete();
            if is_other && (is_enough || program.available(bench).is_err()) {
                continue;
            }
            let limit = if program == Program::Raw { RAW_LIMIT } else { LIMIT };
            let measured = network.as_ref().map_err(String::clone);
            turns.add(measured.and_then(|network| attempt(|| program.find(bench, network, hosts, limit))));
        }
    }
    let [raw, cooee, mdns, serf] = &turns;
    Row {
        what: format!("{hosts} hosts started at once, {percent} % loss: every table full after the last start"),
        cooee: cooee.cell(),
        raw: raw.cell(),
        ratio: cooee.median().zip(raw.median()).map(|(cooee, raw)| times_as_long(cooee, raw)),
        serf: serf.cell(),
        mdns: mdns.cell(),
    }
}

fn network(hosts: usize, percent: u32) -> Network {
    let network = Network::new(hosts).unwrap();
    network.introduce();
    if percent > 0 {
        network.loss(f64::from(percent) / 100.0);
    }
    network
}

/// What several turns of one program gave.
#[derive(Debug, Default)]
struct Turns {
    found: Vec<Found>,
    failed: Option<String>,
}

impl Turns {
    fn add(&mut self, turn: Result<Found, String>) {
        match turn {
            Ok(found) => self.found.push(found),
            Err(why) => self.failed = Some(why),
        }
    }

    /// Whether not all has been found, or nothing could be measured.
    fn is_incomplete(&self) -> bool {
        self.failed.is_some() || self.found.iter().any(|found| found.complete_after.is_none())
    }

    /// Those in which all found all.
    fn complete(&self) -> Option<Sample> {
        Sample::of(self.found.iter().filter_map(|found| found.complete_after).collect())
    }

    fn median(&self) -> Option<Duration> {
        self.complete().filter(|_| !self.is_incomplete()).map(|complete| complete.median())
    }

    fn cell(&self) -> Cell {
        let incomplete = self.found.iter().filter(|found| found.complete_after.is_none());
        match (&self.failed, self.complete(), incomplete.clone().count()) {
            (Some(why), ..) => Cell::NotMeasured(why.clone()),
            (None, None, 0) => Cell::Nothing,
            (None, Some(complete), 0) => Cell::Figure(complete.median_and_worst()),
            (None, complete, missed) => {
                let (known, all) = incomplete.map(|found| found.share).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
                let best = complete.map(|complete| format!("; else at best {}", time(complete.percentile(0))));
                let (turns, best) = (self.found.len(), best.unwrap_or_default());
                Cell::Figure(format!("not full in {missed} of {turns}: {} % found{best}", known * 100 / all))
            }
        }
    }
}

//! A LAN of thousands in one process and in virtual time: what it carries, how long it takes to know a newcomer, to
//! repair, and to heal.
//!
//!     cargo bench --bench crowd -- [traffic|talk|healing]... [PEERS]...
//!
//! prints tables in Markdown, and judges nothing. `traffic` draws `traffic.svg` beside this file from three numbers of
//! peers on; given none, it goes up to 5,000, which takes nine gigabytes. `talk` is of 1,000, and `healing` of 200 and of
//! 1,000, unless others are given. All that is counted is the same each time, from one seed; what it takes in real time
//! and memory depends on the machine, of which it uses one processor.
//!
//! Nobody signs: a thousand peers would check a million signatures when they meet.

#![allow(clippy::disallowed_methods, reason = "how long it takes is part of what is measured")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "this is a command")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed measurement")]

mod healing;
mod lan;
mod plot;
mod talk;
mod traffic;
/// Who runs on the LAN, as in the tests.
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/sim/weather.rs"]
mod weather;

use std::env;

/// A group of measurements: its name, and itself, for some numbers of peers.
type Group = (&'static str, fn(&[usize]));

fn main() {
    // Cargo adds a flag of its own.
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let peers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let groups: [Group; 3] = [("traffic", traffic::measure), ("talk", talk::measure), ("healing", healing::measure)];
    let is_named = |name: &str| words.iter().any(|word| word == name);
    let names_some = groups.iter().any(|(name, _)| is_named(name));
    for (name, measure) in groups {
        if is_named(name) || !names_some {
            measure(&peers);
        }
    }
}

//! Holds the dissector for Wireshark, contrib/wireshark/cooee.lua, to the code: tshark reads with it what nodes say to
//! each other, and what nobody should say.
//!
//! Without tshark, the tests say so aloud and count as skipped; `COOEE_TSHARK_TESTS=required` makes that a failure.

#![allow(clippy::disallowed_methods, reason = "processes live in real time")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "this is a command")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod capture;
mod expected;
mod hostile;
#[allow(dead_code, unused_imports, reason = "the tests of the page use the rest")]
#[path = "../protocol/limits.rs"]
mod limits;
mod looks;
#[allow(dead_code, reason = "the tests of the page use the rest")]
#[path = "../protocol/page.rs"]
mod page;
#[allow(dead_code, reason = "the tests of the page use the rest")]
#[path = "../protocol/reading.rs"]
mod reading;
mod session;
#[allow(dead_code, reason = "the tests of the simulator use the rest")]
#[path = "../sim"]
mod sim {
    pub(crate) mod lan;
    pub(crate) mod model;
    pub(crate) mod weather;
}
#[allow(dead_code, reason = "the tests of the page use the rest")]
#[path = "../protocol/telling.rs"]
mod telling;
mod tshark;

use std::env;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use page::{PAGE, literal, rows};
use sim::{lan, model, weather};

/// Trials of a file: their names and themselves.
type TrialTable = &'static [(&'static str, fn())];

const TRIALS: [TrialTable; 3] = [session::TRIALS, hostile::TRIALS, looks::TRIALS];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required = env::var_os("COOEE_TSHARK_TESTS").is_some_and(|word| word == "required");
    let missing = tshark::available().err();
    if let Some(why) = &missing {
        eprintln!(
            "\n**** NO TSHARK, so the dissector is not tested (or fails, with COOEE_TSHARK_TESTS=required): {why}\n"
        );
    }
    let trial = |&(name, run): &(&str, fn())| {
        let missing = missing.clone();
        let skip = missing.is_some() && !required;
        let run = move || missing.map_or(Ok(()), |why| Err(why.into())).map(|()| run());
        Trial::test(name, run).with_ignored_flag(skip)
    };
    libtest_mimic::run(&arguments, TRIALS.into_iter().flatten().map(trial).collect()).exit_code()
}

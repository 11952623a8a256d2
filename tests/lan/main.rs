//! Tests over real sockets, in virtual LANs of network namespaces.
//!
//! Where such a LAN is not to be had, the tests say so aloud and count as skipped; `COOEE_LAN_TESTS=required` makes
//! that a failure.

#![allow(clippy::disallowed_methods, reason = "processes and the kernel live in real time")]
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "this is a command")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod arriving;
mod cards;
mod changing;
mod cooee;
mod doctor;
mod finding;
mod harness;
mod hostile;
mod ipv6;
mod keys;
mod links;
mod logging;
mod network;
mod one_way;
mod ping;
mod private;
mod probe;
mod process;
mod remote;
mod rooms;
mod sealed;
mod talking;
mod two_lans;
mod walled;

use std::env;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use network::Unavailable;

/// Trials of a file: their names, what they need, and themselves.
type TrialTable = &'static [(&'static str, Needs, fn())];

const TRIALS: &[TrialTable] = &[
    harness::TRIALS,
    finding::TRIALS,
    talking::TRIALS,
    arriving::TRIALS,
    links::TRIALS,
    cards::TRIALS,
    changing::TRIALS,
    ipv6::TRIALS,
    hostile::TRIALS,
    keys::TRIALS,
    sealed::TRIALS,
    private::TRIALS,
    logging::TRIALS,
    rooms::TRIALS,
    ping::TRIALS,
    two_lans::TRIALS,
    remote::TRIALS,
    doctor::TRIALS,
    one_way::TRIALS,
    walled::TRIALS,
];

/// What a trial cannot do without.
#[derive(Clone, Copy)]
enum Needs {
    /// A [`Network`].
    Lan,
    /// A [`Network`] that loses and cuts.
    Filters,
}

/// Each trial has processes of its own and many watch the clock; more at a time would wait for each other.
const THREADS: usize = 2;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == probe::ROLE) {
        return probe::main(&words[1..]);
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let required = env::var_os("COOEE_LAN_TESTS").is_some_and(|word| word == "required");
    let lan = network::available();
    let filters = lan.clone().and_then(|()| network::filters_available());
    if let Err(why) = lan.as_ref().and(filters.as_ref()) {
        complain(why, lan.is_ok());
    }
    if required && lan.is_err() {
        return ExitCode::FAILURE;
    }

    let trial = |&(name, needs, run): &(&str, Needs, fn())| {
        let missing = match needs {
            Needs::Lan => lan.clone().err(),
            Needs::Filters => filters.clone().err(),
        };
        let skip = missing.is_some() && !required;
        let run = move || missing.map_or(Ok(()), |why| Err(why.into())).map(|()| run());
        Trial::test(name, run).with_ignored_flag(skip)
    };
    let end = libtest_mimic::run(&arguments, TRIALS.iter().copied().flatten().map(trial).collect());
    if !arguments.list {
        println!("virtual LAN: {} tests ran, {} were skipped", end.num_passed + end.num_failed, end.num_ignored);
    }
    end.exit_code()
}

fn complain(why: &Unavailable, lan: bool) {
    let lacks = if lan { "NO LOSS AND NO CUTS IN THE VIRTUAL LAN" } else { "NO VIRTUAL LAN" };
    eprintln!(
        "
**** {lacks}, so tests are skipped (or fail, with COOEE_LAN_TESTS=required):
**** {why}
**** They need: unshare and nsenter (util-linux), ip (iproute2), nft (nftables), and either root or user namespaces
**** for everybody (sysctl user.max_user_namespaces above 0; on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0;
**** in a container --privileged).
"
    );
}
